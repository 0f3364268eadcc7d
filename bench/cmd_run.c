// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * tpmbatch-bench run: chips, driver policies, workloads, tasks and modes, each with
 * each, on Google Benchmark. Simulated chips take virtual time, which is handed to
 * it as manual time; a TPM that is named takes its own.
 */
#include <argp.h>
#include <dirent.h>
#include <errno.h>
#include <math.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>

#include "bench.h"
#include "gbench.h"
#include "lib_private.h"
#include "paths.h"
#include "plan.h"
#include "policy.h"
#include "profile.h"
#include "words.h"

#define MEASUREMENTS_MAX 1000000
#define TASKS_MAX	 4096
#define PLANS_MAX	 4096
#define NAMES_MAX	 128 /* bytes of a chip's name */

static struct {
	struct words chips, policies, workloads, tasks, modes;
	bool one_chip; /* a chip was named, or all */
	struct plan_context context;
	unsigned long batch_max, repetitions;
	regex_t filter;
	bool filtered, list;
} config = {
	.chips = {{"slb9670-spi"}, 1},
	.policies = {{"linux-6.12", "tpmbatch"}, 2},
	.workloads = {{"1500"}, 1},
	.tasks = {{"1", "64"}, 2},
	.modes = {{"serial", "batched"}, 2},
	.context = {.pcr = 16},
	.batch_max = TPMB_BATCH_MAX_DEFAULT,
	.repetitions = 1,
};

static struct plan *plans;
static size_t plan_count;
static bool failed;

/* ---- what there is ---- */

static char chip_names[WORDS_MAX][NAMES_MAX];

/* Chips of TPM 2.0; those that misbehave only where @odd. In the order of their names. */
static void find_chips(struct words *chips, bool odd)
{
	struct dirent **entries;
	int count = scandir(tpmb_profile_folder(), &entries, NULL, alphasort);

	chips->count = 0;
	for (int i = 0; i < count; i++) {
		char *dot = strrchr(entries[i]->d_name, '.'), *name = chip_names[chips->count];
		struct tpmb_profile profile;

		if (dot && !strcmp(dot, ".ini") && chips->count < WORDS_MAX &&
		    (odd || strncmp(entries[i]->d_name, "quirk-", 6))) {
			snprintf(name, NAMES_MAX, "%.*s", (int)(dot - entries[i]->d_name),
				 entries[i]->d_name);
			if (!tpmb_profile_find(name, &profile) && profile.chip.tpm2)
				words_add(chips, name);
		}
		free(entries[i]);
	}
	if (count >= 0)
		free(entries);
	else
		tpmb_msg("%s: chip profiles: %s; TPMBATCH_CHIPS names another folder",
			 tpmb_profile_folder(), strerror(errno));
}

static void find_policies(struct words *policies)
{
	policies->count = 0;
	for (size_t i = 0; tpmb_policy_name(i); i++)
		words_add(policies, tpmb_policy_name(i));
}

static void find_workloads(struct words *workloads)
{
	workloads->count = 0;
	for (const char *const *name = canonical_names(); *name; name++)
		words_add(workloads, *name);
}

static void find_modes(struct words *modes)
{
	modes->count = 0;
	for (int i = 0; i < REPLAY_APPROACHES; i++)
		words_add(modes, replay_approach_name((enum replay_approach)i));
}

static void print_words(const char *title, const struct words *words, const char *more)
{
	printf("%-10s", title);
	for (size_t i = 0; i < words->count; i++)
		printf(" %s", words->word[i]);
	printf("%s\n", more);
}

static void print_list(void)
{
	struct words words;

	find_chips(&words, true);
	print_words("chips", &words, "");
	find_policies(&words);
	print_words("policies", &words, "; each with knobs, see driver/policy.h");
	find_workloads(&words);
	print_words("workloads", &words, " FILE.zst, or a number of measurements by --tasks");
	find_modes(&words);
	print_words("modes", &words, "");
	puts("\nWhat these options would run:");
	for (size_t i = 0; i < plan_count; i++)
		puts(plans[i].name);
}

/* ---- what is run ---- */

