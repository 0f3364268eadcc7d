// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * tpmbatch-bench: real files of this machine measured into a TPM, serially and
 * batched, side by side. A table on stdout; Google Benchmark's JSON with
 * --benchmark_out=FILE.
 */
#include <argp.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>

#include "bench.h"
#include "gbench.h"
#include "lib_private.h"
#include "paths.h"
#include "workload.h"

#define LIST_MAX  16 /* values of an option */
#define PLANS_MAX 256

/* A cap of 64 KiB holds what 32 tasks may have queued: contract C2 can be seen. */
#define CAP_LARGE (64 * 1024)
/* With 32 callers and a 5 ms extend, batches must take at most 1/15 of the serial time. */
#define GATE_TASKS   32
#define GATE_EXEC_US 5000
#define GATE_SPEEDUP 15.0

enum tier {
	TIER_QUICK,
	TIER_DEFAULT,
	TIER_LONG
};

struct numbers {
	unsigned int value[LIST_MAX];
	size_t count;
};

static struct {
	enum tier tier;
	struct numbers sizes, tasks;
	unsigned int exec_us;
	uint32_t batch_max;
	char *roots[LIST_MAX + 1];
	size_t root_count;
	const char *keep;
	bool check, libtpms, swtpm, bursts;
} config = {.tier = TIER_DEFAULT, .exec_us = 5000, .libtpms = true, .swtpm = true};

/* One line of the table, and the benchmark that fills it. */
struct plan {
	struct workload workload;
	double seconds[LIST_MAX];      /* of each repetition */
	double round_trips[LIST_MAX];  /* the same, by the mean round trip of that repetition */
	struct workload_result result; /* of the last one */
	unsigned int runs;
	bool skip; /* beyond this tier: only its cost is told */
	char name[96];
	char error[160];
};

static struct plan plans[PLANS_MAX];
static size_t plan_count;
static struct file_set files;
static unsigned int failures;

/* ---- what is run ---- */

static void plan(uint32_t exec_us, size_t count, unsigned int tasks, bool serial,
		 uint32_t batch_max, bool skip)
{
	struct plan *p = &plans[plan_count++];

	if (config.bursts)
		count -= count % tasks;
	if (plan_count > PLANS_MAX)
		abort();
	p->workload = (struct workload){
		.files = &files,
		.count = count,
		.tasks = tasks,
		.serial = serial,
		.bursts = config.bursts,
		.batch_max = batch_max,
		.exec_us = exec_us,
		.preload = path_delay_module(),
	};
	p->skip = skip;
	snprintf(p->name, sizeof(p->name), "workload/%s/%zu/%s/tasks_%u",
		 exec_us ? "swtpm" : "libtpms", count, serial ? "serial" : "batched", tasks);
	if (!serial)
		snprintf(p->name + strlen(p->name), sizeof(p->name) - strlen(p->name), "/cap_%u",
			 batch_max ? batch_max : TPMB_BATCH_MAX_DEFAULT);
}

/* Is a serial and a batched run of this size affordable in this tier? */
static bool in_tier(uint32_t exec_us, size_t count, unsigned int tasks, bool serial)
{
	double seconds = (double)count * exec_us / 1e6;

	if (!exec_us || config.sizes.count)
		return true;
	if (!serial && tasks > 1)
		seconds /= tasks / 2.0;
	switch (config.tier) {
	case TIER_QUICK:
		return seconds < 30;
	case TIER_DEFAULT:
		/* Serial time does not depend on the number of tasks. */
		return seconds < (tasks == GATE_TASKS ? 30 : 10);
	default:
		return !serial || tasks == GATE_TASKS || seconds < 60;
	}
}

static void make_plans(void)
{
	static const struct numbers all_sizes = {{1500, 5500, 63000}, 3};
	static const struct numbers all_tasks = {{1, 2, 8, 32}, 4}, most_tasks = {{32}, 1};
	const struct numbers *sizes = config.sizes.count ? &config.sizes : &all_sizes;
	const struct numbers *tasks = config.tier == TIER_QUICK ? &most_tasks : &all_tasks;

	if (config.tasks.count)
		tasks = &config.tasks;
	for (int slow = 0; slow < 2; slow++) {
		uint32_t exec_us = slow ? config.exec_us : 0;

		if (!(slow ? config.swtpm : config.libtpms))
			continue;
		for (size_t s = 0; s < sizes->count; s++) {
			for (size_t t = 0; t < tasks->count; t++) {
				size_t count = sizes->value[s];
				unsigned int n = tasks->value[t];

				plan(exec_us, count, n, true, 0, !in_tier(exec_us, count, n, true));
				plan(exec_us, count, n, false, config.batch_max,
				     !in_tier(exec_us, count, n, false));
				if (slow && !config.batch_max && n >= 8 &&
				    config.tier != TIER_QUICK)
					plan(exec_us, count, n, false, CAP_LARGE,
					     !in_tier(exec_us, count, n, false));
			}
		}
	}
}

