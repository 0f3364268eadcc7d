// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib_private.h"
#include "tpm.h"
#include "tpm_under_test.h"
#include "transport.h"

#define PCR_IMA		10
#define PCR_DEBUG	16
#define PCR_APPLICATION 23

/* "PCR 16 ("Debug") and 23 ("Application Support") may be reset by everybody" (PC Client profile).
 */
static bool is_resettable(uint32_t pcr)
{
	return pcr == PCR_DEBUG || pcr == PCR_APPLICATION;
}

static int guard(const struct tpm_transport *transport, uint32_t pcr, bool force)
{
	if (transport->own || is_resettable(pcr))
		return 0;
	if (force) {
		tpmb_msg("%s: PCR %u is extended and cannot be reset before the next boot",
			 transport->name, pcr);
		return 0;
	}
	if (pcr == PCR_IMA)
		tpmb_msg("%s: PCR 10 is IMA's: until the next boot the kernel's list would explain "
			 "it no more, and attestation fail; use 16 or 23, or --force",
			 transport->name);
	else if (pcr < PCR_DEBUG)
		tpmb_msg("%s: PCR %u: PCRs 0 to 15 tell how this machine was booted, and secrets "
			 "may be sealed to them; use 16 or 23, or --force",
			 transport->name, pcr);
	else
		tpmb_msg("%s: PCR %u is a dynamic launch's and cannot be reset; use 16 or 23, or "
			 "--force",
			 transport->name, pcr);
	return -EPERM;
}

/* A PCR for tests may be in somebody's test. */
static int tell_if_in_use(const struct tpm_under_test *tpm)
{
	static const uint8_t zeros[TPMB_DIGEST_MAX];
	struct tpmb_pcrs pcrs;
	int bank, ret = tpmb_pcr_read(tpm->transport, 1u << tpm->pcr, &pcrs);

	for (bank = 0; !ret && bank < TPMB_BANK_COUNT; bank++)
		if (pcrs.set[bank] & 1u << tpm->pcr &&
		    memcmp(pcrs.value[bank][tpm->pcr], zeros,
			   tpmb_bank_size((enum tpmb_bank)bank))) {
			tpmb_msg("%s: PCR %u held a value: it is reset", tpm->name, tpm->pcr);
			break;
		}
	return ret;
}

static int prepare(struct tpm_under_test *tpm, bool force)
{
	int ret = guard(tpm->transport, tpm->pcr, force);

	if (!ret)
		ret = tpm_pcr_banks(tpm->transport, tpm->pcr, &tpm->banks);
	if (!ret && !tpm->banks) {
		tpmb_msg("%s: PCR %u is active in no bank that is known here", tpm->name, tpm->pcr);
		ret = -ENOTSUP;
	}
	if (ret || !is_resettable(tpm->pcr))
		return ret;
	ret = tell_if_in_use(tpm);
	if (!ret)
		ret = tpmb_pcr_reset(tpm->transport, tpm->pcr);
	tpm->resets = !ret;
	return ret;
}

int tpm_under_test_open(struct tpm_under_test *tpm, const char *name, uint32_t pcr, bool force)
{
	int ret;

	*tpm = (struct tpm_under_test){.pcr = pcr};
	if (!name) {
		name = TPM_DEFAULT_NAME;
		if (access(strchr(name, ':') + 1, F_OK)) {
			tpmb_msg("no TPM: %s: %s; -T names another: swtpm:port=2321, libtpms:, "
				 "chip=slb9670-spi",
				 strchr(name, ':') + 1, strerror(errno));
			return -ENXIO;
		}
	}
	if (asprintf(&tpm->name, "%s%s", *name == '/' ? "device:" : "", name) < 0) {
		tpm->name = NULL;
		return -ENOMEM;
	}
	ret = tpmb_transport_open(tpm->name, &tpm->transport);
	if (!ret)
		ret = prepare(tpm, force);
	if (ret) {
		tpmb_transport_close(tpm->transport);
		free(tpm->name);
		memset(tpm, 0, sizeof(*tpm));
	}
	return ret;
}

int tpm_under_test_close(struct tpm_under_test *tpm)
{
	int ret = 0;

	if (tpm->resets)
		ret = tpmb_pcr_reset(tpm->transport, tpm->pcr);
	tpmb_transport_close(tpm->transport);
	free(tpm->name);
	memset(tpm, 0, sizeof(*tpm));
	return ret;
}
