/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Shim: the short lock. Its holder does not sleep, does not wake and takes no other lock. */
#ifndef TPMB_SHIM_LINUX_SPINLOCK_H
#define TPMB_SHIM_LINUX_SPINLOCK_H

#include <linux/types.h>

/* Room for either home's lock: user.c has a pthread_mutex_t here. */
typedef struct spinlock {
	u64 home[8];
} spinlock_t;

void spin_lock_init(spinlock_t *lock);
void spin_lock(spinlock_t *lock);
void spin_unlock(spinlock_t *lock);

#endif
