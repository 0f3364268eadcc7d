// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Trees that a program which opens files ahead of their use has to survive.
 *
 *   make_hostile tree COUNT    in the working folder: tree/, and outside/ that it must not reach
 *   make_hostile churn         until SIGTERM, swaps files of tree/churn for FIFOs, links to
 *                              outside/ and folders; fails when somebody opens a FIFO or outside/
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <unistd.h>

#define DEEP_LEVELS 1200
#define LONG_NAME   250
#define LONG_LEVELS 20
#define CHURNED	    64

static volatile sig_atomic_t stop;

static void on_signal(int number)
{
	(void)number;
	stop = 1;
}

static void make_folder(const char *path)
{
	if (mkdir(path, 0777) && errno != EEXIST)
		err(1, "mkdir %s", path);
}

static void make_link(const char *to, const char *path)
{
	if (symlink(to, path))
		err(1, "symlink %s", path);
}

static void make_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);

	if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text) || close(fd))
		err(1, "%s", path);
}

static void make_many(long count)
{
	char path[64];

	make_folder("tree/many");
	make_folder("tree/wide");
	for (long i = 0; i < count; i++) {
		snprintf(path, sizeof(path), "tree/many/%ld", i);
		if (mknod(path, S_IFREG | 0666, 0))
			err(1, "%s", path);
	}
	for (long i = 0; i < count / 100; i++) {
		snprintf(path, sizeof(path), "tree/wide/%ld", i);
		make_folder(path);
	}
}

/* @levels folders, each in the other, and a file in the last; longer than any path may be. */
static void make_chain(const char *top, const char *name, int levels)
{
	int fd, next;

	make_folder(top);
	fd = open(top, O_PATH | O_DIRECTORY | O_CLOEXEC);
	for (int i = 0; i < levels; i++) {
		if (mkdirat(fd, name, 0777))
			err(1, "%s: level %d", top, i);
		next = openat(fd, name, O_PATH | O_DIRECTORY | O_CLOEXEC);
		if (next < 0)
			err(1, "%s: level %d", top, i);
		close(fd);
		fd = next;
	}
	if (mknodat(fd, "file", S_IFREG | 0666, 0))
		err(1, "%s: its file", top);
	close(fd);
}

static void make_links(void)
{
	make_folder("tree/links");
	make_link("loop-b", "tree/links/loop-a");
	make_link("loop-a", "tree/links/loop-b");
	make_link("self", "tree/links/self");
	make_link("..", "tree/links/up");
	make_link("/", "tree/links/root");
	make_link("nowhere", "tree/links/dangling");
	make_link("../../outside", "tree/links/outside");
	make_link("../../outside/secret", "tree/links/secret");
}

static void make_names(void)
{
	char long_name[300] = "tree/names/";
	size_t len = strlen(long_name);

	make_folder("tree/names");
	make_file("tree/names/two\nlines", "x");
	make_file("tree/names/\033[2J\033]0;title\007", "x");
	make_file("tree/names/not \377\376 UTF-8", "x");
	make_file("tree/names/-rf", "x");
	make_file("tree/names/ ", "x");
	make_file("tree/names/%s%n", "x");
	memset(long_name + len, 'n', 255);
	long_name[len + 255] = 0;
	make_file(long_name, "x");
}

static void make_special(void)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = "tree/special/socket"};
	int fd;

	make_folder("tree/special");
	if (mkfifo("tree/special/fifo", 0666))
		err(1, "a FIFO");
	fd = socket(AF_UNIX, SOCK_STREAM, 0);
	if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address)))
		err(1, "a socket");
	close(fd);
	/* A terminal, the null device, and a disk that is not there; where it is allowed. */
	if (mknod("tree/special/tty", S_IFCHR | 0666, makedev(5, 0)) ||
	    mknod("tree/special/null", S_IFCHR | 0666, makedev(1, 3)) ||
	    mknod("tree/special/disk", S_IFBLK | 0666, makedev(8, 250)))
		warn("no devices");
}

static void make_tree(long count)
{
	char name[LONG_NAME + 1];
	int fd;

	make_folder("outside");
	make_file("outside/secret", "not to be opened");
	make_folder("tree");
	make_many(count);
	memset(name, 'l', LONG_NAME);
	name[LONG_NAME] = 0;
	make_chain("tree/deep", "d", DEEP_LEVELS);
	make_chain("tree/long", name, LONG_LEVELS);
	make_links();
	make_names();
	make_special();
	fd = open("tree/sparse", O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
	if (fd < 0 || ftruncate(fd, (off_t)1 << 40))
		err(1, "a sparse file");
	close(fd);
	make_file("tree/closed-file", "x");
	make_folder("tree/closed-folder");
	make_file("tree/closed-folder/file", "x");
	if (chmod("tree/closed-file", 0) || chmod("tree/closed-folder", 0))
		err(1, "chmod");
}

/* ---- churning ---- */

static void swap_in(const char *path, int kind)
{
	unlink(path);
	rmdir(path);
	switch (kind) {
	case 0:
		if (link("outside/fifo", path))
			err(1, "%s: the FIFO", path);
		break;
	case 1:
		make_link("../../outside/secret", path);
		break;
	case 2:
		make_link("../../outside", path);
		break;
	case 3:
		make_folder(path);
		break;
	case 4: /* vanished */
		break;
	default:
		make_file(path, "x");
		break;
	}
}

/* What somebody has opened, by the watch's number; 0: nothing. */
static int opened(int watch)
{
	char events[4096] __attribute__((aligned(__alignof__(struct inotify_event))));
	ssize_t got = read(watch, events, sizeof(events));

	if (got < (ssize_t)sizeof(struct inotify_event))
		return 0;
	return ((const struct inotify_event *)(const void *)events)->wd;
}

static void churn(void)
{
	const char *const watched[] = {"outside/fifo", "outside/secret", "outside"};
	int watch = inotify_init1(IN_NONBLOCK | IN_CLOEXEC), what;
	unsigned int turn = 0;
	char path[64];

	make_folder("tree/churn");
	unlink("outside/fifo");
	if (watch < 0 || mkfifo("outside/fifo", 0666))
		err(1, "churn");
	for (int i = 0; i < 3; i++)
		if (inotify_add_watch(watch, watched[i], IN_OPEN) < 0)
			err(1, "%s: no watch", watched[i]);
	signal(SIGTERM, on_signal);
	while (!stop) {
		turn = turn * 1103515245 + 12345;
		snprintf(path, sizeof(path), "tree/churn/%u", (turn >> 16) % CHURNED);
		swap_in(path, (int)(turn >> 24) % 8);
		what = opened(watch);
		if (what)
			errx(1, "%s was opened", watched[what - 1]);
	}
}

int main(int argc, char **argv)
{
	if (argc == 3 && !strcmp(argv[1], "tree"))
		make_tree(strtol(argv[2], NULL, 10));
	else if (argc == 2 && !strcmp(argv[1], "churn"))
		churn();
	else
		errx(2, "usage: make_hostile tree COUNT | churn");
	return 0;
}
