/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * How long the kernel's sleeps really take: msleep() on a timer wheel of HZ,
 * usleep_range() on an hrtimer that shares the tick's interrupt.
 *
 * The tick is taken to run all the time, from time 0 on, and to be the only
 * other interrupt. Coalescing with it is what makes the real driver's polls
 * lock to the tick (measured on the unmodified 6.12 in virtual time; a test
 * holds those figures against this model).
 */
#ifndef TPMB_TIMER_H
#define TPMB_TIMER_H

#include <stdbool.h>
#include <stdint.h>

#include "clock.h"

enum tpmb_wheel {
	/* Up to 4.7: a timer fires at the tick that it names. */
	TPMB_WHEEL_CASCADING,
	/* 4.8 on (500462a9de65): at the end of its bucket, one tick later for short timers. */
	TPMB_WHEEL_BUCKETS,
	/* No kernel: sleeps are the clock's, and end at the upper bound. For real chips. */
	TPMB_WHEEL_NONE,
};

struct tpmb_timer {
	struct tpmb_clock *clock;
	uint32_t hz; /* ticks a second, 1 to 10,000 */
	enum tpmb_wheel wheel;
	uint32_t wake_ns;  /* from a timer's interrupt to the sleeper's next instruction */
	uint64_t sleeps;   /* so far */
	uint64_t slept_ns; /* so far */
};

/* Ticks since time 0. */
uint64_t tpmb_timer_jiffies(const struct tpmb_timer *timer);
/* msecs_to_jiffies(): rounds up. */
uint64_t tpmb_timer_ms_to_jiffies(const struct tpmb_timer *timer, uint32_t ms);

/* msleep(@ms). */
void tpmb_timer_msleep(struct tpmb_timer *timer, uint32_t ms);
/* usleep_range(@min_us, @max_us); @min_us is at most @max_us. */
void tpmb_timer_usleep_range(struct tpmb_timer *timer, uint32_t min_us, uint32_t max_us);

#endif
