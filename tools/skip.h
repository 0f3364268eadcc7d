/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Why a file was not opened ahead of its use, and how often that happened. */
#ifndef TPMBATCH_SKIP_H
#define TPMBATCH_SKIP_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

enum skip {
	SKIP_MEASURED,
	SKIP_TWICE,
	SKIP_LINK,
	SKIP_SPECIAL,
	SKIP_PSEUDO,
	SKIP_OTHER_FS,
	SKIP_GONE,
	SKIP_DENIED,
	SKIP_LEASED,
	SKIP_LARGE,
	SKIP_NOT_EXEC,
	SKIP_NO_EXEC_MOUNT,
	SKIP_LOOP,
	SKIP_DEEP,
	SKIP_WRITTEN,
	SKIP_NO_FILE,
	SKIP_FAILED, /* for another reason, which the line tells */
	SKIP_COUNT,
};

struct skips {
	bool verbose;		    /* name each one */
	uint64_t count[SKIP_COUNT]; /* atomic */
};

/*
 * Counts one. @path is named where @skips->verbose, and always for SKIP_FAILED,
 * with the errno @error. Thread-safe.
 */
void skips_add(struct skips *skips, enum skip skip, const char *path, int error);
/* The reason for what open(2) and its like answered: a positive errno. */
enum skip skip_of_errno(int error);
/* Their sum; SKIP_MEASURED and SKIP_TWICE included. */
uint64_t skips_total(const struct skips *skips);
/* A line for each reason that occurred, indented. */
void skips_print(FILE *out, const struct skips *skips);

#endif
