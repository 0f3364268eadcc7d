// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <linux/spi/spidev.h>

#include "lib_private.h"
#include "phy_spi.h"

struct spidev {
	struct tpmb_spi_wire wire;
	int fd;
	uint32_t speed_hz;
};

static int spidev_transfer(struct tpmb_spi_wire *wire, const uint8_t *tx, uint8_t *rx, size_t len,
			   bool keep)
{
	struct spidev *dev = (struct spidev *)wire;
	struct spi_ioc_transfer transfer = {
		.tx_buf = (uintptr_t)tx,
		.rx_buf = (uintptr_t)rx,
		.len = (uint32_t)len,
		.speed_hz = dev->speed_hz,
		.bits_per_word = 8,
		/* For the last transfer of a message: leave chip select active. */
		.cs_change = keep,
	};

	return ioctl(dev->fd, SPI_IOC_MESSAGE(1), &transfer) < 0 ? -errno : 0;
}

static void spidev_close(struct tpmb_spi_wire *wire)
{
	close(((struct spidev *)wire)->fd);
	free(wire);
}

int tpmb_spidev_open(const char *path, uint32_t speed_hz, struct tpmb_spi_wire **wire)
{
	struct spidev *dev = calloc(1, sizeof(*dev));
	uint8_t mode = SPI_MODE_0;
	int ret;

	if (!dev)
		return -ENOMEM;
	dev->wire.transfer = spidev_transfer;
	dev->wire.close = spidev_close;
	dev->speed_hz = speed_hz;
	dev->fd = open(path, O_RDWR | O_CLOEXEC);
	if (dev->fd < 0 || ioctl(dev->fd, SPI_IOC_WR_MODE, &mode) < 0 ||
	    ioctl(dev->fd, SPI_IOC_WR_MAX_SPEED_HZ, &speed_hz) < 0) {
		ret = -errno;
		tpmb_msg("%s: spidev: %s", path, strerror(-ret));
		if (dev->fd >= 0)
			close(dev->fd);
		free(dev);
		return ret;
	}
	*wire = &dev->wire;
	return 0;
}
