// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Encoding and parsing ima-batch, hashing templates, reading and replaying lists. */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "bank.h"
#include "gbench.h"
#include "lib_private.h"
#include "micro.h"
#include "record.h"
#include "template.h"

#define NAME	   "ima-ng"
#define NAME_LEN   6
#define LIST_FILES 7000 /* measurements in the list that is read and replayed */

/* ---- records ---- */

/* e-batch of @members into @to; returns its bytes. */
static size_t encode(uint8_t *to, unsigned int members, const uint8_t *data, uint32_t len)
{
	uint8_t *pos = to;

	for (unsigned int i = 0; i < members; i++) {
		pos = tpmb_put_member(pos, (const uint8_t *)NAME, NAME_LEN, len);
		memcpy(pos, data, len);
		pos += len;
	}
	return (size_t)(pos - to);
}

static void record_encode(struct gbench_state *state, void *arg)
{
	unsigned int members = (unsigned int)gbench_range(state, 0);
	uint8_t data[IMA_NG_SIZE], n_batch[TPMB_N_BATCH_SIZE];
	uint32_t len = make_ima_ng(1, data);
	uint8_t *e_batch = malloc(members * (size_t)tpmb_member_size(NAME_LEN, len));

	(void)arg;
	if (!e_batch)
		gbench_skip(state, "out of memory");
	while (gbench_keep_running(state)) {
		tpmb_put_n_batch(n_batch, members);
		encode(e_batch, members, data, len);
		gbench_keep(e_batch);
	}
	gbench_items(state, gbench_iterations(state) * members);
	free(e_batch);
}

static void record_parse(struct gbench_state *state, void *arg)
{
	unsigned int members = (unsigned int)gbench_range(state, 0);
	uint8_t data[IMA_NG_SIZE], n_batch[TPMB_N_BATCH_SIZE];
	uint32_t len = make_ima_ng(1, data);
	uint8_t *e_batch = malloc(members * (size_t)tpmb_member_size(NAME_LEN, len));
	size_t e_len = 0;

	(void)arg;
	if (e_batch)
		e_len = encode(e_batch, members, data, len);
	else
		gbench_skip(state, "out of memory");
	tpmb_put_n_batch(n_batch, members);
	while (gbench_keep_running(state)) {
		struct tpmb_batch_member member;
		const u8 *pos = e_batch;

		if (tpmb_check_batch(n_batch, sizeof(n_batch), e_batch, (u32)e_len, NULL) !=
		    (int)members) {
			gbench_skip(state, "a batch of its own making is refused");
			break;
		}
		while (pos < e_batch + e_len && !tpmb_next_member(&pos, e_batch + e_len, &member))
			gbench_keep(&member);
	}
	gbench_items(state, gbench_iterations(state) * members);
	free(e_batch);
}

/* Arguments: mask of banks, bytes of template data. */
static void template_hash(struct gbench_state *state, void *arg)
{
	unsigned int banks = (unsigned int)gbench_range(state, 0);
	uint32_t len = (uint32_t)gbench_range(state, 1);
	uint8_t data[TPMB_BATCH_MAX_DEFAULT] = {0};
	struct tpmb_digests digests;
	struct tpmb_hash *hash;

	(void)arg;
	if (tpmb_hash_new(&hash))
		gbench_skip(state, "no hash");
	while (gbench_keep_running(state)) {
		if (tpmb_template_hash_banks(hash, banks, NAME, NAME_LEN, data, len,
					     tpmb_native_order(), &digests)) {
			gbench_skip(state, "hashing failed");
			break;
		}
		gbench_keep(&digests);
	}
	gbench_bytes(state, gbench_iterations(state) * len);
	tpmb_hash_free(hash);
}

/* ---- lists ---- */

