// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Reading and writing lists: recognition, errors, bounds, and the way back. */
#include "list_fixture.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/wait.h>

#include "gen_list.h"
#include "list_private.h"

static const char *const order_names[] = {"auto", "le", "be"};

/* Writes the records of a list out again and replays them. */
static void rewrite(const uint8_t *bytes, size_t len, const struct tpmb_list_format *format,
		    unsigned long *records, int *out_fd, struct tpmb_pcrs *pcrs,
		    struct tpmb_list_format *recognised)
{
	struct tpmb_list_writer *writer;
	struct tpmb_list_reader *reader;
	struct tpmb_replay *replay;
	struct tpmb_record record;
	int fd, ret;

	*records = 0;
	*out_fd = memory_file("", 0);
	reader = open_bytes(bytes, len, NULL, &fd);
	assert_int_equal(tpmb_list_writer_new(*out_fd, "copy", format, &writer), 0);
	assert_int_equal(tpmb_replay_new(tpmb_banks_supported(), &replay), 0);
	while ((ret = tpmb_list_read(reader, &record)) == 1) {
		(*records)++;
		assert_int_equal(record.number, *records);
		assert_int_equal(tpmb_list_write(writer, &record), 0);
		assert_int_equal(tpmb_replay_add(replay, &record), 0);
	}
	assert_int_equal(ret, 0);
	assert_int_equal(tpmb_list_writer_flush(writer), 0);
	tpmb_replay_pcrs(replay, pcrs);
	*recognised = *tpmb_list_reader_format(reader);
	tpmb_replay_free(replay);
	tpmb_list_writer_free(writer);
	tpmb_list_reader_close(reader);
	close(fd);
}

static void check_way_back(const struct gen_options *options)
{
	struct tpmb_pcrs expected, pcrs, copy_pcrs;
	struct tpmb_list_format recognised;
	size_t len, copy_len;
	uint8_t *bytes, *copy;
	unsigned long records;
	int fd, copy_fd;

	fd = memory_file("", 0);
	assert_int_equal(gen_list(options, fd, &expected), 0);
	bytes = file_bytes(fd, &len);
	rewrite(bytes, len, &options->format, &records, &copy_fd, &pcrs, &recognised);
	if (recognised.format != options->format.format ||
	    recognised.order != options->format.order || recognised.bank != options->format.bank)
		fail_msg("format %d, order %s, bank %s came out as %d, %s, %d",
			 options->format.format, order_names[options->format.order],
			 tpmb_bank_name((enum tpmb_bank)options->format.bank), recognised.format,
			 order_names[recognised.order], recognised.bank);
	assert_int_equal(records, options->records);
	assert_pcrs_equal(&pcrs, &expected, TPMB_BANKS_ALL);
	copy = file_bytes(copy_fd, &copy_len);
	assert_int_equal(copy_len, len);
	assert_memory_equal(copy, bytes, len);

	/* Into the other format and the next bank: the PCRs stay. */
	struct tpmb_list_format other = options->format;
	int other_fd, back_fd;

	if (!(options->templates & GEN_BIT(GEN_UNKNOWN)))
		other.format =
			other.format == TPMB_FORMAT_ASCII ? TPMB_FORMAT_BINARY : TPMB_FORMAT_ASCII;
	other.bank = (other.bank + 1) % TPMB_BANK_COUNT;
	rewrite(bytes, len, &other, &records, &other_fd, &copy_pcrs, &recognised);
	free(copy);
	copy = file_bytes(other_fd, &copy_len);
	rewrite(copy, copy_len, &options->format, &records, &back_fd, &copy_pcrs, &recognised);
	assert_int_equal(recognised.format, other.format);
	assert_int_equal(recognised.order, other.order);
	assert_int_equal(recognised.bank, other.bank);
	assert_pcrs_equal(&copy_pcrs, &expected, TPMB_BANKS_ALL);
	free(copy);
	copy = file_bytes(back_fd, &copy_len);
	assert_int_equal(copy_len, len);
	assert_memory_equal(copy, bytes, len);

	free(copy);
	free(bytes);
	close(back_fd);
	close(other_fd);
	close(copy_fd);
	close(fd);
}

