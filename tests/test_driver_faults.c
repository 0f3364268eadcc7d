// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Drivers on a bus that fails (driver/fault_phy.h says how). For each seed:
 * every command ends in its response or in an error, in bounded time, and
 * afterwards the PCR holds each extend that succeeded once, and the one that
 * failed once or not at all.
 *
 *   test_driver_faults [FIRST [COUNT]]
 *
 * runs seeds FIRST on, with every message; a failing seed is printed.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "chip_tpm.h"
#include "extend_run.h"
#include "fault_phy.h"
#include "lib_private.h"

#define SEEDS_DEFAULT 10000
#define EXTENDS	      12
/*
 * Of one command, in virtual time: 50 tries of linux-6.12's send() on Nuvoton,
 * each of which may wait timeout B and more, and what follows; far from it in
 * most.
 */
#define BOUND_NS (300ull * 1000000000)

#define CHIPS 8
static const char *const chips_20[CHIPS] = {
	"slb9670-spi", "slb9665-lpc",	  "npct650-i2c-400k", "slb9673-i2c-400k",
	"rig-burst64", "quirk-lpc-drops", "quirk-st-ones",    "quirk-slb9670-valid-stuck",
};
static const char *const chips_12[CHIPS] = {
	"infineon-tpm12-lpc",	  "quirk-tpm12-burst-zero", "infineon-tpm12-lpc",
	"quirk-tpm12-burst-zero", "infineon-tpm12-lpc",	    "quirk-tpm12-burst-zero",
	"infineon-tpm12-lpc",	  "quirk-tpm12-burst-zero",
};

/*
 * Mostly ours; the kernel's own driver has the same duty, and fulfils it but for
 * the bug in tpm_i2c_nuvoton that makes a resend go on in mid-command.
 */
static const char *const policies[] = {"tpmbatch", "tpmbatch", "tpmbatch",
				       "linux-6.12-nuvoton_resume"};

static struct {
	uint64_t seeds;
	uint64_t extends;
	uint64_t errors;
	uint64_t executed_errors; /* the extend had happened all the same */
	uint64_t late;		  /* ... or was still to happen when the error came back */
	uint64_t resends;
	uint64_t rereads;
	uint64_t faults[TPMB_FAULT_COUNT];
	uint64_t longest_ns;
} total;

static struct tis_phy *wrap(void *arg, struct tis_phy *phy)
{
	struct tpmb_fault_phy *fault = arg;

	/* The chip is the simulator's; see run_seed(). */
	tpmb_fault_phy_init(fault, phy, fault->chip, fault->random);
	return &fault->phy;
}

static void repair(struct tpmb_fault_phy *fault)
{
	fault->armed = false;
	fault->stuck_left = 0;
	fault->zero_left = 0;
}

static int run_seed(uint64_t seed, const struct tpmb_chip_exec *exec,
		    const struct tpmb_profile *profiles, struct tpmb_extend_run *run)
{
	static struct tpmb_sim_tpm sim;
	static struct tpmb_fault_phy fault;
	struct tpmb_profile profile = profiles[seed % CHIPS];
	struct tpmb_policy policy;
	int ret;

	/* Linux gives up on a chip without a burst count, faults or not. */
	ret = tpmb_policy_parse(profile.chip.burst_zero_read
					? policies[0]
					: policies[seed / CHIPS % ARRAY_SIZE(policies)],
				&policy);
	if (ret)
		return ret;
	/* Both kinds of chips exist: an abort in Execution comes in time, or it does not. */
	profile.chip.abort_executes = seed / (CHIPS * ARRAY_SIZE(policies)) % 2;
	fault.chip = &sim.chip;
	fault.random = seed;
	ret = tpmb_sim_tpm_init(&sim, &profile, &policy, exec, NULL, wrap, &fault);
	if (ret)
		return ret;
	run->sim = &sim;
	fault.armed = true;
	for (uint64_t i = 0; i < EXTENDS; i++) {
		uint64_t number = seed * EXTENDS + i;
		uint64_t start = tpmb_clock_now_ns(sim.clock);
		uint64_t took;
		int error = tpmb_extend_run_one(run, number);

		took = tpmb_clock_now_ns(sim.clock) - start;
		if (took > total.longest_ns)
			total.longest_ns = took;
		if (took > BOUND_NS) {
			tpmb_msg("%llu ns for one command", (unsigned long long)took);
			return -ETIME;
		}
		total.extends++;
		if (fault.was_reset) {
			/* Whatever came before is gone. Nothing may be left but this extend. */
			repair(&fault);
			ret = tpmb_extend_run_start(run, &sim);
			if (ret == -ETIME)
				ret = tpmb_extend_run_start(run, &sim);
			if (ret)
				return ret;
			break;
		}
		if (error == -EPROTO)
			return error;
		if (error) {
			total.errors++;
			/* Where not even the abort arrived: let it come to an end. */
			if (sim.chip.state == TPMB_CHIP_EXECUTION) {
				total.late++;
				if (!strcmp(policy.name, "tpmbatch")) {
					tpmb_msg("an error came back while the command executes");
					return -EBUSY;
				}
				tpmb_clock_sleep_ns(sim.clock, 1000000000);
				tpmb_chip_read(&sim.chip, TIS_STS);
			}
			ret = tpmb_extend_run_maybe(run, number);
			if (ret < 0)
				return ret;
			total.executed_errors += (uint64_t)ret;
		} else {
			ret = tpmb_extend_run_check(run);
			if (ret)
				return ret;
		}
	}
	/*
	 * The bus works again: so does the chip, for the next command or for the one
	 * after. A lost commandReady may have left it where it needs two.
	 */
	repair(&fault);
	ret = 0;
	if (tpmb_extend_run_one(run, seed)) {
		ret = tpmb_extend_run_maybe(run, seed);
		if (ret < 0)
			return ret;
		ret = tpmb_extend_run_one(run, seed);
	}
	if (!ret)
		ret = tpmb_extend_run_check(run);
	total.seeds++;
	total.resends += sim.tis.resends + sim.nuvoton.resends;
	total.rereads += sim.tis.rereads + sim.nuvoton.rereads;
	for (int i = 0; i < TPMB_FAULT_COUNT; i++)
		total.faults[i] += fault.count[i];
	return ret;
}

