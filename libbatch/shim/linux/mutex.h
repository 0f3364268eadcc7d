/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Shim: the sleeping lock. Not recursive; released by the task that took it. */
#ifndef TPMB_SHIM_LINUX_MUTEX_H
#define TPMB_SHIM_LINUX_MUTEX_H

#include <linux/types.h>

struct mutex {
	u32 state;
};

void mutex_init(struct mutex *lock);
void mutex_lock(struct mutex *lock);
void mutex_unlock(struct mutex *lock);

#endif
