// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <string.h>

#include "chip.h"
#include "phy_i2c.h"

#define BLOCK_MAX	 32u  /* of an SMBus block; Linux takes no more at once for either kind */
#define GUARD_DEFAULT_US 250u /* until the chip says, and after it did not acknowledge */
#define NACK_TRIES	 50
#define SANE_TRIES	 50

/* TCG's I2C registers that lie elsewhere, and those that TIS does not have. */
#define I2C_LOC_SEL	0x00
#define I2C_ACCESS	0x04
#define I2C_CAPABILITY	0x30
#define I2C_CSUM_ENABLE 0x40
#define I2C_DID_VID	0x48
#define I2C_RID		0x4c

/* TPM_I2C_INTERFACE_CAPABILITY. */
#define CAP_GUARD_AFTER_READ  0x00180000u /* read-read, read-write */
#define CAP_GUARD_AFTER_WRITE 0x00060000u /* write-read, write-write */
#define CAP_GUARD_US(cap)     ((cap) >> 9 & 0xff)

static void wait_us(struct tpmb_phy_i2c *i2c, uint32_t us)
{
	if (us)
		tpmb_clock_sleep_ns(i2c->clock, (uint64_t)us * 1000);
}

/* ---- TCG ------------------------------------------------------------------------ */

/* A chip that is busy does not acknowledge: try again, as Linux does. */
static int until_ack(struct tpmb_phy_i2c *i2c, const uint8_t *out, size_t out_len, uint8_t *in,
		     size_t in_len)
{
	int ret = 0;

	for (int try = 0; try < NACK_TRIES; try++) {
		ret = i2c->wire->transfer(i2c->wire, out, out_len, in, in_len);
		if (!ret) {
			wait_us(i2c, in_len ? i2c->guard_read_us : i2c->guard_write_us);
			break;
		}
		wait_us(i2c, GUARD_DEFAULT_US);
	}
	return ret;
}

static uint8_t address(uint32_t reg)
{
	switch (reg & TIS_REG_MASK) {
	case TIS_ACCESS:
		return I2C_ACCESS;
	case TIS_DID_VID:
		return I2C_DID_VID;
	case TIS_RID:
		return I2C_RID;
	default:
		return (uint8_t)reg;
	}
}

/* Bits that must be zero are: a read that was disturbed is seen here. */
static bool sane(uint8_t reg, const uint8_t *data)
{
	switch (reg) {
	case I2C_ACCESS:
		return !(data[0] & 0x48);
	case TIS_STS:
		return !(data[0] & TIS_STS_READ_ZERO);
	default:
		return true;
	}
}

static int read_register(struct tpmb_phy_i2c *i2c, uint8_t reg, uint8_t *data, size_t len)
{
	int ret = -EIO;

	for (int try = 0; try < SANE_TRIES; try++) {
		for (size_t done = 0; done < len; done += BLOCK_MAX) {
			size_t left = len - done;

			/* Two messages, each with its own start: the guard time lies between. */
			ret = until_ack(i2c, &reg, 1, NULL, 0);
			if (!ret)
				ret = until_ack(i2c, NULL, 0, data + done,
						left < BLOCK_MAX ? left : BLOCK_MAX);
			if (ret)
				return ret;
		}
		if (sane(reg, data))
			return 0;
		wait_us(i2c, GUARD_DEFAULT_US);
		ret = -EIO;
	}
	return ret;
}

static int write_register(struct tpmb_phy_i2c *i2c, uint8_t reg, const uint8_t *data, size_t len)
{
	uint8_t block[BLOCK_MAX];
	int ret = 0;

	block[0] = reg;
	for (size_t done = 0; done < len && !ret;) {
		size_t left = len - done;
		size_t part = left < BLOCK_MAX - 1 ? left : BLOCK_MAX - 1;

		memcpy(block + 1, data + done, part);
		ret = until_ack(i2c, block, part + 1, NULL, 0);
		done += part;
	}
	return ret;
}