/* Every format, byte order, bank and mix comes back as it was and replays to the PCRs. */
static void all_formats_come_back(void **state)
{
	static const struct gen_options mixes[] = {
		{.records = 40, .templates = GEN_BIT(GEN_IMA_NG)},
		{.records = 200, .templates = GEN_SHOWN, .pcr_mask = 0xffffff},
		{.records = 60, .templates = GEN_SHOWN, .batch_members = 5, .batch_every = 3},
		{.records = 30, .batch_members = 2},
		{.records = 200,
		 .templates = GEN_SHOWN,
		 .violation_every = 7,
		 .batch_members = 3,
		 .batch_every = 2,
		 .pcr_mask = 1u << 10 | 1u << 17},
		{.records = 200, .templates = GEN_ALL, .batch_members = 8, .batch_every = 9},
	};

	(void)state;
	for (size_t mix = 0; mix < sizeof(mixes) / sizeof(mixes[0]); mix++) {
		for (int format = TPMB_FORMAT_BINARY; format <= TPMB_FORMAT_ASCII; format++) {
			for (int order = TPMB_ORDER_LE; order <= TPMB_ORDER_BE; order++) {
				for (int bank = 0; bank < TPMB_BANK_COUNT; bank++) {
					struct gen_options options = mixes[mix];

					options.seed = mix * 1000 + (unsigned int)bank;
					options.format =
						(struct tpmb_list_format){(enum tpmb_format)format,
									  (enum tpmb_order)order,
									  bank};
					if (format == TPMB_FORMAT_ASCII)
						options.templates &= GEN_SHOWN;
					check_way_back(&options);
				}
			}
		}
	}
}

/* A pipe hands out a byte at a time; the result is the same. */
static void short_reads_do_not_matter(void **state)
{
	struct gen_options options = {.records = 50,
				      .templates = GEN_SHOWN,
				      .seed = 3,
				      .batch_members = 4,
				      .batch_every = 5};
	struct tpmb_list_reader *reader;
	struct tpmb_replay *replay;
	struct tpmb_record record;
	struct tpmb_pcrs expected, pcrs;
	int ends[2], fd, ret, status;
	uint8_t *bytes;
	size_t len;
	pid_t child;

	(void)state;
	for (int format = TPMB_FORMAT_BINARY; format <= TPMB_FORMAT_ASCII; format++) {
		options.format = (struct tpmb_list_format){(enum tpmb_format)format, TPMB_ORDER_LE,
							   TPMB_BANK_SHA256};
		fd = memory_file("", 0);
		assert_int_equal(gen_list(&options, fd, &expected), 0);
		bytes = file_bytes(fd, &len);
		assert_int_equal(pipe(ends), 0);
		child = fork();
		assert_true(child >= 0);
		if (!child) {
			close(ends[0]);
			for (size_t i = 0; i < len; i++)
				if (write(ends[1], bytes + i, 1) != 1)
					_exit(1);
			_exit(0);
		}
		close(ends[1]);
		assert_int_equal(tpmb_list_reader_fd(ends[0], "pipe", NULL, &reader), 0);
		assert_int_equal(tpmb_replay_new(TPMB_BANKS_ALL, &replay), 0);
		while ((ret = tpmb_list_read(reader, &record)) == 1)
			assert_int_equal(tpmb_replay_add(replay, &record), 0);
		assert_int_equal(ret, 0);
		tpmb_replay_pcrs(replay, &pcrs);
		assert_pcrs_equal(&pcrs, &expected, TPMB_BANKS_ALL);
		assert_int_equal(waitpid(child, &status, 0), child);
		assert_int_equal(status, 0);
		tpmb_replay_free(replay);
		tpmb_list_reader_close(reader);
		free(bytes);
		close(ends[0]);
		close(fd);
	}
}

