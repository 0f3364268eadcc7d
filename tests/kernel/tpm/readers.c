// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * IMA's load beside users of the TPM: TASKS tasks read FILES new files.
 *
 *   readers FOLDER FILES TASKS
 *
 * Prints one line: seconds, and what readers waited for a file. Files are named
 * as those of load.c, so that tests/kernel/verify finds them.
 */
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>
#include <sys/mman.h>
#include <sys/wait.h>

static uint64_t now_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000 + (uint64_t)ts.tv_nsec / 1000;
}

static void file_name(char *path, size_t size, const char *folder, long number)
{
	snprintf(path, size, "%s/r0-f%06ld", folder, number);
}

static bool make_file(const char *folder, long number)
{
	char path[256];
	int fd;

	file_name(path, sizeof(path), folder, number);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0644);
	return fd >= 0 && dprintf(fd, "file %ld\n", number) > 0 && !close(fd);
}

static bool read_file(const char *folder, long number)
{
	char path[256], data[64];
	bool good;
	int fd;

	file_name(path, sizeof(path), folder, number);
	fd = open(path, O_RDONLY);
	good = fd >= 0 && read(fd, data, sizeof(data)) > 0;
	close(fd);
	return good;
}

static int compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

int main(int argc, char **argv)
{
	long files, tasks, i, j, failures = 0;
	uint64_t *wait_us, begun;
	int status;

	if (argc != 4)
		return 2;
	files = atol(argv[2]);
	tasks = atol(argv[3]);
	wait_us = mmap(NULL, sizeof(*wait_us) * (size_t)files, PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (files < 1 || wait_us == MAP_FAILED)
		return 2;
	for (i = 0; i < files; i++)
		if (!make_file(argv[1], i))
			return 1;
	begun = now_us();
	for (i = 0; i < tasks; i++) {
		if (fork())
			continue;
		for (j = i; j < files; j += tasks) {
			uint64_t start = now_us();

			if (!read_file(argv[1], j))
				_exit(1);
			wait_us[j] = now_us() - start;
		}
		_exit(0);
	}
	while (wait(&status) > 0)
		failures += status != 0;
	begun = now_us() - begun;
	qsort(wait_us, (size_t)files, sizeof(*wait_us), compare);
	printf("readers files %ld tasks %ld failures %ld seconds %.3f p50_us %llu p99_us %llu "
	       "max_us %llu\n",
	       files, tasks, failures, (double)begun / 1e6, (unsigned long long)wait_us[files / 2],
	       (unsigned long long)wait_us[files * 99 / 100],
	       (unsigned long long)wait_us[files - 1]);
	return failures ? 1 : 0;
}
