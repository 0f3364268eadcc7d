// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <time.h>

#include "clock.h"

static uint64_t virtual_now(struct tpmb_clock *clock)
{
	return ((struct tpmb_virtual_clock *)clock)->now_ns;
}

static void virtual_sleep_until(struct tpmb_clock *clock, uint64_t when_ns)
{
	struct tpmb_virtual_clock *virtual = (struct tpmb_virtual_clock *)clock;

	if (when_ns > virtual->now_ns)
		virtual->now_ns = when_ns;
}

void tpmb_virtual_clock_init(struct tpmb_virtual_clock *clock)
{
	static const struct tpmb_clock_ops ops = {
		.now_ns = virtual_now,
		.sleep_until_ns = virtual_sleep_until,
	};

	clock->clock.ops = &ops;
	clock->now_ns = 0;
}

#define NS_PER_S 1000000000

static uint64_t real_now(struct tpmb_clock *clock)
{
	struct timespec ts;

	(void)clock;
	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * NS_PER_S + (uint64_t)ts.tv_nsec;
}

static void real_sleep_until(struct tpmb_clock *clock, uint64_t when_ns)
{
	const struct timespec ts = {
		.tv_sec = (time_t)(when_ns / NS_PER_S),
		.tv_nsec = (long)(when_ns % NS_PER_S),
	};

	(void)clock;
	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &ts, NULL) == EINTR)
		;
}

struct tpmb_clock *tpmb_real_clock(void)
{
	static const struct tpmb_clock_ops ops = {
		.now_ns = real_now,
		.sleep_until_ns = real_sleep_until,
	};
	static struct tpmb_clock real = {.ops = &ops};

	return &real;
}