/* Cut anywhere, a list ends inside a record, or between two: nothing else. */
static void every_cut_is_noticed(void **state)
{
	struct gen_options options = {.records = 12,
				      .templates = GEN_SHOWN,
				      .seed = 5,
				      .batch_members = 2,
				      .batch_every = 4};
	unsigned long records, whole;
	struct tpmb_record record;
	uint64_t ends[16], offset;
	uint8_t *bytes;
	size_t len;
	int fd, ret;

	(void)state;
	for (int format = TPMB_FORMAT_BINARY; format <= TPMB_FORMAT_ASCII; format++) {
		struct tpmb_list_reader *reader;
		int list_fd;

		options.format = (struct tpmb_list_format){(enum tpmb_format)format, TPMB_ORDER_BE,
							   TPMB_BANK_SHA384};
		fd = memory_file("", 0);
		assert_int_equal(gen_list(&options, fd, NULL), 0);
		bytes = file_bytes(fd, &len);
		reader = open_bytes(bytes, len, NULL, &list_fd);
		for (offset = 0, whole = 0; tpmb_list_read(reader, &record) == 1; whole++) {
			assert_int_equal(record.offset, offset);
			offset += record.length;
			ends[whole] = offset;
		}
		assert_int_equal(offset, len);
		tpmb_list_reader_close(reader);
		close(list_fd);
		for (size_t cut = 0; cut < len; cut++) {
			for (whole = 0; ends[whole] <= cut; whole++)
				;
			ret = read_all(bytes, cut, NULL, &records, &record);
			assert_int_equal(records, whole);
			offset = whole ? ends[whole - 1] : 0;
			assert_int_equal(ret, cut == offset ? 0 : -ENODATA);
			assert_int_equal(record.offset, offset);
		}
		free(bytes);
		close(fd);
	}
}

/* A binary record by hand, in little-endian. */
static size_t make_record(uint8_t *to, uint32_t pcr, const char *name, const void *data,
			  uint32_t data_len, uint32_t claimed)
{
	uint32_t name_len = (uint32_t)strlen(name);
	uint8_t digest[TPMB_DIGEST_MAX];
	uint8_t *pos = to;

	assert_int_equal(tpmb_template_digest(TPMB_BANK_SHA1, name, name_len, data, data_len,
					      TPMB_ORDER_LE, digest),
			 0);
	tpmb_put_u32(pos, pcr, TPMB_ORDER_LE);
	memcpy(pos + 4, digest, 20);
	tpmb_put_u32(pos + 24, name_len, TPMB_ORDER_LE);
	memcpy(pos + 28, name, name_len);
	pos += 28 + name_len;
	tpmb_put_u32(pos, claimed, TPMB_ORDER_LE);
	memcpy(pos + 4, data, data_len);
	return (size_t)(pos + 4 + data_len - to);
}

/* What a length claims is not believed: no memory for it, and no more than 32 MiB. */
static void claimed_lengths_cost_nothing(void **state)
{
	static const struct tpmb_list_format sha1 = {TPMB_FORMAT_BINARY, TPMB_ORDER_LE,
						     TPMB_BANK_SHA1};
	struct tpmb_list_reader *reader;
	struct tpmb_record record;
	uint8_t bytes[256];
	size_t len;
	int fd;

	(void)state;
	len = make_record(bytes, 10, "x", "abc", 3, TPMB_RECORD_MAX - 40);
	reader = open_bytes(bytes, len, &sha1, &fd);
	assert_int_equal(tpmb_list_read(reader, &record), -ENODATA);
	assert_message_has("offset 0");
	assert_true(reader->in.size <= 64 * 1024);
	/* The error stays. */
	assert_int_equal(tpmb_list_read(reader, &record), -ENODATA);
	tpmb_list_reader_close(reader);
	close(fd);

	len = make_record(bytes, 10, "x", "abc", 3, TPMB_RECORD_MAX);
	reader = open_bytes(bytes, len, &sha1, &fd);
	assert_int_equal(tpmb_list_read(reader, &record), -EFBIG);
	assert_message_has("offset 29");
	tpmb_list_reader_close(reader);
	close(fd);
}

/* Records up to the cap are read. */
static void large_records_are_read(void **state)
{
	uint32_t sizes[] = {64 * 1024, 1024 * 1024, TPMB_RECORD_MAX - 33, TPMB_RECORD_MAX - 32};
	uint8_t *bytes, *data;
	struct tpmb_record record;
	unsigned long records;
	size_t len;

	(void)state;
	bytes = malloc(TPMB_RECORD_MAX + 64);
	data = calloc(1, TPMB_RECORD_MAX);
	assert_non_null(bytes);
	assert_non_null(data);
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		bool fits = sizes[i] <= TPMB_RECORD_MAX - 33;

		len = make_record(bytes, 10, "x", data, sizes[i], sizes[i]);
		assert_int_equal(len, 33 + sizes[i]);
		assert_int_equal(read_all(bytes, len, NULL, &records, &record), fits ? 0 : -EFBIG);
		assert_int_equal(records, fits);
	}
	free(data);
	free(bytes);
}

