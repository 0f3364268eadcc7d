// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* TPM 2.0 commands: marshalled by tpm2-tss, sent again where the TPM asks for it. */
#include <errno.h>
#include <time.h>

#include <tss2/tss2_mu.h>
#include <tss2/tss2_rc.h>

#include "lib_private.h"
#include "tpm.h"
#include "transport.h"

/* Part 1, "Command/Response Structure": tag, size, command or response code. */
#define HEADER_SIZE 10
/* Part 1, "Response Tag": what a TPM 1.2, or a TPM 2.0 that met a bad tag, answers with. */
#define TAG_RSP_TPM12 0x00c4

/*
 * Waits before a command is sent again. The first is about the fastest extend
 * that is known (a firmware TPM, 1.2 ms): less would only add commands to a TPM
 * that has no time. They double up to a quarter of a second, when a caller has
 * waited that long already. The sum is what Linux grants a TPM to get ready
 * (TPM2_TIMEOUT_B, 4 s); the slowest part that is known takes 2.25 s.
 */
#define RETRY_FIRST_US 1000
#define RETRY_MAX_US   256000
#define RETRY_TOTAL_US 4000000

struct backoff {
	uint32_t wait_us;
	uint32_t total_us;
	uint32_t retries;
};

/* Room for the longest command but TPM2_PCR_Extend: TPM2_PCR_Read with every bank, 44 bytes. */
struct command {
	uint8_t buf[64];
	size_t len;
	TSS2_RC rc;
};

struct response {
	uint8_t buf[TPMB_TPM_BUFFER_SIZE];
	size_t len;
	size_t pos;
	TSS2_RC rc;
};

static const struct {
	TPM2_ALG_ID alg;
	uint16_t size;
} bank_algs[TPMB_BANK_COUNT] = {
	[TPMB_BANK_SHA1] = {TPM2_ALG_SHA1, TPM2_SHA1_DIGEST_SIZE},
	[TPMB_BANK_SHA256] = {TPM2_ALG_SHA256, TPM2_SHA256_DIGEST_SIZE},
	[TPMB_BANK_SHA384] = {TPM2_ALG_SHA384, TPM2_SHA384_DIGEST_SIZE},
	[TPMB_BANK_SHA512] = {TPM2_ALG_SHA512, TPM2_SHA512_DIGEST_SIZE},
	[TPMB_BANK_SM3] = {TPM2_ALG_SM3_256, TPM2_SM3_256_DIGEST_SIZE},
};

static int bank_by_alg(TPM2_ALG_ID alg)
{
	for (int bank = 0; bank < TPMB_BANK_COUNT; bank++)
		if (bank_algs[bank].alg == alg)
			return bank;
	return -1;
}

static const char *command_name(uint32_t cc)
{
	switch (cc) {
	case TPM2_CC_Startup:
		return "TPM2_Startup";
	case TPM2_CC_SelfTest:
		return "TPM2_SelfTest";
	case TPM2_CC_GetTestResult:
		return "TPM2_GetTestResult";
	case TPM2_CC_GetCapability:
		return "TPM2_GetCapability";
	case TPM2_CC_PCR_Read:
		return "TPM2_PCR_Read";
	case TPM2_CC_PCR_Extend:
		return "TPM2_PCR_Extend";
	case TPM2_CC_PCR_Reset:
		return "TPM2_PCR_Reset";
	case TPM2_CC_ReadClock:
		return "TPM2_ReadClock";
	default:
		return "TPM command";
	}
}

static uint16_t get_be16(const uint8_t *from)
{
	return (uint16_t)(from[0] << 8 | from[1]);
}

static void put_be16(uint8_t *to, uint16_t value)
{
	to[0] = (uint8_t)(value >> 8);
	to[1] = (uint8_t)value;
}

static uint32_t command_code(const uint8_t *cmd)
{
	return tpmb_get_u32(cmd + 6, TPMB_ORDER_BE);
}

/* ---- sending ---------------------------------------------------------- */

