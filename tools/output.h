/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* An output file that appears under its name when it is whole, or not at all. */
#ifndef TPMBATCH_OUTPUT_H
#define TPMBATCH_OUTPUT_H

#include <sys/stat.h>

struct output {
	int fd;
	const char *name; /* for messages */
	char *target;	  /* where the temporary is renamed to; NULL: written to directly */
	char *temporary;
};

/*
 * "-" is standard output. What exists and is no regular file (a FIFO, a
 * device) is written to directly. @input, where not NULL, is the file that
 * is read from: -EINVAL, with a message, where @path is the same file.
 * Errors of open(2), with a message.
 */
int output_open(struct output *output, const char *path, const struct stat *input);
/* Gives the file its name. 0, or a negative errno and a message; frees in any case. */
int output_commit(struct output *output);
/* Removes what was written. To be called instead of output_commit(). */
void output_discard(struct output *output);

#endif
