// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The kernel's ASCII lists (security/integrity/ima/ima_fs.c): a line
 *
 *   PCR, at least two wide | ' ' digest in hex | ' ' template name | ' ' field ...
 *
 * with a space before each field, also before an empty one. From the fields
 * the template data is rebuilt as it was hashed. Only the kernel's own
 * spelling is read (lower-case hex, no leading zeros), so that each record has
 * one line and no other.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "list_private.h"

/* Digits of the largest integer shown. */
#define DECIMAL_SIZE sizeof("4294967295")

struct text {
	const char *pos;
	const char *end;
};

static size_t text_len(struct text text)
{
	return (size_t)(text.end - text.pos);
}

static int nibble(char digit)
{
	if (digit >= '0' && digit <= '9')
		return digit - '0';
	if (digit >= 'a' && digit <= 'f')
		return digit - 'a' + 10;
	return -1;
}

/* Appends the bytes that the hex stands for; the caller has made room. */
static bool put_unhexed(struct tpmb_buffer *out, struct text hex)
{
	if (text_len(hex) % 2)
		return false;
	for (; hex.pos != hex.end; hex.pos += 2) {
		int high = nibble(hex.pos[0]), low = nibble(hex.pos[1]);

		if (high < 0 || low < 0)
			return false;
		out->bytes[out->end++] = (uint8_t)(high << 4 | low);
	}
	return true;
}

static bool parse_u32(struct text text, uint32_t *value)
{
	uint64_t sum = 0;

	if (text.pos == text.end || (*text.pos == '0' && text_len(text) > 1))
		return false;
	for (; text.pos != text.end; text.pos++) {
		if (*text.pos < '0' || *text.pos > '9')
			return false;
		sum = sum * 10 + (uint64_t)(*text.pos - '0');
		if (sum > UINT32_MAX)
			return false;
	}
	*value = (uint32_t)sum;
	return true;
}

static void put_bytes(struct tpmb_buffer *out, const void *bytes, size_t len)
{
	if (len)
		memcpy(out->bytes + out->end, bytes, len);
	out->end += len;
}

/* "algo:hex" to "algo:" NUL digest; hex alone to ":" NUL digest, as the kernel shows that. */
static bool put_digest_ng(struct tpmb_buffer *out, struct text text)
{
	const char *colon = memrchr(text.pos, ':', text_len(text));

	if (!colon) {
		put_bytes(out, ":", 2);
		return put_unhexed(out, text);
	}
	if (colon == text.pos)
		return false; /* shown without the colon */
	put_bytes(out, text.pos, (size_t)(colon + 1 - text.pos));
	put_bytes(out, "", 1);
	text.pos = colon + 1;
	return put_unhexed(out, text);
}

static bool put_integer(struct tpmb_buffer *out, struct text text, size_t size,
			enum tpmb_order order)
{
	uint8_t wide[4];
	uint32_t value;

	if (!parse_u32(text, &value) || (size < 4 && value >> 8 * size))
		return false;
	tpmb_put_u32(wide, value, order);
	put_bytes(out, order == TPMB_ORDER_BE ? wide + sizeof(wide) - size : wide, size);
	return true;
}

/* Appends one field with its length. */
static bool put_field(struct tpmb_buffer *out, const struct tpmb_field_desc *desc, struct text text,
		      enum tpmb_order order)
{
	size_t length_at = out->end;
	bool good = true;

	out->end += 4;
	if (text.pos == text.end && desc->kind != TPMB_KIND_STRING)
		good = desc->may_be_empty;
	if (text.pos == text.end && (desc->may_be_empty || !good))
		goto out;
	switch (desc->kind) {
	case TPMB_KIND_DIGEST:
	case TPMB_KIND_HEX:
		good = put_unhexed(out, text);
		break;
	case TPMB_KIND_DIGEST_NG:
	case TPMB_KIND_DIGEST_NGV2:
		good = put_digest_ng(out, text);
		break;
	case TPMB_KIND_STRING:
		put_bytes(out, text.pos, text_len(text));
		put_bytes(out, "", 1);
		break;
	case TPMB_KIND_UINT:
		good = put_integer(out, text, desc->size, order);
		break;
	case TPMB_KIND_COUNT_LE:
		good = put_integer(out, text, desc->size, TPMB_ORDER_LE);
		break;
	}
out:
	tpmb_put_u32(out->bytes + length_at, (uint32_t)(out->end - length_at - 4), order);
	return good;
}

/* Takes the token up to the next space, or all; the space goes too. */
static bool take_token(struct text *rest, struct text *token)
{
	const char *space;

	if (!rest->pos)
		return false;
	space = memchr(rest->pos, ' ', text_len(*rest));
	*token = (struct text){rest->pos, space ? space : rest->end};
	rest->pos = space ? space + 1 : NULL;
	return true;
}

