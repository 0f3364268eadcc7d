/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The bus to a simulated chip: register accesses take the time that their
 * bytes and frames take on the wire.
 *
 *   lpc          one byte a cycle, no frames; the chip can hold the bus
 *   spi          TIS on SPI: 4 header bytes and at most 64 of data a frame
 *   i2c          TCG's I2C: address and register written, then address and
 *                data read; 31 data bytes a written frame, 32 a read one
 *   i2c-nuvoton  SMBus blocks: address, register, [address again,] at most 32 bytes
 */
#ifndef TPMB_SIM_PHY_H
#define TPMB_SIM_PHY_H

#include "chip.h"
#include "clock.h"
#include "tis_phy.h"

enum tpmb_bus_type {
	TPMB_BUS_LPC,
	TPMB_BUS_SPI,
	TPMB_BUS_I2C,
	TPMB_BUS_I2C_NUVOTON,
};

struct tpmb_bus {
	enum tpmb_bus_type type;
	uint32_t byte_ns;  /* of one byte on the wire, acknowledge bits included */
	uint32_t frame_ns; /* on top, for each frame: start and stop, the controller's set-up */
};

struct tpmb_sim_phy {
	struct tis_phy phy;
	const struct tpmb_bus *bus;
	struct tpmb_clock *clock;
	struct tpmb_chip *chip;
	uint64_t accesses; /* register reads and writes so far */
	uint64_t frames;
	uint64_t wire_ns; /* time of bytes and frames, without stalls */
};

/* Everything pointed to must outlive @phy. */
void tpmb_sim_phy_init(struct tpmb_sim_phy *phy, const char *name, const struct tpmb_bus *bus,
		       struct tpmb_clock *clock, struct tpmb_chip *chip);

/*
 * Wire time of moving @len bytes to or from one register in as few frames as
 * the bus allows, in nanoseconds.
 */
uint64_t tpmb_bus_wire_ns(const struct tpmb_bus *bus, bool write, size_t len);

#endif
