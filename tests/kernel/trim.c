// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "trim.h"

#define LISTS "/sys/kernel/security/ima/binary_runtime_measurements_"

const char *const trim_banks[TRIM_BANKS] = {"sha1", "sha256", "sha384", "sha512"};
static const uint32_t digest_sizes[TRIM_BANKS] = {20, 32, 48, 64};

__attribute__((format(printf, 1, 2))) static int complain(const char *format, ...)
{
	int error = errno;
	va_list args;

	va_start(args, format);
	fprintf(stderr, "tpmbatch load: trim: ");
	vfprintf(stderr, format, args);
	fprintf(stderr, " (%s)\n", strerror(error));
	va_end(args);
	return -1;
}

void trim_path(char *path, size_t size, size_t bank)
{
	snprintf(path, size, "/trimmed_%s", trim_banks[bank]);
}

/* Bytes of the first *@count records of a bank's list; in *@count, how many there are. */
static size_t first_records(const char *list, size_t len, size_t bank, unsigned long *count)
{
	unsigned long most = *count;
	size_t pos = 0, at;
	uint32_t part;

	for (*count = 0; *count < most; ++*count) {
		at = pos + 4 + digest_sizes[bank];
		if (at + 4 > len)
			return pos;
		memcpy(&part, list + at, 4);
		at += 4 + part;
		if (at + 4 > len)
			return pos;
		memcpy(&part, list + at, 4);
		at += 4 + part;
		if (at > len)
			return pos;
		pos = at;
	}
	return pos;
}

static int keep(const char *list, size_t len, size_t bank)
{
	char path[32];
	int fd, ret = 0;

	trim_path(path, sizeof(path), bank);
	fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	if (fd < 0 || write(fd, list, len) != (ssize_t)len)
		ret = complain("writing %s", path);
	if (fd >= 0)
		close(fd);
	return ret;
}

static char *read_all(int fd, size_t *len)
{
	size_t size = 1 << 16;
	char *data = malloc(size), *more;
	ssize_t n;

	for (*len = 0; data && (n = read(fd, data + *len, size - *len)) > 0;) {
		*len += (size_t)n;
		if (*len < size)
			continue;
		more = realloc(data, size *= 2);
		if (!more)
			free(data);
		data = more;
	}
	return data;
}

static void close_lists(const int *fds)
{
	size_t bank;

	for (bank = 0; bank < TRIM_BANKS; bank++)
		if (fds[bank] >= 0)
			close(fds[bank]);
}

/*
 * Every bank's list, staged or not. For write, all of them: the first makes the
 * task the lists' only writer, and a mere reader would be turned away.
 */
static int open_lists(int *fds, bool staged)
{
	char path[96];
	size_t bank;

	for (bank = 0; bank < TRIM_BANKS; bank++)
		fds[bank] = -1;
	for (bank = 0; bank < TRIM_BANKS; bank++) {
		snprintf(path, sizeof(path), LISTS "%s%s", trim_banks[bank],
			 staged ? "_staged" : "");
		fds[bank] = open(path, O_RDWR | O_CLOEXEC);
		if (fds[bank] < 0 && (errno != ENOENT || !bank)) {
			complain("opening %s", path);
			close_lists(fds);
			return -1;
		}
	}
	return 0;
}

/* Reads and keeps @count records of each list, or all; how many in *@count. */
static int export_lists(const int *fds, bool all, unsigned long *count)
{
	unsigned long n;
	size_t len, bank;
	char *list;
	int ret = 0;

	for (bank = 0; bank < TRIM_BANKS && !ret; bank++) {
		if (fds[bank] < 0)
			continue;
		list = read_all(fds[bank], &len);
		if (!list)
			return complain("memory for a list");
		n = bank ? *count : ULONG_MAX;
		first_records(list, len, bank, &n);
		if (!bank)
			*count = all ? n : n - n / 3;
		n = *count;
		len = first_records(list, len, bank, &n);
		if (n != *count)
			ret = complain("%lu records in the list of %s, %lu in that of %s", n,
				       trim_banks[bank], *count, trim_banks[0]);
		else
			ret = keep(list, len, bank);
		free(list);
	}
	return ret;
}

static int trim_once(bool stage, struct trims *trims)
{
	unsigned long count = 0;
	int fds[TRIM_BANKS], ret;
	char number[24];

	if (open_lists(fds, stage))
		return -1;
	ret = -1;
	if (stage && write(fds[0], "A\n", 2) != 2) {
		/* There may be nothing yet. */
		ret = errno == ENOENT ? 0 : complain("staging");
		goto out;
	}
	if (export_lists(fds, stage, &count))
		goto out;
	snprintf(number, sizeof(number), "%lu\n", count);
	if (stage && write(fds[0], "D\n", 2) != 2)
		ret = complain("deleting what is staged");
	else if (!stage && count && write(fds[0], number, strlen(number)) < 0)
		ret = complain("deleting %lu records", count);
	else
		ret = 0;
	*(stage ? &trims->stages : &trims->cuts) += count > 0;
	*(stage ? &trims->staged : &trims->cut) += count;
out:
	close_lists(fds);
	return ret;
}

int trim_in_turn(bool stage_only, bool (*going_on)(void), struct trims *trims)
{
	bool stage;

	for (stage = true; going_on(); stage = !stage || stage_only) {
		if (trim_once(stage, trims))
			return -1;
		usleep(30000);
	}
	return 0;
}

int trim_stage(void)
{
	int fds[TRIM_BANKS], ret = 0;

	if (open_lists(fds, true))
		return -1;
	if (write(fds[0], "A\n", 2) != 2)
		ret = complain("staging");
	close_lists(fds);
	return ret;
}