/* A list of 63,000 records is never held: the buffer stays at its first size. */
static void memory_is_bounded(void **state)
{
	struct gen_options options = {
		.records = 63000, .seed = 9, .format = {TPMB_FORMAT_BINARY, TPMB_ORDER_LE, 0}};
	struct tpmb_list_reader *reader;
	struct tpmb_record record;
	unsigned long records = 0;
	int fd = memory_file("", 0);

	(void)state;
	assert_int_equal(gen_list(&options, fd, NULL), 0);
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	assert_int_equal(tpmb_list_reader_fd(fd, "list", NULL, &reader), 0);
	while (tpmb_list_read(reader, &record) == 1)
		records++;
	assert_int_equal(records, 63000);
	assert_int_equal(reader->in.size, 64 * 1024);
	tpmb_list_reader_close(reader);
	close(fd);
}

static void garbage_is_refused(void **state)
{
	static const struct {
		const char *bytes;
		size_t len;
		int error;
		const char *message;
	} cases[] = {
		{"", 0, 0, NULL},
		{"\0", 1, -ENODATA, "offset 0"},
		{"\x7f"
		 "ELF\2\1\1\0\0\0\0\0\0\0\0\0\n",
		 17, -EBADMSG, "PCR number"},
		{"hello, world\n", 13, -EBADMSG, "PCR number"},
		{"hello, world", 12, -ENODATA, "offset 0"},
	};
	uint8_t zeros[4096] = {0}, ones[4096];
	struct tpmb_record record;
	unsigned long records;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		last_message[0] = 0;
		assert_int_equal(read_all(cases[i].bytes, cases[i].len, NULL, &records, &record),
				 cases[i].error);
		assert_int_equal(records, 0);
		if (cases[i].message)
			assert_message_has(cases[i].message);
	}
	memset(ones, 1, sizeof(ones));
	assert_int_equal(read_all(zeros, sizeof(zeros), NULL, &records, &record), -EBADMSG);
	assert_message_has("a binary record");
	assert_int_equal(read_all(ones, sizeof(ones), NULL, &records, &record), -EBADMSG);
	assert_int_equal(records, 0);
}

/* In the middle of a list the message names the byte. */
static void damage_is_located(void **state)
{
	uint8_t good[256], bytes[256];
	struct tpmb_record record;
	unsigned long records;
	size_t len;

	(void)state;
	len = make_record(good, 10, "x", "abc", 3, 3);
	len += make_record(good + len, 10, "yy", "defg", 4, 4);

	memcpy(bytes, good, len);
	bytes[36 + 24] = 0; /* name length of the second */
	assert_int_equal(read_all(bytes, len, NULL, &records, &record), -EBADMSG);
	assert_int_equal(records, 1);
	assert_int_equal(record.offset, 36);
	assert_message_has(
		"offset 60: record 2: expected a template name of 1 to 255 bytes, found 0");

	memcpy(bytes, good, len);
	bytes[36 + 29] = '\n';
	assert_int_equal(read_all(bytes, len, NULL, &records, &record), -EBADMSG);
	assert_message_has("offset 64: record 2: expected a template name of graphic characters");

	memcpy(bytes, good, len);
	tpmb_put_u32(bytes, 24, TPMB_ORDER_LE);
	assert_int_equal(read_all(bytes, len, NULL, &records, &record), -EBADMSG);
	assert_message_has("a binary record");

	memcpy(bytes, good, len);
	bytes[36 + 30 + 3] = 0x80;
	assert_int_equal(read_all(bytes, len, NULL, &records, &record), -EFBIG);
	assert_message_has("offset 66");
}

/* Linux hashes 255 bytes of a legacy name at most. */
static void legacy_names_are_bounded(void **state)
{
	static const struct tpmb_list_format sha1 = {TPMB_FORMAT_BINARY, TPMB_ORDER_LE,
						     TPMB_BANK_SHA1};
	uint8_t bytes[512] = {10, [24] = 3, [28] = 'i', 'm', 'a'};
	struct tpmb_record record;
	unsigned long records;

	(void)state;
	tpmb_put_u32(bytes + 51, 255, TPMB_ORDER_LE);
	assert_int_equal(read_all(bytes, 55 + 255, &sha1, &records, &record), 0);
	assert_int_equal(records, 1);
	tpmb_put_u32(bytes + 51, 256, TPMB_ORDER_LE);
	assert_int_equal(read_all(bytes, 55 + 256, &sha1, &records, &record), -EBADMSG);
	assert_message_has("offset 51: record 1: expected a legacy record's name of at most 255");
}

