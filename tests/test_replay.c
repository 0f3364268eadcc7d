// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Replay, banks and PCR files. */
#include "list_fixture.h"

#include <errno.h>
#include <fcntl.h>

#include "bank.h"
#include "gen_list.h"
#include "template.h"

/* H("abc") is FIPS 180-4's (GM/T 0004's) example; the extends of it come from Python's hashlib. */
static const struct {
	const char *name;
	uint16_t alg_id;
	size_t size;
	const char *abc;		/* H("abc") */
	const char *extended_abc;	/* H(zeros | H("abc")) */
	const char *extended_violation; /* H(ones | ones): a violation in PCR 17 */
} banks[TPMB_BANK_COUNT] = {
	{"sha1", 0x0004, 20, "a9993e364706816aba3e25717850c26c9cd0d89d",
	 "ccd5bd41458de644ac34a2478b58ff819bef5acf", "f443319695979917a03b717049235423874d2716"},
	{"sha256", 0x000b, 32, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
	 "589f9ffed4c477966bfb8d41f37895b08c69047df8f911d6f3b57fbe08faee8d",
	 "8667e718294e9e0df1d30600ba3eeb201f764aad2dad72748643e4a285e1d1f7"},
	{"sha384", 0x000c, 48,
	 "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed"
	 "8086072ba1e7cc2358baeca134c825a7",
	 "93732e3733514a841c982cfa75ea76ab55fe011acb9cd980ef4523913c65be1b"
	 "0998e04d77f8c174f81a82151619ca40",
	 "78c3046520b8a59609dd107e2bba406b8f7c77b335871f2792734b9e97fef7b6"
	 "5b1f11d47bdbf64bd9186f4dd7c37da5"},
	{"sha512", 0x000d, 64,
	 "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
	 "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
	 "6b9e946755055542adba95a1588a7eaed86323b3bed97d602ee06839d734048e"
	 "02c63f37892d3adde0d25b5a9d89162e8804ab9ec0ac4a263545c4faecfdf53b",
	 "5acaf06f5dd1d107b81b9b7516d454e304cf5699d01ffe66a01ad554cfb0db89"
	 "6bbc16e08bd4fbcab36364909edf50ecb6c8042722a4c59456d9048244cd57f0"},
	{"sm3_256", 0x0012, 32, "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0",
	 "ee1ade12bac480c9bc7aff12f344bf9cdd92324fc83f7d79386f3c5426185506",
	 "5b8a34626c9d5c569a99c23b3279d13140745a4c7c49dd5c2af7ccbfee324c46"},
};

static void assert_hex(const uint8_t *bytes, size_t len, const char *hex)
{
	char text[2 * TPMB_DIGEST_MAX + 1];

	for (size_t i = 0; i < len; i++)
		snprintf(text + 2 * i, 3, "%02x", bytes[i]);
	assert_string_equal(text, hex);
}

static void banks_are_the_registrys(void **state)
{
	(void)state;
	for (int bank = 0; bank < TPMB_BANK_COUNT; bank++) {
		assert_string_equal(tpmb_bank_name((enum tpmb_bank)bank), banks[bank].name);
		assert_int_equal(tpmb_bank_size((enum tpmb_bank)bank), banks[bank].size);
		assert_int_equal(tpmb_bank_by_name(banks[bank].name), bank);
		assert_int_equal(tpmb_bank_alg_id(bank), banks[bank].alg_id);
		assert_int_equal(tpmb_bank_by_alg_id(banks[bank].alg_id), bank);
	}
	assert_null(tpmb_bank_name(TPMB_BANK_COUNT));
	assert_int_equal(tpmb_bank_size(TPMB_BANK_COUNT), 0);
	assert_int_equal(tpmb_bank_by_name("sha"), -EINVAL);
	assert_int_equal(tpmb_bank_by_name("SHA256"), -EINVAL);
	assert_int_equal(tpmb_bank_by_name(NULL), -EINVAL);
	assert_int_equal(tpmb_bank_by_alg_id(0x0010), -EINVAL);
	assert_int_equal(tpmb_banks_supported(), TPMB_BANKS_ALL);
}

