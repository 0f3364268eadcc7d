// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * tpmbatch premeasure: opens files so that the kernel measures them before they
 * are used, with enough tasks for its batches to be full.
 *
 * Tasks are threads. io_uring would not fill batches: an open that IMA measures
 * blocks, so each goes to a kernel worker thread in any case, and of those a ring gets no more than
 * four a CPU by default (io_uring_register(2), IORING_REGISTER_IOWQ_MAX_WORKERS);
 * and it has no operation for mmap().
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/ioprio.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "cli.h"
#include "ima_kernel.h"
#include "list_files.h"
#include "name_set.h"
#include "new_root.h"
#include "open_ahead.h"
#include "package_files.h"
#include "progress.h"
#include "queue.h"
#include "scan.h"
#include "skip.h"
#include "unfold.h"

#define MAX_TASKS 1024
/*
 * As many as two records hold, one being extended and one gathering: 35 members of ima-ng fill
 * the default record of 4,096 bytes. Beyond 512 a larger record gains little: the extend is
 * then a small part of what hashing its files takes.
 */
#define MIN_DEFAULT_TASKS 64
#define MAX_DEFAULT_TASKS 512
#define TYPICAL_MEMBER	  117
/* cli_error() needs 8 KiB, open_ahead() less; with a sanitizer several times that. */
#define TASK_STACK (256 * 1024)
/* Besides those of the tasks and the scan: standard ones, securityfs, a list, a pipe. */
#define OTHER_FDS	     32
#define DEFAULT_MAX_SIZE_MIB 1024
#define NICEST		     19
/* Entries read, a second or so in all. */
#define UNFOLD_BUDGET (1000 * 1000)

enum how {
	HOW_AUTO,
	HOW_READ,
	HOW_EXEC,
};

enum {
	OPTION_PACKAGE = 0x100,
	OPTION_FROM_LIST,
	OPTION_HOW,
	OPTION_IDLE,
	OPTION_ANYWAY,
	OPTION_BACKGROUND,
	OPTION_ROOT,
	OPTION_MAX_SIZE,
};

/* Arguments that may be given several times, in their order. */
struct names {
	const char **name;
	size_t count;
};

struct premeasure {
	/* Arguments. */
	char **paths; /* ends with NULL */
	struct names packages, lists;
	const char *root;
	uint32_t tasks; /* 0: by the kernel's record size */
	enum how how;
	bool idle, anyway, background, quiet, one_fs;

	struct ima_kernel kernel;
	struct open_ahead open;
	struct name_set known; /* what the running list holds: paths, and paths with digests */
	struct name_set named; /* what lists and packages have named */
	struct queue queue;
	struct ima_counts before;
	struct skips skips;
	bool counting; /* the walk before the walk */
	bool failed;   /* something that was asked for could not be read */
	bool list_read;
	uint64_t counted;

	/* Atomic: the tasks write them. */
	uint64_t opened, mapped;
	int64_t unfold_budget;
};

/* A signal asks for the end; its number. */
static volatile sig_atomic_t stop_signal;

static void on_signal(int number)
{
	stop_signal = number;
}

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

/* ---- tasks ---- */

static void open_file(struct premeasure *p, const char *path)
{
	struct opened opened;
	char *unfolded = NULL;

	open_ahead(&p->open, path, &opened);
	if (opened.skipped && opened.skip == SKIP_GONE)
		unfolded = unfold(path, &p->unfold_budget);
	if (unfolded)
		open_ahead(&p->open, unfolded, &opened);
	if (opened.skipped)
		skips_add(&p->skips, opened.skip, unfolded ? unfolded : path, opened.error);
	else
		__atomic_add_fetch(&p->opened, 1, __ATOMIC_RELAXED);
	if (opened.mapped)
		__atomic_add_fetch(&p->mapped, 1, __ATOMIC_RELAXED);
	free(unfolded);
	progress_step();
}

