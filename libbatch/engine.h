/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The batching engine: group commit for PCR extends.
 *
 * While one extend is in flight, arriving measurements queue; when it ends,
 * what has queued up goes into one record and one extend. The extend in flight
 * is the batching window: there is no timer and, for blocking callers, no
 * thread. The engine knows no TPM, no hash and no list; it calls commit().
 *
 * Leaders and followers. Whoever finds the arrivals empty leads: it takes the
 * commit lock, detaches what has arrived and commits one record, the one that
 * holds its own request. Everybody else sleeps until its request is done or it
 * is made leader. There is at most one task that has to lead and has not yet
 * begun ("holds the lead"), and at most one that commits:
 *
 *   - arrivals empty and nobody commits: nobody holds the lead. Adding to empty
 *     arrivals takes it.
 *   - a leader leaves the baton, a node without a request, in arrivals while
 *     it commits. So whoever comes meanwhile is a follower and sleeps on its
 *     own completion, not on the commit lock.
 *   - at its end the leader detaches again. If anybody waits, the baton goes
 *     back in and the oldest request is made leader; otherwise arrivals stay
 *     empty.
 *   - between a detach and the baton a newcomer may find arrivals empty. Then it
 *     holds the lead, the adding of the baton says so, and the old leader makes
 *     nobody leader.
 *   - who holds the lead but does not have the oldest request passes the lead to
 *     the oldest.
 *
 * Requests live on their waiters' stacks. The last touch of a request by anyone
 * but its owner sets it done: complete() or notify() with TPMB_DONE. What is
 * needed of it later is read before.
 *
 * Bounds. A caller waits for the extend in flight and for its own: two round
 * trips. With k records ahead of it that were full, of another PCR, or
 * committed alone, it is k + 2.
 *
 * Lock order: commit lock, then a bucket lock. Nobody sleeps or wakes under a
 * bucket lock; nobody is woken under the commit lock.
 */
#ifndef _TPMB_ENGINE_H
#define _TPMB_ENGINE_H

#include <linux/completion.h>
#include <linux/list.h>
#include <linux/llist.h>
#include <linux/mutex.h>
#include <linux/spinlock.h>
#include <linux/types.h>

/* Buckets of the table of pending requests; a power of two. */
#define TPMB_PENDING_BUCKETS 64

struct tpmb_engine;
struct tpmb_request;

/**
 * enum tpmb_notice - what a request is told
 * @TPMB_WAIT: nothing yet; set by the owner before the request is visible
 * @TPMB_LEAD: its owner holds the lead and has to call tpmb_engine_lead()
 * @TPMB_DONE: committed, or failed: result is final, the owner may free it
 */
enum tpmb_notice {
	TPMB_WAIT,
	TPMB_LEAD,
	TPMB_DONE,
};

/**
 * struct tpmb_request - one measurement on its way into a record
 * @pcr: the PCR to extend
 * @member_size: bytes as a member of a batch, tpmb_member_size(); 0 for what
 *	never nests and is committed alone
 * @key: identifies the measurement, usually its template digest; NULL where
 *	duplicates count (violations). Valid until the request is done.
 * @key_len: bytes of @key
 * @barrier: no measurement but a mark: done when all that came before is
 * @notify: told of TPMB_LEAD and TPMB_DONE instead of a sleeping owner, from
 *	whichever task leads, without locks held; must not sleep for long. NULL
 *	for a blocking request.
 * @node: link in arrivals
 * @link: link in the queue, in a batch, or in the owner's duplicates
 * @bucket: link in the table of pending requests
 * @dups: pending duplicates of this request; guarded by its bucket lock
 * @result: 0 or a negative errno; commit() may set it, else it is commit()'s.
 *	Final once done.
 * @notice: what the owner is told; ordered by @done
 * @done: wakes the owner of a blocking request
 *
 * The first group is the owner's, written before submission, constant after.
 * The second is the engine's from submission to done.
 */
