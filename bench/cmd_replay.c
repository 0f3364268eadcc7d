// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * tpmbatch-bench replay: recorded workloads over simulated chips in virtual time, by
 * every way to spend fewer extends; prints CSV. The same arguments give the same
 * bytes everywhere. See replay.h and workloads/README.md.
 */
#include <argp.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"
#include "lib_private.h"
#include "paths.h"
#include "replay.h"
#include "words.h"

struct settings {
	struct words workloads, chips, policies, approaches, batch_max, unknown;
	const char *folder, *timeline;
	unsigned long spare_processors; /* 0: the workload's own */
	unsigned long think_permille;
	bool list, info, thinks, to_prompt;
};

static int run_row(const struct replay *replay)
{
	const struct canonical *workload = replay->workload;
	struct replay_result result;
	int ret = replay_run(replay, &result);

	if (ret) {
		tpmb_msg("%s, %s, %s, %s: %s", workload->name, replay->chip, replay->policy,
			 replay_approach_name(replay->approach), strerror(-ret));
		return ret;
	}
	printf("%s,%s,%s,%s,%" PRIu32 ",%u,%u,%zu,%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64
	       ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%s\n",
	       workload->name, replay->chip, replay->policy, replay_approach_name(replay->approach),
	       replay->batch_max, replay->unknown_permille,
	       replay->approach == REPLAY_PREMEASURED ? workload->spare_processors : 0,
	       workload->recording.count, result.measured, result.extends, result.extend_ns,
	       result.total_ns, result.waited_ns, result.premeasured_ns, result.longest_extend_ns,
	       result.wait_max_ns, result.wait_max_extends, result.extends ? "verified" : "none");
	if (replay->timeline)
		fprintf(replay->timeline, "\n\n"); /* gnuplot's next index */
	fflush(stdout);
	return 0;
}

static unsigned int number(const char *text)
{
	return (unsigned int)strtoul(text, NULL, 10); /* checked when it was parsed */
}

/* Values that an approach does not depend on are taken once. */
static int run_approach(const struct settings *s, struct replay *replay)
{
	const bool batches =
		replay->approach == REPLAY_BATCHED || replay->approach == REPLAY_PREMEASURED;
	const bool lists = replay->approach == REPLAY_LISTS;
	int ret = 0;

	for (size_t b = 0; !ret && b < (batches ? s->batch_max.count : 1); b++)
		for (size_t u = 0; !ret && u < (lists ? s->unknown.count : 1); u++) {
			replay->batch_max = batches ? number(s->batch_max.word[b]) : 0;
			replay->unknown_permille = lists ? number(s->unknown.word[u]) : 0;
			ret = run_row(replay);
		}
	return ret;
}

static int run_workload(const struct settings *s, const struct canonical *workload, FILE *timeline)
{
	struct replay replay = {.workload = workload, .timeline = timeline};
	int ret = 0;

	for (size_t c = 0; c < s->chips.count; c++)
		for (size_t p = 0; p < s->policies.count; p++)
			for (size_t a = 0; !ret && a < s->approaches.count; a++) {
				replay.chip = s->chips.word[c];
				replay.policy = s->policies.word[p];
				replay.approach = replay_approach(s->approaches.word[a]);
				ret = run_approach(s, &replay);
			}
	return ret;
}

/* What a test needs to hold a replay against the recording. */
static void print_info(const struct canonical *workload)
{
	const struct recording *r = &workload->recording;

	printf("%s,%zu,%zu,%" PRIu32 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 "\n",
	       workload->name, r->count, r->measurements + r->violations, r->tasks, r->extend_ns,
	       r->occupied_ns, r->total_ns, r->prompt_ns);
}

/* A task's think times between two measurements: NANOSECONDS, path, next path. */
static void print_thinks(const struct canonical *workload)
{
	const struct recording *r = &workload->recording;

	for (size_t i = 0; i < r->count; i++) {
		const struct recorded *entry = &r->entries[i], *after;

		if (entry->after == RECORDED_NOTHING)
			continue;
		after = &r->entries[entry->after];
		if (after->task == entry->task && after->path && entry->path)
			printf("%" PRIu64 "\t%s\t%s\n", entry->think_ns, after->path, entry->path);
	}
}

static void print_header(const struct settings *s)
{
	if (s->info)
		puts("workload,entries,measurements,tasks,extend_ns,occupied_ns,total_ns,"
		     "prompt_ns");
	else if (!s->thinks)
		puts("workload,chip,policy,approach,batch_max,unknown_permille,spare_processors,"
		     "entries,measured,extends,extend_ns,total_ns,waited_ns,premeasured_ns,"
		     "longest_extend_ns,wait_max_ns,wait_max_extends,list");
}

/* A processor of another speed: see workloads/README.md, "The model". */
static void scale_thinks(struct recording *recording, unsigned long permille)
{
	for (size_t i = 0; permille != 1000 && i < recording->count; i++)
		recording->entries[i].think_ns = recording->entries[i].think_ns * permille / 1000;
}

