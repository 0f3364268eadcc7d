// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

#include "bank.h"
#include "lib_private.h"
#include "recording.h"

#define SIZE_LIMIT (256u * 1024 * 1024) /* of a recording's text, in bytes */

/* ---- bytes ---- */

static int read_file(const char *path, char **text, size_t *len)
{
	FILE *file = fopen(path, "rb");
	size_t room = 0, got;
	int ret = file ? 0 : -errno;

	*text = NULL;
	*len = 0;
	while (!ret) {
		if (room - *len < 2) {
			char *more = realloc(*text, room = room ? 2 * room : 65536);

			if (!more) {
				ret = -ENOMEM;
				break;
			}
			*text = more;
		}
		got = fread(*text + *len, 1, room - *len - 1, file);
		*len += got;
		if (!got && ferror(file))
			ret = -EIO;
		else if (!got)
			break;
		if (*len > SIZE_LIMIT)
			ret = -EFBIG;
	}
	if (file)
		fclose(file);
	if (!ret)
		(*text)[*len] = '\0';
	else
		tpmb_msg("%s: %s", path, strerror(-ret));
	return ret;
}

static int decompress(const char *path, char **text, size_t *len)
{
	unsigned long long size = ZSTD_getFrameContentSize(*text, *len);
	char *plain = NULL;
	size_t got;

	if (size == ZSTD_CONTENTSIZE_ERROR || size == ZSTD_CONTENTSIZE_UNKNOWN ||
	    size > SIZE_LIMIT) {
		tpmb_msg("%s: expected a zstd frame that names its size, of at most %u bytes", path,
			 SIZE_LIMIT);
		return -EBADMSG;
	}
	plain = malloc((size_t)size + 1);
	if (!plain)
		return -ENOMEM;
	got = ZSTD_decompress(plain, (size_t)size, *text, *len);
	if (ZSTD_isError(got) || got != size) {
		tpmb_msg("%s: %s", path, ZSTD_isError(got) ? ZSTD_getErrorName(got) : "cut short");
		free(plain);
		return -EBADMSG;
	}
	plain[got] = '\0';
	free(*text);
	*text = plain;
	*len = got;
	return 0;
}

/* ---- lines ---- */

/* A decimal number that ends at @end. */
static bool take_number(char **pos, char end, uint64_t *number)
{
	char *stop;

	if (**pos < '0' || **pos > '9')
		return false;
	errno = 0;
	*number = strtoull(*pos, &stop, 10);
	if (errno || *stop != end)
		return false;
	*pos = stop + (end != '\0');
	return true;
}

/* In place: %XX becomes its byte. */
static bool unescape(char *text)
{
	char *to = text;

	for (; *text; text++) {
		unsigned int byte;

		if (*text != '%') {
			*to++ = *text;
			continue;
		}
		if (sscanf(text + 1, "%2x", &byte) != 1 || !byte || strlen(text) < 3)
			return false;
		*to++ = (char)byte;
		text += 2;
	}
	*to = '\0';
	return true;
}

static bool parse_head(struct recording *recording, char *line)
{
	static const char *const known[] = {"source ",	 "extend_ns ", "occupied_ns ",
					    "total_ns ", "prompt ",    "prompt_ns "};
	uint64_t number;
	size_t i;

	for (i = 0; i < sizeof(known) / sizeof(*known); i++)
		if (!strncmp(line, known[i], strlen(known[i])))
			break;
	if (i == sizeof(known) / sizeof(*known))
		return false;
	line += strlen(known[i]);
	if (!i)
		return true;
	if (!take_number(&line, '\0', &number))
		return false;
	switch (i) {
	case 1:
		recording->extend_ns = number;
		return true;
	case 2:
		recording->occupied_ns = number;
		return true;
	case 3:
		recording->total_ns = number;
		return true;
	case 4:
		recording->prompt = number;
		return true;
	default:
		recording->prompt_ns = number;
		return true;
	}
}

