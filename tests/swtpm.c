// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Starts and ends a private swtpm. */
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "swtpm.h"

/* A loaded machine needs a second for what takes 20 ms; then it is not going to happen. */
#define START_MS 20000
#define PAUSE_MS 5

/* Where the supervisor keeps its pipe ends, so that it can close all other descriptors. */
#define LIFE_FD	  3
#define STATUS_FD 4

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	remove(path);
	return 0;
}

void remove_tree(const char *path)
{
	nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static void socket_path(const struct swtpm *swtpm, const char *ending, char *path, size_t size)
{
	snprintf(path, size, "%s/socket%s", swtpm->dir, ending);
}

static void exec_swtpm(const struct swtpm *swtpm, const struct swtpm_options *options)
{
	char state[128];
	char server[160];
	char ctrl[160];
	char log[128];
	const char *argv[16];
	int argc = 0;
	int fd;

	snprintf(state, sizeof(state), "dir=%s", swtpm->dir);
	snprintf(server, sizeof(server), "type=unixio,path=%s/socket", swtpm->dir);
	snprintf(ctrl, sizeof(ctrl), "type=unixio,path=%s/socket.ctrl", swtpm->dir);
	snprintf(log, sizeof(log), "%s/log", swtpm->dir);
	argv[argc++] = "swtpm";
	argv[argc++] = "socket";
	if (!options->tpm12)
		argv[argc++] = "--tpm2";
	argv[argc++] = "--tpmstate";
	argv[argc++] = state;
	argv[argc++] = "--server";
	argv[argc++] = server;
	argv[argc++] = "--ctrl";
	argv[argc++] = ctrl;
	argv[argc++] = "--flags";
	argv[argc++] = options->no_startup ? "not-need-init" : "startup-clear";
	argv[argc] = NULL;

	fd = open(log, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	if (fd < 0 || dup2(fd, STDOUT_FILENO) < 0 || dup2(fd, STDERR_FILENO) < 0)
		_exit(126);
	/* What the test is run with, a sanitizer's runtime say, is not for swtpm. */
	unsetenv("LD_PRELOAD");
	for (const char *const *env = options->env; env && *env; env++)
		putenv((char *)*env);
	if (options->preload)
		setenv("LD_PRELOAD", options->preload, 1);
	execvp(argv[0], (char *const *)argv);
	fprintf(stderr, "swtpm: %s\n", strerror(errno));
	_exit(127);
}

/* Runs until the test is gone or has closed its end of the pipe. */
static void supervise(const struct swtpm *swtpm, const struct swtpm_options *options)
{
	struct pollfd life = {.fd = LIFE_FD, .events = POLLIN};
	pid_t self = getpid();
	bool running = true;
	pid_t pid;

	/* The test's terminal may signal the whole group; the clean-up is for afterwards. */
	signal(SIGINT, SIG_IGN);
	signal(SIGTERM, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	pid = fork();
	if (pid < 0)
		_exit(1);
	if (!pid) {
		for (int fd = LIFE_FD; fd <= STATUS_FD; fd++)
			close(fd);
		signal(SIGINT, SIG_DFL);
		signal(SIGTERM, SIG_DFL);
		signal(SIGHUP, SIG_DFL);
		signal(SIGPIPE, SIG_DFL);
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() != self)
			_exit(1);
		exec_swtpm(swtpm, options);
	}
	if (write(STATUS_FD, &pid, sizeof(pid)) != sizeof(pid))
		kill(pid, SIGKILL);
	while (poll(&life, 1, running ? 20 : -1) <= 0)
		if (running && waitpid(pid, NULL, WNOHANG) == pid) {
			running = false;
			close(STATUS_FD); /* tells a test that still waits for the start */
		}
	if (running) {
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
	}
	if (!options->dir)
		remove_tree(swtpm->dir);
	_exit(0);
}

/* In the child: moves the two ends where supervise() expects them and closes all others. */
static bool keep_only(int life, int status)
{
	int high_life = fcntl(life, F_DUPFD, 16);
	int high_status = fcntl(status, F_DUPFD, 16);

	return high_life >= 0 && high_status >= 0 && dup2(high_life, LIFE_FD) >= 0 &&
	       dup2(high_status, STATUS_FD) >= 0 && !close_range(STATUS_FD + 1, ~0u, 0);
}

static bool accepts(const struct swtpm *swtpm)
{
	struct sockaddr_un addr = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool ok;

	socket_path(swtpm, "", addr.sun_path, sizeof(addr.sun_path));
	ok = fd >= 0 && !connect(fd, (struct sockaddr *)&addr, sizeof(addr));
	if (fd >= 0)
		close(fd);
	return ok;
}

static void show_log(const struct swtpm *swtpm)
{
	char path[128];
	char line[256];
	FILE *log;

	snprintf(path, sizeof(path), "%s/log", swtpm->dir);
	log = fopen(path, "re");
	while (log && fgets(line, sizeof(line), log))
		fprintf(stderr, "swtpm's log: %s", line);
	if (log)
		fclose(log);
}

/* Waits until swtpm listens; -ECHILD when it has ended instead. */
static int wait_for_start(struct swtpm *swtpm)
{
	struct pollfd status = {.fd = swtpm->status, .events = POLLIN};

	if (read(swtpm->status, &swtpm->pid, sizeof(swtpm->pid)) != sizeof(swtpm->pid))
		return -ECHILD;
	for (int ms = 0; ms < START_MS; ms += PAUSE_MS) {
		if (accepts(swtpm))
			return 0;
		if (poll(&status, 1, PAUSE_MS) > 0)
			return -ECHILD;
	}
	return -ETIMEDOUT;
}

int swtpm_start(struct swtpm *swtpm, const struct swtpm_options *options)
{
	static const struct swtpm_options defaults;
	const char *tmp = getenv("TMPDIR");
	char path[128];
	int life[2] = {-1, -1};
	int status[2] = {-1, -1};
	int ret;

	if (!options)
		options = &defaults;
	memset(swtpm, 0, sizeof(*swtpm));
	/* A Unix socket's path has 107 characters at most. */
	if (!tmp || strlen(tmp) > 60)
		tmp = "/tmp";
	if (options->dir)
		snprintf(swtpm->dir, sizeof(swtpm->dir), "%s", options->dir);
	else
		snprintf(swtpm->dir, sizeof(swtpm->dir), "%s/tpmb-swtpm-XXXXXX", tmp);
	if (options->dir && strcmp(swtpm->dir, options->dir))
		return -ENAMETOOLONG;
	if (!options->dir && !mkdtemp(swtpm->dir))
		return -errno;
	socket_path(swtpm, "", path, sizeof(path));
	unlink(path); /* swtpm would find the one of an earlier run in its way */
	snprintf(swtpm->tcti, sizeof(swtpm->tcti), "swtpm:path=%s", path);
	socket_path(swtpm, ".ctrl", path, sizeof(path));
	unlink(path);

	if (pipe2(life, O_CLOEXEC) || pipe2(status, O_CLOEXEC)) {
		ret = -errno;
		goto err;
	}
	swtpm->supervisor = fork();
	if (swtpm->supervisor < 0) {
		ret = -errno;
		goto err;
	}
	if (!swtpm->supervisor) {
		if (keep_only(life[0], status[1]))
			supervise(swtpm, options);
		_exit(1);
	}
	close(life[0]);
	close(status[1]);
	swtpm->life = life[1];
	swtpm->status = status[0];
	ret = wait_for_start(swtpm);
	if (ret) {
		show_log(swtpm);
		swtpm_stop(swtpm);
	}
	return ret;
err:
	for (int i = 0; i < 2; i++) {
		if (life[i] >= 0)
			close(life[i]);
		if (status[i] >= 0)
			close(status[i]);
	}
	if (!options->dir)
		remove_tree(swtpm->dir);
	memset(swtpm, 0, sizeof(*swtpm));
	return ret;
}

void swtpm_stop(struct swtpm *swtpm)
{
	if (swtpm->supervisor <= 0)
		return;
	close(swtpm->life);
	close(swtpm->status);
	while (waitpid(swtpm->supervisor, NULL, 0) < 0 && errno == EINTR)
		;
	memset(swtpm, 0, sizeof(*swtpm));
}