/* A damaged first record does not hide what the list is. */
static void damaged_first_record_is_recognised(void **state)
{
	struct gen_options options = {.records = 3, .seed = 1};
	struct tpmb_list_reader *reader;
	struct tpmb_record record;
	uint8_t *bytes;
	int fd, list_fd;
	size_t len;

	(void)state;
	for (int order = TPMB_ORDER_LE; order <= TPMB_ORDER_BE; order++) {
		for (int bank = 0; bank < TPMB_BANK_SM3; bank++) {
			options.format = (struct tpmb_list_format){TPMB_FORMAT_BINARY,
								   (enum tpmb_order)order, bank};
			fd = memory_file("", 0);
			assert_int_equal(gen_list(&options, fd, NULL), 0);
			bytes = file_bytes(fd, &len);
			bytes[7] ^= 0x10;
			reader = open_bytes(bytes, len, NULL, &list_fd);
			assert_int_equal(tpmb_list_read(reader, &record), 1);
			assert_int_equal(record.order, order);
			assert_int_equal(record.bank, bank);
			tpmb_list_reader_close(reader);
			close(list_fd);
			free(bytes);
			close(fd);
		}
	}
}

/* What the caller says about a list is held against it. */
static void wrong_wishes_fail(void **state)
{
	struct gen_options options = {
		.records = 3, .format = {TPMB_FORMAT_BINARY, TPMB_ORDER_LE, TPMB_BANK_SHA256}};
	static const struct tpmb_list_format wishes[] = {
		{TPMB_FORMAT_ASCII, TPMB_ORDER_AUTO, -1},
		{TPMB_FORMAT_BINARY, TPMB_ORDER_BE, TPMB_BANK_SHA256},
		{TPMB_FORMAT_BINARY, TPMB_ORDER_LE, TPMB_BANK_SHA1},
		{TPMB_FORMAT_AUTO, TPMB_ORDER_BE, -1},
		{TPMB_FORMAT_AUTO, TPMB_ORDER_AUTO, TPMB_BANK_SHA512},
	};
	static const struct tpmb_list_format nonsense = {TPMB_FORMAT_AUTO, TPMB_ORDER_AUTO, 9};
	struct tpmb_list_reader *reader;
	struct tpmb_list_writer *writer;
	struct tpmb_record record;
	unsigned long records;
	uint8_t *bytes;
	size_t len;
	int fd;

	(void)state;
	fd = memory_file("", 0);
	assert_int_equal(gen_list(&options, fd, NULL), 0);
	bytes = file_bytes(fd, &len);
	for (size_t i = 0; i < ARRAY_SIZE(wishes); i++) {
		int ret = read_all(bytes, len, &wishes[i], &records, &record);

		assert_true(ret == -EBADMSG || ret == -ENODATA || ret == -EFBIG);
		assert_int_equal(records, 0);
	}
	assert_int_equal(tpmb_list_reader_fd(fd, "list", &nonsense, &reader), -EINVAL);
	assert_int_equal(tpmb_list_writer_new(fd, "list", &nonsense, &writer), -EINVAL);
	assert_int_equal(tpmb_list_reader_open("/nowhere/at/all", NULL, &reader), -ENOENT);
	assert_null(reader);
	assert_message_has("/nowhere/at/all");
	free(bytes);
	close(fd);
}

static void reading_errors_are_reported(void **state)
{
	struct tpmb_list_reader *reader;
	struct tpmb_record record;

	(void)state;
	assert_int_equal(tpmb_list_reader_open("/", NULL, &reader), 0);
	assert_int_equal(tpmb_list_read(reader, &record), -EISDIR);
	assert_message_has("/: cannot read at offset 0");
	tpmb_list_reader_close(reader);
	tpmb_list_reader_close(NULL);
}

