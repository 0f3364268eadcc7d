// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Scanning folders; see scan.h. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "scan.h"
#include "walk.h"

struct level {
	DIR *dir;
	size_t path_len; /* of the folder's own path, with no slash at its end */
	dev_t dev;
	ino_t ino;
};

struct scan {
	const struct scan_ops *ops;
	void *arg;
	bool one_fs;
	int depth;
	struct level level[SCAN_MAX_LEVELS];
	char path[PATH_MAX];
};

static void skip(struct scan *s, enum skip reason, int error)
{
	s->ops->skip(s->arg, reason, s->path, error);
}

/* Running out of descriptors or memory must not look like an empty folder. */
static bool is_fatal(int error)
{
	return error == EMFILE || error == ENFILE || error == ENOMEM;
}

static int skip_errno(struct scan *s, int error)
{
	if (is_fatal(error))
		return -error;
	skip(s, error == ELOOP ? SKIP_LINK : skip_of_errno(error), error);
	return 0;
}

static bool holds_itself(const struct scan *s, const struct stat *stat)
{
	for (int i = 0; i < s->depth; i++)
		if (s->level[i].ino == stat->st_ino && s->level[i].dev == stat->st_dev)
			return true;
	return false;
}

/*
 * Should the folder behind @fd, an O_PATH descriptor, be left out? Autofs mounts when its folders
 * are opened, and whoever opens them waits for that, perhaps for a network.
 */
static bool is_left_out(struct scan *s, int fd, const struct stat *stat)
{
	struct statfs fs;
	bool same_fs = s->depth && s->level[s->depth - 1].dev == stat->st_dev;

	if (s->depth == SCAN_MAX_LEVELS) {
		skip(s, SKIP_DEEP, 0);
	} else if (holds_itself(s, stat)) {
		skip(s, SKIP_LOOP, 0);
	} else if (s->one_fs && s->depth && s->level[0].dev != stat->st_dev) {
		skip(s, SKIP_OTHER_FS, 0);
	} else if (!same_fs && !fstatfs(fd, &fs) &&
		   (walk_is_pseudo(&fs) || (unsigned long)fs.f_type == AUTOFS_SUPER_MAGIC)) {
		skip(s, SKIP_PSEUDO, 0);
	} else {
		return false;
	}
	return true;
}

/* Enters the folder s->path, known as @name in @parent. */
static int enter(struct scan *s, int parent, const char *name)
{
	struct level *level = &s->level[s->depth];
	int path_fd, fd = -1, ret = 0;
	struct stat stat;

	path_fd = openat(parent, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (path_fd < 0 || fstat(path_fd, &stat)) {
		ret = skip_errno(s, errno);
		goto out;
	}
	if (!S_ISDIR(stat.st_mode)) {
		skip(s, S_ISLNK(stat.st_mode) ? SKIP_LINK : SKIP_GONE, 0);
		goto out;
	}
	if (is_left_out(s, path_fd, &stat))
		goto out;
	fd = openat(path_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0) {
		ret = skip_errno(s, errno);
		goto out;
	}
	level->dir = fdopendir(fd);
	if (!level->dir) {
		ret = -errno;
		goto out;
	}
	fd = -1;
	level->path_len = strcmp(s->path, "/") ? strlen(s->path) : 0;
	level->dev = stat.st_dev;
	level->ino = stat.st_ino;
	s->depth++;
out:
	if (fd >= 0)
		close(fd);
	if (path_fd >= 0)
		close(path_fd);
	return ret;
}

static void leave(struct scan *s)
{
	closedir(s->level[--s->depth].dir);
}

static unsigned char type_of(int dir, const struct dirent *entry)
{
	struct stat stat;

	if (entry->d_type != DT_UNKNOWN)
		return entry->d_type;
	/* What cannot be looked at is left to whoever opens it. */
	if (fstatat(dir, entry->d_name, &stat, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT))
		return DT_REG;
	return (unsigned char)IFTODT(stat.st_mode);
}

/* One entry of the innermost folder. */
static int visit(struct scan *s, const struct dirent *entry)
{
	struct level *level = &s->level[s->depth - 1];
	size_t len = strlen(entry->d_name);

	if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, ".."))
		return 0;
	if (level->path_len + 1 + len >= sizeof(s->path)) {
		s->path[level->path_len] = 0;
		skip(s, SKIP_DEEP, 0);
		return 0;
	}
	s->path[level->path_len] = '/';
	memcpy(s->path + level->path_len + 1, entry->d_name, len + 1);
	switch (type_of(dirfd(level->dir), entry)) {
	case DT_REG:
		return s->ops->file(s->arg, s->path);
	case DT_DIR:
		return enter(s, dirfd(level->dir), entry->d_name);
	case DT_LNK:
		skip(s, SKIP_LINK, 0);
		return 0;
	default:
		skip(s, SKIP_SPECIAL, 0);
		return 0;
	}
}

/* Reads on in the innermost folder, and leaves it at its end. */
static int step(struct scan *s)
{
	struct level *level = &s->level[s->depth - 1];
	struct dirent *entry;
	int error;

	errno = 0;
	entry = readdir(level->dir);
	if (entry)
		return visit(s, entry);
	error = errno;
	s->path[level->path_len] = 0;
	leave(s);
	return error ? skip_errno(s, error) : 0;
}

int scan(const char *root, bool one_fs, const struct scan_ops *ops, void *arg)
{
	struct scan *s = calloc(1, sizeof(*s));
	struct stat stat;
	int ret = 0;

	if (!s)
		return -ENOMEM;
	s->ops = ops;
	s->arg = arg;
	s->one_fs = one_fs;
	if (!realpath(root, s->path) || lstat(s->path, &stat))
		ret = -errno;
	else if (S_ISREG(stat.st_mode))
		ret = ops->file(arg, s->path);
	else if (S_ISDIR(stat.st_mode))
		ret = enter(s, AT_FDCWD, s->path);
	else
		skip(s, SKIP_SPECIAL, 0);
	while (!ret && s->depth)
		ret = step(s);
	while (s->depth)
		leave(s);
	free(s);
	return ret;
}
