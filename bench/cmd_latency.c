// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * tpmbatch-bench latency: extends a PCR one after the other, and shows how long
 * each took. What a TPM gives one idle caller; the rest of this project is
 * about what it gives many.
 */
#include <argp.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>

#include "bench.h"
#include "latency.h"
#include "lib_private.h"
#include "transport.h"

#define EXTENDS_DEFAULT 1000
#define EXTENDS_MAX	1000000
/* Buffers of the kernel, caches, and what a driver learns about a chip. */
#define WARM_UP 20

struct settings {
	const char *tcti;
	const char *csv_path, *json_path;
	FILE *csv, *json;
	uint32_t pcr;
	size_t extends;
	bool force;
};

static volatile sig_atomic_t stopped;

static void stop(int signal)
{
	stopped = signal;
}

/* Ctrl-C ends the run, not the reset after it. */
static void catch_signals(void)
{
	static const int signals[] = {SIGINT, SIGTERM, SIGHUP};
	struct sigaction action = {.sa_handler = stop, .sa_flags = SA_RESTART};

	for (size_t i = 0; i < ARRAY_SIZE(signals); i++)
		sigaction(signals[i], &action, NULL);
}

static int time_one(struct latency *latency, uint64_t number, struct timed_command *command)
{
	struct tpm_transport *transport = latency->tpm->transport;
	struct tpmb_clock *clock = tpmb_transport_clock(transport);
	uint8_t digests[TPMB_BANK_COUNT][TPMB_DIGEST_MAX] = {0};
	int ret;

	for (int bank = 0; bank < TPMB_BANK_COUNT; bank++)
		memcpy(digests[bank], &number, sizeof(number));
	command->start_ns = tpmb_clock_now_ns(clock);
	ret = tpm_extend(transport, latency->tpm->pcr, latency->tpm->banks,
			 (const uint8_t(*)[TPMB_DIGEST_MAX])digests);
	command->total_ns = tpmb_clock_now_ns(clock) - command->start_ns;
	latency->has_phases = tpmb_transport_phases(transport, &command->phases);
	return ret;
}

static int time_extends(struct latency *latency, size_t extends)
{
	struct timed_command unused;
	int ret = 0;

	for (size_t i = 0; !ret && !stopped && i < WARM_UP; i++)
		ret = time_one(latency, i, &unused);
	while (!ret && !stopped && latency->count < extends) {
		ret = time_one(latency, WARM_UP + latency->count,
			       &latency->commands[latency->count]);
		latency->count += !ret;
	}
	for (size_t i = latency->count; i-- > 0;)
		latency->commands[i].start_ns -= latency->commands[0].start_ns;
	return ret;
}

/* Before the TPM is touched: a run may take minutes. */
static int open_output(const char *path, FILE **out)
{
	if (!path)
		return 0;
	*out = strcmp(path, "-") ? fopen(path, "we") : stdout;
	if (*out)
		return 0;
	tpmb_msg("%s: %s", path, strerror(errno));
	return -EIO;
}

static int close_output(const char *path, FILE *out)
{
	int error = 0;

	if (!out)
		return 0;
	if (fflush(out) || ferror(out))
		error = errno;
	if (out != stdout)
		fclose(out);
	if (error)
		tpmb_msg("%s: %s", path, strerror(error));
	return -error;
}

static int report(struct latency *latency, const struct settings *s)
{
	int ret = latency_summarise(latency);

	if (ret)
		return ret;
	if (s->csv != stdout && s->json != stdout)
		latency_print(latency);
	if (s->csv)
		latency_write_csv(latency, s->csv);
	if (s->json)
		latency_write_json(latency, s->json);
	return 0;
}

