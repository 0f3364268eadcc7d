// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The message handler: where reasons in words go. */
#include <stdio.h>

#include "lib_private.h"

/* Longer than any message with a path of PATH_MAX would be read; what exceeds it is cut. */
#define LINE_SIZE 1024

static tpmb_message_fn message_handler;
static void *message_arg;

TPMB_API void tpmb_set_message_handler(tpmb_message_fn handler, void *arg)
{
	message_handler = handler;
	message_arg = arg;
}

void tpmb_msg(const char *format, ...)
{
	char line[LINE_SIZE];
	va_list args;

	if (!message_handler)
		return;
	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	message_handler(message_arg, line);
}

TPMB_API const char *tpmb_version(void)
{
	return TPMB_VERSION;
}
