/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Extends one after the other through a simulated TPM, and the PCR that they
 * must give: what the driver tables and tests are made of.
 *
 * The commands are those of an IMA measurement: TPM 1.2's Extend (34 bytes,
 * response 30), TPM 2.0's PCR_Extend of a SHA-1 and a SHA-256 digest (87
 * bytes, response 19).
 */
#ifndef TPMB_EXTEND_RUN_H
#define TPMB_EXTEND_RUN_H

#include "sim_tpm.h"

#define TPMB_EXTEND_PCR 10 /* IMA's */

struct tpmb_extend_run {
	struct tpmb_sim_tpm *sim;
	bool tpm2;
	bool sha256_only;   /* TPM 2.0: a command of 65 bytes; set after the start */
	uint64_t done;	    /* extends that the driver reported as done */
	uint8_t sha1[20];   /* the PCR as it must be after those */
	uint8_t sha256[32]; /* TPM 2.0 only */
	size_t cmd_len;	    /* of an extend */
	size_t rsp_len;
};

/* Sends Startup(CLEAR). A negative errno, or -EPROTO with a message for a TPM's error. */
int tpmb_extend_run_start(struct tpmb_extend_run *run, struct tpmb_sim_tpm *sim);
/* Extends once by digests made of @number. -EPROTO for a TPM's error; else the driver's. */
int tpmb_extend_run_one(struct tpmb_extend_run *run, uint64_t number);
/*
 * Compares the PCR with what it must be: 0, or -EBADE with a message. It is
 * read past the driver, so that a chip that died can be checked as well.
 */
int tpmb_extend_run_check(struct tpmb_extend_run *run);
/*
 * How often the PCR differs: 0 as after run's extends, 1 as after those and the
 * one of @number as well, or -EBADE for neither.
 */
int tpmb_extend_run_maybe(struct tpmb_extend_run *run, uint64_t number);

#endif
