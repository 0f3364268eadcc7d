/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The template data of an ima-batch record: writing it and walking it.
 *
 * Template data, as every template's, is fields with their u32 lengths. There
 * are two: n-batch, the number of members, and e-batch, the members back to
 * back. Integers inside the two fields are little-endian on every machine.
 * FORMAT.md, in the kernel Documentation/security/IMA-batch.rst, is the
 * normative description.
 *
 * Pure functions: no allocation, no lock, any context.
 */
#ifndef _TPMB_RECORD_H
#define _TPMB_RECORD_H

#include <linux/types.h>

#define TPMB_BATCH_NAME	    "ima-batch"
#define TPMB_BATCH_NAME_LEN 9
#define TPMB_BATCH_FMT	    "n-batch|e-batch"

/* Bytes of the n-batch field. */
#define TPMB_N_BATCH_SIZE 4
/* Template data of a batch besides its members: two field lengths and n-batch. */
#define TPMB_BATCH_OVERHEAD (4 + TPMB_N_BATCH_SIZE + 4)
/* Bytes of a member besides its name and its data: their lengths. */
#define TPMB_MEMBER_OVERHEAD 8
/* A batch has two members or more; one measurement is an ordinary record. */
#define TPMB_BATCH_MIN_MEMBERS 2

/**
 * struct tpmb_batch_member - one member of an e-batch field
 * @name: template name, not NUL-terminated
 * @data: template data, as the member's own record would have carried it
 * @name_len: bytes of @name
 * @data_len: bytes of @data
 */
struct tpmb_batch_member {
	const u8 *name;
	const u8 *data;
	u32 name_len;
	u32 data_len;
};

/**
 * tpmb_member_size - bytes that a member takes in e-batch
 * @name_len: bytes of its template name
 * @data_len: bytes of its template data
 *
 * Return: the size, or 0 where it does not fit a u32.
 */
u32 tpmb_member_size(u32 name_len, u32 data_len);

/**
 * tpmb_member_nests - may this template be a member?
 * @name: template name
 * @name_len: its bytes
 *
 * The legacy "ima" template hashes something else than its template data, and
 * batches do not nest. (Violations are refused by whoever knows the digest.)
 *
 * Return: false for "ima", "ima-batch" and an empty name.
 */
bool tpmb_member_nests(const u8 *name, u32 name_len);

/**
 * tpmb_put_n_batch - write the n-batch field
 * @field: TPMB_N_BATCH_SIZE bytes
 * @members: number of members
 */
void tpmb_put_n_batch(u8 *field, u32 members);

/**
 * tpmb_get_n_batch - read the n-batch field
 * @field: TPMB_N_BATCH_SIZE bytes
 *
 * Return: the number of members it claims.
 */
u32 tpmb_get_n_batch(const u8 *field);

/**
 * tpmb_put_member - write the head of a member: both lengths and its name
 * @to: where the member begins in e-batch, room for tpmb_member_size() bytes
 * @name: template name
 * @name_len: its bytes
 * @data_len: bytes of the template data that the caller writes next
 *
 * Return: where the template data goes.
 */
u8 *tpmb_put_member(u8 *to, const u8 *name, u32 name_len, u32 data_len);

/**
 * tpmb_next_member - read one member
 * @pos: where it begins in e-batch; moved behind it on success
 * @end: end of e-batch
 * @member: filled in; points into e-batch
 *
 * Return: 0, or -EBADMSG when a length exceeds what is left of e-batch, or the
 * template is one that never nests.
 */
int tpmb_next_member(const u8 **pos, const u8 *end, struct tpmb_batch_member *member);

/**
 * tpmb_check_batch - hold a whole batch against the format
 * @n_batch: the n-batch field
 * @n_len: its bytes
 * @e_batch: the e-batch field
 * @e_len: its bytes
 * @bad: set to the offset in e-batch of the first byte that breaks the format
 *       (may be NULL)
 *
 * Return: the number of members, or -EBADMSG: an n-batch of another size, a
 * count below two, fewer or more members than counted, a member that
 * tpmb_next_member() refuses.
 */
int tpmb_check_batch(const u8 *n_batch, u32 n_len, const u8 *e_batch, u32 e_len, u32 *bad);

#endif /* _TPMB_RECORD_H */
