// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib_private.h"
#include "record.h"
#include "sim_clock.h"
#include "sim_measure.h"
#include "sim_session.h"
#include "waits.h"

#define PCR	   16
#define STACK_SIZE (512 * 1024) /* libtpms runs on a task's stack */

static struct {
	const struct sim_measure *measure;
	struct sim_measure_result *result;
	struct tpmb_session *session;
	const struct timed_transport *timed;
	uint64_t next; /* the first measurement that no task has taken */
	struct waits waits;
	uint64_t *wait_ns; /* by measurement */
	int error;
} run;

/*
 * Measurement @number: a digest made of it, and a path as long as the paths
 * of a Debian /usr are: 40 to 90 bytes, 65 in the middle.
 */
static uint32_t make_measurement(uint64_t number, uint8_t *data, size_t size)
{
	static const char filler[] = "python3-dist-packages-translations-documentation-x";
	uint8_t digest[32];
	char path[160];
	int len;

	for (size_t i = 0; i < sizeof(digest); i++)
		digest[i] = (uint8_t)((number * 0x9e3779b97f4a7c15u) >> (i % 8 * 8));
	memcpy(digest, &number, sizeof(number));
	snprintf(path, sizeof(path), "/usr/lib/%.*s/%012" PRIu64 ".so",
		 (int)(number * 7 % sizeof(filler)), filler, number);
	len = tpmb_ima_ng("sha256", digest, sizeof(digest), path, data, size);
	return len > 0 ? (uint32_t)len : 0;
}

static void task(void *arg)
{
	uint64_t think_us = run.measure->think_us;

	(void)arg;
	while (run.next < run.measure->measurements && !run.error) {
		uint64_t number = run.next++;
		struct tpmb_measurement m = {.pcr = -1, .template_name = "ima-ng"};
		uint8_t data[512];
		size_t wait;
		int ret;

		if (think_us)
			tpmb_clock_sleep_ns(tpmb_sim_clock(),
					    sim_random_below(2 * think_us * 1000 + 1));
		m.data = data;
		m.data_len = make_measurement(number, data, sizeof(data));
		wait = waits_begin(&run.waits, tpmb_clock_now_ns(tpmb_sim_clock()),
				   run.timed->extends);
		ret = tpmb_measure(run.session, &m);
		waits_end(&run.waits, wait, tpmb_clock_now_ns(tpmb_sim_clock()),
			  run.timed->extends);
		run.waits.waits[wait].member_size =
			tpmb_member_size((uint32_t)strlen(m.template_name), m.data_len);
		if (ret)
			run.error = ret;
	}
}

static int by_value(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

static void take_waits(void)
{
	uint64_t n = run.measure->measurements, *wait_ns = run.wait_ns;

	for (size_t i = 0; i < n; i++)
		wait_ns[i] = run.waits.waits[i].end_ns - run.waits.waits[i].start_ns;
	qsort(wait_ns, n, sizeof(*wait_ns), by_value);
	run.result->wait_p50_ns = wait_ns[n / 2];
	run.result->wait_p99_ns = wait_ns[n - 1 - n / 100];
	run.result->wait_max_ns = wait_ns[n - 1];
}

static int run_session(const char *list, struct timed_transport *timed)
{
	const struct sim_measure *measure = run.measure;
	struct tpmb_session_options options = {
		.size = sizeof(options),
		.transport = &timed->base,
		.list = list,
		.pcr = PCR,
		.batch_max = (uint32_t)measure->batch_max,
		.flags = measure->serial ? TPMB_SERIAL : 0,
	};
	struct waits_summary waits = {0};
	struct tpmb_session_stats stats;
	uint64_t start_ns;
	int ret = tpmb_session_open(&options, &run.session);

	if (ret)
		return ret;
	run.timed = timed;
	start_ns = tpmb_clock_now_ns(tpmb_sim_clock());
	for (uint64_t i = 0; !ret && i < measure->tasks; i++)
		ret = sim_spawn(task, NULL);
	if (!ret)
		sim_wait_for_others();
	run.result->total_ns = tpmb_clock_now_ns(tpmb_sim_clock()) - start_ns;
	if (!ret)
		ret = run.error;
	tpmb_session_stats(run.session, &stats);
	if (!ret)
		ret = tpmb_session_close(run.session);
	if (!ret && stats.measurements != measure->measurements)
		ret = -EBADE;
	if (!ret)
		ret = waits_check(&run.waits, measure->serial ? 0 : (uint32_t)measure->batch_max,
				  &waits);
	run.result->wait_max_extends = waits.max_extends;
	run.result->extends = timed->extends;
	run.result->round_trip_ns = timed->extends ? timed->total_ns / timed->extends : 0;
	run.result->longest_round_trip_ns = timed->max_ns;
	return ret;
}

static void root_task(void *arg)
{
	(void)arg;
	run.error = sim_on_chip(run.measure->chip, run.measure->policy, PCR, run_session);
	if (!run.error)
		take_waits();
}

int sim_measure_run(const struct sim_measure *measure, struct sim_measure_result *result)
{
	int ret;

	memset(&run, 0, sizeof(run));
	memset(result, 0, sizeof(*result));
	run.measure = measure;
	run.result = result;
	run.wait_ns = calloc(measure->measurements, sizeof(*run.wait_ns));
	ret = waits_new(&run.waits, measure->measurements);
	if (!run.wait_ns)
		ret = -ENOMEM;
	sim_begin(measure->measurements + measure->tasks, SIM_IN_ORDER, STACK_SIZE);
	if (!ret)
		ret = sim_spawn(root_task, NULL);
	if (!ret)
		ret = sim_run();
	sim_end();
	if (!ret)
		ret = run.error;
	free(run.wait_ns);
	waits_free(&run.waits);
	if (ret)
		tpmb_msg("%s, %s, %" PRIu64 " measurements by %" PRIu64 " tasks: %s", measure->chip,
			 measure->policy, measure->measurements, measure->tasks, strerror(-ret));
	return ret;
}
