// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Template descriptors and the digests of template data. */
#include <errno.h>

#include "record.h"
#include "template.h"

enum field_number {
	FIELD_D,
	FIELD_N,
	FIELD_D_NG,
	FIELD_D_NGV2,
	FIELD_N_NG,
	FIELD_SIG,
	FIELD_BUF,
	FIELD_D_MODSIG,
	FIELD_MODSIG,
	FIELD_EVMSIG,
	FIELD_XATTRNAMES,
	FIELD_XATTRLENGTHS,
	FIELD_XATTRVALUES,
	FIELD_IUID,
	FIELD_IGID,
	FIELD_IMODE,
	FIELD_KERNEL_COUNT, /* what follows is no part of a custom format */
	FIELD_N_BATCH = FIELD_KERNEL_COUNT,
	FIELD_E_BATCH,
	FIELD_COUNT,
};

static const struct tpmb_field_desc field_table[FIELD_COUNT] = {
	[FIELD_D] = {"d", TPMB_KIND_DIGEST, 0, false},
	[FIELD_N] = {"n", TPMB_KIND_STRING, 0, false},
	[FIELD_D_NG] = {"d-ng", TPMB_KIND_DIGEST_NG, 0, false},
	[FIELD_D_NGV2] = {"d-ngv2", TPMB_KIND_DIGEST_NGV2, 0, false},
	[FIELD_N_NG] = {"n-ng", TPMB_KIND_STRING, 0, false},
	[FIELD_SIG] = {"sig", TPMB_KIND_HEX, 0, true},
	[FIELD_BUF] = {"buf", TPMB_KIND_HEX, 0, true},
	[FIELD_D_MODSIG] = {"d-modsig", TPMB_KIND_DIGEST_NG, 0, true},
	[FIELD_MODSIG] = {"modsig", TPMB_KIND_HEX, 0, true},
	[FIELD_EVMSIG] = {"evmsig", TPMB_KIND_HEX, 0, true},
	[FIELD_XATTRNAMES] = {"xattrnames", TPMB_KIND_STRING, 0, true},
	[FIELD_XATTRLENGTHS] = {"xattrlengths", TPMB_KIND_HEX, 0, true},
	[FIELD_XATTRVALUES] = {"xattrvalues", TPMB_KIND_HEX, 0, true},
	[FIELD_IUID] = {"iuid", TPMB_KIND_UINT, 4, true},
	[FIELD_IGID] = {"igid", TPMB_KIND_UINT, 4, true},
	[FIELD_IMODE] = {"imode", TPMB_KIND_UINT, 2, true},
	[FIELD_N_BATCH] = {"n-batch", TPMB_KIND_COUNT_LE, TPMB_N_BATCH_SIZE, false},
	[FIELD_E_BATCH] = {"e-batch", TPMB_KIND_HEX, 0, false},
};

#define FIELDS(...) \
	(const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__}) / sizeof(uint8_t)

static const struct {
	const char *name;
	const uint8_t *field;
	size_t fields;
} template_table[] = {
	{"ima-ng", FIELDS(FIELD_D_NG, FIELD_N_NG)},
	{"ima-sig", FIELDS(FIELD_D_NG, FIELD_N_NG, FIELD_SIG)},
	{TPMB_BATCH_NAME, FIELDS(FIELD_N_BATCH, FIELD_E_BATCH)},
	{"ima-ngv2", FIELDS(FIELD_D_NGV2, FIELD_N_NG)},
	{"ima-sigv2", FIELDS(FIELD_D_NGV2, FIELD_N_NG, FIELD_SIG)},
	{"ima-buf", FIELDS(FIELD_D_NG, FIELD_N_NG, FIELD_BUF)},
	{"ima-modsig", FIELDS(FIELD_D_NG, FIELD_N_NG, FIELD_SIG, FIELD_D_MODSIG, FIELD_MODSIG)},
	{"evm-sig",
	 FIELDS(FIELD_D_NG, FIELD_N_NG, FIELD_EVMSIG, FIELD_XATTRNAMES, FIELD_XATTRLENGTHS,
		FIELD_XATTRVALUES, FIELD_IUID, FIELD_IGID, FIELD_IMODE)},
	{"ima", FIELDS(FIELD_D, FIELD_N)},
};

static bool name_equals(const char *name, uint32_t name_len, const char *expected)
{
	return strlen(expected) == name_len && !memcmp(name, expected, name_len);
}

