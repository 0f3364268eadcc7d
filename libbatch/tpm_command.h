/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * One TPM 2.0 command: built with tpm2-tss, sent, and its response taken apart.
 * For tpm.c and tpm_pcr.c alone; errors are those of tpm.h.
 */
#ifndef TPMB_TPM_COMMAND_H
#define TPMB_TPM_COMMAND_H

#include <tss2/tss2_mu.h>

#include "tpmbatch.h"
#include "transport.h"

/* Part 1, "Response Tag": what a TPM 1.2, or a TPM 2.0 that met a bad tag, answers with. */
#define TAG_RSP_TPM12 0x00c4

/* How TPM 2.0 calls the banks, indexed by enum tpmb_bank. */
struct tpm_bank_alg {
	TPM2_ALG_ID alg;
	uint16_t size; /* of a digest */
};

extern const struct tpm_bank_alg tpm_bank_algs[TPMB_BANK_COUNT];

/* Growing waits between attempts; starts zeroed. */
struct tpm_backoff {
	uint32_t wait_us;
	uint32_t total_us;
	uint32_t retries;
};

/* Waits on the transport's clock before the next attempt; false once the time is up. */
bool tpm_backoff_wait(struct tpm_backoff *b, struct tpm_transport *t);

/* Room for the longest command but TPM2_PCR_Extend: TPM2_PCR_Read with every bank, 44 bytes. */
struct tpm_command {
	uint8_t buf[64];
	size_t len;
	TSS2_RC rc; /* tpm2-tss's first error */
};

/* Fields are read from @pos on; the first error of tpm2-tss stays in @rc. */
struct tpm_response {
	uint8_t buf[TPMB_TPM_BUFFER_SIZE];
	size_t len;
	size_t pos;
	TSS2_RC rc;
};

void tpm_command_begin(struct tpm_command *c, uint32_t cc);
void tpm_command_u16(struct tpm_command *c, uint16_t value);
void tpm_command_u32(struct tpm_command *c, uint32_t value);

/*
 * Completes a command and sends it, again while the TPM asks for that unless
 * @once. The TPM's answer is in *@rc; 0 means that a response has come.
 */
int tpm_command_send(struct tpm_command *c, struct tpm_transport *t, struct tpm_response *r,
		     TPM2_RC *rc, bool once);
/* The same where every answer but success is an error. */
int tpm_command_run(struct tpm_command *c, struct tpm_transport *t, struct tpm_response *r);

uint32_t tpm_response_u32(struct tpm_response *r);
/* True when all fields could be read and nothing is left over. */
bool tpm_response_done(const struct tpm_response *r);

/* Sends bytes as they are, otherwise like tpm_command_send(). *@rsp_len is room, then length. */
int tpm_transmit_again(struct tpm_transport *t, const uint8_t *cmd, size_t cmd_len, uint8_t *rsp,
		       size_t *rsp_len, TPM2_RC *rc);

/* Say what is wrong and return -EREMOTEIO, -EPROTO. */
int tpm_answered_error(const struct tpm_transport *t, uint32_t cc, TPM2_RC rc);
int tpm_malformed(const struct tpm_transport *t, uint32_t cc, const char *expected);

void tpm_get_capability(struct tpm_command *c, uint32_t capability, uint32_t property,
			uint32_t count);
int tpm_read_capability(const struct tpm_transport *t, struct tpm_response *r, uint32_t capability,
			TPMS_CAPABILITY_DATA *data);

static inline uint16_t tpm_get_be16(const uint8_t *from)
{
	return (uint16_t)(from[0] << 8 | from[1]);
}

#endif
