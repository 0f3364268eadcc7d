// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Sessions on the TPM in this process: what a caller sees, what the list holds,
 * and what opening finds after each way a process can have ended.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "libtpms.h"
#include "session_check.h"
#include "tpm.h"
#include "transport.h"

static struct tpmb_session *open_session(struct fixture *f, unsigned int flags, int expect)
{
	struct tpmb_session *session;

	assert_int_equal(check_open(f->tpm, f->list, flags, &session), expect);
	return session;
}

static uint64_t size_of(const char *path)
{
	struct stat st;

	assert_int_equal(stat(path, &st), 0);
	return (uint64_t)st.st_size;
}

static void *read_all(const char *path, size_t *size)
{
	void *bytes;
	int fd = open(path, O_RDONLY);

	*size = size_of(path);
	bytes = malloc(*size + 1);
	assert_non_null(bytes);
	assert_int_equal(read(fd, bytes, *size), *size);
	close(fd);
	return bytes;
}

/* ---- what a caller sees ---- */

static void test_measure(void **state)
{
	struct fixture *f = *state;
	struct tpmb_session *s = open_session(f, 0, 0);
	struct tpmb_session_stats stats;
	unsigned int records;

	for (unsigned int i = 0; i < 20; i++)
		assert_int_equal(check_measure(s, i), 0);
	for (unsigned int i = 0; i < 20; i++)
		assert_int_equal(check_measure(s, i), -EEXIST);
	tpmb_session_stats(s, &stats);
	assert_int_equal(stats.measurements, 20);
	assert_int_equal(stats.duplicates, 20);
	assert_int_equal(stats.extends, 20);
	assert_int_equal(tpmb_session_close(s), 0);
	assert_int_equal(check_list(f, &records), 20);
	assert_int_equal(records, 20);
}

/* C4: an idle caller's list is byte-identical to the one that unpatched IMA writes. */
static void test_idle_is_serial(void **state)
{
	struct fixture *f = *state;
	char serial_list[128];
	size_t size, serial_size;
	void *bytes, *serial_bytes;
	struct tpmb_session *s = open_session(f, 0, 0);

	for (unsigned int i = 0; i < 100; i++)
		assert_int_equal(check_measure(s, i), 0);
	assert_int_equal(tpmb_session_close(s), 0);
	bytes = read_all(f->list, &size);

	tpmb_transport_close(f->tpm);
	assert_int_equal(tpmb_transport_open("libtpms:", &f->tpm), 0);
	snprintf(serial_list, sizeof(serial_list), "%s", f->list);
	assert_int_equal(unlink(f->list), 0);
	s = open_session(f, TPMB_SERIAL, 0);
	for (unsigned int i = 0; i < 100; i++)
		assert_int_equal(check_measure(s, i), 0);
	assert_int_equal(tpmb_session_close(s), 0);
	serial_bytes = read_all(f->list, &serial_size);
	assert_int_equal(size, serial_size);
	assert_memory_equal(bytes, serial_bytes, size);
	free(bytes);
	free(serial_bytes);
}

static void test_kinds(void **state)
{
	struct fixture *f = *state;
	struct tpmb_session *s = open_session(f, 0, 0);
	uint8_t legacy[20 + 4 + 5] = {[20] = 5, [24] = '/', 'e', 't', 'c', '/'};
	uint8_t data[256], big[TPMB_BATCH_MAX_DEFAULT * 2];
	struct tpmb_measurement m = {
		.pcr = -1, .template_name = "ima", .data = legacy, .data_len = sizeof(legacy)};
	char path[sizeof(big) - 100];
	unsigned int records;
	int len;

	assert_int_equal(tpmb_measure(s, &m), 0);
	/* A violation is no duplicate, not even of itself. */
	len = (int)check_data(1, data, sizeof(data));
	m = (struct tpmb_measurement){.pcr = -1,
				      .template_name = "ima-ng",
				      .data = data,
				      .data_len = (uint32_t)len,
				      .violation = true};
	assert_int_equal(tpmb_measure(s, &m), 0);
	assert_int_equal(tpmb_measure(s, &m), 0);
	/* Larger than any batch. */
	memset(path, 'x', sizeof(path) - 1);
	path[sizeof(path) - 1] = 0;
	len = tpmb_ima_ng("sha1", legacy, 20, path, big, sizeof(big));
	assert_true(len > TPMB_BATCH_MAX_DEFAULT);
	m = (struct tpmb_measurement){
		.pcr = 23, .template_name = "ima-ng", .data = big, .data_len = (uint32_t)len};
	assert_int_equal(tpmb_measure(s, &m), 0);
	/* What no list could hold. */
	m.pcr = 24;
	assert_int_equal(tpmb_measure(s, &m), -EINVAL);
	m.pcr = -1;
	m.template_name = "ima-batch";
	assert_int_equal(tpmb_measure(s, &m), -EINVAL);
	m.template_name = "";
	assert_int_equal(tpmb_measure(s, &m), -EINVAL);
	m.template_name = "ima-ng";
	m.data_len -= 1;
	assert_int_equal(tpmb_measure(s, &m), -EINVAL);
	assert_int_equal(tpmb_session_close(s), 0);
	assert_int_equal(check_list(f, &records), 4);
	assert_int_equal(records, 4);
}