static int measure(const struct settings *s)
{
	struct latency latency = {0};
	struct tpm_under_test tpm;
	int ret, error;

	catch_signals();
	/* The default slack of 50 us would be in each of a driver's sleeps. */
	prctl(PR_SET_TIMERSLACK, 1ul, 0ul, 0ul, 0ul);
	ret = tpm_under_test_open(&tpm, s->tcti, s->pcr, s->force);
	if (ret)
		return ret;
	latency.tpm = &tpm;
	latency.virtual_time = tpmb_transport_clock(tpm.transport) != tpmb_real_clock();
	latency.commands = calloc(s->extends, sizeof(*latency.commands));
	ret = latency.commands ? tpm_identity(tpm.transport, &latency.identity) : -ENOMEM;
	if (!ret)
		ret = time_extends(&latency, s->extends);
	if (stopped)
		tpmb_msg("stopped by a signal after %zu of %zu extends", latency.count, s->extends);
	if (!ret && !latency.count)
		ret = -EINTR;
	if (!ret)
		ret = report(&latency, s);
	free(latency.commands);
	error = tpm_under_test_close(&tpm);
	return ret ? ret : error;
}

static int run(struct settings *s)
{
	int ret = open_output(s->csv_path, &s->csv), error;

	if (!ret)
		ret = open_output(s->json_path, &s->json);
	if (!ret)
		ret = measure(s);
	error = close_output(s->json_path, s->json);
	if (!ret)
		ret = error;
	error = close_output(s->csv_path, s->csv);
	if (!ret)
		ret = error;
	error = close_output("standard output", stdout);
	return ret ? ret : error;
}

/* ---- the command line ---- */

enum {
	KEY_CSV = 256,
	KEY_JSON,
	KEY_FORCE,
};

static const struct argp_option options[] = {
	{"tcti", 'T', "TPM", 0,
	 "the TPM: a TCTI string, a path as /dev/tpmrm0 (the default), libtpms:, "
	 "chip=NAME[,policy=POLICY] or tis:, nuvoton: of a board",
	 0},
	{"pcr", 'p', "N", 0, "the PCR to extend; default 16", 0},
	{"extends", 'n', "N", 0, "how many; default 1000, after 20 that do not count", 0},
	{"force", KEY_FORCE, NULL, 0, "a PCR other than 16 and 23 of a real TPM", 0},
	{"csv", KEY_CSV, "FILE", 0, "a line an extend; - is standard output", 0},
	{"json", KEY_JSON, "FILE", 0, "summary, histogram, TPM and machine; - is standard output",
	 0},
	{0},
};

static unsigned long number(struct argp_state *state, const char *arg, unsigned long least,
			    unsigned long most)
{
	char *end;
	unsigned long value;

	errno = 0;
	value = strtoul(arg, &end, 10);
	if (*arg < '0' || *arg > '9' || *end || errno || value < least || value > most)
		argp_error(state, "%s: expected a number from %lu to %lu", arg, least, most);
	return value;
}

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct settings *s = state->input;

	switch (key) {
	case 'T':
		s->tcti = arg;
		return 0;
	case 'p':
		s->pcr = (uint32_t)number(state, arg, 0, TPMB_PCR_COUNT - 1);
		return 0;
	case 'n':
		s->extends = number(state, arg, 1, EXTENDS_MAX);
		return 0;
	case KEY_FORCE:
		s->force = true;
		return 0;
	case KEY_CSV:
		s->csv_path = arg;
		return 0;
	case KEY_JSON:
		s->json_path = arg;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

int cmd_latency(int argc, char **argv)
{
	static const struct argp argp = {
		.options = options,
		.parser = parse_option,
		.doc = "Extends a PCR of a TPM one extend after the other, and prints how long "
		       "they took: percentiles, a histogram, and by phase where the driver is this "
		       "project's."
		       "\vA PCR that can be reset (16, 23) is reset before and after. Others of a "
		       "TPM that is no simulator are refused without --force, IMA's PCR 10 "
		       "with them. Times hold whatever else uses the TPM; a simulated chip's are "
		       "virtual.\n\n"
		       "bench/plot latency FILE.svg CSV... draws the histogram of CSV files.\n\n"
		       "Exit status: 0; 1 where the TPM or a file failed; 64 for a wrong command "
		       "line.",
	};
	struct settings settings = {.pcr = 16, .extends = EXTENDS_DEFAULT};

	argp_parse(&argp, argc, argv, 0, NULL, &settings);
	return run(&settings) ? 1 : 0;
}
