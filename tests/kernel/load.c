// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The guest's init: makes measurements, and hands out what came of it.
 *
 * Static, alone in an initramfs. The kernel passes NAME=VALUE words of its
 * command line that it does not know in init's environment:
 *
 *   TPMB_FILES    files of the load (default 200)
 *   TPMB_TASKS    tasks that use them side by side (default 1)
 *   TPMB_ROUNDS   times that the load is repeated with new files (default 1)
 *   TPMB_SECONDS  or: as many times as begin within that time
 *   TPMB_USE      how they are used, see use_of() (default read)
 *   TPMB_SHARE    1: every task uses every file, so that all but one are
 *                 duplicates; default 0: each file is used by one task
 *   TPMB_TWICE    1: tasks work in pairs, one of each in a mount namespace of its
 *                 own with files of the same names and contents: the same
 *                 measurement at the same time, which no inode's lock keeps apart
 *   TPMB_POLICY   rules, ";" between them, "," for the spaces within one
 *   TPMB_EVENTS   1: half-way violations are provoked, and again and again
 *   TPMB_DENY     1: every fourth file belongs to uid 1000 and has no digest or
 *                 signature: a policy that appraises those must deny them
 *   TPMB_SIGNED   1: files have the signatures that are in /given; every file
 *                 belongs to uid 1000, and of the bad ones, every second has
 *                 the signature of another file
 *   TPMB_SUSPEND  stages of pm_test, or "mem" for the real thing, "," between them:
 *                 meanwhile the machine is suspended, in turn
 *   TPMB_TRIM     1: meanwhile the list is staged, read and deleted, and its
 *                 first records are, in turn, again and again (Linux 7.3);
 *                 2: it is only staged and deleted (with ima_flush_htable a
 *                 kernel refuses to delete single records)
 *   TPMB_STAGE    1: at the end the list is staged and stays so: what kexec has
 *                 to carry over as well
 *   TPMB_KEXEC    1: then boot /next, which measures one round more
 *   TPMB_FIRST    number of the first round (default 0)
 *
 * Results are files on the virtio port, or with TPMB_SERIAL=1 on /dev/ttyS1: a line
 * "FILE name size", the bytes.
 * "DONE" comes last; a run without it failed.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <sys/xattr.h>

#include "quote.h"
#include "suspend.h"
#include "trim.h"
#include "uses.h"

#define IMA_DIR	 "/sys/kernel/security/ima"
#define LOAD_DIR "/load"

/* What tasks share: a mapping that outlives a fork. */
struct shared {
	uint32_t ready;
	uint32_t go;
	uint32_t failures;
	uint32_t denied;
	struct trims trims;
	uint32_t suspends;
	uint32_t waits;
	uint64_t wait_ns[];
};

static struct shared *shared;
static int port = -1;
/* Of the second mount namespace, where there is one. */
static int namespace = -1;
/* Before the names of files that a kernel hands out which is not the last. */
static const char *prefix = "";

static long setting(const char *name, long otherwise)
{
	const char *value = getenv(name);
	char *end;
	long number;

	if (!value)
		return otherwise;
	number = strtol(value, &end, 0);
	return *end ? otherwise : number;
}

static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

/* Says why on the console and switches off: without "DONE" the run has failed. */
__attribute__((format(printf, 1, 2), noreturn)) static void die(const char *format, ...)
{
	int error = errno;
	va_list args;

	va_start(args, format);
	fprintf(stderr, "tpmbatch load: ");
	vfprintf(stderr, format, args);
	fprintf(stderr, " (%s)\n", strerror(error));
	va_end(args);
	sync();
	reboot(RB_POWER_OFF);
	_exit(1);
}

static void put(const void *data, size_t len)
{
	const char *at = data;

	while (len) {
		ssize_t n = write(port, at, len);

		if (n < 0)
			die("writing to the port");
		at += n;
		len -= (size_t)n;
	}
}

static void put_file(const char *name, const void *data, size_t len)
{
	char head[128];

	put(head, (size_t)snprintf(head, sizeof(head), "FILE %s%s %zu\n", prefix, name, len));
	put(data, len);
}

