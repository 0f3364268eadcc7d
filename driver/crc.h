/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The checksum of a command or response in TPM_DATA_CSUM (TCG PC Client
 * Platform TPM Profile 1.05, I2C interface): CRC-16/KERMIT. The chip and the
 * driver share it as they would share a polynomial.
 */
#ifndef TPMB_CRC_H
#define TPMB_CRC_H

#ifdef __KERNEL__
#include <linux/types.h>
#else
#include <stddef.h>
#include <stdint.h>
#endif

static inline uint16_t tpmb_crc16(const uint8_t *data, size_t len)
{
	uint16_t crc = 0;

	for (size_t i = 0; i < len; i++) {
		crc = (uint16_t)(crc ^ data[i]);
		for (int bit = 0; bit < 8; bit++)
			crc = (uint16_t)(crc & 1 ? crc >> 1 ^ 0x8408 : crc >> 1);
	}
	return crc;
}

#endif
