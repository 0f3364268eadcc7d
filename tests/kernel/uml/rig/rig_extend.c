// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * debugfs tpmb_rig/extend: a number written to it is how often PCR 16 is
 * extended, one after the other, through tpm_pcr_extend(). Reading tells what
 * that took. The digests are those of driver/extend_run.c.
 *
 * debugfs tpmb_rig/pcr-BANK-10: IMA's PCR, past the driver.
 */
#include <linux/debugfs.h>
#include <linux/device.h>
#include <linux/fs.h>
#include <linux/init.h>
#include <linux/minmax.h>
#include <linux/mutex.h>
#include <linux/sched.h>
#include <linux/seq_file.h>
#include <linux/string.h>
#include <linux/tpm.h>

#include "rig.h"

#define PCR	 16
#define PCR_IMA	 10
#define ALG_SHA1 0x0004

static DEFINE_MUTEX(lock);

static struct {
	u64 asked;
	u64 done;
	int error;
	bool pcr_right;
	u64 ns;
	u64 reads;
	u64 writes;
	u64 frames;
	u64 sleeps;
	u64 worst_ns;
} last;

static u8 want_sha1[RIG_SHA1_SIZE];
static u8 want_sha256[RIG_SHA256_SIZE];
static u64 number;

static void make_digest(u8 *to, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		to[i] = (u8)((number >> 8 * (i % 8)) + i);
}

static int extend_once(struct tpm_chip *chip)
{
	struct tpm_digest digests[TPM2_MAX_PCR_BANKS] = {};
	int rc;
	u32 i;

	for (i = 0; i < chip->nr_allocated_banks; i++) {
		digests[i].alg_id = chip->allocated_banks[i].alg_id;
		make_digest(digests[i].digest,
			    digests[i].alg_id == ALG_SHA1 ? RIG_SHA1_SIZE : RIG_SHA256_SIZE);
	}
	rc = tpm_pcr_extend(chip, PCR, digests);
	if (rc)
		return rc;
	for (i = 0; i < chip->nr_allocated_banks; i++) {
		if (digests[i].alg_id == ALG_SHA1)
			rig_extend_sha1(want_sha1, digests[i].digest);
		else
			rig_extend_sha256(want_sha256, digests[i].digest);
	}
	number++;
	return 0;
}

static void run(u64 count)
{
	struct tpm_chip *chip = tpm_default_chip();
	u64 start, before;

	memset(&last, 0, sizeof(last));
	last.asked = count;
	if (!chip) {
		last.error = -ENODEV;
		return;
	}
	last.reads = rig.reads;
	last.writes = rig.writes;
	last.frames = rig.sim.frames;
	last.sleeps = current->nvcsw;
	start = rig_now_ns();
	while (last.done < count) {
		before = rig_now_ns();
		last.error = extend_once(chip);
		if (last.error)
			break;
		last.done++;
		last.worst_ns = max(last.worst_ns, rig_now_ns() - before);
	}
	last.ns = rig_now_ns() - start;
	last.reads = rig.reads - last.reads;
	last.writes = rig.writes - last.writes;
	last.frames = rig.sim.frames - last.frames;
	last.sleeps = current->nvcsw - last.sleeps;
	last.pcr_right = !memcmp(want_sha1, rig_pcr_sha1(PCR), sizeof(want_sha1)) &&
			 (!rig.profile->chip.tpm2 ||
			  !memcmp(want_sha256, rig_pcr_sha256(PCR), sizeof(want_sha256)));
	put_device(&chip->dev);
}

static int extend_show(struct seq_file *m, void *v)
{
	mutex_lock(&lock);
	seq_printf(m, "%s %llu %llu %d %s %llu %llu %llu %llu %llu %llu\n",
		   rig.profile ? rig.profile->name : "none", last.asked, last.done, last.error,
		   last.pcr_right ? "right" : "wrong", last.ns, last.worst_ns, last.reads,
		   last.writes, last.frames, last.sleeps);
	mutex_unlock(&lock);
	return 0;
}

static ssize_t extend_write(struct file *file, const char __user *from, size_t len, loff_t *pos)
{
	u64 count;
	int rc = kstrtou64_from_user(from, len, 0, &count);

	if (rc)
		return rc;
	mutex_lock(&lock);
	run(count);
	mutex_unlock(&lock);
	return (ssize_t)len;
}

static int extend_open(struct inode *inode, struct file *file)
{
	return single_open(file, extend_show, NULL);
}

static const struct file_operations extend_fops = {
	.open = extend_open,
	.read = seq_read,
	.write = extend_write,
	.llseek = seq_lseek,
	.release = single_release,
};

static int pcr_sha1_show(struct seq_file *m, void *v)
{
	seq_printf(m, "%*phN\n", RIG_SHA1_SIZE, rig_pcr_sha1(PCR_IMA));
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(pcr_sha1);

static int pcr_sha256_show(struct seq_file *m, void *v)
{
	seq_printf(m, "%*phN\n", RIG_SHA256_SIZE, rig_pcr_sha256(PCR_IMA));
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(pcr_sha256);

/* Counters since the start: reads, writes, frames, commands executed. */
static int counters_show(struct seq_file *m, void *v)
{
	seq_printf(m, "%llu %llu %llu %llu\n", rig.reads, rig.writes, rig.sim.frames,
		   rig.chip.executed);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(counters);

static int __init rig_extend_init(void)
{
	struct dentry *dir = debugfs_create_dir("tpmb_rig", NULL);

	debugfs_create_file("extend", 0600, dir, NULL, &extend_fops);
	if (rig.profile)
		debugfs_create_file("pcr-sha1-10", 0400, dir, NULL, &pcr_sha1_fops);
	if (rig.profile && rig.profile->chip.tpm2)
		debugfs_create_file("pcr-sha256-10", 0400, dir, NULL, &pcr_sha256_fops);
	debugfs_create_file("counters", 0400, dir, NULL, &counters_fops);
	return 0;
}
late_initcall(rig_extend_init);
