/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A recorded workload over a simulated TPM, in virtual time, closed loop: a
 * task's next entry comes its think time after its last one has returned, a task starts
 * when what its start depended on has returned. So a faster TPM shortens a
 * boot as it would in life.
 */
#ifndef TPMB_REPLAY_H
#define TPMB_REPLAY_H

#include <stdint.h>
#include <stdio.h>

#include "canonical.h"

enum replay_approach {
	REPLAY_NONE,   /* no TPM: the floor */
	REPLAY_SERIAL, /* unpatched IMA */
	REPLAY_BATCHED,
	REPLAY_PREMEASURED, /* batched, and 64 tasks measure the workload's files ahead of it */
	REPLAY_LISTS,	    /* digest lists: one serial extend for each list that a file is in */
	REPLAY_APPROACHES,
};

/* "none", "serial", ...; NULL for REPLAY_APPROACHES. */
const char *replay_approach_name(enum replay_approach approach);
/* The one of that name; REPLAY_APPROACHES where there is none. */
enum replay_approach replay_approach(const char *name);

#define REPLAY_PREMEASURE_TASKS 64
/* As published: 12,313 files in 303 lists. */
#define REPLAY_FILES_PER_LIST 41

struct replay {
	const struct canonical *workload;
	const char *chip, *policy; /* as sim_on_chip() has them */
	enum replay_approach approach;
	uint32_t batch_max;
	unsigned int unknown_permille; /* of the files that no digest list has */
	FILE *timeline;		       /* lines "NS ENTRIES", or NULL */
};

struct replay_result {
	uint64_t total_ns;	     /* from the start to the last entry's return */
	uint64_t waited_ns;	     /* in IMA, all entries together */
	uint64_t premeasured_ns;     /* when measuring ahead was through; 0: there was none */
	uint64_t measured;	     /* what the list holds, members of batches one by one */
	uint64_t extends, extend_ns; /* of the workload; the mean */
	uint64_t longest_extend_ns;
	uint64_t wait_max_ns, wait_max_extends; /* of a measurement; the extends that ended in it */
};

/*
 * Runs it, and proves the list: it holds everything and gives the TPM's PCR, and nobody waited
 * for longer than contract C2 says; or -EBADE.
 * One at a time in a process. Errors of sim_on_chip() and of sessions.
 */
int replay_run(const struct replay *replay, struct replay_result *result);

#endif
