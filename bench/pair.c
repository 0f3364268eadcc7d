// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Differences of tens of nanoseconds on a machine whose speed changes by half
 * from one second to the next: the two sides take turns in blocks of some
 * microseconds, each block is held against its neighbour, and the median of
 * those differences is reported, with the middle 80 % of them.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "gbench.h"
#include "micro.h"

#define PAIRS_MAX 8

static struct {
	const struct pair *pair;
	double base_us, p10_us, p50_us, p90_us; /* of the last repetition */
	size_t blocks;				/* 0: has not run */
} runs[PAIRS_MAX];
static size_t pair_count;

static double now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* Times one block; microseconds for each of its turns. */
static double time_block(const struct pair *pair, int (*side)(void *, unsigned int), int *error)
{
	double start_us = now_us();
	int ret = side(pair->arg, pair->block);

	if (ret)
		*error = ret;
	return (now_us() - start_us) / pair->block;
}

static void run_pair(struct gbench_state *state, void *arg)
{
	size_t index = (size_t)(uintptr_t)arg, count = 0;
	const struct pair *pair = runs[index].pair;
	double *base = malloc(2 * pair->blocks * sizeof(*base));
	double *diff = base + pair->blocks;
	int error = base ? 0 : -1;

	if (!error && pair->open)
		error = pair->open(pair->arg);
	if (error)
		gbench_skip(state, "it does not open");
	while (gbench_keep_running(state)) {
		double tested;

		/* Whoever is second finds warmer caches: take turns. */
		if (count % 2) {
			tested = time_block(pair, pair->tested, &error);
			base[count] = time_block(pair, pair->base, &error);
		} else {
			base[count] = time_block(pair, pair->base, &error);
			tested = time_block(pair, pair->tested, &error);
		}
		diff[count] = tested - base[count];
		count++;
		gbench_iteration_seconds(state, tested / 1e6);
		if (error) {
			gbench_skip(state, "one side failed");
			break;
		}
	}
	if (pair->close)
		pair->close(pair->arg);
	if (count && !error) {
		qsort(base, count, sizeof(*base), by_value);
		qsort(diff, count, sizeof(*diff), by_value);
		runs[index].blocks = count;
		runs[index].base_us = base[count / 2];
		runs[index].p10_us = diff[count / 10];
		runs[index].p50_us = diff[count / 2];
		runs[index].p90_us = diff[count - 1 - count / 10];
		gbench_counter(state, "base_us", runs[index].base_us);
		gbench_counter(state, "difference_us", runs[index].p50_us);
		gbench_counter(state, "difference_p10_us", runs[index].p10_us);
		gbench_counter(state, "difference_p90_us", runs[index].p90_us);
	}
	free(base);
}

void register_pair(const struct pair *pair)
{
	struct gbench *bench;

	if (pair_count == PAIRS_MAX)
		abort();
	runs[pair_count].pair = pair;
	bench = gbench_register(pair->name, run_pair, (void *)(uintptr_t)pair_count++);
	gbench_fix_iterations(bench, pair->blocks);
	gbench_repeat(bench, 1);
	gbench_use_manual_time(bench);
	gbench_unit(bench, GBENCH_US);
}

void print_pairs(void)
{
	for (size_t i = 0; i < pair_count; i++) {
		if (!runs[i].blocks)
			continue;
		printf("%s\n    %+.3f us (80 %% within %+.3f to %+.3f, %zu pairs), which is "
		       "%+.2f %% of %.3f us\n",
		       runs[i].pair->what, runs[i].p50_us, runs[i].p10_us, runs[i].p90_us,
		       runs[i].blocks, runs[i].p50_us / runs[i].base_us * 100, runs[i].base_us);
	}
}
