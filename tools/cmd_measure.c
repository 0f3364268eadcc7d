// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* tpmbatch measure: hashes the files of folders and measures them as ima-ng. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli.h"
#include "hash_file.h"
#include "progress.h"
#include "queue.h"
#include "walk.h"

#define DEFAULT_TCTI "libtpms:"
#define DEFAULT_PCR  16
/*
 * Each task has one measurement under way, so this many share a record while
 * the TPM is busy; 35 or so fit into one of the default size, and within one
 * record nobody waits longer than two round trips.
 */
#define DEFAULT_TASKS 32
#define MAX_TASKS     1024
/* Template data of ima-ng besides the path: two lengths, "sha256:", two NULs, the digest. */
#define IMA_NG_OVERHEAD (4 + 8 + FILE_DIGEST_SIZE + 4 + 1)

enum {
	OPTION_SERIAL = 0x100,
	OPTION_DUMP_PCRS,
	OPTION_BATCH_MAX,
	OPTION_DURABLE,
	OPTION_FORCE,
	OPTION_RESET_PCR,
};

struct measure {
	/* Arguments. */
	const char *tcti, *list, *dump_pcrs;
	char **paths;
	uint32_t pcr, tasks, batch_max;
	unsigned int flags;
	bool quiet, reset_pcr;

	struct tpm_transport *transport;
	struct tpmb_session *session;
	struct queue queue;
	struct stat list_stat; /* the list is not measured into itself */
	bool has_list_stat;
	int dump_fd;
	uint64_t counted;

	/* Atomic: the tasks write them. */
	uint64_t not_measured;
	uint64_t bytes;
	uint64_t worst_wait_ns;
	bool gave_up; /* the list or the TPM fails: no more files */
};

/* A signal asks for the end; its number. */
static volatile sig_atomic_t stop_signal;

static void on_signal(int number)
{
	stop_signal = number;
}

static bool stopped(struct measure *m)
{
	return stop_signal || __atomic_load_n(&m->gave_up, __ATOMIC_RELAXED);
}

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

/* ---- tasks ---- */

static void not_measured(struct measure *m, const char *path, const char *reason)
{
	__atomic_add_fetch(&m->not_measured, 1, __ATOMIC_RELAXED);
	cli_error("%s: not measured: %s", path, reason);
}

static const char *hash_reason(int error)
{
	switch (error) {
	case -ENOENT:
		return "it has vanished";
	case -EAGAIN:
		return "it keeps changing while it is hashed";
	case -EMEDIUMTYPE:
		return "it is no regular file any more";
	default:
		return strerror(-error);
	}
}

static void note_wait(struct measure *m, uint64_t wait_ns)
{
	uint64_t worst = __atomic_load_n(&m->worst_wait_ns, __ATOMIC_RELAXED);

	while (wait_ns > worst &&
	       !__atomic_compare_exchange_n(&m->worst_wait_ns, &worst, wait_ns, true,
					    __ATOMIC_RELAXED, __ATOMIC_RELAXED))
		;
}

/* 0, or the error of the TPM or the list that ends it all. */
static int measure_digest(struct measure *m, const char *path, const uint8_t *digest)
{
	size_t size = IMA_NG_OVERHEAD + strlen(path) + 1;
	struct tpmb_measurement measurement = {.pcr = -1, .template_name = "ima-ng"};
	uint8_t *data = malloc(size);
	uint64_t start_ns;
	int ret;

	if (!data)
		return -ENOMEM;
	ret = tpmb_ima_ng(FILE_DIGEST_ALGO, digest, FILE_DIGEST_SIZE, path, data, size);
	if (ret < 0) {
		not_measured(m, path, strerror(-ret));
		ret = 0;
		goto out;
	}
	measurement.data = data;
	measurement.data_len = (uint32_t)ret;
	start_ns = now_ns();
	ret = tpmb_measure(m->session, &measurement);
	if (!ret)
		note_wait(m, now_ns() - start_ns);
	if (ret == -EEXIST)
		ret = 0;
out:
	free(data);
	return ret;
}

static void measure_file(struct measure *m, struct hasher *hasher, const char *path)
{
	uint8_t digest[FILE_DIGEST_SIZE];
	uint64_t bytes = 0;
	int ret;

	ret = hash_file(hasher, path, digest, &bytes);
	__atomic_add_fetch(&m->bytes, bytes, __ATOMIC_RELAXED);
	if (ret) {
		not_measured(m, path, hash_reason(ret));
	} else {
		ret = measure_digest(m, path, digest);
		if (ret) {
			__atomic_store_n(&m->gave_up, true, __ATOMIC_RELAXED);
			not_measured(m, path, strerror(-ret));
		}
	}
	progress_step();
}