static uint64_t first_seed;
static uint64_t seed_count = SEEDS_DEFAULT;

static void run_seeds(const char *const *chips, bool tpm2, uint64_t count)
{
	static struct tpmb_sim_tpm sim;
	struct tpmb_profile profiles[CHIPS];
	struct tpmb_extend_run run;
	struct tpmb_chip_exec exec;
	struct tpmb_policy policy;

	memset(&total, 0, sizeof(total));
	for (size_t i = 0; i < CHIPS; i++)
		assert_int_equal(tpmb_profile_find(chips[i], &profiles[i]), 0);
	assert_int_equal(tpmb_policy_parse("tpmbatch", &policy), 0);
	assert_int_equal(tpmb_chip_tpm_on(tpm2, &exec), 0);
	assert_int_equal(tpmb_sim_tpm_init(&sim, &profiles[0], &policy, &exec, NULL, NULL, NULL),
			 0);
	assert_int_equal(tpmb_extend_run_start(&run, &sim), 0);
	for (uint64_t seed = first_seed; seed < first_seed + count; seed++) {
		int ret = run_seed(seed, &exec, profiles, &run);

		if (ret)
			fail_msg("TPM %s, seed %llu: %s", tpm2 ? "2.0" : "1.2",
				 (unsigned long long)seed, strerror(-ret));
	}
	tpmb_chip_tpm_off();
	print_message(
		"%llu seeds, %llu extends, %llu errors, of which %llu had executed, "
		"%llu late;\n"
		"%llu resends, %llu rereads; longest command %llu ms;\n"
		"faults: %llu flips, %llu valid stuck, %llu burst 0, %llu nacks, %llu resets\n",
		(unsigned long long)total.seeds, (unsigned long long)total.extends,
		(unsigned long long)total.errors, (unsigned long long)total.executed_errors,
		(unsigned long long)total.late, (unsigned long long)total.resends,
		(unsigned long long)total.rereads, (unsigned long long)(total.longest_ns / 1000000),
		(unsigned long long)total.faults[TPMB_FAULT_FLIP],
		(unsigned long long)total.faults[TPMB_FAULT_VALID_STUCK],
		(unsigned long long)total.faults[TPMB_FAULT_BURST_ZERO],
		(unsigned long long)total.faults[TPMB_FAULT_NACK],
		(unsigned long long)total.faults[TPMB_FAULT_RESET]);
	/* The swarm has what it says it has. */
	for (int i = 0; count >= 1000 && i < TPMB_FAULT_COUNT; i++)
		assert_true(total.faults[i] > count / 20);
}

static void every_seed_ends_well(void **state)
{
	(void)state;
	run_seeds(chips_20, true, seed_count);
}

/* TPM 1.2 has the same driver; a fiftieth of the seeds is for its profiles, whose resets are slow.
 */
static void every_seed_ends_well_on_tpm12(void **state)
{
	(void)state;
	run_seeds(chips_12, false, seed_count < 50 ? seed_count : seed_count / 50);
}

static void on_message(void *arg, const char *line)
{
	(void)arg;
	print_message("  %s\n", line);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_seed_ends_well),
		cmocka_unit_test(every_seed_ends_well_on_tpm12),
	};

	if (argc > 1) {
		first_seed = strtoull(argv[1], NULL, 10);
		seed_count = argc > 2 ? strtoull(argv[2], NULL, 10) : 1;
		if (seed_count < 100)
			tpmb_set_message_handler(on_message, NULL);
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
