// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* TPM commands against a scripted transport: bytes out, every kind of answer in. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <tss2/tss2_mu.h>

#include "fault_transport.h"
#include "lib_private.h"
#include "tpm.h"
#include "tpm_helpers.h"
#include "transport.h"

/* ---- a transport that plays answers ------------------------------------- */

struct answer {
	int ret;
	size_t len; /* 0: an error response with code @rc */
	uint32_t rc;
	const uint8_t *bytes;
};

struct script {
	struct tpm_transport base;
	const struct answer *answers; /* the last one is repeated */
	size_t count;
	size_t sent;
	uint8_t cmd[TPMB_TPM_BUFFER_SIZE]; /* the last command */
	size_t cmd_len;
	uint32_t slept_us;
	uint32_t last_sleep_us;
};

static int script_transmit(struct tpm_transport *t, const uint8_t *cmd, size_t cmd_len,
			   uint8_t *rsp, size_t *rsp_len)
{
	struct script *s = (struct script *)t;
	const struct answer *a = &s->answers[s->sent < s->count ? s->sent : s->count - 1];

	assert_in_range(cmd_len, 10, sizeof(s->cmd));
	assert_int_equal(*rsp_len, TPMB_TPM_BUFFER_SIZE);
	memcpy(s->cmd, cmd, cmd_len);
	s->cmd_len = cmd_len;
	s->sent++;
	if (a->ret)
		return a->ret;
	if (a->len) {
		memcpy(rsp, a->bytes, a->len);
		*rsp_len = a->len;
		return 0;
	}
	memcpy(rsp, "\x80\x01\0\0\0\x0a", 6);
	tpmb_put_u32(rsp + 6, a->rc, TPMB_ORDER_BE);
	*rsp_len = 10;
	return 0;
}

static void script_sleep(struct tpm_transport *t, uint32_t us)
{
	struct script *s = (struct script *)t;

	assert_true(us >= s->last_sleep_us);
	s->last_sleep_us = us;
	s->slept_us += us;
}

static const struct tpm_transport_ops script_ops = {
	.transmit = script_transmit,
	.sleep_us = script_sleep,
};

#define SCRIPT(list)                                                                \
	{                                                                           \
		.base = {.ops = &script_ops, .name = "script:"}, .answers = (list), \
		.count = ARRAY_SIZE(list)                                           \
	}

static const uint8_t extend_ok[] = {0x80, 0x02, 0, 0, 0, 19, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0};
#define EXTEND_OK                                            \
	{                                                    \
		.len = sizeof(extend_ok), .bytes = extend_ok \
	}

static void fill(uint8_t digests[TPMB_BANK_COUNT][TPMB_DIGEST_MAX])
{
	for (int bank = 0; bank < TPMB_BANK_COUNT; bank++)
		for (int i = 0; i < TPMB_DIGEST_MAX; i++)
			digests[bank][i] = (uint8_t)(bank * 71 + i * 3 + 1);
}