/* TASK, THINK_US, AFTER, KIND, PATH with tabs between. */
static bool parse_entry(struct recording *recording, size_t *last_of_task, char *line)
{
	struct recorded *entry = &recording->entries[recording->count];
	uint64_t task, think_us, back;
	size_t last;

	memset(entry, 0, sizeof(*entry));
	if (!take_number(&line, '\t', &task) || task > recording->tasks ||
	    !take_number(&line, '\t', &think_us) || think_us > UINT64_MAX / 1000)
		return false;
	entry->task = (uint32_t)task;
	entry->think_ns = think_us * 1000;
	last = task < recording->tasks ? last_of_task[task] : RECORDED_NOTHING;
	if (line[0] == '-' && line[1] == '\t') {
		if (last == RECORDED_NOTHING)
			return false;
		entry->after = last;
		line += 2;
	} else {
		/* Only a task's first measurement may follow another task's. */
		if (last != RECORDED_NOTHING || !take_number(&line, '\t', &back) ||
		    back > recording->count)
			return false;
		entry->after = back ? recording->count - back : RECORDED_NOTHING;
	}
	if (!strchr("mvdu", line[0]) || !line[0] || line[1] != '\t')
		return false;
	entry->kind = (enum recorded_kind)line[0];
	line += 2;
	if (entry->kind == RECORDED_MEASUREMENT || entry->kind == RECORDED_VIOLATION) {
		if (!*line || !unescape(line))
			return false;
		entry->path = line;
	} else if (*line) {
		return false;
	}
	if (task == recording->tasks)
		recording->tasks++;
	last_of_task[task] = recording->count++;
	return true;
}

/* ---- versions, ranks, digests ---- */

struct named {
	const char *path;
	size_t entry;
};

static int by_path(const void *a, const void *b)
{
	const struct named *x = a, *y = b;
	int order = strcmp(x->path, y->path);

	return order ? order : (x->entry > y->entry) - (x->entry < y->entry);
}

static int set_digest(struct tpmb_hash *hash, struct recorded *entry)
{
	char version[16];

	snprintf(version, sizeof(version), "\n%" PRIu32, entry->version);
	return tpmb_hash_pair(hash, TPMB_BANK_SHA256, entry->path, strlen(entry->path), version,
			      strlen(version), entry->digest);
}

/* What follows from the entries. */
static int complete(struct recording *recording)
{
	struct named *named = malloc((recording->count + 1) * sizeof(*named));
	struct tpmb_hash *hash = NULL;
	size_t count = 0;
	uint32_t rank = 0;
	int ret = named ? tpmb_hash_new(&hash) : -ENOMEM;

	recording->measurements = 0;
	recording->violations = 0;
	for (size_t i = 0; !ret && i < recording->count; i++) {
		struct recorded *entry = &recording->entries[i];

		recording->measurements += entry->kind == RECORDED_MEASUREMENT;
		recording->violations += entry->kind == RECORDED_VIOLATION;
		if (entry->path)
			named[count++] = (struct named){entry->path, i};
	}
	if (!ret)
		qsort(named, count, sizeof(*named), by_path);
	for (size_t i = 0; !ret && i < count; i++) {
		struct recorded *entry = &recording->entries[named[i].entry];
		bool again = i && !strcmp(named[i].path, named[i - 1].path);

		if (i && !again)
			rank++;
		entry->path_rank = rank;
		entry->version = again ? recording->entries[named[i - 1].entry].version + 1 : 0;
		ret = set_digest(hash, entry);
	}
	tpmb_hash_free(hash);
	free(named);
	return ret;
}

static int parse(const char *path, struct recording *recording)
{
	size_t lines = 0, number = 1, *last_of_task;
	char *line = recording->paths, *next;
	bool head = true;
	int ret = 0;

	for (const char *at = line; *at; at++)
		lines += *at == '\n';
	recording->entries = calloc(lines + 1, sizeof(*recording->entries));
	last_of_task = malloc((lines + 1) * sizeof(*last_of_task));
	if (!recording->entries || !last_of_task) {
		ret = -ENOMEM;
		goto out;
	}
	for (size_t i = 0; i <= lines; i++)
		last_of_task[i] = RECORDED_NOTHING;
	for (; *line; line = next, number++) {
		bool good;

		next = strchr(line, '\n');
		if (next)
			*next++ = '\0';
		if (number == 1)
			good = next && !strcmp(line, "tpmbatch-recording 1");
		else if (!next)
			good = false;
		else if (head && !*line)
			good = !(head = false);
		else if (head)
			good = parse_head(recording, line);
		else
			good = parse_entry(recording, last_of_task, line);
		if (!good) {
			tpmb_msg("%s: line %zu: no line of a recording, see "
				 "bench/workloads/README.md",
				 path, number);
			ret = -EBADMSG;
			goto out;
		}
	}
	if (!recording->count ||
	    (recording->prompt != RECORDED_NOTHING && recording->prompt >= recording->count)) {
		tpmb_msg("%s: expected measurements, the prompt among them", path);
		ret = -EBADMSG;
	}
out:
	free(last_of_task);
	return ret;
}