static void wait_us(struct tpm_transport *t, uint32_t us)
{
	struct timespec left = {.tv_sec = us / 1000000, .tv_nsec = (long)(us % 1000000) * 1000};

	if (t->ops->sleep_us) {
		t->ops->sleep_us(t, us);
		return;
	}
	while (clock_nanosleep(CLOCK_MONOTONIC, 0, &left, &left) == EINTR)
		;
}

/* Waits before the next attempt; false once the time is up. */
static bool backoff_wait(struct backoff *b, struct tpm_transport *t)
{
	if (b->total_us >= RETRY_TOTAL_US)
		return false;
	b->wait_us = b->wait_us ? b->wait_us * 2 : RETRY_FIRST_US;
	if (b->wait_us > RETRY_MAX_US)
		b->wait_us = RETRY_MAX_US;
	wait_us(t, b->wait_us);
	b->total_us += b->wait_us;
	b->retries++;
	return true;
}

/* The three answers that ask for the same command again; none of them has executed it. */
static bool is_again(TPM2_RC rc)
{
	return rc == TPM2_RC_RETRY || rc == TPM2_RC_YIELDED || rc == TPM2_RC_TESTING;
}

static int answered_error(const struct tpm_transport *t, uint32_t cc, TPM2_RC rc)
{
	tpmb_msg("%s: %s: the TPM answers 0x%08x: %s", t->name, command_name(cc), rc,
		 Tss2_RC_Decode(rc));
	return -EREMOTEIO;
}

static int bad_response(const struct tpm_transport *t, uint32_t cc, const char *expected)
{
	tpmb_msg("%s: %s: malformed response: expected %s", t->name, command_name(cc), expected);
	return -EPROTO;
}

/*
 * Sends a command once, checks the response's header and hands out its code.
 * On success *@rsp_len is the length that the header confirms.
 */
static int transmit(struct tpm_transport *t, const uint8_t *cmd, size_t cmd_len, uint8_t *rsp,
		    size_t *rsp_len, TPM2_RC *rc)
{
	int ret = t->ops->transmit(t, cmd, cmd_len, rsp, rsp_len);
	uint16_t tag;

	if (ret) {
		tpmb_msg("%s: %s: no response: %s", t->name, command_name(command_code(cmd)),
			 strerror(-ret));
		return ret;
	}
	if (*rsp_len < HEADER_SIZE)
		return bad_response(t, command_code(cmd), "a header of 10 bytes");
	if (tpmb_get_u32(rsp + 2, TPMB_ORDER_BE) != *rsp_len)
		return bad_response(t, command_code(cmd), "as many bytes as its size field says");
	tag = get_be16(rsp);
	*rc = tpmb_get_u32(rsp + 6, TPMB_ORDER_BE);
	/* Part 1, "Response Tag": an error carries no session, a success what the command had. */
	if (tag != (*rc ? TPM2_ST_NO_SESSIONS : get_be16(cmd)) && !(*rc && tag == TAG_RSP_TPM12))
		return bad_response(t, command_code(cmd), "the command's tag");
	return 0;
}

/* Sends a command until the TPM has answered something else than "again". */
static int transmit_again(struct tpm_transport *t, const uint8_t *cmd, size_t cmd_len, uint8_t *rsp,
			  size_t *rsp_len, TPM2_RC *rc)
{
	struct backoff backoff = {0};
	size_t room = *rsp_len;
	int ret;

	for (;;) {
		*rsp_len = room;
		ret = transmit(t, cmd, cmd_len, rsp, rsp_len, rc);
		if (ret || !is_again(*rc))
			return ret;
		if (!backoff_wait(&backoff, t)) {
			tpmb_msg("%s: %s: given up after %u attempts in %u ms", t->name,
				 command_name(command_code(cmd)), backoff.retries + 1,
				 backoff.total_us / 1000);
			return 0;
		}
	}
}

/* ---- marshalling ------------------------------------------------------- */

static void command_begin(struct command *c, uint32_t cc)
{
	c->len = 0;
	c->rc = Tss2_MU_TPM2_ST_Marshal(TPM2_ST_NO_SESSIONS, c->buf, sizeof(c->buf), &c->len);
	if (!c->rc)
		c->rc = Tss2_MU_UINT32_Marshal(0, c->buf, sizeof(c->buf), &c->len);
	if (!c->rc)
		c->rc = Tss2_MU_UINT32_Marshal(cc, c->buf, sizeof(c->buf), &c->len);
}

