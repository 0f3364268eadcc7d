// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * IMA-like tasks on the real session, engine, list and driver, over a simulated
 * chip, in virtual time: CPU work takes none, only the bus, the chip and the
 * sleeps of the driver do. The same arguments give the same bytes everywhere.
 *
 * Each row is one run: TASKS tasks share MEASUREMENTS files; a task measures
 * one after the other, its think time after the last one returned. The list is
 * replayed and held against the chip's PCRs.
 */
#include <argp.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib_private.h"
#include "sim_clock.h"
#include "sim_session.h"

#define MAX_LIST   16
#define PCR	   16
#define STACK_SIZE (512 * 1024) /* libtpms runs on a task's stack */

struct settings {
	const char *chips[MAX_LIST], *policies[MAX_LIST];
	uint64_t measurements[MAX_LIST], tasks[MAX_LIST], batch_max[MAX_LIST];
	size_t chip_count, policy_count, measurement_count, task_count, batch_max_count;
	uint64_t think_us;
	bool serial, batched;
};

/* One run. */
static struct {
	struct tpmb_session *session;
	uint64_t measurements, next, think_us;
	uint64_t *wait_ns; /* by measurement */
	int error;
} run;

static void on_message(void *arg, const char *line)
{
	(void)arg;
	fprintf(stderr, "tpmbatch-sim: %s\n", line);
}

/* ---- tasks ---- */

/*
 * Measurement @number: a digest made of it, and a path as long as the paths
 * of a Debian /usr are: 40 to 90 bytes, 65 in the middle.
 */
static uint32_t make_measurement(uint64_t number, uint8_t *data, size_t size)
{
	static const char filler[] = "python3-dist-packages-translations-documentation-x";
	uint8_t digest[32];
	char path[160];
	int len;

	for (size_t i = 0; i < sizeof(digest); i++)
		digest[i] = (uint8_t)((number * 0x9e3779b97f4a7c15u) >> (i % 8 * 8));
	memcpy(digest, &number, sizeof(number));
	snprintf(path, sizeof(path), "/usr/lib/%.*s/%012" PRIu64 ".so",
		 (int)(number * 7 % sizeof(filler)), filler, number);
	len = tpmb_ima_ng("sha256", digest, sizeof(digest), path, data, size);
	return len > 0 ? (uint32_t)len : 0;
}

static void task(void *arg)
{
	(void)arg;
	while (run.next < run.measurements && !run.error) {
		uint64_t number = run.next++, start;
		struct tpmb_measurement m = {.pcr = -1, .template_name = "ima-ng"};
		uint8_t data[512];
		int ret;

		if (run.think_us)
			tpmb_clock_sleep_ns(tpmb_sim_clock(),
					    sim_random_below(2 * run.think_us * 1000 + 1));
		m.data = data;
		m.data_len = make_measurement(number, data, sizeof(data));
		start = tpmb_clock_now_ns(tpmb_sim_clock());
		ret = tpmb_measure(run.session, &m);
		run.wait_ns[number] = tpmb_clock_now_ns(tpmb_sim_clock()) - start;
		if (ret)
			run.error = ret;
	}
}

/* ---- one row ---- */

struct row {
	const char *chip, *policy;
	uint64_t measurements, tasks, batch_max;
	bool serial;
	uint64_t records, total_ns;
	const struct timed_transport *timed;
};

