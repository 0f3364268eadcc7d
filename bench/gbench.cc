// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The only C++ of the project: Google Benchmark has no C API. */
#include <cerrno>
#include <limits>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

#include "gbench.h"

/* The C side's opaque types are Google Benchmark's own objects under another name. */
static benchmark::State &cxx(struct gbench_state *state)
{
	return *reinterpret_cast<benchmark::State *>(state);
}

static const benchmark::State &cxx(const struct gbench_state *state)
{
	return *reinterpret_cast<const benchmark::State *>(state);
}

static benchmark::internal::Benchmark *cxx(struct gbench *bench)
{
	return reinterpret_cast<benchmark::internal::Benchmark *>(bench);
}

/* ---- inside a benchmark ---- */

bool gbench_keep_running(struct gbench_state *state)
{
	return cxx(state).KeepRunning();
}

bool gbench_keep_running_batch(struct gbench_state *state, int64_t n)
{
	return cxx(state).KeepRunningBatch(n);
}

int64_t gbench_iterations(const struct gbench_state *state)
{
	return cxx(state).iterations();
}

int64_t gbench_range(const struct gbench_state *state, unsigned int index)
{
	return cxx(state).range(index);
}

int gbench_thread(const struct gbench_state *state)
{
	return cxx(state).thread_index();
}

int gbench_threads(const struct gbench_state *state)
{
	return cxx(state).threads();
}

void gbench_pause(struct gbench_state *state)
{
	cxx(state).PauseTiming();
}

void gbench_resume(struct gbench_state *state)
{
	cxx(state).ResumeTiming();
}

void gbench_iteration_seconds(struct gbench_state *state, double seconds)
{
	cxx(state).SetIterationTime(seconds);
}

void gbench_items(struct gbench_state *state, int64_t items)
{
	cxx(state).SetItemsProcessed(items);
}

void gbench_bytes(struct gbench_state *state, int64_t bytes)
{
	cxx(state).SetBytesProcessed(bytes);
}

void gbench_counter(struct gbench_state *state, const char *name, double value)
{
	cxx(state).counters[name] = value;
}

void gbench_label(struct gbench_state *state, const char *label)
{
	cxx(state).SetLabel(label);
}

void gbench_skip(struct gbench_state *state, const char *message)
{
	cxx(state).SkipWithError(message);
}

/* ---- registering ---- */

struct gbench *gbench_register(const char *name, gbench_fn fn, void *arg)
{
	benchmark::internal::Benchmark *bench =
		benchmark::RegisterBenchmark(name, [fn, arg](benchmark::State &state) {
			fn(reinterpret_cast<struct gbench_state *>(&state), arg);
		});

	return reinterpret_cast<struct gbench *>(bench);
}

void gbench_arg(struct gbench *bench, int64_t arg)
{
	cxx(bench)->Arg(arg);
}

void gbench_args(struct gbench *bench, const int64_t *args, size_t count)
{
	cxx(bench)->Args(std::vector<int64_t>(args, args + count));
}

void gbench_arg_range(struct gbench *bench, int64_t first, int64_t last, int step)
{
	cxx(bench)->RangeMultiplier(step)->Range(first, last);
}

void gbench_on_threads(struct gbench *bench, int threads)
{
	cxx(bench)->Threads(threads);
}

void gbench_on_thread_range(struct gbench *bench, int first, int last)
{
	cxx(bench)->ThreadRange(first, last);
}

void gbench_fix_iterations(struct gbench *bench, int64_t iterations)
{
	cxx(bench)->Iterations(iterations);
}

void gbench_repeat(struct gbench *bench, int repetitions)
{
	cxx(bench)->Repetitions(repetitions);
}

void gbench_use_real_time(struct gbench *bench)
{
	cxx(bench)->UseRealTime();
}

void gbench_use_manual_time(struct gbench *bench)
{
	cxx(bench)->UseManualTime();
}

void gbench_unit(struct gbench *bench, enum gbench_unit unit)
{
	static const benchmark::TimeUnit units[] = {
		benchmark::kNanosecond,
		benchmark::kMicrosecond,
		benchmark::kMillisecond,
		benchmark::kSecond,
	};

	cxx(bench)->Unit(units[unit]);
}

/* ---- running ---- */

/* Hands each repetition to C; of repeated benchmarks its table shows the aggregates alone. */
class Reporter : public benchmark::ConsoleReporter
{
      public:
	explicit Reporter(const struct gbench_options &options)
	    : ConsoleReporter(OO_Tabular), options(options)
	{
	}

	bool ReportContext(const Context &context) override
	{
		return options.quiet || ConsoleReporter::ReportContext(context);
	}

	void ReportRuns(const std::vector<Run> &runs) override
	{
		std::vector<Run> shown;

		for (const Run &run : runs) {
			if (run.run_type == Run::RT_Iteration)
				Result(run);
			if (run.run_type == Run::RT_Aggregate || run.repetitions <= 1 ||
			    run.error_occurred)
				shown.push_back(run);
		}
		if (!options.quiet && !shown.empty())
			ConsoleReporter::ReportRuns(shown);
	}

	bool failed = false;

      private:
	void Result(const Run &run)
	{
		const std::string name = run.run_name.str();
		struct gbench_result result = {};

		failed |= run.error_occurred;
		result.name = name.c_str();
		result.error = run.error_occurred ? run.error_message.c_str() : nullptr;
		result.repetition = run.repetition_index < 0 ? 0 : run.repetition_index;
		result.iterations = run.iterations;
		result.seconds =
			run.GetAdjustedRealTime() / benchmark::GetTimeUnitMultiplier(run.time_unit);
		result.run = &run;
		if (options.on_result)
			options.on_result(options.arg, &result);
	}

	const struct gbench_options &options;
};

double gbench_result_counter(const struct gbench_result *result, const char *name)
{
	const auto &counters = static_cast<const Reporter::Run *>(result->run)->counters;
	const auto found = counters.find(name);

	return found == counters.end() ? std::numeric_limits<double>::quiet_NaN()
				       : static_cast<double>(found->second);
}

int gbench_run(int *argc, char **argv, const struct gbench_options *options)
{
	std::vector<char *> flags = {argv[0]};
	int count;
	size_t ran;

	for (const char *const *flag = options->flags; flag && *flag; flag++)
		flags.push_back(const_cast<char *>(*flag));
	count = static_cast<int>(flags.size());
	flags.push_back(nullptr);
	benchmark::Initialize(&count, flags.data());
	benchmark::Initialize(argc, argv);
	if (benchmark::ReportUnrecognizedArguments(*argc, argv))
		return -EINVAL;

	Reporter reporter(*options);

	ran = benchmark::RunSpecifiedBenchmarks(&reporter);
	benchmark::Shutdown();
	return reporter.failed || !ran ? -EIO : 0;
}
