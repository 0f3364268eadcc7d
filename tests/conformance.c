// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * One scenario over every transport: what a TPM does must not depend on the way
 * to it. Runs over those of the table, or over the ones named as arguments.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <errno.h>
#include <unistd.h>

#include <cmocka.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <tss2/tss2_esys.h>
#include <tss2/tss2_mu.h>

#include "lib_private.h"
#include "swtpm.h"
#include "tcti_export.h"
#include "tpm.h"
#include "transport.h"

static char messages[8192];
static char name[160];
static struct tpm_transport *tpm;
static struct swtpm swtpm;
static char temporary[64];

static void collect(void *arg, const char *line)
{
	(void)arg;
	strncat(messages, line, sizeof(messages) - strlen(messages) - 1);
	strncat(messages, "\n", sizeof(messages) - strlen(messages) - 1);
}

/* ---- the transports ------------------------------------------------------- */

static int name_libtpms(void)
{
	snprintf(name, sizeof(name), "libtpms:");
	return 0;
}

static int name_libtpms_dir(void)
{
	snprintf(temporary, sizeof(temporary), "/tmp/tpmb-test-XXXXXX");
	if (!mkdtemp(temporary))
		return -1;
	snprintf(name, sizeof(name), "libtpms:%s", temporary);
	return 0;
}

static int name_swtpm(void)
{
	int ret = swtpm_start(&swtpm, NULL);

	snprintf(name, sizeof(name), "%s", swtpm.tcti);
	return ret;
}

/* A row for each kind of transport; @prepare leaves what opens it in @name. */
static const struct {
	const char *title;
	int (*prepare)(void);
	bool keeps; /* PCRs are kept when it is closed and opened again */
} transports[] = {
	{"libtpms:", name_libtpms, false},
	{"libtpms:DIR", name_libtpms_dir, true},
	{"swtpm:", name_swtpm, true},
};

static bool keeps;

static int group_setup(void **state)
{
	(void)state;
	tpmb_set_message_handler(collect, NULL);
	messages[0] = '\0';
	if (!tpmb_transport_open(name, &tpm))
		return 0;
	print_error("%s", messages);
	return -1;
}

static int group_teardown(void **state)
{
	(void)state;
	tpmb_transport_close(tpm);
	tpm = NULL;
	swtpm_stop(&swtpm);
	if (temporary[0])
		remove_tree(temporary);
	temporary[0] = '\0';
	return 0;
}

static int test_setup(void **state)
{
	(void)state;
	messages[0] = '\0';
	return 0;
}

/* ---- helpers ------------------------------------------------------------------ */

static const EVP_MD *bank_hash(int bank)
{
	switch (bank) {
	case TPMB_BANK_SHA1:
		return EVP_sha1();
	case TPMB_BANK_SHA256:
		return EVP_sha256();
	case TPMB_BANK_SHA384:
		return EVP_sha384();
	case TPMB_BANK_SHA512:
		return EVP_sha512();
	default:
		return EVP_sm3();
	}
}

/* What an extend by @digest makes of @value (TPM 2.0 Part 3, TPM2_PCR_Extend). */
static void extend_value(int bank, uint8_t *value, const uint8_t *digest)
{
	const EVP_MD *hash = bank_hash(bank);
	size_t size = (size_t)EVP_MD_get_size(hash);
	uint8_t both[2 * TPMB_DIGEST_MAX];

	memcpy(both, value, size);
	memcpy(both + size, digest, size);
	assert_int_equal(EVP_Digest(both, 2 * size, value, NULL, hash, NULL), 1);
}

static void make_digests(unsigned int seed, uint8_t digests[TPMB_BANK_COUNT][TPMB_DIGEST_MAX])
{
	for (int bank = 0; bank < TPMB_BANK_COUNT; bank++)
		for (int i = 0; i < TPMB_DIGEST_MAX; i++)
			digests[bank][i] =
				(uint8_t)(seed * 31 + (unsigned int)bank * 7 + (unsigned int)i);
}