static void add_plan(struct plan plan)
{
	if (!plan.chip)
		snprintf(plan.name, sizeof(plan.name), "tpm/%s/%s/tasks:%lu", plan.workload,
			 replay_approach_name(plan.mode), (unsigned long)plan.tasks);
	else if (plan.measurements)
		snprintf(plan.name, sizeof(plan.name), "virtual/%s/%s/%s/%s/tasks:%lu", plan.chip,
			 plan.policy, plan.workload, replay_approach_name(plan.mode),
			 (unsigned long)plan.tasks);
	else if (plan.mode == REPLAY_NONE)
		snprintf(plan.name, sizeof(plan.name), "virtual/%s/none", plan.workload);
	else
		snprintf(plan.name, sizeof(plan.name), "virtual/%s/%s/%s/%s", plan.chip,
			 plan.policy, plan.workload, replay_approach_name(plan.mode));
	if (config.filtered && regexec(&config.filter, plan.name, 0, NULL, 0))
		return;
	for (size_t i = 0; i < plan_count; i++)
		if (!strcmp(plans[i].name, plan.name))
			return;
	if (plan_count == PLANS_MAX) {
		tpmb_msg("more than %d runs: leave some out", PLANS_MAX);
		exit(2);
	}
	plans[plan_count++] = plan;
}

/* Every number of tasks and mode that makes sense with the workload. */
static void add_workload(struct plan plan)
{
	const bool made_up = plan.measurements;

	for (size_t t = 0; t < (made_up ? config.tasks.count : 1); t++)
		for (size_t m = 0; m < config.modes.count; m++) {
			plan.mode = replay_approach(config.modes.word[m]);
			if (made_up && plan.mode != REPLAY_SERIAL && plan.mode != REPLAY_BATCHED)
				continue;
			plan.tasks = made_up ? strtoul(config.tasks.word[t], NULL, 10) : 0;
			add_plan(plan);
		}
}

static void make_plans(void)
{
	const size_t chips = config.context.tcti ? 1 : config.chips.count;
	const size_t policies = config.context.tcti ? 1 : config.policies.count;

	for (size_t c = 0; c < chips; c++)
		for (size_t p = 0; p < policies; p++)
			for (size_t w = 0; w < config.workloads.count; w++) {
				struct plan plan = {.workload = config.workloads.word[w],
						    .batch_max = (uint32_t)config.batch_max};
				unsigned long number;

				if (!config.context.tcti) {
					plan.chip = config.chips.word[c];
					plan.policy = config.policies.word[p];
				}
				if (number_take(plan.workload, 1, MEASUREMENTS_MAX, &number))
					plan.measurements = number;
				add_workload(plan);
			}
}

static void run_benchmark(struct gbench_state *state, void *arg)
{
	struct plan *plan = arg;

	while (gbench_keep_running(state)) {
		if (plan_run(plan, &config.context)) {
			gbench_skip(state, plan->error);
			return;
		}
		gbench_iteration_seconds(state, plan->seconds);
	}
	gbench_counter(state, "measurements", (double)plan->measured);
	gbench_counter(state, "extends", (double)plan->extends);
	gbench_counter(state, "round_trip_ms", plan->round_trip_ms);
	if (!isnan(plan->wait_max)) {
		gbench_counter(state, "wait_p50_round_trips", plan->wait_p50);
		gbench_counter(state, "wait_p99_round_trips", plan->wait_p99);
		gbench_counter(state, "wait_max_round_trips", plan->wait_max);
	}
}

/* ---- the table ---- */

/* What the same work takes serially under the first policy; the answer to "how much do I gain?". */
static const struct plan *baseline_of(const struct plan *plan)
{
	for (size_t i = 0; i < plan_count; i++) {
		const struct plan *p = &plans[i];

		if (p->runs && p->mode == REPLAY_SERIAL && p->tasks == plan->tasks &&
		    !strcmp(p->workload, plan->workload) &&
		    (!p->chip || !plan->chip || !strcmp(p->chip, plan->chip)))
			return p;
	}
	return NULL;
}

static void print_wait(double round_trips)
{
	if (isnan(round_trips))
		printf(" %6s", "-");
	else
		printf(" %6.1f", round_trips);
}

