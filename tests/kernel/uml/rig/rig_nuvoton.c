// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* An I2C adapter with one chip on it, for the kernel's tpm_i2c_nuvoton. */
#include <linux/err.h>
#include <linux/i2c.h>
#include <linux/module.h>

#include "rig.h"

#define CHIP_ADDRESS 0x57

/* Every so many writes to the FIFO one is not acknowledged, and does not reach the chip. */
static unsigned int fail_write;
module_param(fail_write, uint, 0600);

static unsigned int fifo_writes;

static s32 xfer(struct i2c_adapter *adapter, u16 address, unsigned short flags, char read_write,
		u8 command, int size, union i2c_smbus_data *data)
{
	if (address != CHIP_ADDRESS)
		return -ENXIO;
	if (size != I2C_SMBUS_I2C_BLOCK_DATA)
		return -EOPNOTSUPP;
	/* block[0] is the length. */
	if (read_write == I2C_SMBUS_READ)
		return rig_read(command, data->block + 1, data->block[0]);
	if (command == NUVOTON_FIFO_W && fail_write && ++fifo_writes % fail_write == 0)
		return -ENXIO;
	return rig_write(command, data->block + 1, data->block[0]);
}

static u32 functionality(struct i2c_adapter *adapter)
{
	return I2C_FUNC_SMBUS_BYTE_DATA | I2C_FUNC_SMBUS_I2C_BLOCK;
}

static const struct i2c_algorithm algorithm = {
	.smbus_xfer = xfer,
	.functionality = functionality,
};

static struct i2c_adapter adapter = {
	.owner = THIS_MODULE,
	.name = "tpmb_rig",
	.algo = &algorithm,
	/* A bus that fails, fails: the drivers' own retries are what is looked at. */
	.retries = 0,
};

int rig_nuvoton_register(void)
{
	struct i2c_board_info info = {
		.addr = CHIP_ADDRESS,
	};
	struct i2c_client *client;
	int rc;

	strscpy(info.type, rig.profile->chip.tpm2 ? "tpm2_i2c_nuvoton" : "tpm_i2c_nuvoton",
		sizeof(info.type));
	rc = i2c_add_adapter(&adapter);
	if (rc)
		return rc;
	client = i2c_new_client_device(&adapter, &info);
	return PTR_ERR_OR_ZERO(client);
}
