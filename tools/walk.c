// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Walking folders; see walk.h. */
#include <errno.h>
#include <fts.h>
#include <linux/magic.h>
#include <stdlib.h>
#include <string.h>

#include "walk.h"

/* Not in linux/magic.h of every distribution. */
#define MAGIC_CONFIGFS	0x62656570
#define MAGIC_FUSECTL	0x65735543
#define MAGIC_MQUEUE	0x19800202
#define MAGIC_RPCPIPEFS 0x67596969

bool walk_is_pseudo(const struct statfs *fs)
{
	switch ((unsigned long)fs->f_type) {
	case PROC_SUPER_MAGIC:
	case SYSFS_MAGIC:
	case CGROUP_SUPER_MAGIC:
	case CGROUP2_SUPER_MAGIC:
	case DEBUGFS_MAGIC:
	case TRACEFS_MAGIC:
	case SECURITYFS_MAGIC:
	case SELINUX_MAGIC:
	case SMACK_MAGIC:
	case BPF_FS_MAGIC:
	case PSTOREFS_MAGIC:
	case EFIVARFS_MAGIC:
	case DEVPTS_SUPER_MAGIC:
	case BINFMTFS_MAGIC:
	case NSFS_MAGIC:
	case MAGIC_CONFIGFS:
	case MAGIC_FUSECTL:
	case MAGIC_MQUEUE:
	case MAGIC_RPCPIPEFS:
		return true;
	default:
		return false;
	}
}

static bool is_pseudo(const char *path)
{
	struct statfs fs;

	/* Where that fails, the walk will say what is wrong with it. */
	return !statfs(path, &fs) && walk_is_pseudo(&fs);
}

static int by_name(const FTSENT **a, const FTSENT **b)
{
	return strcmp((*a)->fts_name, (*b)->fts_name);
}

static int visit(FTS *fts, FTSENT *entry, const struct walk_ops *ops, void *arg)
{
	switch (entry->fts_info) {
	case FTS_F:
		return ops->file(arg, entry->fts_path, entry->fts_statp);
	case FTS_D:
		if (entry->fts_level > FTS_ROOTLEVEL &&
		    entry->fts_statp->st_dev != entry->fts_parent->fts_statp->st_dev &&
		    is_pseudo(entry->fts_path))
			fts_set(fts, entry, FTS_SKIP);
		break;
	case FTS_DNR:
	case FTS_ERR:
	case FTS_NS:
		ops->error(arg, entry->fts_path, strerror(entry->fts_errno));
		break;
	case FTS_DC:
		ops->error(arg, entry->fts_path, "the folder holds itself");
		break;
	case FTS_DEFAULT:
		if (entry->fts_level == FTS_ROOTLEVEL)
			ops->error(arg, entry->fts_path, "neither a regular file nor a folder");
		break;
	default: /* leaving a folder, and symbolic links */
		break;
	}
	return 0;
}

int walk(const char *root, const struct walk_ops *ops, void *arg)
{
	char *roots[] = {realpath(root, NULL), NULL};
	FTS *fts = NULL;
	FTSENT *entry;
	int ret = 0;

	if (!roots[0]) {
		if (errno == ENOMEM)
			return -ENOMEM;
		ops->error(arg, root, *root ? strerror(errno) : "a path without a name");
		return 0;
	}
	fts = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, by_name);
	if (!fts) {
		ret = -errno;
		goto out;
	}
	while (!ret && (errno = 0, entry = fts_read(fts)))
		ret = visit(fts, entry, ops, arg);
	if (!ret && errno)
		ret = -errno;
out:
	if (fts)
		fts_close(fts);
	free(roots[0]);
	return ret;
}