static bool take_last_token(struct text *rest, struct text *token)
{
	const char *space;

	if (!rest->pos)
		return false;
	space = memrchr(rest->pos, ' ', text_len(*rest));
	*token = (struct text){space ? space + 1 : rest->pos, rest->end};
	if (space)
		rest->end = space;
	else
		rest->pos = NULL;
	return true;
}

/*
 * Splits what follows the name into a template's fields. Strings may hold
 * spaces where the list was not written by a kernel: fields before the first
 * string are taken from the left, those behind the last from the right, and a
 * single string gets what is between.
 */
static bool split_fields(const struct tpmb_template *template, struct text rest, struct text *token)
{
	unsigned int first = 0, last = template->fields - 1, i;

	while (first < last && template->field[first]->kind != TPMB_KIND_STRING)
		first++;
	while (last > first && template->field[last]->kind != TPMB_KIND_STRING)
		last--;
	for (i = 0; i < first; i++)
		if (!take_token(&rest, &token[i]))
			return false;
	for (i = template->fields - 1; i > last; i--)
		if (!take_last_token(&rest, &token[i]))
			return false;
	for (i = first; i < last; i++)
		if (!take_token(&rest, &token[i]))
			return false;
	token[last] = rest;
	return rest.pos && (first == last || !memchr(rest.pos, ' ', text_len(rest)));
}

/*
 * Rebuilds template data from the fields' text: 0, -ENOMEM, or -EBADMSG and the
 * text that is wrong.
 */
static int rebuild_data(struct tpmb_buffer *out, const struct tpmb_template *template, bool legacy,
			struct text rest, enum tpmb_order order, const char **wrong)
{
	struct text token[TPMB_FIELDS_MAX];
	int ret;

	out->start = 0;
	out->end = 0;
	/* No field grows by more than its length and two bytes (":" and NUL). */
	ret = tpmb_buffer_reserve(out, text_len(rest) + template->fields * (4 + 4 + 2));
	if (ret)
		return ret;
	*wrong = rest.pos;
	if (!split_fields(template, rest, token))
		return -EBADMSG;
	for (unsigned int i = 0; i < template->fields; i++) {
		*wrong = token[i].pos;
		if (!put_field(out, template->field[i], token[i], order))
			return -EBADMSG;
	}
	if (legacy) {
		/* The digest loses its length, the name its NUL. */
		if (text_len(token[0]) != 2 * TPMB_LEGACY_DIGEST_SIZE)
			return -EBADMSG;
		memmove(out->bytes, out->bytes + 4, out->end - 4);
		out->end -= 5;
		tpmb_put_u32(out->bytes + TPMB_LEGACY_DIGEST_SIZE, (uint32_t)text_len(token[1]),
			     order);
	}
	return 0;
}

static int bad_at(struct tpmb_list_fault *fault, size_t at, const char *expected)
{
	*fault = (struct tpmb_list_fault){.at = at, .expected = expected};
	return -EBADMSG;
}

/* Buffers a whole line: 1 and its text, without the newline. */
static int read_line(struct tpmb_list_reader *reader, struct text *line,
		     struct tpmb_list_fault *fault)
{
	const uint8_t *bytes, *newline;
	size_t searched = 0, len;
	int ret;

	for (;;) {
		bytes = reader->in.bytes + reader->in.start;
		len = tpmb_buffer_len(&reader->in);
		newline = memchr(bytes + searched, '\n', len - searched);
		if (newline || len > TPMB_RECORD_MAX)
			break;
		searched = len;
		ret = tpmb_reader_fill(reader, len + 1);
		if (ret <= 0)
			return ret;
	}
	if (!newline || newline - bytes >= TPMB_RECORD_MAX) {
		bad_at(fault, 0, "a line of at most 32 MiB");
		return -EFBIG;
	}
	*line = (struct text){(const char *)bytes, (const char *)newline};
	return 1;
}

/* The columns that every line has. */
static int parse_head(struct tpmb_list_reader *reader, struct text line, struct text *rest,
		      struct tpmb_record *record, struct tpmb_list_fault *fault)
{
	struct tpmb_buffer digest = {.bytes = reader->digest, .size = sizeof(reader->digest)};
	struct text token;
	int bank;