static char *slurp(const char *path, size_t *len)
{
	size_t size = 1 << 16;
	char *data = malloc(size);
	ssize_t n;
	int fd;

	*len = 0;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || !data) {
		if (fd >= 0)
			close(fd);
		free(data);
		return NULL;
	}
	while ((n = read(fd, data + *len, size - *len)) > 0) {
		*len += (size_t)n;
		if (*len == size) {
			size *= 2;
			data = realloc(data, size);
			if (!data)
				die("memory for %s", path);
		}
	}
	close(fd);
	return data;
}

static void hand_out(const char *name, const char *path)
{
	size_t len;
	char *data = slurp(path, &len);

	if (data)
		put_file(name, data, len);
	free(data);
}

static void mount_or_die(const char *type, const char *where, const char *options)
{
	mkdir(where, 0755);
	if (mount(type, where, type, 0, options) && errno != EBUSY)
		die("mounting %s on %s", type, where);
}

/* The second serial port, as bytes. */
static void open_serial(void)
{
	struct termios raw;

	port = open("/dev/ttyS1", O_WRONLY | O_NOCTTY | O_CLOEXEC);
	if (port < 0 || tcgetattr(port, &raw))
		die("/dev/ttyS1");
	cfmakeraw(&raw);
	if (tcsetattr(port, TCSANOW, &raw))
		die("/dev/ttyS1");
}

/* The port named "tpmbatch" of the virtio-serial device. */
static void open_port(void)
{
	char path[64], *name;
	size_t len;
	int i;

	if (setting("TPMB_SERIAL", 0)) {
		open_serial();
		return;
	}
	for (i = 0; i < 8; i++) {
		snprintf(path, sizeof(path), "/sys/class/virtio-ports/vport%dp1/name", i);
		name = slurp(path, &len);
		if (!name)
			continue;
		free(name);
		snprintf(path, sizeof(path), "/dev/vport%dp1", i);
		port = open(path, O_WRONLY | O_CLOEXEC);
		if (port >= 0)
			return;
	}
	die("no virtio port to hand results out on");
}

/* Audit messages are evidence: none may be dropped. */
static void log_everything(void)
{
	int fd = open("/proc/sys/kernel/printk_ratelimit", O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, "0\n", 2) != 2)
		die("switching the log's rate limit off");
	close(fd);
}

static void load_policy(const char *rules)
{
	char *copy = strdup(rules), *rule, *rest, *c;
	int fd = open(IMA_DIR "/policy", O_WRONLY | O_CLOEXEC);

	if (fd < 0 || !copy)
		die("opening the policy");
	for (rule = strtok_r(copy, ";", &rest); rule; rule = strtok_r(NULL, ";", &rest)) {
		char line[256];

		for (c = rule; *c; c++)
			if (*c == ',')
				*c = ' ';
		snprintf(line, sizeof(line), "%s\n", rule);
		if (write(fd, line, strlen(line)) < 0)
			die("policy rule '%s'", rule);
	}
	if (close(fd))
		die("loading the policy");
	free(copy);
}

static void file_name(char *path, size_t size, long round, long number)
{
	snprintf(path, size, LOAD_DIR "/r%ld-f%06ld", round, number);
}

/* Is it one of the files that the policy must deny? */
static bool is_bad(long number)
{
	return setting("TPMB_DENY", 0) && number % 4 == 3;
}

/* Bytes to write before a file's text: a program, or all of a module. */
static char *contents(const char *path, enum use use, size_t *len)
{
	char given[96];

	*len = 0;
	if (use == USE_EXEC)
		return slurp("/exit", len);
	if (use != USE_MODULE)
		return NULL;
	snprintf(given, sizeof(given), "/given%s", strrchr(path, '/'));
	return slurp(given, len);
}

