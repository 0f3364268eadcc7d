// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Micro-benchmarks of the engine, the record format and the lists. Repetitions
 * run interleaved and in random order, so that a machine which slows down for
 * a while does so for all of them.
 */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>

#include "bench.h"
#include "gbench.h"
#include "lib_private.h"
#include "micro.h"
#include "paths.h"

#define RESULTS_MAX	1024
#define REPETITIONS_MAX 64
/* Where the digest begins in ima-ng template data: u32 length, "sha256:", NUL. */
#define DIGEST_OFFSET 12

struct row {
	char name[96];
	double seconds[REPETITIONS_MAX];
	size_t count;
	double items_per_second; /* of the last repetition, as is: */
	double submits_per_commit;
};

static struct row rows[RESULTS_MAX];
static size_t row_count;

uint32_t make_ima_ng(uint64_t number, uint8_t data[IMA_NG_SIZE])
{
	uint8_t digest[32] = {0};
	int len =
		tpmb_ima_ng("sha256", digest, sizeof(digest),
			    "/usr/lib/x86_64-linux-gnu/a-library-of-some-name", data, IMA_NG_SIZE);

	if (len < 0)
		abort();
	renumber_ima_ng(number, data);
	return (uint32_t)len;
}

void renumber_ima_ng(uint64_t number, uint8_t data[IMA_NG_SIZE])
{
	memcpy(data + DIGEST_OFFSET, &number, sizeof(number));
}

/* ---- the table ---- */

static void keep_result(void *arg, const struct gbench_result *result)
{
	struct row *row = rows;

	(void)arg;
	if (result->error) {
		fprintf(stderr, "%s: %s\n", result->name, result->error);
		return;
	}
	while (row < rows + row_count && strcmp(row->name, result->name))
		row++;
	if (row == rows + RESULTS_MAX)
		return;
	if (row == rows + row_count) {
		snprintf(row->name, sizeof(row->name), "%s", result->name);
		row_count++;
	}
	if (row->count < REPETITIONS_MAX)
		row->seconds[row->count++] = result->seconds;
	row->items_per_second = gbench_result_counter(result, "items_per_second");
	row->submits_per_commit = gbench_result_counter(result, "submits_per_commit");
}

static int by_name(const void *a, const void *b)
{
	return strverscmp(((const struct row *)a)->name, ((const struct row *)b)->name);
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void print_table(void)
{
	qsort(rows, row_count, sizeof(*rows), by_name);
	printf("%-62s %11s %24s %10s %8s\n", "benchmark", "us, median", "us, range", "items/ms",
	       "a commit");
	for (size_t i = 0; i < row_count; i++) {
		struct row *row = &rows[i];

		qsort(row->seconds, row->count, sizeof(double), by_value);
		printf("%-62s %11.3f %11.3f -%11.3f", row->name, row->seconds[row->count / 2] * 1e6,
		       row->seconds[0] * 1e6, row->seconds[row->count - 1] * 1e6);
		if (!isnan(row->items_per_second))
			printf(" %10.0f", row->items_per_second / 1e3);
		if (!isnan(row->submits_per_commit))
			printf(" %8.2f", row->submits_per_commit);
		putchar('\n');
	}
}

int cmd_micro(int argc, char **argv)
{
	static const char *const flags[] = {
		"--benchmark_repetitions=5",
		"--benchmark_enable_random_interleaving=true",
		"--benchmark_min_time=0.05",
		NULL,
	};
	struct gbench_options options = {.flags = flags, .on_result = keep_result, .quiet = true};
	int ret;

	/* The default of 50 us would be half of a simulated device's 100 us; threads inherit it. */
	prctl(PR_SET_TIMERSLACK, 1ul, 0ul, 0ul, 0ul);
	register_submit();
	register_tpm(path_delay_module());
	register_records();
	ret = gbench_run(&argc, argv, &options);
	if (ret == -EINVAL)
		return 2;
	print_table();
	printf("\nDifferences\n");
	print_pairs();
	return ret ? 1 : 0;
}
