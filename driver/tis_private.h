/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What the files of the TIS driver share. Names without a prefix of their own are the kernel's. */
#ifndef TPMB_TIS_PRIVATE_H
#define TPMB_TIS_PRIVATE_H

#include "chip.h"
#include "tis.h"

#define TIS_LOCALITY	0
#define TIS_HEADER_SIZE 10u

/* The profile's timeouts, as indices. */
enum tis_timeout {
	TIS_TIMEOUT_A,
	TIS_TIMEOUT_B,
	TIS_TIMEOUT_C,
	TIS_TIMEOUT_D,
};

static inline uint32_t tis_get_u32(const uint8_t *from)
{
	return (uint32_t)from[0] << 24 | (uint32_t)from[1] << 16 | (uint32_t)from[2] << 8 | from[3];
}

/* ---- tis_registers.c ---- */

/* Registers of our locality. Errors of the bus, with a message. */
int tis_read(struct tpmb_tis *tis, uint32_t reg, uint8_t *data, size_t len);
int tis_write(struct tpmb_tis *tis, uint32_t reg, const uint8_t *data, size_t len);
int tis_write8(struct tpmb_tis *tis, uint32_t reg, uint8_t value);

/* The tick at which a timeout that starts now is over, and whether it is not yet. */
uint64_t tis_deadline(const struct tpmb_tis *tis, enum tis_timeout timeout);
bool tis_before(const struct tpmb_tis *tis, uint64_t stop);

/* The status; 0 where there is none. */
uint8_t tis_status(struct tpmb_tis *tis);
/* wait_for_tpm_stat(), polled: 0 and the status that has all of @mask, or -ETIME. */
int tis_wait_for_stat(struct tpmb_tis *tis, uint8_t mask, enum tis_timeout timeout,
		      uint8_t *status);
/* The status for a second question about what tis_wait_for_stat() waited for. */
uint8_t tis_status_again(struct tpmb_tis *tis, uint8_t status);
/* Status and burst count in one read; either is 0 where there is none. */
int tis_read_burst(struct tpmb_tis *tis, uint8_t *status, uint32_t *burst);
/* get_burstcount(): waits for one. -EBUSY where none comes. */
int tis_get_burst(struct tpmb_tis *tis, uint32_t *burst);
/* commandReady: aborts whatever is under way. */
int tis_ready(struct tpmb_tis *tis);
/* 0 where TPM_DATA_CSUM is that of @data, or there is none; -EIO where it is another. */
int tis_verify_csum(struct tpmb_tis *tis, const uint8_t *data, size_t len);

/* ---- tis_locality.c ---- */

/* 1: the locality is ours; 0: it is not. *@access tells more. */
int tis_check_locality(struct tpmb_tis *tis, uint8_t *access);
/* 0 when it is ours; -EBUSY. */
int tis_request_locality(struct tpmb_tis *tis);
/* Gives it up where the policy says so, or somebody else wants it. */
void tis_after_command(struct tpmb_tis *tis);

/* ---- tis_send.c, tis_recv.c ---- */

/* Sends a command, GO included. Before GO it may do so more than once. */
int tis_send(struct tpmb_tis *tis, const uint8_t *cmd, size_t len);
/* struct tpmb_exec_wait's look(); @arg is the driver. */
int tis_look(void *arg);
/* Receives the response; *@rsp_len is room on entry. */
int tis_recv(struct tpmb_tis *tis, struct tpmb_exec_slot *slot, uint8_t *rsp, size_t *rsp_len);

#endif
