// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Mutates lists and looks for a forgery: a changed list that is read and
 * replayed without an error and still gives the PCRs of the original, though
 * it says something else.
 *
 * What IMA leaves out of its digests may change unnoticed, and only that:
 *
 *   - the name of a record's template, where the new name is unknown (whoever
 *     judges contents refuses that) or stands for data of the same form; never
 *     from or to "ima" or "ima-batch";
 *   - everything but PCR and digest in a violation, which extends ones;
 *   - the order of records of different PCRs.
 *
 * Mutation K of seed S is always the same: --print K writes it to standard
 * output, for other programs to try.
 */
#include <argp.h>
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "gen_list.h"
#include "template.h"

/* Longer than any mutant takes under a sanitizer on a loaded machine. */
#define HANG_S	    60
#define RECORDS_MAX 256
#define EDITS_MAX   3

/* A list taken apart. Bytes belong to the list or, for ASCII, to the copy here. */
struct parsed {
	unsigned int records;
	struct tpmb_record record[RECORDS_MAX];
	uint8_t *kept[RECORDS_MAX]; /* digest, then data */
	int result;		    /* of the reader: 0 at the end of the list */
	bool replayed;		    /* no record was reported */
	struct tpmb_pcrs pcrs;
};

struct seed_list {
	struct gen_options options;
	uint8_t *bytes;
	size_t len;
	struct parsed parsed;
};

struct mutant {
	uint8_t *bytes;
	size_t len;
	size_t size;
};

static struct seed_list seeds[] = {
	{.options = {.records = 8}},
	{.options = {.records = 8, .batch_members = 3, .templates = GEN_SHOWN}},
	{.options = {.records = 16, .templates = GEN_ALL, .violation_every = 5}},
	{.options = {.records = 16,
		     .templates = GEN_SHOWN,
		     .pcr_mask = 1u << 10 | 1u << 11,
		     .batch_members = 2,
		     .batch_every = 3}},
	{.options = {.records = 8,
		     .format = {TPMB_FORMAT_BINARY, TPMB_ORDER_BE, TPMB_BANK_SHA256},
		     .batch_members = 2,
		     .batch_every = 2}},
	{.options = {.records = 8,
		     .format = {TPMB_FORMAT_BINARY, TPMB_ORDER_LE, TPMB_BANK_SM3},
		     .templates = GEN_SHOWN}},
	{.options = {.records = 6, .templates = GEN_BIT(GEN_LEGACY)}},
	{.options = {.records = 8, .format = {TPMB_FORMAT_ASCII, TPMB_ORDER_LE, TPMB_BANK_SHA1}}},
	{.options = {.records = 8,
		     .format = {TPMB_FORMAT_ASCII, TPMB_ORDER_LE, TPMB_BANK_SHA256},
		     .templates = GEN_SHOWN,
		     .batch_members = 3,
		     .batch_every = 2}},
	{.options = {.records = 12,
		     .format = {TPMB_FORMAT_ASCII, TPMB_ORDER_BE, TPMB_BANK_SHA1},
		     .templates = GEN_SHOWN,
		     .violation_every = 4}},
};

#define SEEDS (sizeof(seeds) / sizeof(seeds[0]))

static uint64_t random_state;
static uint64_t base_seed;
static volatile unsigned long current;

static void die(const char *what)
{
	fprintf(stderr, "mutate_list: mutation %lu of seed %" PRIu64 ": %s\n", current, base_seed,
		what);
	abort();
}

static void on_signal(int signal)
{
	static const char text[] = "mutate_list: crashed or hung at mutation ";
	char number[24];
	size_t at = sizeof(number);

	number[--at] = '\n';
	for (unsigned long n = current; at; n /= 10) {
		number[--at] = (char)('0' + n % 10);
		if (n < 10)
			break;
	}
	if (write(STDERR_FILENO, text, sizeof(text) - 1) < 0 ||
	    write(STDERR_FILENO, number + at, sizeof(number) - at) < 0)
		_exit(3);
	signal == SIGALRM ? _exit(3) : (void)0;
}

static uint64_t draw(void)
{
	uint64_t z = random_state += 0x9e3779b97f4a7c15u;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return z ^ z >> 31;
}