int recording_load(const char *path, struct recording *recording)
{
	size_t len = strlen(path);
	int ret;

	memset(recording, 0, sizeof(*recording));
	recording->prompt = RECORDED_NOTHING;
	ret = read_file(path, &recording->paths, &len);
	if (!ret && strlen(path) > 4 && !strcmp(path + strlen(path) - 4, ".zst"))
		ret = decompress(path, &recording->paths, &len);
	if (!ret && strlen(recording->paths) != len) {
		tpmb_msg("%s: holds a NUL", path);
		ret = -EBADMSG;
	}
	if (!ret)
		ret = parse(path, recording);
	if (!ret)
		ret = complete(recording);
	if (ret)
		recording_free(recording);
	return ret;
}

void recording_free(struct recording *recording)
{
	free(recording->entries);
	free(recording->paths);
	memset(recording, 0, sizeof(*recording));
}

/* ---- derived ones ---- */

static void count_kinds(struct recording *recording)
{
	recording->measurements = 0;
	recording->violations = 0;
	recording->tasks = 0;
	for (size_t i = 0; i < recording->count; i++) {
		const struct recorded *entry = &recording->entries[i];

		recording->measurements += entry->kind == RECORDED_MEASUREMENT;
		recording->violations += entry->kind == RECORDED_VIOLATION;
		if (entry->task >= recording->tasks)
			recording->tasks = entry->task + 1;
	}
}

void recording_cut(struct recording *recording, size_t count)
{
	if (count < recording->count)
		recording->count = count;
	if (recording->prompt != RECORDED_NOTHING && recording->prompt >= recording->count)
		recording->prompt = RECORDED_NOTHING;
	count_kinds(recording);
}

int recording_cut_measurements(struct recording *recording, size_t measurements)
{
	size_t seen = 0;

	for (size_t i = 0; i < recording->count; i++) {
		if (!recording->entries[i].path || ++seen < measurements)
			continue;
		recording_cut(recording, i + 1);
		return 0;
	}
	return -ERANGE;
}

