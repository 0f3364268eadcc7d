// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The template data of a batch: record.c, its public wrapper, and FORMAT.md's example. */
#include "list_fixture.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>

#include "lib_private.h"
#include "record.h"

/* A batch by hand; the outer lengths are little-endian too. */
struct batch {
	uint8_t data[512];
	uint32_t len;
};

static void put(struct batch *batch, const void *bytes, uint32_t len)
{
	assert_true(sizeof(batch->data) - batch->len >= len);
	memcpy(batch->data + batch->len, bytes, len);
	batch->len += len;
}

static void put_u32(struct batch *batch, uint32_t value)
{
	uint8_t bytes[4];

	tpmb_put_u32(bytes, value, TPMB_ORDER_LE);
	put(batch, bytes, 4);
}

static void put_member(struct batch *batch, const char *name, const char *data)
{
	put_u32(batch, (uint32_t)strlen(name));
	put(batch, name, (uint32_t)strlen(name));
	put_u32(batch, (uint32_t)strlen(data));
	put(batch, data, (uint32_t)strlen(data));
}

static void begin(struct batch *batch, uint32_t count)
{
	batch->len = 0;
	put_u32(batch, 4);
	put_u32(batch, count);
	put_u32(batch, 0);
}

static void end(struct batch *batch)
{
	tpmb_put_u32(batch->data + 8, batch->len - 12, TPMB_ORDER_LE);
}

static int members_of(const struct batch *batch, struct tpmb_member_iter *iter)
{
	static const uint8_t digest[20] = {1};
	struct tpmb_record record = {.number = 3,
				     .offset = 1000,
				     .pcr = 10,
				     .digest = digest,
				     .digest_len = 20,
				     .name = "ima-batch",
				     .name_len = 9,
				     .data = batch->data,
				     .data_len = batch->len,
				     .has_data = true,
				     .order = TPMB_ORDER_LE};

	return tpmb_members(&record, iter);
}

static void members_are_walked(void **state)
{
	static const char *const names[] = {"ima-ng", "x", "ima-sig"};
	static const char *const data[] = {"first", "", "third"};
	struct tpmb_member_iter iter;
	struct tpmb_member member;
	struct batch batch;

	(void)state;
	begin(&batch, 3);
	for (int i = 0; i < 3; i++)
		put_member(&batch, names[i], data[i]);
	end(&batch);
	assert_int_equal(members_of(&batch, &iter), 3);
	for (int i = 0; i < 3; i++) {
		assert_true(tpmb_member_next(&iter, &member));
		assert_int_equal(member.name_len, strlen(names[i]));
		assert_memory_equal(member.name, names[i], member.name_len);
		assert_int_equal(member.data_len, strlen(data[i]));
		assert_memory_equal(member.data, data[i], member.data_len);
	}
	assert_false(tpmb_member_next(&iter, &member));
	assert_false(tpmb_member_next(&iter, &member));
}

/* record.c writes what the test writes by hand. */
static void encoder_agrees(void **state)
{
	struct batch by_hand, encoded;
	uint8_t *pos;

	(void)state;
	begin(&by_hand, 2);
	put_member(&by_hand, "ima-ng", "first");
	put_member(&by_hand, "ima-sig", "second");
	end(&by_hand);

	put_u32((encoded.len = 0, &encoded), TPMB_N_BATCH_SIZE);
	tpmb_put_n_batch(encoded.data + encoded.len, 2);
	encoded.len += TPMB_N_BATCH_SIZE;
	put_u32(&encoded, tpmb_member_size(6, 5) + tpmb_member_size(7, 6));
	assert_int_equal(encoded.len, TPMB_BATCH_OVERHEAD);
	pos = tpmb_put_member(encoded.data + encoded.len, (const u8 *)"ima-ng", 6, 5);
	memcpy(pos, "first", 5);
	pos = tpmb_put_member(pos + 5, (const u8 *)"ima-sig", 7, 6);
	memcpy(pos, "second", 6);
	encoded.len = (uint32_t)(pos + 6 - encoded.data);
	assert_int_equal(encoded.len, by_hand.len);
	assert_memory_equal(encoded.data, by_hand.data, by_hand.len);
	assert_int_equal(tpmb_get_n_batch(encoded.data + 4), 2);
	assert_int_equal(tpmb_member_size(0xffffffff, 0), 0);
	assert_int_equal(tpmb_member_size(0xfffffff7, 1), 0);
	assert_int_equal(tpmb_member_size(0xfffffff6, 1), 0xffffffff);
}