static size_t draw_below(size_t limit)
{
	return limit ? (size_t)(draw() % limit) : 0;
}

/* ---- lists taken apart ---- */

static int memory_file(const void *bytes, size_t len)
{
	int fd = memfd_create("list", MFD_CLOEXEC);

	if (fd < 0 || write(fd, bytes, len) != (ssize_t)len || lseek(fd, 0, SEEK_SET))
		die("no file in memory");
	return fd;
}

static void keep_record(struct parsed *parsed, const struct tpmb_record *record)
{
	struct tpmb_record *kept = &parsed->record[parsed->records];
	size_t size = record->digest_len + record->name_len + record->data_len;
	uint8_t *bytes = malloc(size + 1);

	if (!bytes)
		die("no memory");
	*kept = *record;
	memcpy(bytes, record->digest, record->digest_len);
	memcpy(bytes + record->digest_len, record->name, record->name_len);
	if (record->data_len)
		memcpy(bytes + record->digest_len + record->name_len, record->data,
		       record->data_len);
	kept->digest = bytes;
	kept->name = (const char *)bytes + record->digest_len;
	kept->data = bytes + record->digest_len + record->name_len;
	parsed->kept[parsed->records++] = bytes;
}

static void parse(const uint8_t *bytes, size_t len, struct parsed *parsed)
{
	struct tpmb_list_reader *reader;
	struct tpmb_replay *replay;
	struct tpmb_record record;
	int fd = memory_file(bytes, len);

	parsed->records = 0;
	parsed->replayed = true;
	if (tpmb_list_reader_fd(fd, "list", NULL, &reader) ||
	    tpmb_replay_new(TPMB_BANKS_ALL, &replay))
		die("no reader or no replay");
	while ((parsed->result = tpmb_list_read(reader, &record)) == 1) {
		if (tpmb_replay_add(replay, &record))
			parsed->replayed = false;
		if (parsed->records == RECORDS_MAX)
			die("more records than expected");
		keep_record(parsed, &record);
	}
	tpmb_replay_pcrs(replay, &parsed->pcrs);
	tpmb_replay_free(replay);
	tpmb_list_reader_close(reader);
	close(fd);
}

static void forget(struct parsed *parsed)
{
	while (parsed->records)
		free(parsed->kept[--parsed->records]);
}

static bool same_pcrs(const struct tpmb_pcrs *a, const struct tpmb_pcrs *b)
{
	for (int bank = 0; bank < TPMB_BANK_COUNT; bank++) {
		if (a->set[bank] != b->set[bank])
			return false;
		for (int pcr = 0; pcr < TPMB_PCR_COUNT; pcr++)
			if (a->set[bank] & 1u << pcr &&
			    memcmp(a->value[bank][pcr], b->value[bank][pcr],
				   tpmb_bank_size((enum tpmb_bank)bank)))
				return false;
	}
	return true;
}

/* ---- what may differ ---- */

static bool may_be_renamed(const struct tpmb_record *from, const struct tpmb_record *to)
{
	if (tpmb_name_is_legacy(from->name, from->name_len) ||
	    tpmb_name_is_legacy(to->name, to->name_len) ||
	    tpmb_name_is_batch(to->name, to->name_len))
		return false;
	/* What is read by another known template has been held against it by the replay. */
	return !tpmb_name_is_batch(from->name, from->name_len);
}

static bool says_the_same(const struct tpmb_record *a, const struct tpmb_record *b)
{
	if (a->digest_len != b->digest_len || memcmp(a->digest, b->digest, a->digest_len))
		return false;
	if (tpmb_record_is_violation(a))
		return true;
	if (a->data_len != b->data_len || memcmp(a->data, b->data, a->data_len))
		return false;
	if (a->name_len == b->name_len && !memcmp(a->name, b->name, a->name_len))
		return true;
	return may_be_renamed(a, b);
}

