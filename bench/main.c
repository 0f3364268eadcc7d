// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* tpmbatch-bench: benchmarks, one command each; without one it is run. */
#include <argp.h>
#include <stdio.h>
#include <string.h>

#include "bench.h"
#include "lib_private.h"
#include "paths.h"

static const struct {
	const char *name;
	char *argv0; /* how its own help calls it */
	int (*run)(int argc, char **argv);
} commands[] = {
	{"run", (char[]){"tpmbatch-bench"}, cmd_run},
	{"latency", (char[]){"tpmbatch-bench latency"}, cmd_latency},
	{"files", (char[]){"tpmbatch-bench files"}, cmd_files},
	{"micro", (char[]){"tpmbatch-bench micro"}, cmd_micro},
	{"sim", (char[]){"tpmbatch-bench sim"}, cmd_sim},
	{"replay", (char[]){"tpmbatch-bench replay"}, cmd_replay},
};

static void print_message(void *arg, const char *line)
{
	(void)arg;
	fprintf(stderr, "tpmbatch-bench: %s\n", line);
}

static void print_version(FILE *out, struct argp_state *state)
{
	(void)state;
	fprintf(out, "tpmbatch-bench %s\n", tpmb_version());
}

int main(int argc, char **argv)
{
	path_find_chips();
	tpmb_set_message_handler(print_message, NULL);
	virtual_set_messages(print_message);
	argp_program_version_hook = print_version;
	for (size_t i = 0; argc > 1 && i < ARRAY_SIZE(commands); i++)
		if (!strcmp(argv[1], commands[i].name)) {
			argv[1] = commands[i].argv0;
			return commands[i].run(argc - 1, argv + 1);
		}
	if (argc > 1 && argv[1][0] != '-') {
		tpmb_msg("no such command: %s; expected run, latency, files, micro, sim or replay",
			 argv[1]);
		return 64;
	}
	argv[0] = commands[0].argv0;
	return cmd_run(argc, argv);
}
