// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* ASCII lists: the kernel's spelling, what it loses, and batches, which lose nothing. */
#include "list_fixture.h"

#include <errno.h>

#include "list_private.h"
#include "record.h"

#define D40 "1111111111111111111111111111111111111111"

static int read_line(const char *line, size_t len, struct tpmb_list_reader **reader,
		     struct tpmb_record *record)
{
	int fd, ret;

	last_message[0] = 0;
	*reader = open_bytes(line, len, NULL, &fd);
	ret = tpmb_list_read(*reader, record);
	close(fd);
	return ret;
}

/* Lines as a kernel prints them, and the template data behind them. */
static void lines_become_template_data(void **state)
{
	static const struct {
		const char *line;
		uint32_t pcr;
		const char *name;
		const char *data;
		uint32_t len;
	} cases[] = {
		{"10 " D40 " ima-ng sha1:0102 /a b\n", 10, "ima-ng",
		 "\x08\0\0\0sha1:\0\1\2\5\0\0\0/a b\0", 21},
		{" 0 " D40 " ima-sig sha1:01 /x \n", 0, "ima-sig",
		 "\x07\0\0\0sha1:\0\1\3\0\0\0/x\0\0\0\0\0", 22},
		{"23 " D40 " ima-sig sha1:01 /x 0302\n", 23, "ima-sig",
		 "\x07\0\0\0sha1:\0\1\3\0\0\0/x\0\2\0\0\0\3\2", 24},
		{"10 " D40 " ima-ng 01 /x\n", 10, "ima-ng", "\3\0\0\0:\0\1\3\0\0\0/x\0", 14},
		{"10 " D40 " ima-ngv2 verity:sha1:01 /x\n", 10, "ima-ngv2",
		 "\x0e\0\0\0verity:sha1:\0\1\3\0\0\0/x\0", 25},
		{"10 " D40 " ima-modsig sha1:01 /x   \n", 10, "ima-modsig",
		 "\x07\0\0\0sha1:\0\1\3\0\0\0/x\0\0\0\0\0\0\0\0\0\0\0\0\0", 30},
		{"10 " D40 " evm-sig sha1:01 /x 05 a|b 04 06 1000 0 33188\n", 10, "evm-sig",
		 "\x07\0\0\0sha1:\0\1\3\0\0\0/x\0\1\0\0\0\5\4\0\0\0a|b\0\1\0\0\0\4\1\0\0\0\6"
		 "\4\0\0\0\xe8\3\0\0\4\0\0\0\0\0\0\0\2\0\0\0\xa4\x81",
		 63},
		{"10 " D40 " evm-sig sha1:01 /x       \n", 10, "evm-sig",
		 "\x07\0\0\0sha1:\0\1\3\0\0\0/x\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
		 "\0\0\0",
		 46},
		{"10 " D40 " ima 3131313131313131313131313131313131313131 /x y\n", 10, "ima",
		 "11111111111111111111\4\0\0\0/x y", 28},
		{"10 " D40 " d|n 31 /x\n", 10, "d|n",
		 "\1\0\0\0"
		 "1\3\0\0\0/x\0",
		 12},
		{"10 " D40 " n-ng \n", 10, "n-ng", "\1\0\0\0\0", 5},
		{"10 " D40 " imode|n-ng|sig 65535 /x y 01\n", 10, "imode|n-ng|sig",
		 "\2\0\0\0\xff\xff\5\0\0\0/x y\0\1\0\0\0\1", 20},
		{"10 " D40 " ima-batch 2 00\n", 10, "ima-batch", "\4\0\0\0\2\0\0\0\1\0\0\0\0", 13},
	};
	struct tpmb_list_reader *reader;
	struct tpmb_record record;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		size_t len = strlen(cases[i].line);

		if (read_line(cases[i].line, len, &reader, &record) != 1)
			fail_msg("case %zu: %s", i, last_message);
		assert_int_equal(record.pcr, cases[i].pcr);
		assert_int_equal(record.length, len);
		assert_int_equal(record.name_len, strlen(cases[i].name));
		assert_memory_equal(record.name, cases[i].name, record.name_len);
		assert_int_equal(record.bank, TPMB_BANK_SHA1);
		assert_int_equal(record.digest_len, 20);
		assert_int_equal(record.digest[19], 0x11);
		assert_true(record.has_data);
		if (record.data_len != cases[i].len ||
		    memcmp(record.data, cases[i].data, record.data_len))
			fail_msg("case %zu: other data, %u bytes", i, record.data_len);
		/* No digest fits, so nothing showed the byte order. */
		assert_int_equal(tpmb_list_reader_format(reader)->order, TPMB_ORDER_AUTO);
		assert_int_equal(tpmb_list_reader_format(reader)->bank, TPMB_BANK_SHA1);
		tpmb_list_reader_close(reader);
	}
}

