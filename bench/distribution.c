// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "distribution.h"

static int by_value(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

uint64_t distribution_permille(const uint64_t *sorted, size_t count, unsigned int permille)
{
	size_t rank = (count * permille + 999) / 1000;

	return sorted[rank ? rank - 1 : 0];
}

void distribution_take(uint64_t *values, size_t count, struct distribution *d)
{
	double squares = 0;
	uint64_t sum_ns = 0; /* a million of 120 s each fit */

	qsort(values, count, sizeof(*values), by_value);
	*d = (struct distribution){
		.count = count,
		.min_ns = values[0],
		.p1_ns = distribution_permille(values, count, 10),
		.p10_ns = distribution_permille(values, count, 100),
		.p50_ns = distribution_permille(values, count, 500),
		.p90_ns = distribution_permille(values, count, 900),
		.p99_ns = distribution_permille(values, count, 990),
		.p999_ns = distribution_permille(values, count, 999),
		.max_ns = values[count - 1],
	};
	for (size_t i = 0; i < count; i++)
		sum_ns += values[i];
	d->mean_ns = (double)sum_ns / (double)count;
	for (size_t i = 0; i < count; i++)
		squares += ((double)values[i] - d->mean_ns) * ((double)values[i] - d->mean_ns);
	if (count > 1)
		d->deviation_ns = sqrt(squares / (double)(count - 1));
}

/* The smallest of 1, 2, 5, 10, 20, ... that is not below @ns. */
static uint64_t round_width(uint64_t ns)
{
	static const unsigned int steps[] = {1, 2, 5};

	for (uint64_t power = 1;; power *= 10)
		for (size_t i = 0; i < sizeof(steps) / sizeof(*steps); i++)
			if (steps[i] * power >= ns)
				return steps[i] * power;
}

void histogram_take(const uint64_t *sorted, size_t count, struct histogram *h)
{
	uint64_t last_ns = distribution_permille(sorted, count, 990);
	uint64_t most_ns = 3 * distribution_permille(sorted, count, 500);

	if (last_ns > most_ns)
		last_ns = most_ns;
	memset(h, 0, sizeof(*h));
	/* One bin may be lost to rounding the first one's edge down. */
	h->width_ns = round_width((last_ns - sorted[0]) / (HISTOGRAM_BINS - 1) + 1);
	h->from_ns = sorted[0] / h->width_ns * h->width_ns;
	h->bins = (size_t)((last_ns - h->from_ns) / h->width_ns) + 1;
	for (size_t i = 0; i < count; i++) {
		size_t bin = (size_t)((sorted[i] - h->from_ns) / h->width_ns);

		if (bin < h->bins)
			h->count[bin]++;
		else
			h->above++;
	}
}