static void some_templates_never_nest(void **state)
{
	(void)state;
	assert_true(tpmb_member_nests((const u8 *)"ima-ng", 6));
	assert_true(tpmb_member_nests((const u8 *)"ima-batchx", 10));
	assert_true(tpmb_member_nests((const u8 *)"im", 2));
	assert_true(tpmb_member_nests((const u8 *)"d|n", 3));
	assert_false(tpmb_member_nests((const u8 *)"", 0));
	assert_false(tpmb_member_nests((const u8 *)"ima", 3));
	assert_false(tpmb_member_nests((const u8 *)"ima-batch", 9));
}

/* Every rule of FORMAT.md's list of what a reader rejects, and where it points to. */
static void bad_batches_are_refused(void **state)
{
	struct tpmb_member_iter iter;
	struct batch good, bad;

	(void)state;
	begin(&good, 2);
	put_member(&good, "ima-ng", "first");
	put_member(&good, "ima-sig", "second");
	end(&good);
	assert_int_equal(members_of(&good, &iter), 2);

#define REFUSED(message)                                                         \
	do {                                                                     \
		last_message[0] = 0;                                             \
		assert_int_equal(members_of(&bad, &iter), -EBADMSG);             \
		assert_message_has("record 3 at offset 1000");                   \
		assert_message_has(message);                                     \
		assert_false(tpmb_member_next(&iter, &(struct tpmb_member){0})); \
	} while (0)

	/* The count: less or more than there are, one, none. */
	for (uint32_t count = 0; count < 5; count++) {
		bad = good;
		tpmb_put_u32(bad.data + 4, count, TPMB_ORDER_LE);
		if (count != 2)
			REFUSED("members, two or more");
	}
	bad = good;
	tpmb_put_u32(bad.data + 4, 0xffffffff, TPMB_ORDER_LE);
	REFUSED("4294967295 members");
	begin(&bad, 1);
	put_member(&bad, "ima-ng", "alone");
	end(&bad);
	REFUSED("1 members, two or more");
	begin(&bad, 0);
	REFUSED("0 members, two or more");
	/* n-batch of another size, and big-endian's reading of it. */
	bad = good;
	tpmb_put_u32(bad.data, 3, TPMB_ORDER_LE);
	REFUSED("byte 0 of its template data: expected n-batch");
	tpmb_put_u32(bad.data, 5, TPMB_ORDER_LE);
	REFUSED("n-batch");
	tpmb_put_u32(bad.data, 0xffffffff, TPMB_ORDER_LE);
	REFUSED("n-batch");
	/* e-batch longer and shorter than the record; a third field. */
	bad = good;
	tpmb_put_u32(bad.data + 8, good.len - 12 + 1, TPMB_ORDER_LE);
	REFUSED("byte 8 of its template data: expected e-batch");
	tpmb_put_u32(bad.data + 8, good.len - 12 - 1, TPMB_ORDER_LE);
	REFUSED("nothing behind the e-batch field");
	bad = good;
	put_u32(&bad, 0);
	REFUSED("nothing behind the e-batch field");
	/* A byte left over inside e-batch. */
	bad = good;
	put(&bad, "x", 1);
	end(&bad);
	REFUSED("members, two or more, that fill e-batch");
	/* A member's lengths past the end: its name's and its data's. */
	bad = good;
	tpmb_put_u32(bad.data + 12, 0x7fffffff, TPMB_ORDER_LE);
	REFUSED("byte 12 of");
	bad = good;
	tpmb_put_u32(bad.data + 12 + 8 + 11 + 4 + 7, 7, TPMB_ORDER_LE);
	REFUSED("byte 31 of"); /* where the second member begins */
	/* Members that never nest. */
	static const char *const never[] = {"ima", "ima-batch", ""};
	for (int i = 0; i < 3; i++) {
		begin(&bad, 2);
		put_member(&bad, "ima-ng", "first");
		put_member(&bad, never[i], "second");
		end(&bad);
		REFUSED("byte 31 of");
	}
	/* Cut at every byte. */
	for (uint32_t len = 0; len < good.len; len++) {
		bad = good;
		bad.len = len;
		REFUSED("expected");
	}
}

