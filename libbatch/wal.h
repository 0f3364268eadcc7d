/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The measurement list on disk, as a write-ahead log: a record is appended
 * whole, then extended. What a crash can leave behind is a last record that is
 * torn, or whole but not extended; reconcile.h mends both.
 *
 * One task at a time; the engine's commit lock sees to it.
 */
#ifndef TPMB_WAL_H
#define TPMB_WAL_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/uio.h>

struct tpmb_wal {
	int fd;
	char *path;
	uint64_t size; /* bytes of whole records */
	bool durable;  /* fdatasync() before an append returns */
	bool torn;     /* there may be bytes behind @size */
};

/*
 * Opens or creates the list and locks it against other processes (flock(2)).
 * -EBUSY where one holds it; -EINVAL where it is no regular file; errors of open(2).
 */
int tpmb_wal_open(struct tpmb_wal *wal, const char *path, bool durable);
/* Unlocks and closes. */
void tpmb_wal_close(struct tpmb_wal *wal);

/* Appends one record of @length bytes. On an error nothing of it stays, now or after the next call.
 */
int tpmb_wal_append(struct tpmb_wal *wal, struct iovec *parts, int count, uint64_t length);
/* Cuts the list to @size bytes. */
int tpmb_wal_cut(struct tpmb_wal *wal, uint64_t size);

#endif
