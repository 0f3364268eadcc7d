/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Shim: one task sleeps until another says so. complete() may be the last
 * touch of memory that lives on the sleeper's stack: it stores, and after the
 * store it uses the address at most to name a futex, never to read or write.
 */
#ifndef TPMB_SHIM_LINUX_COMPLETION_H
#define TPMB_SHIM_LINUX_COMPLETION_H

#include <linux/types.h>

/* A count of one at most: it is waited for before it is completed again. */
struct completion {
	u32 done;
	u32 waiter; /* sim.c: the sleeping task */
};

void init_completion(struct completion *x);
void complete(struct completion *x);
void wait_for_completion(struct completion *x);

#endif