struct caller {
	struct tpmb_session *session;
	unsigned int first, count;
	unsigned int measured, existed;
};

static void *call(void *arg)
{
	struct caller *c = arg;

	for (unsigned int i = 0; i < c->count; i++) {
		int ret = check_measure(c->session, c->first + i);

		c->measured += ret == 0;
		c->existed += ret == -EEXIST;
	}
	return NULL;
}

/* 32 callers, each measurement wanted by two of them at about the same time. */
static void test_many_callers(void **state)
{
	enum {
		CALLERS = 32,
		EACH = 200
	};
	struct fixture *f = *state;
	struct tpmb_session *s = open_session(f, 0, 0);
	struct caller callers[CALLERS];
	pthread_t threads[CALLERS];
	unsigned int measured = 0, existed = 0;

	for (unsigned int i = 0; i < CALLERS; i++) {
		callers[i] = (struct caller){.session = s, .first = i / 2 * EACH, .count = EACH};
		assert_int_equal(pthread_create(&threads[i], NULL, call, &callers[i]), 0);
	}
	for (unsigned int i = 0; i < CALLERS; i++) {
		pthread_join(threads[i], NULL);
		measured += callers[i].measured;
		existed += callers[i].existed;
	}
	assert_int_equal(tpmb_session_close(s), 0);
	assert_int_equal(measured, CALLERS / 2 * EACH);
	assert_int_equal(existed, CALLERS / 2 * EACH);
	assert_int_equal(check_list(f, NULL), CALLERS / 2 * EACH);
}

static void count_measured(void *arg, int result)
{
	unsigned int *counts = arg;

	counts[result == 0 ? 0 : result == -EEXIST ? 1 : 2]++;
}

static void test_async(void **state)
{
	struct fixture *f = *state;
	struct tpmb_session *s = open_session(f, TPMB_COMMITTER, 0);
	struct tpmb_session_stats stats;
	unsigned int counts[3] = {0}, records;
	uint8_t data[256];

	for (unsigned int i = 0; i < 5000; i++) {
		struct tpmb_measurement m = {.pcr = -1, .template_name = "ima-ng", .data = data};

		m.data_len = check_data(i % 4000, data, sizeof(data));
		assert_int_equal(tpmb_measure_async(s, &m, count_measured, counts), 0);
	}
	assert_int_equal(tpmb_session_flush(s), 0);
	assert_int_equal(counts[0], 4000);
	assert_int_equal(counts[1], 1000);
	assert_int_equal(counts[2], 0);
	/* One thread's measurements share records, too. */
	tpmb_session_stats(s, &stats);
	assert_int_equal(tpmb_session_close(s), 0);
	assert_int_equal(check_list(f, &records), 4000);
	assert_true(records < 2000);
	assert_int_equal(records, stats.records);
}

/* ---- what opening finds ---- */

static void measure_some(struct fixture *f, unsigned int first, unsigned int count)
{
	struct tpmb_session *s = open_session(f, 0, 0);

	for (unsigned int i = 0; i < count; i++)
		assert_int_equal(check_measure(s, first + i), 0);
	assert_int_equal(tpmb_session_close(s), 0);
}

static void test_reopen(void **state)
{
	struct fixture *f = *state;
	struct tpmb_session *s;

	measure_some(f, 0, 10);
	s = open_session(f, 0, 0);
	assert_int_equal(check_measure(s, 3), -EEXIST);
	assert_int_equal(check_measure(s, 10), 0);
	assert_int_equal(tpmb_session_close(s), 0);
	assert_int_equal(check_list(f, NULL), 11);
}

static void test_torn_tail(void **state)
{
	struct fixture *f = *state;
	uint64_t whole;
	size_t size;
	uint8_t *bytes;

	measure_some(f, 0, 10);
	whole = size_of(f->list);
	bytes = read_all(f->list, &size);
	/* Each prefix of a further record, here of the first one. */
	for (size_t torn = 1; torn < 100; torn += 7) {
		int fd = open(f->list, O_WRONLY | O_APPEND);

		assert_int_equal(write(fd, bytes, torn), torn);
		close(fd);
		assert_int_equal(tpmb_session_close(open_session(f, 0, 0)), 0);
		assert_int_equal(size_of(f->list), whole);
	}
	free(bytes);
	assert_int_equal(check_list(f, NULL), 10);
}