static void *run_task(void *arg)
{
	struct premeasure *p = arg;
	char *path;

	while ((path = queue_pop(&p->queue))) {
		if (!stop_signal)
			open_file(p, path);
		free(path);
	}
	return NULL;
}

/* ---- what is to be opened ---- */

static void skip(void *arg, enum skip skip, const char *path, int error)
{
	struct premeasure *p = arg;

	if (!p->counting)
		skips_add(&p->skips, skip, path, error);
}

/* The only way into the queue. Not 0: no more. */
static int take(struct premeasure *p, const char *path)
{
	char *copy;

	if (stop_signal)
		return 1;
	if (p->counting) {
		p->counted++;
		progress_step();
		return 0;
	}
	copy = strdup(path);
	if (!copy)
		return -ENOMEM;
	queue_push(&p->queue, copy);
	return 0;
}

/*
 * A path that the running list has needs no opening: if its file has changed since, whoever uses
 * it has it measured then, as without us.
 */
static int take_known(struct premeasure *p, const char *path)
{
	if (name_set_has(&p->known, path, NULL, 0)) {
		skip(p, SKIP_MEASURED, path, 0);
		return 0;
	}
	return take(p, path);
}

static int scanned_file(void *arg, const char *path)
{
	struct premeasure *p = arg;

	if (name_set_has(&p->named, path, NULL, 0)) {
		skip(p, SKIP_TWICE, path, 0);
		return 0;
	}
	return take_known(p, path);
}

static int package_file(void *arg, const char *path)
{
	struct premeasure *p = arg;
	struct stat stat;
	int ret;

	if (!lstat(path, &stat) && S_ISDIR(stat.st_mode))
		return 0;
	ret = name_set_add(&p->named, path, NULL, 0);
	if (ret < 0)
		return ret;
	if (!ret) {
		skip(p, SKIP_TWICE, path, 0);
		return 0;
	}
	return take_known(p, path);
}

static int listed_file(void *arg, const struct list_file *file)
{
	struct premeasure *p = arg;
	int ret;

	if (!file->path) {
		skip(p, SKIP_NO_FILE, "a record", 0);
		return 0;
	}
	/* A log, say, that is written to all the time: opening it makes one more violation. */
	if (file->violation) {
		skip(p, SKIP_WRITTEN, file->path, 0);
		return 0;
	}
	ret = name_set_add(&p->named, file->path, NULL, 0);
	if (ret < 0)
		return ret;
	if (!ret) {
		skip(p, SKIP_TWICE, file->path, 0);
		return 0;
	}
	/* Both lists have a digest: where they differ, the file has changed in between. */
	if (!file->digest_len)
		return take_known(p, file->path);
	if (name_set_has(&p->known, file->path, file->digest, file->digest_len)) {
		skip(p, SKIP_MEASURED, file->path, 0);
		return 0;
	}
	return take(p, file->path);
}

static int read_list(struct premeasure *p, const char *list)
{
	int fd = strcmp(list, "-") ? open(list, O_RDONLY | O_CLOEXEC | O_NOCTTY) : STDIN_FILENO;
	int ret;

	if (fd < 0) {
		ret = -errno;
		if (!p->counting)
			cli_error("%s: cannot open the measurement list: %s", list, strerror(-ret));
		return ret;
	}
	ret = list_files(fd, cli_list_name(list), listed_file, p);
	if (fd != STDIN_FILENO)
		close(fd);
	return ret;
}

static int scan_path(struct premeasure *p, const char *path)
{
	static const struct scan_ops ops = {.file = scanned_file, .skip = skip};
	int ret = scan(path, p->one_fs, &ops, p);

	if (ret < 0 && !p->counting)
		cli_error("%s: %s", *path ? path : "a path without a name", strerror(-ret));
	return ret;
}