/* Gives a file the signature that the host made for it, or for another one. */
static void sign(const char *path, long round, long number)
{
	char given[96];
	size_t len;
	char *signature;

	if (is_bad(number) && number % 8 < 4)
		return;
	snprintf(given, sizeof(given), "/given/r%ld-f%06ld.sig", round,
		 is_bad(number) ? 0 : number);
	signature = slurp(given, &len);
	if (!signature || setxattr(path, "security.ima", signature, len, 0))
		die("signing %s with %s", path, given);
	free(signature);
}

/* Files differ in their last bytes; those to be executed begin with a program that exits. */
static void make_files(long round, long files, const char *use)
{
	bool with_signature = setting("TPMB_SIGNED", 0);
	char path[64], text[64], *first;
	size_t first_len;
	int fd, len;
	long i;

	for (i = 0; i < files; i++) {
		enum use this_use = use_of(use, i);

		if (!use_has_file(this_use))
			continue;
		file_name(path, sizeof(path), round, i);
		fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC,
			  this_use == USE_EXEC ? 0755 : 0644);
		if (fd < 0)
			die("creating %s", path);
		first = contents(path, this_use, &first_len);
		if ((this_use == USE_EXEC || this_use == USE_MODULE) &&
		    (!first || write(fd, first, first_len) != (ssize_t)first_len))
			die("writing %s", path);
		free(first);
		len = snprintf(text, sizeof(text), "round %ld file %ld of %ld\n", round, i, files);
		if (this_use != USE_MODULE && write(fd, text, (size_t)len) != len)
			die("writing %s", path);
		if (((is_bad(i) || with_signature) && fchown(fd, 1000, 1000)) || close(fd))
			die("writing %s", path);
		if (with_signature && this_use != USE_MODULE)
			sign(path, round, i);
	}
}

/* What a round leaves behind is in the list, not in memory. */
static void remove_files(long round, long files, const char *use)
{
	char path[64];
	long i;

	(void)use;
	for (i = 0; i < files; i++) {
		file_name(path, sizeof(path), round, i);
		unlink(path);
	}
}

/* Runs @what in the second mount namespace. */
static void in_namespace(void (*what)(long round, long files, const char *use), long round,
			 long files, const char *use)
{
	int status;
	pid_t pid = fork();

	if (!pid) {
		if (setns(namespace, CLONE_NEWNS))
			die("entering the second mount namespace");
		what(round, files, use);
		_exit(0);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid || status)
		die("the files of the second mount namespace");
}

static void make_all_files(long round, long files, const char *use)
{
	make_files(round, files, use);
	if (namespace >= 0)
		in_namespace(make_files, round, files, use);
}

static void remove_all_files(long round, long files, const char *use)
{
	remove_files(round, files, use);
	if (namespace >= 0)
		in_namespace(remove_files, round, files, use);
}

/* A mount namespace in which there is another tmpfs at LOAD_DIR. */
static void make_namespace(void)
{
	int ready[2], status;
	char path[64], byte;
	pid_t pid;

	if (pipe(ready))
		die("a pipe");
	pid = fork();
	if (!pid) {
		if (unshare(CLONE_NEWNS))
			die("a second mount namespace");
		mount_or_die("tmpfs", LOAD_DIR, "size=75%,nr_inodes=0");
		if (write(ready[1], "", 1) != 1)
			die("a pipe");
		pause();
		_exit(0);
	}
	if (pid < 0 || read(ready[0], &byte, 1) != 1)
		die("a second mount namespace");
	snprintf(path, sizeof(path), "/proc/%d/ns/mnt", (int)pid);
	namespace = open(path, O_RDONLY | O_CLOEXEC);
	if (namespace < 0)
		die("opening %s", path);
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	close(ready[0]);
	close(ready[1]);
}