	*rest = line;
	if (*line.pos == ' ')
		rest->pos++; /* a PCR below ten is padded */
	if (!take_token(rest, &token) || !parse_u32(token, &record->pcr) ||
	    (*line.pos == ' ') != (text_len(token) == 1))
		return bad_at(fault, 0, "a PCR number in decimal, two wide");
	if (!take_token(rest, &token))
		return bad_at(fault, text_len(line), "a template digest");
	for (bank = 0; bank < TPMB_BANK_COUNT; bank++) {
		if (reader->format.bank != -1 && reader->format.bank != bank)
			continue;
		if (text_len(token) == 2 * tpmb_bank_size((enum tpmb_bank)bank))
			break;
	}
	if (bank == TPMB_BANK_COUNT || !put_unhexed(&digest, token))
		return bad_at(fault, (size_t)(token.pos - line.pos),
			      reader->format.bank == -1
				      ? "a template digest in lower-case hex"
				      : "a template digest of the list's bank in lower-case hex");
	record->digest = reader->digest;
	record->digest_len = digest.end;
	record->bank = bank;
	if (!take_token(rest, &token))
		return bad_at(fault, text_len(line), "a template name");
	if (text_len(token) > TPMB_NAME_MAX ||
	    !tpmb_name_is_valid(token.pos, (uint32_t)text_len(token)))
		return bad_at(fault, (size_t)(token.pos - line.pos),
			      "a template name of 1 to 255 graphic characters");
	/* The kernel prints strings up to their NUL. */
	if (memchr(line.pos, 0, text_len(line)))
		return bad_at(fault, strlen(line.pos), "no NUL in a line");
	record->name = token.pos;
	record->name_len = (uint32_t)text_len(token);
	return 0;
}

/* Both banks of 32 bytes look alike: the digest tells. Settles the bank if so. */
static bool settle_bank(struct tpmb_list_reader *reader, struct tpmb_record *record)
{
	size_t size = tpmb_bank_size((enum tpmb_bank)record->bank);
	int first = record->bank;

	if (reader->format.bank != -1)
		return tpmb_record_digest_matches(reader->hash, record);
	for (; record->bank < TPMB_BANK_COUNT; record->bank++) {
		if (tpmb_bank_size((enum tpmb_bank)record->bank) != size)
			continue;
		if (tpmb_record_digest_matches(reader->hash, record)) {
			reader->format.bank = record->bank;
			return true;
		}
	}
	record->bank = first;
	return false;
}

/*
 * Rebuilds the data. A line does not show the list's byte order, but the
 * digest covers lengths in that order: the first record whose digest fits one
 * order settles it. Until then, and for a legacy record, whose digest covers
 * no length, the list is taken as little-endian.
 */
static int read_data(struct tpmb_list_reader *reader, const struct tpmb_template *template,
		     struct text rest, struct tpmb_record *record, const char **wrong)
{
	bool legacy = tpmb_name_is_legacy(record->name, record->name_len);
	bool open_order = reader->format.order == TPMB_ORDER_AUTO && !legacy;
	bool settled;
	int ret;

	if (open_order)
		record->order = TPMB_ORDER_BE;
	for (;;) {
		ret = rebuild_data(&reader->data, template, legacy, rest, record->order, wrong);
		if (ret)
			return ret;
		record->data = reader->data.bytes;
		record->data_len = (uint32_t)reader->data.end;
		record->has_data = true;
		if (!open_order && reader->format.bank != -1)
			return 0;
		settled = settle_bank(reader, record);
		if (settled && open_order)
			reader->format.order = record->order;
		if (settled || !open_order || record->order == TPMB_ORDER_LE)
			return 0;
		record->order = TPMB_ORDER_LE;
	}
}

int tpmb_ascii_read(struct tpmb_list_reader *reader, struct tpmb_record *record,
		    struct tpmb_list_fault *fault)
{
	struct tpmb_template template;
	struct text line, rest;
	const char *wrong = NULL;
	int ret;

	ret = read_line(reader, &line, fault);
	if (ret != 1)
		return ret;
	ret = parse_head(reader, line, &rest, record, fault);
	if (ret)
		return ret;
	/* Of the sizes only SHA-256's belongs to two banks. */
	if (reader->format.bank == -1 && record->bank != TPMB_BANK_SHA256)
		reader->format.bank = record->bank;
	record->length = text_len(line) + 1;
	record->order =
		reader->format.order == TPMB_ORDER_AUTO ? TPMB_ORDER_LE : reader->format.order;
	if (!tpmb_template_lookup(record->name, record->name_len, &template))
		return 1;
	if (!rest.pos)
		return bad_at(fault, text_len(line), "the fields of the record's template");
	ret = read_data(reader, &template, rest, record, &wrong);
	if (ret == -EBADMSG)
		return bad_at(fault, wrong ? (size_t)(wrong - line.pos) : text_len(line),
			      "the fields of the record's template");
	return ret ? ret : 1;
}

