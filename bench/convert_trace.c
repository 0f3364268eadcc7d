// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Makes a recording of a measurement list and of the ftrace lines of the boot it
 * came from: probes iq and ir at the entry and return of
 * ima_add_template_entry(), pe and pr at those of tpm_pcr_extend(). The n-th
 * extend is the list's n-th record. Format and rules: workloads/README.md.
 */
#include <argp.h>
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

#include "lib_private.h"
#include "tpmbatch.h"

#define NOTHING SIZE_MAX
#define LEVEL	19 /* zstd's; the recordings are committed */

/* One call of ima_add_template_entry(); times in microseconds, 0: not there. */
struct entry {
	uint32_t pid;
	uint64_t entered, extend, extended, returned;
	size_t record; /* of the list; NOTHING: IMA had it already, or the list ends before */
	size_t line;
};

struct entries {
	struct entry *items;
	size_t count, room;
};

struct records {
	char **paths;
	bool *violations;
	size_t count, room;
};

/* ---- the trace ---- */

/* "  COMM-PID  [CPU] FLAGS  SECONDS.MICROSECONDS: PROBE: ..."; COMM may hold anything. */
static bool parse_line(const char *line, uint32_t *pid, uint64_t *us, char probe[3])
{
	for (const char *at = strchr(line, '['); at; at = strchr(at + 1, '[')) {
		const char *end = at;
		unsigned int cpu;
		unsigned long long seconds;
		char fraction[8];
		int used = 0;

		if (sscanf(at, "[%u] %*s %llu.%6[0-9]: %2[a-z]:%n", &cpu, &seconds, fraction, probe,
			   &used) < 4 ||
		    !used || strlen(fraction) != 6)
			continue;
		while (end > line && end[-1] == ' ')
			end--;
		while (end > line && isdigit((unsigned char)end[-1]))
			end--;
		if (end == line || end[-1] != '-')
			continue;
		*pid = (uint32_t)strtoul(end, NULL, 10);
		*us = seconds * 1000000 + strtoull(fraction, NULL, 10);
		return true;
	}
	return false;
}

/* The call that a task is in; NULL outside. Tasks are few, and calls in flight fewer. */
static struct entry *open_call(struct entries *entries, uint32_t pid)
{
	for (size_t i = entries->count; i-- > 0;)
		if (entries->items[i].pid == pid)
			return entries->items[i].returned ? NULL : &entries->items[i];
	return NULL;
}

static struct entry *new_entry(struct entries *entries)
{
	if (entries->count == entries->room) {
		size_t room = entries->room ? 2 * entries->room : 1024;
		struct entry *more = realloc(entries->items, room * sizeof(*more));

		if (!more)
			return NULL;
		entries->items = more;
		entries->room = room;
	}
	memset(&entries->items[entries->count], 0, sizeof(*entries->items));
	return &entries->items[entries->count++];
}

static int add_event(struct entries *entries, size_t line, uint32_t pid, uint64_t us,
		     const char *probe, size_t *extends)
{
	struct entry *call = open_call(entries, pid);

	if (!strcmp(probe, "iq")) {
		if (call)
			return -EBADMSG;
		call = new_entry(entries);
		if (!call)
			return -ENOMEM;
		*call = (struct entry){.pid = pid, .entered = us, .record = NOTHING, .line = line};
		return 0;
	}
	if (!call)
		return -EBADMSG;
	if (!strcmp(probe, "pe")) {
		call->extend = us;
		call->record = (*extends)++;
	} else if (!strcmp(probe, "pr")) {
		call->extended = us;
	} else if (!strcmp(probe, "ir")) {
		call->returned = us;
	} else {
		return -EBADMSG;
	}
	return 0;
}

