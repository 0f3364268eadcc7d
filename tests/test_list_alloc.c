// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Every allocation of the list half fails once: the call that needed it says
 * -ENOMEM, nothing crashes and (under a leak checker) nothing leaks. The
 * linker sends the library's allocations here (--wrap).
 */
#include "list_fixture.h"

#include <errno.h>

#include "gen_list.h"

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *old, size_t size);
char *__real_strdup(const char *string);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *old, size_t size);
char *__wrap_strdup(const char *string);

/* Allocations until the one that fails; 0: none does. */
static unsigned int fails_in;
static bool failed;

static bool this_one_fails(void)
{
	if (!fails_in || --fails_in)
		return false;
	failed = true;
	return true;
}

void *__wrap_malloc(size_t size)
{
	return this_one_fails() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
	return this_one_fails() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *old, size_t size)
{
	return this_one_fails() ? NULL : __real_realloc(old, size);
}

char *__wrap_strdup(const char *string)
{
	return this_one_fails() ? NULL : __real_strdup(string);
}

/* Reads a list, replays it and writes it in the other format: the first error, or 0. */
static int use_lists(int fd, const struct tpmb_list_format *to)
{
	struct tpmb_list_writer *writer = NULL;
	struct tpmb_list_reader *reader = NULL;
	struct tpmb_replay *replay = NULL;
	uint8_t digest[TPMB_DIGEST_MAX];
	struct tpmb_record record;
	int out = memory_file("", 0), ret;

	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	ret = tpmb_list_reader_fd(fd, "list", NULL, &reader);
	if (!ret)
		ret = tpmb_list_writer_new(out, "copy", to, &writer);
	if (!ret)
		ret = tpmb_replay_new(TPMB_BANKS_ALL, &replay);
	while (!ret) {
		ret = tpmb_list_read(reader, &record);
		if (ret <= 0)
			break;
		ret = tpmb_replay_add(replay, &record);
		if (!ret)
			ret = tpmb_list_write(writer, &record);
		if (!ret)
			ret = tpmb_template_digest(TPMB_BANK_SHA1, record.name, record.name_len,
						   record.data, record.data_len, record.order,
						   digest);
	}
	if (!ret)
		ret = tpmb_list_writer_flush(writer);
	tpmb_replay_free(replay);
	tpmb_list_writer_free(writer);
	tpmb_list_reader_close(reader);
	close(out);
	return ret;
}

/* The library's constructors leave nothing behind to be freed. */
static void every_allocation_may_fail(void **state)
{
	static const enum tpmb_format other[] = {
		[TPMB_FORMAT_BINARY] = TPMB_FORMAT_ASCII, [TPMB_FORMAT_ASCII] = TPMB_FORMAT_BINARY};

	(void)state;
	for (int format = TPMB_FORMAT_BINARY; format <= TPMB_FORMAT_ASCII; format++) {
		struct gen_options options = {.records = 6,
					      .templates = GEN_SHOWN,
					      .batch_members = 200,
					      .batch_every = 3,
					      .format = {(enum tpmb_format)format, TPMB_ORDER_LE,
							 TPMB_BANK_SHA1}};
		struct tpmb_list_format to = {other[format], TPMB_ORDER_LE, TPMB_BANK_SHA256};
		int fd = memory_file("", 0), ret;
		unsigned int number = 0;

		assert_int_equal(gen_list(&options, fd, NULL), 0);
		do {
			failed = false;
			fails_in = ++number;
			ret = use_lists(fd, &to);
			fails_in = 0;
			assert_int_equal(ret, failed ? -ENOMEM : 0);
		} while (failed);
		/* Reader, writer and replay alone make eight. */
		assert_true(number > 10);
		close(fd);
	}
}

static void pcr_files_too(void **state)
{
	unsigned int number = 0;
	struct tpmb_pcrs pcrs;
	int ret;

	(void)state;
	do {
		failed = false;
		fails_in = ++number;
		ret = tpmb_pcrs_load(KAT_DIR "/pcrread.yaml", &pcrs);
		fails_in = 0;
		assert_int_equal(ret, failed ? -ENOMEM : 0);
		assert_int_equal(pcrs.set[0], failed ? 0 : 0xffffff);
	} while (failed);
	assert_true(number > 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_allocation_may_fail),
		cmocka_unit_test(pcr_files_too),
	};

	return cmocka_run_group_tests_name("list allocations", tests, NULL, NULL);
}
