/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What tests of TPMs share: the messages that were said, a temporary directory,
 * and PCR 16 by its SHA-256 bank. Functions fail the running cmocka test.
 * Include cmocka.h first.
 */
#ifndef TPMB_TESTS_TPM_HELPERS_H
#define TPMB_TESTS_TPM_HELPERS_H

#include <stdint.h>

#include "tpmbatch.h"

extern char messages[8192]; /* lines since the test's start */
extern char dir[64];	    /* temporary, empty at the test's start */

int tpm_test_setup(void **state);
int tpm_test_teardown(void **state);

/* Digests of all banks, each byte @fill; static, until the next call. */
const uint8_t (*digests(uint8_t fill))[TPMB_DIGEST_MAX];
/* Extends PCR 16 by digests(@fill) in all its banks. */
void extend16(struct tpm_transport *t, char fill);
/* What PCR 16 holds after extends by each character of @fills. */
void replay16(const char *fills, uint8_t value[32]);
void expect_pcr16(struct tpm_transport *t, const char *fills);
/* TPM resets so far. */
uint32_t reset_count(struct tpm_transport *t);

#endif
