/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What the programs that simulate share: the TPM, timed and in virtual time, and the proof of a
 * list. */
#ifndef TPMB_SIM_SESSION_H
#define TPMB_SIM_SESSION_H

#include <stdint.h>

#include "transport.h"

/* Over another transport: notes what each TPM2_PCR_Extend took. */
struct timed_transport {
	struct tpm_transport base;
	struct tpm_transport *inner;
	uint64_t extra_ns; /* added to each extend */
	uint64_t extends, total_ns, max_ns;
};

/*
 * Opens a simulated chip under a policy on the simulator's clock, has @session keep a list,
 * of that name, that nobody else has, and replays what it left. Call it in a task.
 * @chip "fixed:NS": a TPM of libtpms whose extend takes NS nanoseconds, and
 * everything else nothing; @policy is not used then. Returns what @session does, errors of
 * tpmb_transport_open_chip() and of files, -EBADE where a bank's @pcr in the list differs
 * from the TPM's.
 */
int sim_on_chip(const char *chip, const char *policy, uint32_t pcr,
		int (*session)(const char *list, struct timed_transport *timed));

#endif