/* ---- a run ---- */

static void run_plan(struct gbench_state *state, void *arg)
{
	struct plan *p = arg;
	char keep_path[4096];
	int ret;

	if (config.keep) {
		size_t at = (size_t)snprintf(keep_path, sizeof(keep_path), "%s/", config.keep);

		if (at < sizeof(keep_path))
			snprintf(keep_path + at, sizeof(keep_path) - at, "%s", p->name);
		for (char *slash = keep_path + at; (slash = strchr(slash, '/'));)
			*slash = '-';
		p->workload.keep_path = keep_path;
	}
	p->error[0] = '\0';
	while (gbench_keep_running(state)) {
		ret = workload_run(&p->workload, &p->result);
		if (ret)
			snprintf(p->error, sizeof(p->error), "%s", strerror(-ret));
		else if (strcmp(p->result.verdict, "ok"))
			snprintf(p->error, sizeof(p->error), "%s", p->result.verdict);
		if (p->error[0]) {
			gbench_skip(state, p->error);
			break;
		}
		gbench_iteration_seconds(state, p->result.seconds);
	}
	p->workload.keep_path = NULL;
	if (p->error[0])
		return;
	gbench_counter(state, "measurements", (double)p->result.measurements);
	gbench_counter(state, "records", (double)p->result.records);
	gbench_counter(state, "extends", (double)p->result.extends);
	gbench_counter(state, "round_trip_mean_us", p->result.round_trip_mean_us);
	gbench_counter(state, "round_trip_p99_us", p->result.round_trip_us.p99);
	gbench_counter(state, "round_trip_max_us", p->result.round_trip_us.max);
	gbench_counter(state, "wait_p50_us", p->result.wait_us.p50);
	gbench_counter(state, "wait_p99_us", p->result.wait_us.p99);
	gbench_counter(state, "wait_max_us", p->result.wait_us.max);
	gbench_counter(state, "wait_p50_round_trips",
		       p->result.wait_us.p50 / p->result.round_trip_mean_us);
	gbench_counter(state, "wait_p99_round_trips",
		       p->result.wait_us.p99 / p->result.round_trip_mean_us);
	gbench_counter(state, "wait_max_round_trips",
		       p->result.wait_us.max / p->result.round_trip_mean_us);
	if (p->workload.bursts)
		gbench_counter(state, "burst_round_trips", p->result.burst_round_trips);
	gbench_counter(state, "extends_waited_p99", p->result.extends_waited.p99);
	gbench_counter(state, "extends_waited_max", p->result.extends_waited.max);
	gbench_counter(state, "cap_can_bind", p->result.cap_can_bind);
	gbench_label(state, p->result.verdict);
}

/* ---- the table ---- */

static void print_head(bool slow)
{
	printf("%-9s %6s %-15s %8s %8s %9s %10s | %-23s | %s\n", "", "", "", "", "", "",
	       "round trip", slow ? "wait, round trips" : "wait, us", slow ? "extends" : "");
	printf("%-9s %6s %-15s %8s %8s %9s %10s | %7s %7s %7s | %7s  %s\n", "measured", "tasks",
	       "mode", "records", "extends", "seconds", "mean, us", "p50", "p99", "max",
	       slow ? "waited" : "", "list");
}

static const char *mode(const struct plan *p, char *text, size_t size)
{
	uint32_t cap = p->workload.batch_max ? p->workload.batch_max : TPMB_BATCH_MAX_DEFAULT;

	if (p->workload.serial)
		snprintf(text, size, "serial");
	else
		snprintf(text, size, "batched, %u", cap);
	return text;
}

