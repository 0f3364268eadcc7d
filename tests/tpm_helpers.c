// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Helpers of the tests of TPMs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/evp.h>

#include "swtpm.h"
#include "tpm.h"
#include "tpm_helpers.h"

char messages[8192];
char dir[64];

static void collect(void *arg, const char *line)
{
	(void)arg;
	strncat(messages, line, sizeof(messages) - strlen(messages) - 1);
	strncat(messages, "\n", sizeof(messages) - strlen(messages) - 1);
}

int tpm_test_setup(void **state)
{
	(void)state;
	messages[0] = '\0';
	tpmb_set_message_handler(collect, NULL);
	snprintf(dir, sizeof(dir), "/tmp/tpmb-test-XXXXXX");
	return mkdtemp(dir) ? 0 : -1;
}

int tpm_test_teardown(void **state)
{
	(void)state;
	remove_tree(dir);
	return 0;
}

const uint8_t (*digests(uint8_t fill))[TPMB_DIGEST_MAX]
{
	static uint8_t buffer[TPMB_BANK_COUNT][TPMB_DIGEST_MAX];

	memset(buffer, fill, sizeof(buffer));
	return (const uint8_t(*)[TPMB_DIGEST_MAX])buffer;
}

void extend16(struct tpm_transport *t, char fill)
{
	unsigned int banks;

	assert_int_equal(tpm_pcr_banks(t, 16, &banks), 0);
	assert_true(banks & TPMB_BANK_BIT(TPMB_BANK_SHA256));
	assert_int_equal(tpm_extend(t, 16, banks, digests((uint8_t)fill)), 0);
}

void replay16(const char *fills, uint8_t value[32])
{
	uint8_t buffer[64] = {0};

	for (; *fills; fills++) {
		memset(buffer + 32, *fills, 32);
		assert_int_equal(
			EVP_Digest(buffer, sizeof(buffer), buffer, NULL, EVP_sha256(), NULL), 1);
	}
	memcpy(value, buffer, 32);
}

void expect_pcr16(struct tpm_transport *t, const char *fills)
{
	struct tpmb_pcrs pcrs;
	uint8_t value[32];

	replay16(fills, value);
	assert_int_equal(tpmb_pcr_read(t, 1u << 16, &pcrs), 0);
	assert_int_equal(pcrs.set[TPMB_BANK_SHA256], 1u << 16);
	assert_memory_equal(pcrs.value[TPMB_BANK_SHA256][16], value, 32);
}

uint32_t reset_count(struct tpm_transport *t)
{
	struct tpm_clock clock;

	assert_int_equal(tpm_read_clock(t, &clock), 0);
	return clock.reset_count;
}
