// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The simulator's clock as a driver's; see sim_clock.h. */
#include "sim_clock.h"

static uint64_t sim_clock_now(struct tpmb_clock *clock)
{
	(void)clock;
	return sim_now_ns();
}

static void sim_clock_sleep_until(struct tpmb_clock *clock, uint64_t when_ns)
{
	(void)clock;
	if (when_ns > sim_now_ns())
		sim_sleep_ns(when_ns - sim_now_ns());
}

struct tpmb_clock *tpmb_sim_clock(void)
{
	static const struct tpmb_clock_ops ops = {
		.now_ns = sim_clock_now,
		.sleep_until_ns = sim_clock_sleep_until,
	};
	static struct tpmb_clock clock = {.ops = &ops};

	return &clock;
}
