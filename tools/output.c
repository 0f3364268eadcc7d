// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Output files; see output.h. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "output.h"

static void free_output(struct output *output)
{
	if (output->fd >= 0 && output->fd != STDOUT_FILENO)
		close(output->fd);
	free(output->target);
	free(output->temporary);
	*output = (struct output){.fd = -1};
}

/* Modes of new files follow the umask; mkstemp(3) leaves it aside. */
static mode_t new_file_mode(void)
{
	mode_t mask = umask(0);

	umask(mask);
	return 0666 & ~mask;
}

static int open_temporary(struct output *output)
{
	if (asprintf(&output->temporary, "%s.XXXXXX", output->target) < 0) {
		output->temporary = NULL;
		return -ENOMEM;
	}
	output->fd = mkostemp(output->temporary, O_CLOEXEC);
	if (output->fd < 0) {
		int ret = -errno;

		free(output->temporary);
		output->temporary = NULL;
		return ret;
	}
	return fchmod(output->fd, new_file_mode()) ? -errno : 0;
}

int output_open(struct output *output, const char *path, const struct stat *input)
{
	struct stat stat_now;
	bool exists;
	int ret = 0;

	*output = (struct output){.fd = -1, .name = path};
	if (!strcmp(path, "-")) {
		output->fd = STDOUT_FILENO;
		output->name = "standard output";
		exists = !fstat(STDOUT_FILENO, &stat_now);
	} else {
		exists = !stat(path, &stat_now);
	}
	if (exists && input && S_ISREG(stat_now.st_mode) && stat_now.st_dev == input->st_dev &&
	    stat_now.st_ino == input->st_ino) {
		cli_error("%s: this is the list that is read: expected another file", output->name);
		ret = -EINVAL;
		goto out;
	}
	if (output->fd == STDOUT_FILENO)
		return 0;
	if (exists && S_ISDIR(stat_now.st_mode)) {
		ret = -EISDIR;
	} else if (exists && !S_ISREG(stat_now.st_mode)) {
		output->fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
		ret = output->fd < 0 ? -errno : 0;
	} else {
		/* A link's target is replaced, not the link. */
		output->target = exists ? realpath(path, NULL) : strdup(path);
		ret = output->target ? open_temporary(output) : -errno;
	}
	if (ret)
		cli_error("%s: cannot create: %s", path, strerror(-ret));
out:
	if (ret)
		output_discard(output);
	return ret;
}

int output_commit(struct output *output)
{
	const char *name = output->name;
	int ret = 0;

	/* Close can be the first to say that a remote disk is full. */
	if (output->fd != STDOUT_FILENO && close(output->fd))
		ret = -errno;
	output->fd = -1;
	if (!ret && output->temporary && rename(output->temporary, output->target))
		ret = -errno;
	if (ret) {
		cli_error("%s: %s", name, strerror(-ret));
		if (output->temporary)
			unlink(output->temporary);
	}
	free_output(output);
	return ret;
}

void output_discard(struct output *output)
{
	if (output->temporary)
		unlink(output->temporary);
	free_output(output);
}