bool tpmb_name_is_legacy(const char *name, uint32_t name_len)
{
	return name_equals(name, name_len, "ima");
}

bool tpmb_name_is_batch(const char *name, uint32_t name_len)
{
	return name_equals(name, name_len, TPMB_BATCH_NAME);
}

bool tpmb_name_is_valid(const char *name, uint32_t name_len)
{
	if (!name_len || name_len > TPMB_NAME_MAX)
		return false;
	for (uint32_t i = 0; i < name_len; i++)
		if (name[i] <= ' ' || name[i] > '~')
			return false;
	return true;
}

/* Reads a custom format, "d-ng|n-ng|sig". */
static bool parse_format(const char *format, uint32_t format_len, struct tpmb_template *template)
{
	const char *pos = format, *end = format + format_len, *bar;
	uint32_t len;
	int i;

	template->fields = 0;
	for (;;) {
		bar = memchr(pos, '|', (size_t)(end - pos));
		len = (uint32_t)((bar ? bar : end) - pos);
		for (i = 0; i < FIELD_KERNEL_COUNT; i++)
			if (name_equals(pos, len, field_table[i].id))
				break;
		if (i == FIELD_KERNEL_COUNT || template->fields == TPMB_FIELDS_MAX)
			return false;
		template->field[template->fields++] = &field_table[i];
		if (!bar)
			return true;
		pos = bar + 1;
	}
}

bool tpmb_template_lookup(const char *name, uint32_t name_len, struct tpmb_template *template)
{
	for (size_t i = 0; i < ARRAY_SIZE(template_table); i++) {
		if (!name_equals(name, name_len, template_table[i].name))
			continue;
		template->fields = (unsigned int)template_table[i].fields;
		for (size_t j = 0; j < template_table[i].fields; j++)
			template->field[j] = &field_table[template_table[i].field[j]];
		return true;
	}
	return parse_format(name, name_len, template);
}

bool tpmb_next_field(const uint8_t **pos, const uint8_t *end, enum tpmb_order order,
		     const uint8_t **field, uint32_t *len)
{
	if (end - *pos < 4)
		return false;
	*len = tpmb_get_u32(*pos, order);
	if ((uint64_t)(end - *pos - 4) < *len)
		return false;
	*field = *pos + 4;
	*pos = *field + *len;
	return true;
}

/* The two parts of legacy template data; the name has no NUL and at most 255 bytes. */
static bool split_legacy(const uint8_t *data, uint32_t data_len, enum tpmb_order order,
			 const uint8_t **name, uint32_t *name_len)
{
	const uint8_t *pos = data + TPMB_LEGACY_DIGEST_SIZE, *end = data + data_len;

	if (data_len < TPMB_LEGACY_DIGEST_SIZE)
		return false;
	return tpmb_next_field(&pos, end, order, name, name_len) && pos == end &&
	       *name_len < TPMB_LEGACY_NAME_SIZE;
}

static void store_field(struct tpmb_field *fields, unsigned int max, unsigned int number,
			const char *id, const uint8_t *data, uint32_t len)
{
	if (number < max)
		fields[number] = (struct tpmb_field){id, data, len};
}

TPMB_API int tpmb_template_fields(const char *name, uint32_t name_len, const uint8_t *data,
				  uint32_t data_len, enum tpmb_order order,
				  struct tpmb_field *fields, unsigned int max)
{
	const uint8_t *pos = data, *end = data + data_len, *field;
	struct tpmb_template template;
	unsigned int count = 0;
	uint32_t len;
	bool known;

	if (tpmb_name_is_legacy(name, name_len)) {
		if (!split_legacy(data, data_len, order, &field, &len))
			return -EBADMSG;
		store_field(fields, max, 0, field_table[FIELD_D].id, data, TPMB_LEGACY_DIGEST_SIZE);
		store_field(fields, max, 1, field_table[FIELD_N].id, field, len);
		return 2;
	}
	known = tpmb_template_lookup(name, name_len, &template);
	while (pos != end) {
		if (!tpmb_next_field(&pos, end, order, &field, &len))
			return -EBADMSG;
		if (known && count == template.fields)
			return -EBADMSG;
		store_field(fields, max, count, known ? template.field[count]->id : NULL, field,
			    len);
		count++;
	}
	if (known && count != template.fields)
		return -EBADMSG;
	return (int)count;
}

