// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * PCRs, and the few commands that the kernel's TPM core and IMA send. Anything
 * else is answered with the TPM's own "no such command".
 */
#include <crypto/hash.h>
#include <linux/err.h>
#include <linux/string.h>
/* Up to 6.11 it is where architectures have theirs. */
#if __has_include(<linux/unaligned.h>)
#include <linux/unaligned.h>
#else
#include <asm/unaligned.h>
#endif

#include "rig.h"

#define HEADER_SIZE 10

/* TPM 2.0 */
#define ST_NO_SESSIONS	  0x8001
#define ST_SESSIONS	  0x8002
#define CC_SELF_TEST	  0x143
#define CC_STARTUP	  0x144
#define CC_SHUTDOWN	  0x145
#define CC_GET_CAPABILITY 0x17a
#define CC_PCR_READ	  0x17e
#define CC_PCR_EXTEND	  0x182
#define RC_INITIALIZE	  0x100
#define RC_COMMAND_CODE	  0x143
#define RC_VALUE	  0x084
#define RC_COMMAND_SIZE	  0x142
#define CAP_COMMANDS	  2
#define CAP_PCRS	  5
#define CAP_PROPERTIES	  6
#define PT_TOTAL_COMMANDS 0x129
#define ALG_SHA1	  0x0004
#define ALG_SHA256	  0x000b

/* TPM 1.2 */
#define TAG_RSP		      0x00c4
#define ORD_EXTEND	      0x14
#define ORD_PCR_READ	      0x15
#define ORD_CONTINUE_SELFTEST 0x53
#define ORD_GET_CAPABILITY    0x65
#define ORD_SAVE_STATE	      0x98
#define ORD_STARTUP	      0x99
#define ERR_BAD_ORDINAL	      10
#define ERR_BAD_PARAMETER     3
#define ERR_INVALID_POSTINIT  38
#define CAP_TIS_TIMEOUT	      0x115
#define CAP_TIS_DURATION      0x120

static struct {
	bool tpm2;
	bool started;
	u8 sha1[RIG_PCRS][RIG_SHA1_SIZE];
	u8 sha256[RIG_PCRS][RIG_SHA256_SIZE];
} tpm;

static struct crypto_shash *sha1, *sha256;

static void extend(struct crypto_shash *tfm, u8 *value, const u8 *digest)
{
	unsigned int size = crypto_shash_digestsize(tfm);
	u8 data[2 * RIG_SHA256_SIZE];

	memcpy(data, value, size);
	memcpy(data + size, digest, size);
	if (crypto_shash_tfm_digest(tfm, data, 2 * size, value))
		panic("tpmb_rig: no hash");
}

void rig_extend_sha1(u8 *value, const u8 *digest)
{
	extend(sha1, value, digest);
}

void rig_extend_sha256(u8 *value, const u8 *digest)
{
	extend(sha256, value, digest);
}

const u8 *rig_pcr_sha1(unsigned int pcr)
{
	return tpm.sha1[pcr];
}

const u8 *rig_pcr_sha256(unsigned int pcr)
{
	return tpm.sha256[pcr];
}

void rig_tpm_reset(void *arg)
{
	bool tpm2 = tpm.tpm2;

	memset(&tpm, 0, sizeof(tpm));
	tpm.tpm2 = tpm2;
}

int rig_tpm_init(bool tpm2)
{
	tpm.tpm2 = tpm2;
	rig_tpm_reset(NULL);
	sha1 = crypto_alloc_shash("sha1", 0, 0);
	sha256 = crypto_alloc_shash("sha256", 0, 0);
	if (IS_ERR(sha1) || IS_ERR(sha256)) {
		pr_err("tpmb_rig: no sha1 or no sha256 in this kernel\n");
		return -ENOENT;
	}
	return 0;
}

/* ---- responses ---- */

static u8 *put16(u8 *to, u16 value)
{
	put_unaligned_be16(value, to);
	return to + 2;
}

static u8 *put32(u8 *to, u32 value)
{
	put_unaligned_be32(value, to);
	return to + 4;
}

static u8 *put_bytes(u8 *to, const void *from, size_t len)
{
	memcpy(to, from, len);
	return to + len;
}

/* Writes the header of a response that ends at @end. */
static u32 respond(u8 *rsp, const u8 *end, u16 tag, u32 code)
{
	put16(rsp, tag);
	put32(rsp + 2, end - rsp);
	put32(rsp + 6, code);
	return end - rsp;
}

/* ---- TPM 2.0 ---- */

static u32 fail2(u8 *rsp, u32 code)
{
	return respond(rsp, rsp + HEADER_SIZE, ST_NO_SESSIONS, code);
}

