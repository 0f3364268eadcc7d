/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * TPM registers over I2C, both kinds: the I2C interface of the TCG PC Client
 * Platform TPM Profile, whose registers lie elsewhere than those of TIS, and
 * Nuvoton's own map. What moves the bytes is behind an interface: i2c-dev.
 */
#ifndef TPMB_PHY_I2C_H
#define TPMB_PHY_I2C_H

#include "clock.h"
#include "tis_phy.h"

/* First member of each implementation's own structure. */
struct tpmb_i2c_wire {
	/*
	 * Writes @out_len bytes, then, after a repeated start, reads @in_len;
	 * either may be 0. -ENXIO or -EREMOTEIO where the chip does not
	 * acknowledge.
	 */
	int (*transfer)(struct tpmb_i2c_wire *wire, const uint8_t *out, size_t out_len, uint8_t *in,
			size_t in_len);
	void (*close)(struct tpmb_i2c_wire *wire);
};

struct tpmb_phy_i2c {
	struct tis_phy phy;
	struct tpmb_i2c_wire *wire;
	struct tpmb_clock *clock;
	uint32_t guard_read_us; /* to wait after a read, and after a write */
	uint32_t guard_write_us;
};

/*
 * TCG's interface: reads the guard time, selects locality 0 and enables the
 * checksum. Everything pointed to must outlive @i2c. Errors of the wire.
 */
int tpmb_phy_i2c_init(struct tpmb_phy_i2c *i2c, const char *name, struct tpmb_i2c_wire *wire,
		      struct tpmb_clock *clock);
/* Nuvoton's map. */
void tpmb_phy_i2c_nuvoton_init(struct tpmb_phy_i2c *i2c, const char *name,
			       struct tpmb_i2c_wire *wire, struct tpmb_clock *clock);

/*
 * Opens an i2c-dev device for the chip at @address (7 bits). -ENOMEM, and errors of
 * open(2), with a message. Ended by its close().
 */
int tpmb_i2cdev_open(const char *path, uint16_t address, struct tpmb_i2c_wire **wire);

#endif