/* Do both lists say the same of each PCR, in the same order? */
static bool equivalent(const struct parsed *a, const struct parsed *b)
{
	unsigned int at_a, at_b;

	if (a->records != b->records)
		return false;
	for (uint32_t pcr = 0; pcr < TPMB_PCR_COUNT; pcr++) {
		at_a = 0;
		at_b = 0;
		for (;;) {
			while (at_a < a->records && a->record[at_a].pcr != pcr)
				at_a++;
			while (at_b < b->records && b->record[at_b].pcr != pcr)
				at_b++;
			if (at_a == a->records || at_b == b->records)
				break;
			if (!says_the_same(&a->record[at_a++], &b->record[at_b++]))
				return false;
		}
		if (at_a != a->records || at_b != b->records)
			return false;
	}
	return true;
}

/* ---- edits ---- */

static void reserve(struct mutant *mutant, size_t size)
{
	if (size <= mutant->size)
		return;
	mutant->bytes = realloc(mutant->bytes, size);
	if (!mutant->bytes)
		die("no memory");
	mutant->size = size;
}

/* Replaces @old bytes at @at by @len others. */
static void replace(struct mutant *mutant, size_t at, size_t old, const uint8_t *bytes, size_t len)
{
	uint8_t *copy = malloc(len + 1);

	if (!copy)
		die("no memory");
	if (len)
		memcpy(copy, bytes, len); /* which may be part of the mutant */
	reserve(mutant, mutant->len - old + len + 1);
	memmove(mutant->bytes + at + len, mutant->bytes + at + old, mutant->len - at - old);
	if (len)
		memcpy(mutant->bytes + at, copy, len);
	mutant->len += len;
	mutant->len -= old;
	free(copy);
}

static void flip_bit(struct mutant *mutant)
{
	size_t at = draw_below(mutant->len);

	if (mutant->len)
		mutant->bytes[at] ^= (uint8_t)(1u << draw_below(8));
}

static void set_byte(struct mutant *mutant)
{
	static const char likely[] = "\0\1\2\4\x0a\xff\n :0af|A";

	if (mutant->len)
		mutant->bytes[draw_below(mutant->len)] =
			draw_below(2) ? (uint8_t)draw()
				      : (uint8_t)likely[draw_below(sizeof(likely))];
}

/* Adds a little to a u32, in either byte order, wherever it is. */
static void edit_length(struct mutant *mutant)
{
	enum tpmb_order order = draw_below(2) ? TPMB_ORDER_LE : TPMB_ORDER_BE;
	static const uint32_t hostile[] = {0,	       1,	   0x7fffffff, 0x80000000,
					   0xffffffff, 0xfffffffc, 0x02000000};
	size_t at;
	uint32_t value;

	if (mutant->len < 4)
		return;
	at = draw_below(mutant->len - 3);
	value = tpmb_get_u32(mutant->bytes + at, order);
	if (draw_below(3))
		value += (uint32_t)draw_below(17) - 8;
	else
		value = hostile[draw_below(ARRAY_SIZE(hostile))];
	tpmb_put_u32(mutant->bytes + at, value, order);
}

static void truncate_list(struct mutant *mutant)
{
	mutant->len = draw_below(mutant->len + 1);
}

static void remove_bytes(struct mutant *mutant)
{
	size_t at = draw_below(mutant->len + 1), len = draw_below(16);

	if (len > mutant->len - at)
		len = mutant->len - at;
	replace(mutant, at, len, NULL, 0);
}

static void insert_bytes(struct mutant *mutant)
{
	uint8_t bytes[16];

	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = draw_below(2) ? (uint8_t)draw() : 0;
	replace(mutant, draw_below(mutant->len + 1), 0, bytes, draw_below(sizeof(bytes)));
}

/* Pieces of another seed, in place of a piece here. */
static void splice(struct mutant *mutant)
{
	const struct seed_list *other = &seeds[draw_below(SEEDS)];
	size_t at = draw_below(mutant->len + 1), from = draw_below(other->len + 1);
	size_t old = draw_below(256), len = draw_below(256);

	if (old > mutant->len - at)
		old = mutant->len - at;
	if (len > other->len - from)
		len = other->len - from;
	replace(mutant, at, old, other->bytes + from, len);
}

/* ---- edits that know where records are ---- */

static const struct tpmb_record *draw_record(const struct parsed *parsed)
{
	return &parsed->record[draw_below(parsed->records)];
}

