/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Real files of this machine and their digests, for workloads. A digest is
 * computed once and kept in ${XDG_CACHE_HOME:-$HOME/.cache}/tpmbatch/digests,
 * so that hashing is not what is timed; a file whose size or time of change
 * differs is hashed again.
 */
#ifndef TPMB_BENCH_FILES_H
#define TPMB_BENCH_FILES_H

#include <stddef.h>
#include <stdint.h>

/* Larger files are left out: measuring takes no longer for them, reading them does. */
#define FILES_SIZE_MAX (1024 * 1024)
#define FILES_DIGEST   32 /* SHA-256 */

struct file {
	char *path;
	uint8_t digest[FILES_DIGEST];
};

/* @files belong to the set, sorted by path where they are not repeated. */
struct file_set {
	struct file *files;
	size_t count;
	size_t distinct; /* files[distinct] on repeat earlier ones under the name PATH#2, #3, ... */
};

/*
 * Takes @want regular files of all that @roots (ends with NULL) hold: those
 * whose paths have the lowest hashes, so that one file more or less on the
 * machine changes one of the set. Says on stderr what it does. 0 or a negative errno: -ENOENT where
 * there is no file at all. Free with file_set_free() in any case.
 */
int file_set_load(char *const *roots, size_t want, struct file_set *set);
void file_set_free(struct file_set *set);

#endif
