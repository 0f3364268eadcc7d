// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The engine on real threads, for ThreadSanitizer above all: what the commit
 * lock guards is touched without further care, requests live on stacks that are
 * reused at once, and every result is checked.
 *
 *   stress_engine [THREADS [SUBMITS_EACH]]
 */
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sched.h>

#include "engine.h"
#include "record.h"

#define MAX_THREADS 64
#define KEYS	    4096
#define PCRS	    3
#define BATCH_MAX   2000

static struct tpmb_engine engine;
static unsigned int submits_each = 20000;

/* Guarded by the commit lock, and by nothing else. */
static uint64_t records, members, largest;
static uint32_t committed[PCRS][KEYS]; /* times; read by known() under a bucket lock */

/* Where a caller waits: on its stack, as in the kernel. */
struct caller_request {
	struct tpmb_request req;
	uint32_t key;
	bool committed;
};

#define CHECK(condition)                                                                \
	do {                                                                            \
		if (!(condition)) {                                                     \
			fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition); \
			abort();                                                        \
		}                                                                       \
	} while (0)

static bool known(struct tpmb_engine *e, const struct tpmb_request *req)
{
	uint32_t key;

	(void)e;
	memcpy(&key, req->key, sizeof(key));
	return __atomic_load_n(&committed[req->pcr][key], __ATOMIC_ACQUIRE);
}

static int commit(struct tpmb_engine *e, struct list_head *batch, u32 count)
{
	struct tpmb_request *head = list_first_entry(batch, struct tpmb_request, link), *req;
	uint64_t size = TPMB_BATCH_OVERHEAD;

	(void)e;
	list_for_each_entry(req, batch, link) {
		struct caller_request *caller = container_of(req, struct caller_request, req);

		CHECK(req->pcr == head->pcr);
		CHECK(!caller->committed);
		caller->committed = true;
		size += req->member_size;
		members++;
		if (req->key)
			CHECK(!__atomic_fetch_add(&committed[req->pcr][caller->key], 1,
						  __ATOMIC_RELEASE));
	}
	CHECK(count == 1 || size <= BATCH_MAX);
	records++;
	if (count > largest)
		largest = count;
	/* Time for others to queue up, on any number of processors. */
	if (records % 4 == 0)
		sched_yield();
	return 0;
}

static const struct tpmb_engine_ops ops = {.known = known, .commit = commit};

static void *submit_all(void *arg)
{
	unsigned int seed = (unsigned int)(uintptr_t)arg;
	uint64_t *own = calloc(1, sizeof(*own));

	CHECK(own);
	for (unsigned int i = 0; i < submits_each; i++) {
		struct caller_request caller = {.committed = false};
		int draw = rand_r(&seed), ret;

		tpmb_request_init(&caller.req);
		caller.req.pcr = (uint32_t)draw % PCRS;
		caller.req.member_size = draw % 16 ? 50 + (uint32_t)draw % 100 : 0;
		caller.key = (uint32_t)draw / 16 % KEYS;
		if (draw % 3) {
			caller.req.key = (uint8_t *)&caller.key;
			caller.req.key_len = sizeof(caller.key);
		}
		ret = tpmb_engine_submit(&engine, &caller.req);
		CHECK(ret == (caller.committed ? 0 : -EEXIST));
		if (!ret)
			++*own;
		if (draw % 1000 == 0)
			tpmb_engine_flush(&engine);
	}
	return own;
}

int main(int argc, char **argv)
{
	unsigned int threads = argc > 1 ? (unsigned int)strtoul(argv[1], NULL, 0) : 16;
	pthread_t thread[MAX_THREADS];
	uint64_t sum = 0;

	if (argc > 2)
		submits_each = (unsigned int)strtoul(argv[2], NULL, 0);
	if (!threads || threads > MAX_THREADS) {
		fprintf(stderr, "1 to %d threads\n", MAX_THREADS);
		return 2;
	}
	tpmb_engine_init(&engine, &ops, BATCH_MAX);
	for (unsigned int i = 0; i < threads; i++)
		CHECK(!pthread_create(&thread[i], NULL, submit_all, (void *)(uintptr_t)(i + 1)));
	for (unsigned int i = 0; i < threads; i++) {
		void *own;

		CHECK(!pthread_join(thread[i], &own));
		sum += *(uint64_t *)own;
		free(own);
	}
	CHECK(sum == members);
	CHECK(list_empty(&engine.queue) && !llist_del_all(&engine.arrivals));
	printf("%u threads, %u submits each: %llu measurements in %llu records, the largest of "
	       "%llu\n",
	       threads, submits_each, (unsigned long long)members, (unsigned long long)records,
	       (unsigned long long)largest);
	/* Nothing would have been shown if nobody had ever waited. */
	CHECK(threads < 8 || largest > 1);
	return 0;
}
