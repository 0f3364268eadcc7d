// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The TPM 2.0 commands of the library, but those that read PCRs. */
#include <errno.h>

#include "lib_private.h"
#include "tpm.h"
#include "tpm_command.h"
#include "transport.h"

static void put_be16(uint8_t *to, uint16_t value)
{
	to[0] = (uint8_t)(value >> 8);
	to[1] = (uint8_t)value;
}

int tpm_startup(struct tpm_transport *t)
{
	struct tpm_command c;
	struct tpm_response r;
	TPM2_RC rc;
	int ret;

	tpm_command_begin(&c, TPM2_CC_Startup);
	tpm_command_u16(&c, TPM2_SU_CLEAR);
	ret = tpm_command_send(&c, t, &r, &rc, false);
	if (ret || !rc || rc == TPM2_RC_INITIALIZE)
		return ret;
	return tpm_answered_error(t, TPM2_CC_Startup, rc);
}

int tpm_probe(struct tpm_transport *t)
{
	struct tpm_command c;
	struct tpm_response r;
	TPM2_RC rc;
	int ret;

	tpm_get_capability(&c, TPM2_CAP_TPM_PROPERTIES, TPM2_PT_FAMILY_INDICATOR, 1);
	ret = tpm_command_send(&c, t, &r, &rc, false);
	if (ret)
		return ret;
	if (rc && tpm_get_be16(r.buf) == TAG_RSP_TPM12) {
		tpmb_msg("%s: a TPM 1.2 answers (code 0x%x), expected a TPM 2.0", t->name, rc);
		return -EPROTONOSUPPORT;
	}
	if (rc == TPM2_RC_INITIALIZE)
		return tpm_startup(t);
	return rc ? tpm_answered_error(t, TPM2_CC_GetCapability, rc) : 0;
}

/* Waits for tests that go on in the background: TPM2_GetTestResult of Part 3. */
static int wait_for_tests(struct tpm_transport *t)
{
	struct tpm_backoff backoff = {0};
	struct tpm_command c;
	struct tpm_response r;
	TPM2B_MAX_BUFFER details;
	TPM2_RC result;
	int ret;

	do {
		if (!tpm_backoff_wait(&backoff, t))
			return tpm_answered_error(t, TPM2_CC_SelfTest, TPM2_RC_TESTING);
		tpm_command_begin(&c, TPM2_CC_GetTestResult);
		ret = tpm_command_run(&c, t, &r);
		if (ret)
			return ret;
		details.size = 0;
		r.rc = Tss2_MU_TPM2B_MAX_BUFFER_Unmarshal(r.buf, r.len, &r.pos, &details);
		result = tpm_response_u32(&r);
		if (!tpm_response_done(&r))
			return tpm_malformed(t, TPM2_CC_GetTestResult, "outData and testResult");
	} while (result == TPM2_RC_TESTING);
	/* TPM_RC_NEEDS_TEST: the rest is tested when it is used first. */
	if (result && result != TPM2_RC_NEEDS_TEST)
		return tpm_answered_error(t, TPM2_CC_SelfTest, result);
	return 0;
}

int tpm_self_test(struct tpm_transport *t, bool full)
{
	struct tpm_backoff backoff = {0};
	struct tpm_command c;
	struct tpm_response r;
	TPM2_RC rc;
	int ret;

	tpm_command_begin(&c, TPM2_CC_SelfTest);
	if (!c.rc)
		c.rc = Tss2_MU_BYTE_Marshal(full ? TPM2_YES : TPM2_NO, c.buf, sizeof(c.buf),
					    &c.len);
	/* TPM_RC_TESTING accepts this command: sent again, it would start the tests afresh. */
	do {
		ret = tpm_command_send(&c, t, &r, &rc, true);
		if (ret)
			return ret;
	} while ((rc == TPM2_RC_RETRY || rc == TPM2_RC_YIELDED) && tpm_backoff_wait(&backoff, t));
	if (rc == TPM2_RC_TESTING)
		return wait_for_tests(t);
	return rc ? tpm_answered_error(t, TPM2_CC_SelfTest, rc) : 0;
}