static void remove_record(struct mutant *mutant, const struct parsed *parsed)
{
	const struct tpmb_record *record = draw_record(parsed);

	replace(mutant, (size_t)record->offset, (size_t)record->length, NULL, 0);
}

static void repeat_record(struct mutant *mutant, const struct parsed *parsed)
{
	const struct tpmb_record *record = draw_record(parsed), *to = draw_record(parsed);

	replace(mutant, (size_t)to->offset, 0, mutant->bytes + record->offset,
		(size_t)record->length);
}

static void swap_records(struct mutant *mutant, const struct parsed *parsed)
{
	size_t first, second;

	if (parsed->records < 2)
		return;
	first = draw_below(parsed->records - 1);
	second = (size_t)parsed->record[first].length;
	repeat_record(mutant, &(struct parsed){.records = 1, .record = {parsed->record[first]}});
	/* The copy before the record moves behind its neighbour. */
	replace(mutant, (size_t)parsed->record[first].offset, second, NULL, 0);
	replace(mutant,
		(size_t)parsed->record[first].offset + second +
			(size_t)parsed->record[first + 1].length,
		0, mutant->bytes + parsed->record[first].offset, second);
	replace(mutant, (size_t)parsed->record[first].offset, second, NULL, 0);
}

/*
 * Writes a record again, changed and with a digest that fits: the work of a
 * forger who knows the format.
 */
static void rewrite_record(struct mutant *mutant, const struct parsed *parsed,
			   const struct tpmb_list_format *format, struct tpmb_record *changed,
			   const struct tpmb_record *record, bool keep_digest)
{
	struct tpmb_list_format settled = *format;
	struct tpmb_list_writer *writer;
	int fd = memory_file("", 0);
	uint8_t bytes[64 * 1024];
	ssize_t len;

	(void)parsed;
	settled.bank = record->bank;
	settled.order = record->order;
	if (!keep_digest)
		changed->bank = -1;
	if (tpmb_list_writer_new(fd, "forged", &settled, &writer))
		die("no writer");
	if (!tpmb_list_write(writer, changed) && !tpmb_list_writer_flush(writer)) {
		len = pread(fd, bytes, sizeof(bytes), 0);
		if (len > 0 && len < (ssize_t)sizeof(bytes))
			replace(mutant, (size_t)record->offset, (size_t)record->length, bytes,
				(size_t)len);
	}
	tpmb_list_writer_free(writer);
	close(fd);
}

static void rename_record(struct mutant *mutant, const struct parsed *parsed,
			  const struct tpmb_list_format *format)
{
	static const char *const names[] = {"ima",	 "ima-ng",	  "ima-sig", "ima-ngv2",
					    "ima-buf",	 "ima-batch",	  "evm-sig", "ima-modsig",
					    "d-ng|n-ng", "d-ng|n-ng|sig", "sig|sig", "no-such"};
	const struct tpmb_record *record = draw_record(parsed);
	struct tpmb_record changed = *record;

	changed.name = names[draw_below(ARRAY_SIZE(names))];
	changed.name_len = (uint32_t)strlen(changed.name);
	rewrite_record(mutant, parsed, format, &changed, record, draw_below(4) != 0);
}

static void forge_data(struct mutant *mutant, const struct parsed *parsed,
		       const struct tpmb_list_format *format)
{
	const struct tpmb_record *record = draw_record(parsed);
	struct tpmb_record changed = *record;
	struct mutant data = {.bytes = malloc(record->data_len + 64),
			      .len = record->data_len,
			      .size = record->data_len + 64};

	if (!data.bytes)
		die("no memory");
	memcpy(data.bytes, record->data, record->data_len);
	switch (draw_below(5)) {
	case 0:
		flip_bit(&data);
		break;
	case 1:
		edit_length(&data);
		break;
	case 2:
		remove_bytes(&data);
		break;
	case 3:
		insert_bytes(&data);
		break;
	default:
		splice(&data);
		break;
	}
	changed.data = data.bytes;
	changed.data_len = (uint32_t)data.len;
	rewrite_record(mutant, parsed, format, &changed, record, draw_below(4) == 0);
	free(data.bytes);
}