static void *run_task(void *arg)
{
	struct measure *m = arg;
	struct hasher *hasher;
	char *path;
	int ret;

	ret = hasher_new(&hasher);
	if (ret) {
		__atomic_store_n(&m->gave_up, true, __ATOMIC_RELAXED);
		cli_error("cannot hash: %s", strerror(-ret));
	}
	/* When all is lost the queue is still emptied: the walker may wait for room. */
	while ((path = queue_pop(&m->queue))) {
		if (!stopped(m))
			measure_file(m, hasher, path);
		free(path);
	}
	hasher_free(hasher);
	return NULL;
}

/* ---- walking ---- */

static int queue_file(void *arg, const char *path, const struct stat *stat)
{
	struct measure *m = arg;
	char *copy;

	if (stopped(m))
		return 1;
	if (m->has_list_stat && stat->st_dev == m->list_stat.st_dev &&
	    stat->st_ino == m->list_stat.st_ino)
		return 0;
	copy = strdup(path);
	if (!copy)
		return -ENOMEM;
	queue_push(&m->queue, copy);
	return 0;
}

static void walk_error(void *arg, const char *path, const char *reason)
{
	not_measured(arg, path, reason);
}

static int count_file(void *arg, const char *path, const struct stat *stat)
{
	struct measure *m = arg;

	(void)path;
	(void)stat;
	m->counted++;
	progress_step();
	return stopped(m);
}

static void ignore_error(void *arg, const char *path, const char *reason)
{
	(void)arg;
	(void)path;
	(void)reason;
}

static int walk_all(struct measure *m, const struct walk_ops *ops)
{
	int ret = 0;

	for (char **path = m->paths; *path && !ret; path++)
		ret = walk(*path, ops, m);
	return ret < 0 ? ret : 0;
}

/* The walk before the walk: a bar needs to know how much there is. */
static void start_bar(struct measure *m)
{
	static const struct walk_ops count_ops = {.file = count_file, .error = ignore_error};

	if (m->quiet || !progress_wanted())
		return;
	progress_start("counting files", 0);
	walk_all(m, &count_ops);
	progress_end();
	if (m->counted)
		progress_start("measuring", m->counted);
}

static int run_tasks(struct measure *m)
{
	static const struct walk_ops queue_ops = {.file = queue_file, .error = walk_error};
	pthread_t *threads = calloc(m->tasks, sizeof(*threads));
	uint32_t started = 0;
	int ret = 0;

	if (!threads)
		return -ENOMEM;
	queue_init(&m->queue);
	start_bar(m);
	for (; started < m->tasks; started++) {
		ret = -pthread_create(&threads[started], NULL, run_task, m);
		if (ret)
			break;
	}
	if (!ret)
		ret = walk_all(m, &queue_ops);
	if (started == m->tasks && ret)
		cli_error("the walk ends early: %s", strerror(-ret));
	else if (ret)
		cli_error("cannot start task %u of %u: %s", started + 1, m->tasks, strerror(-ret));
	queue_close(&m->queue);
	while (started)
		pthread_join(threads[--started], NULL);
	progress_end();
	free(threads);
	return ret;
}

/* ---- before and after ---- */

static void hint(const struct measure *m, int error)
{
	bool in_process = !strcmp(m->tcti, DEFAULT_TCTI);

	switch (error) {
	case -EBADMSG:
		cli_error("%s: it is damaged, and left as it is: name a new list", m->list);
		break;
	case -ESTALE:
		if (in_process)
			cli_error("libtpms: is a fresh TPM each time: name a new list, or keep its "
				  "state with -T libtpms:DIR");
		else
			cli_error("a list ends with the TPM's reset: name a new one");
		break;
	case -EBADE:
		cli_error("the list does not explain the PCR, and nothing that is added can: name "
			  "a new list and reset the PCR (--reset-pcr, for 16 and 23)");
		break;
	case -EPERM:
		cli_error("-p names another PCR, --force allows this one");
		break;
	default:
		break;
	}
}

/* The PCR starts anew, and so has the list to. */
static int reset_pcr(struct measure *m)
{
	struct stat stat_now;

	if (m->list && !stat(m->list, &stat_now) && stat_now.st_size) {
		cli_error("%s: it holds records of the PCR that --reset-pcr would reset: name a "
			  "new list",
			  m->list);
		return -EEXIST;
	}
	return tpmb_pcr_reset(m->transport, m->pcr);
}

