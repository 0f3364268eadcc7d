// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Replaying a list into the PCRs of several banks at once. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "record.h"
#include "replay.h"
#include "template.h"

struct tpmb_replay {
	unsigned int banks;
	struct tpmb_hash *hash;
	struct tpmb_pcrs pcrs;
	uint32_t named;			/* bit N: a record has named PCR N */
	uint32_t lost[TPMB_BANK_COUNT]; /* bit N: an extend of PCR N could not be replayed */
};

TPMB_API int tpmb_replay_new(unsigned int banks, struct tpmb_replay **replay)
{
	struct tpmb_replay *r;
	int bank, ret;

	*replay = NULL;
	if (!banks || banks & ~TPMB_BANKS_ALL)
		return -EINVAL;
	if (banks & ~tpmb_banks_supported())
		return -ENOTSUP;
	r = calloc(1, sizeof(*r));
	if (!r)
		return -ENOMEM;
	ret = tpmb_hash_new(&r->hash);
	if (ret) {
		free(r);
		return ret;
	}
	r->banks = banks;
	tpmb_for_each_bank(bank, banks)
		for (unsigned int pcr = 0; pcr < TPMB_PCR_COUNT; pcr++)
			tpmb_pcr_start(bank, pcr, r->pcrs.value[bank][pcr]);
	*replay = r;
	return 0;
}

TPMB_API void tpmb_replay_free(struct tpmb_replay *replay)
{
	if (!replay)
		return;
	tpmb_hash_free(replay->hash);
	free(replay);
}

TPMB_API void tpmb_replay_pcrs(const struct tpmb_replay *replay, struct tpmb_pcrs *pcrs)
{
	int bank;

	*pcrs = replay->pcrs;
	tpmb_for_each_bank(bank, replay->banks)
		pcrs->set[bank] = replay->named & ~replay->lost[bank];
}

void tpmb_replay_value(const struct tpmb_replay *replay, uint32_t pcr, struct tpmb_digests *value)
{
	int bank;

	tpmb_for_each_bank(bank, replay->banks)
		memcpy(value->value[bank], replay->pcrs.value[bank][pcr], TPMB_DIGEST_MAX);
}

static int bad_record(const struct tpmb_record *record, const char *what)
{
	tpmb_msg("record %" PRIu64 " at offset %" PRIu64 " (PCR %" PRIu32 ", %.*s): %s",
		 record->number, record->offset, record->pcr, (int)record->name_len, record->name,
		 what);
	return -EBADMSG;
}

/* Holds a record against its own digest, which a violation has not, and against its name. */
static int check_record(struct tpmb_replay *replay, const struct tpmb_record *record,
			bool violation)
{
	uint8_t digest[TPMB_DIGEST_MAX];
	struct tpmb_member_iter iter;
	const char *reason;
	int ret;

	if (!violation) {
		ret = tpmb_template_hash(replay->hash, record->bank, record->name, record->name_len,
					 record->data, record->data_len, record->order, digest);
		if (ret == -EBADMSG)
			return bad_record(record, "no digest, length and name of the template");
		if (ret)
			return ret;
		if (memcmp(digest, record->digest, record->digest_len))
			return bad_record(record,
					  "the template digest does not belong to the data");
	}
	if (tpmb_record_is_batch(record)) {
		ret = tpmb_members(record, &iter);
		return ret < 0 ? ret : 0;
	}
	/* A batch under another name would hide its members from whoever judges contents. */
	if (tpmb_is_batch_data(record->data, record->data_len, record->order))
		return bad_record(record, "its data is an ima-batch's, its name is not");
	if (tpmb_template_check(record->name, record->name_len, record->data, record->data_len,
				record->order, &reason))
		return bad_record(record, reason);
	return 0;
}

/* Extends one bank by the listed digest, or by the one of the record's data in that bank. */
static int extend_bank(struct tpmb_replay *replay, const struct tpmb_record *record, int bank,
		       bool violation)
{
	uint8_t digest[TPMB_DIGEST_MAX];
	int ret;

	if (violation) {
		memset(digest, 0xff, sizeof(digest));
	} else if (bank == record->bank) {
		memcpy(digest, record->digest, record->digest_len);
	} else if (!record->has_data) {
		return -ENOTSUP;
	} else {
		ret = tpmb_template_hash(replay->hash, bank, record->name, record->name_len,
					 record->data, record->data_len, record->order, digest);
		if (ret)
			return ret;
	}
	return tpmb_pcr_extend(replay->hash, bank, replay->pcrs.value[bank][record->pcr], digest);
}

TPMB_API int tpmb_replay_add(struct tpmb_replay *replay, const struct tpmb_record *record)
{
	bool violation = tpmb_record_is_violation(record);
	int bank, ret = 0, err;

	if (record->pcr >= TPMB_PCR_COUNT) {
		tpmb_msg("record %" PRIu64 " at offset %" PRIu64 ": expected a PCR of 0 to 23, "
			 "found %" PRIu32,
			 record->number, record->offset, record->pcr);
		return -EINVAL;
	}
	if (record->digest_len != tpmb_bank_size((enum tpmb_bank)record->bank))
		return -EINVAL;
	if (record->has_data)
		ret = check_record(replay, record, violation);
	replay->named |= 1u << record->pcr;
	tpmb_for_each_bank(bank, replay->banks) {
		if (replay->lost[bank] & 1u << record->pcr)
			continue; /* and has been reported */
		err = extend_bank(replay, record, bank, violation);
		if (err)
			replay->lost[bank] |= 1u << record->pcr;
		if (!ret)
			ret = err;
	}
	return ret;
}
