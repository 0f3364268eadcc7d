// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Files of a package; see package_files.h. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli.h"
#include "package_files.h"

#define DIVERTED_TO " to: "

extern char **environ;

/* Starts dpkg-query: the descriptor that its output can be read from, or a negative errno. */
static int start(const char *name, pid_t *pid)
{
	const char *program = getenv("TPMBATCH_DPKG_QUERY");
	char *argv[] = {"dpkg-query", "--listfiles", "--", (char *)(uintptr_t)name, NULL};
	posix_spawn_file_actions_t actions;
	int ends[2], ret;

	if (!program)
		program = "dpkg-query";
	/* Lines about diversions are found by their English. */
	if (setenv("LC_ALL", "C", 1) || pipe2(ends, O_CLOEXEC))
		return -errno;
	ret = posix_spawn_file_actions_init(&actions);
	if (!ret) {
		ret = posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
		if (!ret)
			ret = posix_spawnp(pid, program, &actions, NULL, argv, environ);
		posix_spawn_file_actions_destroy(&actions);
	}
	close(ends[1]);
	if (!ret)
		return ends[0];
	close(ends[0]);
	cli_error("%s: cannot be run: %s", program, strerror(ret));
	return -ret;
}

/* The path of a line of its output, or NULL for a line that has none. */
static char *path_of(char *line)
{
	char *to;

	line[strcspn(line, "\n")] = 0;
	if (*line == '/')
		return line;
	to = strstr(line, DIVERTED_TO); /* "diverted by PACKAGE to: PATH" and the like */
	return to && to[strlen(DIVERTED_TO)] == '/' ? to + strlen(DIVERTED_TO) : NULL;
}

static int give(char *path, package_file_fn fn, void *arg)
{
	char *slash = strrchr(path, '/');
	char folder[PATH_MAX], resolved[2 * PATH_MAX];
	size_t len;

	if (slash == path || (size_t)(slash - path) >= sizeof(folder))
		return fn(arg, path);
	memcpy(folder, path, (size_t)(slash - path));
	folder[slash - path] = 0;
	if (!realpath(folder, resolved))
		return fn(arg, path); /* it is gone, or whoever opens it learns why */
	len = strcmp(resolved, "/") ? strlen(resolved) : 0;
	if (len + strlen(slash) >= sizeof(resolved))
		return fn(arg, path);
	memcpy(resolved + len, slash, strlen(slash) + 1);
	return fn(arg, resolved);
}

int package_files(const char *name, package_file_fn fn, void *arg)
{
	int fd, status = 0, ret = 0;
	char *line = NULL, *path;
	size_t size = 0;
	FILE *out;
	pid_t pid = -1;

	fd = start(name, &pid);
	if (fd < 0)
		return fd;
	out = fdopen(fd, "r");
	if (!out) {
		ret = -errno;
		close(fd);
	}
	while (out && !ret && getline(&line, &size, out) > 0) {
		path = path_of(line);
		if (path && strcmp(path, "/."))
			ret = give(path, fn, arg);
	}
	free(line);
	if (out)
		fclose(out);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (!ret && status) {
		cli_error("--package %s: dpkg-query failed", name);
		ret = -ESRCH;
	}
	return ret;
}