static int read_trace(const char *path, struct entries *entries)
{
	FILE *file = fopen(path, "r");
	size_t line_room = 0, number = 0, extends = 0;
	char *line = NULL, probe[3];
	uint64_t us;
	uint32_t pid;
	int ret = file ? 0 : -errno;

	if (ret)
		tpmb_msg("%s: %s", path, strerror(-ret));
	while (!ret && getline(&line, &line_room, file) > 0) {
		number++;
		if (line[0] == '#')
			continue;
		ret = parse_line(line, &pid, &us, probe)
			      ? add_event(entries, number, pid, us, probe, &extends)
			      : -EBADMSG;
		if (ret == -EBADMSG)
			tpmb_msg("%s: line %zu: expected an event iq, pe, pr or ir in its turn",
				 path, number);
	}
	if (!ret && ferror(file))
		ret = -EIO;
	free(line);
	if (file)
		fclose(file);
	return ret;
}

/* ---- the list ---- */

static char *record_path(const struct tpmb_record *record)
{
	struct tpmb_field fields[16];
	int count = tpmb_template_fields(record->name, record->name_len, record->data,
					 record->data_len, record->order, fields, 16);

	for (int i = 0; i < count && i < 16; i++)
		if (fields[i].id && !strcmp(fields[i].id, "n-ng"))
			return strndup((const char *)fields[i].data, fields[i].len);
	return NULL;
}

static int read_list(const char *path, struct records *records)
{
	struct tpmb_list_reader *reader = NULL;
	struct tpmb_record record;
	int ret = tpmb_list_reader_open(path, NULL, &reader);

	while (!ret) {
		ret = tpmb_list_read(reader, &record);
		if (ret <= 0)
			break;
		ret = 0;
		if (records->count == records->room) {
			size_t room = records->room ? 2 * records->room : 1024;
			char **paths = realloc(records->paths, room * sizeof(*paths));
			bool *violations;

			if (paths)
				records->paths = paths;
			violations = realloc(records->violations, room * sizeof(*violations));
			if (violations)
				records->violations = violations;
			if (!paths || !violations) {
				ret = -ENOMEM;
				break;
			}
			records->room = room;
		}
		records->paths[records->count] = record_path(&record);
		if (!records->paths[records->count]) {
			tpmb_msg("%s: record %" PRIu64 ": no field n-ng", path, record.number);
			ret = -EBADMSG;
			break;
		}
		records->violations[records->count++] = tpmb_record_is_violation(&record);
	}
	tpmb_list_reader_close(reader);
	return ret;
}

/* ---- the recording ---- */

static int by_entered(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;

	if (x->entered != y->entered)
		return x->entered < y->entered ? -1 : 1;
	return (x->line > y->line) - (x->line < y->line);
}

static int by_returned(const void *a, const void *b)
{
	const struct entry *const *x = a, *const *y = b;

	if ((*x)->returned != (*y)->returned)
		return (*x)->returned < (*y)->returned ? -1 : 1;
	return (*x)->line < (*y)->line ? -1 : 1;
}

/* Keeps what the list holds, and the duplicates before its end. */
static void keep_listed(struct entries *entries, size_t listed)
{
	uint64_t end = 0;
	size_t count = 0;

	for (size_t i = 0; i < entries->count; i++)
		if (entries->items[i].record != NOTHING && entries->items[i].record < listed &&
		    entries->items[i].extend > end)
			end = entries->items[i].extend;
	for (size_t i = 0; i < entries->count; i++) {
		const struct entry *entry = &entries->items[i];
		bool duplicate = entry->record == NOTHING;

		if (entry->returned && (duplicate ? entry->entered < end : entry->record < listed))
			entries->items[count++] = *entry;
	}
	entries->count = count;
	qsort(entries->items, count, sizeof(*entries->items), by_entered);
}

/* The last of @returned (sorted) to have returned before @us, or NULL. */
static const struct entry *last_before(const struct entry *const *returned, size_t count,
				       uint64_t us)
{
	size_t low = 0;

	while (count > low) {
		size_t middle = low + (count - low) / 2;

		if (returned[middle]->returned < us)
			low = middle + 1;
		else
			count = middle;
	}
	return low ? returned[low - 1] : NULL;
}

