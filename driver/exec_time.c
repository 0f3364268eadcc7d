// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The estimate is the shortest time seen lately: a look that comes too early
 * costs one more, a look that comes too late costs all the time until it. It
 * is forgotten window by window, so that a chip that has become slower is not
 * polled early for ever. A chip as regular as a clock would always be found
 * ready by the first look, and its estimate never sink: after every so many
 * such looks the next comes a little earlier.
 */
#include "exec_time.h"

#define WINDOW	   64u
#define PROBE_HITS 32u
#define PROBE_PART 64u /* of the estimate, by which a probe comes earlier */

uint32_t tpmb_exec_limit_ms(bool tpm2, uint32_t ordinal)
{
	enum { MEDIUM = 750, LONG = 2000, LONG_LONG = 300000, OTHER = 120000 };

	if (!tpm2)
		return OTHER;
	switch (ordinal) {
	case 0x144: /* Startup */
	case 0x15c: /* SequenceUpdate */
	case 0x13e: /* SequenceComplete */
	case 0x185: /* EventSequenceComplete */
	case 0x186: /* HashSequenceStart */
	case 0x182: /* PCR_Extend */
	case 0x17a: /* GetCapability */
		return MEDIUM;
	case 0x143: /* SelfTest */
	case 0x17b: /* GetRandom */
	case 0x121: /* HierarchyControl */
	case 0x129: /* HierarchyChangeAuth */
	case 0x14e: /* NV_Read */
		return LONG;
	case 0x177: /* VerifySignature */
	case 0x131: /* CreatePrimary */
	case 0x153: /* Create */
	case 0x191: /* CreateLoaded */
		return LONG_LONG;
	default:
		return OTHER;
	}
}

struct tpmb_exec_slot *tpmb_exec_slot(struct tpmb_exec_times *times, uint32_t ordinal)
{
	struct tpmb_exec_slot *oldest = &times->slots[0];

	times->used++;
	for (unsigned int i = 0; i < TPMB_EXEC_SLOTS; i++) {
		struct tpmb_exec_slot *slot = &times->slots[i];

		if (slot->used && slot->ordinal == ordinal) {
			slot->used = times->used;
			return slot;
		}
		if (slot->used < oldest->used)
			oldest = slot;
	}
	*oldest = (struct tpmb_exec_slot){.ordinal = ordinal, .used = times->used};
	return oldest;
}

static uint32_t shortest(const struct tpmb_exec_slot *slot)
{
	if (!slot->now_us || (slot->last_us && slot->last_us < slot->now_us))
		return slot->last_us;
	return slot->now_us;
}

uint32_t tpmb_exec_first_us(const struct tpmb_exec_slot *slot)
{
	uint32_t estimate = shortest(slot);

	if (slot->hits >= PROBE_HITS)
		estimate -= estimate / PROBE_PART;
	return estimate;
}

void tpmb_exec_done(struct tpmb_exec_slot *slot, uint32_t took_us, bool first)
{
	/* After a probe that was still late, the next look is a probe again. */
	if (first)
		slot->hits = slot->hits >= PROBE_HITS ? slot->hits : slot->hits + 1;
	else
		slot->hits = 0;
	if (!slot->now_us || took_us < slot->now_us)
		slot->now_us = took_us ? took_us : 1;
	if (++slot->count == WINDOW) {
		slot->last_us = slot->now_us;
		slot->now_us = 0;
		slot->count = 0;
	}
}