static void command_u16(struct command *c, uint16_t value)
{
	if (!c->rc)
		c->rc = Tss2_MU_UINT16_Marshal(value, c->buf, sizeof(c->buf), &c->len);
}

static void command_u32(struct command *c, uint32_t value)
{
	if (!c->rc)
		c->rc = Tss2_MU_UINT32_Marshal(value, c->buf, sizeof(c->buf), &c->len);
}

/* Completes a command and sends it; the answer's code is left to the caller. */
static int command_send(struct command *c, struct tpm_transport *t, struct response *r, TPM2_RC *rc,
			bool once)
{
	if (c->rc) /* an array above is too small: a bug */
		return -EOVERFLOW;
	tpmb_put_u32(c->buf + 2, (uint32_t)c->len, TPMB_ORDER_BE);
	r->len = sizeof(r->buf);
	r->pos = HEADER_SIZE;
	r->rc = 0;
	return (once ? transmit : transmit_again)(t, c->buf, c->len, r->buf, &r->len, rc);
}

/* The same where any code but success is an error. */
static int command_run(struct command *c, struct tpm_transport *t, struct response *r)
{
	TPM2_RC rc;
	int ret = command_send(c, t, r, &rc, false);

	if (ret)
		return ret;
	return rc ? answered_error(t, command_code(c->buf), rc) : 0;
}

static uint32_t response_u32(struct response *r)
{
	uint32_t value = 0;

	if (!r->rc)
		r->rc = Tss2_MU_UINT32_Unmarshal(r->buf, r->len, &r->pos, &value);
	return value;
}

/* True when all fields could be read and nothing is left over. */
static bool response_done(const struct response *r)
{
	return !r->rc && r->pos == r->len;
}

/* ---- commands ----------------------------------------------------------- */

int tpm_startup(struct tpm_transport *t)
{
	struct command c;
	struct response r;
	TPM2_RC rc;
	int ret;

	command_begin(&c, TPM2_CC_Startup);
	command_u16(&c, TPM2_SU_CLEAR);
	ret = command_send(&c, t, &r, &rc, false);
	if (ret || !rc || rc == TPM2_RC_INITIALIZE)
		return ret;
	return answered_error(t, TPM2_CC_Startup, rc);
}

static void get_capability(struct command *c, uint32_t capability, uint32_t property,
			   uint32_t count)
{
	command_begin(c, TPM2_CC_GetCapability);
	command_u32(c, capability);
	command_u32(c, property);
	command_u32(c, count);
}

static int read_capability(const struct tpm_transport *t, struct response *r, uint32_t capability,
			   TPMS_CAPABILITY_DATA *data)
{
	uint8_t more;

	r->rc = Tss2_MU_BYTE_Unmarshal(r->buf, r->len, &r->pos, &more);
	if (!r->rc)
		r->rc = Tss2_MU_TPMS_CAPABILITY_DATA_Unmarshal(r->buf, r->len, &r->pos, data);
	if (!response_done(r) || data->capability != capability)
		return bad_response(t, TPM2_CC_GetCapability,
				    "TPMS_CAPABILITY_DATA as requested (Part 2)");
	return 0;
}

int tpm_probe(struct tpm_transport *t)
{
	struct command c;
	struct response r;
	TPM2_RC rc;
	int ret;

	get_capability(&c, TPM2_CAP_TPM_PROPERTIES, TPM2_PT_FAMILY_INDICATOR, 1);
	ret = command_send(&c, t, &r, &rc, false);
	if (ret)
		return ret;
	if (rc && get_be16(r.buf) == TAG_RSP_TPM12) {
		tpmb_msg("%s: a TPM 1.2 answers (code 0x%x), expected a TPM 2.0", t->name, rc);
		return -EPROTONOSUPPORT;
	}
	if (rc == TPM2_RC_INITIALIZE)
		return tpm_startup(t);
	return rc ? answered_error(t, TPM2_CC_GetCapability, rc) : 0;
}

