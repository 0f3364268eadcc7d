// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <linux/mutex.h>

#include "lib_private.h"
#include "record.h"
#include "replay.h"
#include "sim_clock.h"
#include "sim_session.h"
#include "waits.h"

#define PCR	       16
#define STACK_SIZE     (512 * 1024) /* libtpms runs on a task's stack */
#define PROCESSORS_MAX 8
#define DATA_MAX       4352 /* template data: a path of PATH_MAX, and a digest */

/* The entries that follow another one, as a list. */
struct links {
	size_t next_of_task; /* the same task's next */
	size_t first_start, next_start;
};

static struct {
	const struct replay *replay;
	const struct recording *recording;
	struct replay_result *result;
	struct tpmb_session *session;
	const struct timed_transport *timed;
	struct waits waits;
	struct links *links;
	size_t first_start; /* of those that follow nothing */
	bool *ahead;	    /* by entry: measured ahead, and through */
	bool *lists;	    /* by list: measured */
	size_t next_ahead;
	uint64_t returned; /* entries */
	uint64_t measured; /* by the recorded tasks and ahead of them */
	struct mutex processors[PROCESSORS_MAX];
	int error;
} run;

const char *replay_approach_name(enum replay_approach approach)
{
	static const char *const names[REPLAY_APPROACHES] = {
		[REPLAY_NONE] = "none",		 [REPLAY_SERIAL] = "serial",
		[REPLAY_BATCHED] = "batched",	 [REPLAY_PREMEASURED] = "premeasured",
		[REPLAY_LISTS] = "digest-lists",
	};

	return approach < REPLAY_APPROACHES ? names[approach] : NULL;
}

enum replay_approach replay_approach(const char *name)
{
	enum replay_approach approach = REPLAY_NONE;

	while (approach < REPLAY_APPROACHES && strcmp(replay_approach_name(approach), name))
		approach++;
	return approach;
}

static uint64_t now_ns(void)
{
	return tpmb_clock_now_ns(tpmb_sim_clock());
}

static void fail(int ret)
{
	if (!run.error)
		run.error = ret;
}

/* ---- measuring ---- */

/* 0 also for what was measured before: the caller may go on. */
static void measure(const char *path, const uint8_t *digest, bool violation)
{
	struct tpmb_measurement m = {.pcr = -1, .template_name = "ima-ng", .violation = violation};
	uint8_t data[DATA_MAX];
	int ret = tpmb_ima_ng("sha256", digest, 32, path, data, sizeof(data));
	size_t number;

	if (ret < 0) {
		fail(ret);
		return;
	}
	m.data = data;
	m.data_len = (uint32_t)ret;
	number = waits_begin(&run.waits, now_ns(), run.timed->extends);
	ret = tpmb_measure(run.session, &m);
	waits_end(&run.waits, number, now_ns(), run.timed->extends);
	if (!ret) {
		run.waits.waits[number].member_size =
			tpmb_member_size((uint32_t)strlen(m.template_name), m.data_len);
		run.waits.waits[number].alone = violation;
		run.measured++;
	} else if (ret != -EEXIST) {
		fail(ret);
	}
}

static void measure_entry(const struct recorded *entry)
{
	measure(entry->path, entry->digest, entry->kind == RECORDED_VIOLATION);
}

/*
 * Which measurement a duplicate repeated is not recorded. It found another task's, so the last one
 * to have entered is taken for it.
 */
static void measure_again(size_t number)
{
	while (number-- > 0) {
		const struct recorded *entry = &run.recording->entries[number];

		if (entry->kind == RECORDED_MEASUREMENT) {
			measure_entry(entry);
			return;
		}
	}
}

static bool is_known(const struct recorded *entry)
{
	unsigned int draw = (entry->digest[0] | (unsigned int)entry->digest[1] << 8) % 1000;

	return entry->kind == RECORDED_MEASUREMENT && !entry->version &&
	       draw >= run.replay->unknown_permille;
}

/* A list is one measurement, made when its first file is used. */
static void measure_list(const struct recorded *entry)
{
	uint32_t list = entry->path_rank / REPLAY_FILES_PER_LIST;
	uint8_t digest[32] = {0};
	char path[64];

	if (run.lists[list])
		return;
	memcpy(digest, &list, sizeof(list));
	snprintf(path, sizeof(path), "/etc/digest_lists/%06" PRIu32 "-package-1.0-1.amd64", list);
	measure(path, digest, false);
	run.lists[list] = true;
}