static void writer_refuses(void **state)
{
	static const uint8_t zero[20] = {0};
	static const struct tpmb_list_format le = {TPMB_FORMAT_BINARY, TPMB_ORDER_LE, -1};
	struct tpmb_record good = {.pcr = 10,
				   .name = "x",
				   .name_len = 1,
				   .has_data = true,
				   .data = (const uint8_t *)"abc",
				   .data_len = 3,
				   .order = TPMB_ORDER_LE,
				   .bank = -1};
	struct tpmb_record record;
	struct tpmb_list_writer *writer;
	uint8_t *bytes;
	size_t len;
	int fd = memory_file("", 0);

	(void)state;
	assert_int_equal(tpmb_list_writer_new(fd, "copy", &le, &writer), 0);
	record = good;
	record.has_data = false;
	assert_int_equal(tpmb_list_write(writer, &record), -EINVAL);
	assert_message_has("copy: cannot write");
	record = good;
	record.order = TPMB_ORDER_BE;
	assert_int_equal(tpmb_list_write(writer, &record), -EINVAL);
	record = good;
	record.name = "a b";
	record.name_len = 3;
	assert_int_equal(tpmb_list_write(writer, &record), -EINVAL);
	record.name_len = 0;
	assert_int_equal(tpmb_list_write(writer, &record), -EINVAL);
	record = good;
	record.name = "ima";
	record.name_len = 3;
	assert_int_equal(tpmb_list_write(writer, &record), -EINVAL);
	/* A violation keeps its zeros in another bank; an unknown name and no data are fine. */
	record = good;
	record.digest = zero;
	record.digest_len = 20;
	record.bank = TPMB_BANK_SHA256;
	assert_int_equal(tpmb_list_write(writer, &record), 0);
	record = good;
	record.data = NULL;
	record.data_len = 0;
	record.order = TPMB_ORDER_AUTO;
	assert_int_equal(tpmb_list_write(writer, &record), 0);
	assert_int_equal(tpmb_list_writer_flush(writer), 0);
	tpmb_list_writer_free(writer);
	tpmb_list_writer_free(NULL);
	bytes = file_bytes(fd, &len);
	assert_int_equal(len, 36 + 33);
	assert_memory_equal(bytes + 4, zero, 20);
	/* SHA-1 of nothing. */
	assert_memory_equal(bytes + 36 + 4, "\xda\x39\xa3\xee\x5e\x6b\x4b\x0d", 8);
	free(bytes);
	close(fd);
}

static void full_disk_is_reported(void **state)
{
	struct tpmb_record record = {.pcr = 10,
				     .name = "x",
				     .name_len = 1,
				     .has_data = true,
				     .data = (const uint8_t *)"abc",
				     .data_len = 3,
				     .bank = -1};
	struct tpmb_list_writer *writer;
	int fd, ret = 0;

	(void)state;
	fd = open("/dev/full", O_WRONLY);
	assert_true(fd >= 0);
	assert_int_equal(tpmb_list_writer_new(fd, "full", NULL, &writer), 0);
	assert_int_equal(tpmb_list_write(writer, &record), 0);
	assert_int_equal(tpmb_list_writer_flush(writer), -ENOSPC);
	assert_message_has("full: cannot write");
	/* The error stays: what was written is not known. */
	assert_int_equal(tpmb_list_write(writer, &record), -ENOSPC);
	assert_int_equal(tpmb_list_writer_flush(writer), -ENOSPC);
	tpmb_list_writer_free(writer);

	/* So it does where the buffer was full before. */
	assert_int_equal(tpmb_list_writer_new(fd, "full", NULL, &writer), 0);
	for (int i = 0; i < 10000 && !ret; i++)
		ret = tpmb_list_write(writer, &record);
	assert_int_equal(ret, -ENOSPC);
	tpmb_list_writer_free(writer);
	close(fd);
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
		cmocka_unit_test(all_formats_come_back),
		cmocka_unit_test(short_reads_do_not_matter),
		cmocka_unit_test(every_cut_is_noticed),
		cmocka_unit_test(claimed_lengths_cost_nothing),
		cmocka_unit_test(large_records_are_read),
		cmocka_unit_test(memory_is_bounded),
		cmocka_unit_test(garbage_is_refused),
		cmocka_unit_test(damage_is_located),
		cmocka_unit_test(legacy_names_are_bounded),
		cmocka_unit_test(damaged_first_record_is_recognised),
		cmocka_unit_test(wrong_wishes_fail),
		cmocka_unit_test(reading_errors_are_reported),
		cmocka_unit_test(writer_refuses),
		cmocka_unit_test(full_disk_is_reported),
	};

	return cmocka_run_group_tests_name("list", tests, set_up, NULL);
}