/* What tpm2-tss makes of the same extend. */
static size_t marshal_extend(uint32_t pcr, unsigned int banks,
			     uint8_t digests[TPMB_BANK_COUNT][TPMB_DIGEST_MAX], uint8_t *out,
			     size_t size)
{
	static const TPM2_ALG_ID algs[TPMB_BANK_COUNT] = {
		TPM2_ALG_SHA1, TPM2_ALG_SHA256, TPM2_ALG_SHA384, TPM2_ALG_SHA512, TPM2_ALG_SM3_256};
	TPMS_AUTH_COMMAND auth = {.sessionHandle = TPM2_RH_PW};
	TPML_DIGEST_VALUES values = {.count = 0};
	size_t len = 0;
	size_t auth_len = 0;
	size_t at = 2;
	uint8_t auth_bytes[64];

	for (int bank = 0; bank < TPMB_BANK_COUNT; bank++)
		if (banks & TPMB_BANK_BIT(bank)) {
			values.digests[values.count].hashAlg = algs[bank];
			memcpy(&values.digests[values.count].digest, digests[bank],
			       TPMB_DIGEST_MAX);
			values.count++;
		}
	assert_int_equal(Tss2_MU_TPM2_ST_Marshal(TPM2_ST_SESSIONS, out, size, &len), 0);
	assert_int_equal(Tss2_MU_UINT32_Marshal(0, out, size, &len), 0);
	assert_int_equal(Tss2_MU_UINT32_Marshal(TPM2_CC_PCR_Extend, out, size, &len), 0);
	assert_int_equal(Tss2_MU_UINT32_Marshal(pcr, out, size, &len), 0);
	assert_int_equal(Tss2_MU_TPMS_AUTH_COMMAND_Marshal(&auth, auth_bytes, sizeof(auth_bytes),
							   &auth_len),
			 0);
	assert_int_equal(Tss2_MU_UINT32_Marshal((uint32_t)auth_len, out, size, &len), 0);
	memcpy(out + len, auth_bytes, auth_len);
	len += auth_len;
	assert_int_equal(Tss2_MU_TPML_DIGEST_VALUES_Marshal(&values, out, size, &len), 0);
	assert_int_equal(Tss2_MU_UINT32_Marshal((uint32_t)len, out, size, &at), 0);
	return len;
}

static void test_extend_bytes(void **state)
{
	static const struct answer ok[] = {EXTEND_OK};
	uint8_t digests[TPMB_BANK_COUNT][TPMB_DIGEST_MAX];
	uint8_t expected[1024];

	(void)state;
	fill(digests);
	for (unsigned int banks = 1; banks <= TPMB_BANKS_ALL; banks++) {
		struct script s = SCRIPT(ok);
		uint32_t pcr = banks % TPMB_PCR_COUNT;
		size_t len = marshal_extend(pcr, banks, digests, expected, sizeof(expected));

		assert_int_equal(tpm_extend(&s.base, pcr, banks,
					    (const uint8_t(*)[TPMB_DIGEST_MAX])digests),
				 0);
		assert_int_equal(s.cmd_len, len);
		assert_memory_equal(s.cmd, expected, len);
		assert_int_equal(s.sent, 1);
	}
}

static void test_extend_arguments(void **state)
{
	static const struct answer ok[] = {EXTEND_OK};
	static const uint8_t digests[TPMB_BANK_COUNT][TPMB_DIGEST_MAX];
	struct script s = SCRIPT(ok);

	(void)state;
	assert_int_equal(tpm_extend(&s.base, TPMB_PCR_COUNT, 1, digests), -EINVAL);
	assert_int_equal(tpm_extend(&s.base, 16, 0, digests), -EINVAL);
	assert_int_equal(tpm_extend(&s.base, 16, TPMB_BANKS_ALL + 1, digests), -EINVAL);
	assert_int_equal(s.sent, 0);
	assert_non_null(strstr(messages, "PCR 24"));
}

static void test_again(void **state)
{
	static const struct answer list[] = {{.rc = TPM2_RC_RETRY},
					     {.rc = TPM2_RC_YIELDED},
					     {.rc = TPM2_RC_TESTING},
					     {.rc = TPM2_RC_RETRY},
					     EXTEND_OK};
	static const uint8_t digests[TPMB_BANK_COUNT][TPMB_DIGEST_MAX];
	struct script s = SCRIPT(list);

	(void)state;
	assert_int_equal(tpm_extend(&s.base, 16, 1, digests), 0);
	assert_int_equal(s.sent, 5);
	assert_int_equal(s.slept_us, 1000 + 2000 + 4000 + 8000);
	assert_string_equal(messages, "");
}

static void test_again_for_ever(void **state)
{
	static const struct answer list[] = {{.rc = TPM2_RC_RETRY}};
	static const uint8_t digests[TPMB_BANK_COUNT][TPMB_DIGEST_MAX];
	struct script s = SCRIPT(list);

	(void)state;
	assert_int_equal(tpm_extend(&s.base, 16, 1, digests), -EREMOTEIO);
	assert_in_range(s.sent, 10, 40);
	assert_in_range(s.slept_us, 4000000, 4300000);
	assert_non_null(strstr(messages, "TPM2_PCR_Extend"));
	assert_non_null(strstr(messages, "0x00000922"));
}