/* One record has one line: every other spelling is refused. */
static void other_spellings_are_refused(void **state)
{
	static const char *const lines[] = {
		"\n",
		" \n",
		"10\n",
		"10 \n",
		"5 " D40 " ima-ng sha1:01 /x\n",
		"  5 " D40 " ima-ng sha1:01 /x\n",
		" 10 " D40 " ima-ng sha1:01 /x\n",
		"05 " D40 " ima-ng sha1:01 /x\n",
		"+5 " D40 " ima-ng sha1:01 /x\n",
		"0x " D40 " ima-ng sha1:01 /x\n",
		"4294967296 " D40 " ima-ng sha1:01 /x\n",
		"10 " D40 "\n",
		"10 " D40 " \n",
		"10  " D40 " ima-ng sha1:01 /x\n",
		"10 " D40 "1 ima-ng sha1:01 /x\n",
		"10 " D40 "11 ima-ng sha1:01 /x\n",
		"10 A111111111111111111111111111111111111111 ima-ng sha1:01 /x\n",
		"10 g111111111111111111111111111111111111111 ima-ng sha1:01 /x\n",
		"10 " D40 "  ima-ng sha1:01 /x\n",
		"10 " D40 " ima-ng\n",
		"10 " D40 " ima-ng sha1:01\n",
		"10 " D40 " ima-ng sha1:0 /x\n",
		"10 " D40 " ima-ng :01 /x\n",
		"10 " D40 " ima-ng sha1:0A /x\n",
		"10 " D40 " ima-ng  sha1:01 /x\n",
		"10 " D40 " ima-sig sha1:01 /x\n",
		"10 " D40 " ima-sig sha1:01 /x 3\n",
		"10 " D40 " ima-sig sha1:01 /x 030G\n",
		"10 " D40 " evm-sig sha1:01 /x 05 a|b 04 06 1000 0\n",
		"10 " D40 " evm-sig sha1:01 /x 05 a|b 04 06 1000 0 33188 \n",
		"10 " D40 " evm-sig sha1:01 /x y 05 a|b 04 06 1000 0 33188\n",
		"10 " D40 " imode 65536\n",
		"10 " D40 " imode 01\n",
		"10 " D40 " imode -1\n",
		"10 " D40 " iuid 4294967296\n",
		"10 " D40 " ima 11 /x\n",
		"10 " D40 " ima-batch 2\n",
		"10 " D40 " ima-batch 2  00\n",
		"10 " D40 " ima-batch 2 00 00\n",
		"10 " D40 " ima-batch 02 00\n",
		"10 " D40 " ima-batch 4294967296 00\n",
		"10 " D40 " ima-batch 2 0\n",
		"10 " D40 " ima-ng sha1:01 /x\r\n10\n",
		"\t10 " D40 " ima-ng sha1:01 /x\n",
	};
	struct tpmb_list_reader *reader;
	struct tpmb_record record;
	int ret;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		static const struct tpmb_list_format ascii = {TPMB_FORMAT_ASCII, TPMB_ORDER_AUTO,
							      -1};
		int fd;

		last_message[0] = 0;
		reader = open_bytes(lines[i], strlen(lines[i]), &ascii, &fd);
		ret = tpmb_list_read(reader, &record);
		/* A carriage return is part of the path; what follows is no record. */
		if (ret == 1)
			ret = tpmb_list_read(reader, &record);
		if (ret != -EBADMSG)
			fail_msg("%d for %s", ret, lines[i]);
		assert_message_has("list: offset");
		tpmb_list_reader_close(reader);
		close(fd);
	}
}