/* "algo:" NUL, with one colon in it, or "type:algo:" NUL with two. */
static bool has_digest_prefix(const uint8_t *field, uint32_t len, unsigned int colons)
{
	const uint8_t *nul = memchr(field, 0, len);
	unsigned int found = 0;

	if (!nul || nul == field || nul[-1] != ':')
		return false;
	for (const uint8_t *pos = field; pos < nul; pos++)
		found += *pos == ':';
	return found == colons;
}

static bool has_form(const struct tpmb_field_desc *desc, const uint8_t *field, uint32_t len)
{
	if (!len)
		return desc->may_be_empty;
	switch (desc->kind) {
	case TPMB_KIND_DIGEST_NG:
		return has_digest_prefix(field, len, 1);
	case TPMB_KIND_DIGEST_NGV2:
		return has_digest_prefix(field, len, 2);
	case TPMB_KIND_STRING:
		return memchr(field, 0, len) == field + len - 1;
	case TPMB_KIND_UINT:
	case TPMB_KIND_COUNT_LE:
		return len == desc->size;
	case TPMB_KIND_DIGEST:
	case TPMB_KIND_HEX:
		break;
	}
	return true;
}

int tpmb_template_check(const char *name, uint32_t name_len, const uint8_t *data, uint32_t data_len,
			enum tpmb_order order, const char **reason)
{
	const uint8_t *pos = data, *end = data + data_len, *field;
	struct tpmb_template template;
	uint32_t len;

	if (tpmb_name_is_legacy(name, name_len)) {
		*reason = "the name of a legacy record does not end the record, is longer than "
			  "255 bytes, or holds a NUL";
		if (!split_legacy(data, data_len, order, &field, &len) || memchr(field, 0, len))
			return -EBADMSG;
		return 0;
	}
	if (!tpmb_template_lookup(name, name_len, &template))
		return 0;
	for (unsigned int i = 0; i < template.fields; i++) {
		*reason = "fewer fields than its template has, or a field's length is wrong";
		if (!tpmb_next_field(&pos, end, order, &field, &len))
			return -EBADMSG;
		*reason = "a field has not the form that its template gives it";
		if (!has_form(template.field[i], field, len))
			return -EBADMSG;
	}
	*reason = "bytes are left over after the template's last field";
	return pos == end ? 0 : -EBADMSG;
}

/* Digest and name, the name padded with zeros, as Linux hashes the legacy template. */
static int hash_legacy(struct tpmb_hash *hash, int bank, const uint8_t *data, uint32_t data_len,
		       enum tpmb_order order, uint8_t *digest)
{
	uint8_t padded[TPMB_LEGACY_NAME_SIZE] = {0};
	const uint8_t *name;
	uint32_t len;

	if (!split_legacy(data, data_len, order, &name, &len))
		return -EBADMSG;
	memcpy(padded, name, len);
	return tpmb_hash_pair(hash, bank, data, TPMB_LEGACY_DIGEST_SIZE, padded, sizeof(padded),
			      digest);
}

int tpmb_template_hash(struct tpmb_hash *hash, int bank, const char *name, uint32_t name_len,
		       const uint8_t *data, uint32_t data_len, enum tpmb_order order,
		       uint8_t *digest)
{
	if (tpmb_name_is_legacy(name, name_len))
		return hash_legacy(hash, bank, data, data_len, order, digest);
	return tpmb_hash_bytes(hash, bank, data, data_len, digest);
}

int tpmb_template_hash_banks(struct tpmb_hash *hash, unsigned int banks, const char *name,
			     uint32_t name_len, const uint8_t *data, uint32_t data_len,
			     enum tpmb_order order, struct tpmb_digests *digests)
{
	int bank, ret;

	tpmb_for_each_bank(bank, banks) {
		ret = tpmb_template_hash(hash, bank, name, name_len, data, data_len, order,
					 digests->value[bank]);
		if (ret)
			return ret;
	}
	return 0;
}

TPMB_API int tpmb_template_digest(enum tpmb_bank bank, const char *name, uint32_t name_len,
				  const uint8_t *data, uint32_t data_len, enum tpmb_order order,
				  uint8_t digest[TPMB_DIGEST_MAX])
{
	struct tpmb_hash *hash;
	int ret;

	ret = tpmb_hash_new(&hash);
	if (ret)
		return ret;
	ret = tpmb_template_hash(hash, (int)bank, name, name_len, data, data_len, order, digest);
	tpmb_hash_free(hash);
	return ret;
}
