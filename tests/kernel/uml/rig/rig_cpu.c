// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * debugfs tpmb_rig/cpu: a number written to it is how often PCR 16 is extended on a
 * chip that takes no time at all, by tpm2_pcr_extend(), and how often the same
 * command is sent that was built before. What is between the two is what building
 * the command costs: memory, header, digests. Reading tells nanoseconds of each.
 *
 * For a kernel that runs without time-travel: there CPU time is free.
 */
#include <linux/debugfs.h>
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/init.h>
#include <linux/ktime.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/platform_device.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/version.h>

#include "tpm.h"

#include "rig.h"

#define PCR 16

static DEFINE_MUTEX(lock);
static u64 extend_ns, sent_ns, memory_ns, runs;

/* The command, as it was seen last. */
static u8 command[256];
static size_t command_len;

static int null_send(struct tpm_chip *chip, u8 *buf,
#if LINUX_VERSION_CODE >= KERNEL_VERSION(7, 0, 0)
		     size_t size,
#endif
		     size_t len)
{
	if (!command_len && len <= sizeof(command)) {
		memcpy(command, buf, len);
		command_len = len;
	}
	return 0;
}

static int null_recv(struct tpm_chip *chip, u8 *buf, size_t len)
{
	static const u8 response[19] = {0x80, 0x02, 0, 0, 0, 19, [16] = 1};

	memcpy(buf, response, sizeof(response));
	return sizeof(response);
}

static u8 null_status(struct tpm_chip *chip)
{
	return 1;
}

static void null_cancel(struct tpm_chip *chip)
{
}

static bool null_req_canceled(struct tpm_chip *chip, u8 status)
{
	return false;
}

static const struct tpm_class_ops null_ops = {
	.send = null_send,
	.recv = null_recv,
	.status = null_status,
	.cancel = null_cancel,
	.req_canceled = null_req_canceled,
	.req_complete_mask = 1,
	.req_complete_val = 1,
};

static struct tpm_chip *null_chip(void)
{
	static struct tpm_bank_info banks[2] = {
		{.alg_id = TPM_ALG_SHA1, .digest_size = RIG_SHA1_SIZE},
		{.alg_id = TPM_ALG_SHA256, .digest_size = RIG_SHA256_SIZE},
	};
	struct platform_device *pdev;
	struct tpm_chip *chip;

	pdev = platform_device_register_simple("tpmb_rig_cpu", PLATFORM_DEVID_NONE, NULL, 0);
	if (IS_ERR(pdev))
		return ERR_CAST(pdev);
	chip = tpm_chip_alloc(&pdev->dev, &null_ops);
	if (IS_ERR(chip))
		return chip;
	chip->flags |= TPM_CHIP_FLAG_TPM2;
	memcpy(chip->allocated_banks, banks, sizeof(banks));
	chip->nr_allocated_banks = ARRAY_SIZE(banks);
	return chip;
}

static int run(u64 count)
{
	static struct tpm_chip *chip;
	struct tpm_digest digests[2] = {{.alg_id = TPM_ALG_SHA1}, {.alg_id = TPM_ALG_SHA256}};
	u8 *buf;
	u64 i, start;
	int rc = 0;

	if (!chip)
		chip = null_chip();
	if (IS_ERR(chip))
		return PTR_ERR(chip);
	buf = kzalloc(PAGE_SIZE, GFP_KERNEL);
	if (!buf)
		return -ENOMEM;
	rc = tpm_try_get_ops(chip);
	if (rc)
		goto out;
	start = ktime_get_ns();
	for (i = 0; i < count && !rc; i++)
		rc = tpm2_pcr_extend(chip, PCR, digests);
	extend_ns = ktime_get_ns() - start;
	start = ktime_get_ns();
	for (i = 0; i < count && rc >= 0; i++) {
		memcpy(buf, command, command_len);
		rc = tpm_transmit(chip, buf, PAGE_SIZE);
	}
	sent_ns = ktime_get_ns() - start;
	start = ktime_get_ns();
	for (i = 0; i < count; i++)
		free_page(__get_free_page(GFP_KERNEL));
	memory_ns = ktime_get_ns() - start;
	runs = count;
	rc = min(rc, 0);
	tpm_put_ops(chip);
out:
	kfree(buf);
	return rc;
}

static int cpu_show(struct seq_file *m, void *v)
{
	mutex_lock(&lock);
	if (runs)
		seq_printf(m, "%llu extends %llu ns, sent only %llu ns, page %llu ns, %zu bytes\n",
			   runs, extend_ns / runs, sent_ns / runs, memory_ns / runs, command_len);
	mutex_unlock(&lock);
	return 0;
}

static ssize_t cpu_write(struct file *file, const char __user *from, size_t len, loff_t *pos)
{
	u64 count;
	int rc = kstrtou64_from_user(from, len, 0, &count);

	if (rc)
		return rc;
	mutex_lock(&lock);
	rc = run(count);
	mutex_unlock(&lock);
	return rc ?: (ssize_t)len;
}

static int cpu_open(struct inode *inode, struct file *file)
{
	return single_open(file, cpu_show, NULL);
}

static const struct file_operations cpu_fops = {
	.open = cpu_open,
	.read = seq_read,
	.write = cpu_write,
	.llseek = seq_lseek,
	.release = single_release,
};

static int __init rig_cpu_init(void)
{
	debugfs_create_file("cpu", 0600, debugfs_lookup("tpmb_rig", NULL), NULL, &cpu_fops);
	return 0;
}
late_initcall_sync(rig_cpu_init);
