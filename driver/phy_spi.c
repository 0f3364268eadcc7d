// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <string.h>

#include "phy_spi.h"

#define HEADER	   4u
#define DATA_MAX   64u
#define READ	   0x80u
#define TIS_BASE   0xd4u /* of the 24-bit address: 0xd4xxxx */
#define WAIT_BYTES 50	 /* wait states, in bytes, before the chip is given up; as Linux */

/* One frame. The chip may insert wait states after the header: zeros until it is ready. */
static int frame(struct tpmb_spi_wire *wire, uint32_t reg, bool write, uint8_t *data, size_t len)
{
	const uint8_t header[HEADER] = {
		(uint8_t)((write ? 0 : READ) | (len - 1)),
		TIS_BASE,
		(uint8_t)(reg >> 8),
		(uint8_t)reg,
	};
	static const uint8_t zeros[DATA_MAX];
	uint8_t in[HEADER];
	uint8_t ready;
	int ret = wire->transfer(wire, header, in, HEADER, true);

	if (ret)
		return ret;
	ready = in[HEADER - 1];
	for (int i = 0; !(ready & 1); i++) {
		if (i == WAIT_BYTES) {
			/* Lets go of chip select. */
			wire->transfer(wire, zeros, in, 1, false);
			return -ETIMEDOUT;
		}
		ret = wire->transfer(wire, zeros, &ready, 1, true);
		if (ret)
			return ret;
	}
	return wire->transfer(wire, write ? data : zeros, write ? NULL : data, len, false);
}

static bool is_fifo(uint32_t reg)
{
	return (reg & 0xfff) == 0x024;
}

static int transfer(struct tis_phy *phy, uint32_t reg, bool write, uint8_t *data, size_t len)
{
	struct tpmb_spi_wire *wire = ((struct tpmb_phy_spi *)phy)->wire;
	int ret = 0;

	for (size_t done = 0; done < len && !ret; done += DATA_MAX) {
		size_t left = len - done;

		ret = frame(wire, is_fifo(reg) ? reg : reg + (uint32_t)done, write, data + done,
			    left < DATA_MAX ? left : DATA_MAX);
	}
	return ret;
}

static int spi_read(struct tis_phy *phy, uint32_t reg, uint8_t *data, size_t len)
{
	return transfer(phy, reg, false, data, len);
}

static int spi_write(struct tis_phy *phy, uint32_t reg, const uint8_t *data, size_t len)
{
	/* Only read from: frame() moves data one way or the other. */
	return transfer(phy, reg, true, (uint8_t *)(uintptr_t)data, len);
}

void tpmb_phy_spi_init(struct tpmb_phy_spi *spi, const char *name, struct tpmb_spi_wire *wire)
{
	static const struct tis_phy_ops ops = {
		.read = spi_read,
		.write = spi_write,
	};

	*spi = (struct tpmb_phy_spi){
		.phy = {.ops = &ops, .frame_bytes = DATA_MAX, .name = name},
		.wire = wire,
	};
}