/* Waits for tests that go on in the background: TPM2_GetTestResult of Part 3. */
static int wait_for_tests(struct tpm_transport *t)
{
	struct backoff backoff = {0};
	struct command c;
	struct response r;
	TPM2B_MAX_BUFFER details;
	TPM2_RC result;
	int ret;

	do {
		if (!backoff_wait(&backoff, t))
			return answered_error(t, TPM2_CC_SelfTest, TPM2_RC_TESTING);
		command_begin(&c, TPM2_CC_GetTestResult);
		ret = command_run(&c, t, &r);
		if (ret)
			return ret;
		details.size = 0;
		r.rc = Tss2_MU_TPM2B_MAX_BUFFER_Unmarshal(r.buf, r.len, &r.pos, &details);
		result = response_u32(&r);
		if (!response_done(&r))
			return bad_response(t, TPM2_CC_GetTestResult, "outData and testResult");
	} while (result == TPM2_RC_TESTING);
	/* TPM_RC_NEEDS_TEST: the rest is tested when it is used first. */
	if (result && result != TPM2_RC_NEEDS_TEST)
		return answered_error(t, TPM2_CC_SelfTest, result);
	return 0;
}

int tpm_self_test(struct tpm_transport *t, bool full)
{
	struct backoff backoff = {0};
	struct command c;
	struct response r;
	TPM2_RC rc;
	int ret;

	command_begin(&c, TPM2_CC_SelfTest);
	if (!c.rc)
		c.rc = Tss2_MU_BYTE_Marshal(full ? TPM2_YES : TPM2_NO, c.buf, sizeof(c.buf),
					    &c.len);
	/* TPM_RC_TESTING accepts this command: sent again, it would start the tests afresh. */
	do {
		ret = command_send(&c, t, &r, &rc, true);
		if (ret)
			return ret;
	} while ((rc == TPM2_RC_RETRY || rc == TPM2_RC_YIELDED) && backoff_wait(&backoff, t));
	if (rc == TPM2_RC_TESTING)
		return wait_for_tests(t);
	return rc ? answered_error(t, TPM2_CC_SelfTest, rc) : 0;
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
		tpmb_msg("%s: TPM2_PCR_Extend: no such PCR or bank: PCR %u, bank mask 0x%x",
			 t->name, pcr, banks);
		return -EINVAL;
	}
	memcpy(cmd, extend_head, sizeof(extend_head));
	for (int bank = 0; bank < TPMB_BANK_COUNT; bank++) {
		if (!(banks & TPMB_BANK_BIT(bank)))
			continue;
		put_be16(cmd + len, bank_algs[bank].alg);
		memcpy(cmd + len + 2, digests[bank], bank_algs[bank].size);
		len += 2u + bank_algs[bank].size;
		count++;
	}
	tpmb_put_u32(cmd + EXTEND_SIZE_AT, (uint32_t)len, TPMB_ORDER_BE);
	tpmb_put_u32(cmd + EXTEND_PCR_AT, pcr, TPMB_ORDER_BE);
	tpmb_put_u32(cmd + EXTEND_COUNT_AT, count, TPMB_ORDER_BE);
	ret = transmit_again(t, cmd, len, rsp, &rsp_len, &rc);
	if (ret)
		return ret;
	return rc ? answered_error(t, TPM2_CC_PCR_Extend, rc) : 0;
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
	ret = transmit_again(t, cmd, sizeof(cmd), rsp, &rsp_len, &rc);
	if (ret)
		return ret;
	return rc ? answered_error(t, TPM2_CC_PCR_Reset, rc) : 0;
}

/* ---- capabilities -------------------------------------------------------- */

/* The PCRs of a selection as a mask; those beyond 31 do not exist in the profile. */
static uint32_t selection_mask(const TPMS_PCR_SELECTION *selection)
{
	uint32_t mask = 0;

	for (unsigned int i = 0; i < selection->sizeofSelect && i < sizeof(mask); i++)
		mask |= (uint32_t)selection->pcrSelect[i] << 8 * i;
	return mask;
}

