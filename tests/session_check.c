// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What the tests of sessions share; see session_check.h. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "seen.h"
#include "session_check.h"
#include "tpm.h"
#include "transport.h"

char last_message[1024];

static void keep_message(void *arg, const char *line)
{
	(void)arg;
	snprintf(last_message, sizeof(last_message), "%s", line);
	if (getenv("TPMB_TEST_VERBOSE"))
		fprintf(stderr, "  # %s\n", line);
}

void check_messages(void)
{
	tpmb_set_message_handler(keep_message, NULL);
}

int check_set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	check_messages();
	/* Where syncing a file costs nothing, if there is such a place: thousands of lists are. */
	strcpy(f->dir, access("/dev/shm", W_OK) ? "/tmp/tpmb-session-XXXXXX"
						: "/dev/shm/tpmb-session-XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	snprintf(f->list, sizeof(f->list), "%s/list", f->dir);
	assert_int_equal(tpmb_transport_open("libtpms:", &f->tpm), 0);
	*state = f;
	return 0;
}

int check_tear_down(void **state)
{
	struct fixture *f = *state;

	tpmb_transport_close(f->tpm);
	unlink(f->list);
	rmdir(f->dir);
	free(f);
	return 0;
}

int check_open(struct tpm_transport *tpm, const char *list, unsigned int flags,
	       struct tpmb_session **session)
{
	struct tpmb_session_options options = {
		.size = sizeof(options),
		.transport = tpm,
		.list = list,
		.pcr = CHECK_PCR,
		.flags = flags,
	};

	return tpmb_session_open(&options, session);
}

uint32_t check_data(unsigned int number, uint8_t *data, size_t size)
{
	uint8_t digest[32] = {0};
	/* Of several lengths: what a longer record leaves behind sticks out of a shorter one. */
	static const char padding[] = "with-a-rather-long-name";
	size_t skip = number % sizeof(padding);
	char path[64];
	int len;

	memcpy(digest, &number, sizeof(number));
	snprintf(path, sizeof(path), "/usr/bin/program-%u-%s", number, padding + skip);
	len = tpmb_ima_ng("sha256", digest, sizeof(digest), path, data, size);
	return len > 0 ? (uint32_t)len : 0;
}

int check_measure(struct tpmb_session *session, unsigned int number)
{
	struct tpmb_measurement m = {.pcr = -1, .template_name = "ima-ng"};
	uint8_t data[256];

	m.data = data;
	m.data_len = check_data(number, data, sizeof(data));
	return tpmb_measure(session, &m);
}

/* A measurement's key for the check: a 32-byte digest of @data, by the public API. */
static void see(struct tpmb_seen *seen, const char *name, uint32_t name_len, const uint8_t *data,
		uint32_t data_len)
{
	uint8_t digest[TPMB_DIGEST_MAX];

	assert_int_equal(tpmb_template_digest(TPMB_BANK_SHA256, name, name_len, data, data_len,
					      tpmb_native_order(), digest),
			 0);
	if (tpmb_seen_has(seen, 0, digest))
		fail_msg("a measurement is in the list twice");
	assert_int_equal(tpmb_seen_reserve(seen, 1), 0);
	tpmb_seen_add(seen, 0, digest);
}

static unsigned int see_record(struct tpmb_seen *seen, const struct tpmb_record *record)
{
	struct tpmb_member_iter iter;
	struct tpmb_member member;
	unsigned int count = 0;

	if (tpmb_record_is_violation(record))
		return 1;
	if (!tpmb_record_is_batch(record)) {
		see(seen, record->name, record->name_len, record->data, record->data_len);
		return 1;
	}
	assert_true(tpmb_members(record, &iter) > 1);
	for (; tpmb_member_next(&iter, &member); count++)
		see(seen, member.name, member.name_len, member.data, member.data_len);
	return count;
}

unsigned int check_list(struct fixture *f, unsigned int *records)
{
	struct tpmb_pcrs list_pcrs, tpm_pcrs;
	struct tpmb_list_reader *reader;
	struct tpmb_replay *replay;
	struct tpmb_record record;
	struct tpmb_seen *seen;
	unsigned int measurements = 0, banks, count = 0;
	int ret;

	assert_int_equal(tpm_pcr_banks(f->tpm, CHECK_PCR, &banks), 0);
	assert_int_equal(tpmb_replay_new(banks, &replay), 0);
	assert_int_equal(tpmb_seen_new(&seen), 0);
	assert_int_equal(tpmb_list_reader_open(f->list, NULL, &reader), 0);
	while ((ret = tpmb_list_read(reader, &record)) > 0) {
		assert_int_equal(tpmb_replay_add(replay, &record), 0);
		measurements += see_record(seen, &record);
		count++;
	}
	assert_int_equal(ret, 0);
	tpmb_replay_pcrs(replay, &list_pcrs);
	assert_int_equal(tpmb_pcr_read(f->tpm, 1u << CHECK_PCR, &tpm_pcrs), 0);
	for (int bank = 0; count && bank < TPMB_BANK_COUNT; bank++) {
		if (!(banks & TPMB_BANK_BIT(bank)))
			continue;
		assert_true(tpm_pcrs.set[bank] >> CHECK_PCR & 1);
		assert_memory_equal(list_pcrs.value[bank][CHECK_PCR],
				    tpm_pcrs.value[bank][CHECK_PCR],
				    tpmb_bank_size((enum tpmb_bank)bank));
	}
	tpmb_list_reader_close(reader);
	tpmb_replay_free(replay);
	tpmb_seen_free(seen);
	if (records)
		*records = count;
	return measurements;
}

void check_start_over(struct fixture *f)
{
	/* TPM2_PCR_Reset of PCR 16, empty password (TPM 2.0 Part 3). */
	static const uint8_t reset[] = {0x80, 2, 0, 0, 0,    27, 0, 0, 1, 0x3d, 0, 0, 0, CHECK_PCR,
					0,    0, 0, 9, 0x40, 0,	 0, 9, 0, 0,	0, 0, 0};
	uint8_t response[TPMB_TPM_BUFFER_SIZE];
	size_t len = sizeof(response);

	assert_int_equal(f->tpm->ops->transmit(f->tpm, reset, sizeof(reset), response, &len), 0);
	assert_true(len >= 10);
	assert_memory_equal(response + 6, "\0\0\0", 4);
	assert_int_equal(truncate(f->list, 0), 0);
}
