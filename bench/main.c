// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* tpmbatch-bench: benchmarks, one command each. */
#include <stdio.h>
#include <string.h>

#include "bench.h"
#include "lib_private.h"

static const struct {
	const char *name;
	char *argv0; /* how its own help calls it */
	int (*run)(int argc, char **argv);
} commands[] = {
	{"files", (char[]){"tpmbatch-bench files"}, cmd_files},
	{"latency", (char[]){"tpmbatch-bench latency"}, cmd_latency},
};

static void print_message(void *arg, const char *line)
{
	(void)arg;
	fprintf(stderr, "tpmbatch-bench: %s\n", line);
}

int main(int argc, char **argv)
{
	tpmb_set_message_handler(print_message, NULL);
	for (size_t i = 0; argc > 1 && i < ARRAY_SIZE(commands); i++)
		if (!strcmp(argv[1], commands[i].name)) {
			argv[1] = commands[i].argv0;
			return commands[i].run(argc - 1, argv + 1);
		}
	return cmd_files(argc, argv);
}