static void test_roll_forward(void **state)
{
	struct fixture *f = *state;
	struct tpmb_session_options options = {
		.size = sizeof(options), .transport = f->tpm, .pcr = 23};
	struct tpmb_session *s;
	char other[96];
	uint8_t *bytes;
	size_t size;
	int fd;

	measure_some(f, 0, 10);
	/* A whole record, as a process leaves it that is killed before the extend. */
	snprintf(other, sizeof(other), "%s/other", f->dir);
	options.list = other;
	assert_int_equal(tpmb_session_open(&options, &s), 0);
	assert_int_equal(check_measure(s, 10), 0);
	assert_int_equal(tpmb_session_close(s), 0);
	bytes = read_all(other, &size);
	bytes[0] = CHECK_PCR;
	fd = open(f->list, O_WRONLY | O_APPEND);
	assert_int_equal(write(fd, bytes, size), size);
	close(fd);
	free(bytes);
	unlink(other);

	s = open_session(f, 0, 0);
	assert_non_null(strstr(last_message, "extended now"));
	assert_int_equal(check_measure(s, 10), -EEXIST);
	assert_int_equal(tpmb_session_close(s), 0);
	assert_int_equal(check_list(f, NULL), 11);
}

static void test_reset_tpm(void **state)
{
	struct fixture *f = *state;
	uint64_t size;

	measure_some(f, 0, 10);
	size = size_of(f->list);
	tpmb_transport_close(f->tpm);
	assert_int_equal(tpmb_transport_open("libtpms:", &f->tpm), 0);
	open_session(f, 0, -ESTALE);
	assert_non_null(strstr(last_message, "reset"));
	assert_int_equal(size_of(f->list), size);
}

/* A TPM that loses power under an open session. */
struct own_tpm {
	struct tpm_transport transport;
	struct libtpms *tpm;
};

static int own_transmit(struct tpm_transport *t, const uint8_t *cmd, size_t cmd_len, uint8_t *rsp,
			size_t *rsp_len)
{
	return libtpms_execute(((struct own_tpm *)t)->tpm, cmd, cmd_len, rsp, rsp_len);
}

static void test_reset_under_session(void **state)
{
	static const struct tpm_transport_ops ops = {.transmit = own_transmit};
	struct fixture *f = *state;
	struct own_tpm own = {{.ops = &ops, .name = "own", .own = true}, NULL};
	struct tpmb_session *s;
	uint64_t size;

	tpmb_transport_close(f->tpm);
	assert_int_equal(libtpms_power_on(LIBTPMS_TPM20, NULL, &own.tpm, NULL), 0);
	assert_int_equal(tpm_startup(&own.transport), 0);
	assert_int_equal(check_open(&own.transport, f->list, 0, &s), 0);
	for (unsigned int i = 0; i < 10; i++)
		assert_int_equal(check_measure(s, i), 0);
	assert_int_equal(libtpms_reset(own.tpm), 0);
	/* The first that meets it gets the TPM's answer; whoever comes then, the reason. */
	assert_int_equal(check_measure(s, 10), -EREMOTEIO);
	size = size_of(f->list);
	assert_int_equal(check_measure(s, 11), -ESTALE);
	assert_non_null(strstr(last_message, "reset"));
	assert_int_equal(size_of(f->list), size);
	assert_int_equal(tpmb_session_close(s), -ESTALE);
	libtpms_power_off(own.tpm);
	assert_int_equal(tpmb_transport_open("libtpms:", &f->tpm), 0);
}

static void test_foreign_extend(void **state)
{
	struct fixture *f = *state;
	uint8_t digests[TPMB_BANK_COUNT][TPMB_DIGEST_MAX];
	unsigned int banks;
	uint64_t size;

	measure_some(f, 0, 10);
	size = size_of(f->list);
	memset(digests, 0x5a, sizeof(digests));
	assert_int_equal(tpm_pcr_banks(f->tpm, CHECK_PCR, &banks), 0);
	assert_int_equal(tpm_extend(f->tpm, CHECK_PCR, banks, digests), 0);
	open_session(f, 0, -EBADE);
	assert_non_null(strstr(last_message, "bank sha1: the list gives"));
	assert_int_equal(size_of(f->list), size);
}

/*
 * Damage anywhere but in a torn tail is refused, and nothing is cut. IMA hashes
 * template data, not the template's name: changed into another unknown one, it
 * goes unnoticed, here as in every verifier.
 */