/* Contexts are used again: the second digest is as good as the first. */
static void hashes_and_extends(void **state)
{
	uint8_t digest[TPMB_DIGEST_MAX], value[TPMB_DIGEST_MAX];
	struct tpmb_digests digests;
	struct tpmb_hash *hash;

	(void)state;
	assert_int_equal(tpmb_hash_new(&hash), 0);
	assert_int_equal(tpmb_hash_banks(hash, TPMB_BANKS_ALL, "abc", 3, &digests), 0);
	for (int bank = 0; bank < TPMB_BANK_COUNT; bank++) {
		size_t size = banks[bank].size;

		assert_hex(digests.value[bank], size, banks[bank].abc);
		for (int again = 0; again < 2; again++) {
			assert_int_equal(tpmb_hash_bytes(hash, bank, "abc", 3, digest), 0);
			assert_hex(digest, size, banks[bank].abc);
			assert_int_equal(tpmb_hash_pair(hash, bank, "a", 1, "bc", 2, digest), 0);
			assert_hex(digest, size, banks[bank].abc);
		}
		tpmb_pcr_start(bank, 16, value);
		assert_int_equal(tpmb_pcr_extend(hash, bank, value, digest), 0);
		assert_hex(value, size, banks[bank].extended_abc);
	}
	assert_int_equal(tpmb_hash_bytes(hash, TPMB_BANK_COUNT, "abc", 3, digest), -ENOTSUP);
	assert_int_equal(tpmb_hash_bytes(hash, -1, "abc", 3, digest), -ENOTSUP);
	tpmb_hash_free(hash);
	tpmb_hash_free(NULL);
}

static struct tpmb_record abc_record(uint8_t *digest, int bank, uint32_t pcr)
{
	struct tpmb_record record = {.number = 1,
				     .pcr = pcr,
				     .digest = digest,
				     .bank = bank,
				     .digest_len = tpmb_bank_size((enum tpmb_bank)bank),
				     .name = "x",
				     .name_len = 1,
				     .data = (const uint8_t *)"abc",
				     .data_len = 3,
				     .has_data = true,
				     .order = TPMB_ORDER_LE};

	assert_int_equal(tpmb_template_digest((enum tpmb_bank)bank, "x", 1, record.data, 3,
					      TPMB_ORDER_LE, digest),
			 0);
	return record;
}

/* One record in every bank, whichever bank its list is of; PCRs no record names have no value. */
static void one_record_in_all_banks(void **state)
{
	uint8_t digest[TPMB_DIGEST_MAX];
	struct tpmb_replay *replay;
	struct tpmb_record record;
	struct tpmb_pcrs pcrs;

	(void)state;
	for (int bank = 0; bank < TPMB_BANK_COUNT; bank++) {
		record = abc_record(digest, bank, 10);
		assert_int_equal(tpmb_replay_new(TPMB_BANKS_ALL, &replay), 0);
		assert_int_equal(tpmb_replay_add(replay, &record), 0);
		tpmb_replay_pcrs(replay, &pcrs);
		for (int in = 0; in < TPMB_BANK_COUNT; in++) {
			assert_int_equal(pcrs.set[in], 1 << 10);
			assert_hex(pcrs.value[in][10], banks[in].size, banks[in].extended_abc);
		}
		tpmb_replay_free(replay);
	}
	/* A list of a bank that is not replayed is checked all the same. */
	record = abc_record(digest, TPMB_BANK_SHA1, 10);
	digest[0] ^= 1;
	assert_int_equal(tpmb_replay_new(TPMB_BANK_BIT(TPMB_BANK_SHA256), &replay), 0);
	assert_int_equal(tpmb_replay_add(replay, &record), -EBADMSG);
	tpmb_replay_pcrs(replay, &pcrs);
	assert_int_equal(pcrs.set[TPMB_BANK_SHA1], 0);
	assert_int_equal(pcrs.set[TPMB_BANK_SHA256], 1 << 10);
	tpmb_replay_free(replay);
	tpmb_replay_free(NULL);
}

static void violations_extend_ones(void **state)
{
	uint8_t zeros[TPMB_DIGEST_MAX] = {0}, digest[TPMB_DIGEST_MAX];
	struct tpmb_replay *replay;
	struct tpmb_record record;
	struct tpmb_pcrs pcrs;

	(void)state;
	record = abc_record(digest, TPMB_BANK_SHA1, 17);
	record.digest = zeros;
	assert_true(tpmb_record_is_violation(&record));
	assert_int_equal(tpmb_replay_new(TPMB_BANKS_ALL, &replay), 0);
	assert_int_equal(tpmb_replay_add(replay, &record), 0);
	tpmb_replay_pcrs(replay, &pcrs);
	for (int bank = 0; bank < TPMB_BANK_COUNT; bank++)
		assert_hex(pcrs.value[bank][17], banks[bank].size, banks[bank].extended_violation);
	/* A batch is never one. */
	record.name = "ima-batch";
	record.name_len = 9;
	assert_int_equal(tpmb_replay_add(replay, &record), -EBADMSG);
	tpmb_replay_free(replay);
}