static void put_hex(struct tpmb_buffer *out, const uint8_t *bytes, size_t len)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < len; i++) {
		out->bytes[out->end++] = (uint8_t)digits[bytes[i] >> 4];
		out->bytes[out->end++] = (uint8_t)digits[bytes[i] & 0xf];
	}
}

static void put_decimal(struct tpmb_buffer *out, const uint8_t *bytes, size_t len,
			enum tpmb_order order)
{
	char decimal[DECIMAL_SIZE];
	uint32_t value = 0;
	int written;

	for (size_t i = 0; i < len; i++)
		value = value << 8 | bytes[order == TPMB_ORDER_BE ? i : len - 1 - i];
	written = snprintf(decimal, sizeof(decimal), "%" PRIu32, value);
	put_bytes(out, decimal, (size_t)written);
}

/* Shows one field. What this loses shows when the line is read back. */
static void show_field(struct tpmb_buffer *out, const struct tpmb_field_desc *desc,
		       const uint8_t *field, size_t len, enum tpmb_order order)
{
	size_t text = strnlen((const char *)field, len);

	switch (desc->kind) {
	case TPMB_KIND_DIGEST:
	case TPMB_KIND_HEX:
		put_hex(out, field, len);
		break;
	case TPMB_KIND_DIGEST_NG:
	case TPMB_KIND_DIGEST_NGV2:
		if (text > 1)
			put_bytes(out, field, text);
		if (len > text)
			put_hex(out, field + text + 1, len - text - 1);
		break;
	case TPMB_KIND_STRING:
		put_bytes(out, field, text);
		break;
	case TPMB_KIND_UINT:
		put_decimal(out, field, len < 4 ? len : 4, order);
		break;
	case TPMB_KIND_COUNT_LE:
		put_decimal(out, field, len < 4 ? len : 4, TPMB_ORDER_LE);
		break;
	}
}

static bool show_fields(struct tpmb_buffer *out, const struct tpmb_template *template,
			const struct tpmb_record *record)
{
	struct tpmb_field fields[TPMB_FIELDS_MAX];
	int count;

	count = tpmb_template_fields(record->name, record->name_len, record->data, record->data_len,
				     record->order, fields, TPMB_FIELDS_MAX);
	if (count != (int)template->fields)
		return false;
	for (int i = 0; i < count; i++) {
		put_bytes(out, " ", 1);
		if (fields[i].len)
			show_field(out, template->field[i], fields[i].data, fields[i].len,
				   record->order);
	}
	return true;
}

/* Does the text read back as the record's very data? */
static int check_lossless(const struct tpmb_template *template, const struct tpmb_record *record,
			  struct text rest)
{
	struct tpmb_buffer again = {0};
	const char *wrong;
	int ret = -EBADMSG;

	if (memchr(rest.pos, '\n', text_len(rest)))
		goto out;
	ret = rebuild_data(&again, template, tpmb_name_is_legacy(record->name, record->name_len),
			   rest, record->order, &wrong);
	if (!ret &&
	    (again.end != record->data_len || memcmp(again.bytes, record->data, record->data_len)))
		ret = -EBADMSG;
out:
	tpmb_buffer_free(&again);
	return ret == -EBADMSG ? -EINVAL : ret;
}

int tpmb_ascii_write(struct tpmb_buffer *out, const struct tpmb_record *record, int bank,
		     const uint8_t *digest)
{
	size_t digest_len = tpmb_bank_size((enum tpmb_bank)bank), begin, fields_at;
	struct tpmb_template template;
	char pcr[DECIMAL_SIZE + 1];
	int ret, written;

	if (!tpmb_template_lookup(record->name, record->name_len, &template))
		return -EINVAL;
	/* Hex doubles; decimal and the spaces stay within a field's length and 13 bytes. */
	ret = tpmb_buffer_reserve(out, sizeof(pcr) + 2 * digest_len + record->name_len + 3 +
					       2 * (size_t)record->data_len +
					       template.fields * DECIMAL_SIZE + 1);
	if (ret)
		return ret;
	begin = out->end;
	written = snprintf(pcr, sizeof(pcr), "%2" PRIu32 " ", record->pcr);
	put_bytes(out, pcr, (size_t)written);
	put_hex(out, digest, digest_len);
	put_bytes(out, " ", 1);
	put_bytes(out, record->name, record->name_len);
	fields_at = out->end + 1;
	ret = show_fields(out, &template, record)
		      ? check_lossless(&template, record,
				       (struct text){(const char *)out->bytes + fields_at,
						     (const char *)out->bytes + out->end})
		      : -EINVAL;
	if (ret)
		out->end = begin;
	else
		put_bytes(out, "\n", 1);
	return ret;
}