static void print_path(FILE *out, const char *path)
{
	for (; *path; path++) {
		unsigned char byte = (unsigned char)*path;

		if (byte < ' ' || byte == 0x7f || byte == '%')
			fprintf(out, "%%%02x", byte);
		else
			putc(byte, out);
	}
	putc('\n', out);
}

static void print_head(FILE *out, const struct entries *entries,
		       const struct entry *const *returned, const struct records *records,
		       const char *source, const char *prompt)
{
	uint64_t extend = 0, occupied = 0, last = 0, count = 0;
	const uint64_t start = entries->items[0].entered;

	for (size_t i = 0; i < entries->count; i++) {
		const struct entry *entry = returned[i];

		if (entry->record == NOTHING)
			continue;
		count++;
		extend += entry->extended - entry->extend;
		occupied += entry->returned - (entry->entered > last ? entry->entered : last);
		last = entry->returned;
	}
	fprintf(out, "tpmbatch-recording 1\nsource %s\n", source);
	fprintf(out, "extend_ns %" PRIu64 "\noccupied_ns %" PRIu64 "\ntotal_ns %" PRIu64 "\n",
		extend * 1000 / count, occupied * 1000 / count,
		(returned[entries->count - 1]->returned - start) * 1000);
	for (size_t i = 0; prompt && i < entries->count; i++) {
		const struct entry *entry = &entries->items[i];

		if (entry->record == NOTHING || strcmp(records->paths[entry->record], prompt))
			continue;
		fprintf(out, "prompt %zu\nprompt_ns %" PRIu64 "\n", i,
			(entry->returned - start) * 1000);
		break;
	}
	putc('\n', out);
}

static void print_entries(FILE *out, const struct entries *entries,
			  const struct entry *const *returned, const struct records *records,
			  uint32_t *task_of_pid, size_t *last_of_pid)
{
	uint32_t tasks = 0;

	for (size_t i = 0; i < entries->count; i++) {
		const struct entry *entry = &entries->items[i], *after;
		size_t last = last_of_pid[entry->pid];
		uint64_t from;

		if (last == NOTHING) {
			task_of_pid[entry->pid] = tasks++;
			after = last_before(returned, entries->count, entry->entered);
		} else {
			after = &entries->items[last];
		}
		from = after ? after->returned : entries->items[0].entered;
		fprintf(out, "%" PRIu32 "\t%" PRIu64 "\t", task_of_pid[entry->pid],
			entry->entered - from);
		if (last != NOTHING)
			fputs("-\t", out);
		else
			fprintf(out, "%td\t", after ? entry - after : 0);
		last_of_pid[entry->pid] = i;
		if (entry->record == NOTHING) {
			fputs("d\t\n", out);
			continue;
		}
		fprintf(out, "%c\t", records->violations[entry->record] ? 'v' : 'm');
		print_path(out, records->paths[entry->record]);
	}
}

static int print(FILE *out, const struct entries *entries, const struct records *records,
		 const char *source, const char *prompt)
{
	const struct entry **returned = malloc((entries->count + 1) * sizeof(*returned));
	uint32_t pids = 0, *task_of_pid = NULL;
	size_t *last_of_pid = NULL;
	int ret = -ENOMEM;

	for (size_t i = 0; i < entries->count; i++)
		if (entries->items[i].pid >= pids)
			pids = entries->items[i].pid + 1;
	if (pids <= 1u << 22) { /* the kernel's PID_MAX_LIMIT */
		task_of_pid = calloc(pids + 1, sizeof(*task_of_pid));
		last_of_pid = malloc((pids + 1) * sizeof(*last_of_pid));
	}
	if (!returned || !task_of_pid || !last_of_pid)
		goto out;
	for (uint32_t i = 0; i <= pids; i++)
		last_of_pid[i] = NOTHING;
	for (size_t i = 0; i < entries->count; i++)
		returned[i] = &entries->items[i];
	qsort(returned, entries->count, sizeof(*returned), by_returned);
	print_head(out, entries, returned, records, source, prompt);
	print_entries(out, entries, returned, records, task_of_pid, last_of_pid);
	ret = 0;
out:
	free(returned);
	free(task_of_pid);
	free(last_of_pid);
	return ret;
}

