// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <string.h>

#include "sim_tpm.h"

static uint64_t chip_now(void *arg)
{
	return tpmb_clock_now_ns(((struct tpmb_sim_tpm *)arg)->clock);
}

static void chip_stall(void *arg, uint64_t ns)
{
	tpmb_clock_sleep_ns(((struct tpmb_sim_tpm *)arg)->clock, ns);
}

static uint32_t chip_execute(void *arg, uint8_t locality, const uint8_t *cmd, uint32_t cmd_len,
			     uint8_t *rsp)
{
	const struct tpmb_chip_exec *exec = &((struct tpmb_sim_tpm *)arg)->exec;

	return exec->execute(exec->arg, locality, cmd, cmd_len, rsp);
}

static void chip_reset(void *arg)
{
	const struct tpmb_chip_exec *exec = &((struct tpmb_sim_tpm *)arg)->exec;

	if (exec->reset)
		exec->reset(exec->arg);
}

int tpmb_sim_tpm_init(struct tpmb_sim_tpm *sim, const struct tpmb_profile *profile,
		      const struct tpmb_policy *policy, const struct tpmb_chip_exec *exec,
		      struct tpmb_clock *clock,
		      struct tis_phy *(*wrap)(void *arg, struct tis_phy *phy), void *wrap_arg)
{
	static const struct tpmb_chip_ops ops = {
		.now_ns = chip_now,
		.stall_ns = chip_stall,
		.execute = chip_execute,
		.reset = chip_reset,
	};
	struct tis_phy *phy;

	memset(sim, 0, sizeof(*sim));
	sim->profile = *profile;
	sim->exec = *exec;
	tpmb_virtual_clock_init(&sim->own_clock);
	sim->clock = clock ? clock : &sim->own_clock.clock;
	tpmb_chip_init(&sim->chip, &sim->profile.chip, &ops, sim);
	tpmb_sim_phy_init(&sim->phy, sim->profile.name, &sim->profile.bus, sim->clock, &sim->chip);
	phy = wrap ? wrap(wrap_arg, &sim->phy.phy) : &sim->phy.phy;
	if (profile->chip.map == TPMB_CHIP_NUVOTON)
		return tpmb_nuvoton_init(&sim->nuvoton, phy, sim->clock, policy,
					 profile->chip.tpm2);
	return tpmb_tis_init(&sim->tis, phy, sim->clock, policy, profile->chip.tpm2);
}

int tpmb_sim_tpm_transmit(struct tpmb_sim_tpm *sim, const uint8_t *cmd, size_t cmd_len,
			  uint8_t *rsp, size_t *rsp_len)
{
	if (sim->profile.chip.map == TPMB_CHIP_NUVOTON)
		return tpmb_nuvoton_transmit(&sim->nuvoton, cmd, cmd_len, rsp, rsp_len);
	return tpmb_tis_transmit(&sim->tis, cmd, cmd_len, rsp, rsp_len);
}

uint64_t tpmb_sim_tpm_sleeps(const struct tpmb_sim_tpm *sim)
{
	return sim->profile.chip.map == TPMB_CHIP_NUVOTON ? sim->nuvoton.timer.sleeps
							  : sim->tis.timer.sleeps;
}

static uint64_t larger(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

struct tpmb_limit tpmb_sim_limit(const struct tpmb_profile *profile, size_t cmd_len, size_t rsp_len,
				 uint64_t exec_ns)
{
	const struct tpmb_chip_profile *chip = &profile->chip;
	const struct tpmb_bus *bus = &profile->bus;
	uint64_t chip_in = (uint64_t)cmd_len * chip->write_byte_ns;
	/* What a chip fetches while the bus is busy with a byte costs nothing; a stall comes on
	 * top. */
	uint64_t chip_out =
		(uint64_t)rsp_len * (chip->read_byte_ns + (chip->read_stalls ? bus->byte_ns : 0));
	struct tpmb_limit limit;

	limit.payload_ns = larger((uint64_t)cmd_len * bus->byte_ns, chip_in) +
			   larger((uint64_t)rsp_len * bus->byte_ns, chip_out) + exec_ns;
	limit.least_ns = larger(tpmb_bus_wire_ns(bus, true, cmd_len), chip_in) +
			 larger(tpmb_bus_wire_ns(bus, false, rsp_len), chip_out) + exec_ns;
	limit.least_ns += 2 * tpmb_bus_wire_ns(bus, true, 1) + tpmb_bus_wire_ns(bus, false, 1);
	if (chip->csum)
		limit.least_ns += 2 * tpmb_bus_wire_ns(bus, false, 2);
	return limit;
}