/*
 * The start of every TPM2_PCR_Extend: header, handle, one password session
 * without a password (Part 1, "Password Authorizations"; Part 3,
 * TPM2_PCR_Extend). Laid out once, since the extend is what the library is
 * timed by; tests compare it with what tpm2-tss marshals.
 */
enum {
	EXTEND_SIZE_AT = 2,
	EXTEND_CODE_AT = 6,
	EXTEND_PCR_AT = 10,
	EXTEND_COUNT_AT = 27,
	EXTEND_DIGESTS_AT = 31,
};

static const uint8_t extend_head[EXTEND_DIGESTS_AT] = {
	0x80, 0x02,		/* TPM_ST_SESSIONS */
	0,    0,    0,	  0,	/* commandSize */
	0,    0,    0x01, 0x82, /* TPM_CC_PCR_Extend */
	0,    0,    0,	  0,	/* pcrHandle */
	0,    0,    0,	  9,	/* authorizationSize */
	0x40, 0,    0,	  0x09, /* TPM_RS_PW */
	0,    0,		/* nonce */
	0,			/* sessionAttributes */
	0,    0,		/* password */
	0,    0,    0,	  0,	/* digests.count */
};

int tpm_extend(struct tpm_transport *t, uint32_t pcr, unsigned int banks,
	       const uint8_t (*digests)[TPMB_DIGEST_MAX])
{
	uint8_t cmd[EXTEND_DIGESTS_AT + TPMB_BANK_COUNT * (2 + TPMB_DIGEST_MAX)];
	uint8_t rsp[TPMB_TPM_BUFFER_SIZE];
	size_t len = EXTEND_DIGESTS_AT;
	size_t rsp_len = sizeof(rsp);
	uint32_t count = 0;
	TPM2_RC rc;
	int ret;

	if (pcr >= TPMB_PCR_COUNT || !banks || banks & ~TPMB_BANKS_ALL) {
		tpmb_msg("%s TPM2_PCR_Extend: no such PCR or bank: PCR %u, bank mask 0x%x", t->name,
			 pcr, banks);
		return -EINVAL;
	}
	memcpy(cmd, extend_head, sizeof(extend_head));
	for (int bank = 0; bank < TPMB_BANK_COUNT; bank++) {
		if (!(banks & TPMB_BANK_BIT(bank)))
			continue;
		put_be16(cmd + len, tpm_bank_algs[bank].alg);
		memcpy(cmd + len + 2, digests[bank], tpm_bank_algs[bank].size);
		len += 2u + tpm_bank_algs[bank].size;
		count++;
	}
	tpmb_put_u32(cmd + EXTEND_SIZE_AT, (uint32_t)len, TPMB_ORDER_BE);
	tpmb_put_u32(cmd + EXTEND_PCR_AT, pcr, TPMB_ORDER_BE);
	tpmb_put_u32(cmd + EXTEND_COUNT_AT, count, TPMB_ORDER_BE);
	ret = tpm_transmit_again(t, cmd, len, rsp, &rsp_len, &rc);
	if (ret)
		return ret;
	return rc ? tpm_answered_error(t, TPM2_CC_PCR_Extend, rc) : 0;
}

TPMB_API int tpmb_pcr_reset(struct tpm_transport *t, uint32_t pcr)
{
	/* Handle and authorization as of the extend, and no parameters. */
	uint8_t cmd[EXTEND_COUNT_AT];
	uint8_t rsp[TPMB_TPM_BUFFER_SIZE];
	size_t rsp_len = sizeof(rsp);
	TPM2_RC rc;
	int ret;

	if (pcr != 16 && pcr != 23) {
		tpmb_msg("%s: PCR %u cannot be reset: expected 16 or 23", t->name, pcr);
		return -EPERM;
	}
	memcpy(cmd, extend_head, sizeof(cmd));
	tpmb_put_u32(cmd + EXTEND_SIZE_AT, sizeof(cmd), TPMB_ORDER_BE);
	tpmb_put_u32(cmd + EXTEND_CODE_AT, TPM2_CC_PCR_Reset, TPMB_ORDER_BE);
	tpmb_put_u32(cmd + EXTEND_PCR_AT, pcr, TPMB_ORDER_BE);
	ret = tpm_transmit_again(t, cmd, sizeof(cmd), rsp, &rsp_len, &rc);
	if (ret)
		return ret;
	return rc ? tpm_answered_error(t, TPM2_CC_PCR_Reset, rc) : 0;
}

