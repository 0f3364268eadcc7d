// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Brings list and PCR together; see reconcile.h. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "reconcile.h"
#include "replay.h"
#include "template.h"
#include "tpm.h"

/* Besides its template data, the bytes of a batch's record that a crash can leave behind. */
#define TORN_HEAD_MAX 1024

int tpmb_measurement_key(struct tpmb_hash *hash, const char *name, uint32_t name_len,
			 const uint8_t *data, uint32_t data_len, uint8_t key[TPMB_KEY_SIZE])
{
	return tpmb_template_hash(hash, TPMB_BANK_SHA256, name, name_len, data, data_len,
				  tpmb_native_order(), key);
}

int tpmb_extend_digests(struct tpmb_hash *hash, unsigned int banks, const char *name,
			uint32_t name_len, const uint8_t *data, uint32_t data_len, bool violation,
			struct tpmb_digests *digests)
{
	if (!violation)
		return tpmb_template_hash_banks(hash, banks, name, name_len, data, data_len,
						tpmb_native_order(), digests);
	memset(digests, 0xff, sizeof(*digests));
	return 0;
}

/* What is remembered of the last record while the list is read. */
struct tail {
	uint64_t records; /* 0: the list is empty */
	uint64_t offset, end;
	uint32_t pcr;
	struct tpmb_digests before; /* its PCR's values before it */
	uint32_t pcr_mask;	    /* of the whole list */
};

struct reconcile {
	struct tpmb_wal *wal;
	struct tpm_transport *transport;
	struct tpmb_seen *seen;
	struct tpmb_hash *hash;
	struct tpmb_replay *replay;
	unsigned int banks;
	uint32_t batch_max;
	struct tail tail;
};

static int add_key(struct reconcile *r, uint32_t pcr, const char *name, uint32_t name_len,
		   const uint8_t *data, uint32_t data_len)
{
	uint8_t key[TPMB_KEY_SIZE];
	int ret;

	ret = tpmb_measurement_key(r->hash, name, name_len, data, data_len, key);
	if (!ret)
		ret = tpmb_seen_reserve(r->seen, 1);
	if (!ret)
		tpmb_seen_add(r->seen, pcr, key);
	return ret;
}

static int add_keys(struct reconcile *r, const struct tpmb_record *record)
{
	struct tpmb_member_iter iter;
	struct tpmb_member member;
	int ret;

	if (tpmb_record_is_violation(record))
		return 0;
	if (!tpmb_record_is_batch(record))
		return add_key(r, record->pcr, record->name, record->name_len, record->data,
			       record->data_len);
	ret = tpmb_members(record, &iter);
	if (ret < 0)
		return ret;
	ret = 0;
	while (!ret && tpmb_member_next(&iter, &member))
		ret = add_key(r, record->pcr, member.name, member.name_len, member.data,
			      member.data_len);
	return ret;
}

static int add_record(struct reconcile *r, const struct tpmb_record *record)
{
	struct tail *tail = &r->tail;
	int ret;

	if (record->pcr >= TPMB_PCR_COUNT) {
		tpmb_msg("%s: offset %" PRIu64 ": PCR %u, expected 0 to 23", r->wal->path,
			 record->offset, record->pcr);
		return -EBADMSG;
	}
	tail->records++;
	tail->offset = record->offset;
	tail->end = record->offset + record->length;
	tail->pcr = record->pcr;
	tail->pcr_mask |= 1u << record->pcr;
	tpmb_replay_value(r->replay, record->pcr, &tail->before);
	ret = tpmb_replay_add(r->replay, record);
	return ret ? ret : add_keys(r, record);
}

/* A reader of the list from @offset on. */
static int open_reader(const struct reconcile *r, uint64_t offset, struct tpmb_list_reader **reader)
{
	/* What a session writes; a list of another kind cannot be appended to. */
	const struct tpmb_list_format format = {TPMB_FORMAT_BINARY, tpmb_native_order(),
						TPMB_BANK_SHA1};

	*reader = NULL;
	if (lseek(r->wal->fd, (off_t)offset, SEEK_SET) < 0)
		return -errno;
	return tpmb_list_reader_fd(r->wal->fd, r->wal->path, &format, reader);
}

