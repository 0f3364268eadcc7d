/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Walking folders for regular files. */
#ifndef TPMBATCH_WALK_H
#define TPMBATCH_WALK_H

#include <stdbool.h>
#include <sys/stat.h>
#include <sys/vfs.h>

struct walk_ops {
	/* A regular file; @path lasts for the call. Not 0: the walk ends and returns it. */
	int (*file)(void *arg, const char *path, const struct stat *stat);
	/* What could not be walked, and why; the walk goes on. */
	void (*error)(void *arg, const char *path, const char *reason);
};

/*
 * Walks @root, a folder or a regular file, in the order of the names' bytes.
 * Paths are absolute and without symbolic links, as the kernel shows them:
 * @root is resolved, and links below it are not followed. File systems that
 * hold no files (proc, sysfs, ...) are left out unless @root itself lies in
 * one. 0, what @ops->file returned, or a negative errno when memory runs out.
 */
int walk(const char *root, const struct walk_ops *ops, void *arg);

/* The kernel's own state shown as files: reading some of it blocks, or has effects. */
bool walk_is_pseudo(const struct statfs *fs);

#endif
