/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Paths as the kernel lists them, with underscores for spaces, back to what they stood for. */
#ifndef TPMBATCH_UNFOLD_H
#define TPMBATCH_UNFOLD_H

#include <stdint.h>

/*
 * Looks for the file that @path, which is not there, may stand for: each missing component is
 * looked for among the names that differ from it in having spaces for underscores; the
 * first one is taken. Links are not followed. Entries of folders that are read are taken off
 * *@budget, atomic, and nothing is looked for once it is used up: a list that names
 * thousands of missing files in a large folder must not take forever.
 * The path, to be freed, or NULL. Thread-safe.
 */
char *unfold(const char *path, int64_t *budget);

#endif
