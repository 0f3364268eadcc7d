/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What the load does with a file, or in place of one: what makes IMA measure. */
#ifndef TPMB_TESTS_KERNEL_USES_H
#define TPMB_TESTS_KERNEL_USES_H

#include <stdbool.h>

enum use {
	USE_READ,
	USE_MMAP,
	USE_EXEC,
	USE_KEY,    /* a certificate into a keyring that has the file's name */
	USE_DM,	    /* a device-mapper device of that name: loaded, resumed, removed */
	USE_MODULE, /* the file is a kernel module: loaded, removed */
};

/*
 * How file @number is used where TPMB_USE is @use: "read", "mmap", "exec",
 * "key", "dm" or "module"; "mixed" is the first three in turn, "all" the first five.
 */
enum use use_of(const char *use, long number);

/* Is there a file that is opened, or does only the name matter? */
bool use_has_file(enum use use);

/*
 * Uses the file at @path, which is number @number of its round; false where it
 * could not be, with errno.
 */
bool use_file(const char *path, long number, enum use use);

/*
 * Before the first use: what lies in /given. The certificate that keys are made
 * of; the one that signatures are checked with, for the keyring "_ima".
 * Returns 0 or a negative errno.
 */
int uses_init(void);

#endif
