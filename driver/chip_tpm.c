// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>

#include "chip_tpm.h"
#include "lib_private.h"
#include "libtpms.h"

/* A process has one, as libtpms has. */
static struct libtpms *tpm;

static uint32_t execute(void *arg, uint8_t locality, const uint8_t *cmd, uint32_t cmd_len,
			uint8_t *rsp)
{
	size_t len = TPMB_CHIP_BUFFER_SIZE;

	(void)arg;
	libtpms_set_locality(tpm, locality);
	return libtpms_execute(tpm, cmd, cmd_len, rsp, &len) ? 0 : (uint32_t)len;
}

static void reset(void *arg)
{
	(void)arg;
	if (libtpms_reset(tpm))
		tpmb_msg("libtpms: does not start again after a reset");
}

int tpmb_chip_tpm_resume(bool tpm2, const char *dir, struct tpmb_chip_exec *exec, bool *resumed)
{
	struct libtpms *new;
	int found = 0;
	int ret = libtpms_power_on(tpm2 ? LIBTPMS_TPM20 : LIBTPMS_TPM12, dir, &new, &found);

	if (ret)
		return ret;
	tpm = new;
	*resumed = found;
	*exec = (struct tpmb_chip_exec){.execute = execute, .reset = reset};
	return 0;
}

int tpmb_chip_tpm_suspend(void)
{
	int ret = libtpms_suspend(tpm);

	tpm = NULL;
	return ret;
}

int tpmb_chip_tpm_on(bool tpm2, struct tpmb_chip_exec *exec)
{
	bool resumed;

	return tpmb_chip_tpm_resume(tpm2, NULL, exec, &resumed);
}

void tpmb_chip_tpm_off(void)
{
	if (tpm)
		libtpms_power_off(tpm);
	tpm = NULL;
}