static int by_value(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

/* Of the tasks' second and later entries. */
static int median_think(const struct recording *recording, uint64_t *median)
{
	uint64_t *think = malloc((recording->count + 1) * sizeof(*think));
	size_t count = 0;

	if (!think)
		return -ENOMEM;
	for (size_t i = 0; i < recording->count; i++) {
		const struct recorded *entry = &recording->entries[i];

		if (entry->after != RECORDED_NOTHING &&
		    recording->entries[entry->after].task == entry->task)
			think[count++] = entry->think_ns;
	}
	qsort(think, count, sizeof(*think), by_value);
	*median = count ? think[count / 2] : 0;
	free(think);
	return 0;
}

static int path_order(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

int recording_fill(struct recording *recording, const struct recording *from, size_t measurements)
{
	size_t have = recording->measurements + recording->violations, path_count = 0, count;
	const char **paths = malloc((recording->count + 1) * sizeof(*paths));
	size_t missing = measurements > have ? measurements - have : 0;
	struct recorded *entries;
	uint64_t think_ns = 0;
	size_t bytes = 0, old_bytes = 0;
	char *text = NULL, *to;
	int ret = paths ? median_think(recording, &think_ns) : -ENOMEM;

	entries = ret ? NULL
		      : realloc(recording->entries,
				(recording->count + missing + 1) * sizeof(*entries));
	if (!entries) {
		ret = ret ? ret : -ENOMEM;
		goto out;
	}
	recording->entries = entries;
	/* The paths move into one block with the new ones'. */
	for (size_t i = 0; i < recording->count; i++)
		if (entries[i].path) {
			paths[path_count++] = entries[i].path;
			old_bytes += strlen(entries[i].path) + 1;
		}
	qsort(paths, path_count, sizeof(*paths), path_order);
	for (size_t i = 0; i < from->count; i++)
		bytes += from->entries[i].path ? strlen(from->entries[i].path) + 1 : 0;
	text = malloc(old_bytes + bytes + 1);
	if (!text) {
		ret = -ENOMEM;
		goto out;
	}
	to = text + old_bytes;
	count = recording->count;
	for (size_t i = 0; i < from->count && missing; i++) {
		struct recorded entry = from->entries[i];

		if (entry.kind != RECORDED_MEASUREMENT || entry.version ||
		    bsearch(&entry.path, paths, path_count, sizeof(*paths), path_order))
			continue;
		entry.path = strcpy(to, entry.path);
		to += strlen(to) + 1;
		entry.task = recording->tasks;
		entry.think_ns = think_ns;
		entry.after = count - 1;
		entries[count++] = entry;
		missing--;
	}
	if (missing) {
		ret = -ERANGE;
		goto out;
	}
	to = text;
	for (size_t i = 0; i < recording->count; i++)
		if (entries[i].path) {
			entries[i].path = strcpy(to, entries[i].path);
			to += strlen(to) + 1;
		}
	free(recording->paths);
	recording->paths = text;
	text = NULL;
	recording->count = count;
	count_kinds(recording);
	ret = complete(recording);
out:
	free(text);
	free(paths);
	return ret;
}

int recording_deal(struct recording *recording, uint32_t tasks, uint64_t think_ns)
{
	size_t count = 0;

	if (!tasks)
		return -EINVAL;
	for (size_t i = 0; i < recording->count; i++) {
		struct recorded entry = recording->entries[i];

		if (entry.kind != RECORDED_MEASUREMENT)
			continue;
		entry.task = (uint32_t)(count % tasks);
		entry.after = count < tasks ? RECORDED_NOTHING : count - tasks;
		entry.think_ns = think_ns;
		recording->entries[count++] = entry;
	}
	recording->count = count;
	recording->prompt = RECORDED_NOTHING;
	count_kinds(recording);
	return 0;
}

/* splitmix64: the same on every machine. */
static uint64_t draw(uint64_t *random)
{
	uint64_t z = *random += 0x9e3779b97f4a7c15u;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return z ^ z >> 31;
}

int recording_make(struct recording *recording, size_t files, size_t measurements, uint32_t tasks,
		   uint64_t cost_ns)
{
	uint64_t random = measurements;
	size_t measured = 0;
	char *to;

	memset(recording, 0, sizeof(*recording));
	recording->prompt = RECORDED_NOTHING;
	if (!files || measurements > files || !tasks)
		return -EINVAL;
	recording->entries = calloc(files, sizeof(*recording->entries));
	/* As long as a path of a Debian /usr is in the middle. */
	to = recording->paths = malloc(files * 80);
	if (!recording->entries || !to) {
		recording_free(recording);
		return -ENOMEM;
	}
	for (size_t i = 0; i < files; i++) {
		struct recorded *entry = &recording->entries[i];

		entry->task = (uint32_t)(i % tasks);
		entry->after = i < tasks ? RECORDED_NOTHING : i - tasks;
		entry->think_ns = cost_ns;
		/* As many of those left as are still to be measured: any choice is as likely. */
		entry->kind = draw(&random) % (files - i) < measurements - measured
				      ? RECORDED_MEASUREMENT
				      : RECORDED_USE;
		measured += entry->kind == RECORDED_MEASUREMENT;
		if (entry->kind == RECORDED_MEASUREMENT) {
			entry->path = to;
			to += sprintf(to,
				      "/usr/share/doc/package-%06zu/examples/"
				      "file-in-the-tree-%08zu",
				      i / 66, i) +
			      1;
		}
	}
	recording->count = files;
	count_kinds(recording);
	return complete(recording);
}