/* What is active in each bank: @active is indexed by enum tpmb_bank. */
static int active_pcrs(struct tpm_transport *t, uint32_t active[TPMB_BANK_COUNT], uint32_t *unknown)
{
	TPMS_CAPABILITY_DATA data;
	const TPML_PCR_SELECTION *list = &data.data.assignedPCR;
	struct command c;
	struct response r;
	int ret;

	memset(active, 0, TPMB_BANK_COUNT * sizeof(*active));
	*unknown = 0;
	get_capability(&c, TPM2_CAP_PCRS, 0, 1);
	ret = command_run(&c, t, &r);
	if (!ret)
		ret = read_capability(t, &r, TPM2_CAP_PCRS, &data);
	if (ret)
		return ret;
	for (uint32_t i = 0; i < list->count; i++) {
		int bank = bank_by_alg(list->pcrSelections[i].hash);

		if (bank >= 0)
			active[bank] |= selection_mask(&list->pcrSelections[i]);
		else
			*unknown |= selection_mask(&list->pcrSelections[i]);
	}
	return 0;
}

int tpm_pcr_banks(struct tpm_transport *t, uint32_t pcr, unsigned int *banks)
{
	uint32_t active[TPMB_BANK_COUNT];
	uint32_t unknown;
	int ret;

	*banks = 0;
	if (pcr >= TPMB_PCR_COUNT) {
		tpmb_msg("%s: PCR %u: a TPM has PCRs 0 to %d", t->name, pcr, TPMB_PCR_COUNT - 1);
		return -EINVAL;
	}
	ret = active_pcrs(t, active, &unknown);
	if (ret)
		return ret;
	for (int bank = 0; bank < TPMB_BANK_COUNT; bank++)
		if (active[bank] & 1u << pcr)
			*banks |= TPMB_BANK_BIT(bank);
	if (unknown & 1u << pcr)
		tpmb_msg("%s: PCR %u is also active in a bank of an unknown hash algorithm",
			 t->name, pcr);
	return 0;
}

int tpm_property(struct tpm_transport *t, uint32_t property, uint32_t *value)
{
	TPMS_CAPABILITY_DATA data;
	const TPML_TAGGED_TPM_PROPERTY *list = &data.data.tpmProperties;
	struct command c;
	struct response r;
	int ret;

	get_capability(&c, TPM2_CAP_TPM_PROPERTIES, property, 1);
	ret = command_run(&c, t, &r);
	if (!ret)
		ret = read_capability(t, &r, TPM2_CAP_TPM_PROPERTIES, &data);
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
	struct command c;
	struct response r;
	int ret;

	command_begin(&c, TPM2_CC_ReadClock);
	ret = command_run(&c, t, &r);
	if (ret)
		return ret;
	r.rc = Tss2_MU_TPMS_TIME_INFO_Unmarshal(r.buf, r.len, &r.pos, &info);
	if (!response_done(&r))
		return bad_response(t, TPM2_CC_ReadClock, "TPMS_TIME_INFO (Part 2)");
	clock->time_ms = info.time;
	clock->clock_ms = info.clockInfo.clock;
	clock->reset_count = info.clockInfo.resetCount;
	clock->restart_count = info.clockInfo.restartCount;
	clock->safe = info.clockInfo.safe == TPM2_YES;
	return 0;
}

/* ---- PCR values ----------------------------------------------------------- */

/* Stores the digests of one response, and takes what they answer out of @want. */
static int take_values(const TPML_PCR_SELECTION *selections, const TPML_DIGEST *digests,
		       uint32_t want[TPMB_BANK_COUNT], struct tpmb_pcrs *pcrs)
{
	uint32_t used = 0;

	for (uint32_t i = 0; i < selections->count; i++) {
		uint32_t mask = selection_mask(&selections->pcrSelections[i]);
		int bank = bank_by_alg(selections->pcrSelections[i].hash);

		if (bank < 0 || mask & ~want[bank])
			return -EPROTO;
		for (uint32_t pcr = 0; pcr < TPMB_PCR_COUNT; pcr++) {
			const TPM2B_DIGEST *digest = &digests->digests[used];

			if (!(mask & 1u << pcr))
				continue;
			if (used == digests->count || digest->size != bank_algs[bank].size)
				return -EPROTO;
			memcpy(pcrs->value[bank][pcr], digest->buffer, digest->size);
			used++;
		}
		pcrs->set[bank] |= mask;
		want[bank] &= ~mask;
	}
	return used == digests->count && used ? 0 : -EPROTO;
}