/* One task of the load: waits for the start, then uses its share of the files. */
static void work(long round, long task, long tasks, long files, bool share, const char *use)
{
	bool second = namespace >= 0 && task % 2;
	char path[64];
	uint64_t begun;
	long i;

	if (second && setns(namespace, CLONE_NEWNS))
		die("entering the second mount namespace");
	if (namespace >= 0) {
		task /= 2;
		tasks /= 2;
	}
	__atomic_add_fetch(&shared->ready, 1, __ATOMIC_SEQ_CST);
	while (!__atomic_load_n(&shared->go, __ATOMIC_SEQ_CST))
		usleep(500);
	for (i = share ? 0 : task; i < files; i += share ? 1 : tasks) {
		if (second && use_of(use, i) == USE_DM)
			continue; /* there is but one device of a name */
		file_name(path, sizeof(path), round, i);
		begun = now_ns();
		errno = 0;
		if (!use_file(path, i, use_of(use, i)) != is_bad(i))
			__atomic_add_fetch(&shared->failures, 1, __ATOMIC_SEQ_CST);
		else if (is_bad(i))
			__atomic_add_fetch(errno == EACCES ? &shared->denied : &shared->failures, 1,
					   __ATOMIC_SEQ_CST);
		shared->wait_ns[__atomic_fetch_add(&shared->waits, 1, __ATOMIC_SEQ_CST)] =
			now_ns() - begun;
	}
}

static bool loading(void)
{
	return __atomic_load_n(&shared->go, __ATOMIC_SEQ_CST) < 2;
}

/*
 * Violations: a file written while open for reading (ToMToU) and one read
 * while open for writing (open-writers), until the load is over.
 */
static void provoke(long round)
{
	char path[64], data[8];
	int reader, writer;
	long i;

	for (i = 0; loading(); i++) {
		snprintf(path, sizeof(path), LOAD_DIR "/v%ld-%ld", round, i);
		writer = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
		if (writer < 0 || write(writer, "abc", 3) != 3)
			die("writing %s", path);
		reader = open(path, O_RDONLY | O_CLOEXEC);
		if (reader < 0 || read(reader, data, sizeof(data)) < 0)
			die("reading %s", path);
		close(writer);
		close(reader);
		reader = open(path, O_RDONLY | O_CLOEXEC);
		writer = open(path, O_WRONLY | O_CLOEXEC);
		if (reader < 0 || writer < 0)
			die("opening %s twice", path);
		close(writer);
		close(reader);
		unlink(path);
		usleep(20000);
	}
}

static int compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

static void run_round(long round, const char *use, FILE *results)
{
	long files = setting("TPMB_FILES", 200), tasks = setting("TPMB_TASKS", 1), i;
	bool share = setting("TPMB_SHARE", 0), events = setting("TPMB_EVENTS", 0);
	uint64_t begun, ns, sum = 0;
	const char *stages = getenv("TPMB_SUSPEND");
	pid_t violator = -1, trimmer = -1, suspender = -1, pid;
	int status, ret;

	shared->ready = 0;
	shared->go = 0;
	shared->waits = 0;
	for (i = 0; i < tasks; i++) {
		pid = fork();
		if (pid < 0)
			die("starting task %ld", i);
		if (!pid) {
			work(round, i, tasks, files, share, use);
			_exit(0);
		}
	}
	if (events) {
		violator = fork();
		if (!violator) {
			provoke(round);
			_exit(0);
		}
	}
	if (setting("TPMB_TRIM", 0)) {
		trimmer = fork();
		if (!trimmer) {
			if (trim_in_turn(setting("TPMB_TRIM", 0) == 2, loading, &shared->trims))
				die("trimming the list");
			_exit(0);
		}
	}
	if (stages) {
		suspender = fork();
		if (!suspender) {
			while (!__atomic_load_n(&shared->go, __ATOMIC_SEQ_CST))
				usleep(1000);
			ret = suspend_in_turn(stages, loading);
			shared->suspends += (uint32_t)(ret > 0 ? ret : 0);
			_exit(ret < 0);
		}
	}
	while (__atomic_load_n(&shared->ready, __ATOMIC_SEQ_CST) < tasks)
		usleep(1000);
	printf("tpmbatch load: round %ld\n", round); /* tools/kernel/boot waits for it */
	fflush(stdout);
	begun = now_ns();
	__atomic_store_n(&shared->go, 1, __ATOMIC_SEQ_CST);
	for (i = 0; i < tasks; i++) {
		pid = wait(&status);
		if (pid == violator || pid == trimmer || pid == suspender)
			i--;
		if (status)
			__atomic_add_fetch(&shared->failures, 1, __ATOMIC_SEQ_CST);
	}
	ns = now_ns() - begun;
	__atomic_store_n(&shared->go, 2, __ATOMIC_SEQ_CST);
	if (events)
		waitpid(violator, &status, 0);
	if (trimmer > 0)
		waitpid(trimmer, &status, 0);
	if (suspender > 0 && waitpid(suspender, &status, 0) == suspender && status)
		__atomic_add_fetch(&shared->failures, 1, __ATOMIC_SEQ_CST);
	qsort(shared->wait_ns, shared->waits, sizeof(shared->wait_ns[0]), compare);
	for (i = 0; i < shared->waits; i++)
		sum += shared->wait_ns[i];
	fprintf(results,
		"round %ld files %ld tasks %ld use %s share %d seconds %.3f failures %u denied %u "
		"waits %u "
		"mean_us %.1f p50_us %.1f p99_us %.1f max_us %.1f suspends %u "
		"stages %u staged %lu cuts %u cut %lu\n",
		round, files, tasks, use, share, (double)ns / 1e9, shared->failures, shared->denied,
		shared->waits, (double)sum / (shared->waits ? shared->waits : 1) / 1e3,
		(double)shared->wait_ns[shared->waits / 2] / 1e3,
		(double)shared->wait_ns[(uint64_t)shared->waits * 99 / 100] / 1e3,
		(double)shared->wait_ns[shared->waits ? shared->waits - 1 : 0] / 1e3,
		shared->suspends, shared->trims.stages, shared->trims.staged, shared->trims.cuts,
		shared->trims.cut);
	fflush(results);
}