static void expect_pcrs(const struct tpmb_pcrs *expected, uint32_t mask)
{
	struct tpmb_pcrs pcrs;

	assert_int_equal(tpmb_pcr_read(tpm, mask, &pcrs), 0);
	for (int bank = 0; bank < TPMB_BANK_COUNT; bank++) {
		assert_int_equal(pcrs.set[bank], expected->set[bank] & mask);
		for (int pcr = 0; pcr < TPMB_PCR_COUNT; pcr++)
			if (pcrs.set[bank] & 1u << pcr)
				assert_memory_equal(pcrs.value[bank][pcr],
						    expected->value[bank][pcr], TPMB_DIGEST_MAX);
	}
}

#define ALL_PCRS ((1u << TPMB_PCR_COUNT) - 1)

/* ---- the scenario ---------------------------------------------------------------- */

static void test_startup(void **state)
{
	(void)state;
	assert_int_equal(tpm_probe(tpm), 0);
	assert_int_equal(tpm_startup(tpm), 0); /* a second one changes nothing */
	assert_int_equal(tpm_startup(tpm), 0);
	assert_string_equal(messages, "");
}

static void test_self_test(void **state)
{
	(void)state;
	assert_int_equal(tpm_self_test(tpm, false), 0);
	assert_int_equal(tpm_self_test(tpm, true), 0);
}

static void test_capabilities(void **state)
{
	struct tpm_identity identity;
	struct tpm_clock before;
	struct tpm_clock after;
	uint32_t value;
	unsigned int banks;

	(void)state;
	assert_int_equal(tpm_identity(tpm, &identity), 0);
	assert_in_range(strlen(identity.manufacturer), 1, 4);
	assert_true(identity.revision >= 100);
	assert_int_equal(tpm_property(tpm, TPM2_PT_FAMILY_INDICATOR, &value), 0);
	assert_int_equal(value, 0x322e3000); /* "2.0" */
	/* Answered by the next one that there is, and by none. */
	assert_int_equal(tpm_property(tpm, TPM2_PT_NONE, &value), -ENOENT);
	assert_int_equal(tpm_property(tpm, 0xffffff, &value), -ENOENT);
	assert_int_equal(tpm_pcr_banks(tpm, 16, &banks), 0);
	assert_true(banks & TPMB_BANK_BIT(TPMB_BANK_SHA256));
	assert_int_equal(tpm_pcr_banks(tpm, TPMB_PCR_COUNT, &banks), -EINVAL);
	assert_int_equal(tpm_read_clock(tpm, &before), 0);
	assert_int_equal(tpm_read_clock(tpm, &after), 0);
	assert_true(after.time_ms >= before.time_ms);
	assert_int_equal(after.reset_count, before.reset_count);
	assert_int_equal(after.restart_count, before.restart_count);
}

static void test_extend_and_read(void **state)
{
	static const uint32_t pcrs[] = {16, 23};
	uint8_t digests[TPMB_BANK_COUNT][TPMB_DIGEST_MAX];
	struct tpmb_pcrs expected;
	unsigned int banks;

	(void)state;
	assert_int_equal(tpmb_pcr_read(tpm, ALL_PCRS, &expected), 0);
	for (unsigned int i = 0; i < 20; i++) {
		uint32_t pcr = pcrs[i % ARRAY_SIZE(pcrs)];
		unsigned int some;

		assert_int_equal(tpm_pcr_banks(tpm, pcr, &banks), 0);
		make_digests(i, digests);
		/* All banks at once, and each subset of them. */
		some = i < 4 ? banks : banks & i;
		if (!some)
			continue;
		assert_int_equal(
			tpm_extend(tpm, pcr, some, (const uint8_t(*)[TPMB_DIGEST_MAX])digests), 0);
		for (int bank = 0; bank < TPMB_BANK_COUNT; bank++)
			if (some & TPMB_BANK_BIT(bank))
				extend_value(bank, expected.value[bank][pcr], digests[bank]);
		expect_pcrs(&expected, 1u << pcr);
	}
	expect_pcrs(&expected, ALL_PCRS);
	assert_string_equal(messages, "");
}

