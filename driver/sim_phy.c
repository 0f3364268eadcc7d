// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>

#include "sim_phy.h"

/* What a frame carries besides data, and how much data it takes. */
struct framing {
	size_t write_head; /* bytes before the data of a written frame */
	size_t read_head;
	size_t write_max;
	size_t read_max;
	unsigned int read_frames; /* starts, stops and set-ups of a read */
};

static const struct framing framings[] = {
	[TPMB_BUS_LPC] = {0, 0, SIZE_MAX, SIZE_MAX, 1},
	[TPMB_BUS_SPI] = {4, 4, 64, 64, 1},
	[TPMB_BUS_I2C] = {2, 3, 31, 32, 2},
	[TPMB_BUS_I2C_NUVOTON] = {2, 3, 32, 32, 1},
};

uint64_t tpmb_bus_wire_ns(const struct tpmb_bus *bus, bool write, size_t len)
{
	const struct framing *f = &framings[bus->type];
	size_t max = write ? f->write_max : f->read_max;
	size_t frames = len / max + (len % max ? 1 : 0);
	size_t head = write ? f->write_head : f->read_head;
	uint64_t starts = (uint64_t)frames * (write ? 1 : f->read_frames);

	return (uint64_t)(len + frames * head) * bus->byte_ns + starts * bus->frame_ns;
}

static void pass(struct tpmb_sim_phy *sim, uint64_t ns)
{
	sim->wire_ns += ns;
	tpmb_clock_sleep_ns(sim->clock, ns);
}

static bool stays(const struct tpmb_sim_phy *sim, uint32_t reg)
{
	if (sim->bus->type == TPMB_BUS_I2C_NUVOTON)
		return reg == NUVOTON_FIFO_R || reg == NUVOTON_FIFO_W;
	return (reg & TIS_REG_MASK) == TIS_DATA_FIFO;
}

/*
 * Time of a frame's head passes first, then that of each byte: the chip sees a
 * written byte when it has arrived, and decides on a read byte when it leaves.
 */
static int sim_transfer(struct tpmb_sim_phy *sim, bool write, uint32_t reg, uint8_t *in,
			const uint8_t *out, size_t len)
{
	const struct framing *f = &framings[sim->bus->type];
	size_t max = write ? f->write_max : f->read_max;
	size_t head = write ? f->write_head : f->read_head;
	bool acknowledges =
		sim->bus->type == TPMB_BUS_I2C || sim->bus->type == TPMB_BUS_I2C_NUVOTON;

	sim->accesses++;
	for (size_t i = 0; i < len; i++) {
		uint32_t at = stays(sim, reg) ? reg : reg + (uint32_t)i;

		if (i % max == 0) {
			sim->frames++;
			pass(sim,
			     (uint64_t)head * sim->bus->byte_ns +
				     (uint64_t)(write ? 1 : f->read_frames) * sim->bus->frame_ns);
			if (acknowledges && !tpmb_chip_present(sim->chip))
				return -ENXIO;
		}
		if (write) {
			pass(sim, sim->bus->byte_ns);
			tpmb_chip_write(sim->chip, at, out[i]);
		} else {
			in[i] = tpmb_chip_read(sim->chip, at);
			pass(sim, sim->bus->byte_ns);
		}
	}
	return 0;
}

static int sim_read(struct tis_phy *phy, uint32_t reg, uint8_t *data, size_t len)
{
	return sim_transfer((struct tpmb_sim_phy *)phy, false, reg, data, NULL, len);
}

static int sim_write(struct tis_phy *phy, uint32_t reg, const uint8_t *data, size_t len)
{
	return sim_transfer((struct tpmb_sim_phy *)phy, true, reg, NULL, data, len);
}

void tpmb_sim_phy_init(struct tpmb_sim_phy *sim, const char *name, const struct tpmb_bus *bus,
		       struct tpmb_clock *clock, struct tpmb_chip *chip)
{
	static const struct tis_phy_ops ops = {
		.read = sim_read,
		.write = sim_write,
	};
	const struct framing *f = &framings[bus->type];

	*sim = (struct tpmb_sim_phy){
		.phy = {.ops = &ops, .name = name},
		.bus = bus,
		.clock = clock,
		.chip = chip,
	};
	sim->phy.frame_bytes = f->write_max == SIZE_MAX ? 0 : (uint32_t)f->write_max;
	if (bus->type == TPMB_BUS_LPC)
		sim->phy.flags |= TIS_PHY_STALLS;
	if (chip->profile->csum)
		sim->phy.flags |= TIS_PHY_CSUM;
}
