// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * What submitting costs: the engine against a plain mutex held across the
 * extend, which is what unpatched IMA does. Both call the same commit().
 */
#include <errno.h>
#include <time.h>

#include "engine.h"
#include "gbench.h"
#include "micro.h"

/* As a member of a batch: 48 bytes of path in ima-ng. */
#define MEMBER_SIZE 120
/* Room for all 64 callers: it is not the cap that is measured here. */
#define BATCH_MAX (64 * MEMBER_SIZE + 12)

struct device {
	struct tpmb_engine engine;
	uint32_t exec_us; /* 0: an extend takes no time at all */
	uint64_t commits;
};

static void device_wait(uint32_t us)
{
	struct timespec end;

	if (!us)
		return;
	clock_gettime(CLOCK_MONOTONIC, &end);
	end.tv_nsec += (long)us * 1000;
	if (end.tv_nsec >= 1000000000) {
		end.tv_nsec -= 1000000000;
		end.tv_sec++;
	}
	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &end, NULL) == EINTR)
		;
}

static int commit(struct tpmb_engine *engine, struct list_head *batch, u32 count)
{
	struct device *device = container_of(engine, struct device, engine);

	(void)batch;
	(void)count;
	device_wait(device->exec_us);
	device->commits++;
	return 0;
}

static const struct tpmb_engine_ops ops = {.commit = commit};

static void set_up(struct gbench_state *state, struct device *device)
{
	if (gbench_thread(state))
		return;
	tpmb_engine_init(&device->engine, &ops, BATCH_MAX);
	device->commits = 0;
}

static void report(struct gbench_state *state, const struct device *device)
{
	gbench_items(state, gbench_iterations(state));
	if (!gbench_thread(state))
		gbench_counter(state, "submits_per_commit",
			       (double)gbench_iterations(state) * gbench_threads(state) /
				       (double)device->commits);
}

static void submit_engine(struct gbench_state *state, void *arg)
{
	struct device *device = arg;

	set_up(state, device);
	while (gbench_keep_running(state)) {
		struct tpmb_request req;

		tpmb_request_init(&req);
		req.pcr = 16;
		req.member_size = MEMBER_SIZE;
		if (tpmb_engine_submit(&device->engine, &req)) {
			gbench_skip(state, "a submit failed");
			break;
		}
	}
	report(state, device);
}

static void submit_mutex(struct gbench_state *state, void *arg)
{
	struct device *device = arg;

	set_up(state, device);
	while (gbench_keep_running(state)) {
		struct tpmb_request req;
		LIST_HEAD(batch);

		tpmb_request_init(&req);
		req.pcr = 16;
		req.member_size = MEMBER_SIZE;
		list_add_tail(&req.link, &batch);
		mutex_lock(&device->engine.commit_lock);
		commit(&device->engine, &batch, 1);
		mutex_unlock(&device->engine.commit_lock);
	}
	report(state, device);
}

/* ---- one caller ---- */

static int submit_each(void *arg, unsigned int n)
{
	struct device *device = arg;
	int ret = 0;

	while (n-- && !ret) {
		struct tpmb_request req;

		tpmb_request_init(&req);
		req.pcr = 16;
		req.member_size = MEMBER_SIZE;
		ret = tpmb_engine_submit(&device->engine, &req);
	}
	return ret;
}

static int lock_each(void *arg, unsigned int n)
{
	struct device *device = arg;

	while (n--) {
		mutex_lock(&device->engine.commit_lock);
		commit(&device->engine, NULL, 1);
		mutex_unlock(&device->engine.commit_lock);
	}
	return 0;
}

static int open_device(void *arg)
{
	struct device *device = arg;

	tpmb_engine_init(&device->engine, &ops, BATCH_MAX);
	return 0;
}

void register_submit(void)
{
	static struct device lone;
	static const struct pair pair = {
		.name = "pair/submit/extend_0us",
		.what = "engine over a mutex, one caller, an extend that takes no time",
		.open = open_device,
		.base = lock_each,
		.tested = submit_each,
		.arg = &lone,
		.block = 200,
		.blocks = 2000,
	};
	static struct device instant, sleeping = {.exec_us = 100};
	static const struct {
		const char *name;
		gbench_fn fn;
		struct device *device;
	} benches[] = {
		{"submit/extend_0us/mutex", submit_mutex, &instant},
		{"submit/extend_0us/engine", submit_engine, &instant},
		{"submit/extend_100us/mutex", submit_mutex, &sleeping},
		{"submit/extend_100us/engine", submit_engine, &sleeping},
	};

	for (size_t i = 0; i < sizeof(benches) / sizeof(benches[0]); i++) {
		struct gbench *bench =
			gbench_register(benches[i].name, benches[i].fn, benches[i].device);

		gbench_on_thread_range(bench, 1, 64);
		gbench_use_real_time(bench);
	}
	register_pair(&pair);
}
