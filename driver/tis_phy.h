/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * How a driver reaches the registers of a TPM. The same drivers run over a
 * simulated chip, over spidev, and over i2c-dev.
 */
#ifndef TPMB_TIS_PHY_H
#define TPMB_TIS_PHY_H

#include <stddef.h>
#include <stdint.h>

struct tis_phy;

struct tis_phy_ops {
	/*
	 * Reads or writes @len bytes from @reg on. A FIFO register stays where
	 * it is, others count up. @reg is the map's own: TIS_REG(locality) +
	 * register, or a Nuvoton register. Returns 0, or a negative errno when
	 * the bus fails or the chip does not acknowledge.
	 */
	int (*read)(struct tis_phy *phy, uint32_t reg, uint8_t *data, size_t len);
	int (*write)(struct tis_phy *phy, uint32_t reg, const uint8_t *data, size_t len);
};

enum {
	/* The chip can hold the bus: more than the burst count may be written, and waits. */
	TIS_PHY_STALLS = 1 << 0,
	/* TPM_DATA_CSUM exists and is enabled. */
	TIS_PHY_CSUM = 1 << 1,
};

/* First member of each implementation's own structure. Used by one task at a time. */
struct tis_phy {
	const struct tis_phy_ops *ops;
	unsigned int flags;
	uint32_t frame_bytes; /* the most data bytes that one frame carries; 0: no frames */
	const char *name;     /* for messages; owned by the implementation */
};

#endif