/* A record that does not match itself is reported, and extended as listed. */
static void damage_is_reported_and_extended(void **state)
{
	struct tpmb_replay *replay, *other;
	uint8_t digest[TPMB_DIGEST_MAX];
	struct tpmb_record record;
	struct tpmb_pcrs pcrs;
	struct tpmb_hash *hash;
	uint8_t value[TPMB_DIGEST_MAX];

	(void)state;
	record = abc_record(digest, TPMB_BANK_SHA256, 10);
	digest[31] ^= 1;
	record.number = 7;
	record.offset = 1234;
	assert_int_equal(tpmb_replay_new(TPMB_BANKS_ALL, &replay), 0);
	assert_int_equal(tpmb_replay_add(replay, &record), -EBADMSG);
	assert_message_has("record 7 at offset 1234");
	tpmb_replay_pcrs(replay, &pcrs);
	assert_int_equal(tpmb_hash_new(&hash), 0);
	tpmb_pcr_start(TPMB_BANK_SHA256, 10, value);
	assert_int_equal(tpmb_pcr_extend(hash, TPMB_BANK_SHA256, value, digest), 0);
	assert_memory_equal(pcrs.value[TPMB_BANK_SHA256][10], value, 32);
	assert_hex(pcrs.value[TPMB_BANK_SHA1][10], 20, banks[TPMB_BANK_SHA1].extended_abc);
	tpmb_hash_free(hash);

	record.pcr = 24;
	assert_int_equal(tpmb_replay_add(replay, &record), -EINVAL);
	assert_message_has("0 to 23");
	assert_int_equal(tpmb_replay_new(0, &other), -EINVAL);
	assert_int_equal(tpmb_replay_new(TPMB_BANK_BIT(TPMB_BANK_COUNT), &other), -EINVAL);
	assert_null(other);
	tpmb_replay_free(replay);
}

/* Without data only the list's bank can go on; the others have no value from there. */
static void records_without_data_lose_a_bank(void **state)
{
	uint8_t digest[TPMB_DIGEST_MAX];
	struct tpmb_replay *replay;
	struct tpmb_record record, known;
	struct tpmb_pcrs pcrs;

	(void)state;
	known = abc_record(digest, TPMB_BANK_SHA1, 11);
	record = abc_record(digest, TPMB_BANK_SHA1, 10);
	record.has_data = false;
	record.data = NULL;
	record.data_len = 0;
	assert_int_equal(tpmb_replay_new(TPMB_BANK_BIT(TPMB_BANK_SHA1), &replay), 0);
	assert_int_equal(tpmb_replay_add(replay, &record), 0);
	tpmb_replay_free(replay);

	assert_int_equal(tpmb_replay_new(3, &replay), 0);
	assert_int_equal(tpmb_replay_add(replay, &known), 0);
	assert_int_equal(tpmb_replay_add(replay, &record), -ENOTSUP);
	known.pcr = 10;
	assert_int_equal(tpmb_replay_add(replay, &known), 0);
	tpmb_replay_pcrs(replay, &pcrs);
	assert_int_equal(pcrs.set[TPMB_BANK_SHA1], 1 << 10 | 1 << 11);
	assert_int_equal(pcrs.set[TPMB_BANK_SHA256], 1 << 11);
	tpmb_replay_free(replay);
}

/* Template data of two members. */
#define BATCH "\4\0\0\0\2\0\0\0\x14\0\0\0\1\0\0\0a\1\0\0\0b\1\0\0\0c\1\0\0\0d"