static void print_plan(struct plan *p)
{
	const struct workload_result *r = &p->result;
	bool slow = p->workload.exec_us;
	static const struct plan *last;
	char text[32];

	if (!last || !last->workload.exec_us == slow) {
		if (slow)
			printf("\nswtpm, an extend takes %.3f ms:\n", p->workload.exec_us / 1e3);
		else
			printf("\nlibtpms, inside the process: an extend takes microseconds, waits "
			       "are those for a processor:\n");
		print_head(slow);
	}
	last = p;
	printf("%-9zu %6u %-15s ", p->workload.count, p->workload.tasks,
	       mode(p, text, sizeof(text)));
	if (p->error[0]) {
		printf("%s\n", p->error);
		return;
	}
	printf("%8llu %8llu %9.3f %10.1f |", (unsigned long long)r->records,
	       (unsigned long long)r->extends, r->seconds, r->round_trip_mean_us);
	if (slow)
		printf(" %7.2f %7.2f %7.2f | %4.0f %2.0f  %s\n",
		       r->wait_us.p50 / r->round_trip_mean_us,
		       r->wait_us.p99 / r->round_trip_mean_us,
		       r->wait_us.max / r->round_trip_mean_us, r->extends_waited.p99,
		       r->extends_waited.max, r->verdict);
	else
		printf(" %7.0f %7.0f %7.0f | %7s  %s\n", r->wait_us.p50, r->wait_us.p99,
		       r->wait_us.max, "", r->verdict);
	fflush(stdout);
}

