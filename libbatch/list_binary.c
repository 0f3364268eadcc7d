// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The kernel's binary lists (security/integrity/ima/ima_fs.c):
 *
 *   u32 PCR | template digest | u32 name length | name | u32 data length | data
 *
 * The legacy template has no data length: its digest of 20 bytes and its name,
 * which has a length of its own, follow the template's name directly.
 */
#include <errno.h>

#include "list_private.h"

/* Pairs of byte order and bank that a list may turn out to have. */
#define CANDIDATES_MAX (2 * TPMB_BANK_COUNT)

static int bad(struct tpmb_list_fault *fault, int error, size_t at, const char *expected,
	       uint64_t found)
{
	*fault = (struct tpmb_list_fault){at, expected, found, true};
	return error;
}

int tpmb_binary_parse(const uint8_t *bytes, size_t avail, enum tpmb_order order, int bank,
		      struct tpmb_record *record, size_t *len, struct tpmb_list_fault *fault)
{
	size_t digest_len = tpmb_bank_size((enum tpmb_bank)bank);
	size_t at = TPMB_BINARY_PCR_SIZE + digest_len;
	uint32_t name_len, data_len;
	const uint8_t *name;
	bool legacy;

	*len = at + TPMB_BINARY_LEN_SIZE;
	if (avail < *len)
		return 0;
	name_len = tpmb_get_u32(bytes + at, order);
	if (!name_len || name_len > TPMB_NAME_MAX)
		return bad(fault, -EBADMSG, at, "a template name of 1 to 255 bytes", name_len);
	at = *len;
	name = bytes + at;
	*len = at + name_len;
	if (avail < *len)
		return 0;
	if (!tpmb_name_is_valid((const char *)name, name_len)) {
		*fault = (struct tpmb_list_fault){
			.at = at, .expected = "a template name of graphic characters"};
		return -EBADMSG;
	}
	at = *len;

	legacy = tpmb_name_is_legacy((const char *)name, name_len);
	*len = at + (legacy ? TPMB_LEGACY_DIGEST_SIZE : 0) + TPMB_BINARY_LEN_SIZE;
	if (avail < *len)
		return 0;
	data_len = tpmb_get_u32(bytes + *len - TPMB_BINARY_LEN_SIZE, order);
	if (legacy && data_len >= TPMB_LEGACY_NAME_SIZE)
		return bad(fault, -EBADMSG, *len - TPMB_BINARY_LEN_SIZE,
			   "a legacy record's name of at most 255 bytes", data_len);
	if (data_len > TPMB_RECORD_MAX - *len)
		return bad(fault, -EFBIG, *len - TPMB_BINARY_LEN_SIZE,
			   "a record of at most 32 MiB, with template data", data_len);
	*len += data_len;
	if (avail < *len)
		return 0;

	record->pcr = tpmb_get_u32(bytes, order);
	record->digest = bytes + TPMB_BINARY_PCR_SIZE;
	record->digest_len = digest_len;
	record->bank = bank;
	record->name = (const char *)name;
	record->name_len = name_len;
	/* What the legacy template hashes begins with its digest, the others' behind the length. */
	record->data = bytes + at + (legacy ? 0 : TPMB_BINARY_LEN_SIZE);
	record->data_len = (uint32_t)(*len - (size_t)(record->data - bytes));
	record->has_data = true;
	record->order = order;
	record->length = *len;
	return 1;
}

/* The pairs that the caller's wishes leave open. */
static unsigned int list_candidates(const struct tpmb_list_format *format,
				    struct tpmb_list_format *candidate)
{
	static const enum tpmb_order orders[] = {TPMB_ORDER_LE, TPMB_ORDER_BE};
	unsigned int count = 0;

	for (size_t i = 0; i < ARRAY_SIZE(orders); i++) {
		if (format->order != TPMB_ORDER_AUTO && format->order != orders[i])
			continue;
		for (int bank = 0; bank < TPMB_BANK_COUNT; bank++)
			if (format->bank == -1 || format->bank == bank)
				candidate[count++] = (struct tpmb_list_format){TPMB_FORMAT_BINARY,
									       orders[i], bank};
	}
	return count;
}