/* The sources one after the other. One that fails leaves the others; memory and signals end all. */
static int take_all(struct premeasure *p)
{
	int ret = 0;

	for (size_t i = 0; i < p->lists.count && ret <= 0 && ret != -ENOMEM; i++) {
		ret = read_list(p, p->lists.name[i]);
		p->failed |= ret < 0;
	}
	for (size_t i = 0; i < p->packages.count && ret <= 0 && ret != -ENOMEM; i++) {
		ret = package_files(p->packages.name[i], package_file, p);
		p->failed |= ret < 0;
	}
	for (char **path = p->paths; path && *path && ret <= 0 && ret != -ENOMEM; path++) {
		ret = scan_path(p, *path);
		p->failed |= ret < 0;
	}
	return ret == -ENOMEM ? ret : 0;
}

/* ---- what the kernel has and does ---- */

static int known_file(void *arg, const struct list_file *file)
{
	struct premeasure *p = arg;
	int ret;

	/* After a violation the kernel measures the file again. */
	if (!file->path || file->violation)
		return 0;
	ret = name_set_add(&p->known, file->path, NULL, 0);
	if (ret >= 0 && file->digest_len)
		ret = name_set_add(&p->known, file->path, file->digest, file->digest_len);
	return ret < 0 ? ret : 0;
}

/* Only saves work: without the list all is opened, and nothing is measured twice. */
static void load_known(struct premeasure *p)
{
	int fd = ima_kernel_list(&p->kernel);

	if (fd < 0)
		return;
	p->list_read = !list_files(fd, "the running measurement list", known_file, p);
	close(fd);
}

/* Says why measuring ahead gains nothing here, if so; true then. */
static bool is_no_help(struct premeasure *p, int kernel_error, int policy)
{
	int error = kernel_error ? kernel_error : ima_kernel_batches(&p->kernel);

	if (kernel_error == -ENOENT)
		cli_error("this kernel shows no IMA in securityfs: opening files measures nothing");
	else if (error == -ENOENT)
		cli_error("this kernel does not batch measurements (a kernel of the series, booted "
			  "with ima_batch=on, does): measuring ahead would cost one extend a file");
	else if (error)
		cli_error("IMA's folder in securityfs cannot be read: %s", strerror(-error));
	else if (!policy)
		cli_error("IMA's policy measures neither files that are read nor files that are "
			  "mapped: opening them measures nothing");
	else
		return false;
	return true;
}

static void choose_how(struct premeasure *p, int policy)
{
	switch (p->how) {
	case HOW_READ:
		p->open.read = true;
		break;
	case HOW_EXEC:
		p->open.map = true;
		p->open.map_all = true;
		break;
	case HOW_AUTO:
		/* Unknown, or of no use: opened anyway, both ways. */
		if (policy <= 0)
			policy = IMA_MEASURES_READ | IMA_MEASURES_EXEC;
		p->open.read = policy & IMA_MEASURES_READ;
		p->open.map = policy & IMA_MEASURES_EXEC;
		break;
	}
}

/* ---- running ---- */

/* For the scheduler and the disk; the tasks inherit it. */
static void become_idle(void)
{
	if (setpriority(PRIO_PROCESS, 0, NICEST) ||
	    syscall(SYS_ioprio_set, IOPRIO_WHO_PROCESS, 0, IOPRIO_PRIO_VALUE(IOPRIO_CLASS_IDLE, 0)))
		cli_error("--idle: %s", strerror(errno));
}

/* Returns in the child alone. */
static int go_to_background(void)
{
	pid_t pid = fork();
	int ret = -errno;

	if (pid > 0)
		_exit(EXIT_SUCCESS);
	if (pid < 0) {
		cli_error("--background: %s", strerror(-ret));
		return ret;
	}
	setsid();
	return 0;
}

