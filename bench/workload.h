/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* One run of a workload: tasks that measure files into a TPM, and what each of them waited. */
#ifndef TPMB_WORKLOAD_H
#define TPMB_WORKLOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "files.h"

struct workload {
	const struct file_set *files;
	size_t count; /* measurements: files of the set, evenly spaced */
	unsigned int tasks;
	bool serial;	    /* one extend a measurement, as unpatched IMA */
	bool bursts;	    /* each task measures one file, then they wait for each other */
	uint32_t batch_max; /* bytes; see struct tpmb_session_options */
	uint32_t exec_us;   /* swtpm whose extend takes that long; 0: libtpms */
	/* Another TPM, as tpm_under_test_open() has it, and its PCR, 16 or 23; else NULL and 0 */
	const char *tcti;
	uint32_t pcr;
	const char *preload;   /* bench/tpmlib_delay.c's module, for swtpm */
	const char *keep_path; /* list and PCRs are kept as PATH.list, PATH.pcrs; NULL: not */
};

/* A distribution; max is the largest value. */
struct spread {
	double p50, p99, max;
};

struct workload_result {
	uint64_t measurements, records, extends;
	double seconds;		     /* from the first measurement's start to the last one's end */
	struct spread wait_us;	     /* of tpmb_measure(), a measurement */
	struct spread round_trip_us; /* of TPM2_PCR_Extend, from sending to response */
	double round_trip_mean_us;
	/* With bursts: from the first start to the last return, by the quickest round trips. */
	double burst_round_trips;
	struct spread extends_waited; /* extends that ended while a measurement waited */
	bool cap_can_bind;	      /* what all tasks may have queued may not fit a record */
	char verdict[128];	      /* "ok", or what is wrong with the list */
};

/*
 * Runs it on a TPM of its own, or the one that is named. 0, also where the list does not verify
 * (see verdict); or a negative errno after a message where it could not be run.
 */
int workload_run(const struct workload *workload, struct workload_result *result);

#endif