static void use(size_t number)
{
	const struct recorded *entry = &run.recording->entries[number];

	if (entry->kind == RECORDED_USE || run.replay->approach == REPLAY_NONE)
		return;
	if (run.replay->approach == REPLAY_LISTS) {
		if (entry->kind == RECORDED_DUPLICATE)
			return;
		if (is_known(entry))
			measure_list(entry);
		else
			measure_entry(entry);
		return;
	}
	if (entry->kind == RECORDED_DUPLICATE)
		measure_again(number);
	else if (!run.ahead[number]) /* IMA knows by the inode, without its lock */
		measure_entry(entry);
}

/* ---- tasks ---- */

static void recorded_task(void *arg);

static void start_tasks(size_t first)
{
	for (size_t i = first; i != RECORDED_NOTHING && !run.error; i = run.links[i].next_start) {
		int ret = sim_spawn(recorded_task, &run.links[i]);

		if (ret)
			fail(ret);
	}
}

static void premeasure_task(void *arg);

static void start_premeasuring(void)
{
	if (run.replay->approach != REPLAY_PREMEASURED)
		return;
	for (uintptr_t i = 0; i < REPLAY_PREMEASURE_TASKS && !run.error; i++) {
		struct mutex *processor =
			&run.processors[i % run.replay->workload->spare_processors];
		int ret = sim_spawn(premeasure_task, processor);

		if (ret)
			fail(ret);
	}
}

static void recorded_task(void *arg)
{
	size_t i = (size_t)((struct links *)arg - run.links);

	for (; i != RECORDED_NOTHING && !run.error; i = run.links[i].next_of_task) {
		uint64_t start;

		tpmb_clock_sleep_ns(tpmb_sim_clock(), run.recording->entries[i].think_ns);
		start = now_ns();
		use(i);
		run.result->total_ns = now_ns(); /* the last to return has the last word */
		run.result->waited_ns += now_ns() - start;
		run.returned++;
		if (run.replay->timeline)
			fprintf(run.replay->timeline, "%" PRIu64 " %" PRIu64 "\n", now_ns(),
				run.returned);
		start_tasks(run.links[i].first_start);
		if (i == run.replay->workload->premeasure_after)
			start_premeasuring();
	}
}

/* In the order of first use. What changes while it is used cannot be measured ahead. */
static void premeasure_task(void *arg)
{
	struct mutex *processor = arg;

	while (run.next_ahead < run.recording->count && !run.error) {
		size_t number = run.next_ahead++;
		const struct recorded *entry = &run.recording->entries[number];

		if (entry->kind != RECORDED_MEASUREMENT || entry->version ||
		    number == run.replay->workload->premeasure_after || run.ahead[number])
			continue;
		mutex_lock(processor);
		tpmb_clock_sleep_ns(tpmb_sim_clock(), run.replay->workload->file_ns);
		mutex_unlock(processor);
		measure_entry(entry);
		run.ahead[number] = true;
		run.result->premeasured_ns = now_ns();
	}
}

/* ---- a run ---- */

static int prepare(void)
{
	const struct recording *recording = run.recording;
	size_t *last = malloc((recording->tasks + 1) * sizeof(*last));

	run.links = malloc((recording->count + 1) * sizeof(*run.links));
	run.ahead = calloc(recording->count + 1, sizeof(*run.ahead));
	/* What is measured ahead, by the task that uses it as well. */
	if (waits_new(&run.waits, 2 * recording->count))
		run.waits.waits = NULL;
	run.lists = calloc(recording->count + 1, sizeof(*run.lists));
	if (!last || !run.links || !run.ahead || !run.lists || !run.waits.waits) {
		free(last);
		return -ENOMEM;
	}
	run.first_start = RECORDED_NOTHING;
	for (size_t i = 0; i < recording->tasks; i++)
		last[i] = RECORDED_NOTHING;
	for (size_t i = 0; i < recording->count; i++) {
		size_t before = last[recording->entries[i].task];

		run.links[i] = (struct links){RECORDED_NOTHING, RECORDED_NOTHING, RECORDED_NOTHING};
		if (before != RECORDED_NOTHING)
			run.links[before].next_of_task = i;
		last[recording->entries[i].task] = i;
	}
	/* Backwards, so that each list of starts is in order. */
	for (size_t i = recording->count; i-- > 0;) {
		const struct recorded *entry = &recording->entries[i];
		size_t *first = &run.first_start;

		if (entry->after != RECORDED_NOTHING) {
			if (recording->entries[entry->after].task == entry->task)
				continue;
			first = &run.links[entry->after].first_start;
		}
		run.links[i].next_start = *first;
		*first = i;
	}
	for (size_t i = 0; i < PROCESSORS_MAX; i++)
		mutex_init(&run.processors[i]);
	free(last);
	return 0;
}

