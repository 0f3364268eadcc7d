// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "timer.h"

#define NS_PER_S  1000000000u
#define NS_PER_US 1000u
#define NS_PER_MS 1000000u

/* The first instant of tick @jiffies: the tick's interrupt. */
static uint64_t tick_ns(const struct tpmb_timer *timer, uint64_t jiffies)
{
	return (jiffies * NS_PER_S + timer->hz - 1) / timer->hz;
}

static uint64_t jiffies_at(const struct tpmb_timer *timer, uint64_t ns)
{
	/* Split, so that centuries of virtual time do not overflow. */
	return ns / NS_PER_S * timer->hz + ns % NS_PER_S * timer->hz / NS_PER_S;
}

uint64_t tpmb_timer_jiffies(const struct tpmb_timer *timer)
{
	return jiffies_at(timer, tpmb_clock_now_ns(timer->clock));
}

uint64_t tpmb_timer_ms_to_jiffies(const struct tpmb_timer *timer, uint32_t ms)
{
	return ((uint64_t)ms * timer->hz + 999) / 1000;
}

static void wake_at(struct tpmb_timer *timer, uint64_t when_ns)
{
	uint64_t start = tpmb_clock_now_ns(timer->clock);

	timer->clock->ops->sleep_until_ns(timer->clock, when_ns + timer->wake_ns);
	timer->sleeps++;
	timer->slept_ns += tpmb_clock_now_ns(timer->clock) - start;
}

/*
 * The tick at which the wheel of 4.8 runs a timer that names tick @expires:
 * level 0 has buckets of one tick and takes timers up to 63 ticks away, each
 * further level has buckets eight times as wide, and a timer goes into the
 * bucket after its own so that it never fires early.
 */
static uint64_t bucket_end(uint64_t expires, uint64_t now)
{
	unsigned int shift = 0;

	while (shift < 24 && expires - now >= (uint64_t)63 << shift)
		shift += 3;
	return ((expires >> shift) + 1) << shift;
}

void tpmb_timer_msleep(struct tpmb_timer *timer, uint32_t ms)
{
	uint64_t now = tpmb_timer_jiffies(timer);
	/* msleep() adds a tick for the one that is under way. */
	uint64_t expires = now + tpmb_timer_ms_to_jiffies(timer, ms) + 1;

	if (timer->wheel == TPMB_WHEEL_NONE) {
		wake_at(timer, tpmb_clock_now_ns(timer->clock) + (uint64_t)ms * NS_PER_MS);
		return;
	}
	if (timer->wheel == TPMB_WHEEL_BUCKETS)
		expires = bucket_end(expires, now);
	wake_at(timer, tick_ns(timer, expires));
}

void tpmb_timer_usleep_range(struct tpmb_timer *timer, uint32_t min_us, uint32_t max_us)
{
	uint64_t now = tpmb_clock_now_ns(timer->clock);
	uint64_t soft = now + (uint64_t)min_us * NS_PER_US;
	uint64_t hard = now + (uint64_t)max_us * NS_PER_US;
	uint64_t tick;

	if (timer->wheel != TPMB_WHEEL_NONE) {
		/* The tick's interrupt runs every hrtimer whose soft expiry has come. */
		tick = tick_ns(timer, jiffies_at(timer, soft));
		if (tick < soft)
			tick = tick_ns(timer, jiffies_at(timer, soft) + 1);
		if (tick < hard)
			hard = tick;
	}
	wake_at(timer, hard);
}
