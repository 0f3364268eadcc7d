// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "plan.h"
#include "sim_measure.h"
#include "workload.h"

/* Tasks made up: sim_measure.h. */
static int run_made_up(struct plan *plan)
{
	const struct sim_measure measure = {
		.chip = plan->chip,
		.policy = plan->policy,
		.measurements = plan->measurements,
		.tasks = plan->tasks,
		.batch_max = plan->batch_max,
		.serial = plan->mode == REPLAY_SERIAL,
	};
	struct sim_measure_result r;
	int ret = sim_measure_run(&measure, &r);

	if (ret)
		return ret;
	plan->seconds = (double)r.total_ns / 1e9;
	plan->measured = plan->measurements;
	plan->extends = r.extends;
	plan->round_trip_ms = (double)r.round_trip_ns / 1e6;
	plan->wait_p50 = (double)r.wait_p50_ns / (double)r.longest_round_trip_ns;
	plan->wait_p99 = (double)r.wait_p99_ns / (double)r.longest_round_trip_ns;
	plan->wait_max = (double)r.wait_max_ns / (double)r.longest_round_trip_ns;
	return 0;
}

static int run_recorded(struct plan *plan, const char *folder)
{
	struct canonical workload;
	struct replay_result r;
	struct replay replay = {
		.workload = &workload,
		.chip = plan->chip,
		.policy = plan->policy,
		.approach = plan->mode,
		.batch_max = plan->batch_max,
	};
	int ret = canonical_load(folder, plan->workload, &workload);

	if (ret)
		return ret;
	ret = replay_run(&replay, &r);
	plan->tasks = workload.recording.tasks;
	recording_free(&workload.recording);
	if (ret)
		return ret;
	plan->seconds = (double)r.total_ns / 1e9;
	plan->measured = r.measured;
	plan->extends = r.extends;
	plan->round_trip_ms = (double)r.extend_ns / 1e6;
	plan->wait_p50 = plan->wait_p99 = NAN;
	plan->wait_max =
		r.longest_extend_ns ? (double)r.wait_max_ns / (double)r.longest_extend_ns : NAN;
	return 0;
}

static int run_on_tpm(struct plan *plan, const struct plan_context *context)
{
	const struct workload workload = {
		.files = context->files,
		.count = plan->measurements,
		.tasks = (unsigned int)plan->tasks,
		.serial = plan->mode == REPLAY_SERIAL,
		.batch_max = plan->batch_max,
		.tcti = context->tcti,
		.pcr = context->pcr,
	};
	struct workload_result r;
	int ret = workload_run(&workload, &r);

	if (!ret && strcmp(r.verdict, "ok")) {
		snprintf(plan->error, sizeof(plan->error), "%s", r.verdict);
		ret = -EBADE;
	}
	if (ret)
		return ret;
	plan->seconds = r.seconds;
	plan->measured = r.measurements;
	plan->extends = r.extends;
	plan->round_trip_ms = r.round_trip_mean_us / 1e3;
	plan->wait_p50 = r.wait_us.p50 / r.round_trip_mean_us;
	plan->wait_p99 = r.wait_us.p99 / r.round_trip_mean_us;
	plan->wait_max = r.wait_us.max / r.round_trip_mean_us;
	return 0;
}

int plan_run(struct plan *plan, const struct plan_context *context)
{
	int ret;

	plan->error[0] = '\0';
	if (!plan->chip)
		ret = run_on_tpm(plan, context);
	else if (plan->measurements)
		ret = run_made_up(plan);
	else
		ret = run_recorded(plan, context->folder);
	if (ret && !plan->error[0])
		snprintf(plan->error, sizeof(plan->error), "%s",
			 ret == -EBADE ? "the list or contract C2 does not hold" : strerror(-ret));
	return ret;
}
