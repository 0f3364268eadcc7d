// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Synthetic measurement lists; see gen_list.h. */
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <openssl/evp.h>

#include "gen_list.h"

/* Room of a record's data, its text, and a whole batch; members are a few hundred bytes. */
#define MEMBER_MAX (8 * 1024)
#define OUT_SIZE   (256 * 1024)

struct blob {
	uint8_t *bytes;
	size_t len;
	size_t size;
	bool overflow;
};

/* A record, both as it is hashed and as a line shows it. */
struct gen_record {
	char name[128];
	struct blob data;
	struct blob text; /* the fields, each with the space before it */
};

struct generator {
	const struct gen_options *options;
	enum tpmb_order order;
	int bank;
	int fd;
	unsigned long number; /* of the record being made, from 0 */
	uint64_t random;
	struct blob out;
	struct tpmb_pcrs pcrs;
};

static const char *const template_names[GEN_TEMPLATE_COUNT] = {
	[GEN_IMA_NG] = "ima-ng",   [GEN_IMA_NGV2] = "ima-ngv2",
	[GEN_IMA_SIG] = "ima-sig", [GEN_IMA_SIGV2] = "ima-sigv2",
	[GEN_IMA_BUF] = "ima-buf", [GEN_IMA_MODSIG] = "ima-modsig",
	[GEN_EVM_SIG] = "evm-sig", [GEN_CUSTOM] = "custom",
	[GEN_LEGACY] = "ima",	   [GEN_UNKNOWN] = "x-not-yet-born",
};

static const size_t bank_sizes[TPMB_BANK_COUNT] = {20, 32, 48, 64, 32};

int gen_template_by_name(const char *name)
{
	for (int i = 0; i < GEN_TEMPLATE_COUNT; i++)
		if (!strcmp(template_names[i], name))
			return i;
	return -1;
}

static const EVP_MD *bank_md(int bank)
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

/* splitmix64: small, and the same everywhere. */
static uint64_t draw(struct generator *gen)
{
	uint64_t z = gen->random += 0x9e3779b97f4a7c15u;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return z ^ z >> 31;
}

static unsigned int draw_below(struct generator *gen, unsigned int limit)
{
	return (unsigned int)(draw(gen) % limit);
}

static void draw_bytes(struct generator *gen, uint8_t *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++)
		bytes[i] = (uint8_t)draw(gen);
}

static void put(struct blob *blob, const void *bytes, size_t len)
{
	if (blob->size - blob->len < len) {
		blob->overflow = true;
		return;
	}
	if (len)
		memcpy(blob->bytes + blob->len, bytes, len);
	blob->len += len;
}

static void put_u32(struct blob *blob, uint32_t value, enum tpmb_order order)
{
	uint8_t little[4] = {(uint8_t)value, (uint8_t)(value >> 8), (uint8_t)(value >> 16),
			     (uint8_t)(value >> 24)};
	uint8_t big[4] = {little[3], little[2], little[1], little[0]};

	put(blob, order == TPMB_ORDER_BE ? big : little, 4);
}

static void put_hex(struct blob *blob, const uint8_t *bytes, size_t len)
{
	char hex[3];

	for (size_t i = 0; i < len; i++) {
		snprintf(hex, sizeof(hex), "%02x", bytes[i]);
		put(blob, hex, 2);
	}
}

__attribute__((format(printf, 2, 3))) static void put_text(struct blob *blob, const char *format,
							   ...)
{
	char text[512];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	put(blob, text, strlen(text));
}

static void add_hex(struct generator *gen, struct gen_record *record, const uint8_t *bytes,
		    uint32_t len)
{
	put_u32(&record->data, len, gen->order);
	put(&record->data, bytes, len);
	put_text(&record->text, " ");
	put_hex(&record->text, bytes, len);
}

/* A signature, or often none. */
static void add_signature(struct generator *gen, struct gen_record *record)
{
	uint8_t bytes[128];
	uint32_t len = draw_below(gen, 3) ? 0 : 1 + draw_below(gen, sizeof(bytes));

	draw_bytes(gen, bytes, len);
	add_hex(gen, record, bytes, len);
}