/* Sends bytes and returns the code of the answer, past the library's checks. */
static uint32_t raw(const char *bytes, size_t len)
{
	uint8_t rsp[TPMB_TPM_BUFFER_SIZE];
	size_t rsp_len = sizeof(rsp);

	assert_int_equal(tpm->ops->transmit(tpm, (const uint8_t *)bytes, len, rsp, &rsp_len), 0);
	assert_true(rsp_len >= 10);
	assert_int_equal(tpmb_get_u32(rsp + 2, TPMB_ORDER_BE), rsp_len);
	return tpmb_get_u32(rsp + 6, TPMB_ORDER_BE);
}

static void test_error_answers(void **state)
{
	uint8_t digests[TPMB_BANK_COUNT][TPMB_DIGEST_MAX];
	struct tpmb_pcrs before;
	unsigned int banks;

	(void)state;
	make_digests(99, digests);
	assert_int_equal(tpmb_pcr_read(tpm, ALL_PCRS, &before), 0);
	assert_int_equal(tpm_pcr_banks(tpm, 16, &banks), 0);

	/* PCR 17 belongs to locality 2 and above. */
	assert_int_equal(tpm_extend(tpm, 17, banks, (const uint8_t(*)[TPMB_DIGEST_MAX])digests),
			 -EREMOTEIO);
	assert_non_null(strstr(messages, "TPM2_PCR_Extend"));
	assert_non_null(strstr(messages, "0x00000907"));

	/* An unknown command, a wrong tag, parameters missing. Sizes stay right: buses frame by
	 * them. Above the code, a resource manager that answers itself says so. */
	assert_int_equal(raw("\x80\x01\0\0\0\x0a\0\0\x0f\xff", 10) & 0xffff, TPM2_RC_COMMAND_CODE);
	assert_int_not_equal(raw("\x80\x05\0\0\0\x0a\0\0\x01\x81", 10), 0);
	assert_int_equal(raw("\x80\x01\0\0\0\x0a\0\0\x01\x7e", 10) & 0xbf, TPM2_RC_INSUFFICIENT);
	/* An extend of two digests of which the second is of no known algorithm. */
	assert_int_not_equal(
		raw("\x80\x02\0\0\0\x3d\0\0\x01\x82\0\0\0\x10\0\0\0\x09\x40\0\0\x09\0\0\0\0\0"
		    "\0\0\0\x02\0\x04"
		    "aaaaaaaaaaaaaaaaaaaa"
		    "\x77\x77"
		    "bbbbbb",
		    61),
		0);

	/* None of them has changed anything, and the next command works. */
	expect_pcrs(&before, ALL_PCRS);
	assert_int_equal(tpm_extend(tpm, 16, banks, (const uint8_t(*)[TPMB_DIGEST_MAX])digests), 0);
}

static void make_key(ESYS_CONTEXT *esys, ESYS_TR *key, TPM2B_PUBLIC **public)
{
	static const TPM2B_SENSITIVE_CREATE sensitive;
	static const TPM2B_DATA outside;
	static const TPML_PCR_SELECTION creation;
	static const TPM2B_PUBLIC template = {
		.publicArea =
			{
				.type = TPM2_ALG_ECC,
				.nameAlg = TPM2_ALG_SHA256,
				.objectAttributes =
					TPMA_OBJECT_FIXEDTPM | TPMA_OBJECT_FIXEDPARENT |
					TPMA_OBJECT_SENSITIVEDATAORIGIN | TPMA_OBJECT_USERWITHAUTH |
					TPMA_OBJECT_RESTRICTED | TPMA_OBJECT_SIGN_ENCRYPT,
				.parameters.eccDetail =
					{
						.symmetric.algorithm = TPM2_ALG_NULL,
						.scheme = {.scheme = TPM2_ALG_ECDSA,
							   .details.ecdsa.hashAlg =
								   TPM2_ALG_SHA256},
						.curveID = TPM2_ECC_NIST_P256,
						.kdf.scheme = TPM2_ALG_NULL,
					},
			},
	};

	assert_int_equal(Esys_CreatePrimary(esys, ESYS_TR_RH_NULL, ESYS_TR_PASSWORD, ESYS_TR_NONE,
					    ESYS_TR_NONE, &sensitive, &template, &outside,
					    &creation, key, public, NULL, NULL, NULL),
			 0);
}