static void on_result(void *arg, const struct gbench_result *result)
{
	(void)arg;
	for (size_t i = 0; i < plan_count; i++) {
		struct plan *p = &plans[i];
		size_t len = strlen(p->name);

		if (strncmp(result->name, p->name, len) || result->name[len] != '/')
			continue;
		if (result->error) {
			snprintf(p->error, sizeof(p->error), "%s", result->error);
			failures++;
		} else if (p->runs < LIST_MAX) {
			p->round_trips[p->runs] =
				result->seconds * 1e6 /
				gbench_result_counter(result, "round_trip_mean_us");
			p->seconds[p->runs++] = result->seconds;
		}
		/* The result is the last repetition's: one line for all. */
		if (result->error || p->runs == 1)
			print_plan(p);
	}
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* ---- serial against batched ---- */

static const struct plan *serial_of(const struct plan *batched)
{
	for (size_t i = 0; i < plan_count; i++) {
		const struct plan *p = &plans[i];

		if (p->workload.serial && p->workload.exec_us == batched->workload.exec_us &&
		    p->workload.count == batched->workload.count &&
		    p->workload.tasks == batched->workload.tasks)
			return p;
	}
	return NULL;
}

struct ratio {
	double median, min, max;
};

static struct ratio ratio_of(const double *serial, const double *batched, unsigned int runs)
{
	double ratio[LIST_MAX];

	for (unsigned int i = 0; i < runs; i++)
		ratio[i] = serial[i] / batched[i];
	qsort(ratio, runs, sizeof(*ratio), by_value);
	return (struct ratio){ratio[runs / 2], ratio[0], ratio[runs - 1]};
}

static void print_speedup(const struct plan *batched)
{
	const struct plan *serial = serial_of(batched);
	struct ratio seconds, round_trips;
	unsigned int runs;
	char text[32];

	if (!serial || !serial->runs || !batched->runs)
		return;
	runs = serial->runs < batched->runs ? serial->runs : batched->runs;
	seconds = ratio_of(serial->seconds, batched->seconds, runs);
	round_trips = ratio_of(serial->round_trips, batched->round_trips, runs);
	printf("%-9zu %6u %-15s %9.2f, in round trips %.2f", batched->workload.count,
	       batched->workload.tasks, mode(batched, text, sizeof(text)), seconds.median,
	       round_trips.median);
	if (runs > 1)
		printf("  (%.2f to %.2f, %.2f to %.2f in %u repetitions)", seconds.min, seconds.max,
		       round_trips.min, round_trips.max, runs);
	putchar('\n');
	/* In round trips: other work on the machine between the two runs is no failure. */
	if (config.check && batched->workload.tasks == GATE_TASKS &&
	    batched->workload.exec_us >= GATE_EXEC_US && round_trips.median < GATE_SPEEDUP) {
		printf("    FAILED: expected at least %.0f\n", GATE_SPEEDUP);
		failures++;
	}
}

/* Contract C2, counted in extends and so independent of the machine's speed. */
static void check_waits(const struct plan *p)
{
	char text[32];

	if (p->workload.serial || !p->workload.exec_us || !p->runs || p->result.cap_can_bind ||
	    p->result.extends_waited.p99 <= 2)
		return;
	printf("%-9zu %6u %-15s FAILED: a measurement in a hundred waited for %.0f extends, "
	       "expected 2\n",
	       p->workload.count, p->workload.tasks, mode(p, text, sizeof(text)),
	       p->result.extends_waited.p99);
	failures++;
}

static void print_summary(void)
{
	bool any = false;
	char text[32];

	for (int slow = 0; slow < 2; slow++) {
		if (!(slow ? config.swtpm : config.libtpms))
			continue;
		printf("\nSerial time by batched time, %s:\n", slow ? "swtpm" : "libtpms");
		for (size_t i = 0; i < plan_count; i++)
			if (!plans[i].workload.serial && !plans[i].workload.exec_us == !slow)
				print_speedup(&plans[i]);
	}
	for (size_t i = 0; config.check && i < plan_count; i++)
		check_waits(&plans[i]);
	for (size_t i = 0; i < plan_count; i++) {
		const struct plan *p = &plans[i];

		if (!p->skip)
			continue;
		if (!any)
			printf("\nNot run here (--long runs %s):\n",
			       config.tier == TIER_LONG ? "all that differs" : "more");
		any = true;
		printf("%-9zu %6u %-15s", p->workload.count, p->workload.tasks,
		       mode(p, text, sizeof(text)));
		if (p->workload.serial || p->workload.tasks == 1)
			printf(" one extend each: at least %.0f s",
			       (double)p->workload.count * p->workload.exec_us / 1e6);
		putchar('\n');
	}
}

/* ---- the command line ---- */

enum {
	KEY_QUICK = 256,
	KEY_LONG,
	KEY_SIZES,
	KEY_TASKS,
	KEY_EXEC_US,
	KEY_BATCH_MAX,
	KEY_ROOT,
	KEY_KEEP,
	KEY_CHECK,
	KEY_TPM,
	KEY_BURSTS,
};

static const struct argp_option argp_options[] = {
	{"quick", KEY_QUICK, NULL, 0, "32 tasks only, nothing beyond 30 s", 0},
	{"long", KEY_LONG, NULL, 0, "all sizes serially too: about 20 minutes", 0},
	{"sizes", KEY_SIZES, "N,...", 0, "measurements; default 1500,5500,63000", 0},
	{"tasks", KEY_TASKS, "N,...", 0, "tasks that measure; default 1,2,8,32", 0},
	{"tpm", KEY_TPM, "libtpms|swtpm", 0, "only this one", 0},
	{"exec-us", KEY_EXEC_US, "US", 0, "an extend's time on swtpm; default 5000", 0},
	{"batch-max", KEY_BATCH_MAX, "BYTES", 0,
	 "cap of a batch's template data; default 4096, and 65536 beside it", 0},
	{"root", KEY_ROOT, "DIR", 0, "measure the files under DIR; default /usr, /etc, /opt, /var",
	 0},
	{"bursts", KEY_BURSTS, NULL, 0,
	 "all tasks measure one file at a time and wait for each other; sizes are rounded down to "
	 "whole bursts",
	 0},
	{"keep", KEY_KEEP, "DIR", 0, "keep each list and its PCR values in DIR", 0},
	{"check", KEY_CHECK, NULL, 0,
	 "fail unless 32 tasks are 15 times as fast in batches, and where one record holds the "
	 "queue 99 % wait for two extends at most",
	 0},
	{0},
};

static void parse_numbers(struct argp_state *state, const char *arg, struct numbers *numbers)
{
	numbers->count = 0;
	do {
		char *end;
		unsigned long value = strtoul(arg, &end, 10);

		if (end == arg || (*end && *end != ',') || !value || value > 10000000)
			argp_error(state, "%s: expected numbers from 1 to 10000000", arg);
		if (numbers->count == LIST_MAX)
			argp_error(state, "more than %d numbers", LIST_MAX);
		numbers->value[numbers->count++] = (unsigned int)value;
		arg = *end ? end + 1 : NULL;
	} while (arg);
}

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct numbers one;

	switch (key) {
	case KEY_QUICK:
		config.tier = TIER_QUICK;
		return 0;
	case KEY_LONG:
		config.tier = TIER_LONG;
		return 0;
	case KEY_SIZES:
		parse_numbers(state, arg, &config.sizes);
		return 0;
	case KEY_TASKS:
		parse_numbers(state, arg, &config.tasks);
		for (size_t i = 0; i < config.tasks.count; i++)
			if (config.tasks.value[i] > 4096)
				argp_error(state, "%u tasks: expected 4096 at most",
					   config.tasks.value[i]);
		return 0;
	case KEY_TPM:
		if (strcmp(arg, "libtpms") && strcmp(arg, "swtpm"))
			argp_error(state, "--tpm=%s: expected libtpms or swtpm", arg);
		config.libtpms = !strcmp(arg, "libtpms");
		config.swtpm = !config.libtpms;
		return 0;
	case KEY_EXEC_US:
		parse_numbers(state, arg, &one);
		config.exec_us = one.value[0];
		return 0;
	case KEY_BATCH_MAX:
		parse_numbers(state, arg, &one);
		if (one.value[0] > TPMB_BATCH_MAX_LIMIT)
			argp_error(state, "--batch-max=%s: expected %d at most", arg,
				   TPMB_BATCH_MAX_LIMIT);
		config.batch_max = one.value[0];
		return 0;
	case KEY_ROOT:
		if (config.root_count == LIST_MAX)
			argp_error(state, "more than %d --root", LIST_MAX);
		config.roots[config.root_count++] = arg;
		return 0;
	case KEY_KEEP:
		config.keep = arg;
		return 0;
	case KEY_BURSTS:
		config.bursts = true;
		return 0;
	case KEY_CHECK:
		config.check = true;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp argp = {
	.options = argp_options,
	.parser = parse_option,
	.doc = "Measures real files of this machine into a TPM, serially and in batches, and "
	       "compares.\vOptions that begin with --benchmark_ are Google Benchmark's: "
	       "--benchmark_out=FILE, --benchmark_repetitions=N, ...",
};

/* Moves Google Benchmark's options behind the others; returns how many are others. */
static int split_arguments(int argc, char **argv, char **theirs, int *their_count)
{
	int ours = 1;

	*their_count = 1;
	theirs[0] = argv[0];
	for (int i = 1; i < argc; i++) {
		if (!strncmp(argv[i], "--benchmark_", strlen("--benchmark_")))
			theirs[(*their_count)++] = argv[i];
		else
			argv[ours++] = argv[i];
	}
	argv[ours] = NULL;
	theirs[*their_count] = NULL;
	return ours;
}

static int load_files(void)
{
	static char *const roots[] = {"/usr", "/etc", "/opt", "/var", NULL};
	size_t want = 0;
	int ret;

	for (size_t i = 0; i < plan_count; i++)
		if (!plans[i].skip && plans[i].workload.count > want)
			want = plans[i].workload.count;
	ret = file_set_load(config.root_count ? config.roots : roots, want, &files);
	if (ret) {
		fprintf(stderr, "tpmbatch-bench: no files to measure: %s\n", strerror(-ret));
		return ret;
	}
	printf("%zu files of up to %d KiB, picked by a hash of their paths; larger ones are left "
	       "out.\n",
	       files.distinct, FILES_SIZE_MAX / 1024);
	if (files.distinct < files.count)
		printf("This machine has no more: %zu of %zu measurements repeat a file under the "
		       "name PATH#N.\n",
		       files.count - files.distinct, files.count);
	return 0;
}

int cmd_files(int argc, char **argv)
{
	struct gbench_options options = {.on_result = on_result, .quiet = true};
	char **theirs = calloc((size_t)argc + 1, sizeof(*theirs));
	int their_count, ret;

	if (!theirs)
		return 2;
	argc = split_arguments(argc, argv, theirs, &their_count);
	argp_parse(&argp, argc, argv, 0, NULL, NULL);
	prctl(PR_SET_TIMERSLACK, 1ul, 0ul, 0ul, 0ul);
	make_plans();
	ret = load_files();
	if (ret) {
		ret = 2;
		goto out;
	}
	for (size_t i = 0; i < plan_count; i++) {
		struct gbench *bench;

		if (plans[i].skip)
			continue;
		bench = gbench_register(plans[i].name, run_plan, &plans[i]);
		gbench_fix_iterations(bench, 1);
		gbench_use_manual_time(bench);
		gbench_unit(bench, GBENCH_S);
	}
	ret = gbench_run(&their_count, theirs, &options);
	if (ret != -EINVAL)
		print_summary();
	ret = ret == -EINVAL ? 2 : ret || failures ? 1 : 0;
out:
	file_set_free(&files);
	free(theirs);
	return ret;
}