/*
 * One TPM2_PCR_Read of what is left in @want. *@counter is the TPM's count of
 * PCR changes at that time.
 */
static int read_some(struct tpm_transport *t, uint32_t want[TPMB_BANK_COUNT],
		     struct tpmb_pcrs *pcrs, uint32_t *counter)
{
	TPML_PCR_SELECTION selections = {.count = 0};
	TPML_DIGEST digests = {.count = 0};
	struct command c;
	struct response r;
	int ret;

	for (int bank = 0; bank < TPMB_BANK_COUNT; bank++) {
		TPMS_PCR_SELECTION *s = &selections.pcrSelections[selections.count];

		if (!want[bank])
			continue;
		s->hash = bank_algs[bank].alg;
		s->sizeofSelect = TPMB_PCR_COUNT / 8;
		for (int i = 0; i < TPMB_PCR_COUNT / 8; i++)
			s->pcrSelect[i] = (uint8_t)(want[bank] >> 8 * i);
		selections.count++;
	}
	command_begin(&c, TPM2_CC_PCR_Read);
	if (!c.rc)
		c.rc = Tss2_MU_TPML_PCR_SELECTION_Marshal(&selections, c.buf, sizeof(c.buf),
							  &c.len);
	ret = command_run(&c, t, &r);
	if (ret)
		return ret;
	*counter = response_u32(&r);
	if (!r.rc)
		r.rc = Tss2_MU_TPML_PCR_SELECTION_Unmarshal(r.buf, r.len, &r.pos, &selections);
	if (!r.rc)
		r.rc = Tss2_MU_TPML_DIGEST_Unmarshal(r.buf, r.len, &r.pos, &digests);
	if (!response_done(&r) || take_values(&selections, &digests, want, pcrs))
		return bad_response(t, TPM2_CC_PCR_Read, "values of the selected PCRs");
	return 0;
}

/* Somebody who extends faster than this many reads follow will not stop at the next. */
#define READ_PASSES 16

TPMB_API int tpmb_pcr_read(struct tpm_transport *t, uint32_t pcr_mask, struct tpmb_pcrs *pcrs)
{
	uint32_t want[TPMB_BANK_COUNT];
	uint32_t active[TPMB_BANK_COUNT];
	uint32_t counter = 0;
	uint32_t first = 0;
	uint32_t unknown;
	bool started;
	int ret;

	memset(pcrs, 0, sizeof(*pcrs));
	if (!pcr_mask || pcr_mask >= 1u << TPMB_PCR_COUNT) {
		tpmb_msg("%s: PCR mask 0x%x: expected PCRs 0 to %d", t->name, pcr_mask,
			 TPMB_PCR_COUNT - 1);
		return -EINVAL;
	}
	ret = active_pcrs(t, active, &unknown);
	if (ret)
		return ret;
	/* One response holds at most eight digests; a change between two makes them no snapshot. */
	for (int pass = 0; pass < READ_PASSES; pass++) {
		uint32_t left;

		started = false;
		memset(pcrs, 0, sizeof(*pcrs));
		for (;;) {
			left = 0;
			for (int bank = 0; bank < TPMB_BANK_COUNT; bank++) {
				want[bank] = active[bank] & pcr_mask & ~pcrs->set[bank];
				left |= want[bank];
			}
			if (!left)
				return 0;
			ret = read_some(t, want, pcrs, &counter);
			if (ret)
				return ret;
			if (!started)
				first = counter;
			else if (counter != first)
				break;
			started = true;
		}
	}
	tpmb_msg("%s: TPM2_PCR_Read: PCRs kept changing while they were read", t->name);
	return -EAGAIN;
}
