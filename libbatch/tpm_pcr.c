// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Which banks a PCR is active in, and what it holds. */
#include <errno.h>

#include "lib_private.h"
#include "tpm.h"
#include "tpm_command.h"
#include "transport.h"

const struct tpm_bank_alg tpm_bank_algs[TPMB_BANK_COUNT] = {
	[TPMB_BANK_SHA1] = {TPM2_ALG_SHA1, TPM2_SHA1_DIGEST_SIZE},
	[TPMB_BANK_SHA256] = {TPM2_ALG_SHA256, TPM2_SHA256_DIGEST_SIZE},
	[TPMB_BANK_SHA384] = {TPM2_ALG_SHA384, TPM2_SHA384_DIGEST_SIZE},
	[TPMB_BANK_SHA512] = {TPM2_ALG_SHA512, TPM2_SHA512_DIGEST_SIZE},
	[TPMB_BANK_SM3] = {TPM2_ALG_SM3_256, TPM2_SM3_256_DIGEST_SIZE},
};

static int bank_by_alg(TPM2_ALG_ID alg)
{
	for (int bank = 0; bank < TPMB_BANK_COUNT; bank++)
		if (tpm_bank_algs[bank].alg == alg)
			return bank;
	return -1;
}

/* The PCRs of a selection as a mask; those beyond 31 do not exist in the profile. */
static uint32_t selection_mask(const TPMS_PCR_SELECTION *selection)
{
	uint32_t mask = 0;

	for (unsigned int i = 0; i < selection->sizeofSelect && i < sizeof(mask); i++)
		mask |= (uint32_t)selection->pcrSelect[i] << 8 * i;
	return mask;
}

/* What is active in each bank: @active is indexed by enum tpmb_bank. */
static int active_pcrs(struct tpm_transport *t, uint32_t active[TPMB_BANK_COUNT], uint32_t *unknown)
{
	TPMS_CAPABILITY_DATA data;
	const TPML_PCR_SELECTION *list = &data.data.assignedPCR;
	struct tpm_command c;
	struct tpm_response r;
	int ret;

	memset(active, 0, TPMB_BANK_COUNT * sizeof(*active));
	*unknown = 0;
	tpm_get_capability(&c, TPM2_CAP_PCRS, 0, 1);
	ret = tpm_command_run(&c, t, &r);
	if (!ret)
		ret = tpm_read_capability(t, &r, TPM2_CAP_PCRS, &data);
	if (ret)
		return ret;
	for (uint32_t i = 0; i < list->count; i++) {
		int bank = bank_by_alg(list->pcrSelections[i].hash);

		if (bank >= 0)
			active[bank] |= selection_mask(&list->pcrSelections[i]);
		else
			*unknown |= selection_mask(&list->pcrSelections[i]);
	}
	return 0;
}

int tpm_pcr_banks(struct tpm_transport *t, uint32_t pcr, unsigned int *banks)
{
	uint32_t active[TPMB_BANK_COUNT];
	uint32_t unknown;
	int ret;

	*banks = 0;
	if (pcr >= TPMB_PCR_COUNT) {
		tpmb_msg("%s: PCR %u: a TPM has PCRs 0 to %d", t->name, pcr, TPMB_PCR_COUNT - 1);
		return -EINVAL;
	}
	ret = active_pcrs(t, active, &unknown);
	if (ret)
		return ret;
	for (int bank = 0; bank < TPMB_BANK_COUNT; bank++)
		if (active[bank] & 1u << pcr)
			*banks |= TPMB_BANK_BIT(bank);
	if (unknown & 1u << pcr)
		tpmb_msg("%s: PCR %u is also active in a bank of an unknown hash algorithm",
			 t->name, pcr);
	return 0;
}

int tpm_all_pcr_banks(struct tpm_transport *t, unsigned int banks[TPMB_PCR_COUNT])
{
	uint32_t active[TPMB_BANK_COUNT];
	uint32_t unknown;
	int ret = active_pcrs(t, active, &unknown);

	if (ret)
		return ret;
	for (int pcr = 0; pcr < TPMB_PCR_COUNT; pcr++) {
		banks[pcr] = 0;
		for (int bank = 0; bank < TPMB_BANK_COUNT; bank++)
			if (active[bank] >> pcr & 1)
				banks[pcr] |= TPMB_BANK_BIT(bank);
	}
	return 0;
}

/* ---- PCR values ----------------------------------------------------------- */