static int tcg_read(struct tis_phy *phy, uint32_t reg, uint8_t *data, size_t len)
{
	return read_register((struct tpmb_phy_i2c *)phy, address(reg), data, len);
}

static int tcg_write(struct tis_phy *phy, uint32_t reg, const uint8_t *data, size_t len)
{
	return write_register((struct tpmb_phy_i2c *)phy, address(reg), data, len);
}

int tpmb_phy_i2c_init(struct tpmb_phy_i2c *i2c, const char *name, struct tpmb_i2c_wire *wire,
		      struct tpmb_clock *clock)
{
	static const struct tis_phy_ops ops = {
		.read = tcg_read,
		.write = tcg_write,
	};
	const uint8_t locality = 0;
	const uint8_t enable = 1;
	uint8_t cap[4];
	uint32_t value;
	int ret;

	*i2c = (struct tpmb_phy_i2c){
		.phy = {.ops = &ops,
			.flags = TIS_PHY_CSUM,
			.frame_bytes = BLOCK_MAX - 1,
			.name = name},
		.wire = wire,
		.clock = clock,
		.guard_read_us = GUARD_DEFAULT_US,
		.guard_write_us = GUARD_DEFAULT_US,
	};
	ret = read_register(i2c, I2C_CAPABILITY, cap, sizeof(cap));
	if (ret)
		return ret;
	value = cap[0] | (uint32_t)cap[1] << 8 | (uint32_t)cap[2] << 16 | (uint32_t)cap[3] << 24;
	i2c->guard_read_us = value & CAP_GUARD_AFTER_READ ? CAP_GUARD_US(value) : 0;
	i2c->guard_write_us = value & CAP_GUARD_AFTER_WRITE ? CAP_GUARD_US(value) : 0;
	ret = write_register(i2c, I2C_LOC_SEL, &locality, 1);
	return ret ? ret : write_register(i2c, I2C_CSUM_ENABLE, &enable, 1);
}

/* ---- Nuvoton ------------------------------------------------------------------------ */

static bool is_fifo(uint32_t reg)
{
	return reg == NUVOTON_FIFO_R || reg == NUVOTON_FIFO_W;
}

static int nuvoton_read(struct tis_phy *phy, uint32_t reg, uint8_t *data, size_t len)
{
	struct tpmb_phy_i2c *i2c = (struct tpmb_phy_i2c *)phy;
	int ret = 0;

	for (size_t done = 0; done < len && !ret; done += BLOCK_MAX) {
		size_t left = len - done;
		uint8_t at = (uint8_t)(is_fifo(reg) ? reg : reg + done);

		ret = i2c->wire->transfer(i2c->wire, &at, 1, data + done,
					  left < BLOCK_MAX ? left : BLOCK_MAX);
	}
	return ret;
}

static int nuvoton_write(struct tis_phy *phy, uint32_t reg, const uint8_t *data, size_t len)
{
	struct tpmb_phy_i2c *i2c = (struct tpmb_phy_i2c *)phy;
	uint8_t block[1 + BLOCK_MAX];
	int ret = 0;

	for (size_t done = 0; done < len && !ret; done += BLOCK_MAX) {
		size_t left = len - done;
		size_t part = left < BLOCK_MAX ? left : BLOCK_MAX;

		block[0] = (uint8_t)(is_fifo(reg) ? reg : reg + done);
		memcpy(block + 1, data + done, part);
		ret = i2c->wire->transfer(i2c->wire, block, part + 1, NULL, 0);
	}
	return ret;
}

void tpmb_phy_i2c_nuvoton_init(struct tpmb_phy_i2c *i2c, const char *name,
			       struct tpmb_i2c_wire *wire, struct tpmb_clock *clock)
{
	static const struct tis_phy_ops ops = {
		.read = nuvoton_read,
		.write = nuvoton_write,
	};

	*i2c = (struct tpmb_phy_i2c){
		.phy = {.ops = &ops, .frame_bytes = BLOCK_MAX, .name = name},
		.wire = wire,
		.clock = clock,
	};
}
