/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Measurement lists inside the library: the reader's buffer, and what the two
 * formats give to reader and writer.
 */
#ifndef TPMB_LIST_PRIVATE_H
#define TPMB_LIST_PRIVATE_H

#include "template.h"

/*
 * The largest record that is read or written, in bytes. A kernel's largest
 * fields are a key of 1 MiB (ima-buf), extended attributes of 64 KiB each, and
 * a batch of TPMB_BATCH_MAX_LIMIT; ASCII doubles them. This leaves room for
 * many of them in one record, and still bounds what a forged length can cost.
 */
#define TPMB_RECORD_MAX (32u * 1024 * 1024)

/* PCR and name length, besides the digest, stand before a binary record's name. */
#define TPMB_BINARY_PCR_SIZE 4
#define TPMB_BINARY_LEN_SIZE 4

/* A growing byte buffer: bytes from @start to @end are valid, @size is its room. */
struct tpmb_buffer {
	uint8_t *bytes;
	size_t start;
	size_t end;
	size_t size;
};

/* Makes room for @room bytes after @end, moving what is valid to the front: 0 or -ENOMEM. */
int tpmb_buffer_reserve(struct tpmb_buffer *buffer, size_t room);
void tpmb_buffer_free(struct tpmb_buffer *buffer);

static inline size_t tpmb_buffer_len(const struct tpmb_buffer *buffer)
{
	return buffer->end - buffer->start;
}

struct tpmb_list_reader {
	int fd;
	bool owns_fd;
	bool at_end; /* read(2) has returned 0 */
	char *name;
	struct tpmb_list_format format; /* what was asked for, then what was recognised */
	struct tpmb_buffer in;
	size_t record_len;		 /* bytes of the last record, still at the front of @in */
	uint64_t offset;		 /* of the front of @in in the list */
	uint64_t number;		 /* records handed out */
	int error;			 /* sticky */
	struct tpmb_hash *hash;		 /* for recognition */
	struct tpmb_buffer data;	 /* ASCII: the template data rebuilt */
	uint8_t digest[TPMB_DIGEST_MAX]; /* ASCII: the digest column */
};

/*
 * Reads until @want bytes are buffered: 1, 0 where the list ends before, or an
 * error. The buffer grows with the bytes that come, not with @want.
 */
int tpmb_reader_fill(struct tpmb_list_reader *reader, size_t want);

/* Does the listed digest, in the record's bank, belong to the record's template data? */
bool tpmb_record_digest_matches(struct tpmb_hash *hash, const struct tpmb_record *record);

/*
 * One record of a format, from the front of the reader's buffer, with @order
 * and @bank settled: 1 and *@record (with number, offset and length left to
 * the caller: *@len), 0 where more bytes than there are would be needed
 * (*@len: how many at least), -EBADMSG or -EFBIG with *@bad.
 */
struct tpmb_list_fault {
	uint64_t at;	      /* bytes from the record's start */
	const char *expected; /* what should have been there */
	uint64_t found;	      /* a number that was there instead, where @has_found */
	bool has_found;
};

int tpmb_binary_parse(const uint8_t *bytes, size_t avail, enum tpmb_order order, int bank,
		      struct tpmb_record *record, size_t *len, struct tpmb_list_fault *fault);
/* Reads the next binary record, settling order and bank at the first one. */
int tpmb_binary_read(struct tpmb_list_reader *reader, struct tpmb_record *record,
		     struct tpmb_list_fault *fault);
/* The same for an ASCII line. */
int tpmb_ascii_read(struct tpmb_list_reader *reader, struct tpmb_record *record,
		    struct tpmb_list_fault *fault);

/*
 * Appends a record with digest @digest of @bank to @out; the record has passed
 * the writer's checks. 0, -ENOMEM, or -EINVAL where it has no ASCII form.
 */
int tpmb_binary_write(struct tpmb_buffer *out, const struct tpmb_record *record,
		      enum tpmb_order order, int bank, const uint8_t *digest);
int tpmb_ascii_write(struct tpmb_buffer *out, const struct tpmb_record *record, int bank,
		     const uint8_t *digest);

#endif
