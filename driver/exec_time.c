// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The estimate is the shortest time seen lately: a look that comes too early
 * costs one more, a look that comes too late costs all the time until it. It
 * is forgotten window by window, so that a chip that has become slower is not
 * polled early for ever.
 *
 * A first look that finds the response does not tell for how long it had been
 * there. So a later command is probed: its first look comes a little earlier.
 * One that finds the response is followed by one at half the time, which in steps
 * finds when it really comes; each that does not doubles the patience until the
 * next, so that a chip as regular as a clock pays for one early look in 32 commands.
 *
 * Nobody sleeps for longer than FIRST_MAX_US without a look: a command that was
 * slow once, behind a self-test or for another algorithm, need not be slow again.
 */
#include "exec_time.h"

#define WINDOW	     64u
#define PATIENCE_MAX 32u
/* Of the estimate, by which a probe comes earlier; and a bold one. */
#define PROBE_PART 64u
#define PROBE_BOLD 2u
/* The time in which an extend has to be done, by the Windows hardware kit. */
#define FIRST_MAX_US 20000u

uint32_t tpmb_exec_limit_ms(bool tpm2, uint32_t ordinal)
{
	enum {
		MEDIUM = 750,
		LONG = 2000,
		LONG_LONG = 300000,
		OTHER = 120000
	};

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
	*oldest = (struct tpmb_exec_slot){
		.ordinal = ordinal, .used = times->used, .patience = 1, .part = PROBE_BOLD};
	return oldest;
}

static uint32_t shortest(const struct tpmb_exec_slot *slot)
{
	if (!slot->now_us || (slot->last_us && slot->last_us < slot->now_us))
		return slot->last_us;
	return slot->now_us;
}

static bool is_probe(const struct tpmb_exec_slot *slot)
{
	return slot->hits >= slot->patience;
}

uint32_t tpmb_exec_first_us(const struct tpmb_exec_slot *slot)
{
	uint32_t estimate = shortest(slot);

	if (is_probe(slot))
		estimate -= estimate / slot->part;
	return estimate < FIRST_MAX_US ? estimate : FIRST_MAX_US;
}

void tpmb_exec_done(struct tpmb_exec_slot *slot, uint32_t took_us, bool first)
{
	if (is_probe(slot) && !first) {
		slot->hits = 0;
		slot->patience =
			slot->patience < PATIENCE_MAX / 2 ? slot->patience * 2 : PATIENCE_MAX;
		slot->part = PROBE_PART;
	} else if (is_probe(slot)) {
		slot->patience = 1;
		slot->hits = 1;
		slot->part = PROBE_BOLD;
	} else if (first) {
		slot->hits++;
	}
	if (!slot->now_us || took_us < slot->now_us)
		slot->now_us = took_us ? took_us : 1;
	if (++slot->count == WINDOW) {
		slot->last_us = slot->now_us;
		slot->now_us = 0;
		slot->count = 0;
	}
}