/* Writes LIST_FILES measurements as records of @members each; returns a file or -1. */
static int make_list(enum tpmb_format kind, unsigned int members)
{
	struct tpmb_list_format format = {.format = kind, .order = tpmb_native_order()};
	uint8_t data[IMA_NG_SIZE];
	uint32_t len = make_ima_ng(0, data);
	size_t size = TPMB_BATCH_OVERHEAD + members * (size_t)tpmb_member_size(NAME_LEN, len);
	uint8_t *batch = malloc(size);
	struct tpmb_record record = {.pcr = 10, .bank = -1, .order = tpmb_native_order()};
	struct tpmb_list_writer *writer = NULL;
	int fd = memfd_create("list", MFD_CLOEXEC);
	int ret = batch && fd >= 0 ? tpmb_list_writer_new(fd, "list", &format, &writer) : -1;

	record.has_data = true;
	for (unsigned int i = 0; !ret && i < LIST_FILES / members; i++) {
		renumber_ima_ng(i, data);
		record.name = members > 1 ? TPMB_BATCH_NAME : NAME;
		record.name_len = members > 1 ? TPMB_BATCH_NAME_LEN : NAME_LEN;
		record.data = members > 1 ? batch : data;
		record.data_len = members > 1 ? (uint32_t)size : len;
		if (members > 1) {
			tpmb_put_u32(batch, TPMB_N_BATCH_SIZE, tpmb_native_order());
			tpmb_put_n_batch(batch + 4, members);
			tpmb_put_u32(batch + 8, (uint32_t)(size - TPMB_BATCH_OVERHEAD),
				     tpmb_native_order());
			encode(batch + TPMB_BATCH_OVERHEAD, members, data, len);
		}
		ret = tpmb_list_write(writer, &record);
	}
	if (!ret)
		ret = tpmb_list_writer_flush(writer);
	tpmb_list_writer_free(writer);
	free(batch);
	if (ret && fd >= 0)
		close(fd);
	return ret ? -1 : fd;
}

/* Reads a list once, and replays it where @banks is not 0. */
static int read_list(int fd, unsigned int banks)
{
	struct tpmb_list_reader *reader = NULL;
	struct tpmb_replay *replay = NULL;
	struct tpmb_record record;
	int ret;

	if (lseek(fd, 0, SEEK_SET) < 0)
		return -1;
	ret = tpmb_list_reader_fd(fd, "list", NULL, &reader);
	if (!ret && banks)
		ret = tpmb_replay_new(banks, &replay);
	while (!ret) {
		ret = tpmb_list_read(reader, &record);
		if (ret <= 0)
			break;
		ret = banks ? tpmb_replay_add(replay, &record) : 0;
		gbench_keep(&record);
	}
	tpmb_replay_free(replay);
	tpmb_list_reader_close(reader);
	return ret;
}

struct list_bench {
	const char *name;
	enum tpmb_format format;
	unsigned int members; /* of a record */
	unsigned int banks;   /* replayed; 0: read only */
};

static void list_run(struct gbench_state *state, void *arg)
{
	const struct list_bench *bench = arg;
	int fd = make_list(bench->format, bench->members);

	if (fd < 0)
		gbench_skip(state, "the list cannot be written");
	while (gbench_keep_running(state)) {
		if (read_list(fd, bench->banks)) {
			gbench_skip(state, "the list cannot be read");
			break;
		}
	}
	gbench_items(state, gbench_iterations(state) * LIST_FILES);
	if (fd >= 0)
		close(fd);
}

#define SHA1   TPMB_BANK_BIT(TPMB_BANK_SHA1)
#define SHA256 TPMB_BANK_BIT(TPMB_BANK_SHA256)

void register_records(void)
{
	static struct list_bench lists[] = {
		{"list_read/binary", TPMB_FORMAT_BINARY, 1, 0},
		{"list_read/binary_batches_of_35", TPMB_FORMAT_BINARY, 35, 0},
		{"list_read/ascii", TPMB_FORMAT_ASCII, 1, 0},
		{"list_read/ascii_batches_of_35", TPMB_FORMAT_ASCII, 35, 0},
		{"replay/sha1", TPMB_FORMAT_BINARY, 1, SHA1},
		{"replay/sha1+sha256", TPMB_FORMAT_BINARY, 1, SHA1 | SHA256},
		{"replay/sha1+sha256_batches_of_35", TPMB_FORMAT_BINARY, 35, SHA1 | SHA256},
	};
	static const int64_t hashed[][2] = {
		{SHA1, 100},
		{SHA256, 100},
		{SHA1 | SHA256, 100},
		{SHA1 | SHA256, 4096},
	};
	struct gbench *bench;

	bench = gbench_register("record/encode/members", record_encode, NULL);
	for (int64_t members = 2; members <= 350; members = members == 2 ? 35 : members * 10)
		gbench_arg(bench, members);
	bench = gbench_register("record/parse/members", record_parse, NULL);
	for (int64_t members = 2; members <= 350; members = members == 2 ? 35 : members * 10)
		gbench_arg(bench, members);
	bench = gbench_register("template_hash/banks/bytes", template_hash, NULL);
	for (size_t i = 0; i < ARRAY_SIZE(hashed); i++)
		gbench_args(bench, hashed[i], 2);
	for (size_t i = 0; i < ARRAY_SIZE(lists); i++) {
		bench = gbench_register(lists[i].name, list_run, &lists[i]);
		gbench_unit(bench, GBENCH_MS);
	}
}
