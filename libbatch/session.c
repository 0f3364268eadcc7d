// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Where measurements enter; see session.h. */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

#include "reconcile.h"
#include "record.h"
#include "session.h"
#include "template.h"
#include "tpm.h"
#include "transport.h"

static struct tpmb_session *session_of(const struct tpmb_engine *engine)
{
	return container_of(engine, struct tpmb_session, engine);
}

static bool known(struct tpmb_engine *engine, const struct tpmb_request *req)
{
	return tpmb_seen_has(session_of(engine)->seen, req->pcr, req->key);
}

static const struct tpmb_engine_ops engine_ops = {
	.known = known,
	.commit = tpmb_session_commit,
};

/* ---- opening and closing ---- */

static int check_options(const struct tpmb_session_options *options)
{
	if (options->size != sizeof(*options)) {
		tpmb_msg("session options of %zu bytes, expected %zu: header and library differ",
			 options->size, sizeof(*options));
		return -EINVAL;
	}
	if (!options->transport) {
		tpmb_msg("a session needs a transport");
		return -EINVAL;
	}
	if (options->pcr >= TPMB_PCR_COUNT) {
		tpmb_msg("PCR %u, expected 0 to %d", options->pcr, TPMB_PCR_COUNT - 1);
		return -EINVAL;
	}
	if (options->batch_max > TPMB_BATCH_MAX_LIMIT) {
		tpmb_msg("batches of %u bytes, expected %d at most", options->batch_max,
			 TPMB_BATCH_MAX_LIMIT);
		return -EINVAL;
	}
	if (options->flags & TPMB_SERIAL && options->flags & TPMB_COMMITTER) {
		tpmb_msg("a serial session has no committer");
		return -EINVAL;
	}
	if (options->pcr < 16 && !options->transport->own && !(options->flags & TPMB_FORCE_PCR)) {
		tpmb_msg("PCR %u of %s: PCRs 0 to 15 tell how this machine was booted, and secrets "
			 "may be sealed to them; use 16 or 23, or force it",
			 options->pcr, options->transport->name);
		return -EPERM;
	}
	return 0;
}

/* Asked once, here: no measurement pays for it. */
static int find_banks(struct tpmb_session *s)
{
	unsigned int pcr;
	int ret = tpm_all_pcr_banks(s->transport, s->banks);

	if (ret)
		return ret;
	if (s->banks[s->pcr] & ~tpmb_banks_supported())
		tpmb_msg("PCR %u has a bank whose hash libcrypto lacks: it is not extended",
			 s->pcr);
	for (pcr = 0; pcr < TPMB_PCR_COUNT; pcr++)
		s->banks[pcr] &= tpmb_banks_supported();
	if (s->banks[s->pcr])
		return 0;
	tpmb_msg("%s: PCR %u has no bank that can be extended", s->transport->name, s->pcr);
	return -ENOTSUP;
}

static int open_list(struct tpmb_session *s, const struct tpmb_session_options *options)
{
	bool rolled_forward;
	int ret;

	if (!options->list)
		return 0;
	ret = tpmb_wal_open(&s->wal, options->list, options->flags & TPMB_DURABLE);
	if (ret)
		return ret;
	s->has_list = true;
	ret = tpmb_reconcile(&s->wal, s->transport, s->pcr, s->engine.batch_max, s->seen,
			     &rolled_forward);
	if (!ret && rolled_forward)
		tpmb_msg("%s: the last record had been appended, but not extended: extended now",
			 options->list);
	return ret;
}

static void free_session(struct tpmb_session *s)
{
	tpmb_committer_stop(s->committer);
	tpmb_wal_close(&s->wal);
	free(s->record);
	tpmb_hash_free(s->hash);
	tpmb_seen_free(s->seen);
	free(s);
}

TPMB_API int tpmb_session_open(const struct tpmb_session_options *options,
			       struct tpmb_session **session)
{
	struct tpmb_session *s;
	uint32_t batch_max;
	int ret;

