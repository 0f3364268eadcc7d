// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Preloaded into the tool: what other programs do to files while they are
 * measured, at the very moment and every time. By a file's name:
 *
 *   vanishing   is unlinked before it is opened
 *   replaced    has become a symbolic link when it is opened
 *   growing     gets a byte longer after each read
 *   settling    the same, but only once
 *   rewritten   gets another first byte, once, when all of it has been read
 *   slow        takes a quarter of a second to read
 *
 * And, where MEDDLE_REPORT names a file, it is told at the end how many descriptors
 * are open and were at the start, and the most memory that was used.
 */
#include <dirent.h>
#include <dlfcn.h>
#include <err.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

static bool is_named(const char *path, const char *name)
{
	const char *slash = strrchr(path, '/');

	return slash && !strcmp(slash + 1, name);
}

static void *next(const char *symbol)
{
	void *found = dlsym(RTLD_NEXT, symbol);

	if (!found)
		errx(1, "meddle: no %s", symbol);
	return found;
}

int open64(const char *path, int flags, ...);
ssize_t pread64(int fd, void *bytes, size_t len, off64_t at);

int open64(const char *path, int flags, ...)
{
	int (*real)(const char *, int, ...) = (int (*)(const char *, int, ...))next("open64");
	mode_t mode = 0;
	va_list args;

	if (flags & O_CREAT) {
		va_start(args, flags);
		mode = va_arg(args, mode_t);
		va_end(args);
	}
	if (is_named(path, "vanishing"))
		unlink(path);
	if (is_named(path, "replaced") && (unlink(path) || symlink("/etc/passwd", path)))
		err(1, "meddle: %s", path);
	return real(path, flags, mode);
}

/* As somebody who has the file open for appending. */
static void grow(const char *path)
{
	FILE *file = fopen(path, "a");

	if (!file || fputc('x', file) == EOF || fclose(file))
		err(1, "meddle: %s", path);
}

static void rewrite(const char *path)
{
	FILE *file = fopen(path, "r+");

	if (!file || fputc('X', file) == EOF || fclose(file))
		err(1, "meddle: %s", path);
}

ssize_t pread64(int fd, void *bytes, size_t len, off64_t at)
{
	ssize_t (*real)(int, void *, size_t, off64_t) =
		(ssize_t(*)(int, void *, size_t, off64_t))next("pread64");
	const struct timespec pause = {.tv_nsec = 250 * 1000 * 1000};
	static bool settled, rewritten;
	char link[64], path[4096];
	ssize_t got, path_len;

	got = real(fd, bytes, len, at);
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	path_len = readlink(link, path, sizeof(path) - 1);
	if (path_len < 0)
		return got;
	path[path_len] = 0;
	if (is_named(path, "growing") && got > 0)
		grow(path);
	if (is_named(path, "settling") && !settled) {
		settled = true;
		grow(path);
	}
	if (is_named(path, "rewritten") && !got && !rewritten) {
		rewritten = true;
		rewrite(path);
	}
	if (is_named(path, "slow") && got > 0)
		nanosleep(&pause, NULL);
	return got;
}

static int count_descriptors(void)
{
	DIR *dir = opendir("/proc/self/fd");
	int count = -1; /* without the folder's own */

	if (!dir)
		err(1, "meddle: /proc/self/fd");
	while (readdir(dir))
		count++;
	closedir(dir);
	return count - 2; /* . and .. */
}

static int descriptors_at_start;

__attribute__((constructor)) static void note_start(void)
{
	if (getenv("MEDDLE_REPORT"))
		descriptors_at_start = count_descriptors();
}

__attribute__((destructor)) static void report(void)
{
	const char *path = getenv("MEDDLE_REPORT");
	int descriptors = path ? count_descriptors() : 0;
	struct rusage usage;
	FILE *file;

	if (!path)
		return;
	file = fopen(path, "w");
	if (!file || getrusage(RUSAGE_SELF, &usage))
		err(1, "meddle: %s", path);
	fprintf(file, "start %d\nend %d\nkib %ld\n", descriptors_at_start, descriptors,
		usage.ru_maxrss);
	fclose(file);
}