static int open_session(struct measure *m)
{
	struct tpmb_session_options options = {
		.size = sizeof(options),
		.list = m->list,
		.pcr = m->pcr,
		.batch_max = m->batch_max,
		.flags = m->flags,
	};
	int ret;

	ret = tpmb_transport_open(m->tcti, &m->transport);
	if (ret)
		return ret;
	options.transport = m->transport;
	if (m->reset_pcr)
		ret = reset_pcr(m);
	if (ret)
		return ret;
	ret = tpmb_session_open(&options, &m->session);
	if (ret)
		hint(m, ret);
	else
		m->has_list_stat = m->list && !stat(m->list, &m->list_stat);
	return ret;
}

/* Opened before anything is extended: afterwards it is too late for a typing error. */
static int open_dump(struct measure *m)
{
	int ret = 0;

	m->dump_fd = -1;
	if (!m->dump_pcrs)
		return 0;
	if (!strcmp(m->dump_pcrs, "-")) {
		m->dump_fd = STDOUT_FILENO;
		return 0;
	}
	m->dump_fd = open(m->dump_pcrs, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOCTTY, 0666);
	if (m->dump_fd < 0) {
		ret = -errno;
		cli_error("%s: cannot open: %s", m->dump_pcrs, strerror(-ret));
	}
	return ret;
}

static int dump_pcrs(struct measure *m)
{
	struct tpmb_pcrs pcrs;
	struct stat stat;
	int ret = 0;

	if (m->dump_fd < 0)
		return 0;
	ret = tpmb_pcr_read(m->transport, (1u << TPMB_PCR_COUNT) - 1, &pcrs);
	if (ret)
		return ret;
	if (!fstat(m->dump_fd, &stat) && S_ISREG(stat.st_mode) && m->dump_fd != STDOUT_FILENO &&
	    ftruncate(m->dump_fd, 0))
		ret = -errno;
	if (!ret)
		ret = tpmb_pcrs_save(m->dump_fd, &pcrs);
	if (m->dump_fd != STDOUT_FILENO && close(m->dump_fd) && !ret)
		ret = -errno;
	m->dump_fd = -1;
	if (ret)
		cli_error("%s: cannot write the PCR values: %s", m->dump_pcrs, strerror(-ret));
	return ret;
}

static void print_summary(const struct measure *m, const struct tpmb_session_stats *stats,
			  uint64_t elapsed_ns)
{
	uint64_t saved =
		stats->measurements > stats->extends ? stats->measurements - stats->extends : 0;

	fprintf(stderr, "measurements  %" PRIu64 "\n", stats->measurements);
	fprintf(stderr, "duplicates    %" PRIu64 "\n", stats->duplicates);
	fprintf(stderr, "not measured  %" PRIu64 "\n", m->not_measured);
	if (m->list)
		fprintf(stderr, "records       %" PRIu64 ", %" PRIu64 " of them ima-batch\n",
			stats->records, stats->batches);
	fprintf(stderr, "extends       %" PRIu64 ", %" PRIu64 " saved\n", stats->extends, saved);
	fprintf(stderr, "hashed        %.1f MiB\n", (double)m->bytes / (1024 * 1024));
	fprintf(stderr, "seconds       %.3f\n", (double)elapsed_ns / 1e9);
	fprintf(stderr, "worst wait    %.3f ms\n", (double)m->worst_wait_ns / 1e6);
}

static void catch_signals(void)
{
	/* Once: a second Ctrl-C ends the program, and the next opening mends the list. */
	struct sigaction action = {.sa_handler = on_signal, .sa_flags = (int)SA_RESETHAND};

	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	/* A closed standard error is no reason to stop between a record and its extend. */
	signal(SIGPIPE, SIG_IGN);
}

static int run(struct measure *m)
{
	struct tpmb_session_stats stats = {0};
	uint64_t start_ns;
	int ret, err;

	m->dump_fd = -1;
	ret = open_session(m);
	if (!ret)
		ret = open_dump(m);
	if (ret) {
		cli_explain(m->list ? m->list : m->tcti, ret);
		goto out;
	}
	catch_signals();
	start_ns = now_ns();
	ret = run_tasks(m);
	tpmb_session_stats(m->session, &stats);
	err = tpmb_session_close(m->session);
	m->session = NULL;
	if (!ret)
		ret = err;
	if (!m->quiet)
		print_summary(m, &stats, now_ns() - start_ns);
	err = dump_pcrs(m);
	if (!ret)
		ret = err;
	if (!ret && (m->not_measured || m->gave_up))
		ret = -EIO;
	if (stop_signal) {
		cli_error("stopped: %s", strsignal(stop_signal));
		ret = -EINTR;
	}
out:
	if (m->dump_fd >= 0 && m->dump_fd != STDOUT_FILENO)
		close(m->dump_fd);
	tpmb_session_close(m->session);
	tpmb_transport_close(m->transport);
	return ret;
}

