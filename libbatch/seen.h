/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What a list holds already: a set of PCR and template digest, as the hash
 * table of Linux IMA is. 36 bytes an entry, at most half full: a list of
 * 63,000 measurements takes 4.7 MB.
 *
 * Thread-safe.
 */
#ifndef TPMB_SEEN_H
#define TPMB_SEEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A measurement's key: the SHA-256 template digest, or a hash of it as good. */
#define TPMB_KEY_SIZE 32

struct tpmb_seen;

/* 0 or -ENOMEM. */
int tpmb_seen_new(struct tpmb_seen **seen);
void tpmb_seen_free(struct tpmb_seen *seen); /* NULL is ignored */

/* Makes room for @count more, so that adding them cannot fail. 0 or -ENOMEM. */
int tpmb_seen_reserve(struct tpmb_seen *seen, size_t count);
/* Adds a key for which room was reserved; one that is there already is no error. */
void tpmb_seen_add(struct tpmb_seen *seen, uint32_t pcr, const uint8_t key[TPMB_KEY_SIZE]);
bool tpmb_seen_has(struct tpmb_seen *seen, uint32_t pcr, const uint8_t key[TPMB_KEY_SIZE]);

#endif