/* Verifies an ECDSA signature by a P-256 key with libcrypto. */
static bool signature_holds(const TPMS_ECC_POINT *point, const TPMS_SIGNATURE_ECC *signature,
			    const uint8_t *data, size_t len)
{
	char group[] = "prime256v1";
	uint8_t public[65] = {4};
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group, 0),
		OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, public, sizeof(public)),
		OSSL_PARAM_construct_end(),
	};
	EVP_PKEY_CTX *from = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
	EVP_MD_CTX *verify = EVP_MD_CTX_new();
	ECDSA_SIG *sig = ECDSA_SIG_new();
	EVP_PKEY *key = NULL;
	uint8_t *der = NULL;
	int der_len;
	bool holds;

	memcpy(public + 1 + 32 - point->x.size, point->x.buffer, point->x.size);
	memcpy(public + 33 + 32 - point->y.size, point->y.buffer, point->y.size);
	assert_int_equal(EVP_PKEY_fromdata_init(from), 1);
	assert_int_equal(EVP_PKEY_fromdata(from, &key, EVP_PKEY_PUBLIC_KEY, params), 1);
	assert_int_equal(
		ECDSA_SIG_set0(
			sig,
			BN_bin2bn(signature->signatureR.buffer, signature->signatureR.size, NULL),
			BN_bin2bn(signature->signatureS.buffer, signature->signatureS.size, NULL)),
		1);
	der_len = i2d_ECDSA_SIG(sig, &der);
	assert_true(der_len > 0);
	assert_int_equal(EVP_DigestVerifyInit(verify, NULL, EVP_sha256(), NULL, key), 1);
	holds = EVP_DigestVerify(verify, der, (size_t)der_len, data, len) == 1;
	OPENSSL_free(der);
	ECDSA_SIG_free(sig);
	EVP_MD_CTX_free(verify);
	EVP_PKEY_free(key);
	EVP_PKEY_CTX_free(from);
	return holds;
}

/* A quote of PCRs 16 and 23 is signed over the values that were read. */
static void test_quote(void **state)
{
	static const TPM2B_DATA nonce = {.size = 16, .buffer = "sixteen bytes..."};
	static const TPMT_SIG_SCHEME scheme = {.scheme = TPM2_ALG_NULL};
	static const TPML_PCR_SELECTION selection = {
		.count = 1,
		.pcrSelections[0] = {.hash = TPM2_ALG_SHA256,
				     .sizeofSelect = 3,
				     .pcrSelect = {0, 0, 0x81}},
	};
	TSS2_TCTI_CONTEXT *tcti = calloc(1, tcti_export_size());
	ESYS_CONTEXT *esys = NULL;
	ESYS_TR key;
	TPM2B_PUBLIC *public;
	TPM2B_ATTEST *quoted;
	TPMT_SIGNATURE *signature;
	TPMS_ATTEST attest;
	struct tpmb_pcrs pcrs;
	uint8_t values[64];
	uint8_t digest[32];
	size_t pos = 0;

	(void)state;
	assert_non_null(tcti);
	tcti_export_init(tcti, tpm, false);
	assert_int_equal(Esys_Initialize(&esys, tcti, NULL), 0);
	make_key(esys, &key, &public);
	assert_int_equal(Esys_Quote(esys, key, ESYS_TR_PASSWORD, ESYS_TR_NONE, ESYS_TR_NONE, &nonce,
				    &scheme, &selection, &quoted, &signature),
			 0);
	assert_int_equal(Tss2_MU_TPMS_ATTEST_Unmarshal(quoted->attestationData, quoted->size, &pos,
						       &attest),
			 0);
	assert_int_equal(attest.magic, TPM2_GENERATED_VALUE);
	assert_int_equal(attest.type, TPM2_ST_ATTEST_QUOTE);
	assert_int_equal(attest.extraData.size, nonce.size);
	assert_memory_equal(attest.extraData.buffer, nonce.buffer, nonce.size);

	assert_int_equal(tpmb_pcr_read(tpm, 1u << 16 | 1u << 23, &pcrs), 0);
	memcpy(values, pcrs.value[TPMB_BANK_SHA256][16], 32);
	memcpy(values + 32, pcrs.value[TPMB_BANK_SHA256][23], 32);
	assert_int_equal(EVP_Digest(values, sizeof(values), digest, NULL, EVP_sha256(), NULL), 1);
	assert_int_equal(attest.attested.quote.pcrDigest.size, 32);
	assert_memory_equal(attest.attested.quote.pcrDigest.buffer, digest, 32);

	assert_true(signature_holds(&public->publicArea.unique.ecc, &signature->signature.ecdsa,
				    quoted->attestationData, quoted->size));
	quoted->attestationData[quoted->size - 1] ^= 1;
	assert_false(signature_holds(&public->publicArea.unique.ecc, &signature->signature.ecdsa,
				     quoted->attestationData, quoted->size));

	assert_int_equal(Esys_FlushContext(esys, key), 0);
	Esys_Free(public);
	Esys_Free(quoted);
	Esys_Free(signature);
	Esys_Finalize(&esys);
	free(tcti);
}