/* The name is no part of the digest: it must fit the data. */
static void names_must_fit_their_data(void **state)
{
	static const char ng[] = "\x0b\0\0\0sha1:\0abcde\3\0\0\0/x";
	static const struct {
		const char *name;
		const char *data;
		uint32_t len;
		int result;
	} cases[] = {
		{"ima-ng", ng, sizeof(ng), 0},
		{"d-ng|n-ng", ng, sizeof(ng), 0},
		{"never-heard-of", ng, sizeof(ng), 0},
		{"ima-sig", ng, sizeof(ng), -EBADMSG},
		{"ima-ngv2", ng, sizeof(ng), -EBADMSG},
		{"n-ng", ng, sizeof(ng), -EBADMSG},
		{"ima-batch", ng, sizeof(ng), -EBADMSG},
		{"ima", ng, sizeof(ng), -EBADMSG},
		{"ima-ng", ng, sizeof(ng) - 1, -EBADMSG},
		{"ima-ng", "\x0b\0\0\0sha1:\0abcde\3\0\0\0/\0x", 22, -EBADMSG},
		{"ima-ng", "\x0b\0\0\0sha1:\0abcde\3\0\0\0/\0\0", 22, -EBADMSG},
		{"ima-ng", "\x0b\0\0\0sha1-_abcde\3\0\0\0/x", 22, -EBADMSG},
		{"ima-ng", "\0\0\0\0\3\0\0\0/x", 11, -EBADMSG},
		{"ima", "01234567890123456789\1\0\0\0/", 25, 0},
		{"ima", "01234567890123456789\2\0\0\0/", 26, -EBADMSG},
		{"imode", "\2\0\0\0ab", 6, 0},
		{"imode", "\0\0\0\0", 4, 0},
		{"imode", "\4\0\0\0abcd", 8, -EBADMSG},
		{"d-modsig", "\0\0\0\0", 4, 0},
		{"ima-batch", BATCH, sizeof(BATCH) - 1, 0},
		{"sig|sig", BATCH, sizeof(BATCH) - 1, -EBADMSG},
		{"never-heard-of", BATCH, sizeof(BATCH) - 1, -EBADMSG},
		{"sig|sig", BATCH, sizeof(BATCH) - 2, -EBADMSG},
		{"never-heard-of", BATCH, sizeof(BATCH) - 2, 0},
	};
	struct tpmb_replay *replay;
	struct tpmb_record record;
	uint8_t digest[TPMB_DIGEST_MAX] = {0};

	(void)state;
	assert_int_equal(tpmb_replay_new(1, &replay), 0);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		record = (struct tpmb_record){.pcr = 10,
					      .digest = digest,
					      .digest_len = 20,
					      .name = cases[i].name,
					      .name_len = (uint32_t)strlen(cases[i].name),
					      .data = (const uint8_t *)cases[i].data,
					      .data_len = cases[i].len,
					      .has_data = true,
					      .order = TPMB_ORDER_LE};
		if (tpmb_template_digest(0, record.name, record.name_len, record.data,
					 record.data_len, TPMB_ORDER_LE, digest))
			memset(digest, 1, 20);
		if (tpmb_replay_add(replay, &record) != cases[i].result)
			fail_msg("case %zu (%s): not %d", i, cases[i].name, cases[i].result);
	}
	tpmb_replay_free(replay);
}

static void fields_are_split(void **state)
{
	static const uint8_t sig[] = "\x07\0\0\0sha1:\0D\3\0\0\0/x\0\2\0\0\0ab";
	static const uint8_t big[] = "\0\0\0\1a\0\0\0\0";
	struct tpmb_field fields[4];

	(void)state;
	assert_int_equal(tpmb_template_fields("ima-sig", 7, sig, 24, TPMB_ORDER_LE, fields, 4), 3);
	assert_string_equal(fields[0].id, "d-ng");
	assert_string_equal(fields[1].id, "n-ng");
	assert_string_equal(fields[2].id, "sig");
	assert_int_equal(fields[2].len, 2);
	assert_memory_equal(fields[2].data, "ab", 2);
	/* Too few, too many, cut, and no room. */
	assert_int_equal(tpmb_template_fields("ima-ng", 6, sig, 24, TPMB_ORDER_LE, fields, 4),
			 -EBADMSG);
	assert_int_equal(tpmb_template_fields("ima-modsig", 10, sig, 24, TPMB_ORDER_LE, fields, 4),
			 -EBADMSG);
	assert_int_equal(tpmb_template_fields("ima-sig", 7, sig, 23, TPMB_ORDER_LE, fields, 4),
			 -EBADMSG);
	assert_int_equal(tpmb_template_fields("ima-sig", 7, sig, 24, TPMB_ORDER_LE, fields, 1), 3);
	assert_int_equal(tpmb_template_fields("ima-sig", 7, sig, 24, TPMB_ORDER_LE, NULL, 0), 3);
	/* Unknown: by the lengths alone. */
	assert_int_equal(tpmb_template_fields("new", 3, big, 9, TPMB_ORDER_BE, fields, 4), 2);
	assert_null(fields[0].id);
	assert_int_equal(fields[1].len, 0);
	assert_int_equal(tpmb_template_fields("new", 3, big, 9, TPMB_ORDER_LE, fields, 4),
			 -EBADMSG);
	assert_int_equal(tpmb_template_fields("new", 3, big, 0, TPMB_ORDER_LE, fields, 4), 0);
}

