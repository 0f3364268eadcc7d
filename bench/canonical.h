/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Workloads by name; what in them is recorded and what is not: workloads/README.md. */
#ifndef TPMB_CANONICAL_H
#define TPMB_CANONICAL_H

#include "recording.h"

struct canonical {
	const char *name;
	struct recording recording;
	/* Measuring ahead: processors that are left for it, what a file costs one of them,
	 * and the entry after whose return it begins; RECORDED_NOTHING: at the start. */
	unsigned int spare_processors; /* 0: it makes no sense here */
	uint64_t file_ns;
	size_t premeasure_after;
};

/* The names, NULL at the end. */
const char *const *canonical_names(void);
/*
 * @name: one of them, made of the recordings in @folder, or a recording's own
 * file, *.zst. -ENOENT for an unknown name, errors of recording_load(). Frees with
 * recording_free(&canonical->recording).
 */
int canonical_load(const char *folder, const char *name, struct canonical *canonical);

#endif
