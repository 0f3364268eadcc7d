// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * One scenario over every simulated chip, under the oldest policy, Linux's
 * present one and ours: startup, self test, capabilities, long commands and
 * responses, extend, read, a quote, and the TPM's own errors.
 */
#include <dirent.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/evp.h>

#include "lib_private.h"
#include "policy.h"
#include "profile.h"
#include "transport.h"
#include "transport_chip.h"

/* The TPM wants the command again: no business of a transport's. */
#define TPM_RC_RETRY 0x922

struct command {
	uint8_t data[TPMB_TPM_BUFFER_SIZE];
	size_t len;
};

static struct command cmd;
static uint8_t rsp[TPMB_TPM_BUFFER_SIZE];
static size_t rsp_len;

static void put(uint64_t value, size_t bytes)
{
	for (size_t i = bytes; i-- > 0;)
		cmd.data[cmd.len++] = (uint8_t)(value >> 8 * i);
}

static void put_bytes(const void *data, size_t len)
{
	memcpy(cmd.data + cmd.len, data, len);
	cmd.len += len;
}

static void begin(uint32_t tag, uint32_t code)
{
	cmd.len = 0;
	put(tag, 2);
	put(0, 4);
	put(code, 4);
}

/* A password session without a password. */
static void put_session(void)
{
	put(9, 4);
	put(0x40000009, 4);
	put(0, 2);
	put(0, 1);
	put(0, 2);
}

static uint32_t get_u32(size_t at)
{
	return (uint32_t)rsp[at] << 24 | (uint32_t)rsp[at + 1] << 16 | (uint32_t)rsp[at + 2] << 8 |
	       rsp[at + 3];
}

/* Sends what was put together; returns the TPM's response code. */
static uint32_t run(struct tpm_transport *t)
{
	size_t len = cmd.len;
	uint32_t code = TPM_RC_RETRY;

	cmd.len = 2;
	put(len, 4);
	for (int try = 0; code == TPM_RC_RETRY && try < 10; try++) {
		int ret;

		rsp_len = sizeof(rsp);
		ret = t->ops->transmit(t, cmd.data, len, rsp, &rsp_len);
		if (ret)
			fail_msg("%s: command 0x%02x%02x: %s", t->name, cmd.data[8], cmd.data[9],
				 strerror(-ret));
		assert_int_equal(get_u32(2), rsp_len);
		code = get_u32(6);
	}
	return code;
}

static void tpm20_scenario(struct tpm_transport *t)
{
	static const uint8_t message[900] = {1, 2, 3};
	uint8_t digest[32];
	uint32_t handle;
	uint8_t pcr[32];
	size_t at;

	/* It has been started when it was opened. */
	begin(0x8001, 0x144);
	put(0, 2);
	assert_int_equal(run(t), 0x100);
	begin(0x8001, 0x143);
	put(1, 1);
	assert_int_equal(run(t), 0);
	assert_int_equal(rsp_len, 10);
	/* TPM2_GetCapability(TPM_CAP_TPM_PROPERTIES): a long response. */
	begin(0x8001, 0x17a);
	put(6, 4);
	put(0x100, 4);
	put(127, 4);
	assert_int_equal(run(t), 0);
	assert_true(rsp_len > 300);
	assert_int_equal(get_u32(19), 0x100);
	assert_int_equal(get_u32(23), 0x322e3000);
	/* TPM2_Hash: a long command. */
	begin(0x8001, 0x17d);
	put(sizeof(message), 2);
	put_bytes(message, sizeof(message));
	put(0x000b, 2);
	put(0x40000007, 4);
	assert_int_equal(run(t), 0);
	assert_int_equal(EVP_Digest(message, sizeof(message), digest, NULL, EVP_sha256(), NULL), 1);
	assert_memory_equal(rsp + 12, digest, 32);
	/* Extend and read, twice: a response of another length in between. */
	memset(pcr, 0, sizeof(pcr));
	for (int i = 0; i < 2; i++) {
		uint8_t data[64];

		begin(0x8002, 0x182);
		put(16, 4);
		put_session();
		put(1, 4);
		put(0x000b, 2);
		put_bytes(digest, 32);
		assert_int_equal(run(t), 0);
		memcpy(data, pcr, 32);
		memcpy(data + 32, digest, 32);
		assert_int_equal(EVP_Digest(data, 64, pcr, NULL, EVP_sha256(), NULL), 1);
		begin(0x8001, 0x17e);
		put(1, 4);
		put(0x000b, 2);
		put(3, 1);
		put(0x000001, 3);
		assert_int_equal(run(t), 0);
		assert_memory_equal(rsp + rsp_len - 32, pcr, 32);
	}
	/* Errors: a PCR that does not exist, an unknown command, a command cut short. */
	begin(0x8002, 0x182);
	put(99, 4);
	put_session();
	put(0, 4);
	assert_int_equal(run(t) & 0xbf, 0x84);
	assert_int_equal(rsp_len, 10);
	begin(0x8001, 0x1ff);
	assert_int_equal(run(t), 0x143);
	begin(0x8001, 0x17e);
	put(1, 2);
	assert_int_not_equal(run(t), 0);
	/* TPM2_CreatePrimary of a restricted ECC signing key, and TPM2_Quote of the PCR. */
	begin(0x8002, 0x131);
	put(0x40000001, 4);
	put_session();
	put(4, 2);
	put(0, 4);
	put(24, 2);
	put(0x0023, 2);
	put(0x000b, 2);
	put(0x00050072, 4);
	put(0, 2);
	put(0x0010, 2);
	put(0x0018, 2);
	put(0x000b, 2);
	put(0x0003, 2);
	put(0x0010, 2);
	put(0, 2);
	put(0, 2);
	put(0, 2);
	put(0, 4);
	assert_int_equal(run(t), 0);
	assert_true(rsp_len > 200);
	handle = get_u32(10);
	begin(0x8002, 0x158);
	put(handle, 4);
	put_session();
	put(0, 2);
	put(0x0010, 2);
	put(1, 4);
	put(0x000b, 2);
	put(3, 1);
	put(0x000001, 3);
	assert_int_equal(run(t), 0);
	/* TPMS_ATTEST: its magic, and at its end the digest of the selected PCR. */
	assert_int_equal(get_u32(16), 0xff544347);
	at = 16 + ((size_t)rsp[14] << 8 | rsp[15]);
	assert_int_equal(EVP_Digest(pcr, 32, digest, NULL, EVP_sha256(), NULL), 1);
	assert_true(at <= rsp_len);
	assert_memory_equal(rsp + at - 32, digest, 32);
	begin(0x8001, 0x165);
	put(handle, 4);
	assert_int_equal(run(t), 0);
	/* Random bytes of several lengths, one after the other. */
	for (uint32_t bytes = 1; bytes <= 32; bytes++) {
		begin(0x8001, 0x17b);
		put(bytes, 2);
		assert_int_equal(run(t), 0);
		assert_int_equal(rsp_len, 12 + bytes);
	}
}