/* Drops, repeats or swaps members of a batch, and counts them as they then are. */
static void edit_members(struct mutant *mutant, const struct parsed *parsed,
			 const struct tpmb_list_format *format)
{
	const struct tpmb_record *record = draw_record(parsed);
	struct tpmb_record changed = *record;
	struct tpmb_member_iter iter;
	struct tpmb_member member[16];
	uint8_t data[16 * 1024], *pos = data + 12;
	size_t members = 0, first, second;
	struct tpmb_member held;

	if (!tpmb_record_is_batch(record) || tpmb_members(record, &iter) < 2)
		return;
	while (members < 8 && tpmb_member_next(&iter, &member[members]))
		members++;
	first = draw_below(members);
	second = draw_below(members);
	held = member[first];
	switch (draw_below(3)) {
	case 0:
		member[first] = member[second];
		member[second] = held;
		break;
	case 1:
		member[members++] = held;
		break;
	default:
		member[first] = member[--members];
		break;
	}
	for (size_t i = 0; i < members; i++) {
		if ((size_t)(data + sizeof(data) - pos) <
		    8 + (size_t)member[i].name_len + member[i].data_len)
			return;
		tpmb_put_u32(pos, member[i].name_len, TPMB_ORDER_LE);
		memcpy(pos + 4, member[i].name, member[i].name_len);
		pos += 4 + member[i].name_len;
		tpmb_put_u32(pos, member[i].data_len, TPMB_ORDER_LE);
		memcpy(pos + 4, member[i].data, member[i].data_len);
		pos += 4 + member[i].data_len;
	}
	tpmb_put_u32(data, 4, record->order);
	tpmb_put_u32(data + 4, (uint32_t)members, TPMB_ORDER_LE);
	tpmb_put_u32(data + 8, (uint32_t)(pos - data) - 12, record->order);
	changed.data = data;
	changed.data_len = (uint32_t)(pos - data);
	rewrite_record(mutant, parsed, format, &changed, record, draw_below(2) != 0);
}

/* Other PCR, or a violation made of a record, or zeros in place of any bytes. */
static void forge_head(struct mutant *mutant, const struct parsed *parsed,
		       const struct tpmb_list_format *format)
{
	static const uint8_t zeros[TPMB_DIGEST_MAX];
	const struct tpmb_record *record = draw_record(parsed);
	struct tpmb_record changed = *record;

	if (draw_below(2))
		changed.pcr = (uint32_t)draw_below(26);
	else
		changed.digest = zeros;
	rewrite_record(mutant, parsed, format, &changed, record, true);
}

/* The first edit may know the records; afterwards they are no longer where they were. */
static void mutate(struct mutant *mutant, const struct seed_list *seed)
{
	size_t edits = 1 + draw_below(EDITS_MAX);

	reserve(mutant, seed->len + 1);
	memcpy(mutant->bytes, seed->bytes, seed->len);
	mutant->len = seed->len;
	switch (draw_below(12)) {
	case 0:
		remove_record(mutant, &seed->parsed);
		break;
	case 1:
		repeat_record(mutant, &seed->parsed);
		break;
	case 2:
		swap_records(mutant, &seed->parsed);
		break;
	case 3:
		rename_record(mutant, &seed->parsed, &seed->options.format);
		break;
	case 4:
		forge_data(mutant, &seed->parsed, &seed->options.format);
		break;
	case 5:
		edit_members(mutant, &seed->parsed, &seed->options.format);
		break;
	case 6:
		forge_head(mutant, &seed->parsed, &seed->options.format);
		break;
	default:
		while (edits--) {
			static void (*const blind[])(struct mutant *) = {
				flip_bit,      flip_bit,     set_byte,	   edit_length,
				truncate_list, remove_bytes, insert_bytes, splice};

			blind[draw_below(ARRAY_SIZE(blind))](mutant);
		}
		break;
	}
}

/* ---- the run ---- */

struct counts {
	unsigned long unchanged;
	unsigned long unreadable;
	unsigned long reported;	  /* read, but a record does not match itself */
	unsigned long other_pcrs; /* consistent, and another PCR: verify says no */
	unsigned long equivalent; /* the same PCRs, and nothing said differently */
};

