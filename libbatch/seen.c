// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Open addressing with linear probing; keys are digests, so their bytes are the hash. */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "seen.h"

/* Small, so that growing, and its failing, is an everyday case for tests. */
#define FIRST_ROOM 16

struct entry {
	uint32_t pcr_plus_1; /* 0: free */
	uint8_t key[TPMB_KEY_SIZE];
};

struct tpmb_seen {
	pthread_mutex_t lock; /* guards all below */
	struct entry *entries;
	size_t room; /* a power of two */
	size_t used;
};

int tpmb_seen_new(struct tpmb_seen **seen)
{
	struct tpmb_seen *new = calloc(1, sizeof(*new));

	if (!new)
		return -ENOMEM;
	new->room = FIRST_ROOM;
	new->entries = calloc(new->room, sizeof(*new->entries));
	if (!new->entries) {
		free(new);
		return -ENOMEM;
	}
	pthread_mutex_init(&new->lock, NULL);
	*seen = new;
	return 0;
}

void tpmb_seen_free(struct tpmb_seen *seen)
{
	if (!seen)
		return;
	pthread_mutex_destroy(&seen->lock);
	free(seen->entries);
	free(seen);
}

/* The key's entry, or the free one where it belongs. */
static struct entry *find(struct entry *entries, size_t room, uint32_t pcr, const uint8_t *key)
{
	size_t at;

	memcpy(&at, key, sizeof(at));
	for (;; at++) {
		struct entry *entry = &entries[at & (room - 1)];

		if (!entry->pcr_plus_1)
			return entry;
		if (entry->pcr_plus_1 == pcr + 1 && !memcmp(entry->key, key, TPMB_KEY_SIZE))
			return entry;
	}
}

int tpmb_seen_reserve(struct tpmb_seen *seen, size_t count)
{
	struct entry *entries;
	int ret = 0;
	size_t room;

	pthread_mutex_lock(&seen->lock);
	for (room = seen->room; room / 2 < seen->used + count; room *= 2)
		;
	if (room == seen->room)
		goto out;
	entries = calloc(room, sizeof(*entries));
	if (!entries) {
		ret = -ENOMEM;
		goto out;
	}
	for (size_t i = 0; i < seen->room; i++) {
		struct entry *entry = &seen->entries[i];

		if (entry->pcr_plus_1)
			*find(entries, room, entry->pcr_plus_1 - 1, entry->key) = *entry;
	}
	free(seen->entries);
	seen->entries = entries;
	seen->room = room;
out:
	pthread_mutex_unlock(&seen->lock);
	return ret;
}

void tpmb_seen_add(struct tpmb_seen *seen, uint32_t pcr, const uint8_t key[TPMB_KEY_SIZE])
{
	struct entry *entry;

	pthread_mutex_lock(&seen->lock);
	entry = find(seen->entries, seen->room, pcr, key);
	if (!entry->pcr_plus_1) {
		entry->pcr_plus_1 = pcr + 1;
		memcpy(entry->key, key, TPMB_KEY_SIZE);
		seen->used++;
	}
	pthread_mutex_unlock(&seen->lock);
}

bool tpmb_seen_has(struct tpmb_seen *seen, uint32_t pcr, const uint8_t key[TPMB_KEY_SIZE])
{
	bool has;

	pthread_mutex_lock(&seen->lock);
	has = find(seen->entries, seen->room, pcr, key)->pcr_plus_1;
	pthread_mutex_unlock(&seen->lock);
	return has;
}
