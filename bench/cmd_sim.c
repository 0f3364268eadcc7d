// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* tpmbatch-bench sim: sim_measure.h as CSV. The same arguments give the same bytes everywhere. */
#include <argp.h>
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"
#include "lib_private.h"
#include "sim_measure.h"
#include "words.h"

struct settings {
	struct words chips, policies;
	uint64_t measurements[WORDS_MAX], tasks[WORDS_MAX], batch_max[WORDS_MAX];
	size_t measurement_count, task_count, batch_max_count;
	uint64_t think_us;
	bool serial, batched;
};

/* Waits in thousandths of the mean round trip; the worst also of the longest. */
static int run_row(const struct sim_measure *row)
{
	struct sim_measure_result r;
	int ret = sim_measure_run(row, &r);

	if (ret)
		return ret;
	printf("%s,%s,%s,%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64
	       ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",verified\n",
	       row->chip, row->policy, row->serial ? "serial" : "batched", row->measurements,
	       row->tasks, row->serial ? 0 : row->batch_max, r.extends, r.total_ns, r.round_trip_ns,
	       r.longest_round_trip_ns, r.wait_p50_ns * 1000 / r.round_trip_ns,
	       r.wait_p99_ns * 1000 / r.round_trip_ns, r.wait_max_ns * 1000 / r.round_trip_ns,
	       r.wait_max_ns * 1000 / r.longest_round_trip_ns);
	fflush(stdout);
	return 0;
}

static int run_modes(const struct settings *s, struct sim_measure *row)
{
	int ret = 0;

	if (s->serial) {
		row->serial = true;
		ret = run_row(row);
	}
	for (size_t i = 0; !ret && s->batched && i < s->batch_max_count; i++) {
		row->serial = false;
		row->batch_max = s->batch_max[i];
		ret = run_row(row);
	}
	return ret;
}

static int run_all(const struct settings *s)
{
	int ret = 0;

	printf("chip,policy,mode,measurements,tasks,batch_max,extends,total_ns,round_trip_ns,"
	       "longest_round_trip_ns,wait_p50_permille,wait_p99_permille,wait_max_permille,"
	       "wait_max_of_longest_permille,list\n");
	for (size_t c = 0; c < s->chips.count; c++)
		for (size_t p = 0; p < s->policies.count; p++)
			for (size_t m = 0; m < s->measurement_count; m++)
				for (size_t t = 0; !ret && t < s->task_count; t++) {
					struct sim_measure row = {
						.chip = s->chips.word[c],
						.policy = s->policies.word[p],
						.measurements = s->measurements[m],
						.tasks = s->tasks[t],
						.think_us = s->think_us,
					};

					ret = run_modes(s, &row);
				}
	return ret;
}

/* ---- the command line ---- */

static void split(struct argp_state *state, char *arg, struct words *words)
{
	if (!words_take(words, arg))
		argp_error(state, "expected 1 to %d words with commas between them", WORDS_MAX);
}

static uint64_t one_number(struct argp_state *state, const char *text)
{
	unsigned long number;

	if (!number_take(text, 1, ULONG_MAX, &number))
		argp_error(state, "%s: expected a positive number", text);
	return number;
}

static size_t split_numbers(struct argp_state *state, char *arg, uint64_t numbers[WORDS_MAX])
{
	struct words words;

	split(state, arg, &words);
	for (size_t i = 0; i < words.count; i++)
		numbers[i] = one_number(state, words.word[i]);
	return words.count;
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
		split(state, arg, &s->chips);
		return 0;
	case OPT_POLICIES:
		split(state, arg, &s->policies);
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

int cmd_sim(int argc, char **argv)
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
		.chips = {{"slb9670-spi"}, 1},
		.policies = {{"linux-6.12"}, 1},
		.measurements = {1500},
		.measurement_count = 1,
		.tasks = {1, 64},
		.task_count = 2,
		.batch_max = {TPMB_BATCH_MAX_DEFAULT},
		.batch_max_count = 1,
		.serial = true,
		.batched = true,
	};

	argp_parse(&argp, argc, argv, 0, NULL, &s);
	if (run_all(&s))
		return 1;
	if (fflush(stdout) || ferror(stdout)) {
		tpmb_msg("standard output: %s", strerror(errno));
		return 1;
	}
	return 0;
}