/* Reads the list: 0, -ENODATA where it ends inside a record, or another error. */
static int read_list(struct reconcile *r)
{
	struct tpmb_list_reader *reader;
	struct tpmb_record record;
	int ret;

	ret = open_reader(r, 0, &reader);
	if (ret)
		return ret;
	while ((ret = tpmb_list_read(reader, &record)) > 0) {
		ret = add_record(r, &record);
		if (ret)
			break;
	}
	tpmb_list_reader_close(reader);
	return ret == -EFBIG ? -EBADMSG : ret;
}

/* Reads the last record again, and extends its PCR by it. */
static int extend_last(const struct reconcile *r)
{
	struct tpmb_list_reader *reader;
	struct tpmb_digests digests;
	struct tpmb_record record;
	int ret;

	ret = open_reader(r, r->tail.offset, &reader);
	if (ret)
		return ret;
	ret = tpmb_list_read(reader, &record);
	if (ret > 0)
		ret = tpmb_extend_digests(r->hash, r->banks, record.name, record.name_len,
					  record.data, record.data_len,
					  tpmb_record_is_violation(&record), &digests);
	else if (!ret)
		ret = -EBADMSG;
	tpmb_list_reader_close(reader);
	if (ret)
		return ret;
	return tpm_extend(r->transport, r->tail.pcr, r->banks,
			  (const uint8_t(*)[TPMB_DIGEST_MAX])digests.value);
}

static void hex(const uint8_t *bytes, size_t len, char *out)
{
	for (size_t i = 0; i < len; i++)
		sprintf(out + 2 * i, "%02x", bytes[i]);
}

static bool tpm_has(const struct reconcile *r, const struct tpmb_pcrs *tpm, uint32_t pcr, int bank)
{
	return r->banks & TPMB_BANK_BIT(bank) && tpm->set[bank] >> pcr & 1;
}

/* Does the TPM's PCR hold @value in each bank? */
static bool pcr_holds(const struct reconcile *r, const struct tpmb_pcrs *tpm, uint32_t pcr,
		      const struct tpmb_digests *value)
{
	int bank;

	tpmb_for_each_bank(bank, TPMB_BANKS_ALL) {
		if (tpm_has(r, tpm, pcr, bank) && memcmp(tpm->value[bank][pcr], value->value[bank],
							 tpmb_bank_size((enum tpmb_bank)bank)))
			return false;
	}
	return true;
}

/* Names the first bank in which list and TPM differ. */
static void say_difference(const struct reconcile *r, const struct tpmb_pcrs *tpm, uint32_t pcr,
			   const struct tpmb_digests *list)
{
	char want[2 * TPMB_DIGEST_MAX + 1], have[2 * TPMB_DIGEST_MAX + 1];
	int bank;

	tpmb_for_each_bank(bank, TPMB_BANKS_ALL) {
		size_t size = tpmb_bank_size((enum tpmb_bank)bank);

		if (!tpm_has(r, tpm, pcr, bank) ||
		    !memcmp(tpm->value[bank][pcr], list->value[bank], size))
			continue;
		hex(list->value[bank], size, want);
		hex(tpm->value[bank][pcr], size, have);
		tpmb_msg("%s: PCR %u, bank %s: the list gives %s, the TPM has %s", r->wal->path,
			 pcr, tpmb_bank_name((enum tpmb_bank)bank), want, have);
		return;
	}
}

/* Are all PCRs that the list names as a TPM reset leaves them? */
static bool is_reset(const struct reconcile *r, const struct tpmb_pcrs *tpm)
{
	for (uint32_t pcr = 0; pcr < TPMB_PCR_COUNT; pcr++) {
		struct tpmb_digests start;
		int bank;

		if (!(r->tail.pcr_mask >> pcr & 1))
			continue;
		tpmb_for_each_bank(bank, TPMB_BANKS_ALL)
			tpmb_pcr_start(bank, pcr, start.value[bank]);
		if (!pcr_holds(r, tpm, pcr, &start))
			return false;
	}
	return true;
}

