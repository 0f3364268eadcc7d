/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Waiting for a command to execute: as tpm_try_transmit() does, or by what is known of the chip. */
#ifndef TPMB_EXEC_WAIT_H
#define TPMB_EXEC_WAIT_H

#include "exec_time.h"
#include "policy.h"

struct tpmb_exec_wait {
	const struct tpmb_policy *policy;
	struct tpmb_timer *timer;
	uint32_t floor_us;	     /* never look more often */
	uint32_t limit_ms;	     /* the specification's */
	struct tpmb_exec_slot *slot; /* of the command */
	/* 1: the response is there; 0: not yet; negative: it will not come. */
	int (*look)(void *arg);
	void *arg;
};

/* 0, -ETIME when the limit has passed, or what look() returned. Called right after GO. */
int tpmb_exec_wait(const struct tpmb_exec_wait *wait);

#endif
