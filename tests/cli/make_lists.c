// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Writes the lists that the command line tests read, and the PCR values that
 * they replay to: small, the same everywhere, and with what no measured folder
 * would bring together.
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib_private.h"
#include "record.h"

#define PCR 10

struct list {
	struct tpmb_list_writer *writer;
	struct tpmb_replay *replay;
	enum tpmb_order order;
	int fd;
	int bank;
	uint64_t number;
	char name[64];
};

/* Template data as it grows. */
struct data {
	uint8_t bytes[4096];
	uint32_t len;
	enum tpmb_order order;
};

static void put_field(struct data *data, const void *bytes, size_t len)
{
	if (data->len + 4 + len > sizeof(data->bytes))
		errx(1, "a record of the fixtures is too long");
	tpmb_put_u32(data->bytes + data->len, (uint32_t)len, data->order);
	memcpy(data->bytes + data->len + 4, bytes, len);
	data->len += 4 + (uint32_t)len;
}

/* A field of a digest of 32 times @fill, behind @algo, "sha256:" or so. */
static void put_digest(struct data *data, const char *algo, uint8_t fill)
{
	uint8_t field[64];
	size_t algo_size = strlen(algo) + 1;

	memcpy(field, algo, algo_size);
	memset(field + algo_size, fill, 32);
	put_field(data, field, algo_size + 32);
}

static void put_string(struct data *data, const char *text)
{
	put_field(data, text, strlen(text) + 1);
}

static struct data file(enum tpmb_order order, uint8_t fill, const char *path)
{
	struct data data = {.order = order};

	put_digest(&data, "sha256:", fill);
	put_string(&data, path);
	return data;
}

/* ---- lists ---- */

static struct list *open_list(const char *name, enum tpmb_format format, enum tpmb_order order,
			      int bank)
{
	struct tpmb_list_format list_format = {format, order, bank};
	struct list *list = calloc(1, sizeof(*list));
	char path[80];

	if (!list)
		err(1, "calloc");
	snprintf(list->name, sizeof(list->name), "%s", name);
	snprintf(path, sizeof(path), "%s.list", name);
	list->order = order;
	list->bank = bank;
	list->fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0666);
	if (list->fd < 0)
		err(1, "%s", path);
	if (tpmb_list_writer_new(list->fd, path, &list_format, &list->writer) ||
	    tpmb_replay_new(TPMB_BANK_BIT(TPMB_BANK_SHA1) | TPMB_BANK_BIT(TPMB_BANK_SHA256),
			    &list->replay))
		errx(1, "%s: no writer or no replay", path);
	return list;
}

/* @listed, where not NULL, is written in place of @data: a forgery. */
static void add_forged(struct list *list, uint32_t pcr, const char *name, const struct data *data,
		       bool violation, const struct data *listed)
{
	uint8_t digest[TPMB_DIGEST_MAX] = {0};
	struct tpmb_record record = {
		.number = ++list->number,
		.pcr = pcr,
		.digest = digest,
		.digest_len = tpmb_bank_size((enum tpmb_bank)list->bank),
		.bank = list->bank,
		.name = name,
		.name_len = (uint32_t)strlen(name),
		.data = data->bytes,
		.data_len = data->len,
		.has_data = true,
		.order = list->order,
	};

	if (!violation && tpmb_template_digest((enum tpmb_bank)list->bank, name, record.name_len,
					       record.data, record.data_len, record.order, digest))
		errx(1, "%s: no digest", list->name);
	tpmb_replay_add(list->replay, &record);
	if (listed) {
		record.data = listed->bytes;
		record.data_len = listed->len;
	}
	if (tpmb_list_write(list->writer, &record))
		errx(1, "%s: record %d is not written", list->name, (int)list->number);
}

static void add(struct list *list, const char *name, struct data data)
{
	add_forged(list, PCR, name, &data, false, NULL);
}

/* Writes list and PCR values out. */
static void close_list(struct list *list)
{
	struct tpmb_pcrs pcrs;
	char path[80];
	int fd;

	snprintf(path, sizeof(path), "%s.pcrs", list->name);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0666);
	tpmb_replay_pcrs(list->replay, &pcrs);
	if (fd < 0 || tpmb_pcrs_save(fd, &pcrs) || tpmb_list_writer_flush(list->writer))
		errx(1, "%s: not written", list->name);
	close(fd);
	close(list->fd);
	tpmb_list_writer_free(list->writer);
	tpmb_replay_free(list->replay);
	free(list);
}