static u32 get_capability2(const u8 *cmd, u32 len, u8 *rsp)
{
	/* In ascending order; with each, how many handles it takes. */
	static const u32 commands[] = {
		CC_SELF_TEST,	   CC_STARTUP,	CC_SHUTDOWN,
		CC_GET_CAPABILITY, CC_PCR_READ, CC_PCR_EXTEND | 1 << 25,
	};
	u8 *end = rsp + HEADER_SIZE;
	u32 capability, property, i;

	if (len < HEADER_SIZE + 12)
		return fail2(rsp, RC_COMMAND_SIZE);
	capability = get_unaligned_be32(cmd + HEADER_SIZE);
	property = get_unaligned_be32(cmd + HEADER_SIZE + 4);
	*end++ = 0; /* no more data */
	end = put32(end, capability);
	switch (capability) {
	case CAP_COMMANDS:
		end = put32(end, ARRAY_SIZE(commands));
		for (i = 0; i < ARRAY_SIZE(commands); i++)
			end = put32(end, commands[i]);
		break;
	case CAP_PCRS:
		end = put32(end, 2);
		end = put_bytes(put16(end, ALG_SHA1), "\x03\xff\xff\xff", 4);
		end = put_bytes(put16(end, ALG_SHA256), "\x03\xff\xff\xff", 4);
		break;
	case CAP_PROPERTIES:
		end = put32(end, 1);
		end = put32(end, property);
		end = put32(end, property == PT_TOTAL_COMMANDS ? ARRAY_SIZE(commands) : 0);
		break;
	default:
		return fail2(rsp, RC_VALUE);
	}
	return respond(rsp, end, ST_NO_SESSIONS, 0);
}

static u32 pcr_read2(const u8 *cmd, u32 len, u8 *rsp)
{
	const u8 *selection = cmd + HEADER_SIZE + 4;
	u8 *end = rsp + HEADER_SIZE;
	unsigned int pcr;
	u16 alg;

	if (len < HEADER_SIZE + 10 || get_unaligned_be32(cmd + HEADER_SIZE) != 1 ||
	    selection[2] != 3)
		return fail2(rsp, RC_VALUE);
	alg = get_unaligned_be16(selection);
	for (pcr = 0; pcr < RIG_PCRS; pcr++)
		if (selection[3 + pcr / 8] & 1 << pcr % 8)
			break;
	if (pcr == RIG_PCRS || (alg != ALG_SHA1 && alg != ALG_SHA256))
		return fail2(rsp, RC_VALUE);
	end = put32(end, 0); /* update counter */
	end = put_bytes(put32(end, 1), selection, 6);
	end = put32(end, 1);
	if (alg == ALG_SHA1)
		end = put_bytes(put16(end, RIG_SHA1_SIZE), tpm.sha1[pcr], RIG_SHA1_SIZE);
	else
		end = put_bytes(put16(end, RIG_SHA256_SIZE), tpm.sha256[pcr], RIG_SHA256_SIZE);
	return respond(rsp, end, ST_NO_SESSIONS, 0);
}

/* All of the command is looked at before a PCR changes. */
static u32 pcr_extend2(const u8 *cmd, u32 len, u8 *rsp)
{
	const u8 *digests[2] = {};
	const u8 *at = cmd + HEADER_SIZE;
	u8 *end = rsp + HEADER_SIZE;
	const u8 *stop = cmd + len;
	u32 pcr, auth, count;

	if (stop - at < 8)
		return fail2(rsp, RC_COMMAND_SIZE);
	pcr = get_unaligned_be32(at);
	auth = get_unaligned_be32(at + 4);
	at += 8;
	if (pcr >= RIG_PCRS || auth > stop - at || stop - at - auth < 4)
		return fail2(rsp, RC_VALUE);
	at += auth;
	count = get_unaligned_be32(at);
	at += 4;
	while (count--) {
		u16 alg;
		u32 size;

		if (stop - at < 2)
			return fail2(rsp, RC_COMMAND_SIZE);
		alg = get_unaligned_be16(at);
		at += 2;
		if (alg != ALG_SHA1 && alg != ALG_SHA256)
			return fail2(rsp, RC_VALUE);
		size = alg == ALG_SHA1 ? RIG_SHA1_SIZE : RIG_SHA256_SIZE;
		if (stop - at < size)
			return fail2(rsp, RC_COMMAND_SIZE);
		digests[alg == ALG_SHA256] = at;
		at += size;
	}
	if (at != stop)
		return fail2(rsp, RC_COMMAND_SIZE);
	if (digests[0])
		rig_extend_sha1(tpm.sha1[pcr], digests[0]);
	if (digests[1])
		rig_extend_sha256(tpm.sha256[pcr], digests[1]);
	end = put32(end, 0); /* no parameters */
	end = put16(end, 0); /* the password session's answer: no nonce, ... */
	*end++ = 1;	     /* ... continueSession, ... */
	end = put16(end, 0); /* ... no HMAC */
	return respond(rsp, end, ST_SESSIONS, 0);
}

