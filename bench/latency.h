/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* How long the extends of a TPM take: what was measured, and its report. */
#ifndef TPMB_LATENCY_H
#define TPMB_LATENCY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "distribution.h"
#include "phases.h"
#include "tpm.h"
#include "tpm_under_test.h"

/* One TPM2_PCR_Extend, from its first byte to its response. */
struct timed_command {
	uint64_t start_ns; /* from the first one's start */
	uint64_t total_ns;
	struct tpmb_phases phases; /* where the transport knows */
};

struct latency {
	const struct tpm_under_test *tpm;
	struct tpm_identity identity;
	struct timed_command *commands;
	size_t count;
	bool virtual_time, has_phases;
	/* latency_summarise() fills these. */
	struct distribution total, phase[TPMB_PHASE_COUNT];
	struct histogram histogram;
};

/* Of at least one command. 0 or -ENOMEM. */
int latency_summarise(struct latency *latency);

/* For people, on stdout. */
void latency_print(const struct latency *latency);
/* One line a command: extend,start_ns,total_ns and, where they are known, a column a phase. */
void latency_write_csv(const struct latency *latency, FILE *out);
/* The summary, the histogram, and what machine and TPM they are of. */
void latency_write_json(const struct latency *latency, FILE *out);

#endif
