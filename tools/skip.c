// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Reasons; see skip.h. */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "cli.h"
#include "skip.h"

static const char *const texts[SKIP_COUNT] = {
	[SKIP_MEASURED] = "measured already",
	[SKIP_TWICE] = "named before",
	[SKIP_LINK] = "a symbolic link",
	[SKIP_SPECIAL] = "a FIFO, socket or device",
	[SKIP_PSEUDO] = "the kernel's state, no file",
	[SKIP_OTHER_FS] = "another file system",
	[SKIP_GONE] = "gone",
	[SKIP_DENIED] = "not permitted",
	[SKIP_LEASED] = "leased by somebody",
	[SKIP_LARGE] = "larger than --max-size",
	[SKIP_NOT_EXEC] = "the policy measures executables only",
	[SKIP_NO_EXEC_MOUNT] = "mounted noexec",
	[SKIP_LOOP] = "a folder that holds itself",
	[SKIP_DEEP] = "too deep, or the path too long",
	[SKIP_WRITTEN] = "written to while it was measured",
	[SKIP_NO_FILE] = "a record of no file",
	[SKIP_FAILED] = "failed",
};

void skips_add(struct skips *skips, enum skip skip, const char *path, int error)
{
	__atomic_add_fetch(&skips->count[skip], 1, __ATOMIC_RELAXED);
	if (skip == SKIP_FAILED)
		cli_error("%s: skipped: %s", path, strerror(error));
	else if (skips->verbose)
		cli_error("%s: skipped: %s", path, texts[skip]);
}

enum skip skip_of_errno(int error)
{
	switch (error) {
	case ENOENT:
	case ENOTDIR: /* what was a folder is one no more */
	case ESTALE:
		return SKIP_GONE;
	case EACCES:
	case EPERM:
		return SKIP_DENIED;
	case ELOOP:
		return SKIP_LINK;
	case ENAMETOOLONG:
		return SKIP_DEEP;
	case EAGAIN: /* O_NONBLOCK: a lease would have to be broken first (fcntl(2)) */
		return SKIP_LEASED;
	case ENXIO: /* a socket */
	case ENODEV:
		return SKIP_SPECIAL;
	default:
		return SKIP_FAILED;
	}
}

uint64_t skips_total(const struct skips *skips)
{
	uint64_t total = 0;

	for (int i = 0; i < SKIP_COUNT; i++)
		total += __atomic_load_n(&skips->count[i], __ATOMIC_RELAXED);
	return total;
}

void skips_print(FILE *out, const struct skips *skips)
{
	for (int i = 0; i < SKIP_COUNT; i++) {
		uint64_t count = __atomic_load_n(&skips->count[i], __ATOMIC_RELAXED);

		if (count)
			fprintf(out, "  %-11" PRIu64 " %s\n", count, texts[i]);
	}
}
