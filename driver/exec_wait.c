// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>

#include "exec_wait.h"

#define NS_PER_US 1000u
/* A sleep of the kernel needs room to be coalesced; more would be paid for in every command. */
#define SLACK_US 20u
/* Between looks, at most; and the part of the time waited so far that the next step is. */
#define STEP_MAX_US 10000u
#define STEP_PART   8u

static uint32_t elapsed_us(const struct tpmb_timer *timer, uint64_t start)
{
	uint64_t us = (tpmb_clock_now_ns(timer->clock) - start) / NS_PER_US;

	return us < UINT32_MAX ? (uint32_t)us : UINT32_MAX;
}

/*
 * Sleeps until the command has always taken so far, then looks in steps that
 * grow with how late it is. Nothing known: the steps grow from the start.
 */
static int wait_learned(const struct tpmb_exec_wait *wait)
{
	struct tpmb_timer *timer = wait->timer;
	uint64_t start = tpmb_clock_now_ns(timer->clock);
	uint32_t limit_us = wait->limit_ms < UINT32_MAX / 1000 ? wait->limit_ms * 1000 : UINT32_MAX;
	uint32_t known_us = tpmb_exec_first_us(wait->slot);
	uint32_t least_us = wait->floor_us > wait->policy->transmit.min_us
				    ? wait->floor_us
				    : wait->policy->transmit.min_us;
	bool first = true;
	bool late = false;

	if (known_us > least_us + SLACK_US)
		tpmb_timer_usleep_range(timer, known_us - SLACK_US, known_us);
	else
		tpmb_timer_usleep_range(timer, least_us, least_us + SLACK_US);
	for (;;) {
		uint32_t waited_us = elapsed_us(timer, start);
		uint32_t step_us;
		int ret = wait->look(wait->arg);

		if (ret > 0)
			tpmb_exec_done(wait->slot, waited_us, first && known_us);
		if (ret)
			return ret > 0 ? 0 : ret;
		if (late)
			return -ETIME;
		first = false;
		step_us = (waited_us > known_us ? waited_us - known_us : 0) / STEP_PART;
		if (step_us < least_us)
			step_us = least_us;
		if (step_us > STEP_MAX_US)
			step_us = STEP_MAX_US;
		/* Before giving up: one look that begins after the deadline (7146dffa875c). */
		late = waited_us >= limit_us;
		tpmb_timer_usleep_range(timer, step_us, step_us + SLACK_US);
	}
}

static int wait_polling(const struct tpmb_exec_wait *wait)
{
	struct tpmb_timer *timer = wait->timer;
	uint64_t stop = tpmb_timer_jiffies(timer) + tpmb_timer_ms_to_jiffies(timer, wait->limit_ms);
	int ret;

	do {
		ret = wait->look(wait->arg);
		if (ret)
			return ret > 0 ? 0 : ret;
		tpmb_policy_sleep(timer, &wait->policy->transmit, wait->floor_us);
	} while (tpmb_timer_jiffies(timer) < stop);
	if (!wait->policy->final_check)
		return -ETIME;
	ret = wait->look(wait->arg);
	return ret > 0 ? 0 : ret ? ret : -ETIME;
}

int tpmb_exec_wait(const struct tpmb_exec_wait *wait)
{
	return wait->policy->learn_exec ? wait_learned(wait) : wait_polling(wait);
}