static void test_error_answers(void **state)
{
	static const struct {
		uint32_t rc;
		const char *words;
	} codes[] = {
		{TPM2_RC_FAILURE, "failure"},
		{TPM2_RC_LOCKOUT, "DA"},
		{TPM2_RC_NV_RATE, "NV"},
		{TPM2_RC_CANCELED, "canceled"},
		{TPM2_RC_COMMAND_CODE, "command code"},
		{TPM2_RC_VALUE + TPM2_RC_P + TPM2_RC_1, "parameter(1)"},
		{TPM2_RC_AUTH_FAIL + TPM2_RC_S + TPM2_RC_1, "session(1)"},
	};
	static const uint8_t digests[TPMB_BANK_COUNT][TPMB_DIGEST_MAX];
	char hex[16];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(codes); i++) {
		struct answer list[] = {{.rc = codes[i].rc}};
		struct script s = SCRIPT(list);

		messages[0] = '\0';
		assert_int_equal(tpm_extend(&s.base, 16, 1, digests), -EREMOTEIO);
		assert_int_equal(s.sent, 1);
		snprintf(hex, sizeof(hex), "0x%08x", codes[i].rc);
		assert_non_null(strstr(messages, hex));
		assert_non_null(strstr(messages, "script: TPM2_PCR_Extend"));
		assert_non_null(strstr(messages, codes[i].words));
	}
}

static void test_malformed(void **state)
{
	static const struct {
		size_t len;
		const char *bytes;
	} cases[] = {
		{1, "\x80"},
		{9, "\x80\x01\0\0\0\x09\0\0\x01"},
		{10, "\x80\x02\0\0\0\x0b\0\0\0\0"},		  /* shorter than its size says */
		{11, "\x80\x02\0\0\0\x0a\0\0\0\0\0"},		  /* longer */
		{10, "\x80\x02\xff\xff\xff\xff\0\0\0\0"},	  /* much longer */
		{10, "\x80\x01\0\0\0\x0a\0\0\0\0"},		  /* success without the session */
		{10, "\0\xc4\0\0\0\x0a\0\0\0\0"},		  /* success of a TPM 1.2 */
		{10, "\x80\x02\0\0\0\x0a\0\0\x01\x01"},		  /* error with a session */
		{10, "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"}, /* a bus without a chip */
		{10, "\0\0\0\0\0\0\0\0\0\0"},
	};
	static const uint8_t digests[TPMB_BANK_COUNT][TPMB_DIGEST_MAX];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct answer list[] = {
			{.len = cases[i].len, .bytes = (const uint8_t *)cases[i].bytes}};
		struct script s = SCRIPT(list);

		messages[0] = '\0';
		assert_int_equal(tpm_extend(&s.base, 16, 1, digests), -EPROTO);
		assert_int_equal(s.sent, 1);
		assert_non_null(strstr(messages, "malformed"));
	}
}

static void test_transport_error(void **state)
{
	static const struct answer list[] = {{.ret = -ETIMEDOUT}};
	static const uint8_t digests[TPMB_BANK_COUNT][TPMB_DIGEST_MAX];
	struct script s = SCRIPT(list);

	(void)state;
	assert_int_equal(tpm_extend(&s.base, 16, 1, digests), -ETIMEDOUT);
	assert_int_equal(s.sent, 1); /* it may have been executed: never sent again */
	assert_non_null(strstr(messages, "TPM2_PCR_Extend"));
}

static void test_startup(void **state)
{
	static const struct answer fresh[] = {{.rc = 0}};
	static const struct answer started[] = {{.rc = TPM2_RC_INITIALIZE}};
	static const struct answer failed[] = {{.rc = TPM2_RC_FAILURE}};
	struct script a = SCRIPT(fresh);
	struct script b = SCRIPT(started);
	struct script c = SCRIPT(failed);

	(void)state;
	assert_int_equal(tpm_startup(&a.base), 0);
	assert_memory_equal(a.cmd, "\x80\x01\0\0\0\x0c\0\0\x01\x44\0\0", 12);
	assert_int_equal(a.cmd_len, 12);
	assert_int_equal(tpm_startup(&b.base), 0);
	assert_string_equal(messages, "");
	assert_int_equal(tpm_startup(&c.base), -EREMOTEIO);
}

