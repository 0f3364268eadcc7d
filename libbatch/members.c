// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What a record is, and the members of a batch. */
#include <errno.h>
#include <inttypes.h>

#include "record.h"
#include "template.h"

_Static_assert(sizeof(TPMB_TEMPLATE_BATCH) == TPMB_BATCH_NAME_LEN + 1,
	       "the public name of the template and record.h's differ");

TPMB_API bool tpmb_record_is_violation(const struct tpmb_record *record)
{
	for (size_t i = 0; i < record->digest_len; i++)
		if (record->digest[i])
			return false;
	return record->digest && record->digest_len;
}

TPMB_API bool tpmb_record_is_batch(const struct tpmb_record *record)
{
	return tpmb_name_is_batch(record->name, record->name_len);
}

bool tpmb_is_batch_data(const uint8_t *data, uint32_t data_len, enum tpmb_order order)
{
	const uint8_t *pos = data, *end = data + data_len, *n_batch, *e_batch;
	uint32_t n_len, e_len;

	return tpmb_next_field(&pos, end, order, &n_batch, &n_len) && n_len == TPMB_N_BATCH_SIZE &&
	       tpmb_next_field(&pos, end, order, &e_batch, &e_len) && pos == end &&
	       tpmb_check_batch(n_batch, n_len, e_batch, e_len, NULL) >= 0;
}

static int bad_batch(const struct tpmb_record *record, uint32_t at, const char *expected)
{
	tpmb_msg("record %" PRIu64 " at offset %" PRIu64 ": ima-batch, byte %" PRIu32
		 " of its template data: expected %s",
		 record->number, record->offset, at, expected);
	return -EBADMSG;
}

TPMB_API int tpmb_members(const struct tpmb_record *record, struct tpmb_member_iter *iter)
{
	const uint8_t *pos = record->data, *end, *n_batch, *e_batch;
	uint32_t n_len, e_len, bad = 0;
	int members;

	*iter = (struct tpmb_member_iter){0};
	if (!tpmb_record_is_batch(record) || !record->has_data)
		return bad_batch(record, 0, "an ima-batch record with its template data");
	if (tpmb_record_is_violation(record))
		return bad_batch(record, 0, "a digest that is not zero: violations are not nested");
	end = pos + record->data_len;
	if (!tpmb_next_field(&pos, end, record->order, &n_batch, &n_len) ||
	    n_len != TPMB_N_BATCH_SIZE)
		return bad_batch(record, 0, "n-batch, a field of 4 bytes");
	if (!tpmb_next_field(&pos, end, record->order, &e_batch, &e_len))
		return bad_batch(record, (uint32_t)(pos - record->data),
				 "e-batch, a field within the record");
	if (pos != end)
		return bad_batch(record, (uint32_t)(pos - record->data),
				 "nothing behind the e-batch field");
	members = tpmb_check_batch(n_batch, n_len, e_batch, e_len, &bad);
	if (members < 0) {
		tpmb_msg("record %" PRIu64 " at offset %" PRIu64 ": ima-batch, byte %" PRIu64
			 " of its template data: expected %" PRIu32
			 " members, two or more, that fill e-batch (%" PRIu32 " bytes)",
			 record->number, record->offset, (uint64_t)(e_batch - record->data) + bad,
			 tpmb_get_n_batch(n_batch), e_len);
		return members;
	}
	*iter = (struct tpmb_member_iter){e_batch, e_batch + e_len, (uint32_t)members};
	return members;
}

TPMB_API bool tpmb_member_next(struct tpmb_member_iter *iter, struct tpmb_member *member)
{
	struct tpmb_batch_member found;

	if (!iter->left || tpmb_next_member(&iter->pos, iter->end, &found))
		return false;
	iter->left--;
	*member = (struct tpmb_member){(const char *)found.name, found.name_len, found.data,
				       found.data_len};
	return true;
}