/* 0 where each PCR is as the whole records say, 1 where the last record is missing from its PCR. */
static int compare(const struct reconcile *r, const struct tpmb_pcrs *tpm)
{
	struct tpmb_digests value;
	int missing = 0;

	for (uint32_t pcr = 0; pcr < TPMB_PCR_COUNT; pcr++) {
		if (!(r->tail.pcr_mask >> pcr & 1))
			continue;
		tpmb_replay_value(r->replay, pcr, &value);
		if (pcr_holds(r, tpm, pcr, &value))
			continue;
		if (r->tail.records && pcr == r->tail.pcr &&
		    pcr_holds(r, tpm, pcr, &r->tail.before)) {
			missing = 1;
			continue;
		}
		if (is_reset(r, tpm)) {
			tpmb_msg(
				"%s: the TPM was reset since this list was written: PCR %u is back "
				"at its start value, the list has %" PRIu64 " records",
				r->wal->path, pcr, r->tail.records);
			return -ESTALE;
		}
		say_difference(r, tpm, pcr, &value);
		return -EBADE;
	}
	return missing;
}

/*
 * Cuts the bytes behind the last whole record. Only where the PCRs prove that
 * they were never extended; where there is no record before them, a PCR proves
 * nothing (the TPM may have been reset), and more than one batch's worth of
 * bytes is somebody's list with a damaged head.
 */
static int cut_torn_tail(struct reconcile *r)
{
	uint64_t left = r->wal->size - r->tail.end;

	if (!r->tail.records && left > (uint64_t)r->batch_max + TORN_HEAD_MAX) {
		tpmb_msg("%s: the first record is damaged, and %" PRIu64
			 " bytes are too many for a torn one: nothing was changed",
			 r->wal->path, left);
		return -EBADMSG;
	}
	tpmb_msg("%s: cutting %" PRIu64 " bytes of a torn record at offset %" PRIu64, r->wal->path,
		 left, r->tail.end);
	return tpmb_wal_cut(r->wal, r->tail.end);
}

static int settle(struct reconcile *r, bool torn, bool *rolled_forward)
{
	struct tpmb_pcrs tpm;
	int ret;

	ret = tpmb_pcr_read(r->transport, r->tail.pcr_mask, &tpm);
	if (ret)
		return ret;
	ret = compare(r, &tpm);
	if (ret < 0)
		return ret;
	if (torn && ret) {
		/* A record is appended only after the one before it was extended. */
		tpmb_msg("%s: a torn record at offset %" PRIu64
			 ", but the record before it is not in PCR %u either",
			 r->wal->path, r->tail.end, r->tail.pcr);
		return -EBADE;
	}
	if (torn)
		return cut_torn_tail(r);
	if (!ret)
		return 0;
	*rolled_forward = true;
	return extend_last(r);
}

int tpmb_reconcile(struct tpmb_wal *wal, struct tpm_transport *transport, uint32_t pcr,
		   uint32_t batch_max, struct tpmb_seen *seen, bool *rolled_forward)
{
	struct reconcile r = {
		.wal = wal,
		.transport = transport,
		.seen = seen,
		.batch_max = batch_max,
		/* An empty list's PCR has to be at its start: else the list will never explain it.
		 */
		.tail.pcr_mask = 1u << pcr,
	};
	int ret;

	*rolled_forward = false;
	/*
	 * The TPM first: a dead one costs no reading of a long list. One that has
	 * lost power is started; its PCRs then tell.
	 */
	ret = tpm_probe(transport);
	if (!ret)
		ret = tpm_pcr_banks(transport, pcr, &r.banks);
	if (ret)
		return ret;
	r.banks &= tpmb_banks_supported();
	ret = tpmb_hash_new(&r.hash);
	if (ret)
		return ret;
	ret = tpmb_replay_new(r.banks, &r.replay);
	if (ret)
		goto out;
	ret = read_list(&r);
	if (!ret || ret == -ENODATA)
		ret = settle(&r, ret == -ENODATA, rolled_forward);
out:
	tpmb_replay_free(r.replay);
	tpmb_hash_free(r.hash);
	return ret;
}
