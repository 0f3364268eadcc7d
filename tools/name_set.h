/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A set of paths, with or without a digest, that keeps 8 bytes of hash of each:
 * 63,000 of them take 1 MiB. Two that collide (one pair in 10^10 at that size)
 * pass for one, which here leaves a file to be measured by its user.
 */
#ifndef TPMBATCH_NAME_SET_H
#define TPMBATCH_NAME_SET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct name_set {
	uint64_t *hash; /* a power of two, 0: free */
	size_t size;
	size_t count;
	uint64_t seed;
};

/* @set zeroed is an empty one. 1 when it is new, 0 when it was there, -ENOMEM. */
int name_set_add(struct name_set *set, const char *path, const void *digest, size_t digest_len);
bool name_set_has(const struct name_set *set, const char *path, const void *digest,
		  size_t digest_len);
void name_set_free(struct name_set *set);

#endif
