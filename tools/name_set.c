// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Hashes of names; see name_set.h. */
#include <errno.h>
#include <stdlib.h>
#include <sys/random.h>

#include "name_set.h"

#define FIRST_SIZE 1024

/* FNV-1a, its start secret so that names cannot be made to collide. */
static uint64_t add_bytes(uint64_t hash, const void *bytes, size_t len)
{
	const uint8_t *byte = bytes;

	for (size_t i = 0; i < len; i++)
		hash = (hash ^ byte[i]) * UINT64_C(0x100000001b3);
	return hash;
}

/*
 * As the kernel lists a path, spaces being underscores (ima_write_template_field_data()),
 * whether it comes from a list or from a folder.
 */
static uint64_t add_path(uint64_t hash, const char *path)
{
	for (; *path; path++)
		hash = add_bytes(hash, *path == ' ' ? "_" : path, 1);
	return add_bytes(hash, path, 1);
}

static uint64_t hash_of(uint64_t seed, const char *path, const void *digest, size_t digest_len)
{
	uint64_t hash = add_bytes(add_path(seed, path), digest, digest_len);

	/* Every bit of the hash into the low ones (the finaliser of MurmurHash3). */
	hash = (hash ^ hash >> 33) * UINT64_C(0xff51afd7ed558ccd);
	hash = (hash ^ hash >> 33) * UINT64_C(0xc4ceb9fe1a85ec53);
	hash ^= hash >> 33;
	return hash ? hash : 1;
}

static uint64_t *slot_of(uint64_t *table, size_t size, uint64_t hash)
{
	size_t i = (size_t)hash & (size - 1);

	while (table[i] && table[i] != hash)
		i = (i + 1) & (size - 1);
	return &table[i];
}

static int grow(struct name_set *set)
{
	size_t size = set->size ? set->size * 2 : FIRST_SIZE;
	uint64_t *table = calloc(size, sizeof(*table));

	if (!table)
		return -ENOMEM;
	if (!set->size && getrandom(&set->seed, sizeof(set->seed), GRND_NONBLOCK) < 0)
		set->seed = UINT64_C(0xcbf29ce484222325); /* early at boot: names are trusted */
	for (size_t i = 0; i < set->size; i++)
		if (set->hash[i])
			*slot_of(table, size, set->hash[i]) = set->hash[i];
	free(set->hash);
	set->hash = table;
	set->size = size;
	return 0;
}

int name_set_add(struct name_set *set, const char *path, const void *digest, size_t digest_len)
{
	uint64_t hash, *slot;

	if (set->count >= set->size / 2 && grow(set))
		return -ENOMEM;
	hash = hash_of(set->seed, path, digest, digest_len);
	slot = slot_of(set->hash, set->size, hash);
	if (*slot)
		return 0;
	*slot = hash;
	set->count++;
	return 1;
}

bool name_set_has(const struct name_set *set, const char *path, const void *digest,
		  size_t digest_len)
{
	return set->count &&
	       *slot_of(set->hash, set->size, hash_of(set->seed, path, digest, digest_len));
}

void name_set_free(struct name_set *set)
{
	free(set->hash);
	*set = (struct name_set){0};
}
