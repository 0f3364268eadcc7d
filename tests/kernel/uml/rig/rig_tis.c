// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* A phy of tpm_tis_core: LPC, SPI and I2C differ in what the bus model makes them cost. */
#include <linux/err.h>
#include <linux/platform_device.h>
#include <linux/string.h>

#include "tpm.h"
#include "tpm_tis_core.h"

#include "crc.h"
#include "rig.h"

static struct tpm_tis_data tis_data;

static int read_bytes(struct tpm_tis_data *data, u32 addr, u16 len, u8 *result,
		      enum tpm_tis_io_mode mode)
{
	return rig_read(addr, result, len);
}

static int write_bytes(struct tpm_tis_data *data, u32 addr, u16 len, const u8 *value,
		       enum tpm_tis_io_mode mode)
{
	return rig_write(addr, value, len);
}

/* As tpm_tis_i2c has it. */
static int verify_crc(struct tpm_tis_data *data, size_t len, const u8 *value)
{
	u16 crc = tpmb_crc16(value, len);
	u8 csum[2];
	int rc;

	rc = rig_read(TIS_DATA_CSUM, csum, sizeof(csum));
	if (rc < 0)
		return rc;
	return csum[0] == crc >> 8 && csum[1] == (crc & 0xff) ? 0 : -EIO;
}

int rig_tis_register(void)
{
	static struct tpm_tis_phy_ops ops = {
		.read_bytes = read_bytes,
		.write_bytes = write_bytes,
	};
	struct platform_device *pdev;

#ifdef TPM_TIS_PHY_STALLS
	if (rig.sim.phy.flags & TIS_PHY_STALLS)
		ops.flags = TPM_TIS_PHY_STALLS;
#endif
	if (rig.profile->chip.csum)
		ops.verify_crc = verify_crc;
	pdev = platform_device_register_simple("tpmb_rig", PLATFORM_DEVID_NONE, NULL, 0);
	if (IS_ERR(pdev))
		return PTR_ERR(pdev);
	return tpm_tis_core_init(&pdev->dev, &tis_data, -1, &ops, NULL);
}