/* An ima-batch of ima-ng members; @count is what n-batch says. */
static struct data batch(enum tpmb_order order, uint32_t count, const struct data *members,
			 size_t n, const char *name)
{
	struct data data = {.order = order};
	uint8_t bytes[4096], n_batch[TPMB_N_BATCH_SIZE], *to = bytes;

	for (size_t i = 0; i < n; i++) {
		to = tpmb_put_member(to, (const uint8_t *)name, (uint32_t)strlen(name),
				     members[i].len);
		memcpy(to, members[i].bytes, members[i].len);
		to += members[i].len;
	}
	tpmb_put_n_batch(n_batch, count);
	put_field(&data, n_batch, sizeof(n_batch));
	put_field(&data, bytes, (size_t)(to - bytes));
	return data;
}

/* ---- what is in them ---- */

/* One of each template, and paths that nobody hopes to meet. */
static void add_kinds(struct list *list, bool ascii)
{
	enum tpmb_order order = list->order;
	uint8_t bytes[600], small[4];
	struct data data;

	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)i;
	add(list, "ima-ng", file(order, 0x11, "boot_aggregate"));
	add(list, "ima-ng", file(order, 0x12, "/usr/lib/\xc3\xbc\xe2\x82\xac.so"));
	if (!ascii) {
		add(list, "ima-ng", file(order, 0x13, "/tmp/\x1b[2J\xff\n\\x back"));
		add(list, "ima-ng", file(order, 0x14, "/tmp/\xe2\x80\xaegnp.exe"));
	}
	data = file(order, 0x15, "/usr/bin/violated");
	add_forged(list, PCR, "ima-ng", &data, true, NULL);

	data = (struct data){.order = order};
	put_digest(&data, "verity:sha256:", 0x21);
	put_string(&data, "/usr/bin/verity");
	add(list, "ima-ngv2", data);
	put_field(&data, bytes, 9);
	add(list, "ima-sigv2", data);

	data = file(order, 0x31, "/usr/bin/unsigned");
	put_field(&data, bytes, 0);
	add(list, "ima-sig", data);
	data = file(order, 0x32, "/usr/bin/signed");
	put_field(&data, bytes, 520);
	add(list, "ima-sig", data);

	data = file(order, 0x41, ".ima");
	put_field(&data, bytes, 64);
	add(list, "ima-buf", data);

	data = file(order, 0x51, "module.ko");
	put_field(&data, bytes, 0);
	put_digest(&data, "sha256:", 0x52);
	put_field(&data, bytes, 65);
	add(list, "ima-modsig", data);

	data = file(order, 0x61, "/etc/evm");
	put_field(&data, bytes, 5);
	put_string(&data, "security.ima|security.evm");
	put_field(&data, bytes, 8);
	put_field(&data, bytes, 3);
	tpmb_put_u32(small, 1000, order);
	put_field(&data, small, 4);
	tpmb_put_u32(small, 0, order);
	put_field(&data, small, 4);
	tpmb_put_u32(small, 0100644, order);
	put_field(&data, order == TPMB_ORDER_BE ? small + 2 : small, 2);
	add(list, "evm-sig", data);

	data = file(order, 0x71, "/first");
	put_string(&data, "/second");
	add(list, "d-ng|n-ng|n-ng", data);
	if (ascii)
		return;
	data = (struct data){.order = order};
	put_field(&data, "two", 3);
	put_field(&data, "fields", 6);
	add(list, "later", data);
	data = (struct data){.order = order, .len = 5, .bytes = "dregs"};
	add(list, "later", data);
}

static void add_batches(struct list *list)
{
	struct data members[3];

	members[0] = file(list->order, 1, "/usr/bin/a");
	members[1] = file(list->order, 2, "/usr/bin/b c");
	members[2] = file(list->order, 3, "/usr/bin/\xff");
	add(list, "ima-ng", file(list->order, 0, "/usr/bin/first"));
	add(list, TPMB_TEMPLATE_BATCH, batch(list->order, 2, members, 2, "ima-ng"));
	add(list, "ima-ng", file(list->order, 9, "/usr/bin/alone"));
	add(list, TPMB_TEMPLATE_BATCH, batch(list->order, 3, members, 3, "ima-ng"));
}

