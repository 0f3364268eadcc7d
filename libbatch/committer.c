// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * A thread that leads for asynchronous requests and calls their callbacks. It
 * sleeps until it is told something, and does not delay anything.
 */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

#include "session.h"

struct tpmb_committer {
	struct tpmb_engine *engine;
	pthread_t thread;
	pthread_mutex_t lock;			  /* guards what follows */
	pthread_cond_t told;			  /* something to do */
	pthread_cond_t called;			  /* @calls has grown */
	struct tpmb_request *to_lead;		  /* one at most: the lead is held by one */
	struct tpmb_measuring *done, **last_done; /* oldest first */
	/* Requests whose callback has not returned, by the parity of the drains before them. */
	uint64_t in_flight[2];
	unsigned int parity;
	pthread_mutex_t drain_lock; /* one drain at a time; taken before @lock */
	bool stop;
};

void tpmb_committer_enter(struct tpmb_measuring *m)
{
	struct tpmb_committer *c = m->session->committer;

	pthread_mutex_lock(&c->lock);
	m->parity = c->parity;
	c->in_flight[m->parity]++;
	pthread_mutex_unlock(&c->lock);
}

void tpmb_committer_notify(struct tpmb_request *req, enum tpmb_notice notice)
{
	struct tpmb_measuring *m = container_of(req, struct tpmb_measuring, req);
	struct tpmb_committer *c = m->session->committer;

	pthread_mutex_lock(&c->lock);
	if (notice == TPMB_LEAD) {
		c->to_lead = req;
	} else {
		m->next = NULL;
		*c->last_done = m;
		c->last_done = &m->next;
	}
	pthread_cond_signal(&c->told);
	pthread_mutex_unlock(&c->lock);
}

static void call_back(struct tpmb_measuring *m)
{
	int result = m->req.result;

	tpmb_count_result(m->session, result);
	m->done(m->arg, result);
	free(m);
}

/*
 * Callbacks come before the next record: what they start still gets into it, and
 * nobody who has been measured waits for an extend that is not his.
 */
static void *committer_main(void *arg)
{
	struct tpmb_committer *c = arg;

	pthread_mutex_lock(&c->lock);
	for (;;) {
		struct tpmb_request *lead = c->to_lead;
		struct tpmb_measuring *m = c->done;

		if (m) {
			unsigned int parity = m->parity;

			c->done = m->next;
			if (!c->done)
				c->last_done = &c->done;
			pthread_mutex_unlock(&c->lock);
			call_back(m);
			pthread_mutex_lock(&c->lock);
			c->in_flight[parity]--;
			pthread_cond_broadcast(&c->called);
		} else if (lead) {
			c->to_lead = NULL;
			pthread_mutex_unlock(&c->lock);
			tpmb_engine_lead(c->engine, lead);
			pthread_mutex_lock(&c->lock);
		} else if (c->stop) {
			break;
		} else {
			pthread_cond_wait(&c->told, &c->lock);
		}
	}
	pthread_mutex_unlock(&c->lock);
	return NULL;
}

static void free_committer(struct tpmb_committer *c)
{
	pthread_cond_destroy(&c->called);
	pthread_cond_destroy(&c->told);
	pthread_mutex_destroy(&c->lock);
	pthread_mutex_destroy(&c->drain_lock);
	free(c);
}

int tpmb_committer_start(struct tpmb_engine *engine, struct tpmb_committer **committer)
{
	struct tpmb_committer *c = calloc(1, sizeof(*c));
	int ret;

	if (!c)
		return -ENOMEM;
	c->engine = engine;
	c->last_done = &c->done;
	pthread_mutex_init(&c->drain_lock, NULL);
	pthread_mutex_init(&c->lock, NULL);
	pthread_cond_init(&c->told, NULL);
	pthread_cond_init(&c->called, NULL);
	ret = pthread_create(&c->thread, NULL, committer_main, c);
	if (ret) {
		free_committer(c);
		return -ret;
	}
	*committer = c;
	return 0;
}

void tpmb_committer_drain(struct tpmb_committer *c)
{
	unsigned int old;

	pthread_mutex_lock(&c->drain_lock);
	pthread_mutex_lock(&c->lock);
	old = c->parity;
	c->parity = !old;
	while (c->in_flight[old])
		pthread_cond_wait(&c->called, &c->lock);
	pthread_mutex_unlock(&c->lock);
	pthread_mutex_unlock(&c->drain_lock);
}

void tpmb_committer_stop(struct tpmb_committer *c)
{
	if (!c)
		return;
	pthread_mutex_lock(&c->lock);
	c->stop = true;
	pthread_cond_signal(&c->told);
	pthread_mutex_unlock(&c->lock);
	pthread_join(c->thread, NULL);
	free_committer(c);
}