/* As many tasks as descriptors allow. */
static void limit_tasks(struct premeasure *p)
{
	rlim_t others = SCAN_MAX_LEVELS + OTHER_FDS;
	rlim_t wanted = others + (rlim_t)p->tasks * OPEN_AHEAD_FDS;
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) || limit.rlim_cur >= wanted)
		return;
	if (limit.rlim_max >= wanted) {
		limit.rlim_cur = wanted;
		if (!setrlimit(RLIMIT_NOFILE, &limit))
			return;
	}
	wanted = limit.rlim_cur > others ? (limit.rlim_cur - others) / OPEN_AHEAD_FDS : 0;
	p->tasks = wanted ? (uint32_t)wanted : 1;
	cli_error("%" PRIu64 " descriptors allow for %u task%s only", (uint64_t)limit.rlim_cur,
		  p->tasks, PLURAL(p->tasks));
}

static void choose_tasks(struct premeasure *p)
{
	uint64_t tasks = 2 * (p->before.batch_max_bytes / TYPICAL_MEMBER);

	if (!p->tasks) {
		if (tasks < MIN_DEFAULT_TASKS)
			tasks = MIN_DEFAULT_TASKS;
		p->tasks = tasks < MAX_DEFAULT_TASKS ? (uint32_t)tasks : MAX_DEFAULT_TASKS;
	}
	limit_tasks(p);
}

static void note_saved(void *arg, char *text, size_t size)
{
	struct premeasure *p = arg;
	struct ima_counts now;

	ima_kernel_counts(&p->kernel, &now);
	if (now.has_batch && p->before.has_batch)
		snprintf(text, size, ", %" PRIu64 " extends saved",
			 now.members - now.batches - (p->before.members - p->before.batches));
}

static void start_bar(struct premeasure *p)
{
	bool rereadable = true;

	for (size_t i = 0; i < p->lists.count; i++)
		rereadable &= strcmp(p->lists.name[i], "-") != 0;
	if (p->quiet || !progress_wanted())
		return;
	if (rereadable) {
		progress_start("counting files", 0);
		p->counting = true;
		cli_mute_messages(true);
		take_all(p);
		cli_mute_messages(false);
		p->counting = false;
		p->failed = false;
		name_set_free(&p->named);
		progress_end();
	}
	if (p->counted || !rereadable) {
		progress_start("files", p->counted);
		progress_note(note_saved, p);
	}
}

static int start_tasks(struct premeasure *p, pthread_t *threads, uint32_t *started)
{
	pthread_attr_t attr;
	int ret;

	ret = -pthread_attr_init(&attr);
	if (ret)
		return ret;
	pthread_attr_setstacksize(&attr, TASK_STACK);
	while (!ret && *started < p->tasks) {
		ret = -pthread_create(&threads[*started], &attr, run_task, p);
		*started += !ret;
	}
	pthread_attr_destroy(&attr);
	if (!ret || !*started)
		return ret;
	cli_error("task %u of %u cannot be started, going on without: %s", *started + 1, p->tasks,
		  strerror(-ret));
	return 0;
}

static int run_tasks(struct premeasure *p)
{
	pthread_t *threads = calloc(p->tasks, sizeof(*threads));
	uint32_t started = 0;
	int ret;

	if (!threads)
		return -ENOMEM;
	queue_init(&p->queue);
	start_bar(p);
	ret = start_tasks(p, threads, &started);
	if (!ret)
		ret = take_all(p);
	if (ret)
		cli_error("not all could be opened: %s", strerror(-ret));
	queue_close(&p->queue);
	while (started)
		pthread_join(threads[--started], NULL);
	progress_end();
	free(threads);
	return ret;
}