static int by_value(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

/* Waits in thousandths of the mean round trip; the worst also of the longest. */
static void print_row(const struct row *row)
{
	const struct timed_transport *timed = row->timed;
	uint64_t mean = timed->total_ns / timed->extends, n = row->measurements;
	const uint64_t *wait = run.wait_ns;

	printf("%s,%s,%s,%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64
	       ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",verified\n",
	       row->chip, row->policy, row->serial ? "serial" : "batched", row->measurements,
	       row->tasks, row->serial ? 0 : row->batch_max, timed->extends, row->total_ns, mean,
	       timed->max_ns, wait[n / 2] * 1000 / mean, wait[n - 1 - n / 100] * 1000 / mean,
	       wait[n - 1] * 1000 / mean, wait[n - 1] * 1000 / timed->max_ns);
	fflush(stdout);
}

static void root_task(void *arg)
{
	struct row *row = arg;
	struct tpmb_session_options options = {
		.size = sizeof(options),
		.pcr = PCR,
		.batch_max = (uint32_t)row->batch_max,
		.flags = row->serial ? TPMB_SERIAL : 0,
	};
	struct timed_transport timed;
	struct tpmb_session_stats stats;
	char list[] = "/tmp/tpmbatch-sim-XXXXXX";
	int fd = mkstemp(list), ret = fd < 0 ? -errno : 0;

	if (!ret)
		ret = sim_tpm_open(row->chip, row->policy, &timed);
	if (ret) {
		run.error = ret;
		goto out_list;
	}
	options.transport = &timed.base;
	options.list = list;
	ret = tpmb_session_open(&options, &run.session);
	if (ret)
		goto out_chip;
	row->timed = &timed;
	row->total_ns = tpmb_clock_now_ns(tpmb_sim_clock());
	run.wait_ns = calloc(row->measurements, sizeof(*run.wait_ns));
	ret = run.wait_ns ? 0 : -ENOMEM;
	for (uint64_t i = 0; !ret && i < row->tasks; i++)
		ret = sim_spawn(task, NULL);
	if (!ret)
		sim_wait_for_others();
	row->total_ns = tpmb_clock_now_ns(tpmb_sim_clock()) - row->total_ns;
	if (!ret)
		ret = run.error;
	tpmb_session_stats(run.session, &stats);
	if (!ret)
		ret = tpmb_session_close(run.session);
	if (!ret && stats.measurements != row->measurements)
		ret = -EBADE;
	if (!ret)
		ret = sim_verify(list, timed.inner, PCR);
	if (!ret) {
		qsort(run.wait_ns, row->measurements, sizeof(*run.wait_ns), by_value);
		print_row(row);
	}
	free(run.wait_ns);
out_chip:
	sim_tpm_close(&timed);
	run.error = ret;
out_list:
	if (fd >= 0) {
		close(fd);
		unlink(list);
	}
}

static int run_row(struct row *row, uint64_t think_us)
{
	int ret;

	memset(&run, 0, sizeof(run));
	run.measurements = row->measurements;
	run.think_us = think_us;
	sim_begin(row->measurements + row->tasks, SIM_IN_ORDER, STACK_SIZE);
	ret = sim_spawn(root_task, row);
	if (!ret)
		ret = sim_run();
	sim_end();
	if (!ret)
		ret = run.error;
	if (ret)
		fprintf(stderr,
			"tpmbatch-sim: %s, %s, %" PRIu64 " measurements by %" PRIu64 " tasks: %s\n",
			row->chip, row->policy, row->measurements, row->tasks, strerror(-ret));
	return ret;
}

static int run_modes(const struct settings *s, struct row *row)
{
	int ret = 0;

	if (s->serial) {
		row->serial = true;
		ret = run_row(row, s->think_us);
	}
	for (size_t i = 0; !ret && s->batched && i < s->batch_max_count; i++) {
		row->serial = false;
		row->batch_max = s->batch_max[i];
		ret = run_row(row, s->think_us);
	}
	return ret;
}

static int run_all(const struct settings *s)
{
	int ret = 0;

	printf("chip,policy,mode,measurements,tasks,batch_max,extends,total_ns,round_trip_ns,"
	       "longest_round_trip_ns,wait_p50_permille,wait_p99_permille,wait_max_permille,"
	       "wait_max_of_longest_permille,list\n");
	for (size_t c = 0; c < s->chip_count; c++)
		for (size_t p = 0; p < s->policy_count; p++)
			for (size_t m = 0; m < s->measurement_count; m++)
				for (size_t t = 0; !ret && t < s->task_count; t++) {
					struct row row = {.chip = s->chips[c],
							  .policy = s->policies[p],
							  .measurements = s->measurements[m],
							  .tasks = s->tasks[t]};

					ret = run_modes(s, &row);
				}
	return ret;
}

/* ---- the command line ---- */

static size_t split(struct argp_state *state, char *arg, const char *items[MAX_LIST])
{
	size_t count = 0;

	for (char *item = strtok(arg, ","); item; item = strtok(NULL, ",")) {
		if (count == MAX_LIST)
			argp_error(state, "more than %d items in a list", MAX_LIST);
		items[count++] = item;
	}
	return count;
}

static uint64_t one_number(struct argp_state *state, const char *text)
{
	char *end;
	uint64_t number = strtoull(text, &end, 10);

	if (*end || !number)
		argp_error(state, "%s: expected a positive number", text);
	return number;
}

static size_t split_numbers(struct argp_state *state, char *arg, uint64_t numbers[MAX_LIST])
{
	const char *items[MAX_LIST];
	size_t count = split(state, arg, items);

	for (size_t i = 0; i < count; i++)
		numbers[i] = one_number(state, items[i]);
	return count;
}

enum {
	OPT_CHIPS = 'c',
	OPT_POLICIES = 'p',
	OPT_MEASUREMENTS = 'm',
	OPT_TASKS = 't',
	OPT_BATCH_MAX = 'b',
	OPT_MODE = 'M',
	OPT_OUTPUT = 'o',
	OPT_THINK = 'k'
};

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct settings *s = state->input;

	switch (key) {
	case OPT_CHIPS:
		s->chip_count = split(state, arg, s->chips);
		return 0;
	case OPT_POLICIES:
		s->policy_count = split(state, arg, s->policies);
		return 0;
	case OPT_MEASUREMENTS:
		s->measurement_count = split_numbers(state, arg, s->measurements);
		return 0;
	case OPT_TASKS:
		s->task_count = split_numbers(state, arg, s->tasks);
		return 0;
	case OPT_BATCH_MAX:
		s->batch_max_count = split_numbers(state, arg, s->batch_max);
		return 0;
	case OPT_THINK:
		s->think_us = one_number(state, arg);
		return 0;
	case OPT_OUTPUT:
		if (!freopen(arg, "w", stdout))
			argp_failure(state, 1, errno, "%s", arg);
		return 0;
	case OPT_MODE:
		s->serial = strcmp(arg, "batched");
		s->batched = strcmp(arg, "serial");
		if (s->serial && s->batched && strcmp(arg, "both"))
			argp_error(state, "--mode %s: expected serial, batched or both", arg);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

int main(int argc, char **argv)
{
	static const struct argp_option options[] = {
		{"chips", OPT_CHIPS, "CHIP,...", 0, "chip profiles (slb9670-spi)", 0},
		{"policies", OPT_POLICIES, "POLICY,...", 0, "driver policies (linux-6.12)", 0},
		{"measurements", OPT_MEASUREMENTS, "N,...", 0, "how many (1500)", 0},
		{"tasks", OPT_TASKS, "N,...", 0, "by how many tasks (1,64)", 0},
		{"batch-max", OPT_BATCH_MAX, "BYTES,...", 0, "cap of a batch (4096)", 0},
		{"mode", OPT_MODE, "MODE", 0, "serial, batched or both (both)", 0},
		{"output", OPT_OUTPUT, "FILE", 0, "write there (standard output)", 0},
		{"think-us", OPT_THINK, "US", 0, "mean think time before a measurement (0)", 0},
		{0},
	};
	static const struct argp argp = {
		options,
		parse_option,
		NULL,
		"Measures with many tasks over simulated chips in virtual time, and prints CSV.",
		NULL,
		NULL,
		NULL};
	struct settings s = {
		.chips = {"slb9670-spi"},
		.chip_count = 1,
		.policies = {"linux-6.12"},
		.policy_count = 1,
		.measurements = {1500},
		.measurement_count = 1,
		.tasks = {1, 64},
		.task_count = 2,
		.batch_max = {TPMB_BATCH_MAX_DEFAULT},
		.batch_max_count = 1,
		.serial = true,
		.batched = true,
	};

	tpmb_set_message_handler(on_message, NULL);
	argp_parse(&argp, argc, argv, 0, NULL, &s);
	if (run_all(&s))
		return 1;
	if (fflush(stdout) || ferror(stdout)) {
		perror("tpmbatch-sim: standard output");
		return 1;
	}
	return 0;
}