static void test_reopen(void **state)
{
	uint8_t digests[TPMB_BANK_COUNT][TPMB_DIGEST_MAX];
	struct tpmb_pcrs before;
	static const struct tpmb_pcrs zero;

	(void)state;
	make_digests(7, digests);
	assert_int_equal(tpm_extend(tpm, 16, TPMB_BANK_BIT(TPMB_BANK_SHA256),
				    (const uint8_t(*)[TPMB_DIGEST_MAX])digests),
			 0);
	assert_int_equal(tpmb_pcr_read(tpm, ALL_PCRS, &before), 0);
	tpmb_transport_close(tpm);
	tpm = NULL;
	assert_int_equal(tpmb_transport_open(name, &tpm), 0);
	if (!keeps) {
		struct tpmb_pcrs pcrs;

		assert_int_equal(tpmb_pcr_read(tpm, 1u << 16, &pcrs), 0);
		assert_memory_equal(pcrs.value[TPMB_BANK_SHA256][16], zero.value[0][0], 32);
	} else {
		expect_pcrs(&before, ALL_PCRS);
	}
	/* A driver says so when it gives something up for a chip. */
	if (!strstr(name, "quirk"))
		assert_string_equal(messages, "");
}

static int run_scenario(const char *title)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_startup, test_setup),
		cmocka_unit_test_setup(test_self_test, test_setup),
		cmocka_unit_test_setup(test_capabilities, test_setup),
		cmocka_unit_test_setup(test_extend_and_read, test_setup),
		cmocka_unit_test_setup(test_error_answers, test_setup),
		cmocka_unit_test_setup(test_quote, test_setup),
		cmocka_unit_test_setup(test_reopen, test_setup),
	};

	print_message("over %s\n", title);
	return cmocka_run_group_tests_name(title, tests, group_setup, group_teardown);
}

int main(int argc, char **argv)
{
	int failed = 0;

	for (int i = 1; i < argc; i++) {
		/* A simulated chip is fresh each time, unless it is told where to keep itself. */
		keeps = !strstr(argv[i], "chip=") || strstr(argv[i], "state=");
		snprintf(name, sizeof(name), "%s", argv[i]);
		failed += run_scenario(argv[i]);
	}
	for (size_t i = 0; argc == 1 && i < ARRAY_SIZE(transports); i++) {
		keeps = transports[i].keeps;
		if (transports[i].prepare()) {
			print_error("%s cannot be prepared\n", transports[i].title);
			failed++;
			continue;
		}
		failed += run_scenario(transports[i].title);
	}
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
