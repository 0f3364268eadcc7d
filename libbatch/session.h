/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A session: one list, its PCRs, and the engine between them. This is where a
 * measurement enters; commit.c is where it becomes a record and reaches the TPM.
 */
#ifndef TPMB_SESSION_H
#define TPMB_SESSION_H

#include "bank.h"
#include "engine.h"
#include "seen.h"
#include "wal.h"

struct tpm_transport;
struct tpmb_committer;

/* One measurement in the engine. */
struct tpmb_measuring {
	struct tpmb_request req; /* first: the engine hands it back */
	const char *name;
	uint32_t name_len;
	const uint8_t *data;
	uint32_t data_len;
	bool violation;
	uint8_t key[TPMB_KEY_SIZE];
	/* asynchronous ones */
	struct tpmb_session *session;
	tpmb_measured_fn done;
	void *arg;
	unsigned int parity;	     /* committer.c */
	struct tpmb_measuring *next; /* of those whose @done is to be called */
};

struct tpmb_session {
	struct tpmb_engine engine;
	struct tpm_transport *transport;
	struct tpmb_seen *seen;
	struct tpmb_committer *committer; /* NULL without TPMB_COMMITTER */
	uint32_t pcr;
	unsigned int flags;
	bool has_list;
	unsigned int banks[TPMB_PCR_COUNT]; /* active, and of a hash that libcrypto has */
	/* Guarded by the engine's commit lock. */
	struct tpmb_wal wal;
	struct tpmb_hash *hash;
	uint8_t *record; /* room for a batch's record */
	bool unsettled;	 /* the list's last record may be missing from its PCR */
	/* Atomic counters, see struct tpmb_session_stats. */
	uint64_t measurements, duplicates, records, batches, extends, errors;
};

static inline void tpmb_count(uint64_t *counter, uint64_t add)
{
	__atomic_fetch_add(counter, add, __ATOMIC_RELAXED);
}

/* Counts what a measurement ended in. Thread-safe. */
void tpmb_count_result(struct tpmb_session *session, int result);

/* The engine's commit(): appends one record, extends the TPM. */
int tpmb_session_commit(struct tpmb_engine *engine, struct list_head *batch, u32 count);

/*
 * Brings list and PCR together after an extend that failed. Called under the
 * commit lock. 0 where nothing is unsettled.
 */
int tpmb_session_settle(struct tpmb_session *session);

/* ---- committer.c: a thread that leads for asynchronous requests ---- */

/* 0, -ENOMEM or -EAGAIN. */
int tpmb_committer_start(struct tpmb_engine *engine, struct tpmb_committer **committer);
/* Counts an asynchronous request in, before it is started. */
void tpmb_committer_enter(struct tpmb_measuring *measuring);
/* The notify() of asynchronous requests. */
void tpmb_committer_notify(struct tpmb_request *req, enum tpmb_notice notice);
/* Waits until the callback of each request that has been entered by now has returned. */
void tpmb_committer_drain(struct tpmb_committer *committer);
/* Ends the thread; nothing may be in flight. NULL is ignored. */
void tpmb_committer_stop(struct tpmb_committer *committer);

#endif