	*session = NULL;
	ret = check_options(options);
	if (ret)
		return ret;
	s = calloc(1, sizeof(*s));
	if (!s)
		return -ENOMEM;
	s->wal.fd = -1;
	s->transport = options->transport;
	s->pcr = options->pcr;
	s->flags = options->flags;
	batch_max = options->batch_max ? options->batch_max : TPMB_BATCH_MAX_DEFAULT;
	tpmb_engine_init(&s->engine, &engine_ops, batch_max);
	s->record = malloc(batch_max);
	ret = s->record ? 0 : -ENOMEM;
	if (!ret)
		ret = tpmb_seen_new(&s->seen);
	if (!ret)
		ret = tpmb_hash_new(&s->hash);
	if (!ret)
		ret = find_banks(s);
	if (!ret)
		ret = open_list(s, options);
	if (!ret && options->flags & TPMB_COMMITTER)
		ret = tpmb_committer_start(&s->engine, &s->committer);
	if (ret)
		free_session(s);
	else
		*session = s;
	return ret;
}

TPMB_API int tpmb_session_close(struct tpmb_session *session)
{
	int ret;

	if (!session)
		return 0;
	ret = tpmb_session_flush(session);
	mutex_lock(&session->engine.commit_lock);
	if (!ret)
		ret = tpmb_session_settle(session);
	mutex_unlock(&session->engine.commit_lock);
	free_session(session);
	return ret;
}

TPMB_API int tpmb_session_flush(struct tpmb_session *session)
{
	if (session->flags & TPMB_SERIAL)
		return 0;
	tpmb_engine_flush(&session->engine);
	if (session->committer)
		tpmb_committer_drain(session->committer);
	return 0;
}

/* ---- measuring ---- */

/*
 * Contexts of libcrypto are for one thread at a time, and setting one up costs
 * more than a hash: each thread keeps its own until it ends.
 */
static __thread struct tpmb_hash *thread_hash;
static pthread_key_t thread_hash_key;
static pthread_once_t thread_hash_once = PTHREAD_ONCE_INIT;

static void free_thread_hash(void *hash)
{
	tpmb_hash_free(hash);
}

static void make_thread_hash_key(void)
{
	pthread_key_create(&thread_hash_key, free_thread_hash);
}

static int get_thread_hash(struct tpmb_hash **hash)
{
	int ret;

	if (!thread_hash) {
		pthread_once(&thread_hash_once, make_thread_hash_key);
		ret = tpmb_hash_new(&thread_hash);
		if (ret)
			return ret;
		pthread_setspecific(thread_hash_key, thread_hash);
	}
	*hash = thread_hash;
	return 0;
}

static int invalid(const char *what)
{
	tpmb_msg("a measurement with %s", what);
	return -EINVAL;
}

/* Fills in a request; @m's memory must outlive it. */
static int prepare(struct tpmb_session *s, const struct tpmb_measurement *m,
		   struct tpmb_measuring *ing)
{
	const char *reason;
	struct tpmb_hash *hash;
	size_t name_len;
	int ret;

	if (!m->template_name)
		return invalid("no template name");
	name_len = strlen(m->template_name);
	if (!tpmb_name_is_valid(m->template_name, (uint32_t)name_len))
		return invalid("a template name that no list can hold");
	if (tpmb_name_is_batch(m->template_name, (uint32_t)name_len))
		return invalid("the template name ima-batch: batches are made here");
	if (m->pcr < -1 || m->pcr >= TPMB_PCR_COUNT)
		return invalid("a PCR that no TPM has");
	if (m->data_len > TPMB_BATCH_MAX_LIMIT)
		return invalid("more than 1 MiB of template data");
	if (tpmb_template_check(m->template_name, (uint32_t)name_len, m->data, m->data_len,
				tpmb_native_order(), &reason))
		return invalid(reason);

