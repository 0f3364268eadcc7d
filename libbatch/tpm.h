/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The TPM 2.0 commands that the library needs, over a struct tpm_transport.
 *
 * All of them return 0 or a negative errno, with the reason in a message:
 *
 *   -EREMOTEIO  the TPM answered an error (the message names command and code);
 *               the command was not executed
 *   -EPROTO     the answer is no response to the command: whether it was
 *               executed is unknown
 *   else        the transport's: whether the command was executed is unknown
 *
 * TPM_RC_RETRY, TPM_RC_YIELDED and TPM_RC_TESTING are no errors at first: the
 * command is sent again, at growing intervals on the transport's clock, for
 * four seconds at most (TPM 2.0 Part 2, "Response Code Details"; Part 1,
 * "Multi-tasking" and "Self-Test Modes").
 *
 * A transport is used by one task at a time; nothing here keeps state.
 */
#ifndef TPMB_TPM_H
#define TPMB_TPM_H

#include "tpmbatch.h"

struct tpm_transport;

/*
 * TPM2_Startup(CLEAR). 0 as well where the TPM has been started already, which
 * is what TPM_RC_INITIALIZE means here (TPM 2.0 Part 3, TPM2_Startup).
 */
int tpm_startup(struct tpm_transport *t);

/*
 * Makes sure that a TPM answers: starts one that says TPM_RC_INITIALIZE.
 * -EPROTONOSUPPORT where it is a TPM 1.2.
 */
int tpm_probe(struct tpm_transport *t);

/*
 * TPM2_SelfTest, @full or only of what has not been tested; waits until tests
 * that go on in the background have ended (TPM2_GetTestResult).
 */
int tpm_self_test(struct tpm_transport *t, bool full);

/*
 * Extends @pcr in all of @banks (a mask) by one TPM2_PCR_Extend with an empty
 * password. @digests is indexed by enum tpmb_bank; digests of banks outside
 * the mask are not read. Allocates nothing. -EINVAL: no bank, or no such PCR.
 */
int tpm_extend(struct tpm_transport *t, uint32_t pcr, unsigned int banks,
	       const uint8_t (*digests)[TPMB_DIGEST_MAX]);

/*
 * The banks in which @pcr is active (TPM2_GetCapability, TPM_CAP_PCRS), as a
 * mask in *@banks, 0 where there is none. Banks of algorithms without a name in
 * enum tpmb_bank are left out, with a message.
 */
int tpm_pcr_banks(struct tpm_transport *t, uint32_t pcr, unsigned int *banks);
/* The same for all PCRs by one command; banks without a name are left out in silence. */
int tpm_all_pcr_banks(struct tpm_transport *t, unsigned int banks[TPMB_PCR_COUNT]);

/* TPM2_ReadClock: TPMS_TIME_INFO of TPM 2.0 Part 2. */
struct tpm_clock {
	uint64_t time_ms;	/* since the last _TPM_Init */
	uint64_t clock_ms;	/* powered time, kept across resets */
	uint32_t reset_count;	/* TPM Resets since TPM2_Clear */
	uint32_t restart_count; /* TPM Restarts and Resumes since the last TPM Reset */
	bool safe;
};

int tpm_read_clock(struct tpm_transport *t, struct tpm_clock *clock);

/*
 * One TPM_PT (TPM 2.0 Part 2, "TPM_PT"): -ENOENT, without a message, where the
 * TPM does not know it.
 */
int tpm_property(struct tpm_transport *t, uint32_t property, uint32_t *value);

/* Who made the TPM; strings are NUL-terminated and printable. */
struct tpm_identity {
	char manufacturer[5]; /* TPM_PT_MANUFACTURER, a TCG vendor ID such as "IFX" */
	char vendor[17];      /* TPM_PT_VENDOR_STRING_1 to 4 */
	uint32_t firmware[2]; /* TPM_PT_FIRMWARE_VERSION_1 and 2 */
	uint32_t revision;    /* TPM_PT_REVISION, specification revision times 100 */
};

int tpm_identity(struct tpm_transport *t, struct tpm_identity *identity);

#endif