static void add_digest(struct generator *gen, struct gen_record *record, const char *type,
		       bool violation)
{
	static const struct {
		const char *name;
		uint32_t size;
	} algos[] = {{"sha256", 32}, {"sha1", 20}, {"sha512", 64}};
	unsigned int algo = draw_below(gen, 3);
	char prefix[32];
	uint8_t digest[64] = {0};
	uint32_t prefix_size;

	snprintf(prefix, sizeof(prefix), "%s%s:", type, algos[algo].name);
	prefix_size = (uint32_t)strlen(prefix) + 1;
	if (!violation)
		draw_bytes(gen, digest, algos[algo].size);
	put_u32(&record->data, prefix_size + algos[algo].size, gen->order);
	put(&record->data, prefix, prefix_size);
	put(&record->data, digest, algos[algo].size);
	put_text(&record->text, " %s", prefix);
	put_hex(&record->text, digest, algos[algo].size);
}

static void draw_path(struct generator *gen, char *path, size_t size)
{
	static const char *const folders[] = {"/usr/bin", "/usr/lib/x86_64-linux-gnu", "/etc",
					      "/home/\xc3\xa9t\xc3\xa9", "/opt/a_b\xff\x01"};

	snprintf(path, size, "%s/%016" PRIx64 "%s", folders[draw_below(gen, 5)], draw(gen),
		 draw_below(gen, 8) ? "" : "_(deleted)");
}

static void add_string(struct generator *gen, struct gen_record *record, const char *string)
{
	uint32_t size = (uint32_t)strlen(string) + 1;

	put_u32(&record->data, size, gen->order);
	put(&record->data, string, size);
	put_text(&record->text, " %s", string);
}

static void add_path(struct generator *gen, struct gen_record *record)
{
	char path[256];

	draw_path(gen, path, sizeof(path));
	add_string(gen, record, path);
}

static void add_u32(struct generator *gen, struct gen_record *record, uint32_t value)
{
	put_u32(&record->data, 4, gen->order);
	put_u32(&record->data, value, gen->order);
	put_text(&record->text, " %" PRIu32, value);
}

static void add_u16(struct generator *gen, struct gen_record *record, uint16_t value)
{
	uint8_t bytes[2] = {(uint8_t)value, (uint8_t)(value >> 8)};
	uint8_t swapped[2] = {bytes[1], bytes[0]};

	put_u32(&record->data, 2, gen->order);
	put(&record->data, gen->order == TPMB_ORDER_BE ? swapped : bytes, 2);
	put_text(&record->text, " %" PRIu16, value);
}

static void add_evm_fields(struct generator *gen, struct gen_record *record)
{
	static const uint8_t lengths[8] = {37, 0, 0, 0, 5, 0, 0, 0};
	uint8_t values[42];

	add_signature(gen, record);
	if (draw_below(gen, 2)) {
		draw_bytes(gen, values, sizeof(values));
		add_string(gen, record, "security.selinux|security.ima");
		add_hex(gen, record, lengths, sizeof(lengths));
		add_hex(gen, record, values, sizeof(values));
	} else {
		for (int i = 0; i < 3; i++)
			add_hex(gen, record, NULL, 0);
	}
	add_u32(gen, record, (uint32_t)draw(gen));
	add_u32(gen, record, draw_below(gen, 2));
	add_u16(gen, record, (uint16_t)(0100000 | draw_below(gen, 07777)));
}

/* The bare 20-byte digest; the name with its length and without NUL. */
static void add_legacy(struct generator *gen, struct gen_record *record, bool violation)
{
	uint8_t digest[20] = {0};
	char path[256];

	draw_path(gen, path, sizeof(path));
	if (!violation)
		draw_bytes(gen, digest, sizeof(digest));
	put(&record->data, digest, sizeof(digest));
	put_u32(&record->data, (uint32_t)strlen(path), gen->order);
	put(&record->data, path, strlen(path));
	put_text(&record->text, " ");
	put_hex(&record->text, digest, sizeof(digest));
	put_text(&record->text, " %s", path);
}

static void make_custom(struct generator *gen, struct gen_record *record, bool violation)
{
	unsigned int format = draw_below(gen, 3);

	if (format == 0) {
		snprintf(record->name, sizeof(record->name), "d-ng|n-ng|sig");
		add_digest(gen, record, "", violation);
		add_path(gen, record);
		add_signature(gen, record);
	} else if (format == 1) {
		snprintf(record->name, sizeof(record->name), "n-ng|imode|d-ngv2");
		add_path(gen, record);
		add_u16(gen, record, (uint16_t)draw(gen));
		add_digest(gen, record, "verity:", violation);
	} else {
		snprintf(record->name, sizeof(record->name), "n-ng");
		add_path(gen, record);
	}
}

