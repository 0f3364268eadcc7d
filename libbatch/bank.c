// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* PCR banks: their names and sizes, and libcrypto's hashes for them. */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

#include <openssl/err.h>
#include <openssl/evp.h>

#include "bank.h"

/* PCRs that only a dynamic launch may reset start as ones. */
#define FIRST_DYNAMIC_PCR 17
#define LAST_DYNAMIC_PCR  22

static const struct {
	const char *name;
	const char *libcrypto_name;
	size_t size;
	uint16_t alg_id;
} bank_table[TPMB_BANK_COUNT] = {
	[TPMB_BANK_SHA1] = {"sha1", "SHA1", 20, 0x0004},
	[TPMB_BANK_SHA256] = {"sha256", "SHA2-256", 32, 0x000b},
	[TPMB_BANK_SHA384] = {"sha384", "SHA2-384", 48, 0x000c},
	[TPMB_BANK_SHA512] = {"sha512", "SHA2-512", 64, 0x000d},
	[TPMB_BANK_SM3] = {"sm3_256", "SM3", 32, 0x0012},
};

/* Fetched once and kept for the life of the process; NULL where a provider lacks the hash. */
static EVP_MD *bank_md[TPMB_BANK_COUNT];
static pthread_once_t bank_md_once = PTHREAD_ONCE_INIT;

static void fetch_digests(void)
{
	/* A hash that is missing is an answer here, not an error for the caller's error queue. */
	ERR_set_mark();
	for (int bank = 0; bank < TPMB_BANK_COUNT; bank++)
		bank_md[bank] = EVP_MD_fetch(NULL, bank_table[bank].libcrypto_name, NULL);
	ERR_pop_to_mark();
}

static bool is_bank(int bank)
{
	return bank >= 0 && bank < TPMB_BANK_COUNT;
}

TPMB_API const char *tpmb_bank_name(enum tpmb_bank bank)
{
	return is_bank((int)bank) ? bank_table[bank].name : NULL;
}

TPMB_API size_t tpmb_bank_size(enum tpmb_bank bank)
{
	return is_bank((int)bank) ? bank_table[bank].size : 0;
}

TPMB_API int tpmb_bank_by_name(const char *name)
{
	for (int bank = 0; name && bank < TPMB_BANK_COUNT; bank++)
		if (!strcmp(bank_table[bank].name, name))
			return bank;
	return -EINVAL;
}

TPMB_API unsigned int tpmb_banks_supported(void)
{
	unsigned int banks = 0;

	pthread_once(&bank_md_once, fetch_digests);
	for (int bank = 0; bank < TPMB_BANK_COUNT; bank++)
		if (bank_md[bank])
			banks |= TPMB_BANK_BIT(bank);
	return banks;
}

uint16_t tpmb_bank_alg_id(int bank)
{
	return is_bank(bank) ? bank_table[bank].alg_id : 0;
}

int tpmb_bank_by_alg_id(uint16_t alg_id)
{
	for (int bank = 0; bank < TPMB_BANK_COUNT; bank++)
		if (bank_table[bank].alg_id == alg_id)
			return bank;
	return -EINVAL;
}

struct tpmb_hash {
	EVP_MD_CTX *ctx[TPMB_BANK_COUNT];
};

int tpmb_hash_new(struct tpmb_hash **hash)
{
	pthread_once(&bank_md_once, fetch_digests);
	*hash = calloc(1, sizeof(**hash));
	return *hash ? 0 : -ENOMEM;
}

void tpmb_hash_free(struct tpmb_hash *hash)
{
	if (!hash)
		return;
	for (int bank = 0; bank < TPMB_BANK_COUNT; bank++)
		EVP_MD_CTX_free(hash->ctx[bank]);
	free(hash);
}

/* The bank's context, ready for the first byte. */
static int start(struct tpmb_hash *hash, int bank, EVP_MD_CTX **ctx)
{
	const EVP_MD *md = NULL;

	if (!is_bank(bank) || !bank_md[bank])
		return -ENOTSUP;
	if (!hash->ctx[bank]) {
		hash->ctx[bank] = EVP_MD_CTX_new();
		if (!hash->ctx[bank])
			return -ENOMEM;
		md = bank_md[bank];
	}
	*ctx = hash->ctx[bank];
	/* Without a digest libcrypto starts again with the context's own. */
	if (EVP_DigestInit_ex2(*ctx, md, NULL) == 1)
		return 0;
	EVP_MD_CTX_free(hash->ctx[bank]);
	hash->ctx[bank] = NULL;
	return -EIO;
}

int tpmb_hash_pair(struct tpmb_hash *hash, int bank, const void *first, size_t first_len,
		   const void *second, size_t second_len, uint8_t *digest)
{
	EVP_MD_CTX *ctx;
	int ret;

	ret = start(hash, bank, &ctx);
	if (ret)
		return ret;
	if (EVP_DigestUpdate(ctx, first, first_len) != 1 ||
	    (second_len && EVP_DigestUpdate(ctx, second, second_len) != 1) ||
	    EVP_DigestFinal_ex(ctx, digest, NULL) != 1)
		return -EIO;
	return 0;
}

int tpmb_hash_bytes(struct tpmb_hash *hash, int bank, const void *data, size_t len, uint8_t *digest)
{
	return tpmb_hash_pair(hash, bank, data, len, NULL, 0, digest);
}

int tpmb_hash_banks(struct tpmb_hash *hash, unsigned int banks, const void *data, size_t len,
		    struct tpmb_digests *digests)
{
	int bank, ret;

	tpmb_for_each_bank(bank, banks) {
		ret = tpmb_hash_bytes(hash, bank, data, len, digests->value[bank]);
		if (ret)
			return ret;
	}
	return 0;
}

void tpmb_pcr_start(int bank, unsigned int pcr, uint8_t *value)
{
	bool dynamic = pcr >= FIRST_DYNAMIC_PCR && pcr <= LAST_DYNAMIC_PCR;

	if (is_bank(bank))
		memset(value, dynamic ? 0xff : 0, bank_table[bank].size);
}

int tpmb_pcr_extend(struct tpmb_hash *hash, int bank, uint8_t *value, const uint8_t *digest)
{
	size_t size = tpmb_bank_size((enum tpmb_bank)bank);

	return tpmb_hash_pair(hash, bank, value, size, digest, size, value);
}