static void only_batches_have_members(void **state)
{
	static const uint8_t zeros[20];
	struct tpmb_member_iter iter;
	struct batch good;
	struct tpmb_record record = {.digest = (const uint8_t *)"01234567890123456789",
				     .digest_len = 20,
				     .name = "ima-batch",
				     .name_len = 9,
				     .has_data = true,
				     .order = TPMB_ORDER_LE};

	(void)state;
	begin(&good, 2);
	put_member(&good, "ima-ng", "first");
	put_member(&good, "ima-sig", "second");
	end(&good);
	record.data = good.data;
	record.data_len = good.len;
	assert_true(tpmb_record_is_batch(&record));
	assert_int_equal(tpmb_members(&record, &iter), 2);
	record.has_data = false;
	assert_int_equal(tpmb_members(&record, &iter), -EBADMSG);
	record.has_data = true;
	record.name = "ima-batck";
	assert_false(tpmb_record_is_batch(&record));
	assert_int_equal(tpmb_members(&record, &iter), -EBADMSG);
	record.name = "ima-batch";
	record.digest = zeros;
	assert_int_equal(tpmb_members(&record, &iter), -EBADMSG);
	assert_message_has("violations are not nested");
}

/* ---- the worked example of FORMAT.md ---- */

static const char *const member_paths[] = {"/usr/bin/true", "/usr/bin/false"};

/* The record that FORMAT.md takes apart: two files whose SHA-256 are 11..11 and 22..22. */
static size_t make_example(const struct tpmb_list_format *format, uint8_t *out, size_t size)
{
	uint8_t member[2][128], digest[32], data[512], *pos;
	struct tpmb_list_writer *writer;
	struct tpmb_record record;
	int len[2], fd;
	uint8_t *bytes;
	size_t total;

	for (int i = 0; i < 2; i++) {
		memset(digest, 0x11 * (i + 1), sizeof(digest));
		len[i] = 0;
		struct batch one = {.len = 0};

		put_u32(&one, 8 + 32);
		put(&one, "sha256:", 8);
		put(&one, digest, 32);
		put_u32(&one, (uint32_t)strlen(member_paths[i]) + 1);
		put(&one, member_paths[i], (uint32_t)strlen(member_paths[i]) + 1);
		memcpy(member[i], one.data, one.len);
		len[i] = (int)one.len;
	}
	tpmb_put_u32(data, TPMB_N_BATCH_SIZE, TPMB_ORDER_LE);
	tpmb_put_n_batch(data + 4, 2);
	tpmb_put_u32(data + 8, tpmb_member_size(6, (u32)len[0]) + tpmb_member_size(6, (u32)len[1]),
		     TPMB_ORDER_LE);
	pos = data + TPMB_BATCH_OVERHEAD;
	for (int i = 0; i < 2; i++) {
		pos = tpmb_put_member(pos, (const u8 *)"ima-ng", 6, (u32)len[i]);
		memcpy(pos, member[i], (size_t)len[i]);
		pos += len[i];
	}
	record = (struct tpmb_record){.pcr = 10,
				      .name = "ima-batch",
				      .name_len = 9,
				      .data = data,
				      .data_len = (uint32_t)(pos - data),
				      .has_data = true,
				      .order = TPMB_ORDER_LE,
				      .bank = -1};
	fd = memory_file("", 0);
	assert_int_equal(tpmb_list_writer_new(fd, "example", format, &writer), 0);
	assert_int_equal(tpmb_list_write(writer, &record), 0);
	assert_int_equal(tpmb_list_writer_flush(writer), 0);
	tpmb_list_writer_free(writer);
	bytes = file_bytes(fd, &total);
	assert_true(total <= size);
	memcpy(out, bytes, total);
	free(bytes);
	close(fd);
	return total;
}

/* The text of the fenced block that follows @marker. */
static char *format_block(const char *document, const char *marker)
{
	const char *block = strstr(document, marker), *last;

	assert_non_null(block);
	block = strstr(block, "```");
	assert_non_null(block);
	block = strchr(block, '\n');
	assert_non_null(block);
	last = strstr(block, "```");
	assert_non_null(last);
	return strndup(block + 1, (size_t)(last - block - 1));
}

