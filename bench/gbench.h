/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Google Benchmark from C: benchmarks are written and registered in C, and its
 * command line (--benchmark_filter, --benchmark_out=FILE, ...) and its JSON
 * come along.
 *
 * Register first, then gbench_run(), from one thread. Inside a benchmark a
 * state belongs to the thread it was handed to.
 */
#ifndef GBENCH_H
#define GBENCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- inside a benchmark ---- */

struct gbench_state;

/*
 * One benchmark. With several threads each of them calls it; none passes its
 * first gbench_keep_running() before all have come to theirs, nor leaves its
 * last before all have. So thread 0 may set up before the loop and clean up
 * after it for all.
 */
typedef void (*gbench_fn)(struct gbench_state *state, void *arg);

/* The loop's condition: while (gbench_keep_running(state)) { what is timed }. */
bool gbench_keep_running(struct gbench_state *state);
/* The same for @n iterations at a time, where one takes nanoseconds. */
bool gbench_keep_running_batch(struct gbench_state *state, int64_t n);
/* Iterations of this thread; complete after the loop. */
int64_t gbench_iterations(const struct gbench_state *state);
/* Argument @index of this run; see gbench_arg(). */
int64_t gbench_range(const struct gbench_state *state, unsigned int index);
int gbench_thread(const struct gbench_state *state);
int gbench_threads(const struct gbench_state *state);

/* Stops and starts the clock inside the loop; each costs about a microsecond. */
void gbench_pause(struct gbench_state *state);
void gbench_resume(struct gbench_state *state);
/* This iteration's time, with gbench_use_manual_time(). */
void gbench_iteration_seconds(struct gbench_state *state, double seconds);

/* What the iterations of this thread have worked on in all; reported per second. */
void gbench_items(struct gbench_state *state, int64_t items);
void gbench_bytes(struct gbench_state *state, int64_t bytes);
/* A number of the caller's in the report; those of several threads add up. */
void gbench_counter(struct gbench_state *state, const char *name, double value);
void gbench_label(struct gbench_state *state, const char *label);
/* Ends the benchmark with an error; it returns without entering, or from, its loop. */
void gbench_skip(struct gbench_state *state, const char *message);

/* ---- registering ---- */

struct gbench;

/* @name is copied; @arg stays the caller's and is handed to each run. Never NULL. */
struct gbench *gbench_register(const char *name, gbench_fn fn, void *arg);
/* A run with one argument; with several; with each of a range, multiplied by @step. */
void gbench_arg(struct gbench *bench, int64_t arg);
void gbench_args(struct gbench *bench, const int64_t *args, size_t count);
void gbench_arg_range(struct gbench *bench, int64_t first, int64_t last, int step);
/* A run on @threads threads; on 1, 2, 4, ... up to @last. */
void gbench_on_threads(struct gbench *bench, int threads);
void gbench_on_thread_range(struct gbench *bench, int first, int last);
/* Exactly this many iterations a thread, instead of as many as fill the minimum time. */
void gbench_fix_iterations(struct gbench *bench, int64_t iterations);
void gbench_repeat(struct gbench *bench, int repetitions);
/* Wall-clock time instead of the processor's; or gbench_iteration_seconds(). */
void gbench_use_real_time(struct gbench *bench);
void gbench_use_manual_time(struct gbench *bench);

enum gbench_unit {
	GBENCH_NS,
	GBENCH_US,
	GBENCH_MS,
	GBENCH_S
};
void gbench_unit(struct gbench *bench, enum gbench_unit unit);

/* ---- running ---- */

/* One repetition of a benchmark. Pointers last until the callback returns. */
struct gbench_result {
	const char *name;   /* with arguments and threads, without the repetition */
	const char *error;  /* gbench_skip()'s message, or NULL */
	int64_t repetition; /* from 0 */
	int64_t iterations; /* of all threads */
	double seconds;	    /* an iteration, of the clock in use (real, manual or processor) */
	const void *run;    /* private */
};

/* A number of gbench_counter()'s, or "items_per_second", "bytes_per_second"; NAN if none. */
double gbench_result_counter(const struct gbench_result *result, const char *name);

typedef void (*gbench_result_fn)(void *arg, const struct gbench_result *result);

struct gbench_options {
	const char *const *flags;   /* --benchmark_... that the command line overrides; NULL ends */
	gbench_result_fn on_result; /* called as benchmarks end; NULL: not at all */
	void *arg;
	bool quiet; /* no table of Google Benchmark's own */
};

/*
 * Runs what was registered and what --benchmark_filter lets through. *@argc and
 * @argv lose the arguments that Google Benchmark knows; any that is left is an
 * error. 0; -EINVAL for a bad command line; -EIO where a benchmark was skipped
 * with an error, or none ran.
 */
int gbench_run(int *argc, char **argv, const struct gbench_options *options);

/* Keeps @value, and what it points to, from being optimised away. */
static inline void gbench_keep(const void *value)
{
	__asm__ volatile("" : : "r"(value) : "memory");
}

#ifdef __cplusplus
}
#endif

#endif