/*
 * Settles byte order and bank by the first record: a pair is right when the
 * digest belongs to the data. A first record that was tampered with, or is a
 * violation, still has only one reading with sensible lengths; between the two
 * banks of 32 bytes SHA-256 is then taken.
 */
static int recognise(struct tpmb_list_reader *reader, struct tpmb_list_fault *fault)
{
	struct tpmb_list_format candidate[CANDIDATES_MAX], *plausible;
	unsigned int count = list_candidates(&reader->format, candidate);
	struct tpmb_record record = {0};
	struct tpmb_list_fault candidate_fault;
	const uint8_t *bytes;
	size_t avail, len, want;
	int ret;

	for (;;) {
		bytes = reader->in.bytes + reader->in.start;
		avail = tpmb_buffer_len(&reader->in);
		plausible = NULL;
		want = 0;
		for (unsigned int i = 0; i < count; i++) {
			ret = tpmb_binary_parse(bytes, avail, candidate[i].order, candidate[i].bank,
						&record, &len, &candidate_fault);
			if (!ret && (!want || len < want))
				want = len;
			if (ret == -EFBIG && !fault->expected)
				*fault = candidate_fault;
			if (ret != 1 || record.pcr >= TPMB_PCR_COUNT)
				continue;
			if (tpmb_record_digest_matches(reader->hash, &record)) {
				reader->format = candidate[i];
				return 1;
			}
			if (!plausible)
				plausible = &candidate[i];
		}
		if (!want)
			break;
		ret = tpmb_reader_fill(reader, want);
		if (ret < 0)
			return ret;
		if (!ret)
			break;
	}
	if (plausible) {
		reader->format = *plausible;
		return 1;
	}
	if (want)
		return 0;
	/* Too large, but with a name where one belongs. */
	if (fault->expected)
		return -EFBIG;
	*fault = (struct tpmb_list_fault){
		.expected = "a binary record: PCR, template digest, name length, template name"};
	return -EBADMSG;
}

int tpmb_binary_read(struct tpmb_list_reader *reader, struct tpmb_record *record,
		     struct tpmb_list_fault *fault)
{
	size_t len;
	int ret;

	if (reader->format.order == TPMB_ORDER_AUTO || reader->format.bank == -1) {
		ret = recognise(reader, fault);
		if (ret != 1)
			return ret;
	}
	do {
		ret = tpmb_binary_parse(reader->in.bytes + reader->in.start,
					tpmb_buffer_len(&reader->in), reader->format.order,
					reader->format.bank, record, &len, fault);
		if (ret)
			return ret;
		ret = tpmb_reader_fill(reader, len);
	} while (ret == 1);
	return ret;
}

int tpmb_binary_write(struct tpmb_buffer *out, const struct tpmb_record *record,
		      enum tpmb_order order, int bank, const uint8_t *digest)
{
	size_t digest_len = tpmb_bank_size((enum tpmb_bank)bank);
	uint8_t *to;
	int ret;

	ret = tpmb_buffer_reserve(out, TPMB_BINARY_PCR_SIZE + digest_len + TPMB_BINARY_LEN_SIZE +
					       record->name_len + TPMB_BINARY_LEN_SIZE +
					       record->data_len);
	if (ret)
		return ret;
	to = out->bytes + out->end;
	tpmb_put_u32(to, record->pcr, order);
	to += TPMB_BINARY_PCR_SIZE;
	memcpy(to, digest, digest_len);
	to += digest_len;
	tpmb_put_u32(to, record->name_len, order);
	to += TPMB_BINARY_LEN_SIZE;
	memcpy(to, record->name, record->name_len);
	to += record->name_len;
	if (!tpmb_name_is_legacy(record->name, record->name_len)) {
		tpmb_put_u32(to, record->data_len, order);
		to += TPMB_BINARY_LEN_SIZE;
	}
	if (record->data_len)
		memcpy(to, record->data, record->data_len);
	to += record->data_len;
	out->end = (size_t)(to - out->bytes);
	return 0;
}
