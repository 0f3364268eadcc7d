// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <linux/i2c-dev.h>
#include <linux/i2c.h>

#include "lib_private.h"
#include "phy_i2c.h"

struct i2cdev {
	struct tpmb_i2c_wire wire;
	int fd;
	uint16_t address;
};

static int i2cdev_transfer(struct tpmb_i2c_wire *wire, const uint8_t *out, size_t out_len,
			   uint8_t *in, size_t in_len)
{
	struct i2cdev *dev = (struct i2cdev *)wire;
	struct i2c_msg messages[2];
	struct i2c_rdwr_ioctl_data data = {.msgs = messages};

	if (out_len)
		messages[data.nmsgs++] = (struct i2c_msg){
			.addr = dev->address,
			.len = (uint16_t)out_len,
			/* Only read from. */
			.buf = (uint8_t *)(uintptr_t)out,
		};
	if (in_len)
		messages[data.nmsgs++] = (struct i2c_msg){
			.addr = dev->address,
			.flags = I2C_M_RD,
			.len = (uint16_t)in_len,
			.buf = in,
		};
	return ioctl(dev->fd, I2C_RDWR, &data) < 0 ? -errno : 0;
}

static void i2cdev_close(struct tpmb_i2c_wire *wire)
{
	close(((struct i2cdev *)wire)->fd);
	free(wire);
}

int tpmb_i2cdev_open(const char *path, uint16_t address, struct tpmb_i2c_wire **wire)
{
	struct i2cdev *dev = calloc(1, sizeof(*dev));
	int ret;

	if (!dev)
		return -ENOMEM;
	dev->wire.transfer = i2cdev_transfer;
	dev->wire.close = i2cdev_close;
	dev->address = address;
	dev->fd = open(path, O_RDWR | O_CLOEXEC);
	if (dev->fd < 0) {
		ret = -errno;
		tpmb_msg("%s: i2c-dev: %s", path, strerror(-ret));
		free(dev);
		return ret;
	}
	*wire = &dev->wire;
	return 0;
}