/* The message counts bytes from the start of the list. */
static void errors_name_the_byte(void **state)
{
	static const struct {
		const char *line;
		const char *message;
	} cases[] = {
		{"1 " D40 " ima-ng sha1:01 /x\n", "offset 0: record 1: expected a PCR number"},
		{"10 " D40 "1 x\n", "offset 3: record 1: expected a template digest"},
		{"10 " D40 "\n", "offset 43: record 1: expected a template name"},
		{"10 " D40 " x\1y\n", "offset 44: record 1: expected a template name"},
		{"10 " D40 " ima-ng sha1:0G /x\n", "offset 51: record 1: expected the fields"},
		{"10 " D40 " ima-ng\n", "offset 50: record 1: expected the fields"},
	};
	struct tpmb_list_reader *reader;
	struct tpmb_record record;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		assert_int_equal(read_line(cases[i].line, strlen(cases[i].line), &reader, &record),
				 -EBADMSG);
		assert_message_has(cases[i].message);
		tpmb_list_reader_close(reader);
	}
}

/* The kernel prints a string up to its NUL. */
static void lines_have_no_nul(void **state)
{
	static const char *const lines[] = {"10 " D40 " ima-ng sha1:01 /x@y\n",
					    "10 " D40 " d-ng s@ha1:01\n", "10 " D40 " new @\n"};
	struct tpmb_list_reader *reader;
	struct tpmb_record record;
	char line[128];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		size_t len = strlen(lines[i]);

		memcpy(line, lines[i], len);
		*(char *)memchr(line, '@', len) = 0;
		assert_int_equal(read_line(line, len, &reader, &record), -EBADMSG);
		assert_message_has("no NUL");
		tpmb_list_reader_close(reader);
	}
}

static void unknown_templates_have_no_data(void **state)
{
	static const char *const lines[] = {"10 " D40 " new-one what ever  it is\n",
					    "10 " D40 " new-one\n", "10 " D40 " new-one \n"};
	struct tpmb_list_reader *reader;
	struct tpmb_record record;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		assert_int_equal(read_line(lines[i], strlen(lines[i]), &reader, &record), 1);
		assert_int_equal(record.name_len, 7);
		assert_false(record.has_data);
		assert_null(record.data);
		assert_int_equal(record.length, strlen(lines[i]));
		tpmb_list_reader_close(reader);
	}
}

static void long_lines_are_refused(void **state)
{
	size_t len = TPMB_RECORD_MAX + 2;
	struct tpmb_list_reader *reader;
	struct tpmb_record record;
	char *line = malloc(len);

	(void)state;
	assert_non_null(line);
	memset(line, ' ', len);
	line[len - 1] = '\n';
	assert_int_equal(read_line(line, len, &reader, &record), -EFBIG);
	assert_message_has("32 MiB");
	tpmb_list_reader_close(reader);
	/* Without an end it is given up at the limit, not at the end of the list. */
	line[len - 1] = ' ';
	assert_int_equal(read_line(line, len, &reader, &record), -EFBIG);
	tpmb_list_reader_close(reader);
	free(line);
}

/* Writes one record as a line: the writer's result, and the list in *list (to be freed). */
static int write_line(const char *name, const void *data, uint32_t len, char **list)
{
	static const struct tpmb_list_format ascii = {TPMB_FORMAT_ASCII, TPMB_ORDER_LE, -1};
	struct tpmb_record record = {.pcr = 10,
				     .name = name,
				     .name_len = (uint32_t)strlen(name),
				     .data = data,
				     .data_len = len,
				     .has_data = true,
				     .order = TPMB_ORDER_LE,
				     .bank = -1};
	struct tpmb_list_writer *writer;
	int fd = memory_file("", 0), ret;
	size_t list_len;

	last_message[0] = 0;
	assert_int_equal(tpmb_list_writer_new(fd, "copy", &ascii, &writer), 0);
	ret = tpmb_list_write(writer, &record);
	assert_int_equal(tpmb_list_writer_flush(writer), 0);
	tpmb_list_writer_free(writer);
	*list = (char *)file_bytes(fd, &list_len);
	assert_int_equal(!ret, list_len > 0);
	close(fd);
	return ret;
}

