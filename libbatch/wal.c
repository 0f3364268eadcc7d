// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The measurement list on disk; see wal.h. */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib_private.h"
#include "wal.h"

/* A new file is durable once its folder is. */
static int sync_folder(const char *path)
{
	char *copy = strdup(path);
	int fd, ret = 0;

	if (!copy)
		return -ENOMEM;
	fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 || fsync(fd))
		ret = -errno;
	if (fd >= 0)
		close(fd);
	free(copy);
	return ret;
}

int tpmb_wal_open(struct tpmb_wal *wal, const char *path, bool durable)
{
	struct stat stat;
	int ret;

	*wal = (struct tpmb_wal){.fd = -1, .durable = durable};
	wal->path = strdup(path);
	if (!wal->path)
		return -ENOMEM;
	wal->fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOCTTY, 0600);
	if (wal->fd < 0) {
		ret = -errno;
		tpmb_msg("%s: cannot open: %s", path, strerror(-ret));
		goto out;
	}
	if (fstat(wal->fd, &stat)) {
		ret = -errno;
		tpmb_msg("%s: %s", path, strerror(-ret));
		goto out;
	}
	if (!S_ISREG(stat.st_mode)) {
		ret = -EINVAL;
		tpmb_msg("%s: not a regular file: a list is appended to and cut", path);
		goto out;
	}
	if (flock(wal->fd, LOCK_EX | LOCK_NB)) {
		ret = errno == EWOULDBLOCK ? -EBUSY : -errno;
		tpmb_msg("%s: %s", path,
			 ret == -EBUSY ? "another process writes this list" : strerror(-ret));
		goto out;
	}
	/* Only now: until the lock was ours, its holder may have appended. */
	if (fstat(wal->fd, &stat)) {
		ret = -errno;
		goto out;
	}
	wal->size = (uint64_t)stat.st_size;
	ret = durable && !wal->size ? sync_folder(path) : 0;
	if (ret)
		tpmb_msg("%s: cannot make its folder durable: %s", path, strerror(-ret));
out:
	if (ret)
		tpmb_wal_close(wal);
	return ret;
}

void tpmb_wal_close(struct tpmb_wal *wal)
{
	if (wal->fd >= 0)
		close(wal->fd);
	free(wal->path);
	*wal = (struct tpmb_wal){.fd = -1};
}

int tpmb_wal_cut(struct tpmb_wal *wal, uint64_t size)
{
	int ret;

	if (ftruncate(wal->fd, (off_t)size) || (wal->durable && fdatasync(wal->fd))) {
		ret = -errno;
		wal->torn = true;
		tpmb_msg("%s: cannot cut to %llu bytes: %s", wal->path, (unsigned long long)size,
			 strerror(-ret));
		return ret;
	}
	wal->size = size;
	wal->torn = false;
	return 0;
}

/* Writes all of @parts, which it consumes, at @offset. */
static int write_parts(int fd, struct iovec *parts, int count, uint64_t offset)
{
	while (count) {
		ssize_t written = pwritev(fd, parts, count, (off_t)offset);

		if (written < 0 && errno == EINTR)
			continue;
		if (written < 0)
			return -errno;
		if (!written)
			return -ENOSPC;
		offset += (uint64_t)written;
		while (count && (size_t)written >= parts->iov_len) {
			written -= (ssize_t)parts->iov_len;
			parts++;
			count--;
		}
		if (count) {
			parts->iov_base = (char *)parts->iov_base + written;
			parts->iov_len -= (size_t)written;
		}
	}
	return 0;
}

int tpmb_wal_append(struct tpmb_wal *wal, struct iovec *parts, int count, uint64_t length)
{
	int ret;

	if (wal->torn) {
		ret = tpmb_wal_cut(wal, wal->size);
		if (ret)
			return ret;
	}
	ret = write_parts(wal->fd, parts, count, wal->size);
	if (!ret && wal->durable && fdatasync(wal->fd))
		ret = -errno;
	if (ret) {
		tpmb_msg("%s: cannot append %llu bytes at offset %llu: %s", wal->path,
			 (unsigned long long)length, (unsigned long long)wal->size, strerror(-ret));
		tpmb_wal_cut(wal, wal->size);
		return ret;
	}
	wal->size += length;
	return 0;
}