/* ---- arguments ---- */

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct measure *m = state->input;

	switch (key) {
	case 'T':
		cli_set_once(state, &m->tcti, arg, "-T");
		return 0;
	case 'p':
		m->pcr = cli_number(state, arg, "PCR", 0, TPMB_PCR_COUNT - 1);
		return 0;
	case 'l':
		cli_set_once(state, &m->list, arg, "-l");
		return 0;
	case 'j':
		m->tasks = cli_number(state, arg, "tasks", 1, MAX_TASKS);
		return 0;
	case 'q':
		m->quiet = true;
		return 0;
	case OPTION_SERIAL:
		m->flags |= TPMB_SERIAL;
		return 0;
	case OPTION_DUMP_PCRS:
		cli_set_once(state, &m->dump_pcrs, arg, "--dump-pcrs");
		return 0;
	case OPTION_BATCH_MAX:
		m->batch_max = cli_number(state, arg, "bytes of a batch", 1, TPMB_BATCH_MAX_LIMIT);
		return 0;
	case OPTION_DURABLE:
		m->flags |= TPMB_DURABLE;
		return 0;
	case OPTION_RESET_PCR:
		m->reset_pcr = true;
		return 0;
	case OPTION_FORCE:
		m->flags |= TPMB_FORCE_PCR;
		return 0;
	case ARGP_KEY_ARGS:
		m->paths = state->argv + state->next;
		return 0;
	case ARGP_KEY_NO_ARGS:
		argp_error(state, "no PATH: expected a folder or a file");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp_option options[] = {
	{"tcti", 'T', "TCTI", 0,
	 "The TPM: libtpms: inside this process (the default), libtpms:DIR the same with its state "
	 "kept in DIR, or a TCTI of tpm2-tss such as device:/dev/tpmrm0",
	 0},
	{"pcr", 'p', "PCR", 0, "The PCR to extend; default 16", 0},
	{"list", 'l', "LIST", 0,
	 "Write the measurement list to LIST, or go on with the one that is there", 0},
	{"tasks", 'j', "TASKS", 0,
	 "Files hashed and measured at a time, which is what a batch can hold; default 32", 0},
	{"serial", OPTION_SERIAL, NULL, 0, "One extend for each file: no batches", 0},
	{"dump-pcrs", OPTION_DUMP_PCRS, "FILE", 0,
	 "At the end, write all PCRs to FILE (- is standard output) as tpm2_pcrread prints them",
	 0},
	{"batch-max", OPTION_BATCH_MAX, "BYTES", 0,
	 "Template data of a batch at most, up to 1048576; default 4096, which evmctl takes", 0},
	{"durable", OPTION_DURABLE, NULL, 0, "Each record reaches the disk before its extend", 0},
	{"reset-pcr", OPTION_RESET_PCR, NULL, 0,
	 "Reset the PCR before a new list is begun; 16 and 23 only", 0},
	{"force", OPTION_FORCE, NULL, 0, "Allow PCRs 0 to 15 on a real TPM", 0},
	{"quiet", 'q', NULL, 0, "No progress bar and no summary", 0},
	{0},
};

static const struct argp argp = {
	.options = options,
	.parser = parse,
	.args_doc = "PATH...",
	.doc = "Hash the regular files PATH, or below PATH, with SHA-256 and measure each into a "
	       "PCR of a TPM as ima-ng."
	       "\vSymbolic links are not followed, and proc, sysfs and the like are left out "
	       "unless "
	       "they are named. Exit status: 0 when every file was measured, or had been before; 1 "
	       "when one was not; 64 for wrong arguments.",
};

int cmd_measure(int argc, char **argv)
{
	struct measure m = {.pcr = DEFAULT_PCR, .tasks = DEFAULT_TASKS};
	int ret;

	argp_parse(&argp, argc, argv, 0, NULL, &m);
	if (!m.tcti)
		m.tcti = DEFAULT_TCTI;
	ret = run(&m);
	if (stop_signal)
		raise(stop_signal); /* a caller sees how it ended */
	return ret ? EXIT_FAILURE : EXIT_SUCCESS;
}