/* "d-ng" sixteen times is one too many for a kernel. */
static void custom_formats_are_bounded(void **state)
{
	char name[16 * 5];
	struct tpmb_template template;

	(void)state;
	for (int i = 0; i < 16; i++)
		memcpy(name + 5 * i, "d-ng|", 5);
	assert_true(tpmb_template_lookup(name, 15 * 5 - 1, &template));
	assert_int_equal(template.fields, 15);
	assert_false(tpmb_template_lookup(name, 16 * 5 - 1, &template));
	assert_false(tpmb_template_lookup(name, 15 * 5, &template));
	assert_false(tpmb_template_lookup("|", 1, &template));
	assert_false(tpmb_template_lookup("n-batch|e-batch", 15, &template));
	assert_false(tpmb_template_lookup("ima-n", 5, &template));
}

/*
 * Records of real boots, and PCRs that evmctl 1.4 found to match. In the two
 * violations, which are not hashed, the user's home was given another name.
 */
static void real_lists_replay(void **state)
{
	static const struct {
		const char *list;
		const char *pcrs;
		unsigned int records;
		unsigned int violations;
	} cases[] = {{KAT_DIR "/boot.list", KAT_DIR "/boot.yaml", 50, 0},
		     {KAT_DIR "/violations.list", KAT_DIR "/violations.yaml", 36, 2}};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		unsigned int records = 0, violations = 0;
		struct tpmb_pcrs expected, pcrs;
		struct tpmb_list_reader *reader;
		struct tpmb_replay *replay;
		struct tpmb_record record;

		assert_int_equal(tpmb_pcrs_load(cases[i].pcrs, &expected), 0);
		assert_int_equal(expected.set[TPMB_BANK_SHA1], 1 << 10);
		assert_int_equal(tpmb_list_reader_open(cases[i].list, NULL, &reader), 0);
		assert_int_equal(tpmb_replay_new(3, &replay), 0);
		while (tpmb_list_read(reader, &record) == 1) {
			records++;
			violations += tpmb_record_is_violation(&record);
			assert_int_equal(tpmb_replay_add(replay, &record), 0);
		}
		tpmb_replay_pcrs(replay, &pcrs);
		assert_pcrs_equal(&pcrs, &expected, TPMB_BANKS_ALL);
		assert_int_equal(records, cases[i].records);
		assert_int_equal(violations, cases[i].violations);
		tpmb_replay_free(replay);
		tpmb_list_reader_close(reader);
	}
}

/* What tpm2_pcrread printed for swtpm is written the same way. */
static void pcr_files_come_back(void **state)
{
	struct tpmb_pcrs pcrs;
	uint8_t *bytes, *again;
	size_t len, again_len;
	int fd, out;

	(void)state;
	assert_int_equal(tpmb_pcrs_load(KAT_DIR "/pcrread.yaml", &pcrs), 0);
	for (int bank = 0; bank < TPMB_BANK_SM3; bank++)
		assert_int_equal(pcrs.set[bank], 0xffffff);
	assert_int_equal(pcrs.set[TPMB_BANK_SM3], 0);
	out = memory_file("", 0);
	assert_int_equal(tpmb_pcrs_save(out, &pcrs), 0);
	again = file_bytes(out, &again_len);
	fd = open(KAT_DIR "/pcrread.yaml", O_RDONLY);
	assert_true(fd >= 0);
	bytes = file_bytes(fd, &len);
	assert_int_equal(len, again_len);
	assert_memory_equal(bytes, again, len);
	free(again);
	free(bytes);
	close(fd);
	close(out);
	fd = open("/dev/full", O_WRONLY);
	assert_int_equal(tpmb_pcrs_save(fd, &pcrs), -ENOSPC);
	close(fd);
}

