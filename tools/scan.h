/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Walking folders of any size and any content in bounded memory. walk() sorts,
 * and so holds a folder whole: a million entries are 306 MiB. Here entries come
 * as the file system has them, and nothing is held but an open folder a level.
 */
#ifndef TPMBATCH_SCAN_H
#define TPMBATCH_SCAN_H

#include <stdbool.h>

#include "skip.h"

/* Levels of folders; each holds a descriptor and 32 KiB. Deeper ones are skipped. */
#define SCAN_MAX_LEVELS 256

struct scan_ops {
	/* Likely a regular file; @path lasts for the call. Not 0: the scan ends and returns it. */
	int (*file)(void *arg, const char *path);
	/* What is left out, and why; @error is the errno of SKIP_FAILED. */
	void (*skip)(void *arg, enum skip skip, const char *path, int error);
};

/*
 * Scans @root, a folder or a regular file; it is resolved, so that paths are
 * the kernel's, and links below it are not followed, not even by a folder that
 * becomes one meanwhile. Nothing but folders is opened, automounts are not
 * triggered, and file systems that hold no files are left out, where @root lies
 * in one, too; with @one_fs, all others than @root's are. 0, what @ops->file returned,
 * or a negative errno: @root is not there, or memory or descriptors run out.
 */
int scan(const char *root, bool one_fs, const struct scan_ops *ops, void *arg);

#endif