static void test_probe(void **state)
{
	static const uint8_t bad_tag[] = {0x00, 0xc4, 0, 0, 0, 10, 0, 0, 0, 0x1e};
	static const struct answer list[] = {{.rc = TPM2_RC_INITIALIZE}, {.rc = 0}};
	static const struct answer tpm12[] = {{.len = sizeof(bad_tag), .bytes = bad_tag}};
	struct script s = SCRIPT(list);
	struct script old = SCRIPT(tpm12);

	(void)state;
	assert_int_equal(tpm_probe(&s.base), 0);
	assert_int_equal(s.sent, 2);
	assert_memory_equal(s.cmd + 6, "\0\0\x01\x44", 4);
	assert_int_equal(tpm_probe(&old.base), -EPROTONOSUPPORT);
	assert_non_null(strstr(messages, "TPM 1.2"));
}

/* TPM2_GetTestResult: no details, then the result. */
#define TEST_RESULT(rc1, rc2)                                             \
	{                                                                 \
		0x80, 0x01, 0, 0, 0, 16, 0, 0, 0, 0, 0, 0, 0, 0, rc1, rc2 \
	}

static void test_self_test(void **state)
{
	static const uint8_t testing[] = TEST_RESULT(0x09, 0x0a);
	static const uint8_t passed[] = TEST_RESULT(0, 0);
	static const uint8_t failed[] = TEST_RESULT(0x01, 0x01);
	static const struct answer background[] = {
		{.rc = TPM2_RC_RETRY},
		{.rc = TPM2_RC_TESTING},
		{.len = sizeof(testing), .bytes = testing},
		{.len = sizeof(testing), .bytes = testing},
		{.len = sizeof(passed), .bytes = passed},
	};
	static const struct answer failing[] = {
		{.rc = TPM2_RC_TESTING},
		{.len = sizeof(failed), .bytes = failed},
	};
	static const struct answer endless[] = {
		{.rc = TPM2_RC_TESTING},
		{.len = sizeof(testing), .bytes = testing},
	};
	struct script s = SCRIPT(background);
	struct script f = SCRIPT(failing);
	struct script e = SCRIPT(endless);

	(void)state;
	assert_int_equal(tpm_self_test(&s.base, true), 0);
	assert_int_equal(s.sent, 5);
	assert_string_equal(messages, "");
	assert_int_equal(tpm_self_test(&f.base, false), -EREMOTEIO);
	assert_non_null(strstr(messages, "TPM2_SelfTest"));
	assert_int_equal(tpm_self_test(&e.base, true), -EREMOTEIO);
	assert_in_range(e.sent, 10, 40);
}

/*
 * Every response that the library parses, cut at every byte and with every byte
 * changed: an error or a value, and nothing read outside the response.
 */
static void test_damaged_responses(void **state)
{
	struct tpm_transport *tpm;
	struct tpm_identity identity;
	struct tpm_clock clock;
	struct tpmb_pcrs *pcrs = malloc(sizeof(*pcrs));
	unsigned int banks;

	(void)state;
	assert_non_null(pcrs);
	assert_int_equal(tpmb_transport_open("libtpms:", &tpm), 0);
	for (uint32_t at = 0; at < 6; at++)
		for (uint32_t len = 0; len < 300; len += len < 20 ? 1 : 17) {
			struct fault plan = {.at = at, .kind = FAULT_SHORT, .arg = len};
			struct tpm_transport *t;

			assert_int_equal(fault_transport_new(tpm, &plan, 1, &t), 0);
			tpm_read_clock(t, &clock);
			tpm_pcr_banks(t, 16, &banks);
			tpmb_pcr_read(t, 0xffffff, pcrs);
			tpm_identity(t, &identity);
			tpmb_transport_close(t);
		}
	tpmb_transport_close(tpm);
	free(pcrs);
}

