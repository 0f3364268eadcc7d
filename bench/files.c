// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Finds files, hashes them once, remembers their digests; see files.h. */
#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/evp.h>

#include "files.h"

#define PATH_LIMIT   1024 /* of a file that is taken */
#define HASH_THREADS 4
#define CACHE_MAX    300000 /* digests */
/* First line of the cache; another version is read as an empty one. */
#define CACHE_HEADER "tpmbatch digests 1\n"

struct found {
	char *path;
	int64_t size;
	int64_t mtime_ns;
	uint8_t digest[FILES_DIGEST];
	bool known;    /* @digest is set */
	uint64_t hash; /* of @path, in thin_out() */
};

struct found_set {
	struct found *found;
	size_t count, room;
};

static int add(struct found_set *set, const char *path, int64_t size, int64_t mtime_ns)
{
	struct found *found;

	if (set->count == set->room) {
		size_t room = set->room ? set->room * 2 : 4096;

		found = reallocarray(set->found, room, sizeof(*found));
		if (!found)
			return -ENOMEM;
		set->found = found;
		set->room = room;
	}
	found = &set->found[set->count];
	memset(found, 0, sizeof(*found));
	found->path = strdup(path);
	if (!found->path)
		return -ENOMEM;
	found->size = size;
	found->mtime_ns = mtime_ns;
	set->count++;
	return 0;
}

static void free_found(struct found_set *set)
{
	for (size_t i = 0; i < set->count; i++)
		free(set->found[i].path);
	free(set->found);
	memset(set, 0, sizeof(*set));
}

static int by_path(const void *a, const void *b)
{
	return strcmp(((const struct found *)a)->path, ((const struct found *)b)->path);
}

/* ---- the walk ---- */

static int64_t mtime_ns(const struct stat *st)
{
	return (int64_t)st->st_mtim.tv_sec * 1000000000 + st->st_mtim.tv_nsec;
}

static int walk(char *const *roots, struct found_set *set)
{
	FTS *fts = fts_open(roots, FTS_PHYSICAL | FTS_XDEV | FTS_NOCHDIR, NULL);
	FTSENT *entry;
	int ret = fts ? 0 : -errno;

	while (!ret && (entry = fts_read(fts))) {
		const struct stat *st = entry->fts_statp;

		if (entry->fts_info != FTS_F || st->st_size > FILES_SIZE_MAX ||
		    entry->fts_pathlen > PATH_LIMIT || strchr(entry->fts_path, '\n') ||
		    access(entry->fts_path, R_OK))
			continue;
		ret = add(set, entry->fts_path, st->st_size, mtime_ns(st));
	}
	if (fts)
		fts_close(fts);
	if (!ret && set->count)
		qsort(set->found, set->count, sizeof(*set->found), by_path);
	return ret;
}

/* FNV-1a, with a last mixing step: paths that differ at their end differ in the high bits. */
static uint64_t hash_path(const char *path)
{
	uint64_t hash = 0xcbf29ce484222325;

	for (; *path; path++)
		hash = (hash ^ (uint8_t)*path) * 0x100000001b3;
	hash ^= hash >> 32;
	return hash * 0x9e3779b97f4a7c15;
}

static int by_hash(const void *a, const void *b)
{
	uint64_t x = ((const struct found *)a)->hash, y = ((const struct found *)b)->hash;

	return (x > y) - (x < y);
}

/* Keeps @want of them. */
static void thin_out(struct found_set *set, size_t want)
{
	if (set->count <= want)
		return;
	for (size_t i = 0; i < set->count; i++)
		set->found[i].hash = hash_path(set->found[i].path);
	qsort(set->found, set->count, sizeof(*set->found), by_hash);
	while (set->count > want)
		free(set->found[--set->count].path);
	qsort(set->found, set->count, sizeof(*set->found), by_path);
}

/* ---- the cache ---- */

/* Makes the folder too; false where there is no place for a cache. */
static bool cache_path(char *path, size_t size)
{
	const char *cache = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
	int len;

	if (cache && *cache == '/')
		len = snprintf(path, size, "%s", cache);
	else if (home && *home == '/')
		len = snprintf(path, size, "%s/.cache", home);
	else
		return false;
	if (len < 0 || (size_t)len + sizeof("/tpmbatch/digests") > size)
		return false;
	mkdir(path, 0700);
	strcat(path, "/tpmbatch");
	mkdir(path, 0700);
	strcat(path, "/digests");
	return true;
}

static bool parse_hex(const char *hex, uint8_t *digest)
{
	for (int i = 0; i < FILES_DIGEST; i++) {
		unsigned int byte;
		int used = 0;

		if (sscanf(hex + 2 * i, "%2x%n", &byte, &used) != 1 || used != 2)
			return false;
		digest[i] = (uint8_t)byte;
	}
	return true;
}

/* A line: digest, size, time of change in ns, path. Lines that are none are left out. */
static int load_cache(struct found_set *set)
{
	char path[4096], line[PATH_LIMIT + 256];
	int ret = 0;
	FILE *file;

	if (!cache_path(path, sizeof(path)))
		return 0;
	file = fopen(path, "re");
	if (!file)
		return 0;
	if (fgets(line, sizeof(line), file) && !strcmp(line, CACHE_HEADER)) {
		while (!ret && fgets(line, sizeof(line), file)) {
			long long size, time_ns;
			int at = 0;

			line[strcspn(line, "\n")] = '\0';
			if (sscanf(line, "%*64s %lld %lld %n", &size, &time_ns, &at) < 2 || !at ||
			    line[2 * FILES_DIGEST] != ' ')
				continue;
			ret = add(set, line + at, size, time_ns);
			if (!ret)
				set->found[set->count - 1].known =
					parse_hex(line, set->found[set->count - 1].digest);
		}
	}
	fclose(file);
	if (!ret && set->count)
		qsort(set->found, set->count, sizeof(*set->found), by_path);
	return ret;
}