static void test_damage(void **state)
{
	struct fixture *f = *state;
	struct tpmb_list_reader *reader;
	struct tpmb_record record;
	bool *in_name;
	uint8_t *bytes;
	size_t size;

	measure_some(f, 0, 10);
	bytes = read_all(f->list, &size);
	in_name = calloc(size, sizeof(*in_name));
	assert_non_null(in_name);
	assert_int_equal(tpmb_list_reader_open(f->list, NULL, &reader), 0);
	while (tpmb_list_read(reader, &record) > 0)
		memset(in_name + record.offset + 28, true, record.name_len);
	tpmb_list_reader_close(reader);
	for (size_t at = 0; at < size; at++) {
		struct tpmb_session_options options = {.size = sizeof(options),
						       .transport = f->tpm,
						       .list = f->list,
						       .pcr = CHECK_PCR};
		struct tpmb_session *s;
		int fd = open(f->list, O_RDWR), ret;
		uint8_t flipped = bytes[at] ^ 0x10;

		assert_int_equal(pwrite(fd, &flipped, 1, (off_t)at), 1);
		ret = tpmb_session_open(&options, &s);
		if (!ret)
			tpmb_session_close(s);
		if (ret != -EBADMSG && ret != -EBADE && !(in_name[at] && !ret))
			fail_msg("byte %zu flipped: %d", at, ret);
		assert_int_equal(size_of(f->list), size);
		assert_int_equal(pwrite(fd, &bytes[at], 1, (off_t)at), 1);
		close(fd);
	}
	free(in_name);
	free(bytes);
	assert_int_equal(tpmb_session_close(open_session(f, 0, 0)), 0);
}

/* A long list with a damaged head and a reset TPM: nothing proves that the rest may go. */
static void test_damaged_head_is_kept(void **state)
{
	struct fixture *f = *state;
	uint64_t size;
	int fd;

	measure_some(f, 0, 100);
	size = size_of(f->list);
	fd = open(f->list, O_WRONLY);
	/* The first record's data length: so large that the list ends inside it. */
	assert_int_equal(pwrite(fd, "\xff\xff\xff\x00", 4, 4 + 20 + 4 + 6), 4);
	close(fd);
	tpmb_transport_close(f->tpm);
	assert_int_equal(tpmb_transport_open("libtpms:", &f->tpm), 0);
	open_session(f, 0, -EBADMSG);
	assert_int_equal(size_of(f->list), size);
}

static void test_second_session(void **state)
{
	struct fixture *f = *state;
	struct tpmb_session *s = open_session(f, 0, 0);

	open_session(f, 0, -EBUSY);
	assert_non_null(strstr(last_message, "another process"));
	assert_int_equal(tpmb_session_close(s), 0);
	assert_int_equal(tpmb_session_close(open_session(f, 0, 0)), 0);
}

static void test_options(void **state)
{
	struct fixture *f = *state;
	struct tpmb_session_options options = {.size = sizeof(options), .transport = f->tpm};
	struct tpmb_session *s;

	options.pcr = 24;
	assert_int_equal(tpmb_session_open(&options, &s), -EINVAL);
	options.pcr = CHECK_PCR;
	options.size--;
	assert_int_equal(tpmb_session_open(&options, &s), -EINVAL);
	options.size++;
	options.batch_max = TPMB_BATCH_MAX_LIMIT + 1;
	assert_int_equal(tpmb_session_open(&options, &s), -EINVAL);
	options.batch_max = 0;
	options.flags = TPMB_SERIAL | TPMB_COMMITTER;
	assert_int_equal(tpmb_session_open(&options, &s), -EINVAL);
	options.flags = 0;
	options.list = "/dev/null";
	assert_int_equal(tpmb_session_open(&options, &s), -EINVAL);
	options.list = NULL;
	options.pcr = 10;
	f->tpm->own = false;
	assert_int_equal(tpmb_session_open(&options, &s), -EPERM);
	options.flags = TPMB_FORCE_PCR;
	assert_int_equal(tpmb_session_open(&options, &s), 0);
	assert_int_equal(tpmb_session_close(s), 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, check_set_up, check_tear_down)
	const struct CMUnitTest tests[] = {
		TEST(test_measure),
		TEST(test_idle_is_serial),
		TEST(test_kinds),
		TEST(test_many_callers),
		TEST(test_async),
		TEST(test_reopen),
		TEST(test_torn_tail),
		TEST(test_roll_forward),
		TEST(test_reset_tpm),
		TEST(test_reset_under_session),
		TEST(test_foreign_extend),
		TEST(test_damage),
		TEST(test_damaged_head_is_kept),
		TEST(test_second_session),
		TEST(test_options),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
