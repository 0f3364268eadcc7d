/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Shim: the sleeping lock. Not recursive; released by the task that took it. */
#ifndef TPMB_SHIM_LINUX_MUTEX_H
#define TPMB_SHIM_LINUX_MUTEX_H

#include <linux/types.h>

/* Room for either home's lock: user.c has a pthread_mutex_t here. */
struct mutex {
	u64 home[8];
};

void mutex_init(struct mutex *lock);
void mutex_lock(struct mutex *lock);
void mutex_unlock(struct mutex *lock);

#endif
