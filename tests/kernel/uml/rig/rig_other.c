// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Somebody else who wants the chip, as firmware does, at another locality:
 *
 *   other_period_us=N  asks so long after it has last given the chip back; 0: never
 *   other_use_us=N     how long it keeps the chip
 *   other_seize=1      seizes it, whenever no command is under way, and does not ask
 *
 * debugfs tpmb_rig/other: how often it got the chip, and its longest wait in ns.
 *
 * Looks every 50 us, as a timer: for profiles on which the chip never holds the
 * bus, because a register access must not begin within another.
 */
#include <linux/debugfs.h>
#include <linux/hrtimer.h>
#include <linux/init.h>
#include <linux/minmax.h>
#include <linux/module.h>
#include <linux/seq_file.h>
#include <linux/version.h>

#include "rig.h"

#define LOCALITY 1
#define LOOK_NS	 50000

static unsigned int other_period_us;
module_param(other_period_us, uint, 0400);
static unsigned int other_use_us = 1000;
module_param(other_use_us, uint, 0400);
static bool other_seize;
module_param(other_seize, bool, 0400);

static struct hrtimer timer;
static u64 next_ns;  /* asks again */
static u64 asked_ns; /* 0: has not asked */
static u64 got_ns;   /* 0: does not have it */
static u64 uses;
static u64 worst_ns;

static void write_access(u8 value)
{
	tpmb_chip_write(&rig.chip, TIS_REG(LOCALITY) + TIS_ACCESS, value);
}

static bool has_it(void)
{
	return tpmb_chip_read(&rig.chip, TIS_REG(LOCALITY) + TIS_ACCESS) & TIS_ACCESS_ACTIVE;
}

static bool busy(void)
{
	return rig.chip.state != TPMB_CHIP_IDLE && rig.chip.state != TPMB_CHIP_READY;
}

static void look(u64 now)
{
	if (got_ns) {
		if (now - got_ns < other_use_us * 1000ull)
			return;
		write_access(TIS_ACCESS_ACTIVE);
		got_ns = 0;
		next_ns = now + other_period_us * 1000ull;
	} else if (asked_ns) {
		if (!has_it())
			return;
		uses++;
		worst_ns = max(worst_ns, now - asked_ns);
		asked_ns = 0;
		got_ns = now;
	} else if (now >= next_ns && !(other_seize && busy())) {
		asked_ns = now;
		write_access(other_seize ? TIS_ACCESS_SEIZE : TIS_ACCESS_REQUEST_USE);
	}
}

static enum hrtimer_restart on_timer(struct hrtimer *t)
{
	look(rig_now_ns());
	hrtimer_forward_now(t, LOOK_NS);
	return HRTIMER_RESTART;
}

static int other_show(struct seq_file *m, void *v)
{
	seq_printf(m, "%llu %llu\n", uses, worst_ns);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(other);

static int __init rig_other_init(void)
{
	if (!rig.profile || !other_period_us)
		return 0;
	debugfs_create_file("other", 0400, debugfs_lookup("tpmb_rig", NULL), NULL, &other_fops);
	next_ns = rig_now_ns();
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 13, 0)
	hrtimer_init(&timer, CLOCK_MONOTONIC, HRTIMER_MODE_REL);
	timer.function = on_timer;
#else
	hrtimer_setup(&timer, on_timer, CLOCK_MONOTONIC, HRTIMER_MODE_REL);
#endif
	hrtimer_start(&timer, LOOK_NS, HRTIMER_MODE_REL);
	return 0;
}
late_initcall_sync(rig_other_init);
