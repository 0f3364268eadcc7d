// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * tpm_crb, the kernel's own source, over a control area of the rig's. UML has no
 * ACPI: what the driver's probe asks of it is answered here.
 *
 *   crb=1           this interface instead of the profile's own; the profile gives
 *                   its times. 2: with idle bypass
 *   crb_ready_us=N  from idle to ready, and back
 *
 * A register access costs what a byte costs on the profile's bus. The buffer is
 * memory and costs nothing, as in firmware TPMs.
 *
 * The state machine is that of the PC Client profile: from Completion to Ready the
 * way leads through Idle without idle bypass. A command is taken in Ready, and in
 * Completion, which the kernel has always relied on while it sends several in a row.
 * What is written out of turn shows as an error of the command, or never ends.
 */
#include <linux/acpi.h>
#include <linux/delay.h>
#include <linux/io.h>
#include <linux/module.h>
#include <linux/platform_device.h>
#include <linux/string.h>
#include <linux/version.h>
/* Up to 6.11 it is where architectures have theirs. */
#if __has_include(<linux/unaligned.h>)
#include <linux/unaligned.h>
#else
#include <asm/unaligned.h>
#endif

#include "rig.h"

unsigned int rig_crb;
module_param_named(crb, rig_crb, uint, 0400);
static unsigned int crb_ready_us;
module_param(crb_ready_us, uint, 0400);

#define AREA_SIZE   0x1000
#define LOC_STATE   0x00
#define LOC_CTRL    0x08
#define INTF_ID	    0x30
#define CTRL_REQ    0x40
#define CTRL_STS    0x44
#define CTRL_CANCEL 0x48
#define CTRL_START  0x4c
#define CMD_SIZE    0x58
#define CMD_PA	    0x5c
#define RSP_SIZE    0x64
#define RSP_PA	    0x68
#define BUFFER	    0x80
#define BUFFER_SIZE (AREA_SIZE - BUFFER)

static u8 area[AREA_SIZE] __aligned(8);

static struct {
	enum {
		IDLE,
		READY,
		EXECUTION,
		COMPLETION
	} state;
	bool asked, assigned;
	u64 assigned_ns;
	u32 req; /* commandReady or goIdle, until @req_ns */
	u64 req_ns;
	bool error;
	u64 executed_ns;
	u32 rsp_len;
	u8 rsp[TPMB_CHIP_BUFFER_SIZE];
} crb;

static u32 stored(u32 reg)
{
	return get_unaligned((u32 *)(area + reg));
}

/* Lets happen what is due. */
static void settle(void)
{
	u64 now = rig_now_ns();

	if (crb.asked && now >= crb.assigned_ns) {
		crb.asked = false;
		crb.assigned = true;
	}
	if (crb.req && now >= crb.req_ns) {
		crb.state = crb.req == 1 ? READY : IDLE;
		crb.req = 0;
	}
	if (crb.state == EXECUTION && now >= crb.executed_ns) {
		crb.state = COMPLETION;
		memcpy(area + BUFFER, crb.rsp, crb.rsp_len);
	}
}

static void start(void)
{
	const u8 *cmd = area + BUFFER;
	const struct tpmb_chip_profile *p = &rig.profile->chip;
	u32 code = cmd[6] << 24 | cmd[7] << 16 | cmd[8] << 8 | cmd[9];
	u32 len = cmd[2] << 24 | cmd[3] << 16 | cmd[4] << 8 | cmd[5];

	if (!crb.assigned || crb.req || crb.state == IDLE || crb.state == EXECUTION ||
	    len > BUFFER_SIZE) {
		crb.error = true;
		return;
	}
	crb.rsp_len = rig_tpm_execute(NULL, 0, cmd, len, crb.rsp);
	crb.executed_ns = rig_now_ns() + 1000ull * (code == 0x182 ? p->extend_us : p->other_us);
	crb.state = EXECUTION;
	rig.chip.executed++;
}

static void request(u32 value)
{
	if (!crb.assigned || crb.req || crb.state == EXECUTION)
		return;
	crb.req = value & 3;
	crb.req_ns = rig_now_ns() + 1000ull * crb_ready_us;
	/* Never: this chip would have to go idle first. */
	if (value == 1 && crb.state == COMPLETION && rig_crb != 2)
		crb.req_ns = U64_MAX;
}

static u32 crb_read32(const void *at)
{
	u32 reg = (const u8 *)at - area;

	rig.reads++;
	ndelay(rig.profile->bus.byte_ns);
	settle();
	switch (reg) {
	case LOC_STATE:
		return 0x80 | (crb.assigned ? 0x02 : 0);
	case CTRL_REQ:
		return crb.req;
	case CTRL_STS:
		return crb.error | (crb.state == IDLE ? 2 : 0);
	case CTRL_START:
		return crb.state == EXECUTION;
	default:
		return stored(reg);
	}
}

