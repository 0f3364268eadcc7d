/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Where a driver's time comes from: the machine's own clock for a chip on a
 * board, a virtual one for a simulated chip. A simulator that runs tasks puts
 * its own clock behind the same two functions.
 *
 * All times are nanoseconds since the clock started, exact integers.
 */
#ifndef TPMB_CLOCK_H
#define TPMB_CLOCK_H

#include <stdint.h>

struct tpmb_clock;

struct tpmb_clock_ops {
	uint64_t (*now_ns)(struct tpmb_clock *clock);
	/* Returns at @when_ns, or at once when that is past. */
	void (*sleep_until_ns)(struct tpmb_clock *clock, uint64_t when_ns);
};

/* First member of each implementation's own structure. */
struct tpmb_clock {
	const struct tpmb_clock_ops *ops;
};

static inline uint64_t tpmb_clock_now_ns(struct tpmb_clock *clock)
{
	return clock->ops->now_ns(clock);
}

static inline void tpmb_clock_sleep_ns(struct tpmb_clock *clock, uint64_t ns)
{
	clock->ops->sleep_until_ns(clock, clock->ops->now_ns(clock) + ns);
}

/* Time passes only where somebody sleeps or a bus transfers. One task uses it. */
struct tpmb_virtual_clock {
	struct tpmb_clock clock;
	uint64_t now_ns;
};

void tpmb_virtual_clock_init(struct tpmb_virtual_clock *clock);

/* The machine's monotonic clock. Thread-safe; lives as long as the process. */
struct tpmb_clock *tpmb_real_clock(void);

#endif
