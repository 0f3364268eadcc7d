// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* tpmbatch stats: how large batches are, and which extends they saved. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "escape.h"

/* Pairs of PCR and template in a list; a kernel writes a handful. The rest shares a line. */
#define KINDS_MAX 32
/* Sizes 1, 2, 3-4, 5-8, ... */
#define BUCKETS	   18
#define BAR_LENGTH 40

/* Measurements of one template in one PCR. */
struct kind {
	uint32_t pcr;
	char name[256];
	uint32_t name_len;
	uint64_t measurements;
	uint64_t bytes; /* of template data */
};

struct stats {
	const char *list;

	uint64_t records, batches, members, violations, measurements, bytes;
	uint64_t largest;
	uint64_t bucket[BUCKETS];
	struct kind kind[KINDS_MAX];
	size_t kinds;
	struct kind others;
};

static void add_measurement(struct stats *s, uint32_t pcr, const char *name, uint32_t name_len,
			    uint32_t bytes)
{
	struct kind *kind = NULL;

	for (size_t i = 0; i < s->kinds && !kind; i++)
		if (s->kind[i].pcr == pcr && s->kind[i].name_len == name_len &&
		    !memcmp(s->kind[i].name, name, name_len))
			kind = &s->kind[i];
	if (!kind && s->kinds < KINDS_MAX && name_len <= sizeof(kind->name)) {
		kind = &s->kind[s->kinds++];
		*kind = (struct kind){.pcr = pcr, .name_len = name_len};
		memcpy(kind->name, name, name_len);
	}
	if (!kind)
		kind = &s->others;
	kind->measurements++;
	kind->bytes += bytes;
	s->measurements++;
}

static int add_record(struct stats *s, const struct tpmb_record *record)
{
	uint64_t size = 1;
	unsigned int bucket = 0;

	if (tpmb_record_is_batch(record)) {
		struct tpmb_member_iter iter;
		struct tpmb_member member;
		int members = tpmb_members(record, &iter);

		if (members < 0)
			return members;
		size = (uint64_t)members;
		s->batches++;
		s->members += size;
		while (tpmb_member_next(&iter, &member))
			add_measurement(s, record->pcr, member.name, member.name_len,
					member.data_len);
	} else {
		add_measurement(s, record->pcr, record->name, record->name_len, record->data_len);
	}
	s->records++;
	s->bytes += record->length;
	s->violations += tpmb_record_is_violation(record);
	if (size > s->largest)
		s->largest = size;
	while (size > UINT64_C(1) << bucket && bucket < BUCKETS - 1)
		bucket++;
	s->bucket[bucket]++;
	return 0;
}

static int read_list(struct stats *s)
{
	const char *name = cli_list_name(s->list);
	struct tpmb_list_reader *reader;
	struct tpmb_record record;
	int ret, err = 0;

	ret = tpmb_list_reader_open(s->list, NULL, &reader);
	if (ret)
		return ret;
	while (!err && (ret = tpmb_list_read(reader, &record)) > 0) {
		cli_messages_about(name);
		err = add_record(s, &record);
		cli_messages_about(NULL);
	}
	tpmb_list_reader_close(reader);
	return err ? err : ret;
}

static void print_histogram(const struct stats *s)
{
	uint64_t most = 1;
	char range[48];

	for (unsigned int i = 0; i < BUCKETS; i++)
		if (s->bucket[i] > most)
			most = s->bucket[i];
	printf("\nmeasurements in a record, records\n");
	for (unsigned int i = 0; i < BUCKETS; i++) {
		uint64_t first = i ? (UINT64_C(1) << (i - 1)) + 1 : 1, last = UINT64_C(1) << i;
		int length;

		if (!s->bucket[i])
			continue;
		if (i == BUCKETS - 1)
			snprintf(range, sizeof(range), "%" PRIu64 "-", first);
		else if (first == last)
			snprintf(range, sizeof(range), "%" PRIu64, first);
		else
			snprintf(range, sizeof(range), "%" PRIu64 "-%" PRIu64, first, last);
		length = (int)(((double)s->bucket[i] * BAR_LENGTH + (double)most - 1) /
			       (double)most);
		printf("%13s %8" PRIu64 " %.*s\n", range, s->bucket[i], length,
		       "########################################");
	}
}

static void print_kind(const struct kind *kind, const char *pcr)
{
	printf("%5s %13" PRIu64 " %13" PRIu64 "  ", pcr, kind->measurements, kind->bytes);
	escape_print(stdout, kind->name, kind->name_len, ESCAPE_COLUMN);
	putchar('\n');
}

static void print_stats(const struct stats *s)
{
	uint64_t saved = s->measurements - s->records;
	char pcr[16];

	printf("records         %" PRIu64 "\n", s->records);
	printf("batches         %" PRIu64 "\n", s->batches);
	printf("measurements    %" PRIu64 "\n", s->measurements);
	printf("violations      %" PRIu64 "\n", s->violations);
	printf("extends saved   %" PRIu64, saved);
	if (s->measurements)
		printf(" (%.1f %%)", 100.0 * (double)saved / (double)s->measurements);
	putchar('\n');
	if (s->batches)
		printf("batch size      %.1f on average, %" PRIu64 " at most\n",
		       (double)s->members / (double)s->batches, s->largest);
	printf("bytes           %" PRIu64 "\n", s->bytes);
	if (!s->records)
		return;
	print_histogram(s);
	printf("\n  PCR  measurements    data bytes  template\n");
	for (size_t i = 0; i < s->kinds; i++) {
		snprintf(pcr, sizeof(pcr), "%" PRIu32, s->kind[i].pcr);
		print_kind(&s->kind[i], pcr);
	}
	if (s->others.measurements)
		print_kind(&s->others, "other");
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct stats *s = state->input;

	switch (key) {
	case ARGP_KEY_ARG:
		cli_set_once(state, &s->list, arg, "LIST");
		return 0;
	case ARGP_KEY_NO_ARGS:
		argp_error(state, "no LIST");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp argp = {
	.parser = parse,
	.args_doc = "LIST",
	.doc = "Print what the measurement list LIST (- is standard input) holds: records, sizes "
	       "of "
	       "batches, and the extends that they saved."
	       "\vExit status: 0, or 1 when the list cannot be read to its end, 64 for wrong "
	       "arguments.",
};

int cmd_stats(int argc, char **argv)
{
	struct stats s = {0};
	int ret, status;

	argp_parse(&argp, argc, argv, 0, NULL, &s);
	ret = read_list(&s);
	if (ret)
		cli_explain(cli_list_name(s.list), ret);
	if (ret && !s.records)
		return EXIT_FAILURE;
	if (ret)
		cli_error("%s: what follows is of the records before that, %" PRIu64,
			  cli_list_name(s.list), s.records);
	print_stats(&s);
	status = cli_finish_output();
	return ret ? EXIT_FAILURE : status;
}
