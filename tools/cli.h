/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What the commands share: exit codes, error lines, arguments, sound output. */
#ifndef TPMBATCH_CLI_H
#define TPMBATCH_CLI_H

#include <argp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include <tpmbatch.h>

/*
 * 0 and 1 are EXIT_SUCCESS and EXIT_FAILURE; bad usage exits EX_USAGE (64), as
 * argp has it, but from verify, whose 2 means "could not tell".
 */
enum {
	EXIT_UNKNOWN = 2,
	EXIT_NO_HELP = 2, /* premeasure: the kernel would not gain by it, nothing was done */
};

#define PLURAL(count) ((count) == 1 ? "" : "s")

/* The commands: each gets its own arguments, argv[0] being "tpmbatch COMMAND". */
int cmd_measure(int argc, char **argv);
int cmd_verify(int argc, char **argv);
int cmd_expand(int argc, char **argv);
int cmd_show(int argc, char **argv);
int cmd_stats(int argc, char **argv);
int cmd_premeasure(int argc, char **argv);

/*
 * One line on standard error, "tpmbatch: ...", in one write and with everything
 * escaped that a terminal would act on. Thread-safe. A line that only repeats
 * the one before it is dropped: many tasks meet the same dead TPM.
 */
void cli_error(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* Sends the library's messages there. */
void cli_show_messages(void);
/*
 * Until the next call, the library's messages start with "NAME: " (messages
 * about records do not know their list); NULL ends that. @name stays the caller's.
 */
void cli_messages_about(const char *name);
/* Drops the library's messages, or shows them again. */
void cli_mute_messages(bool mute);
/* For an error that ends a command: says it, unless an earlier line has told more. */
void cli_explain(const char *name, int error);
/* How a list is named in messages: "-" is standard input. */
const char *cli_list_name(const char *path);

/* Parses a decimal number from @min to @max, or ends the program by argp_error(). */
uint32_t cli_number(const struct argp_state *state, const char *text, const char *what,
		    uint32_t min, uint32_t max);
/* An option that was given twice would leave one of them out: argp_error(). */
void cli_set_once(const struct argp_state *state, const char **option, const char *text,
		  const char *what);

/* Before exit(): reports lost output of --help and --version, which end the program themselves. */
void cli_check_output_at_exit(void);
/*
 * Flushes standard output: EXIT_SUCCESS, or EXIT_FAILURE and a message where
 * something of it was lost.
 */
int cli_finish_output(void);

#endif