	tpmb_request_init(&ing->req);
	ing->name = m->template_name;
	ing->name_len = (uint32_t)name_len;
	ing->data = m->data;
	ing->data_len = m->data_len;
	ing->violation = m->violation;
	ing->req.pcr = m->pcr < 0 ? s->pcr : (uint32_t)m->pcr;
	if (m->violation)
		return 0;
	ret = get_thread_hash(&hash);
	if (!ret)
		ret = tpmb_measurement_key(hash, ing->name, ing->name_len, ing->data, ing->data_len,
					   ing->key);
	if (ret)
		return ret;
	ing->req.key = ing->key;
	ing->req.key_len = TPMB_KEY_SIZE;
	if (tpmb_member_nests((const uint8_t *)ing->name, ing->name_len))
		ing->req.member_size = tpmb_member_size(ing->name_len, ing->data_len);
	return 0;
}

/* Unpatched IMA's way: one mutex, held across the extend. */
static int measure_serially(struct tpmb_session *s, struct tpmb_request *req)
{
	LIST_HEAD(batch);
	int ret;

	mutex_lock(&s->engine.commit_lock);
	if (req->key && known(&s->engine, req)) {
		ret = -EEXIST;
	} else {
		list_add_tail(&req->link, &batch);
		ret = tpmb_session_commit(&s->engine, &batch, 1);
		if (req->result)
			ret = req->result;
	}
	mutex_unlock(&s->engine.commit_lock);
	return ret;
}

void tpmb_count_result(struct tpmb_session *s, int result)
{
	if (!result)
		tpmb_count(&s->measurements, 1);
	else if (result == -EEXIST)
		tpmb_count(&s->duplicates, 1);
	else
		tpmb_count(&s->errors, 1);
}

TPMB_API int tpmb_measure(struct tpmb_session *session, const struct tpmb_measurement *measurement)
{
	struct tpmb_measuring ing;
	int ret;

	ret = prepare(session, measurement, &ing);
	if (ret)
		return ret;
	if (session->flags & TPMB_SERIAL)
		ret = measure_serially(session, &ing.req);
	else
		ret = tpmb_engine_submit(&session->engine, &ing.req);
	tpmb_count_result(session, ret);
	return ret;
}

TPMB_API int tpmb_measure_async(struct tpmb_session *session,
				const struct tpmb_measurement *measurement, tpmb_measured_fn done,
				void *arg)
{
	struct tpmb_measurement copy = *measurement;
	struct tpmb_measuring *ing;
	size_t name_size;
	int ret;

	if (!session->committer)
		return -EOPNOTSUPP;
	if (!measurement->template_name)
		return invalid("no template name");
	name_size = strlen(measurement->template_name) + 1;
	ing = malloc(sizeof(*ing) + measurement->data_len + name_size);
	if (!ing)
		return -ENOMEM;
	copy.data = (uint8_t *)(ing + 1);
	copy.template_name = (char *)(ing + 1) + measurement->data_len;
	if (measurement->data_len)
		memcpy(ing + 1, measurement->data, measurement->data_len);
	memcpy((char *)(ing + 1) + measurement->data_len, measurement->template_name, name_size);
	ret = prepare(session, &copy, ing);
	if (ret) {
		free(ing);
		return ret;
	}
	ing->session = session;
	ing->done = done;
	ing->arg = arg;
	ing->req.notify = tpmb_committer_notify;
	tpmb_committer_enter(ing);
	tpmb_engine_start(&session->engine, &ing->req);
	return 0;
}

TPMB_API void tpmb_session_stats(struct tpmb_session *session, struct tpmb_session_stats *stats)
{
	*stats = (struct tpmb_session_stats){
		.measurements = __atomic_load_n(&session->measurements, __ATOMIC_RELAXED),
		.duplicates = __atomic_load_n(&session->duplicates, __ATOMIC_RELAXED),
		.records = __atomic_load_n(&session->records, __ATOMIC_RELAXED),
		.batches = __atomic_load_n(&session->batches, __ATOMIC_RELAXED),
		.extends = __atomic_load_n(&session->extends, __ATOMIC_RELAXED),
		.errors = __atomic_load_n(&session->errors, __ATOMIC_RELAXED),
	};
}