static void tpm12_scenario(struct tpm_transport *t)
{
	uint8_t data[40] = {0};
	uint8_t pcr[20];

	/* TPM_ContinueSelfTest, TPM_GetCapability(TPM_CAP_VERSION_VAL). */
	begin(0x00c1, 0x53);
	assert_int_equal(run(t), 0);
	begin(0x00c1, 0x65);
	put(0x1a, 4);
	put(0, 4);
	assert_int_equal(run(t), 0);
	assert_true(rsp_len > 20);
	/* TPM_Extend, TPM_PCRRead. */
	memset(data + 20, 0x5a, 20);
	begin(0x00c1, 0x14);
	put(16, 4);
	put_bytes(data + 20, 20);
	assert_int_equal(run(t), 0);
	assert_int_equal(rsp_len, 30);
	assert_int_equal(EVP_Digest(data, 40, pcr, NULL, EVP_sha1(), NULL), 1);
	begin(0x00c1, 0x15);
	put(16, 4);
	assert_int_equal(run(t), 0);
	assert_memory_equal(rsp + 10, pcr, 20);
	/* TPM_BADINDEX, TPM_BAD_ORDINAL. */
	begin(0x00c1, 0x15);
	put(99, 4);
	assert_int_equal(run(t), 2);
	begin(0x00c1, 0x1ff);
	assert_int_equal(run(t), 10);
}

static void scenario(const char *chip, const char *policy)
{
	struct tpm_transport *t;
	struct tpmb_profile profile;
	char args[512];

	assert_int_equal(tpmb_profile_find(chip, &profile), 0);
	snprintf(args, sizeof(args), "chip=%s,policy=%s", chip, policy);
	assert_int_equal(profile.chip.map == TPMB_CHIP_TIS ? tpmb_transport_open_tis(args, &t)
							   : tpmb_transport_open_nuvoton(args, &t),
			 0);
	if (profile.chip.tpm2)
		tpm20_scenario(t);
	else
		tpm12_scenario(t);
	t->ops->close(t);
}

/* Every profile in the directory: a new file is tested as it comes. */
static void every_profile(void **state)
{
	static const char *const policies[] = {"tpmbatch", "linux-6.12", "linux-4.7"};
	DIR *dir = opendir(getenv("TPMBATCH_CHIPS"));
	unsigned int count = 0;
	struct dirent *entry;

	(void)state;
	assert_non_null(dir);
	while ((entry = readdir(dir))) {
		char chip[256];
		char *dot;

		snprintf(chip, sizeof(chip), "%s", entry->d_name);
		dot = strstr(chip, ".ini");
		if (!dot || dot[4])
			continue;
		*dot = '\0';
		/* A chip with a quirk is for those who know it. */
		for (size_t i = 0; i < (strncmp(chip, "quirk-", 6) ? 3 : 1); i++)
			scenario(chip, policies[i]);
		count++;
	}
	closedir(dir);
	assert_true(count >= 18);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_profile),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