int tpm_property(struct tpm_transport *t, uint32_t property, uint32_t *value)
{
	TPMS_CAPABILITY_DATA data;
	const TPML_TAGGED_TPM_PROPERTY *list = &data.data.tpmProperties;
	struct tpm_command c;
	struct tpm_response r;
	int ret;

	tpm_get_capability(&c, TPM2_CAP_TPM_PROPERTIES, property, 1);
	ret = tpm_command_run(&c, t, &r);
	if (!ret)
		ret = tpm_read_capability(t, &r, TPM2_CAP_TPM_PROPERTIES, &data);
	if (ret)
		return ret;
	/* Part 3, TPM2_GetCapability: an unknown property is answered by the next one. */
	if (list->count != 1 || list->tpmProperty[0].property != property)
		return -ENOENT;
	*value = list->tpmProperty[0].value;
	return 0;
}

/* Four characters of a property that holds a string; what is not printable ends it. */
static int property_text(struct tpm_transport *t, uint32_t property, char *text)
{
	uint32_t value = 0;
	int ret = tpm_property(t, property, &value);

	if (ret && ret != -ENOENT)
		return ret;
	for (int i = 0; i < 4; i++) {
		char ch = (char)(value >> (24 - 8 * i));

		if (ch < ' ' || ch > '~')
			break;
		text[i] = ch;
	}
	return 0;
}

int tpm_identity(struct tpm_transport *t, struct tpm_identity *identity)
{
	static const uint32_t strings[] = {TPM2_PT_VENDOR_STRING_1, TPM2_PT_VENDOR_STRING_2,
					   TPM2_PT_VENDOR_STRING_3, TPM2_PT_VENDOR_STRING_4};
	int ret;

	memset(identity, 0, sizeof(*identity));
	ret = property_text(t, TPM2_PT_MANUFACTURER, identity->manufacturer);
	for (size_t i = 0; !ret && i < ARRAY_SIZE(strings); i++)
		ret = property_text(t, strings[i], identity->vendor + strlen(identity->vendor));
	if (!ret)
		ret = tpm_property(t, TPM2_PT_FIRMWARE_VERSION_1, &identity->firmware[0]);
	if (!ret)
		ret = tpm_property(t, TPM2_PT_FIRMWARE_VERSION_2, &identity->firmware[1]);
	if (!ret)
		ret = tpm_property(t, TPM2_PT_REVISION, &identity->revision);
	return ret;
}

int tpm_read_clock(struct tpm_transport *t, struct tpm_clock *clock)
{
	TPMS_TIME_INFO info;
	struct tpm_command c;
	struct tpm_response r;
	int ret;

	tpm_command_begin(&c, TPM2_CC_ReadClock);
	ret = tpm_command_run(&c, t, &r);
	if (ret)
		return ret;
	r.rc = Tss2_MU_TPMS_TIME_INFO_Unmarshal(r.buf, r.len, &r.pos, &info);
	if (!tpm_response_done(&r))
		return tpm_malformed(t, TPM2_CC_ReadClock, "TPMS_TIME_INFO (Part 2)");
	clock->time_ms = info.time;
	clock->clock_ms = info.clockInfo.clock;
	clock->reset_count = info.clockInfo.resetCount;
	clock->restart_count = info.clockInfo.restartCount;
	clock->safe = info.clockInfo.safe == TPM2_YES;
	return 0;
}