static void make_record(struct generator *gen, struct gen_record *record, unsigned int template,
			bool violation)
{
	record->data.len = 0;
	record->text.len = 0;
	snprintf(record->name, sizeof(record->name), "%s", template_names[template]);
	if (template == GEN_LEGACY) {
		add_legacy(gen, record, violation);
		return;
	}
	if (template == GEN_CUSTOM) {
		make_custom(gen, record, violation);
		return;
	}
	add_digest(gen, record, template == GEN_IMA_NGV2 || template == GEN_IMA_SIGV2 ? "ima:" : "",
		   violation);
	add_path(gen, record);
	if (template == GEN_EVM_SIG)
		add_evm_fields(gen, record);
	else if (template != GEN_IMA_NG && template != GEN_IMA_NGV2)
		add_signature(gen, record);
	if (template == GEN_IMA_MODSIG) {
		if (draw_below(gen, 2))
			add_digest(gen, record, "", violation);
		else
			add_hex(gen, record, NULL, 0);
		add_signature(gen, record);
	}
}

static unsigned int draw_template(struct generator *gen, unsigned int mix)
{
	unsigned int template;

	/* A line shows no byte order, and a legacy digest covers none: another record goes first.
	 */
	if (gen->number == 0 && mix != GEN_BIT(GEN_LEGACY))
		mix &= ~GEN_BIT(GEN_LEGACY);
	do
		template = draw_below(gen, GEN_TEMPLATE_COUNT);
	while (!(mix & GEN_BIT(template)));
	return template;
}

/* Nests @members records in @record. */
static void make_batch(struct generator *gen, struct gen_record *record, struct gen_record *member,
		       unsigned int members)
{
	unsigned int mix = gen->options->templates & ~GEN_BIT(GEN_LEGACY);
	size_t length_at, members_at;
	struct blob length;

	record->data.len = 0;
	record->text.len = 0;
	snprintf(record->name, sizeof(record->name), "ima-batch");
	put_u32(&record->data, 4, gen->order);
	put_u32(&record->data, members, TPMB_ORDER_LE);
	length_at = record->data.len;
	put_u32(&record->data, 0, gen->order);
	members_at = record->data.len;
	for (unsigned int i = 0; i < members; i++) {
		make_record(gen, member, draw_template(gen, mix ? mix : GEN_BIT(GEN_IMA_NG)),
			    false);
		put_u32(&record->data, (uint32_t)strlen(member->name), TPMB_ORDER_LE);
		put(&record->data, member->name, strlen(member->name));
		put_u32(&record->data, (uint32_t)member->data.len, TPMB_ORDER_LE);
		put(&record->data, member->data.bytes, member->data.len);
	}
	length = (struct blob){record->data.bytes + length_at, 0, 4, false};
	put_u32(&length, (uint32_t)(record->data.len - members_at), gen->order);
	put_text(&record->text, " %u ", members);
	put_hex(&record->text, record->data.bytes + members_at, record->data.len - members_at);
}

static int hash(int bank, const uint8_t *bytes, size_t len, uint8_t *digest)
{
	return EVP_Digest(bytes, len, digest, NULL, bank_md(bank), NULL) == 1 ? 0 : -EIO;
}

static int hash_record(int bank, const struct gen_record *record, uint8_t *digest)
{
	uint8_t legacy[20 + 256] = {0};

	if (strcmp(record->name, "ima"))
		return hash(bank, record->data.bytes, record->data.len, digest);
	memcpy(legacy, record->data.bytes, 20);
	memcpy(legacy + 20, record->data.bytes + 24, record->data.len - 24);
	return hash(bank, legacy, sizeof(legacy), digest);
}

/* Extends @pcr of every bank; @listed receives the digest of the list's bank. */
static int extend(struct generator *gen, const struct gen_record *record, unsigned int pcr,
		  bool violation, uint8_t *listed)
{
	uint8_t pair[2 * TPMB_DIGEST_MAX];
	int ret = 0;

	memset(listed, 0, TPMB_DIGEST_MAX);
	for (int bank = 0; bank < TPMB_BANK_COUNT && !ret; bank++) {
		size_t size = bank_sizes[bank];
		uint8_t *value = gen->pcrs.value[bank][pcr];

		if (!(gen->pcrs.set[bank] & 1u << pcr))
			memset(value, pcr >= 17 && pcr <= 22 ? 0xff : 0, size);
		gen->pcrs.set[bank] |= 1u << pcr;
		memcpy(pair, value, size);
		memset(pair + size, 0xff, size);
		if (!violation)
			ret = hash_record(bank, record, pair + size);
		if (!violation && bank == gen->bank)
			memcpy(listed, pair + size, size);
		if (!ret)
			ret = hash(bank, pair, 2 * size, value);
	}
	return ret;
}

