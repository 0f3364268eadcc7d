/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What many times of the same thing look like. */
#ifndef TPMB_DISTRIBUTION_H
#define TPMB_DISTRIBUTION_H

#include <stddef.h>
#include <stdint.h>

/* Of sorted values: the smallest that at least @permille of a thousand are not above. */
uint64_t distribution_permille(const uint64_t *sorted, size_t count, unsigned int permille);

struct distribution {
	size_t count;
	double mean_ns, deviation_ns; /* of the values as a sample */
	uint64_t min_ns, p1_ns, p10_ns, p50_ns, p90_ns, p99_ns, p999_ns, max_ns;
};

/* Sorts @values. At least one. */
void distribution_take(uint64_t *values, size_t count, struct distribution *d);

#define HISTOGRAM_BINS 25

/* Bins of one width from @from_ns on; what is above the last one is @above. */
struct histogram {
	uint64_t width_ns, from_ns; /* 1, 2 or 5 by a power of ten, and a multiple of it */
	size_t bins;
	size_t count[HISTOGRAM_BINS];
	size_t above;
};

/*
 * Of sorted values, such that 99 in a hundred lie in a bin, but those of more than
 * three times the median do not: a machine that was busy must not hide the rest.
 */
void histogram_take(const uint64_t *sorted, size_t count, struct histogram *h);

#endif