static void print_plan(const struct plan *plan)
{
	const struct plan *baseline = baseline_of(plan);
	const bool no_tpm = plan->mode == REPLAY_NONE;

	printf("%-17s %-11s %-15s %5lu %-12s ", !plan->chip || no_tpm ? "-" : plan->chip,
	       !plan->chip || no_tpm ? "-" : plan->policy, plan->workload,
	       (unsigned long)plan->tasks, replay_approach_name(plan->mode));
	if (plan->error[0]) {
		printf("%s\n", plan->error);
		return;
	}
	printf("%8lu %8lu %10.3f", (unsigned long)plan->measured, (unsigned long)plan->extends,
	       plan->seconds);
	if (baseline)
		printf(" %6.1fx", baseline->seconds / plan->seconds);
	else
		printf(" %7s", "-");
	printf(" %8.3f |", plan->round_trip_ms);
	print_wait(plan->wait_p50);
	print_wait(plan->wait_p99);
	print_wait(plan->wait_max);
	putchar('\n');
	fflush(stdout);
}

static void print_head(void)
{
	printf("%-17s %-11s %-15s %5s %-12s %8s %8s %10s %7s %8s | %s\n", "", "", "", "", "", "",
	       "", "", "", "round", "waits, round trips");
	printf("%-17s %-11s %-15s %5s %-12s %8s %8s %10s %7s %8s | %6s %6s %6s\n", "chip",
	       "drivers", "workload", "tasks", "mode", "measured", "extends", "seconds", "faster",
	       "trip, ms", "50 %", "99 %", "most");
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void on_result(void *arg, const struct gbench_result *result)
{
	(void)arg;
	for (size_t i = 0; i < plan_count; i++) {
		struct plan *plan = &plans[i];
		size_t len = strlen(plan->name);

		if (strncmp(result->name, plan->name, len) || result->name[len] != '/')
			continue;
		failed |= result->error != NULL;
		if (!result->error)
			plan->run_seconds[plan->runs++] = result->seconds;
		if (plan->runs == config.repetitions) {
			qsort(plan->run_seconds, plan->runs, sizeof(double), by_value);
			plan->seconds = plan->run_seconds[plan->runs / 2];
		}
		if (result->error || plan->runs == config.repetitions)
			print_plan(plan);
	}
}

static int run_all(int argc, char **argv)
{
	struct gbench_options options = {.on_result = on_result, .quiet = true};
	struct file_set files = {0};
	int ret = 0;

	if (config.context.tcti) {
		static char *const everything[] = {"/usr", "/etc", "/bin", "/lib", "/opt", NULL};
		size_t most = 0;

		for (size_t i = 0; i < plan_count; i++)
			if (plans[i].measurements > most)
				most = plans[i].measurements;
		ret = file_set_load(everything, most, &files);
		if (ret) {
			tpmb_msg("no files to measure: %s", strerror(-ret));
			goto out;
		}
		config.context.files = &files;
	}
	for (size_t i = 0; i < plan_count; i++) {
		struct gbench *bench = gbench_register(plans[i].name, run_benchmark, &plans[i]);

		gbench_fix_iterations(bench, 1);
		gbench_use_manual_time(bench);
		gbench_unit(bench, GBENCH_S);
	}
	print_head();
	ret = gbench_run(&argc, argv, &options);
	if (ret != -EINVAL && !config.context.tcti)
		puts("\nVirtual time: processors take none. Each list was replayed and gives the "
		     "TPM's PCR.");
out:
	file_set_free(&files);
	return ret == -EINVAL ? 2 : ret || failed ? 1 : 0;
}

/* ---- the command line ---- */

enum {
	KEY_LIST = 256,
	KEY_FILTER,
	KEY_CHIP,
	KEY_POLICY,
	KEY_WORKLOAD,
	KEY_TASKS,
	KEY_MODE,
	KEY_BATCH_MAX,
	KEY_FOLDER,
	KEY_JSON,
	KEY_REPETITIONS,
};

/* What goes to Google Benchmark, which takes arguments out of its copy. */
static char *gbench_argv[8], *passed[8];
static int gbench_argc;
static size_t passed_count;

static void pass_on(struct argp_state *state, const char *option, const char *value)
{
	char *text = NULL;

	if (passed_count + 2 >= ARRAY_SIZE(passed) ||
	    asprintf(&text, "--benchmark_%s=%s", option, value) < 0)
		argp_failure(state, 2, 0, "too many options");
	gbench_argv[gbench_argc++] = passed[passed_count++] = text;
}

static void take(struct argp_state *state, struct words *words, char *arg)
{
	if (!words_take(words, arg))
		argp_error(state, "expected 1 to %d words with commas between them", WORDS_MAX);
}

static void check_workloads(struct argp_state *state)
{
	struct words known;

	find_workloads(&known);
	for (size_t i = 0; i < config.workloads.count; i++) {
		const char *word = config.workloads.word[i], *dot = strrchr(word, '.');
		unsigned long number;

		if (!number_take(word, 1, MEASUREMENTS_MAX, &number) && !words_have(&known, word) &&
		    !(dot && !strcmp(dot, ".zst")))
			argp_error(state,
				   "%s: no workload; expected a number up to %d, one of "
				   "--list, or FILE.zst",
				   word, MEASUREMENTS_MAX);
	}
}

static void check_numbers(struct argp_state *state, const struct words *words)
{
	unsigned long number;

	for (size_t i = 0; i < words->count; i++)
		if (!number_take(words->word[i], 1, TASKS_MAX, &number))
			argp_error(state, "%s: expected a number of tasks from 1 to %d",
				   words->word[i], TASKS_MAX);
}

static void check_modes(struct argp_state *state)
{
	for (size_t i = 0; i < config.modes.count; i++)
		if (replay_approach(config.modes.word[i]) == REPLAY_APPROACHES)
			argp_error(state, "%s: no mode; see --list", config.modes.word[i]);
}

static void compile_filter(struct argp_state *state, const char *arg)
{
	char error[128];
	int ret = regcomp(&config.filter, arg, REG_EXTENDED | REG_NOSUB);

	if (ret) {
		regerror(ret, &config.filter, error, sizeof(error));
		argp_error(state, "--filter %s: %s", arg, error);
	}
	config.filtered = true;
}

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	switch (key) {
	case KEY_LIST:
		config.list = true;
		return 0;
	case KEY_FILTER:
		compile_filter(state, arg);
		return 0;
	case KEY_CHIP:
		if (!strcmp(arg, "all"))
			find_chips(&config.chips, false);
		else
			take(state, &config.chips, arg);
		config.one_chip = true;
		return 0;
	case KEY_POLICY:
		if (!strcmp(arg, "all"))
			find_policies(&config.policies);
		else
			take(state, &config.policies, arg);
		return 0;
	case KEY_WORKLOAD:
		if (!strcmp(arg, "all"))
			find_workloads(&config.workloads);
		else
			take(state, &config.workloads, arg);
		check_workloads(state);
		return 0;
	case KEY_TASKS:
		take(state, &config.tasks, arg);
		check_numbers(state, &config.tasks);
		return 0;
	case KEY_MODE:
		if (!strcmp(arg, "all"))
			find_modes(&config.modes);
		else
			take(state, &config.modes, arg);
		check_modes(state);
		return 0;
	case KEY_BATCH_MAX:
		if (!number_take(arg, 1, TPMB_BATCH_MAX_LIMIT, &config.batch_max))
			argp_error(state, "--batch-max %s: expected 1 to %d bytes", arg,
				   TPMB_BATCH_MAX_LIMIT);
		return 0;
	case KEY_FOLDER:
		config.context.folder = arg;
		return 0;
	case KEY_JSON:
		pass_on(state, "out", arg);
		return 0;
	case KEY_REPETITIONS:
		if (!number_take(arg, 1, PLAN_RUNS_MAX, &config.repetitions))
			argp_error(state, "--repetitions %s: expected 1 to %d", arg, PLAN_RUNS_MAX);
		pass_on(state, "repetitions", arg);
		return 0;
	case 'T':
		config.context.tcti = arg;
		return 0;
	case 'p':
		if (strcmp(arg, "16") && strcmp(arg, "23"))
			argp_error(state,
				   "-p %s: a run begins with the PCR's reset: expected 16 or 23",
				   arg);
		config.context.pcr = (uint32_t)strtoul(arg, NULL, 10);
		return 0;
	case ARGP_KEY_END:
		if (config.context.tcti && config.one_chip)
			argp_error(state, "--chip is simulated, -T is not: one of the two");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp_option argp_options[] = {
	{NULL, 0, NULL, 0, "What is run; each with each:", 1},
	{"chip", KEY_CHIP, "CHIP,...", 0, "simulated TPMs (slb9670-spi)", 0},
	{"policy", KEY_POLICY, "POLICY,...", 0, "their drivers (linux-6.12,tpmbatch)", 0},
	{"workload", KEY_WORKLOAD, "NAME,...", 0,
	 "recorded ones, or numbers of measurements (1500)", 0},
	{"tasks", KEY_TASKS, "N,...", 0, "that share a number of measurements (1,64)", 0},
	{"mode", KEY_MODE, "MODE,...", 0,
	 "serial, batched; of recorded workloads also premeasured, digest-lists, none "
	 "(serial,batched)",
	 0},
	{"batch-max", KEY_BATCH_MAX, "BYTES", 0, "cap of a batch (4096)", 0},
	{"tcti", 'T', "TPM", 0,
	 "instead of simulated chips, a TPM in real time: a TCTI string, a path, libtpms:", 0},
	{"pcr", 'p', "16|23", 0, "the PCR of -T's TPM; reset before and after each run", 0},
	{"filter", KEY_FILTER, "REGEX", 0, "only what it matches of the names that --list shows",
	 0},
	{"folder", KEY_FOLDER, "DIR", 0, "where the recordings are (those of the project)", 0},
	{NULL, 0, NULL, 0, "What comes out:", 2},
	{"list", KEY_LIST, NULL, 0, "what there is, and what would be run", 0},
	{"json", KEY_JSON, "FILE", 0, "Google Benchmark's JSON, which its compare.py reads", 0},
	{"repetitions", KEY_REPETITIONS, "N", 0,
	 "of each run, whose median time is shown; virtual ones are all the same", 0},
	{0},
};

static const char doc[] =
	"Benchmarks of batched TPM extends. \"all\" stands for every chip, policy, workload or "
	"mode."
	"\vCommands; without one it is run:\n\n"
	"  run      measurements over simulated chips, or a TPM, as a table\n"
	"  latency  the distribution of a TPM's extend times\n"
	"  files    files of this machine into libtpms and an swtpm, serially and in batches\n"
	"  micro    the engine, records and lists, in nanoseconds\n"
	"  sim      run's simulated chips as CSV\n"
	"  replay   run's recorded workloads as CSV, with all their settings\n\n"
	"'tpmbatch-bench COMMAND --help' tells more.\n\n"
	"Examples:\n\n"
	"  tpmbatch-bench --chip all --workload 63000 --tasks 64\n"
	"  tpmbatch-bench --workload boot-1500 --mode all\n"
	"  tpmbatch-bench -T /dev/tpmrm0 --workload 200 --tasks 1,16\n"
	"  tpmbatch-bench latency -T /dev/tpmrm0\n\n"
	"TPMBATCH_CHIPS names another folder of chip profiles.\n\n"
	"Exit status: 0; 1 where a run failed; 2 and 64 for a wrong command line.";

int cmd_run(int argc, char **argv)
{
	static const struct argp argp = {argp_options, parse_option, NULL, doc, NULL, NULL, NULL};
	int ret = 0;

	gbench_argv[gbench_argc++] = argv[0];
	config.context.folder = path_workloads();
	argp_parse(&argp, argc, argv, 0, NULL, NULL);
	prctl(PR_SET_TIMERSLACK, 1ul, 0ul, 0ul, 0ul);
	plans = calloc(PLANS_MAX, sizeof(*plans));
	if (!plans)
		return 1;
	make_plans();
	if (config.list) {
		print_list();
	} else if (!plan_count) {
		tpmb_msg("nothing to run: --list shows what there is");
		ret = 2;
	} else {
		ret = run_all(gbench_argc, gbench_argv);
	}
	if (fflush(stdout) || ferror(stdout)) {
		tpmb_msg("standard output: %s", strerror(errno));
		ret = 1;
	}
	while (passed_count)
		free(passed[--passed_count]);
	if (config.filtered)
		regfree(&config.filter);
	free(plans);
	return ret;
}