static void hand_out_quote(void)
{
	static struct quote quote;
	int ret = take_quote("/dev/tpm0", &quote);

	if (ret == -ENOENT)
		return;
	if (ret) {
		printf("tpmbatch load: no quote: %d\n", ret);
		return;
	}
	put_file("quote.pub", quote.pub, quote.pub_len);
	put_file("quote.msg", quote.msg, quote.msg_len);
	put_file("quote.sig", quote.sig, quote.sig_len);
}

static void hand_out_all(void)
{
	char name[64], path[96];
	size_t i;
	int pcr;

	hand_out("binary", IMA_DIR "/binary_runtime_measurements");
	hand_out("ascii", IMA_DIR "/ascii_runtime_measurements");
	for (i = 0; i < TRIM_BANKS; i++) {
		trim_path(path, sizeof(path), i);
		hand_out(path + 1, path);
		snprintf(name, sizeof(name), "binary_%s", trim_banks[i]);
		snprintf(path, sizeof(path), IMA_DIR "/binary_runtime_measurements_%s",
			 trim_banks[i]);
		hand_out(name, path);
		for (pcr = 10; pcr < 13; pcr++) {
			snprintf(name, sizeof(name), "pcr-%s-%d", trim_banks[i], pcr);
			snprintf(path, sizeof(path), "/sys/class/tpm/tpm0/pcr-%s/%d", trim_banks[i],
				 pcr);
			hand_out(name, path);
		}
	}
	hand_out_quote();
	hand_out("count", IMA_DIR "/runtime_measurements_count");
	hand_out("violations", IMA_DIR "/violations");
	hand_out("batch", IMA_DIR "/batch");
	hand_out("meminfo", "/proc/meminfo");
	hand_out("slabinfo", "/proc/slabinfo");
	hand_out("policy", IMA_DIR "/policy");
	hand_out("kmemleak", "/sys/kernel/debug/kmemleak");
	if (getenv("TPMB_SUSPEND"))
		hand_out("trace", TRACE_DIR "/trace");
}