/* What a line would lose is not written. */
static void writer_never_loses(void **state)
{
	static const struct {
		const char *name;
		const char *data;
		uint32_t len;
		bool written;
	} cases[] = {
		{"n-ng", "\3\0\0\0/x\0", 7, true},
		{"n-ng", "\3\0\0\0/x\n", 7, false},   /* no NUL */
		{"n-ng", "\4\0\0\0/x\n\0", 8, false}, /* a newline */
		{"n-ng", "\4\0\0\0/\0x\0", 8, false}, /* a NUL inside */
		{"n-ng", "\4\0\0\0/ x\0", 8, true},   /* one string may have spaces */
		{"n-ng|sig", "\4\0\0\0/ x\0\1\0\0\0\1", 13, true},
		{"n-ng|n-ng", "\3\0\0\0/x\0\3\0\0\0/y\0", 14, true},
		{"n-ng|n-ng", "\4\0\0\0/ x\0\3\0\0\0/y\0", 15, false},
		{"n-ng|n-ng", "\3\0\0\0/x\0\4\0\0\0/ y\0", 15, false},
		{"n-ng", "\0\0\0\0", 4, false}, /* empty, where a NUL belongs */
		{"xattrnames", "\0\0\0\0", 4, true},
		{"xattrnames", "\1\0\0\0\0", 5, false}, /* shown the same as the one above */
		{"d-ng", "\7\0\0\0sha1:\0\1", 11, true},
		{"d-ng", "\3\0\0\0:\0\1", 7, true},
		{"d-ng", "\7\0\0\0sha1-\0\1", 11, false},
		{"d-ng", "\3\0\0\0x\0\1", 7, false},	/* a prefix without colon */
		{"d-ng", "\6\0\0\0sha1:\1", 10, false}, /* no NUL */
		{"d-ng", "\7\0\0\0sh 1:\0\1", 11, true},
		{"d-ng|n-ng", "\7\0\0\0sh 1:\0\1\3\0\0\0/x\0", 18, false},
		{"imode", "\2\0\0\0\1\2", 6, true},
		{"imode", "\4\0\0\0\1\2\0\0", 8, false},
		{"imode", "\1\0\0\0\1", 5, false},
		{"ima-ng", "\7\0\0\0sha1:\0\1", 11, false}, /* a field is missing */
		{"ima", "01234567890123456789\1\0\0\0/", 25, true},
		{"ima", "01234567890123456789\1\0\0\0\n", 25, false},
		{"ima-batch", "\4\0\0\0\2\0\0\0\1\0\0\0\n", 13, true},
		{"new-one", "\3\0\0\0/x\0", 7, false},
	};
	struct tpmb_list_reader *reader;
	struct tpmb_record record;
	char *list;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		int ret = write_line(cases[i].name, cases[i].data, cases[i].len, &list);

		if (ret != (cases[i].written ? 0 : -EINVAL))
			fail_msg("case %zu (%s): %d, %s", i, cases[i].name, ret, last_message);
		if (ret)
			assert_message_has("copy: cannot write");
		if (!ret) {
			assert_int_equal(read_line(list, strlen(list), &reader, &record), 1);
			assert_int_equal(record.data_len, cases[i].len);
			assert_memory_equal(record.data, cases[i].data, cases[i].len);
			tpmb_list_reader_close(reader);
		}
		free(list);
	}
}