/* Counters of others are in it as well: what was measured meanwhile, by whomever. */
static void print_kernel(const struct premeasure *p, const struct ima_counts *after)
{
	const struct ima_counts *before = &p->before;
	uint64_t records = after->records - before->records;
	uint64_t batches = after->batches - before->batches;
	uint64_t members = after->members - before->members;

	if (!after->has_records || !before->has_records) {
		fprintf(stderr,
			"measured      unknown, runtime_measurements_count cannot be read\n");
		return;
	}
	if (!after->has_batch || !before->has_batch) {
		fprintf(stderr, "measured      %" PRIu64 ", an extend each\n", records);
		return;
	}
	fprintf(stderr, "measured      %" PRIu64 ", files that others used meanwhile included\n",
		records + members - batches);
	fprintf(stderr, "known         %" PRIu64 ", opened but in the list already\n",
		after->exists - before->exists);
	fprintf(stderr, "records       %" PRIu64 ", %" PRIu64 " of them ima-batch\n", records,
		batches);
	fprintf(stderr, "extends       %" PRIu64 ", %" PRIu64 " saved\n",
		after->extends - before->extends, members - batches);
}

static void print_summary(const struct premeasure *p, uint64_t elapsed_ns)
{
	struct ima_counts after;
	double seconds = (double)elapsed_ns / 1e9;

	ima_kernel_counts(&p->kernel, &after);
	fprintf(stderr, "opened        %" PRIu64 ", %" PRIu64 " of them mapped executable\n",
		p->opened, p->mapped);
	fprintf(stderr, "skipped       %" PRIu64 "%s\n", skips_total(&p->skips),
		p->list_read ? "" : "; the running list cannot be read, so nothing as measured");
	skips_print(stderr, &p->skips);
	print_kernel(p, &after);
	fprintf(stderr, "tasks         %u\n", p->tasks);
	fprintf(stderr, "seconds       %.3f, %.0f files a second\n", seconds,
		seconds > 0 ? (double)p->opened / seconds : 0);
}

static void catch_signals(void)
{
	/* Once: a second Ctrl-C ends the program at once. */
	struct sigaction action = {.sa_handler = on_signal, .sa_flags = (int)SA_RESETHAND};

	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	signal(SIGPIPE, SIG_IGN);
}

