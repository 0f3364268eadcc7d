/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Opening one file so that IMA measures it, and nothing else happens to it or to us. */
#ifndef TPMBATCH_OPEN_AHEAD_H
#define TPMBATCH_OPEN_AHEAD_H

#include <stdbool.h>
#include <stdint.h>

#include "skip.h"

/* Descriptors that a call holds at a time; unfold() holds no more. */
#define OPEN_AHEAD_FDS 2

struct open_ahead {
	bool read;	   /* opening for reading is what measures */
	bool map;	   /* mapping what looks executable is, or may be */
	bool map_all;	   /* map everything */
	uint64_t max_size; /* bytes; larger files are skipped. 0: no limit */
	int proc_fd;	   /* /proc, or -1 */
};

/* What became of a file. */
struct opened {
	bool skipped;
	bool mapped;
	enum skip skip; /* where skipped */
	int error;	/* errno, where skipped as SKIP_FAILED */
};

/* Opens /proc, which a new root may lack; without it open_ahead() still works. */
void open_ahead_init(struct open_ahead *how);
void open_ahead_exit(struct open_ahead *how);

/*
 * Opens the regular file @path, whose links are not followed, maps a page of it
 * executable where @how says so, and closes it. Never waits for a FIFO, a lease or
 * a device, and never opens one. Thread-safe.
 */
void open_ahead(const struct open_ahead *how, const char *path, struct opened *opened);

#endif
