/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Banks inside the library: hashing with libcrypto, and the arithmetic of a
 * PCR. A struct tpmb_hash holds contexts that are used again and again: on
 * the machine this was measured on, OpenSSL 3.0 needs longer to set up a
 * context than to hash a record of 100 bytes.
 */
#ifndef TPMB_BANK_H
#define TPMB_BANK_H

#include "lib_private.h"

/* Walks the banks of a mask, in the order of enum tpmb_bank; @bank is an int. */
#define tpmb_for_each_bank(bank, mask)                       \
	for ((bank) = 0; (bank) < TPMB_BANK_COUNT; (bank)++) \
		if (!((mask)&TPMB_BANK_BIT(bank))) {         \
		} else

/* A digest of each bank. */
struct tpmb_digests {
	uint8_t value[TPMB_BANK_COUNT][TPMB_DIGEST_MAX];
};

/* The TPM_ALG_ID of a bank, and its bank or -EINVAL (TCG Algorithm Registry). Thread-safe. */
uint16_t tpmb_bank_alg_id(int bank);
int tpmb_bank_by_alg_id(uint16_t alg_id);

/* Hash contexts, made at each bank's first use. One thread at a time. */
struct tpmb_hash;

/* 0 or -ENOMEM. */
int tpmb_hash_new(struct tpmb_hash **hash);
void tpmb_hash_free(struct tpmb_hash *hash); /* NULL is ignored */

/*
 * Hashes bytes in one bank; @digest has room for the bank's digest.
 * -ENOTSUP where libcrypto lacks the hash, -ENOMEM, -EIO when it fails.
 */
int tpmb_hash_bytes(struct tpmb_hash *hash, int bank, const void *data, size_t len,
		    uint8_t *digest);
/* Hashes two byte strings, one after the other. */
int tpmb_hash_pair(struct tpmb_hash *hash, int bank, const void *first, size_t first_len,
		   const void *second, size_t second_len, uint8_t *digest);
/* Hashes the same bytes in every bank of the mask. */
int tpmb_hash_banks(struct tpmb_hash *hash, unsigned int banks, const void *data, size_t len,
		    struct tpmb_digests *digests);

/* What a PCR holds after a TPM reset: ones in 17 to 22, else zeros (PC Client Platform TPM
 * Profile). */
void tpmb_pcr_start(int bank, unsigned int pcr, uint8_t *value);
/* value = H(value | digest), TPM2_PCR_Extend of TPM 2.0 Part 3. Errors of tpmb_hash_bytes(). */
int tpmb_pcr_extend(struct tpmb_hash *hash, int bank, uint8_t *value, const uint8_t *digest);

#endif