/* One response, with the PCR selection and digests of the request replaced. */
static void test_pcr_read_lies(void **state)
{
	/* TPM_CAP_PCRS: sha256, PCR 16 */
	static const uint8_t caps[] = {0x80, 0x01, 0, 0, 0, 25, 0, 0,	 0, 0, 0, 0, 0,
				       0,    5,	   0, 0, 0, 1,	0, 0x0b, 3, 0, 0, 1};
	/* counter 7; sha256: PCR 16; one digest of 32 bytes */
	uint8_t value[10 + 4 + 10 + 4 + 2 + 32] = {0x80, 0x01, 0, 0, 0, sizeof(value),
						   0,	 0,    0, 0, 0, 0,
						   0,	 7,    0, 0, 0, 1,
						   0,	 0x0b, 3, 0, 0, 1,
						   0,	 0,    0, 1, 0, 32};
	struct tpmb_pcrs pcrs;

	(void)state;
	for (int lie = 0; lie < 6; lie++) {
		uint8_t rsp[sizeof(value)];
		struct answer list[] = {
			{.len = sizeof(caps), .bytes = caps},
			{.len = sizeof(rsp), .bytes = rsp},
		};
		struct script s = SCRIPT(list);

		memcpy(rsp, value, sizeof(rsp));
		switch (lie) {
		case 1:
			rsp[23] = 2; /* PCR 17, which nobody asked for */
			break;
		case 2:
			rsp[23] = 3; /* two PCRs, one digest */
			break;
		case 3:
			rsp[23] = 0; /* no PCR, one digest */
			break;
		case 4:
			rsp[19] = 0x04; /* SHA-1 with 32 bytes */
			break;
		case 5:
			rsp[27] = 9; /* more digests than a TPML_DIGEST holds */
			break;
		default:
			break;
		}
		assert_int_equal(tpmb_pcr_read(&s.base, 1u << 16, &pcrs), lie ? -EPROTO : 0);
		assert_int_equal(s.sent, 2);
	}
}

/* The room of a TPM2_PCR_Read response with eight SHA-256 digests. */
#define READ_SIZE (10 + 4 + 10 + 4 + 8 * 34)

/* A TPM2_PCR_Read response: PCRs of @mask in SHA-256, and eight digests. */
static void read_response(uint8_t rsp[READ_SIZE], uint32_t counter, uint32_t mask)
{
	static const uint8_t head[] = {0x80, 0x01, 0, 0, READ_SIZE >> 8, READ_SIZE & 0xff};
	uint8_t *pos = rsp + 28;

	memset(rsp, 0, READ_SIZE);
	memcpy(rsp, head, sizeof(head));
	tpmb_put_u32(rsp + 10, counter, TPMB_ORDER_BE);
	rsp[17] = 1;
	rsp[19] = TPM2_ALG_SHA256;
	rsp[20] = 3;
	for (int i = 0; i < 3; i++)
		rsp[21 + i] = (uint8_t)(mask >> 8 * i);
	rsp[27] = 8;
	for (int i = 0; i < 8; i++, pos += 34) {
		pos[1] = 32;
		memset(pos + 2, (int)counter, 32);
	}
}

/* TPM_CAP_PCRS: sha256, PCRs 0 to 23. */
static const uint8_t all_sha256[] = {0x80, 0x01, 0, 0, 0, 25, 0, 0,    0, 0,	0,    0,   0,
				     0,	   5,	 0, 0, 0, 1,  0, 0x0b, 3, 0xff, 0xff, 0xff};