static int run(struct premeasure *p)
{
	int policy, ret;
	uint64_t start_ns;

	/* What lies in /proc and /sys is opened first: a new root may have neither yet. */
	ret = ima_kernel_open(&p->kernel);
	policy = ima_kernel_policy(&p->kernel);
	if (is_no_help(p, ret, policy) && !p->anyway)
		return EXIT_NO_HELP;
	open_ahead_init(&p->open);
	choose_how(p, policy);
	ret = p->root ? new_root(p->root) : 0;
	if (!ret && p->background)
		ret = go_to_background();
	if (ret)
		goto out;
	if (p->idle)
		become_idle();
	catch_signals();
	ima_kernel_counts(&p->kernel, &p->before);
	choose_tasks(p);
	start_ns = now_ns();
	load_known(p);
	ret = run_tasks(p);
	if (!p->quiet)
		print_summary(p, now_ns() - start_ns);
	if (stop_signal)
		cli_error("stopped: %s", strsignal(stop_signal));
out:
	open_ahead_exit(&p->open);
	return ret || p->failed || stop_signal ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* ---- arguments ---- */

static void add_name(const struct argp_state *state, struct names *names, const char *name)
{
	const char **grown = realloc(names->name, (names->count + 1) * sizeof(*grown));

	if (!grown) {
		argp_failure(state, EXIT_FAILURE, ENOMEM, "%s", name);
		return;
	}
	grown[names->count++] = name;
	names->name = grown;
}

static enum how parse_how(const struct argp_state *state, const char *text)
{
	static const char *const names[] = {
		[HOW_AUTO] = "auto", [HOW_READ] = "read", [HOW_EXEC] = "exec"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (!strcmp(text, names[i]))
			return (enum how)i;
	argp_error(state, "--how: expected read, exec or auto, found '%s'", text);
	return HOW_AUTO;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct premeasure *p = state->input;

	switch (key) {
	case 'j':
		p->tasks = cli_number(state, arg, "tasks", 1, MAX_TASKS);
		return 0;
	case 'q':
		p->quiet = true;
		return 0;
	case 'v':
		p->skips.verbose = true;
		return 0;
	case 'x':
		p->one_fs = true;
		return 0;
	case OPTION_PACKAGE:
		if (!*arg)
			argp_error(state, "--package: no name");
		add_name(state, &p->packages, arg);
		return 0;
	case OPTION_FROM_LIST:
		add_name(state, &p->lists, arg);
		return 0;
	case OPTION_HOW:
		p->how = parse_how(state, arg);
		return 0;
	case OPTION_IDLE:
		p->idle = true;
		return 0;
	case OPTION_ANYWAY:
		p->anyway = true;
		return 0;
	case OPTION_BACKGROUND:
		p->background = true;
		return 0;
	case OPTION_ROOT:
		cli_set_once(state, &p->root, arg, "--root");
		return 0;
	case OPTION_MAX_SIZE:
		p->open.max_size = (uint64_t)cli_number(state, arg, "MiB", 0, UINT32_MAX) << 20;
		return 0;
	case ARGP_KEY_ARGS:
		p->paths = state->argv + state->next;
		return 0;
	case ARGP_KEY_END:
		if (!p->paths && !p->packages.count && !p->lists.count)
			argp_error(state,
				   "nothing to open: expected PATH, --package or --from-list");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp_option options[] = {
	{"from-list", OPTION_FROM_LIST, "LIST", 0,
	 "Open the files that the measurement list LIST of an earlier boot names (- is standard "
	 "input), in its order",
	 0},
	{"package", OPTION_PACKAGE, "NAME", 0, "Open the files of the Debian package NAME", 0},
	{"tasks", 'j', "TASKS", 0,
	 "Files opened at a time; default twice what the kernel's record holds, 64 to 512", 0},
	{"how", OPTION_HOW, "HOW", 0,
	 "read: open files; exec: map them executable, too; auto (the default): what the kernel's "
	 "policy measures",
	 0},
	{"max-size", OPTION_MAX_SIZE, "MIB", 0,
	 "Skip files of more than MIB; default 1024, 0 for no limit", 0},
	{"one-file-system", 'x', NULL, 0, "Do not leave PATH's file system", 0},
	{"idle", OPTION_IDLE, NULL, 0, "Lowest priority for CPU and disk", 0},
	{"root", OPTION_ROOT, "DIR", 0,
	 "Everything is below the mount point DIR, which will become the root: list it so", 0},
	{"background", OPTION_BACKGROUND, NULL, 0,
	 "Return once the kernel and --root have been looked at; go on in the background", 0},
	{"anyway", OPTION_ANYWAY, NULL, 0, "Also where the kernel does not batch", 0},
	{"verbose", 'v', NULL, 0, "Name each file that is skipped, and say why", 0},
	{"quiet", 'q', NULL, 0, "No progress bar and no summary", 0},
	{0},
};

static const struct argp argp = {
	.options = options,
	.parser = parse,
	.args_doc = "[PATH...]",
	.doc = "Open the regular files PATH, or below PATH, or named by a list or a package, so "
	       "that "
	       "the kernel's IMA measures them before they are used, many with one extend."
	       "\vNothing is written, links are not followed, and FIFOs, devices and the files "
	       "of proc, sysfs and the like are not opened. Exit status: 0; 1 when a PATH, LIST or "
	       "NAME could not be read; 2 when nothing was done, since the kernel does not batch; "
	       "64 for wrong arguments.",
};

int cmd_premeasure(int argc, char **argv)
{
	struct premeasure p = {
		.open = {.max_size = (uint64_t)DEFAULT_MAX_SIZE_MIB << 20, .proc_fd = -1},
		.unfold_budget = UNFOLD_BUDGET,
	};
	int ret;

	argp_parse(&argp, argc, argv, 0, NULL, &p);
	ret = run(&p);
	ima_kernel_close(&p.kernel);
	name_set_free(&p.known);
	name_set_free(&p.named);
	free(p.packages.name);
	free(p.lists.name);
	if (stop_signal)
		raise(stop_signal); /* a caller sees how it ended */
	return ret;
}
