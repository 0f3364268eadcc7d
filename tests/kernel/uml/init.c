// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The UML guest's init. What it shall do stands after "--" on the kernel's
 * command line, in order:
 *
 *   extend=N          N extends in the kernel, one after the other
 *   cpu=N             CPU time of N extends on a chip that takes none; see rig_cpu.c
 *   pause=US          sleep so many microseconds; where in a tick something begins
 *                     can decide what it settles to
 *   measure=N:TASKS   N files on tmpfs, opened and read by TASKS tasks side by
 *                     side, each file by one of them; IMA measures each
 *   policy            IMA's policy is loaded: files on tmpfs, read by root
 *   list              the measurement lists go to the folder on the host
 *
 * Lines of results start with "RIG "; times are virtual nanoseconds.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/wait.h>

#define IMA_DIR "/sys/kernel/security/ima/"
#define RIG_DIR "/sys/kernel/debug/tpmb_rig/"
#define POLICY	"measure func=FILE_CHECK mask=MAY_READ fsname=tmpfs uid=0\n"

static _Noreturn void stop(int status)
{
	printf("RIG end %d\n", status);
	fflush(stdout);
	sync();
	reboot(RB_POWER_OFF);
	_exit(status);
}

static _Noreturn void fail(const char *what)
{
	printf("RIG failed %s: %s\n", what, strerror(errno));
	stop(1);
}

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

static void do_mount(const char *type, const char *dir, const char *options)
{
	mkdir(dir, 0755);
	if (mount("none", dir, type, 0, options))
		fail(dir);
}

static void write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY);

	if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text))
		fail(path);
	close(fd);
}

/* Prints a small file behind @head, its lines joined. */
static void print_file(const char *head, const char *path)
{
	char text[4096];
	int fd = open(path, O_RDONLY);
	ssize_t len = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);

	if (len < 0)
		fail(path);
	close(fd);
	for (ssize_t i = 0; i < len; i++)
		if (text[i] == '\n')
			text[i] = ' ';
	text[len] = '\0';
	printf("RIG %s %s\n", head, text);
}

static void copy_file(const char *from, const char *to)
{
	static char data[65536];
	int in = open(from, O_RDONLY);
	int out = open(to, O_WRONLY | O_CREAT | O_TRUNC, 0644);
	ssize_t len;

	if (in < 0)
		fail(from);
	if (out < 0)
		fail(to);
	while ((len = read(in, data, sizeof(data))) > 0)
		if (write(out, data, (size_t)len) != len)
			fail(to);
	if (len < 0)
		fail(from);
	close(in);
	close(out);
}

static void extend(const char *count)
{
	write_file(RIG_DIR "extend", count);
	print_file("extend", RIG_DIR "extend");
	if (!access(RIG_DIR "other", R_OK))
		print_file("other", RIG_DIR "other");
}

/* What tasks share: a mapping that outlives a fork. */
struct shared {
	uint32_t failures;
	uint32_t pad;
	uint64_t worst_ns;
};

static void use_files(struct shared *shared, unsigned long files, unsigned long tasks,
		      unsigned long task)
{
	char path[64];
	char data[64];

	for (unsigned long i = task; i < files; i += tasks) {
		uint64_t start = now_ns();
		uint64_t took;
		int fd;

		snprintf(path, sizeof(path), "/load/r0-f%06lu", i);
		fd = open(path, O_RDONLY);
		if (fd < 0 || read(fd, data, sizeof(data)) <= 0)
			shared->failures++;
		close(fd);
		/* One CPU, and no preemption between these two lines: no lock. */
		took = now_ns() - start;
		if (took > shared->worst_ns)
			shared->worst_ns = took;
	}
}

static void measure(const char *argument)
{
	struct shared *shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
				     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	unsigned long tasks = 1;
	unsigned long files;
	uint64_t start;
	char path[64];
	char *end;

	files = strtoul(argument, &end, 10);
	if (*end == ':')
		tasks = strtoul(end + 1, &end, 10);
	errno = EINVAL;
	if (shared == MAP_FAILED || *end || !files || !tasks)
		fail("measure");
	for (unsigned long i = 0; i < files; i++) {
		FILE *file;

		snprintf(path, sizeof(path), "/load/r0-f%06lu", i);
		file = fopen(path, "we");
		if (!file)
			fail(path);
		fprintf(file, "file %lu\n", i);
		fclose(file);
	}
	print_file("before", RIG_DIR "counters");
	start = now_ns();
	for (unsigned long task = 0; task < tasks; task++) {
		pid_t pid = fork();

		if (pid < 0)
			fail("fork");
		if (!pid) {
			use_files(shared, files, tasks, task);
			_exit(0);
		}
	}
	while (wait(NULL) > 0 || errno == EINTR)
		;
	printf("RIG measure %lu %lu %" PRIu64 " %" PRIu64 " %u\n", files, tasks, now_ns() - start,
	       shared->worst_ns, shared->failures);
	print_file("after", RIG_DIR "counters");
}

/* The names are those that tests/kernel/verify knows. */
static void hand_out_lists(void)
{
	copy_file(IMA_DIR "binary_runtime_measurements", "/host/binary");
	copy_file(IMA_DIR "ascii_runtime_measurements", "/host/ascii");
	copy_file(IMA_DIR "runtime_measurements_count", "/host/count");
	copy_file(RIG_DIR "pcr-sha1-10", "/host/pcr-sha1-10");
	if (!access(RIG_DIR "pcr-sha256-10", R_OK)) {
		copy_file(RIG_DIR "pcr-sha256-10", "/host/pcr-sha256-10");
		/* Not before 6.12. */
		if (!access(IMA_DIR "binary_runtime_measurements_sha256", R_OK))
			copy_file(IMA_DIR "binary_runtime_measurements_sha256",
				  "/host/binary_sha256");
	}
}

int main(int argc, char **argv)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	do_mount("proc", "/proc", NULL);
	do_mount("sysfs", "/sys", NULL);
	do_mount("debugfs", "/sys/kernel/debug", NULL);
	do_mount("securityfs", "/sys/kernel/security", NULL);
	do_mount("tmpfs", "/load", "size=2g,nr_inodes=1m");
	/* The UML process's own folder, so that the command line is the same everywhere. */
	do_mount("hostfs", "/host", "/proc/self/cwd");
	for (int i = 1; i < argc; i++) {
		errno = EINVAL;
		if (!strncmp(argv[i], "extend=", 7))
			extend(argv[i] + 7);
		else if (!strncmp(argv[i], "cpu=", 4)) {
			write_file(RIG_DIR "cpu", argv[i] + 4);
			print_file("cpu", RIG_DIR "cpu");
		} else if (!strncmp(argv[i], "pause=", 6))
			usleep((useconds_t)strtoul(argv[i] + 6, NULL, 10));
		else if (!strncmp(argv[i], "measure=", 8))
			measure(argv[i] + 8);
		else if (!strcmp(argv[i], "policy"))
			write_file(IMA_DIR "policy", POLICY);
		else if (!strcmp(argv[i], "list"))
			hand_out_lists();
		else if (strncmp(argv[i], "root=", 5) && strncmp(argv[i], "console=", 8))
			fail(argv[i]); /* those two are UML's own */
	}
	stop(0);
}
