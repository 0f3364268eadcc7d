// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Where measurements become a record, and the record reaches the TPM. All of it
 * runs under the engine's commit lock.
 */
#include <errno.h>

#include "reconcile.h"
#include "record.h"
#include "session.h"
#include "template.h"
#include "tpm.h"

/* A record on its way into the list and the PCR. */
struct record {
	uint32_t pcr;
	const char *name;
	uint32_t name_len;
	const uint8_t *data;
	uint32_t data_len;
	bool violation;
	struct tpmb_digests digests; /* what each bank is extended by; of SHA-1 in any case */
};

static struct tpmb_measuring *measuring_of(struct tpmb_request *req)
{
	return container_of(req, struct tpmb_measuring, req);
}

int tpmb_session_settle(struct tpmb_session *session)
{
	bool rolled_forward;
	int ret;

	if (!session->unsettled)
		return 0;
	ret = tpmb_reconcile(&session->wal, session->transport, session->pcr,
			     session->engine.batch_max, session->seen, &rolled_forward);
	if (ret)
		return ret;
	session->unsettled = false;
	if (rolled_forward) {
		tpmb_count(&session->extends, 1);
		tpmb_msg("%s: the last record's extend had failed: extended now",
			 session->wal.path);
	}
	return 0;
}

/*
 * Settling may have extended the very measurement that is tried again here.
 * Return: how many of the batch are left.
 */
static u32 drop_known(struct tpmb_session *session, struct list_head *batch)
{
	struct tpmb_request *req;
	u32 left = 0;

	list_for_each_entry(req, batch, link) {
		if (req->key && tpmb_seen_has(session->seen, req->pcr, req->key))
			req->result = -EEXIST;
		else
			left++;
	}
	return left;
}

/* Nests what is left of the batch into the session's record buffer. */
static void nest(struct tpmb_session *session, struct list_head *batch, u32 count,
		 struct record *record)
{
	enum tpmb_order order = tpmb_native_order();
	uint8_t *start = session->record;
	uint8_t *members = start + TPMB_BATCH_OVERHEAD, *to = members;
	struct tpmb_request *req;

	list_for_each_entry(req, batch, link) {
		const struct tpmb_measuring *m = measuring_of(req);

		if (req->result)
			continue;
		to = tpmb_put_member(to, (const uint8_t *)m->name, m->name_len, m->data_len);
		memcpy(to, m->data, m->data_len);
		to += m->data_len;
	}
	tpmb_put_u32(start, TPMB_N_BATCH_SIZE, order);
	tpmb_put_n_batch(start + 4, count);
	tpmb_put_u32(start + 4 + TPMB_N_BATCH_SIZE, (uint32_t)(to - members), order);
	record->name = TPMB_BATCH_NAME;
	record->name_len = TPMB_BATCH_NAME_LEN;
	record->data = start;
	record->data_len = (uint32_t)(to - start);
	record->violation = false;
}

static void take_alone(struct list_head *batch, struct record *record)
{
	struct tpmb_request *req;

	list_for_each_entry(req, batch, link) {
		const struct tpmb_measuring *m = measuring_of(req);

		if (req->result)
			continue;
		record->name = m->name;
		record->name_len = m->name_len;
		record->data = m->data;
		record->data_len = m->data_len;
		record->violation = m->violation;
		return;
	}
}

/* As the kernel writes it; see FORMAT.md for ima-batch. */
static int append(struct tpmb_session *session, const struct record *record)
{
	static const uint8_t zeros[20];
	enum tpmb_order order = tpmb_native_order();
	uint8_t pcr[4], name_len[4], data_len[4];
	const uint8_t *digest = record->violation ? zeros : record->digests.value[TPMB_BANK_SHA1];
	bool legacy = tpmb_name_is_legacy(record->name, record->name_len);
	struct iovec parts[] = {
		{pcr, sizeof(pcr)},
		{(void *)(uintptr_t)digest, sizeof(zeros)},
		{name_len, sizeof(name_len)},
		{(void *)(uintptr_t)record->name, record->name_len},
		{data_len, legacy ? 0 : sizeof(data_len)},
		{(void *)(uintptr_t)record->data, record->data_len},
	};
	uint64_t length = 0;

	if (!session->has_list)
		return 0;
	tpmb_put_u32(pcr, record->pcr, order);
	tpmb_put_u32(name_len, record->name_len, order);
	tpmb_put_u32(data_len, record->data_len, order);
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++)
		length += parts[i].iov_len;
	return tpmb_wal_append(&session->wal, parts, ARRAY_SIZE(parts), length);
}

int tpmb_session_commit(struct tpmb_engine *engine, struct list_head *batch, u32 count)
{
	struct tpmb_session *session = container_of(engine, struct tpmb_session, engine);
	struct tpmb_request *req = list_first_entry(batch, struct tpmb_request, link);
	struct record record = {.pcr = req->pcr};
	int ret;

	if (session->unsettled) {
		ret = tpmb_session_settle(session);
		if (ret)
			return ret;
		count = drop_known(session, batch);
		if (!count)
			return 0;
	}
	if (!session->banks[record.pcr]) {
		tpmb_msg("PCR %u has no bank that can be extended", record.pcr);
		return -ENOTSUP;
	}
	ret = tpmb_seen_reserve(session->seen, count);
	if (ret)
		return ret;

	if (count > 1)
		nest(session, batch, count, &record);
	else
		take_alone(batch, &record);
	ret = tpmb_extend_digests(session->hash,
				  session->banks[record.pcr] | TPMB_BANK_BIT(TPMB_BANK_SHA1),
				  record.name, record.name_len, record.data, record.data_len,
				  record.violation, &record.digests);
	if (!ret)
		ret = append(session, &record);
	if (ret)
		return ret;
	if (session->has_list)
		tpmb_count(&session->records, 1);

	ret = tpm_extend(session->transport, record.pcr, session->banks[record.pcr],
			 (const uint8_t(*)[TPMB_DIGEST_MAX])record.digests.value);
	if (ret) {
		session->unsettled = session->has_list;
		return ret;
	}
	list_for_each_entry(req, batch, link) {
		if (req->key && !req->result)
			tpmb_seen_add(session->seen, req->pcr, req->key);
	}
	tpmb_count(&session->extends, 1);
	tpmb_count(&session->batches, count > 1);
	return 0;
}
