/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A quote, asked for with no TPM software stack: the guest has none. */
#ifndef TPMB_TESTS_KERNEL_QUOTE_H
#define TPMB_TESTS_KERNEL_QUOTE_H

#include <stddef.h>
#include <stdint.h>

/* Parts of a quote, as tpm2_checkquote reads them; they point into @buffer. */
struct quote {
	const uint8_t *pub; /* TPM2B_PUBLIC of the key */
	const uint8_t *msg; /* TPMS_ATTEST */
	const uint8_t *sig; /* TPMT_SIGNATURE */
	size_t pub_len;
	size_t msg_len;
	size_t sig_len;
	uint8_t buffer[2][4096];
};

/*
 * Makes an ECDSA P-256 key and quotes PCRs 10 to 12 of the SHA-1 and SHA-256
 * banks with it; qualifying data is the eight bytes "tpmbatch". Returns 0, a
 * negative errno, or the TPM's response code.
 */
int take_quote(const char *device, struct quote *quote);

#endif
