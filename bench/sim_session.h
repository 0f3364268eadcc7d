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
 * Opens a simulated chip under a policy on the simulator's clock; call it in a task.
 * @chip "fixed:NS": a TPM of libtpms whose extend takes NS nanoseconds, and
 * everything else nothing; @policy is not used then. Errors of
 * tpmb_transport_open_chip(). Closes with sim_tpm_close().
 */
int sim_tpm_open(const char *chip, const char *policy, struct timed_transport *timed);
void sim_tpm_close(struct timed_transport *timed);

/* Replays a list: -EBADE where a bank's @pcr differs from the TPM's, errors of reading it. */
int sim_verify(const char *list, struct tpm_transport *tpm, uint32_t pcr);

#endif