static void crb_write32(u32 value, const void *at)
{
	u32 reg = (const u8 *)at - area;

	rig.writes++;
	ndelay(rig.profile->bus.byte_ns);
	settle();
	switch (reg) {
	case LOC_CTRL:
		if (value & 1 && !crb.assigned) {
			crb.asked = true;
			crb.assigned_ns = rig_now_ns() + rig.profile->chip.grant_ns;
		} else if (value & 2) {
			crb.assigned = false;
		}
		break;
	case CTRL_REQ:
		request(value);
		break;
	case CTRL_START:
		start();
		break;
	default:
		put_unaligned(value, (u32 *)(area + reg));
	}
}

/* ---- what the driver takes for ACPI and for I/O memory ---- */

#if LINUX_VERSION_CODE < KERNEL_VERSION(7, 0, 0)
struct acpi_driver {
	const char *name;
	const struct acpi_device_id *ids;
	struct {
		int (*add)(struct acpi_device *device);
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 2, 0)
		int (*remove)(struct acpi_device *device);
#else
		void (*remove)(struct acpi_device *device);
#endif
	} ops;
	struct {
		const struct dev_pm_ops *pm;
	} drv;
};
#endif

struct acpi_device {
	struct device dev;
	acpi_handle handle;
};

static struct acpi_device companion;
static struct acpi_table_tpm2 table;

static int get_resources(struct resource *resources)
{
	resources[0] = (struct resource){
		.start = (unsigned long)area,
		.end = (unsigned long)area + AREA_SIZE - 1,
		.flags = IORESOURCE_MEM,
	};
	return 0;
}

static acpi_status get_table(struct acpi_table_header **to)
{
	*to = &table.header;
	return AE_OK;
}

#undef ioread32
#undef iowrite32
#undef memcpy_toio
#undef memcpy_fromio
#undef ACPI_COMPANION
#undef module_platform_driver
#define ioread32(reg)				       crb_read32((const void *)(reg))
#define iowrite32(value, reg)			       crb_write32(value, (const void *)(reg))
#define memcpy_toio(to, from, len)		       memcpy((void *)(to), from, len)
#define memcpy_fromio(to, from, len)		       memcpy(to, (const void *)(from), len)
#define devm_ioremap_resource(dev, resource)	       ((void *)(resource)->start)
#define acpi_dev_get_resources(dev, list, check, data) get_resources(data)
#define acpi_dev_free_resource_list(list)	       ((void)(list))
#define acpi_dev_resource_memory(from, to)	       (false)
#define acpi_dev_resource_address_space(from, to)      ((void)(to), false)
#define acpi_get_table(name, number, to)	       get_table(to)
#define acpi_put_table(from)			       ((void)(from))
#define acpi_device_hid(device)			       ((void)(device), "MSFT0101")
#define ACPI_COMPANION(dev)			       (&companion)
#define module_acpi_driver(driver)
#define module_platform_driver(driver)
/* There is no such field without ACPI; what is stored is NULL. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(7, 0, 0)
#define acpi_dev_handle bios_dir[0]
#else
#define acpi_dev_handle bios_dir
#endif

#include "../tpm_crb.c"

static void no_release(struct device *dev)
{
}

int rig_crb_register(void)
{
	int rc;

	put_unaligned(rig_crb == 2 ? 1u << 9 : 0, (u32 *)(area + INTF_ID));
	put_unaligned(BUFFER_SIZE, (u32 *)(area + CMD_SIZE));
	put_unaligned((u64)(unsigned long)(area + BUFFER), (u64 *)(area + CMD_PA));
	put_unaligned(BUFFER_SIZE, (u32 *)(area + RSP_SIZE));
	put_unaligned((u64)(unsigned long)(area + BUFFER), (u64 *)(area + RSP_PA));
	table.header.length = sizeof(table);
	table.control_address = (unsigned long)area + CTRL_REQ;
	table.start_method = ACPI_TPM2_COMMAND_BUFFER;
#if LINUX_VERSION_CODE < KERNEL_VERSION(7, 0, 0)
	dev_set_name(&companion.dev, "tpmb_rig");
	companion.dev.release = no_release;
	rc = device_register(&companion.dev);
	if (rc)
		return rc;
	return crb_acpi_add(&companion);
#else
	struct platform_device *pdev =
		platform_device_register_simple("tpmb_rig", PLATFORM_DEVID_NONE, NULL, 0);

	rc = PTR_ERR_OR_ZERO(pdev);
	return rc ?: crb_acpi_probe(pdev);
#endif
}