/* Everything is in the list, once. */
static int check(const struct tpmb_session_stats *stats)
{
	uint64_t expected = run.recording->measurements + run.recording->violations;

	if (run.replay->approach == REPLAY_LISTS)
		expected = run.measured; /* files stand for lists: only the sum is known */
	if (stats->measurements == expected && run.measured == expected)
		return 0;
	tpmb_msg("%s: %" PRIu64 " measurements, expected %" PRIu64, run.replay->workload->name,
		 stats->measurements, expected);
	return -EBADE;
}

static int run_session(const char *list, struct timed_transport *timed)
{
	const struct replay *replay = run.replay;
	const bool serial = replay->approach == REPLAY_SERIAL || replay->approach == REPLAY_LISTS;
	struct tpmb_session_options options = {
		.size = sizeof(options),
		.transport = &timed->base,
		.list = list,
		.pcr = PCR,
		.batch_max = replay->batch_max,
		.flags = serial ? TPMB_SERIAL : 0,
	};
	struct waits_summary waits = {0};
	struct tpmb_session_stats stats;
	uint64_t start_ns;
	int ret = tpmb_session_open(&options, &run.session);

	if (ret)
		return ret;
	run.timed = timed;
	start_ns = now_ns();
	start_tasks(run.first_start);
	if (replay->workload->premeasure_after == RECORDED_NOTHING)
		start_premeasuring();
	sim_wait_for_others();
	run.result->total_ns -= start_ns;
	if (run.result->premeasured_ns)
		run.result->premeasured_ns -= start_ns;
	tpmb_session_stats(run.session, &stats);
	ret = tpmb_session_close(run.session);
	if (!ret)
		ret = run.error;
	if (!ret && run.returned != run.recording->count)
		ret = -EBADE;
	if (!ret && replay->approach != REPLAY_NONE)
		ret = check(&stats);
	if (!ret)
		ret = waits_check(&run.waits, serial ? 0 : replay->batch_max, &waits);
	run.result->wait_max_ns = waits.max_ns;
	run.result->wait_max_extends = waits.max_extends;
	run.result->longest_extend_ns = timed->max_ns;
	run.result->measured = stats.measurements;
	run.result->extends = timed->extends;
	run.result->extend_ns = timed->extends ? timed->total_ns / timed->extends : 0;
	return ret;
}

static void root_task(void *arg)
{
	(void)arg;
	run.error = sim_on_chip(run.replay->chip, run.replay->policy, PCR, run_session);
}

int replay_run(const struct replay *replay, struct replay_result *result)
{
	int ret;

	memset(&run, 0, sizeof(run));
	memset(result, 0, sizeof(*result));
	run.replay = replay;
	run.recording = &replay->workload->recording;
	run.result = result;
	if (replay->approach == REPLAY_PREMEASURED &&
	    (!replay->workload->spare_processors ||
	     replay->workload->spare_processors > PROCESSORS_MAX)) {
		tpmb_msg("%s: is itself measured ahead", replay->workload->name);
		return -EINVAL;
	}
	ret = prepare();
	sim_begin(run.recording->count, SIM_IN_ORDER, STACK_SIZE);
	if (!ret)
		ret = sim_spawn(root_task, NULL);
	if (!ret)
		ret = sim_run();
	sim_end();
	if (!ret)
		ret = run.error;
	free(run.links);
	free(run.ahead);
	free(run.lists);
	waits_free(&run.waits);
	return ret;
}