struct tpmb_request {
	u32 pcr;
	u32 member_size;
	const u8 *key;
	u32 key_len;
	bool barrier;
	void (*notify)(struct tpmb_request *req, enum tpmb_notice notice);

	struct llist_node node;
	struct list_head link;
	struct list_head bucket;
	struct list_head dups;
	int result;
	enum tpmb_notice notice;
	struct completion done;
};

/**
 * struct tpmb_engine_ops - what the engine's user supplies
 * @known: has a measurement with the request's key been committed? Called
 *	under a bucket lock: short, must not sleep. NULL: never.
 * @commit: append one record that holds every request of @batch, oldest first
 *	by their link, and extend its PCR. One request is an ordinary record, more
 *	are an ima-batch. Called under the commit lock; may sleep. Before it
 *	returns 0, known() must be true for every key in the batch. Returns 0 or a
 *	negative errno for all requests whose result it has not set itself.
 */
struct tpmb_engine_ops {
	bool (*known)(struct tpmb_engine *engine, const struct tpmb_request *req);
	int (*commit)(struct tpmb_engine *engine, struct list_head *batch, u32 count);
};

/**
 * struct tpmb_engine - state of one measurement list
 * @ops: supplied by the user
 * @batch_max: cap of a batch's template data in bytes; read under @commit_lock
 * @arrivals: submitted, not yet detached; newest first
 * @commit_lock: held while a record is committed; guards what follows
 * @queue: detached requests, oldest first
 * @baton: keeps @arrivals from being empty while somebody leads; in @arrivals
 *	at most once, added only under @commit_lock after a detach under it
 * @pending: requests with a key that are not done, by key
 */
struct tpmb_engine {
	const struct tpmb_engine_ops *ops;
	u32 batch_max;
	struct llist_head arrivals;
	struct mutex commit_lock; /* see above: order of locks */
	struct list_head queue;
	struct llist_node baton;
	struct {
		spinlock_t lock; /* guards @requests, their links and dups */
		struct list_head requests;
	} pending[TPMB_PENDING_BUCKETS];
};

/**
 * tpmb_engine_init - prepare an engine
 * @engine: memory of the caller's; nothing is allocated, so nothing is freed
 * @ops: stays the caller's
 * @batch_max: cap of a batch's template data in bytes
 */
void tpmb_engine_init(struct tpmb_engine *engine, const struct tpmb_engine_ops *ops, u32 batch_max);

/**
 * tpmb_request_init - a blocking request with neither key nor PCR
 * @req: filled in; the caller sets what differs
 */
void tpmb_request_init(struct tpmb_request *req);

/**
 * tpmb_engine_submit - commit a measurement and wait for it
 * @engine: the engine
 * @req: on the caller's stack, usually
 *
 * Sleeps. An idle caller commits its own record at once.
 *
 * Return: 0; -EEXIST where the measurement has been committed before, by an
 * earlier caller or by one that this call waited for; else commit()'s error.
 */
int tpmb_engine_submit(struct tpmb_engine *engine, struct tpmb_request *req);

/**
 * tpmb_engine_start - submit a measurement and return
 * @engine: the engine
 * @req: with notify set; the engine's until notify() says TPMB_DONE, which may
 *	happen within this call
 *
 * Does not sleep. The owner answers TPMB_LEAD by having a task call
 * tpmb_engine_lead(); until then nothing is committed.
 */
void tpmb_engine_start(struct tpmb_engine *engine, struct tpmb_request *req);

/**
 * tpmb_engine_lead - do what TPMB_LEAD asks for
 * @engine: the engine
 * @req: the request that was told TPMB_LEAD
 *
 * Sleeps. Commits the record that holds @req, or passes the lead on.
 */
void tpmb_engine_lead(struct tpmb_engine *engine, struct tpmb_request *req);

/**
 * tpmb_engine_flush - wait until everything submitted before is done
 * @engine: the engine
 */
void tpmb_engine_flush(struct tpmb_engine *engine);

#endif /* _TPMB_ENGINE_H */