static u32 execute2(const u8 *cmd, u32 len, u8 *rsp)
{
	u32 code = get_unaligned_be32(cmd + 6);

	if (get_unaligned_be16(cmd) != (code == CC_PCR_EXTEND ? ST_SESSIONS : ST_NO_SESSIONS))
		return fail2(rsp, 0x01e); /* TPM_RC_BAD_TAG */
	if (code == CC_STARTUP) {
		u32 rc = tpm.started ? RC_INITIALIZE : 0;

		tpm.started = true;
		return fail2(rsp, rc);
	}
	if (!tpm.started && code != CC_GET_CAPABILITY)
		return fail2(rsp, RC_INITIALIZE);
	switch (code) {
	case CC_SELF_TEST:
	case CC_SHUTDOWN:
		return fail2(rsp, 0);
	case CC_GET_CAPABILITY:
		return get_capability2(cmd, len, rsp);
	case CC_PCR_READ:
		return pcr_read2(cmd, len, rsp);
	case CC_PCR_EXTEND:
		return pcr_extend2(cmd, len, rsp);
	default:
		return fail2(rsp, RC_COMMAND_CODE);
	}
}

/* ---- TPM 1.2 ---- */

static u32 fail1(u8 *rsp, u32 code)
{
	return respond(rsp, rsp + HEADER_SIZE, TAG_RSP, code);
}

static u32 get_capability1(const u8 *cmd, u32 len, u8 *rsp)
{
	/* Microseconds: what Linux assumes when a chip says nothing. */
	static const u32 timeouts[] = {750000, 4000000, 750000, 750000};
	/* No duration: Linux then allows two minutes. */
	static const u32 durations[] = {1000000, 0, 0};
	u8 *end = rsp + HEADER_SIZE;
	u32 property, i;

	if (len < HEADER_SIZE + 12)
		return fail1(rsp, ERR_BAD_PARAMETER);
	property = get_unaligned_be32(cmd + HEADER_SIZE + 8);
	if (get_unaligned_be32(cmd + HEADER_SIZE) != 5)
		return fail1(rsp, ERR_BAD_PARAMETER);
	switch (property) {
	case CAP_TIS_TIMEOUT:
		end = put32(end, sizeof(timeouts));
		for (i = 0; i < ARRAY_SIZE(timeouts); i++)
			end = put32(end, timeouts[i]);
		break;
	case CAP_TIS_DURATION:
		end = put32(end, sizeof(durations));
		for (i = 0; i < ARRAY_SIZE(durations); i++)
			end = put32(end, durations[i]);
		break;
	default:
		return fail1(rsp, ERR_BAD_PARAMETER);
	}
	return respond(rsp, end, TAG_RSP, 0);
}

static u32 execute1(const u8 *cmd, u32 len, u8 *rsp)
{
	u32 code = get_unaligned_be32(cmd + 6);
	u8 *end = rsp + HEADER_SIZE;
	u32 pcr;

	if (get_unaligned_be16(cmd) != 0x00c1)
		return fail1(rsp, 30); /* TPM_BADTAG */
	if (code == ORD_STARTUP) {
		u32 rc = tpm.started ? ERR_INVALID_POSTINIT : 0;

		tpm.started = true;
		return fail1(rsp, rc);
	}
	if (!tpm.started)
		return fail1(rsp, ERR_INVALID_POSTINIT);
	switch (code) {
	case ORD_CONTINUE_SELFTEST:
	case ORD_SAVE_STATE:
		return fail1(rsp, 0);
	case ORD_GET_CAPABILITY:
		return get_capability1(cmd, len, rsp);
	case ORD_EXTEND:
	case ORD_PCR_READ:
		pcr = len >= HEADER_SIZE + 4 ? get_unaligned_be32(cmd + HEADER_SIZE) : RIG_PCRS;
		if (pcr >= RIG_PCRS ||
		    len != HEADER_SIZE + 4 + (code == ORD_EXTEND ? RIG_SHA1_SIZE : 0))
			return fail1(rsp, ERR_BAD_PARAMETER);
		if (code == ORD_EXTEND)
			rig_extend_sha1(tpm.sha1[pcr], cmd + HEADER_SIZE + 4);
		end = put_bytes(end, tpm.sha1[pcr], RIG_SHA1_SIZE);
		return respond(rsp, end, TAG_RSP, 0);
	default:
		return fail1(rsp, ERR_BAD_ORDINAL);
	}
}

u32 rig_tpm_execute(void *arg, u8 locality, const u8 *cmd, u32 cmd_len, u8 *rsp)
{
	if (cmd_len < HEADER_SIZE || get_unaligned_be32(cmd + 2) != cmd_len)
		return tpm.tpm2 ? fail2(rsp, RC_COMMAND_SIZE) : fail1(rsp, ERR_BAD_PARAMETER);
	return tpm.tpm2 ? execute2(cmd, cmd_len, rsp) : execute1(cmd, cmd_len, rsp);
}