static int write_compressed(const char *path, const char *text, size_t len)
{
	size_t room = ZSTD_compressBound(len), size;
	char *packed = malloc(room);
	FILE *file = NULL;
	int ret = packed ? 0 : -ENOMEM;

	if (ret)
		goto out;
	size = ZSTD_compress(packed, room, text, len, LEVEL);
	file = fopen(path, "wb");
	if (ZSTD_isError(size) || !file || fwrite(packed, 1, size, file) != size)
		ret = file ? -EIO : -errno;
	if (file && fclose(file) && !ret)
		ret = -errno;
	if (ret)
		tpmb_msg("%s: %s", path, strerror(-ret));
out:
	free(packed);
	return ret;
}

/* ---- the command line ---- */

struct arguments {
	const char *list, *trace, *output, *prompt, *source;
};

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct arguments *arguments = state->input;

	switch (key) {
	case 'p':
		arguments->prompt = arg;
		return 0;
	case 's':
		arguments->source = arg;
		return 0;
	case ARGP_KEY_ARG:
		if (state->arg_num > 2)
			argp_usage(state);
		*(state->arg_num == 0	? &arguments->list
		  : state->arg_num == 1 ? &arguments->trace
					: &arguments->output) = arg;
		return 0;
	case ARGP_KEY_END:
		if (state->arg_num != 3)
			argp_usage(state);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static void on_message(void *arg, const char *line)
{
	(void)arg;
	fprintf(stderr, "convert_trace: %s\n", line);
}

int main(int argc, char **argv)
{
	static const struct argp_option options[] = {
		{"prompt", 'p', "PATH", 0, "the login prompt came with this file", 0},
		{"source", 's', "TEXT", 0, "what was recorded, in a line", 0},
		{0},
	};
	static const struct argp argp = {
		options,
		parse_option,
		"LIST TRACE OUTPUT.zst",
		"Makes a recorded workload of a measurement list and ftrace lines.",
		NULL,
		NULL,
		NULL};
	struct arguments arguments = {.source = "not said"};
	struct entries entries = {0};
	struct records records = {0};
	char *text = NULL;
	size_t len = 0;
	FILE *out = NULL;
	int ret;

	tpmb_set_message_handler(on_message, NULL);
	argp_parse(&argp, argc, argv, 0, NULL, &arguments);
	ret = read_list(arguments.list, &records);
	if (!ret)
		ret = read_trace(arguments.trace, &entries);
	if (ret)
		goto out;
	keep_listed(&entries, records.count);
	for (size_t i = 0, seen = 0; i < entries.count; i++) {
		seen += entries.items[i].record != NOTHING;
		if (i + 1 == entries.count && seen != records.count) {
			tpmb_msg("%s: %zu extends of the list's %zu records", arguments.trace, seen,
				 records.count);
			ret = -EBADMSG;
		}
	}
	if (!entries.count)
		ret = -EBADMSG;
	out = ret ? NULL : open_memstream(&text, &len);
	if (!ret)
		ret = out ? print(out, &entries, &records, arguments.source, arguments.prompt)
			  : -ENOMEM;
	if (out && fclose(out) && !ret)
		ret = -ENOMEM;
	if (!ret)
		ret = write_compressed(arguments.output, text, len);
out:
	for (size_t i = 0; i < records.count; i++)
		free(records.paths[i]);
	free(records.paths);
	free(records.violations);
	free(entries.items);
	free(text);
	if (ret)
		fprintf(stderr, "convert_trace: %s\n", strerror(-ret));
	return ret ? 1 : 0;
}
