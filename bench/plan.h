/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What `tpmbatch-bench run` runs: each plan is one benchmark and one line of its table. */
#ifndef TPMB_PLAN_H
#define TPMB_PLAN_H

#include <stdbool.h>
#include <stdint.h>

#include "files.h"
#include "replay.h"

#define PLAN_RUNS_MAX 100

struct plan {
	char name[192];
	const char *chip, *policy; /* NULL: the TPM that was named, in real time */
	const char *workload;	   /* a recorded one, or a number of measurements */
	uint64_t measurements;	   /* 0: a recorded one, with tasks of its own */
	uint64_t tasks;
	enum replay_approach mode;
	uint32_t batch_max;

	char error[160]; /* of the last run; empty: there was none */
	double seconds;	 /* of the last run, as is the rest; in the end the median */
	uint64_t measured, extends;
	double round_trip_ms;		     /* the mean */
	double wait_p50, wait_p99, wait_max; /* in round trips; NAN where nobody knows */
	unsigned int runs;		     /* that went well */
	double run_seconds[PLAN_RUNS_MAX];
};

struct plan_context {
	const char *tcti; /* of plans without a chip */
	uint32_t pcr;
	const struct file_set *files; /* the same */
	const char *folder;	      /* of the recordings */
};

/* Runs it once, and proves its list. 0, or a negative errno and the plan's error. */
int plan_run(struct plan *plan, const struct plan_context *context);

#endif
