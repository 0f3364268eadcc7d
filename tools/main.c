// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* tpmbatch: the command line tool. */
#include <fcntl.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "cli.h"

static const struct command {
	const char *name;
	const char *argv0; /* how its own help calls it */
	int (*run)(int argc, char **argv);
} commands[] = {
	{"measure", "tpmbatch measure", cmd_measure},
	{"verify", "tpmbatch verify", cmd_verify},
	{"expand", "tpmbatch expand", cmd_expand},
	{"show", "tpmbatch show", cmd_show},
	{"stats", "tpmbatch stats", cmd_stats},
	{"premeasure", "tpmbatch premeasure", cmd_premeasure},
};

struct call {
	const struct command *command;
	int argc;
	char **argv;
};

static void print_version(FILE *out, struct argp_state *state)
{
	(void)state;
	fprintf(out, "tpmbatch %s\n", tpmb_version());
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct call *call = state->input;

	switch (key) {
	case ARGP_KEY_ARG:
		for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
			if (!strcmp(arg, commands[i].name))
				call->command = &commands[i];
		if (!call->command)
			argp_error(state, "no such command: %s", arg);
		/* All that follows is the command's. */
		call->argc = state->argc - state->next + 1;
		call->argv = state->argv + state->next - 1;
		state->next = state->argc;
		return 0;
	case ARGP_KEY_NO_ARGS:
		argp_state_help(state, stderr,
				ARGP_HELP_USAGE | ARGP_HELP_LONG | ARGP_HELP_DOC |
					ARGP_HELP_EXIT_ERR);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp argp = {
	.parser = parse,
	.args_doc = "COMMAND [ARGUMENT...]",
	.doc = "Measure files into a TPM's PCR, many with one extend, and verify the lists that "
	       "explain the PCR."
	       "\vCommands:\n\n"
	       "  measure     hash the files of folders and measure them\n"
	       "  verify      replay a measurement list and compare it with PCR values\n"
	       "  expand      write a list with the members of batches as records of their own\n"
	       "  show        print a list\n"
	       "  stats       batch sizes, and the extends that they saved\n"
	       "  premeasure  have the kernel measure files before they are used\n\n"
	       "'tpmbatch COMMAND --help' tells more; so does tpmbatch(1).",
};

/*
 * A program may be started with a standard descriptor closed, and the next file
 * opened would take its place: a message could end up in a measurement list.
 * What fills the gap can be neither read nor written, as a closed one cannot.
 */
static void fill_standard_descriptors(void)
{
	static const int wrong_way[] = {O_WRONLY, O_RDONLY, O_RDONLY};

	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", wrong_way[fd]) != fd)
			_exit(EX_OSERR);
}

int main(int argc, char **argv)
{
	struct call call = {0};

	fill_standard_descriptors();
	cli_check_output_at_exit();
	/* A line in one write: others may write to the same terminal or log. */
	setvbuf(stderr, NULL, _IOLBF, 0);
	setlocale(LC_CTYPE, "");
	argp_program_version_hook = print_version;
	cli_show_messages();
	argp_parse(&argp, argc, argv, ARGP_IN_ORDER, NULL, &call);
	if (!call.command)
		return EX_USAGE;
	call.argv[0] = (char *)(uintptr_t)call.command->argv0;
	return call.command->run(call.argc, call.argv);
}
