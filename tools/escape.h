/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Bytes that somebody else chose, such as a file's name, on their way to a
 * terminal: nothing of them may move the cursor, change colours, or make one
 * line look like two.
 */
#ifndef TPMBATCH_ESCAPE_H
#define TPMBATCH_ESCAPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum escape_style {
	ESCAPE_MESSAGE, /* spaces and backslashes stay */
	ESCAPE_COLUMN,	/* a column of its own: backslashes are doubled, spaces escaped */
};

/*
 * Prints @len bytes: what the locale calls printable stays, each other byte
 * becomes \xNN. Format characters that turn or hide text count as unprintable.
 */
void escape_print(FILE *out, const char *bytes, size_t len, enum escape_style style);

/* Prints JSON text, in UTF-8, with \uNNNN for all that is not printable ASCII (RFC 8259, 7). */
void escape_print_json(FILE *out, const char *json, size_t len);

/* Is it UTF-8 (RFC 3629), without NULs? */
bool is_utf8_text(const char *bytes, size_t len);

#endif
