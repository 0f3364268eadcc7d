/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The SHA-256 of a file's content. */
#ifndef TPMBATCH_HASH_FILE_H
#define TPMBATCH_HASH_FILE_H

#include <stdint.h>

#define FILE_DIGEST_ALGO "sha256"
#define FILE_DIGEST_SIZE 32

/* Buffer and contexts, for one thread at a time. */
struct hasher;

/* 0, -ENOMEM, or -EIO where libcrypto has no SHA-256. */
int hasher_new(struct hasher **hasher);
void hasher_free(struct hasher *hasher); /* NULL is ignored */

/*
 * Hashes the regular file @path, which may not be a symbolic link; adds the
 * bytes read to *@bytes. 0, or a negative errno:
 *
 * -ENOENT    it has vanished
 * -EAGAIN    its size or time changed each time while it was read
 * -EMEDIUMTYPE  it is no regular file (any more)
 * else       errors of open(2) and read(2); -EIO when libcrypto fails
 */
int hash_file(struct hasher *hasher, const char *path, uint8_t digest[FILE_DIGEST_SIZE],
	      uint64_t *bytes);

#endif
