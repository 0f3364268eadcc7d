/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The simulator's clock and tasks, as the drivers and the workloads use them. */
#ifndef TPMB_SIM_CLOCK_H
#define TPMB_SIM_CLOCK_H

#include "clock.h"
#include "shim/sim.h"

/* Sleeping on it lets the other tasks run. One simulation, one clock. */
struct tpmb_clock *tpmb_sim_clock(void);

#endif
