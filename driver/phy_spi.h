/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * TIS registers over SPI: frames of 4 header bytes and at most 64 of data, and
 * the wait states of the TCG PC Client Platform TPM Profile ("SPI flow
 * control"). What moves the bytes is behind an interface: spidev on a board.
 */
#ifndef TPMB_PHY_SPI_H
#define TPMB_PHY_SPI_H

#include <stdbool.h>

#include "tis_phy.h"

/* First member of each implementation's own structure. */
struct tpmb_spi_wire {
	/*
	 * Moves @len bytes in both directions at once, with chip select active,
	 * and lets it stay active afterwards when @keep. @rx may be NULL.
	 */
	int (*transfer)(struct tpmb_spi_wire *wire, const uint8_t *tx, uint8_t *rx, size_t len,
			bool keep);
	void (*close)(struct tpmb_spi_wire *wire);
};

struct tpmb_phy_spi {
	struct tis_phy phy;
	struct tpmb_spi_wire *wire;
};

/* @wire and @name must outlive @spi. */
void tpmb_phy_spi_init(struct tpmb_phy_spi *spi, const char *name, struct tpmb_spi_wire *wire);

/*
 * Opens a spidev device, mode 0, at @speed_hz. -ENOMEM, and errors of open(2) and
 * ioctl(2), with a message. Ended by its close().
 */
int tpmb_spidev_open(const char *path, uint32_t speed_hz, struct tpmb_spi_wire **wire);

#endif
