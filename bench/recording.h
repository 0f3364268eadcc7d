/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A recorded workload: which task measured what, how long after which
 * measurement had returned. File format: workloads/README.md.
 */
#ifndef TPMB_RECORDING_H
#define TPMB_RECORDING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RECORDED_NOTHING SIZE_MAX

enum recorded_kind {
	RECORDED_MEASUREMENT = 'm',
	RECORDED_VIOLATION = 'v',
	RECORDED_DUPLICATE = 'd', /* IMA had it already: the lock was taken, nothing extended */
	RECORDED_USE = 'u',	  /* a file used that needs no measurement */
};

/* One entry into IMA. Entries are in the order in which they were recorded. */
struct recorded {
	uint32_t task;
	enum recorded_kind kind;
	size_t after; /* the entry whose return it follows, an earlier one; RECORDED_NOTHING: the
			 start */
	uint64_t think_ns; /* from that return, or the start, to the entry */
	const char *path;  /* the recording's; NULL of a duplicate or a use */
	/*
	 * How many entries of this path came before. Their contents differ, or
	 * IMA would not have measured again.
	 */
	uint32_t version;
	uint32_t path_rank; /* among the recording's measured paths, sorted */
	/* Stands for the file's: SHA-256 of path and version. */
	uint8_t digest[32];
};

struct recording {
	struct recorded *entries;
	size_t count;
	uint32_t tasks;
	size_t measurements, violations;
	/* The mean of the recorded TPM, and of the lock around it with its hand-over. */
	uint64_t extend_ns, occupied_ns;
	uint64_t total_ns;  /* from the start to the last return, as recorded */
	size_t prompt;	    /* the entry by which the login prompt came; RECORDED_NOTHING */
	uint64_t prompt_ns; /* when that entry returned */
	char *paths;	    /* what the entries' paths point into */
};

/*
 * Loads a file; NAME.zst is decompressed. -EBADMSG with file and line in a message,
 * errors of open(2) and read(2), -ENOMEM. Frees with recording_free().
 */
int recording_load(const char *path, struct recording *recording);
void recording_free(struct recording *recording);

/* Keeps the first @count entries, the start of the recording. Its times stay the whole one's. */
void recording_cut(struct recording *recording, size_t count);
/* Entries up to and with the measurement (or violation) number @measurements; fewer: -ERANGE. */
int recording_cut_measurements(struct recording *recording, size_t measurements);
/*
 * Appends as many measurements of @from as @recording lacks to @measurements:
 * first versions of files whose path it does not have, in the order of @from. A task of
 * its own makes them, from the last entry on, with the median think time of
 * @recording's tasks between two measurements. -ERANGE where @from has too few.
 */
int recording_fill(struct recording *recording, const struct recording *from, size_t measurements);
/*
 * Gives the measurements to @tasks tasks in turn, each @think_ns after its last
 * returned, all from the start; other entries are dropped.
 */
int recording_deal(struct recording *recording, uint32_t tasks, uint64_t think_ns);
/*
 * @files files used by @tasks tasks in turn, each @cost_ns after its last;
 * @measurements of them, spread evenly, are measured.
 */
int recording_make(struct recording *recording, size_t files, size_t measurements, uint32_t tasks,
		   uint64_t cost_ns);

#endif
