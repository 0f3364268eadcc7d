// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What the commands share; see cli.h. */
#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "escape.h"
#include "progress.h"

/* Longer than any message with a path of PATH_MAX. */
#define LINE_SIZE 8192

/* Lock order: line_lock, then the progress bar's. */
static pthread_mutex_t line_lock = PTHREAD_MUTEX_INITIALIZER;
static char last_line[LINE_SIZE]; /* under line_lock */
static const char *about;
static bool muted;
static bool explained; /* something has been said; atomic */
static bool output_checked;

static void print_line(const char *line)
{
	__atomic_store_n(&explained, true, __ATOMIC_RELAXED);
	pthread_mutex_lock(&line_lock);
	if (strcmp(line, last_line)) {
		snprintf(last_line, sizeof(last_line), "%s", line);
		progress_pause();
		fputs("tpmbatch: ", stderr);
		escape_print(stderr, line, strlen(line), ESCAPE_MESSAGE);
		fputc('\n', stderr);
		fflush(stderr);
		progress_resume();
	}
	pthread_mutex_unlock(&line_lock);
}

void cli_error(const char *format, ...)
{
	char line[LINE_SIZE];
	va_list args;

	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	print_line(line);
}

static void show_message(void *arg, const char *line)
{
	(void)arg;
	if (muted)
		return;
	if (about)
		cli_error("%s: %s", about, line);
	else
		print_line(line);
}

void cli_show_messages(void)
{
	tpmb_set_message_handler(show_message, NULL);
}

void cli_messages_about(const char *name)
{
	about = name;
}

void cli_mute_messages(bool mute)
{
	muted = mute;
}

void cli_explain(const char *name, int error)
{
	if (!__atomic_load_n(&explained, __ATOMIC_RELAXED))
		cli_error("%s: %s", name, strerror(-error));
}

const char *cli_list_name(const char *path)
{
	return strcmp(path, "-") ? path : "standard input";
}

uint32_t cli_number(const struct argp_state *state, const char *text, const char *what,
		    uint32_t min, uint32_t max)
{
	uint64_t value = 0;
	const char *pos;

	for (pos = text; *pos >= '0' && *pos <= '9' && value <= max; pos++)
		value = value * 10 + (uint64_t)(*pos - '0');
	if (*pos || pos == text || value < min || value > max)
		argp_error(state, "%s: expected %u to %u, found '%s'", what, min, max, text);
	return (uint32_t)value;
}

void cli_set_once(const struct argp_state *state, const char **option, const char *text,
		  const char *what)
{
	if (*option)
		argp_error(state, "%s is given twice", what);
	*option = text;
}

int cli_finish_output(void)
{
	/* An earlier write may have failed, too, and its errno is gone. */
	bool failed = ferror(stdout);

	output_checked = true;
	errno = 0;
	if (fflush(stdout) || failed) {
		if (errno)
			cli_error("standard output: %s", strerror(errno));
		else
			cli_error("standard output: not everything could be written");
		return EXIT_FAILURE;
	}
	return EXIT_SUCCESS;
}

static void check_output(void)
{
	if (!output_checked && cli_finish_output())
		_exit(EXIT_FAILURE);
}

void cli_check_output_at_exit(void)
{
	atexit(check_output);
}
