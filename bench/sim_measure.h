/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * IMA-like tasks on the real session, engine, list and driver, over a simulated
 * chip, in virtual time: CPU work takes none, only the bus, the chip and the
 * sleeps of the driver do. The same arguments give the same times everywhere.
 */
#ifndef TPMB_SIM_MEASURE_H
#define TPMB_SIM_MEASURE_H

#include <stdbool.h>
#include <stdint.h>

/* @tasks tasks share @measurements files; each measures one after the other. */
struct sim_measure {
	const char *chip, *policy; /* as sim_on_chip() has them */
	uint64_t measurements, tasks;
	uint64_t batch_max; /* bytes; not used when @serial */
	uint64_t think_us;  /* the mean time of a task between two measurements */
	bool serial;
};

struct sim_measure_result {
	uint64_t total_ns;
	uint64_t extends, round_trip_ns, longest_round_trip_ns; /* of the extends; the mean */
	uint64_t wait_max_extends;			/* that ended during one measurement */
	uint64_t wait_p50_ns, wait_p99_ns, wait_max_ns; /* of the measurements */
};

/*
 * Runs it, and proves the list: it holds everything and gives the chip's PCRs, and nobody waited
 * for longer than contract C2 says; or -EBADE. One at a time in a process. Errors of sim_on_chip()
 * and of sessions, with a message.
 */
int sim_measure_run(const struct sim_measure *measure, struct sim_measure_result *result);

#endif
