/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A progress bar on standard error, where that is a terminal; otherwise nothing. Thread-safe. */
#ifndef TPMBATCH_PROGRESS_H
#define TPMBATCH_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Is there a terminal to draw on? */
bool progress_wanted(void);
/* Starts a bar of @total steps; 0: only steps are counted, under the name @what. */
void progress_start(const char *what, uint64_t total);
/*
 * From now on each drawing of a bar ends with what @note puts into @text; until
 * progress_end(). It is called with the bar's lock held and must not print.
 */
void progress_note(void (*note)(void *arg, char *text, size_t size), void *arg);
/* One step on; draws ten times a second at most. */
void progress_step(void);
/* Takes the bar off the screen and keeps it off until progress_resume(): for printing a line. */
void progress_pause(void);
void progress_resume(void);
/* Takes the bar off for good. */
void progress_end(void);

#endif