/* Boots /next with a command line that says so; returns only where it cannot. */
static void boot_next(void)
{
	char *line, *end;
	int kernel = open("/next", O_RDONLY | O_CLOEXEC);
	int initrd = open("/next-initramfs", O_RDONLY | O_CLOEXEC);
	char next[4096];
	size_t len;

	line = slurp("/proc/cmdline", &len);
	if (kernel < 0 || initrd < 0 || !line)
		die("opening the next kernel");
	line = realloc(line, len + 1);
	if (!line)
		die("memory for a command line");
	line[len] = 0;
	end = strchr(line, '\n');
	if (end)
		*end = 0;
	/* The last setting of a name is the one in force. */
	snprintf(next, sizeof(next), "%s TPMB_KEXEC=0 TPMB_STAGE=0 TPMB_FIRST=%ld TPMB_ROUNDS=1",
		 line, setting("TPMB_FIRST", 0) + setting("TPMB_ROUNDS", 1));
	if (syscall(SYS_kexec_file_load, kernel, initrd, strlen(next) + 1, next, 0))
		die("loading the next kernel");
	close(port);
	umount2(LOAD_DIR, MNT_DETACH);
	reboot(RB_KEXEC);
	die("booting the next kernel");
}

int main(void)
{
	long files = setting("TPMB_FILES", 200), tasks = setting("TPMB_TASKS", 1);
	long first = setting("TPMB_FIRST", 0), rounds = setting("TPMB_ROUNDS", 1), round;
	uint64_t until_ns;
	const char *policy = getenv("TPMB_POLICY"), *use = getenv("TPMB_USE");
	char *text = NULL;
	size_t text_len = 0;
	FILE *results;
	int fd;

	mount_or_die("proc", "/proc", NULL);
	mount_or_die("sysfs", "/sys", NULL);
	mount_or_die("devtmpfs", "/dev", NULL);
	mount_or_die("securityfs", "/sys/kernel/security", NULL);
	mount("debugfs", "/sys/kernel/debug", "debugfs", 0, NULL);
	mount_or_die("tmpfs", LOAD_DIR, "size=75%,nr_inodes=0");
	open_port();
	log_everything();

	shared = mmap(NULL,
		      sizeof(*shared) +
			      sizeof(uint64_t) * (size_t)files *
				      (size_t)(setting("TPMB_SHARE", 0)	  ? tasks
					       : setting("TPMB_TWICE", 0) ? 2
									  : 1) +
			      4096,
		      PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED)
		die("memory for %ld waits", files);
	results = open_memstream(&text, &text_len);
	if (!results)
		die("memory for the results");
	if (uses_init())
		die("what lies in /given");
	if (setting("TPMB_TWICE", 0))
		make_namespace();
	if (getenv("TPMB_SUSPEND") && suspend_init())
		die("getting ready to suspend");
	if (!use)
		use = "read";
	make_all_files(first, files, use);
	hand_out("meminfo_before", "/proc/meminfo");
	hand_out("slabinfo_before", "/proc/slabinfo");
	if (policy)
		load_policy(policy);
	if (setting("TPMB_SECONDS", 0))
		rounds = INT16_MAX;
	until_ns = now_ns() + (uint64_t)setting("TPMB_SECONDS", INT32_MAX) * 1000000000;
	for (round = first; round < first + rounds && now_ns() < until_ns; round++) {
		if (round > first) {
			remove_all_files(round - 1, files, use);
			make_all_files(round, files, use);
		}
		run_round(round, use, results);
	}
	fd = open("/sys/kernel/debug/kmemleak", O_WRONLY | O_CLOEXEC);
	if (fd >= 0) {
		if (write(fd, "scan", 4) == 4 && !sleep(6) && write(fd, "scan", 4) == 4)
			fprintf(results, "kmemleak scanned\n");
		close(fd);
	}
	fclose(results);
	if (setting("TPMB_STAGE", 0) && trim_stage())
		die("staging the list");
	if (setting("TPMB_KEXEC", 0)) {
		prefix = "before-";
		put_file("results", text, text_len);
		hand_out_all();
		boot_next();
	}
	put_file("results", text, text_len);
	hand_out_all();
	put("DONE\n", 5);
	close(port);
	sync();
	usleep(200000);
	/* QEMU's machine cannot be switched off once it has slept; its -no-reboot ends it, too. */
	reboot(getenv("TPMB_SUSPEND") ? RB_AUTOBOOT : RB_POWER_OFF);
	return 0;
}
