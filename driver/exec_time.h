/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * How long commands take: how long they may, by the specification, and how
 * long this chip has taken so far.
 */
#ifndef TPMB_EXEC_TIME_H
#define TPMB_EXEC_TIME_H

#include <stdbool.h>
#include <stdint.h>

/*
 * The longest that a command may execute, in ms, as Linux has it for polled
 * chips: tpm2_calc_ordinal_duration(), and for TPM 1.2 the two minutes it
 * allows when the chip reports no duration.
 */
uint32_t tpmb_exec_limit_ms(bool tpm2, uint32_t ordinal);

#define TPMB_EXEC_SLOTS 8

/* What is known of one command. */
struct tpmb_exec_slot {
	uint32_t ordinal;  /* 0: free */
	uint32_t rsp_len;  /* of its last response, in bytes */
	uint32_t now_us;   /* the shortest time seen in this window ... */
	uint32_t last_us;  /* ... and in the last */
	uint32_t count;	   /* commands in this window */
	uint32_t hits;	   /* first looks that found the response, since the last probe */
	uint32_t patience; /* hits before the next probe ... */
	uint32_t part;	   /* ... which comes earlier by this part of the estimate */
	uint64_t used;
};

struct tpmb_exec_times {
	struct tpmb_exec_slot slots[TPMB_EXEC_SLOTS];
	uint64_t used;
};

/* The slot of a command; the one unused for longest is given up for a new command. */
struct tpmb_exec_slot *tpmb_exec_slot(struct tpmb_exec_times *times, uint32_t ordinal);

/* When to look for the first time, in us from GO; 0: nothing is known, look at once. */
uint32_t tpmb_exec_first_us(const struct tpmb_exec_slot *slot);

/*
 * The response was found @took_us after GO; @first: by the first look, so that
 * it may have been there before.
 */
void tpmb_exec_done(struct tpmb_exec_slot *slot, uint32_t took_us, bool first);

#endif
