// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Prints what extends cost: CSV of chip x policy, in virtual time. All numbers
 * are exact integers, so that two machines print the same bytes.
 */
#include <argp.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "chip_tpm.h"
#include "extend_run.h"
#include "lib_private.h"

struct arguments {
	uint64_t extends;
	bool sha256_only;
	const char *items[64]; /* chips, "--", policies */
	size_t count;
};

static const struct argp_option options[] = {
	{"extends", 'n', "N", 0, "extends for each row (default 1000)", 0},
	{"sha256", 's', NULL, 0, "extend the SHA-256 bank alone: a command of 65 bytes", 0},
	{0},
};

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct arguments *arguments = state->input;
	char *end;

	switch (key) {
	case 'n':
		arguments->extends = strtoull(arg, &end, 10);
		if (*end || !arguments->extends)
			argp_error(state, "--extends %s: expected a positive number", arg);
		return 0;
	case 's':
		arguments->sha256_only = true;
		return 0;
	case ARGP_KEY_ARG:
		if (arguments->count == ARRAY_SIZE(arguments->items))
			argp_error(state, "too many chips and policies");
		arguments->items[arguments->count++] = arg;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static void on_message(void *arg, const char *line)
{
	(void)arg;
	fprintf(stderr, "driver_table: %s\n", line);
}

/* One row: what @extends extends took, or how they failed. */
static int row(const struct tpmb_profile *profile, const char *policy_text,
	       const struct arguments *arguments)
{
	struct tpmb_sim_tpm *sim = calloc(1, sizeof(*sim));
	struct tpmb_extend_run run = {0};
	struct tpmb_chip_exec exec;
	struct tpmb_policy policy;
	struct tpmb_limit limit;
	const struct tpmb_chip_profile *chip = &profile->chip;
	uint64_t extends = arguments->extends;
	uint64_t start = 0;
	uint64_t total = 0;
	uint64_t accesses;
	uint64_t sleeps;
	int ret;

	if (!sim)
		return -ENOMEM;
	ret = tpmb_policy_parse(policy_text, &policy);
	if (ret)
		goto out;
	ret = tpmb_chip_tpm_on(chip->tpm2, &exec);
	if (ret)
		goto out;
	ret = tpmb_sim_tpm_init(sim, profile, &policy, &exec, NULL, NULL, NULL);
	if (!ret)
		ret = tpmb_extend_run_start(&run, sim);
	if (ret)
		goto failed;
	run.sha256_only = arguments->sha256_only && chip->tpm2;
	start = tpmb_clock_now_ns(sim->clock);
	accesses = sim->phy.accesses;
	sleeps = tpmb_sim_tpm_sleeps(sim);
	for (uint64_t i = 0; i < extends && !ret; i++)
		ret = tpmb_extend_run_one(&run, i);
	total = tpmb_clock_now_ns(sim->clock) - start;
	accesses = sim->phy.accesses - accesses;
	sleeps = tpmb_sim_tpm_sleeps(sim) - sleeps;
	if (!ret)
		ret = tpmb_extend_run_check(&run);
	if (ret)
		goto failed;
	limit = tpmb_sim_limit(profile, run.cmd_len, run.rsp_len,
			       (uint64_t)chip->extend_us * 1000 + (uint64_t)chip->jitter_us * 500);
	/* Per extend, in ns; the ratio to the limit in thousandths. */
	printf("%s,%s,%" PRIu32 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64
	       ",%" PRIu64 ",%" PRIu64 ",ok\n",
	       profile->name, policy_text, policy.hz, extends, total / extends, limit.least_ns,
	       limit.payload_ns, total / extends * 1000 / limit.least_ns, accesses, sleeps);
	goto off;
failed:
	printf("%s,%s,%" PRIu32 ",%" PRIu64 ",,,,,,,%s\n", profile->name, policy_text, policy.hz,
	       run.done, strerror(-ret));
	ret = 0;
off:
	tpmb_chip_tpm_off();
out:
	free(sim);
	return ret;
}

int main(int argc, char **argv)
{
	static const struct argp argp = {
		options,
		parse_option,
		"CHIP... : POLICY...",
		"Prints the cost of an extend for each chip under each policy as CSV.",
		NULL,
		NULL,
		NULL};
	struct arguments arguments = {.extends = 1000};
	size_t chips = 0;

	tpmb_set_message_handler(on_message, NULL);
	argp_parse(&argp, argc, argv, 0, NULL, &arguments);
	while (chips < arguments.count && strcmp(arguments.items[chips], ":"))
		chips++;
	if (chips == arguments.count) {
		fprintf(stderr, "driver_table: expected CHIP... : POLICY...\n");
		return 2;
	}
	printf("chip,policy,hz,extends,extend_ns,limit_ns,payload_limit_ns,ratio_permille,"
	       "accesses,sleeps,result\n");
	for (size_t c = 0; c < chips; c++) {
		struct tpmb_profile profile;

		if (tpmb_profile_find(arguments.items[c], &profile))
			return 1;
		for (size_t p = chips + 1; p < arguments.count; p++)
			if (row(&profile, arguments.items[p], &arguments))
				return 1;
	}
	return 0;
}
