// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Sending TPM commands and receiving what they are answered; marshalling is tpm2-tss's. */
#include <errno.h>
#include <time.h>

#include <tss2/tss2_rc.h>

#include "lib_private.h"
#include "tpm.h"
#include "tpm_command.h"
#include "transport.h"

/* Part 1, "Command/Response Structure": tag, size, command or response code. */
#define HEADER_SIZE 10

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

static const char *tpm_command_name(uint32_t cc)
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
	case TPM2_CC_PCR_Reset:
		return "TPM2_PCR_Reset";
	case TPM2_CC_PCR_Extend:
		return "TPM2_PCR_Extend";
	case TPM2_CC_ReadClock:
		return "TPM2_ReadClock";
	default:
		return "TPM command";
	}
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
bool tpm_backoff_wait(struct tpm_backoff *b, struct tpm_transport *t)
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

int tpm_answered_error(const struct tpm_transport *t, uint32_t cc, TPM2_RC rc)
{
	tpmb_msg("%s %s: the TPM answers 0x%08x: %s", t->name, tpm_command_name(cc), rc,
		 Tss2_RC_Decode(rc));
	return -EREMOTEIO;
}

int tpm_malformed(const struct tpm_transport *t, uint32_t cc, const char *expected)
{
	tpmb_msg("%s %s: malformed response: expected %s", t->name, tpm_command_name(cc), expected);
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
		tpmb_msg("%s %s: no response: %s", t->name, tpm_command_name(command_code(cmd)),
			 strerror(-ret));
		return ret;
	}
	if (*rsp_len < HEADER_SIZE)
		return tpm_malformed(t, command_code(cmd), "a header of 10 bytes");
	if (tpmb_get_u32(rsp + 2, TPMB_ORDER_BE) != *rsp_len)
		return tpm_malformed(t, command_code(cmd), "as many bytes as its size field says");
	tag = tpm_get_be16(rsp);
	*rc = tpmb_get_u32(rsp + 6, TPMB_ORDER_BE);
	/* Part 1, "Response Tag": an error carries no session, a success what the command had. */
	if (tag != (*rc ? TPM2_ST_NO_SESSIONS : tpm_get_be16(cmd)) &&
	    !(*rc && tag == TAG_RSP_TPM12))
		return tpm_malformed(t, command_code(cmd), "the command's tag");
	return 0;
}

/* Sends a command until the TPM has answered something else than "again". */
int tpm_transmit_again(struct tpm_transport *t, const uint8_t *cmd, size_t cmd_len, uint8_t *rsp,
		       size_t *rsp_len, TPM2_RC *rc)
{
	struct tpm_backoff backoff = {0};
	size_t room = *rsp_len;
	int ret;

	for (;;) {
		*rsp_len = room;
		ret = transmit(t, cmd, cmd_len, rsp, rsp_len, rc);
		if (ret || !is_again(*rc))
			return ret;
		if (!tpm_backoff_wait(&backoff, t)) {
			tpmb_msg("%s %s: given up after %u attempts in %u ms", t->name,
				 tpm_command_name(command_code(cmd)), backoff.retries + 1,
				 backoff.total_us / 1000);
			return 0;
		}
	}
}

/* ---- marshalling ------------------------------------------------------- */

void tpm_command_begin(struct tpm_command *c, uint32_t cc)
{
	c->len = 0;
	c->rc = Tss2_MU_TPM2_ST_Marshal(TPM2_ST_NO_SESSIONS, c->buf, sizeof(c->buf), &c->len);
	if (!c->rc)
		c->rc = Tss2_MU_UINT32_Marshal(0, c->buf, sizeof(c->buf), &c->len);
	if (!c->rc)
		c->rc = Tss2_MU_UINT32_Marshal(cc, c->buf, sizeof(c->buf), &c->len);
}

void tpm_command_u16(struct tpm_command *c, uint16_t value)
{
	if (!c->rc)
		c->rc = Tss2_MU_UINT16_Marshal(value, c->buf, sizeof(c->buf), &c->len);
}

void tpm_command_u32(struct tpm_command *c, uint32_t value)
{
	if (!c->rc)
		c->rc = Tss2_MU_UINT32_Marshal(value, c->buf, sizeof(c->buf), &c->len);
}

/* Completes a command and sends it; the answer's code is left to the caller. */
int tpm_command_send(struct tpm_command *c, struct tpm_transport *t, struct tpm_response *r,
		     TPM2_RC *rc, bool once)
{
	if (c->rc) /* an array above is too small: a bug */
		return -EOVERFLOW;
	tpmb_put_u32(c->buf + 2, (uint32_t)c->len, TPMB_ORDER_BE);
	r->len = sizeof(r->buf);
	r->pos = HEADER_SIZE;
	r->rc = 0;
	return (once ? transmit : tpm_transmit_again)(t, c->buf, c->len, r->buf, &r->len, rc);
}

/* The same where any code but success is an error. */
int tpm_command_run(struct tpm_command *c, struct tpm_transport *t, struct tpm_response *r)
{
	TPM2_RC rc;
	int ret = tpm_command_send(c, t, r, &rc, false);

	if (ret)
		return ret;
	return rc ? tpm_answered_error(t, command_code(c->buf), rc) : 0;
}

uint32_t tpm_response_u32(struct tpm_response *r)
{
	uint32_t value = 0;

	if (!r->rc)
		r->rc = Tss2_MU_UINT32_Unmarshal(r->buf, r->len, &r->pos, &value);
	return value;
}

/* True when all fields could be read and nothing is left over. */
bool tpm_response_done(const struct tpm_response *r)
{
	return !r->rc && r->pos == r->len;
}

void tpm_get_capability(struct tpm_command *c, uint32_t capability, uint32_t property,
			uint32_t count)
{
	tpm_command_begin(c, TPM2_CC_GetCapability);
	tpm_command_u32(c, capability);
	tpm_command_u32(c, property);
	tpm_command_u32(c, count);
}

int tpm_read_capability(const struct tpm_transport *t, struct tpm_response *r, uint32_t capability,
			TPMS_CAPABILITY_DATA *data)
{
	uint8_t more;

	r->rc = Tss2_MU_BYTE_Unmarshal(r->buf, r->len, &r->pos, &more);
	if (!r->rc)
		r->rc = Tss2_MU_TPMS_CAPABILITY_DATA_Unmarshal(r->buf, r->len, &r->pos, data);
	if (!tpm_response_done(r) || data->capability != capability)
		return tpm_malformed(t, TPM2_CC_GetCapability,
				     "TPMS_CAPABILITY_DATA as requested (Part 2)");
	return 0;
}
