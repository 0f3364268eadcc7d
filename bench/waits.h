/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Contract C2 in a simulated run: who waits for a batch waits for the extend in
 * flight, for his own, and for as many as there are full records before his. The
 * extends that ended during each wait are counted, and each of them that was
 * neither has to have been full.
 */
#ifndef TPMB_WAITS_H
#define TPMB_WAITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One measurement; in the order in which they came. */
struct wait {
	uint64_t start_ns, end_ns;
	uint64_t before, after; /* extends that had ended when it came, and when it returned */
	uint32_t member_size;	/* 0: it brought nothing of its own, a duplicate */
	bool alone;		/* a violation: in no batch */
};

struct waits {
	struct wait *waits;
	size_t count, room;
};

struct waits_summary {
	uint64_t max_ns;
	uint64_t max_extends; /* that ended during one wait */
	uint64_t max_full;    /* records between the one in flight and one's own */
};

/* Room for @room measurements. 0 or -ENOMEM; free with waits_free() in any case. */
int waits_new(struct waits *waits, size_t room);
void waits_free(struct waits *waits);
/* Begins one: its number, for waits_end(). Not more than there is room. */
size_t waits_begin(struct waits *waits, uint64_t now_ns, uint64_t extends);
void waits_end(struct waits *waits, size_t number, uint64_t now_ns, uint64_t extends);
/*
 * Sums up a run. @batch_max: the cap of a batch in bytes; 0: nothing is promised
 * (serial). -EBADE, with a message, where somebody waited for a record that was neither
 * in flight, nor his own, nor full; -ENOMEM.
 */
int waits_check(const struct waits *waits, uint32_t batch_max, struct waits_summary *summary);

#endif