static void make_mutant(unsigned long number, const struct seed_list **seed, struct mutant *mutant)
{
	random_state = base_seed * 0x2545f4914f6cdd1du + number;
	*seed = &seeds[draw_below(SEEDS)];
	mutate(mutant, *seed);
}

static void run(unsigned long number, struct mutant *mutant, struct counts *counts)
{
	static struct parsed parsed;
	const struct seed_list *seed;

	current = number;
	alarm(HANG_S);
	make_mutant(number, &seed, mutant);
	if (mutant->len == seed->len && !memcmp(mutant->bytes, seed->bytes, seed->len)) {
		counts->unchanged++;
		return;
	}
	parse(mutant->bytes, mutant->len, &parsed);
	if (parsed.result)
		counts->unreadable++;
	else if (!parsed.replayed)
		counts->reported++;
	else if (!same_pcrs(&parsed.pcrs, &seed->parsed.pcrs))
		counts->other_pcrs++;
	else if (equivalent(&seed->parsed, &parsed))
		counts->equivalent++;
	else
		die("a forgery is accepted: other contents, the same PCRs, and no error");
	forget(&parsed);
}

static void make_seeds(void)
{
	for (size_t i = 0; i < SEEDS; i++) {
		struct seed_list *seed = &seeds[i];
		struct tpmb_pcrs pcrs;
		int fd = memory_file("", 0);
		off_t size;

		seed->options.seed = base_seed + i;
		if (gen_list(&seed->options, fd, &pcrs))
			die("no list was generated");
		size = lseek(fd, 0, SEEK_END);
		seed->len = (size_t)size;
		seed->bytes = malloc(seed->len);
		if (!seed->bytes || pread(fd, seed->bytes, seed->len, 0) != (ssize_t)size)
			die("no memory");
		close(fd);
		parse(seed->bytes, seed->len, &seed->parsed);
		if (seed->parsed.result || !seed->parsed.replayed ||
		    !same_pcrs(&pcrs, &seed->parsed.pcrs))
			die("a list as it was generated does not verify");
	}
}

struct arguments {
	unsigned long mutations;
	unsigned long print;
	bool prints;
};

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct arguments *arguments = state->input;

	switch (key) {
	case 'n':
		arguments->mutations = strtoul(arg, NULL, 0);
		break;
	case 's':
		base_seed = strtoull(arg, NULL, 0);
		break;
	case 'p':
		arguments->print = strtoul(arg, NULL, 0);
		arguments->prints = true;
		break;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	return 0;
}

int main(int argc, char **argv)
{
	static const struct argp_option options[] = {
		{"mutations", 'n', "N", 0, "lists to try (5000)", 0},
		{"seed", 's', "S", 0, "what is drawn (1)", 0},
		{"print", 'p', "K", 0, "write mutation K to standard output", 0},
		{0}};
	static const struct argp argp = {options, parse_option,
					 NULL,	  "Looks for forged lists that are accepted.",
					 NULL,	  NULL,
					 NULL};
	struct arguments arguments = {.mutations = 5000};
	struct sigaction action = {.sa_handler = on_signal, .sa_flags = (int)SA_RESETHAND};
	struct counts counts = {0};
	struct mutant mutant = {0};
	const struct seed_list *seed;

	base_seed = 1;
	argp_parse(&argp, argc, argv, 0, NULL, &arguments);
	sigaction(SIGALRM, &action, NULL);
	sigaction(SIGABRT, &action, NULL);
	make_seeds();
	if (arguments.prints) {
		make_mutant(arguments.print, &seed, &mutant);
		fwrite(mutant.bytes, 1, mutant.len, stdout);
	}
	for (unsigned long i = 0; !arguments.prints && i < arguments.mutations; i++)
		run(i, &mutant, &counts);
	if (!arguments.prints)
		printf("%lu mutations of seed %" PRIu64 ": %lu unreadable, %lu reported, "
		       "%lu with other PCRs, %lu equivalent, %lu unchanged\n",
		       arguments.mutations, base_seed, counts.unreadable, counts.reported,
		       counts.other_pcrs, counts.equivalent, counts.unchanged);
	for (size_t i = 0; i < SEEDS; i++) {
		forget(&seeds[i].parsed);
		free(seeds[i].bytes);
	}
	free(mutant.bytes);
	return 0;
}