static void save_digests(const struct found_set *set, const struct found_set *except, FILE *file)
{
	for (size_t i = 0; i < set->count; i++) {
		const struct found *found = &set->found[i];

		if (!found->known ||
		    (except && except->count &&
		     bsearch(found, except->found, except->count, sizeof(*found), by_path)))
			continue;
		for (int byte = 0; byte < FILES_DIGEST; byte++)
			fprintf(file, "%02x", found->digest[byte]);
		fprintf(file, " %lld %lld %s\n", (long long)found->size, (long long)found->mtime_ns,
			found->path);
	}
}

/* Digests of other files than today's are kept, unless there are very many. */
static void save_cache(const struct found_set *set, const struct found_set *old)
{
	char path[4096], temp[4200];
	bool ok;
	FILE *file;

	if (!cache_path(path, sizeof(path)))
		return;
	snprintf(temp, sizeof(temp), "%s.%d", path, (int)getpid());
	file = fopen(temp, "we");
	if (!file)
		return;
	fputs(CACHE_HEADER, file);
	save_digests(set, NULL, file);
	if (old->count < CACHE_MAX)
		save_digests(old, set, file);
	ok = !ferror(file);
	ok = !fclose(file) && ok;
	if (!ok || rename(temp, path))
		unlink(temp);
}

/* Takes over what the cache knows; returns how many are left to hash. */
static size_t recall(struct found_set *set, const struct found_set *cache)
{
	size_t left = 0;

	for (size_t i = 0; i < set->count; i++) {
		struct found *found = &set->found[i];
		const struct found *old = NULL;

		if (cache->count)
			old = bsearch(found, cache->found, cache->count, sizeof(*found), by_path);
		if (old && old->known && old->size == found->size &&
		    old->mtime_ns == found->mtime_ns) {
			memcpy(found->digest, old->digest, FILES_DIGEST);
			found->known = true;
		} else {
			left++;
		}
	}
	return left;
}

/* ---- hashing ---- */

struct hashing {
	struct found_set *set;
	size_t next; /* atomic */
};

/* Reads a whole file; its bytes, or -1 where that fails or it has grown. */
static ssize_t read_file(const char *path, uint8_t *to)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	ssize_t len = 0, got;

	if (fd < 0)
		return -1;
	do {
		got = read(fd, to + len, FILES_SIZE_MAX + 1 - (size_t)len);
		len += got > 0 ? got : 0;
	} while (got > 0 && len <= FILES_SIZE_MAX);
	close(fd);
	return got < 0 || len > FILES_SIZE_MAX ? -1 : len;
}

static void *hash_some(void *arg)
{
	struct hashing *hashing = arg;
	struct found_set *set = hashing->set;
	uint8_t *buffer = malloc(FILES_SIZE_MAX + 1);
	size_t i;

	while (buffer &&
	       (i = __atomic_fetch_add(&hashing->next, 1, __ATOMIC_RELAXED)) < set->count) {
		struct found *found = &set->found[i];
		ssize_t len;

		if (found->known)
			continue;
		len = read_file(found->path, buffer);
		if (len >= 0)
			found->known = EVP_Digest(buffer, (size_t)len, found->digest, NULL,
						  EVP_sha256(), NULL) == 1;
	}
	free(buffer);
	return NULL;
}

static void hash_all(struct found_set *set)
{
	struct hashing hashing = {.set = set};
	pthread_t threads[HASH_THREADS];
	int started = 0;

	while (started < HASH_THREADS &&
	       !pthread_create(&threads[started], NULL, hash_some, &hashing))
		started++;
	hash_some(&hashing); /* one more, and the only one where none starts */
	while (started--)
		pthread_join(threads[started], NULL);
}

/* ---- the set ---- */

/* What was found under names of its own until @want are there. */
static int take(struct found_set *from, size_t want, struct file_set *set)
{
	set->files = calloc(want, sizeof(*set->files));
	if (!set->files)
		return -ENOMEM;
	for (size_t i = 0; i < from->count && set->count < want; i++) {
		if (!from->found[i].known)
			continue;
		set->files[set->count].path = from->found[i].path;
		from->found[i].path = NULL;
		memcpy(set->files[set->count++].digest, from->found[i].digest, FILES_DIGEST);
	}
	set->distinct = set->count;
	if (!set->distinct)
		return -ENOENT;
	for (; set->count < want; set->count++) {
		struct file *file = &set->files[set->count];
		const struct file *origin = &set->files[set->count % set->distinct];

		if (asprintf(&file->path, "%s#%zu", origin->path, set->count / set->distinct + 1) <
		    0) {
			file->path = NULL;
			return -ENOMEM;
		}
		memcpy(file->digest, origin->digest, FILES_DIGEST);
	}
	return 0;
}

int file_set_load(char *const *roots, size_t want, struct file_set *set)
{
	struct found_set found = {0}, cache = {0};
	size_t left;
	int ret;

	memset(set, 0, sizeof(*set));
	ret = walk(roots, &found);
	if (!ret)
		ret = load_cache(&cache);
	if (ret)
		goto out;
	thin_out(&found, want);
	left = recall(&found, &cache);
	if (left) {
		fprintf(stderr, "Hashing %zu files, once; their digests are kept.\n", left);
		hash_all(&found);
		save_cache(&found, &cache);
	}
	ret = take(&found, want, set);
out:
	free_found(&cache);
	free_found(&found);
	return ret;
}

void file_set_free(struct file_set *set)
{
	for (size_t i = 0; i < set->count; i++)
		free(set->files[i].path);
	free(set->files);
	memset(set, 0, sizeof(*set));
}
