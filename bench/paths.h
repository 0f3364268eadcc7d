/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What the benchmarks bring along: where it lies in a tree that was built, or installed. */
#ifndef TPMB_PATHS_H
#define TPMB_PATHS_H

/* bench/tpmlib_delay.c's module for swtpm. */
const char *path_delay_module(void);
/* The recordings. */
const char *path_workloads(void);
/* Lets chip profiles of the source tree be found where none are installed. */
void path_find_chips(void);

#endif