#define ZEROS20 "0x0000000000000000000000000000000000000000"

static void pcr_files_are_checked(void **state)
{
	static const struct {
		const char *text;
		const char *message; /* NULL: the file is good */
	} cases[] = {
		{"sha1:\n  10: " ZEROS20 "\n", NULL},
		{"  sha256:\n  sha1:\n    0 : " ZEROS20 "\n", NULL},
		{"sha3_256:\n  0 : 0xabcd\nsha1:\n  0: " ZEROS20 "\n", NULL},
		{"sha1: {10: \"0x000000000000000000000000000000000000000a\"}", NULL},
		{"", "PCR values in YAML"},
		{"\xff\xfe", "line 1"},
		{"- sha1\n", "PCR banks"},
		{"sha1:\n", "at least one PCR value"},
		{"sha3_256:\n  0 : 0xabcd\n", "at least one PCR value"},
		{"sha2:\n  10: " ZEROS20 "\n", "line 1: expected the name of a PCR bank"},
		{"sha1:\n  24: " ZEROS20 "\n", "line 2: expected a PCR number"},
		{"sha1:\n  -1: " ZEROS20 "\n", "line 2: expected a PCR number"},
		{"sha1:\n  99999999999: " ZEROS20 "\n", "line 2: expected a PCR number"},
		{"sha1:\n  '': " ZEROS20 "\n", "line 2: expected a PCR number"},
		{"sha1:\n  1: " ZEROS20 "\n  01: " ZEROS20 "\n", "line 3: expected each PCR once"},
		{"sha1:\n  1: " ZEROS20 "00\n", "line 2: expected 0x and a value"},
		{"sha256:\n  1: " ZEROS20 "\n", "line 2: expected 0x and a value"},
		{"sha1:\n  1: 0x000000000000000000000000000000000000000g\n", "line 2"},
		{"sha1:\n  1: 000000000000000000000000000000000000000000\n", "line 2"},
		{"sha1:\n  1: [1]\n", "line 2"},
		{"sha1:\n  1: &a " ZEROS20 "\n", "line 2"},
		{"sha1: 1\n", "the PCRs of a bank"},
		{"sha1:\n  1: " ZEROS20 "\n---\nsha1:\n", "the end of the file"},
		{"sha1:\n  1: " ZEROS20 "\n ]", "line 3"},
		{"sha1: \"\\0x\"\n", "the PCRs of a bank"},
	};
	struct tpmb_pcrs pcrs;
	char path[64];
	int fd, ret;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		fd = memory_file(cases[i].text, strlen(cases[i].text));
		snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
		last_message[0] = 0;
		ret = tpmb_pcrs_load(path, &pcrs);
		if (ret != (cases[i].message ? -EBADMSG : 0))
			fail_msg("case %zu: %d (%s)", i, ret, last_message);
		if (cases[i].message)
			assert_message_has(cases[i].message);
		else
			assert_true(pcrs.set[TPMB_BANK_SHA1]);
		close(fd);
	}
	assert_int_equal(tpmb_pcrs_load("/nowhere", &pcrs), -ENOENT);
	assert_message_has("/nowhere");
	assert_int_equal(tpmb_pcrs_load("/", &pcrs), -EISDIR);
	assert_int_equal(tpmb_pcrs_load("/dev/zero", &pcrs), -EFBIG);
}

static int set_up(void **state)
{
	(void)state;
	tpmb_set_message_handler(keep_message, NULL);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(banks_are_the_registrys),
		cmocka_unit_test(hashes_and_extends),
		cmocka_unit_test(one_record_in_all_banks),
		cmocka_unit_test(violations_extend_ones),
		cmocka_unit_test(damage_is_reported_and_extended),
		cmocka_unit_test(records_without_data_lose_a_bank),
		cmocka_unit_test(names_must_fit_their_data),
		cmocka_unit_test(fields_are_split),
		cmocka_unit_test(custom_formats_are_bounded),
		cmocka_unit_test(real_lists_replay),
		cmocka_unit_test(pcr_files_come_back),
		cmocka_unit_test(pcr_files_are_checked),
	};

	return cmocka_run_group_tests_name("replay", tests, set_up, NULL);
}
