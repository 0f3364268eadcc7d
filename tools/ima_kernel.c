// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* IMA in securityfs; see ima_kernel.h. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ima_kernel.h"

#define SECURITYFS "/sys/kernel/security"
/* Far beyond any policy. */
#define MAX_TEXT (1024 * 1024)

int ima_kernel_open(struct ima_kernel *kernel)
{
	const char *root = getenv("TPMBATCH_SECURITYFS");
	int fd, ret = 0;

	kernel->dir = -1;
	fd = open(root ? root : SECURITYFS, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	/* "ima" beside it is a link to this, and gone from kernels to come. */
	kernel->dir = openat(fd, "integrity/ima", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (kernel->dir < 0)
		ret = -errno;
	close(fd);
	return ret;
}

void ima_kernel_close(struct ima_kernel *kernel)
{
	if (kernel->dir >= 0)
		close(kernel->dir);
	kernel->dir = -1;
}

static int open_file(const struct ima_kernel *kernel, const char *name)
{
	int fd;

	if (kernel->dir < 0)
		return -ENOENT;
	fd = openat(kernel->dir, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	return fd < 0 ? -errno : fd;
}

/* All of a file of securityfs, which have no size, with a NUL at its end. */
static int read_text(const struct ima_kernel *kernel, const char *name, char **text)
{
	size_t len = 0, size = 4096;
	char *grown;
	ssize_t got;
	int fd, ret = 0;

	*text = NULL;
	fd = open_file(kernel, name);
	if (fd < 0)
		return fd;
	do {
		grown = realloc(*text, size + 1);
		if (!grown) {
			ret = -ENOMEM;
			goto out;
		}
		*text = grown;
		got = read(fd, *text + len, size - len);
		if (got < 0) {
			ret = -errno;
			goto out;
		}
		len += (size_t)got;
		if (len == size)
			size *= 2;
	} while (got && size <= MAX_TEXT);
	(*text)[len] = 0;
out:
	if (ret) {
		free(*text);
		*text = NULL;
	}
	close(fd);
	return ret;
}

int ima_kernel_batches(const struct ima_kernel *kernel)
{
	int fd = open_file(kernel, "batch");

	if (fd < 0)
		return fd;
	close(fd);
	return 0;
}

/* A decimal number, alone on its line. */
static bool parse_count(const char *text, uint64_t *count)
{
	char *end;

	errno = 0;
	*count = strtoull(text, &end, 10);
	return !errno && end != text && (!*end || *end == '\n');
}

static void parse_batch(char *text, struct ima_counts *counts)
{
	const struct {
		const char *name;
		uint64_t *value;
	} values[] = {
		{"batch_max_bytes", &counts->batch_max_bytes},
		{"records", &counts->extends},
		{"batches", &counts->batches},
		{"members", &counts->members},
		{"exists", &counts->exists},
	};
	char *rest = text, *line, *name;

	while ((line = strsep(&rest, "\n"))) {
		name = strsep(&line, " ");
		for (size_t i = 0; line && i < sizeof(values) / sizeof(values[0]); i++)
			if (!strcmp(name, values[i].name))
				parse_count(line, values[i].value);
	}
}

void ima_kernel_counts(const struct ima_kernel *kernel, struct ima_counts *counts)
{
	char *text;

	*counts = (struct ima_counts){0};
	if (!read_text(kernel, "runtime_measurements_count", &text)) {
		counts->has_records = parse_count(text, &counts->records);
		free(text);
	}
	if (!read_text(kernel, "batch", &text)) {
		counts->has_batch = true;
		parse_batch(text, counts);
		free(text);
	}
}

/* One rule of the policy (Documentation/ABI/testing/ima_policy). */
static int rule_measures(char *rule)
{
	int what = IMA_MEASURES_READ | IMA_MEASURES_EXEC;
	bool measures = false, may_read = true;
	char *word, *rest = rule;

	while ((word = strsep(&rest, " \t"))) {
		if (!strcmp(word, "measure"))
			measures = true;
		else if (!strcmp(word, "func=FILE_CHECK") || !strcmp(word, "func=PATH_CHECK"))
			what = IMA_MEASURES_READ;
		else if (!strncmp(word, "func=MMAP_CHECK", 15))
			what = IMA_MEASURES_EXEC;
		else if (!strncmp(word, "func=", 5))
			what = 0;
		else if (!strncmp(word, "mask=", 5))
			may_read = strstr(word, "MAY_READ");
	}
	if (!measures)
		return 0;
	return may_read ? what : what & ~IMA_MEASURES_READ;
}

int ima_kernel_policy(const struct ima_kernel *kernel)
{
	char *text, *rest, *line;
	int ret, what = 0;

	ret = read_text(kernel, "policy", &text);
	if (ret)
		return ret;
	rest = text;
	while ((line = strsep(&rest, "\n")))
		what |= rule_measures(line);
	free(text);
	return what;
}

int ima_kernel_list(const struct ima_kernel *kernel)
{
	return open_file(kernel, "binary_runtime_measurements");
}