static int flush(struct generator *gen)
{
	size_t done = 0;
	ssize_t written;

	while (done < gen->out.len) {
		written = write(gen->fd, gen->out.bytes + done, gen->out.len - done);
		if (written < 0 && errno == EINTR)
			continue;
		if (written <= 0)
			return written ? -errno : -EIO;
		done += (size_t)written;
	}
	gen->out.len = 0;
	return 0;
}

static int emit(struct generator *gen, const struct gen_record *record, unsigned int pcr,
		bool violation)
{
	uint32_t name_len = (uint32_t)strlen(record->name);
	uint8_t digest[TPMB_DIGEST_MAX];
	int ret;

	ret = extend(gen, record, pcr, violation, digest);
	if (!ret && gen->out.len > OUT_SIZE / 4)
		ret = flush(gen);
	if (ret)
		return ret;
	if (gen->options->format.format == TPMB_FORMAT_ASCII) {
		put_text(&gen->out, "%2u ", pcr);
		put_hex(&gen->out, digest, bank_sizes[gen->bank]);
		put_text(&gen->out, " %s", record->name);
		put(&gen->out, record->text.bytes, record->text.len);
		put_text(&gen->out, "\n");
	} else {
		put_u32(&gen->out, pcr, gen->order);
		put(&gen->out, digest, bank_sizes[gen->bank]);
		put_u32(&gen->out, name_len, gen->order);
		put(&gen->out, record->name, name_len);
		if (strcmp(record->name, "ima"))
			put_u32(&gen->out, (uint32_t)record->data.len, gen->order);
		put(&gen->out, record->data.bytes, record->data.len);
	}
	if (gen->out.overflow || record->data.overflow || record->text.overflow)
		return -EOVERFLOW;
	return 0;
}

static bool every(unsigned long number, unsigned int n)
{
	return n && number % n == n - 1;
}

static unsigned int draw_pcr(struct generator *gen)
{
	uint32_t mask = gen->options->pcr_mask;
	unsigned int pcr;

	if (!mask)
		return 10;
	do
		pcr = draw_below(gen, TPMB_PCR_COUNT);
	while (!(mask & 1u << pcr));
	return pcr;
}

int gen_list(const struct gen_options *options, int fd, struct tpmb_pcrs *pcrs)
{
	struct gen_options settled = *options;
	struct generator gen = {.options = &settled, .fd = fd, .random = options->seed};
	struct gen_record record = {0}, member = {0};
	uint8_t *memory;
	int ret = 0;

	if (!settled.templates)
		settled.templates = GEN_BIT(GEN_IMA_NG);
	gen.order = settled.format.order == TPMB_ORDER_BE ? TPMB_ORDER_BE : TPMB_ORDER_LE;
	gen.bank = settled.format.bank == -1 ? TPMB_BANK_SHA1 : settled.format.bank;
	memory = malloc(OUT_SIZE / 4 + OUT_SIZE / 2 + OUT_SIZE + 2 * MEMBER_MAX);
	if (!memory)
		return -ENOMEM;
	record.data = (struct blob){.bytes = memory, .size = OUT_SIZE / 4};
	record.text = (struct blob){.bytes = memory + OUT_SIZE / 4, .size = OUT_SIZE / 2};
	gen.out = (struct blob){.bytes = record.text.bytes + OUT_SIZE / 2, .size = OUT_SIZE};
	member.data = (struct blob){.bytes = gen.out.bytes + OUT_SIZE, .size = MEMBER_MAX};
	member.text = (struct blob){.bytes = member.data.bytes + MEMBER_MAX, .size = MEMBER_MAX};

	for (; gen.number < settled.records && !ret; gen.number++) {
		bool violation = every(gen.number, settled.violation_every);
		bool batch = settled.batch_members >= 2 && !violation &&
			     (!settled.batch_every || every(gen.number, settled.batch_every));
		unsigned int template = draw_template(&gen, settled.templates);

		if (batch && template != GEN_LEGACY)
			make_batch(&gen, &record, &member, settled.batch_members);
		else
			make_record(&gen, &record, template, violation);
		ret = emit(&gen, &record, draw_pcr(&gen), violation);
	}
	if (!ret)
		ret = flush(&gen);
	if (pcrs)
		*pcrs = gen.pcrs;
	free(memory);
	return ret;
}