/* PCRs that change between two commands are read again, so that the values belong together. */
static void test_pcr_read_snapshot(void **state)
{
	static uint8_t rsp[4][READ_SIZE];
	struct answer list[] = {
		{.len = sizeof(all_sha256), .bytes = all_sha256},
		{.len = READ_SIZE, .bytes = rsp[0]},
		{.len = READ_SIZE, .bytes = rsp[1]},
		{.len = READ_SIZE, .bytes = rsp[2]},
		{.len = READ_SIZE, .bytes = rsp[3]},
	};
	struct script s = SCRIPT(list);
	struct tpmb_pcrs pcrs;

	(void)state;
	read_response(rsp[0], 1, 0x00ff);
	read_response(rsp[1], 2, 0xff00);
	read_response(rsp[2], 3, 0x00ff);
	read_response(rsp[3], 3, 0xff00);
	assert_int_equal(tpmb_pcr_read(&s.base, 0xffff, &pcrs), 0);
	assert_int_equal(s.sent, 5);
	assert_int_equal(pcrs.set[TPMB_BANK_SHA256], 0xffff);
	for (int pcr = 0; pcr < 16; pcr++)
		assert_int_equal(pcrs.value[TPMB_BANK_SHA256][pcr][0], 3);
}

static void test_pcr_read_never_still(void **state)
{
	enum {
		READS = 64
	};
	static uint8_t rsp[READS][READ_SIZE];
	struct answer list[READS + 1] = {{.len = sizeof(all_sha256), .bytes = all_sha256}};
	struct script s = SCRIPT(list);
	struct tpmb_pcrs pcrs;

	(void)state;
	for (uint32_t i = 0; i < READS; i++) {
		read_response(rsp[i], i, i % 2 ? 0xff00 : 0x00ff);
		list[i + 1] = (struct answer){.len = READ_SIZE, .bytes = rsp[i]};
	}
	assert_int_equal(tpmb_pcr_read(&s.base, 0xffff, &pcrs), -EAGAIN);
	assert_in_range(s.sent, 9, READS);
	assert_non_null(strstr(messages, "kept changing"));
}

/* More PCRs than a response has room for digests. */
static void test_pcr_read_too_few(void **state)
{
	static uint8_t rsp[READ_SIZE];
	struct answer list[] = {
		{.len = sizeof(all_sha256), .bytes = all_sha256},
		{.len = READ_SIZE, .bytes = rsp},
	};
	struct script s = SCRIPT(list);
	struct tpmb_pcrs pcrs;

	(void)state;
	read_response(rsp, 1, 0xffffff);
	assert_int_equal(tpmb_pcr_read(&s.base, 0xffffff, &pcrs), -EPROTO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_extend_bytes, tpm_test_setup,
						tpm_test_teardown),
		cmocka_unit_test_setup_teardown(test_extend_arguments, tpm_test_setup,
						tpm_test_teardown),
		cmocka_unit_test_setup_teardown(test_again, tpm_test_setup, tpm_test_teardown),
		cmocka_unit_test_setup_teardown(test_again_for_ever, tpm_test_setup,
						tpm_test_teardown),
		cmocka_unit_test_setup_teardown(test_error_answers, tpm_test_setup,
						tpm_test_teardown),
		cmocka_unit_test_setup_teardown(test_malformed, tpm_test_setup, tpm_test_teardown),
		cmocka_unit_test_setup_teardown(test_transport_error, tpm_test_setup,
						tpm_test_teardown),
		cmocka_unit_test_setup_teardown(test_startup, tpm_test_setup, tpm_test_teardown),
		cmocka_unit_test_setup_teardown(test_probe, tpm_test_setup, tpm_test_teardown),
		cmocka_unit_test_setup_teardown(test_self_test, tpm_test_setup, tpm_test_teardown),
		cmocka_unit_test_setup_teardown(test_damaged_responses, tpm_test_setup,
						tpm_test_teardown),
		cmocka_unit_test_setup_teardown(test_pcr_read_snapshot, tpm_test_setup,
						tpm_test_teardown),
		cmocka_unit_test_setup_teardown(test_pcr_read_never_still, tpm_test_setup,
						tpm_test_teardown),
		cmocka_unit_test_setup_teardown(test_pcr_read_too_few, tpm_test_setup,
						tpm_test_teardown),
		cmocka_unit_test_setup_teardown(test_pcr_read_lies, tpm_test_setup,
						tpm_test_teardown),
	};

	return cmocka_run_group_tests_name("tpm", tests, NULL, NULL);
}