/* Stores the digests of one response, and takes what they answer out of @want. */
static int take_values(const TPML_PCR_SELECTION *selections, const TPML_DIGEST *digests,
		       uint32_t want[TPMB_BANK_COUNT], struct tpmb_pcrs *pcrs)
{
	uint32_t used = 0;

	for (uint32_t i = 0; i < selections->count; i++) {
		uint32_t mask = selection_mask(&selections->pcrSelections[i]);
		int bank = bank_by_alg(selections->pcrSelections[i].hash);

		if (bank < 0 || mask & ~want[bank])
			return -EPROTO;
		for (uint32_t pcr = 0; pcr < TPMB_PCR_COUNT; pcr++) {
			const TPM2B_DIGEST *digest = &digests->digests[used];

			if (!(mask & 1u << pcr))
				continue;
			if (used == digests->count || digest->size != tpm_bank_algs[bank].size)
				return -EPROTO;
			memcpy(pcrs->value[bank][pcr], digest->buffer, digest->size);
			used++;
		}
		pcrs->set[bank] |= mask;
		want[bank] &= ~mask;
	}
	return used == digests->count && used ? 0 : -EPROTO;
}

/*
 * One TPM2_PCR_Read of what is left in @want. *@counter is the TPM's count of
 * PCR changes at that time.
 */
static int read_some(struct tpm_transport *t, uint32_t want[TPMB_BANK_COUNT],
		     struct tpmb_pcrs *pcrs, uint32_t *counter)
{
	TPML_PCR_SELECTION selections = {.count = 0};
	TPML_DIGEST digests = {.count = 0};
	struct tpm_command c;
	struct tpm_response r;
	int ret;

	for (int bank = 0; bank < TPMB_BANK_COUNT; bank++) {
		TPMS_PCR_SELECTION *s = &selections.pcrSelections[selections.count];

		if (!want[bank])
			continue;
		s->hash = tpm_bank_algs[bank].alg;
		s->sizeofSelect = TPMB_PCR_COUNT / 8;
		for (int i = 0; i < TPMB_PCR_COUNT / 8; i++)
			s->pcrSelect[i] = (uint8_t)(want[bank] >> 8 * i);
		selections.count++;
	}
	tpm_command_begin(&c, TPM2_CC_PCR_Read);
	if (!c.rc)
		c.rc = Tss2_MU_TPML_PCR_SELECTION_Marshal(&selections, c.buf, sizeof(c.buf),
							  &c.len);
	ret = tpm_command_run(&c, t, &r);
	if (ret)
		return ret;
	*counter = tpm_response_u32(&r);
	if (!r.rc)
		r.rc = Tss2_MU_TPML_PCR_SELECTION_Unmarshal(r.buf, r.len, &r.pos, &selections);
	if (!r.rc)
		r.rc = Tss2_MU_TPML_DIGEST_Unmarshal(r.buf, r.len, &r.pos, &digests);
	if (!tpm_response_done(&r) || take_values(&selections, &digests, want, pcrs))
		return tpm_malformed(t, TPM2_CC_PCR_Read, "values of the selected PCRs");
	return 0;
}

/* Somebody who extends faster than this many reads follow will not stop at the next. */
#define READ_PASSES 16

TPMB_API int tpmb_pcr_read(struct tpm_transport *t, uint32_t pcr_mask, struct tpmb_pcrs *pcrs)
{
	uint32_t want[TPMB_BANK_COUNT];
	uint32_t active[TPMB_BANK_COUNT];
	uint32_t counter = 0;
	uint32_t first = 0;
	uint32_t unknown;
	bool started;
	int ret;

	memset(pcrs, 0, sizeof(*pcrs));
	if (!pcr_mask || pcr_mask >= 1u << TPMB_PCR_COUNT) {
		tpmb_msg("%s: PCR mask 0x%x: expected PCRs 0 to %d", t->name, pcr_mask,
			 TPMB_PCR_COUNT - 1);
		return -EINVAL;
	}
	ret = active_pcrs(t, active, &unknown);
	if (ret)
		return ret;
	/* One response holds at most eight digests; a change between two makes them no snapshot. */
	for (int pass = 0; pass < READ_PASSES; pass++) {
		uint32_t left;

		started = false;
		memset(pcrs, 0, sizeof(*pcrs));
		for (;;) {
			left = 0;
			for (int bank = 0; bank < TPMB_BANK_COUNT; bank++) {
				want[bank] = active[bank] & pcr_mask & ~pcrs->set[bank];
				left |= want[bank];
			}
			if (!left)
				return 0;
			ret = read_some(t, want, pcrs, &counter);
			if (ret)
				return ret;
			if (!started)
				first = counter;
			else if (counter != first)
				break;
			started = true;
		}
	}
	tpmb_msg("%s TPM2_PCR_Read: PCRs kept changing while they were read", t->name);
	return -EAGAIN;
}
