// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Transports by name. */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "lib_private.h"
#include "open.h"
#include "transport.h"
#include "transport_chip.h"

static int tis_transport_open(const char *name, const char *conf, struct tpm_transport **transport)
{
	(void)name;
	return tpmb_transport_open_tis(conf, transport);
}

static int nuvoton_transport_open(const char *name, const char *conf,
				  struct tpm_transport **transport)
{
	(void)name;
	return tpmb_transport_open_nuvoton(conf, transport);
}

/* Simulated, with the register map that its profile says. */
static int any_chip_transport_open(const char *name, const char *conf,
				   struct tpm_transport **transport)
{
	(void)conf;
	return tpmb_transport_open_chip("chip", name, NULL, transport);
}

/* What the project implements itself; everything else is a TCTI string. */
static const struct {
	const char *scheme;
	tpm_transport_open_fn open;
} schemes[] = {
	{"libtpms:", libtpms_transport_open},
	{"tis:", tis_transport_open},
	{"nuvoton:", nuvoton_transport_open},
	{"chip=", any_chip_transport_open},
};

/*
 * tpm2-tss logs to stderr what it also returns as a code, and takes its log
 * level from the environment alone. An error must reach the user once, through
 * the message handler.
 */
static void quiet_tss(void)
{
	setenv("TSS2_LOG", "all+none", 0);
}

TPMB_API int tpmb_transport_open(const char *name, struct tpm_transport **transport)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	*transport = NULL;
	if (!name || !*name) {
		tpmb_msg("no TPM named: expected libtpms:[DIR], tis:..., nuvoton:... or a TCTI "
			 "string");
		return -EINVAL;
	}
	pthread_once(&once, quiet_tss);
	for (size_t i = 0; i < ARRAY_SIZE(schemes); i++) {
		size_t len = strlen(schemes[i].scheme);

		if (!strncmp(name, schemes[i].scheme, len))
			return schemes[i].open(name, name + len, transport);
	}
	return tcti_transport_open(name, name, transport);
}

TPMB_API void tpmb_transport_close(struct tpm_transport *transport)
{
	if (transport)
		transport->ops->close(transport);
}
