/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A TPM that a benchmark extends. PCRs of a real one are guarded: 16 and 23,
 * which are there for it, are reset before and after; others want force.
 */
#ifndef TPMB_TPM_UNDER_TEST_H
#define TPMB_TPM_UNDER_TEST_H

#include <stdbool.h>
#include <stdint.h>

struct tpm_transport;

/* Where a benchmark finds a TPM when none is named. */
#define TPM_DEFAULT_NAME "device:/dev/tpmrm0"

struct tpm_under_test {
	struct tpm_transport *transport;
	char *name; /* as it is opened */
	uint32_t pcr;
	unsigned int banks; /* a mask: where the PCR is active */
	bool resets;	    /* the PCR is reset before and after */
};

/*
 * Opens the TPM @name (as tpmb_transport_open() has it; a path stands for
 * device:PATH, NULL for TPM_DEFAULT_NAME), and resets @pcr where that can be done.
 *
 * -EPERM  @pcr is guarded on this TPM, and @force is not set
 * and errors of the TPM, all with a message. Zeroed on failure.
 */
int tpm_under_test_open(struct tpm_under_test *tpm, const char *name, uint32_t pcr, bool force);
/* Resets the PCR and closes the TPM. A zeroed @tpm is ignored. Errors of the TPM, with a message.
 */
int tpm_under_test_close(struct tpm_under_test *tpm);

#endif
