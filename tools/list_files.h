/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The files that a measurement list names, in its order, members of batches included. */
#ifndef TPMBATCH_LIST_FILES_H
#define TPMBATCH_LIST_FILES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct tpmb_list_reader;

/* One measurement; pointers last for the call. */
struct list_file {
	const char *path; /* absolute; NULL: it is of no file (boot_aggregate, keys, ...) */
	/* The digest's field as listed, its algorithm included; none for a legacy template. */
	const uint8_t *digest;
	size_t digest_len;
	bool violation;
};

/* Not 0: the list is read no further. */
typedef int (*list_file_fn)(void *arg, const struct list_file *file);

/*
 * Reads the list @name from @fd, of any format. It is not verified: a path that somebody forged
 * can make a file be opened, and nothing else. What @fn returned, 0, or a negative errno
 * after a message: the list is torn or damaged, and @fn has got what comes before.
 */
int list_files(int fd, const char *name, list_file_fn fn, void *arg);

#endif