/* A NUL in a path hides its end from the line: the digest notices. */
static void hidden_bytes_are_noticed(void **state)
{
	static const uint8_t data[] = "\x07\0\0\0sha1:\0\1\x0a\0\0\0/bin/sh\0.x";
	uint8_t digest[TPMB_DIGEST_MAX];
	struct tpmb_list_reader *reader;
	struct tpmb_replay *replay;
	struct tpmb_record record;
	char line[128];
	int len;

	(void)state;
	assert_int_equal(tpmb_template_digest(TPMB_BANK_SHA1, "ima-ng", 6, data, sizeof(data),
					      TPMB_ORDER_LE, digest),
			 0);
	len = snprintf(line, sizeof(line), "10 ");
	for (int i = 0; i < 20; i++)
		len += snprintf(line + len, sizeof(line) - (size_t)len, "%02x", digest[i]);
	len += snprintf(line + len, sizeof(line) - (size_t)len, " ima-ng sha1:01 /bin/sh\n");
	assert_int_equal(read_line(line, (size_t)len, &reader, &record), 1);
	assert_int_equal(tpmb_replay_new(1, &replay), 0);
	assert_int_equal(tpmb_replay_add(replay, &record), -EBADMSG);
	tpmb_replay_free(replay);
	tpmb_list_reader_close(reader);
}

/* Members with every byte in their paths pass through a line unharmed, in both byte orders. */
static void batches_are_lossless(void **state)
{
	uint8_t data[2048], *pos;
	struct tpmb_list_reader *reader;
	struct tpmb_member_iter iter;
	struct tpmb_member member;
	struct tpmb_record record;
	size_t len;
	uint8_t *bytes;
	int fd;

	(void)state;
	for (int order = TPMB_ORDER_LE; order <= TPMB_ORDER_BE; order++) {
		struct tpmb_list_format ascii = {TPMB_FORMAT_ASCII, (enum tpmb_order)order,
						 TPMB_BANK_SHA256};
		struct tpmb_list_writer *writer;

		tpmb_put_u32(data, 4, ascii.order);
		tpmb_put_n_batch(data + 4, 3);
		pos = data + 12;
		for (u32 i = 0; i < 3; i++) {
			pos = tpmb_put_member(pos, (const u8 *)"any thing\n", 10, 256);
			for (unsigned int byte = 0; byte < 256; byte++)
				*pos++ = (uint8_t)(byte + i);
		}
		tpmb_put_u32(data + 8, (uint32_t)(pos - data) - 12, ascii.order);
		record = (struct tpmb_record){.pcr = 10,
					      .name = "ima-batch",
					      .name_len = 9,
					      .data = data,
					      .data_len = (uint32_t)(pos - data),
					      .has_data = true,
					      .order = ascii.order,
					      .bank = -1};
		fd = memory_file("", 0);
		assert_int_equal(tpmb_list_writer_new(fd, "copy", &ascii, &writer), 0);
		assert_int_equal(tpmb_list_write(writer, &record), 0);
		assert_int_equal(tpmb_list_writer_flush(writer), 0);
		tpmb_list_writer_free(writer);
		bytes = file_bytes(fd, &len);
		assert_memory_equal(bytes + 3 + 64, " ima-batch 3 0a000000", 21);
		close(fd);

		reader = open_bytes(bytes, len, NULL, &fd);
		assert_int_equal(tpmb_list_read(reader, &record), 1);
		assert_int_equal(record.order, order);
		assert_int_equal(record.bank, TPMB_BANK_SHA256);
		assert_int_equal(record.data_len, pos - data);
		assert_memory_equal(record.data, data, record.data_len);
		assert_int_equal(tpmb_members(&record, &iter), 3);
		for (u32 i = 0; i < 3; i++) {
			assert_true(tpmb_member_next(&iter, &member));
			assert_int_equal(member.data_len, 256);
			assert_int_equal(member.data[255], (uint8_t)(255 + i));
		}
		tpmb_list_reader_close(reader);
		close(fd);
		free(bytes);
	}
}

static int set_up(void **state)
{
	(void)state;
	tpmb_set_message_handler(keep_message, NULL);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_become_template_data),
		cmocka_unit_test(other_spellings_are_refused),
		cmocka_unit_test(errors_name_the_byte),
		cmocka_unit_test(lines_have_no_nul),
		cmocka_unit_test(unknown_templates_have_no_data),
		cmocka_unit_test(long_lines_are_refused),
		cmocka_unit_test(writer_never_loses),
		cmocka_unit_test(hidden_bytes_are_noticed),
		cmocka_unit_test(batches_are_lossless),
	};

	return cmocka_run_group_tests_name("ascii", tests, set_up, NULL);
}