/* Hex pairs at the start of each line, up to two spaces and words. */
static size_t unhex_block(char *block, uint8_t *out, size_t size)
{
	size_t len = 0;

	for (char *line = strtok(block, "\n"); line; line = strtok(NULL, "\n")) {
		char *pos = line;

		while (isxdigit((unsigned char)pos[0]) && isxdigit((unsigned char)pos[1])) {
			char pair[3] = {pos[0], pos[1], 0};

			assert_true(len < size);
			out[len++] = (uint8_t)strtoul(pair, NULL, 16);
			pos += pos[2] == ' ' ? 3 : 2;
		}
	}
	return len;
}

static void documented_example_is_what_is_written(void **state)
{
	static const struct tpmb_list_format binary = {TPMB_FORMAT_BINARY, TPMB_ORDER_LE,
						       TPMB_BANK_SHA1};
	static const struct tpmb_list_format ascii = {TPMB_FORMAT_ASCII, TPMB_ORDER_LE,
						      TPMB_BANK_SHA1};
	uint8_t expected[1024], documented[1024];
	size_t expected_len, documented_len;
	char *document, *block;
	int fd;

	(void)state;
	fd = open(FORMAT_MD, O_RDONLY);
	assert_true(fd >= 0);
	document = (char *)file_bytes(fd, &documented_len);
	close(fd);

	expected_len = make_example(&binary, expected, sizeof(expected));
	block = format_block(document, "<!-- example: binary -->");
	documented_len = unhex_block(block, documented, sizeof(documented));
	free(block);
	assert_int_equal(documented_len, expected_len);
	assert_memory_equal(documented, expected, expected_len);

	expected_len = make_example(&ascii, expected, sizeof(expected));
	block = format_block(document, "<!-- example: ascii -->");
	assert_int_equal(strlen(block), expected_len);
	assert_memory_equal(block, expected, expected_len);
	free(block);

	/* The digests of the table, and the PCRs after this one record. */
	for (int bank = 0; bank < TPMB_BANK_COUNT; bank++) {
		struct tpmb_list_format format = {TPMB_FORMAT_BINARY, TPMB_ORDER_LE, bank};
		struct tpmb_list_reader *reader;
		struct tpmb_replay *replay;
		struct tpmb_record record;
		struct tpmb_pcrs pcrs;
		char hex[2][2 * TPMB_DIGEST_MAX + 1];

		expected_len = make_example(&format, expected, sizeof(expected));
		reader = open_bytes(expected, expected_len, NULL, &fd);
		assert_int_equal(tpmb_list_read(reader, &record), 1);
		assert_int_equal(tpmb_replay_new(TPMB_BANKS_ALL, &replay), 0);
		assert_int_equal(tpmb_replay_add(replay, &record), 0);
		tpmb_replay_pcrs(replay, &pcrs);
		for (size_t i = 0; i < record.digest_len; i++) {
			snprintf(hex[0] + 2 * i, 3, "%02x", record.digest[i]);
			snprintf(hex[1] + 2 * i, 3, "%02x", pcrs.value[bank][10][i]);
		}
		if (!strstr(document, hex[0]) || !strstr(document, hex[1]))
			fail_msg("FORMAT.md lacks %s: template digest %s, PCR %s",
				 tpmb_bank_name((enum tpmb_bank)bank), hex[0], hex[1]);
		tpmb_replay_free(replay);
		tpmb_list_reader_close(reader);
		close(fd);
	}
	free(document);
}

/* Prints the example, for whoever edits FORMAT.md. */
static int print_example(void)
{
	static const struct tpmb_list_format formats[] = {
		{TPMB_FORMAT_BINARY, TPMB_ORDER_LE, TPMB_BANK_SHA1},
		{TPMB_FORMAT_ASCII, TPMB_ORDER_LE, TPMB_BANK_SHA1}};
	uint8_t out[1024];

	for (int i = 0; i < 2; i++) {
		size_t len = make_example(&formats[i], out, sizeof(out));

		fwrite(out, 1, len, stdout);
	}
	return 0;
}

static int set_up(void **state)
{
	(void)state;
	tpmb_set_message_handler(keep_message, NULL);
	return 0;
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(members_are_walked),
		cmocka_unit_test(encoder_agrees),
		cmocka_unit_test(some_templates_never_nest),
		cmocka_unit_test(bad_batches_are_refused),
		cmocka_unit_test(only_batches_have_members),
		cmocka_unit_test(documented_example_is_what_is_written),
	};

	if (argc > 1 && !strcmp(argv[1], "--print-example"))
		return print_example();
	return cmocka_run_group_tests_name("record", tests, set_up, NULL);
}
