// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <linux/delay.h>
#include <linux/init.h>
#include <linux/irqflags.h>
#include <linux/ktime.h>
#include <linux/module.h>
#include <linux/string.h>

#include "rig.h"

struct rig rig;

static char *profile;
module_param(profile, charp, 0400);

/* With interrupts on, UML's clock moves on when it is read. */
u64 rig_now_ns(void)
{
	unsigned long flags;
	u64 now;

	local_irq_save(flags);
	now = ktime_get_ns();
	local_irq_restore(flags);
	return now;
}

static uint64_t clock_now(struct tpmb_clock *clock)
{
	return rig_now_ns();
}

/* A bus that is busy, not a sleep: ticks happen meanwhile, other tasks do not. */
static void clock_pass(struct tpmb_clock *clock, uint64_t when_ns)
{
	u64 now = rig_now_ns();

	if (when_ns > now)
		ndelay((unsigned long)(when_ns - now));
}

static uint64_t chip_now(void *arg)
{
	return rig_now_ns();
}

static void chip_stall(void *arg, uint64_t ns)
{
	ndelay((unsigned long)ns);
}

int rig_read(u32 reg, u8 *data, size_t len)
{
	rig.reads++;
	return rig.sim.phy.ops->read(&rig.sim.phy, reg, data, len);
}

int rig_write(u32 reg, const u8 *data, size_t len)
{
	rig.writes++;
	return rig.sim.phy.ops->write(&rig.sim.phy, reg, data, len);
}

static const struct rig_profile *find_profile(const char *name)
{
	const struct rig_profile *p;

	for (p = rig_profiles; p->name; p++)
		if (!strcmp(p->name, name))
			return p;
	return NULL;
}

/* After the drivers' own initcalls, which stand before this one in the link order. */
static int __init rig_init(void)
{
	static const struct tpmb_clock_ops clock_ops = {
		.now_ns = clock_now,
		.sleep_until_ns = clock_pass,
	};
	static const struct tpmb_chip_ops chip_ops = {
		.now_ns = chip_now,
		.stall_ns = chip_stall,
		.execute = rig_tpm_execute,
		.reset = rig_tpm_reset,
	};
	int rc;

	if (!profile)
		return 0;
	rig.profile = find_profile(profile);
	if (!rig.profile) {
		pr_err("tpmb_rig: no profile %s\n", profile);
		return -ENOENT;
	}
	rc = rig_tpm_init(rig.profile->chip.tpm2);
	if (rc)
		return rc;
	rig.clock.ops = &clock_ops;
	tpmb_chip_init(&rig.chip, &rig.profile->chip, &chip_ops, NULL);
	tpmb_sim_phy_init(&rig.sim, rig.profile->name, &rig.profile->bus, &rig.clock, &rig.chip);
	if (rig_crb)
		rc = rig_crb_register();
	else if (rig.profile->chip.map == TPMB_CHIP_NUVOTON)
		rc = rig_nuvoton_register();
	else
		rc = rig_tis_register();
	pr_info("tpmb_rig: %s: %d\n", profile, rc);
	return rc;
}
device_initcall(rig_init);