static int run_all(const struct settings *s)
{
	FILE *timeline = s->timeline ? fopen(s->timeline, "w") : NULL;
	int ret = 0;

	if (s->timeline && !timeline) {
		ret = -errno;
		tpmb_msg("%s: %s", s->timeline, strerror(-ret));
	}
	print_header(s);
	for (size_t i = 0; !ret && i < s->workloads.count; i++) {
		struct canonical workload;

		ret = canonical_load(s->folder, s->workloads.word[i], &workload);
		if (ret)
			break;
		if (s->to_prompt && workload.recording.prompt != RECORDED_NOTHING)
			recording_cut(&workload.recording, workload.recording.prompt + 1);
		scale_thinks(&workload.recording, s->think_permille);
		if (s->spare_processors)
			workload.spare_processors = (unsigned int)s->spare_processors;
		if (s->info)
			print_info(&workload);
		else if (s->thinks)
			print_thinks(&workload);
		else
			ret = run_workload(s, &workload, timeline);
		recording_free(&workload.recording);
	}
	if (timeline && fclose(timeline) && !ret)
		ret = -EIO;
	return ret;
}

/* ---- the command line ---- */

static void split(struct argp_state *state, char *arg, struct words *words)
{
	if (!words_take(words, arg))
		argp_error(state, "expected 1 to %d words with commas between them", WORDS_MAX);
}

static void split_numbers(struct argp_state *state, char *arg, struct words *words)
{
	split(state, arg, words);
	for (size_t i = 0; i < words->count; i++) {
		unsigned long number;

		if (!number_take(words->word[i], 0, UINT32_MAX, &number))
			argp_error(state, "%s: expected a number", words->word[i]);
	}
}

static void check_approaches(struct argp_state *state, const struct words *words)
{
	for (size_t i = 0; i < words->count; i++)
		if (replay_approach(words->word[i]) == REPLAY_APPROACHES)
			argp_error(
				state,
				"%s: expected none, serial, batched, premeasured or digest-lists",
				words->word[i]);
}

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct settings *s = state->input;

	switch (key) {
	case 'w':
		split(state, arg, &s->workloads);
		return 0;
	case 'c':
		split(state, arg, &s->chips);
		return 0;
	case 'p':
		split(state, arg, &s->policies);
		return 0;
	case 'a':
		split(state, arg, &s->approaches);
		check_approaches(state, &s->approaches);
		return 0;
	case 'b':
		split_numbers(state, arg, &s->batch_max);
		return 0;
	case 'u':
		split_numbers(state, arg, &s->unknown);
		return 0;
	case 'd':
		s->folder = arg;
		return 0;
	case 't':
		s->timeline = arg;
		return 0;
	case 'l':
		s->list = true;
		return 0;
	case 'i':
		s->info = true;
		return 0;
	case 'P':
		s->to_prompt = true;
		return 0;
	case 'k':
		s->thinks = true;
		return 0;
	case 's':
		if (!number_take(arg, 1, 8, &s->spare_processors))
			argp_error(state, "%s: expected 1 to 8 processors", arg);
		return 0;
	case 'S':
		if (!number_take(arg, 1, 100000, &s->think_permille))
			argp_error(state, "%s: expected 1 to 100000 thousandths", arg);
		return 0;
	case 'o':
		if (!freopen(arg, "w", stdout))
			argp_failure(state, 1, errno, "%s", arg);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

int cmd_replay(int argc, char **argv)
{
	static const struct argp_option options[] = {
		{"workloads", 'w', "NAME,...", 0, "by name, or files *.zst (boot-prompt)", 0},
		{"chips", 'c', "CHIP,...", 0, "chip profiles, or fixed:NS (slb9670-spi)", 0},
		{"policies", 'p', "POLICY,...", 0, "driver policies (linux-6.12)", 0},
		{"approaches", 'a', "NAME,...", 0,
		 "none, serial, batched, premeasured, digest-lists (serial,batched)", 0},
		{"batch-max", 'b', "BYTES,...", 0, "cap of a batch (4096)", 0},
		{"unknown", 'u', "PERMILLE,...", 0, "files that no digest list has (0)", 0},
		{"folder", 'd', "DIR", 0, "where the recordings are (those of the project)", 0},
		{"timeline", 't', "FILE", 0, "write when entries returned: a block for each row",
		 0},
		{"list", 'l', NULL, 0, "print the names of the workloads", 0},
		{"info", 'i', NULL, 0, "print what the recordings say, run nothing", 0},
		{"to-prompt", 'P', NULL, 0, "only to the login prompt", 0},
		{"thinks", 'k', NULL, 0, "print the think times within tasks, run nothing", 0},
		{"spare-processors", 's', "N", 0,
		 "processors left for measuring ahead (the workload's own)", 0},
		{"think-scale", 'S', "PERMILLE", 0,
		 "stretch think times to so many thousandths (1000)", 0},
		{"output", 'o', "FILE", 0, "write there (standard output)", 0},
		{0},
	};
	static const struct argp argp = {
		options, parse_option,
		NULL,	 "Replays recorded workloads over simulated TPMs in virtual time.",
		NULL,	 NULL,
		NULL};
	struct settings s = {
		.workloads = {{"boot-prompt"}, 1},
		.chips = {{"slb9670-spi"}, 1},
		.policies = {{"linux-6.12"}, 1},
		.approaches = {{"serial", "batched"}, 2},
		.batch_max = {{"4096"}, 1},
		.unknown = {{"0"}, 1},
		.folder = path_workloads(),
		.think_permille = 1000,
	};

	argp_parse(&argp, argc, argv, 0, NULL, &s);
	if (s.list) {
		for (const char *const *name = canonical_names(); *name; name++)
			puts(*name);
		return 0;
	}
	if (run_all(&s))
		return 1;
	if (fflush(stdout) || ferror(stdout)) {
		tpmb_msg("standard output: %s", strerror(errno));
		return 1;
	}
	return 0;
}
