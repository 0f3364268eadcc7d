// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <string.h>

#include "fault_phy.h"

/* The longest that VALID or the burst count stays 0, in accesses. */
#define STUCK_MAX 3000u

static uint32_t random_u32(struct tpmb_fault_phy *fault)
{
	uint64_t x = fault->random;

	x ^= x >> 12;
	x ^= x << 25;
	x ^= x >> 27;
	fault->random = x;
	return (uint32_t)(x * 0x2545f4914f6cdd1dull >> 32);
}

static uint32_t random_below(struct tpmb_fault_phy *fault, uint32_t bound)
{
	return (uint32_t)((uint64_t)random_u32(fault) * bound >> 32);
}

static bool happens(struct tpmb_fault_phy *fault, enum tpmb_fault kind)
{
	uint32_t one_in = fault->one_in[kind];

	if (!fault->armed || !one_in || random_below(fault, one_in))
		return false;
	fault->count[kind]++;
	return true;
}

static bool nuvoton(const struct tpmb_fault_phy *fault)
{
	return fault->chip->profile->map == TPMB_CHIP_NUVOTON;
}

static bool is_status(const struct tpmb_fault_phy *fault, uint32_t reg)
{
	return nuvoton(fault) ? reg == NUVOTON_STS : (reg & TIS_REG_MASK) == TIS_STS;
}

static bool may_flip(const struct tpmb_fault_phy *fault, uint32_t reg)
{
	bool fifo = nuvoton(fault) ? reg == NUVOTON_FIFO_W || reg == NUVOTON_FIFO_R
				   : (reg & TIS_REG_MASK) == TIS_DATA_FIFO;

	return !fifo || fault->phy.flags & TIS_PHY_CSUM;
}

static void flip(struct tpmb_fault_phy *fault, uint8_t *data, size_t len)
{
	uint32_t bit = random_below(fault, (uint32_t)len * 8);

	data[bit / 8] ^= (uint8_t)(1u << bit % 8);
}

/* What happens to the chip whatever the access is. */
static void strike(struct tpmb_fault_phy *fault)
{
	if (!fault->was_reset && happens(fault, TPMB_FAULT_RESET)) {
		fault->was_reset = true;
		tpmb_chip_reset(fault->chip);
	}
	if (!fault->stuck_left && happens(fault, TPMB_FAULT_VALID_STUCK))
		fault->stuck_left = 1 + random_below(fault, STUCK_MAX);
	if (!fault->zero_left && happens(fault, TPMB_FAULT_BURST_ZERO))
		fault->zero_left = 1 + random_below(fault, STUCK_MAX);
}

static int fault_read(struct tis_phy *phy, uint32_t reg, uint8_t *data, size_t len)
{
	struct tpmb_fault_phy *fault = (struct tpmb_fault_phy *)phy;
	int ret;

	strike(fault);
	ret = fault->inner->ops->read(fault->inner, reg, data, len);
	if (ret)
		return ret;
	if (happens(fault, TPMB_FAULT_NACK))
		return -ENXIO;
	if (fault->stuck_left && is_status(fault, reg)) {
		fault->stuck_left--;
		data[0] = (uint8_t)(data[0] & ~TIS_STS_VALID);
	}
	if (fault->zero_left) {
		if (nuvoton(fault) ? reg == NUVOTON_BURST_COUNT
				   : is_status(fault, reg) && len >= 3) {
			fault->zero_left--;
			if (nuvoton(fault))
				data[0] = 0;
			else
				data[1] = data[2] = 0;
		}
	}
	if (may_flip(fault, reg) && happens(fault, TPMB_FAULT_FLIP))
		flip(fault, data, len);
	return 0;
}

static int fault_write(struct tis_phy *phy, uint32_t reg, const uint8_t *data, size_t len)
{
	struct tpmb_fault_phy *fault = (struct tpmb_fault_phy *)phy;
	uint8_t copy[TPMB_CHIP_BUFFER_SIZE];
	bool nack;
	int ret;

	strike(fault);
	nack = happens(fault, TPMB_FAULT_NACK);
	if (nack && random_below(fault, 2))
		return -ENXIO;
	if (may_flip(fault, reg) && len <= sizeof(copy) && happens(fault, TPMB_FAULT_FLIP)) {
		memcpy(copy, data, len);
		flip(fault, copy, len);
		data = copy;
	}
	ret = fault->inner->ops->write(fault->inner, reg, data, len);
	/* The chip has it, and yet the bus reports a failure. */
	return nack ? -ENXIO : ret;
}

void tpmb_fault_phy_init(struct tpmb_fault_phy *fault, struct tis_phy *inner,
			 struct tpmb_chip *chip, uint64_t seed)
{
	static const struct tis_phy_ops ops = {
		.read = fault_read,
		.write = fault_write,
	};

	memset(fault, 0, sizeof(*fault));
	fault->phy = *inner;
	fault->phy.ops = &ops;
	fault->inner = inner;
	fault->chip = chip;
	/* Neighbouring seeds must not start alike; never 0. */
	fault->random = (seed + 1) * 0x9e3779b97f4a7c15ull | 1;
	for (int i = 0; i < 4; i++)
		random_u32(fault);
	/* A run has some kinds of faults, from hardly ever to every few accesses. */
	for (int i = 0; i < TPMB_FAULT_COUNT; i++)
		if (!random_below(fault, 2))
			fault->one_in[i] = 1u << (3 + random_below(fault, 8));
	/* A bus that turns every eighth status over is none: what is polled for comes by chance. */
	fault->one_in[TPMB_FAULT_FLIP] *= 4;
	if (fault->one_in[TPMB_FAULT_RESET])
		fault->one_in[TPMB_FAULT_RESET] = 200;
}
