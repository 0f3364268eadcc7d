// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <string.h>

#include <openssl/evp.h>

#include "extend_run.h"
#include "lib_private.h"

#define ALG_SHA1   0x0004
#define ALG_SHA256 0x000b

struct writer {
	uint8_t data[128];
	size_t len;
};

static void put(struct writer *w, uint32_t value, size_t bytes)
{
	for (size_t i = bytes; i-- > 0;)
		w->data[w->len++] = (uint8_t)(value >> 8 * i);
}

static void put_bytes(struct writer *w, const uint8_t *data, size_t len)
{
	memcpy(w->data + w->len, data, len);
	w->len += len;
}

static void begin(struct writer *w, uint32_t tag, uint32_t ordinal)
{
	w->len = 0;
	put(w, tag, 2);
	put(w, 0, 4);
	put(w, ordinal, 4);
}

static void end(struct writer *w)
{
	size_t len = w->len;

	w->len = 2;
	put(w, (uint32_t)len, 4);
	w->len = len;
}

static uint32_t response_code(const uint8_t *rsp)
{
	return (uint32_t)rsp[6] << 24 | (uint32_t)rsp[7] << 16 | (uint32_t)rsp[8] << 8 | rsp[9];
}

static int transmit(struct tpmb_extend_run *run, const struct writer *w, uint8_t *rsp,
		    size_t *rsp_len)
{
	int ret = tpmb_sim_tpm_transmit(run->sim, w->data, w->len, rsp, rsp_len);

	if (ret)
		return ret;
	if (response_code(rsp)) {
		tpmb_msg("%s: TPM answers 0x%x", run->sim->profile.name, response_code(rsp));
		return -EPROTO;
	}
	return 0;
}

int tpmb_extend_run_start(struct tpmb_extend_run *run, struct tpmb_sim_tpm *sim)
{
	uint8_t rsp[TPMB_CHIP_BUFFER_SIZE];
	size_t rsp_len = sizeof(rsp);
	struct writer w;

	memset(run, 0, sizeof(*run));
	run->sim = sim;
	run->tpm2 = sim->profile.chip.tpm2;
	begin(&w, run->tpm2 ? 0x8001 : 0x00c1, run->tpm2 ? 0x144 : 0x99);
	put(&w, run->tpm2 ? 0 : 1, 2);
	end(&w);
	return transmit(run, &w, rsp, &rsp_len);
}

/* The digests of measurement @number: any that differ. */
static void digest(uint64_t number, uint8_t *to, size_t len)
{
	for (size_t i = 0; i < len; i++)
		to[i] = (uint8_t)((number >> 8 * (i % 8)) + i);
}

static int extend_value(const EVP_MD *md, uint8_t *value, size_t len, uint64_t number)
{
	uint8_t data[64];

	memcpy(data, value, len);
	digest(number, data + len, len);
	return EVP_Digest(data, 2 * len, value, NULL, md, NULL) == 1 ? 0 : -EIO;
}

static int extend_values(struct tpmb_extend_run *run, uint64_t number)
{
	int ret = 0;

	if (!run->sha256_only)
		ret = extend_value(EVP_sha1(), run->sha1, sizeof(run->sha1), number);
	if (!ret && run->tpm2)
		ret = extend_value(EVP_sha256(), run->sha256, sizeof(run->sha256), number);
	return ret;
}

static void build_extend(const struct tpmb_extend_run *run, uint64_t number, struct writer *w)
{
	uint8_t value[32];

	if (!run->tpm2) {
		begin(w, 0x00c1, 0x14);
		put(w, TPMB_EXTEND_PCR, 4);
		digest(number, value, 20);
		put_bytes(w, value, 20);
		end(w);
		return;
	}
	begin(w, 0x8002, 0x182);
	put(w, TPMB_EXTEND_PCR, 4);
	put(w, 9, 4);
	put(w, 0x40000009, 4); /* TPM_RS_PW, no nonce, no attributes, empty password */
	put(w, 0, 2);
	put(w, 0, 1);
	put(w, 0, 2);
	put(w, run->sha256_only ? 1 : 2, 4);
	if (!run->sha256_only) {
		put(w, ALG_SHA1, 2);
		digest(number, value, 20);
		put_bytes(w, value, 20);
	}
	put(w, ALG_SHA256, 2);
	digest(number, value, 32);
	put_bytes(w, value, 32);
	end(w);
}

int tpmb_extend_run_one(struct tpmb_extend_run *run, uint64_t number)
{
	uint8_t rsp[TPMB_CHIP_BUFFER_SIZE];
	size_t rsp_len = sizeof(rsp);
	struct writer w;
	int ret;

	build_extend(run, number, &w);
	ret = transmit(run, &w, rsp, &rsp_len);
	if (ret)
		return ret;
	run->done++;
	run->cmd_len = w.len;
	run->rsp_len = rsp_len;
	return extend_values(run, number);
}

/* The PCR of one bank, from the TPM itself. */
static int read_pcr(struct tpmb_extend_run *run, uint32_t alg, uint8_t *value, size_t len)
{
	const struct tpmb_chip_exec *exec = &run->sim->exec;
	uint8_t rsp[TPMB_CHIP_BUFFER_SIZE];
	uint32_t rsp_len;
	struct writer w;

	if (run->tpm2) {
		begin(&w, 0x8001, 0x17e);
		put(&w, 1, 4);
		put(&w, alg, 2);
		put(&w, 3, 1);
		for (uint32_t i = 0; i < 3; i++)
			put(&w, i == TPMB_EXTEND_PCR / 8 ? 1u << TPMB_EXTEND_PCR % 8 : 0, 1);
	} else {
		begin(&w, 0x00c1, 0x15);
		put(&w, TPMB_EXTEND_PCR, 4);
	}
	end(&w);
	rsp_len = exec->execute(exec->arg, 0, w.data, (uint32_t)w.len, rsp);
	if (rsp_len < 10 + len || response_code(rsp)) {
		tpmb_msg("%s: the PCR cannot be read", run->sim->profile.name);
		return -EPROTO;
	}
	/* The digest is the last thing in the response. */
	memcpy(value, rsp + rsp_len - len, len);
	return 0;
}

/* 1 where the PCR is as @run has it, 0 where it is not. */
static int matches(struct tpmb_extend_run *run)
{
	uint8_t sha1[20];
	uint8_t sha256[32];
	int ret = read_pcr(run, ALG_SHA1, sha1, sizeof(sha1));

	if (!ret && run->tpm2)
		ret = read_pcr(run, ALG_SHA256, sha256, sizeof(sha256));
	if (ret)
		return ret;
	return !memcmp(sha1, run->sha1, sizeof(sha1)) &&
	       (!run->tpm2 || !memcmp(sha256, run->sha256, sizeof(sha256)));
}

int tpmb_extend_run_check(struct tpmb_extend_run *run)
{
	int ret = matches(run);

	if (ret < 0)
		return ret;
	if (!ret) {
		tpmb_msg("%s: PCR %d is not what %llu extends give", run->sim->profile.name,
			 TPMB_EXTEND_PCR, (unsigned long long)run->done);
		return -EBADE;
	}
	return 0;
}

int tpmb_extend_run_maybe(struct tpmb_extend_run *run, uint64_t number)
{
	int ret = matches(run);

	if (ret)
		return ret < 0 ? ret : 0;
	ret = extend_values(run, number);
	if (ret)
		return ret;
	ret = matches(run);
	return ret < 0 ? ret : ret ? 1 : -EBADE;
}
