// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Opening one file; see open_ahead.h. */
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "open_ahead.h"
#include "walk.h"

#define ELF_MAGIC	"\177ELF"
#define ELF_MAGIC_SIZE	4
#define MODE_EXECUTABLE (S_IXUSR | S_IXGRP | S_IXOTH)

void open_ahead_exit(struct open_ahead *how)
{
	if (how->proc_fd >= 0)
		close(how->proc_fd);
	how->proc_fd = -1;
}

void open_ahead_init(struct open_ahead *how)
{
	how->proc_fd = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
	/* Of another PID namespace, say. */
	if (how->proc_fd >= 0 && faccessat(how->proc_fd, "self/fd", X_OK, 0))
		open_ahead_exit(how);
}

/*
 * Links in the middle are refused as well: paths come resolved, so that one has been put there
 * since. Before Linux 5.6, which has no openat2(), only the last component can be checked.
 */
static int open_path(const char *path, int flags)
{
	struct open_how how = {
		.flags = (unsigned int)(flags | O_NOFOLLOW | O_CLOEXEC),
		.resolve = RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS,
	};
	int fd = (int)syscall(SYS_openat2, AT_FDCWD, path, &how, sizeof(how));

	/* EPERM without a file that would say so: a sandbox that does not know the call. */
	if (fd < 0 && (errno == ENOSYS || errno == EPERM))
		fd = open(path, flags | O_NOFOLLOW | O_CLOEXEC);
	return fd;
}

/*
 * Opens what is behind the O_PATH descriptor, not what has the name by now: opening a device can
 * have effects (a tape rewinds, a watchdog starts), O_NONBLOCK or not.
 */
static int open_for_reading(const struct open_ahead *how, int path_fd, const char *path,
			    const struct stat *expected)
{
	const int flags = O_RDONLY | O_NONBLOCK | O_NOCTTY;
	struct stat stat;
	char name[32];
	int fd;

	if (how->proc_fd >= 0) {
		snprintf(name, sizeof(name), "self/fd/%d", path_fd);
		return openat(how->proc_fd, name, flags | O_CLOEXEC);
	}
	fd = open_path(path, flags);
	if (fd >= 0 && (fstat(fd, &stat) || stat.st_dev != expected->st_dev ||
			stat.st_ino != expected->st_ino)) {
		close(fd);
		errno = ENOENT;
		fd = -1;
	}
	return fd;
}

/* Shared libraries seldom have an x bit, so it is not the only sign. */
static bool looks_executable(int fd, const struct stat *stat)
{
	char magic[ELF_MAGIC_SIZE];

	return stat->st_mode & MODE_EXECUTABLE ||
	       (pread(fd, magic, sizeof(magic), 0) == sizeof(magic) &&
		!memcmp(magic, ELF_MAGIC, ELF_MAGIC_SIZE));
}

/* 0 or errno. */
static int map_executable(int fd)
{
	size_t size = (size_t)sysconf(_SC_PAGESIZE);
	void *page = mmap(NULL, size, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0);

	if (page == MAP_FAILED)
		return errno;
	munmap(page, size);
	return 0;
}

static void skip(struct opened *opened, enum skip skip, int error)
{
	opened->skipped = true;
	opened->skip = skip;
	opened->error = error;
}

/* Is it, by what can be told without opening it, a file to be measured? */
static bool is_wanted(const struct open_ahead *how, int path_fd, const struct stat *stat,
		      struct opened *opened)
{
	struct statfs fs;

	if (S_ISLNK(stat->st_mode))
		skip(opened, SKIP_LINK, 0);
	else if (S_ISDIR(stat->st_mode))
		skip(opened, SKIP_NO_FILE, 0);
	else if (!S_ISREG(stat->st_mode))
		skip(opened, SKIP_SPECIAL, 0);
	else if (how->max_size && (uint64_t)stat->st_size > how->max_size)
		skip(opened, SKIP_LARGE, 0);
	else if (!fstatfs(path_fd, &fs) && walk_is_pseudo(&fs))
		skip(opened, SKIP_PSEUDO, 0);
	return !opened->skipped;
}

static void map_if_wanted(const struct open_ahead *how, int fd, const struct stat *stat,
			  struct opened *opened)
{
	bool executable = how->map_all || (how->map && looks_executable(fd, stat));
	int error = 0;

	if (executable)
		error = map_executable(fd);
	opened->mapped = executable && !error;
	/* Where opening it has measured it, no mapping is no loss. */
	if (how->read)
		return;
	if (!executable)
		skip(opened, SKIP_NOT_EXEC, 0);
	else if (error == EPERM)
		skip(opened, SKIP_NO_EXEC_MOUNT, 0);
	else if (error)
		skip(opened, skip_of_errno(error), error);
}

void open_ahead(const struct open_ahead *how, const char *path, struct opened *opened)
{
	int path_fd, fd = -1;
	struct stat stat;

	*opened = (struct opened){0};
	path_fd = open_path(path, O_PATH);
	if (path_fd < 0 || fstat(path_fd, &stat)) {
		skip(opened, skip_of_errno(errno), errno);
		goto out;
	}
	if (!is_wanted(how, path_fd, &stat, opened))
		goto out;
	fd = open_for_reading(how, path_fd, path, &stat);
	if (fd < 0)
		skip(opened, skip_of_errno(errno), errno);
	else
		map_if_wanted(how, fd, &stat, opened);
out:
	if (fd >= 0)
		close(fd);
	if (path_fd >= 0)
		close(path_fd);
}
