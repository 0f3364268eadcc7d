// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * libtss2-tcti-tpmbatch.so.0: the module that tpm2-tss loads for the TCTI name
 * "tpmbatch". What follows its colon is a transport's name, "libtpms:" when
 * there is none:
 *
 *   tpm2_pcrread -T tpmbatch:libtpms:/var/tmp/tpm sha256:16
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "lib_private.h"
#include "tcti_export.h"

#define DEFAULT_TRANSPORT "libtpms:"

TSS2_RC Tss2_Tcti_Tpmbatch_Init(TSS2_TCTI_CONTEXT *context, size_t *size, const char *conf);
const TSS2_TCTI_INFO *Tss2_Tcti_Info(void);

static void to_stderr(void *arg, const char *line)
{
	(void)arg;
	fprintf(stderr, "tpmbatch: %s\n", line);
}

/*
 * With a NULL context tells its size; otherwise opens the transport that @conf
 * names and owns it until the context is finalized.
 */
TPMB_API TSS2_RC Tss2_Tcti_Tpmbatch_Init(TSS2_TCTI_CONTEXT *context, size_t *size, const char *conf)
{
	bool log_set = getenv("TSS2_LOG") != NULL;
	struct tpm_transport *transport;
	int ret;

	if (!size)
		return TSS2_TCTI_RC_BAD_REFERENCE;
	if (!context) {
		*size = tcti_export_size();
		return TSS2_RC_SUCCESS;
	}
	if (*size < tcti_export_size())
		return TSS2_TCTI_RC_BAD_VALUE;
	tpmb_set_message_handler(to_stderr, NULL);
	ret = tpmb_transport_open(conf && *conf ? conf : DEFAULT_TRANSPORT, &transport);
	/* Opening quietens tpm2-tss, but here its log is the calling program's. */
	if (!log_set)
		unsetenv("TSS2_LOG");
	switch (ret) {
	case 0:
		tcti_export_init(context, transport, true);
		return TSS2_RC_SUCCESS;
	case -ENOMEM:
		return TSS2_TCTI_RC_MEMORY;
	case -EINVAL:
		return TSS2_TCTI_RC_BAD_VALUE;
	default:
		return TSS2_TCTI_RC_IO_ERROR;
	}
}

TPMB_API const TSS2_TCTI_INFO *Tss2_Tcti_Info(void)
{
	static const TSS2_TCTI_INFO info = {
		.version = 2,
		.name = "tcti-tpmbatch",
		.description = "TCTI over the transports of tpmbatch.",
		.config_help = "A transport's name: libtpms:, libtpms:DIR, or any TCTI string.",
		.init = Tss2_Tcti_Tpmbatch_Init,
	};

	return &info;
}