static void write_kinds(void)
{
	struct list *list;

	list = open_list("kinds", TPMB_FORMAT_BINARY, TPMB_ORDER_LE, TPMB_BANK_SHA1);
	add_kinds(list, false);
	add_batches(list);
	close_list(list);
	list = open_list("kinds-be-sha256", TPMB_FORMAT_BINARY, TPMB_ORDER_BE, TPMB_BANK_SHA256);
	add_kinds(list, false);
	close_list(list);
	list = open_list("kinds-ascii", TPMB_FORMAT_ASCII, TPMB_ORDER_LE, TPMB_BANK_SHA1);
	add_kinds(list, true);
	add_batches(list);
	close_list(list);
}

static void write_legacy(void)
{
	struct list *list = open_list("legacy", TPMB_FORMAT_BINARY, TPMB_ORDER_LE, TPMB_BANK_SHA1);
	struct data data = {.order = TPMB_ORDER_LE, .len = 20};

	memset(data.bytes, 0xab, 20);
	put_field(&data, "/sbin/init", 10);
	add(list, "ima", data);
	add(list, "ima", data);
	close_list(list);
}

static void write_batched(void)
{
	struct data data = file(TPMB_ORDER_LE, 4, "/other/pcr");
	struct list *list;

	list = open_list("batched", TPMB_FORMAT_BINARY, TPMB_ORDER_LE, TPMB_BANK_SHA1);
	add_batches(list);
	close_list(list);
	list = open_list("batched-ascii", TPMB_FORMAT_ASCII, TPMB_ORDER_LE, TPMB_BANK_SHA1);
	add_batches(list);
	close_list(list);
	list = open_list("batched-sha384", TPMB_FORMAT_BINARY, TPMB_ORDER_LE, TPMB_BANK_SHA384);
	add_batches(list);
	close_list(list);
	list = open_list("two-pcrs", TPMB_FORMAT_BINARY, TPMB_ORDER_LE, TPMB_BANK_SHA1);
	add_batches(list);
	add_forged(list, 23, "ima-ng", &data, false, NULL);
	close_list(list);
}

/* Lists whose PCR is right, and whose records are not. */
static void write_forged(void)
{
	struct data members[2], evil[2], right, wrong;
	struct list *list;

	members[0] = evil[0] = file(TPMB_ORDER_LE, 1, "/usr/bin/a");
	members[1] = file(TPMB_ORDER_LE, 2, "/usr/bin/b");
	evil[1] = file(TPMB_ORDER_LE, 3, "/usr/bin/b");

	/* The listed digest extends the PCR to the right value; the members are others. */
	list = open_list("forged-member", TPMB_FORMAT_BINARY, TPMB_ORDER_LE, TPMB_BANK_SHA1);
	right = batch(TPMB_ORDER_LE, 2, members, 2, "ima-ng");
	wrong = batch(TPMB_ORDER_LE, 2, evil, 2, "ima-ng");
	add(list, "ima-ng", members[0]);
	add_forged(list, PCR, TPMB_TEMPLATE_BATCH, &right, false, &wrong);
	close_list(list);

	list = open_list("forged-file", TPMB_FORMAT_BINARY, TPMB_ORDER_LE, TPMB_BANK_SHA1);
	add(list, "ima-ng", members[0]);
	add_forged(list, PCR, "ima-ng", &members[1], false, &evil[1]);
	add_forged(list, PCR, "ima-ng", &members[0], false, &evil[1]);
	close_list(list);

	/* Extended as they are, but no batches by FORMAT.md. */
	list = open_list("bad-count", TPMB_FORMAT_BINARY, TPMB_ORDER_LE, TPMB_BANK_SHA1);
	add(list, TPMB_TEMPLATE_BATCH, batch(TPMB_ORDER_LE, 3, members, 2, "ima-ng"));
	close_list(list);
	list = open_list("batch-of-one", TPMB_FORMAT_BINARY, TPMB_ORDER_LE, TPMB_BANK_SHA1);
	add(list, TPMB_TEMPLATE_BATCH, batch(TPMB_ORDER_LE, 1, members, 1, "ima-ng"));
	close_list(list);
	list = open_list("nested", TPMB_FORMAT_BINARY, TPMB_ORDER_LE, TPMB_BANK_SHA1);
	add(list, "ima-ng", members[0]);
	add(list, TPMB_TEMPLATE_BATCH, batch(TPMB_ORDER_LE, 2, members, 2, TPMB_TEMPLATE_BATCH));
	close_list(list);
}

int main(int argc, char **argv)
{
	if (argc != 2 || chdir(argv[1]))
		errx(1, "usage: make_lists FOLDER");
	write_kinds();
	write_legacy();
	write_batched();
	write_forged();
	return 0;
}
