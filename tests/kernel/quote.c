// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * TPM2_CreatePrimary and TPM2_Quote as bytes (TPM 2.0 Part 3): two commands with
 * nothing variable in them but a handle do not need a library in the guest.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "quote.h"

#define HEADER_SIZE 10
#define HANDLE_AT   HEADER_SIZE

// clang-format off: one line, one thing
static const uint8_t create_primary[] = {
	0x80, 0x02, 0,	  0,	0,    65,   0, 0,    0x01, 0x31, /* TPM2_CreatePrimary, 65 bytes */
	0x40, 0,    0,	  0x01,					 /* owner hierarchy */
	0,    0,    0,	  9,	0x40, 0,    0, 0x09, 0,	   0,	 0, 0, 0, /* empty password */
	0,    4,    0,	  0,	0,    0,				  /* no secret, no data */
	0,    24,							  /* TPM2B_PUBLIC: */
	0,    0x23, 0,	  0x0b,		    /* ECC, its name in SHA-256 */
	0,    0x05, 0x04, 0x72,		    /* a restricted signing key of this TPM */
	0,    0,			    /* no policy */
	0,    0x10, 0,	  0x18, 0,    0x0b, /* no cipher; ECDSA with SHA-256 */
	0,    0x03, 0,	  0x10,		    /* P-256, no KDF */
	0,    0,    0,	  0,		    /* no unique point */
	0,    0,    0,	  0,	0,    0,    /* no outside information, no PCRs */
};

static const uint8_t quote_command[] = {
	0x80, 0x02, 0,	 0,   0,    55,	 0,   0,    0x01, 0x58, /* TPM2_Quote, 55 bytes */
	0,    0,    0,	 0,					/* the key, filled in */
	0,    0,    0,	 9,   0x40, 0,	 0,   0x09, 0,	  0,	0,    0, 0, /* empty password */
	0,    8,    't', 'p', 'm',  'b', 'a', 't',  'c',  'h',		    /* qualifying data */
	0,    0x10,	    /* the key's own scheme */
	0,    0,    0,	 2, /* PCRs 10 to 12 of two banks */
	0,    0x04, 3,	 0,   0x1c, 0,	 0,   0x0b, 3,	  0,	0x1c, 0,
};
// clang-format on

static uint32_t be32(const uint8_t *at)
{
	return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static size_t be16(const uint8_t *at)
{
	return (size_t)at[0] << 8 | at[1];
}

/* Sends a command; its answer's length, which is that of a header at least. */
static int transmit(int fd, const uint8_t *command, size_t len, uint8_t *answer, size_t room,
		    size_t *answer_len)
{
	ssize_t n;

	if (write(fd, command, len) != (ssize_t)len)
		return -errno;
	n = read(fd, answer, room);
	if (n < HEADER_SIZE)
		return n < 0 ? -errno : -EBADMSG;
	*answer_len = (size_t)n;
	return (int)be32(answer + 6);
}

int take_quote(const char *device, struct quote *quote)
{
	const uint8_t *at, *end;
	uint8_t command[sizeof(quote_command)];
	size_t len = 0;
	int fd, ret;

	fd = open(device, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	ret = transmit(fd, create_primary, sizeof(create_primary), quote->buffer[0],
		       sizeof(quote->buffer[0]), &len);
	if (ret)
		goto out;
	/* handle, size of the parameters, TPM2B_PUBLIC, ... */
	ret = -EBADMSG;
	if (len < HEADER_SIZE + 4 + 4 + 2)
		goto out;
	quote->pub = quote->buffer[0] + HEADER_SIZE + 4 + 4;
	quote->pub_len = 2 + be16(quote->pub);
	if (quote->pub + quote->pub_len > quote->buffer[0] + len)
		goto out;

	memcpy(command, quote_command, sizeof(command));
	memcpy(command + HANDLE_AT, quote->buffer[0] + HEADER_SIZE, 4);
	ret = transmit(fd, command, sizeof(command), quote->buffer[1], sizeof(quote->buffer[1]),
		       &len);
	if (ret)
		goto out;
	/* size of the parameters, TPM2B_ATTEST, TPMT_SIGNATURE */
	ret = -EBADMSG;
	if (len < HEADER_SIZE + 4 + 2)
		goto out;
	at = quote->buffer[1] + HEADER_SIZE + 4;
	end = at + be32(quote->buffer[1] + HEADER_SIZE);
	if (end > quote->buffer[1] + len)
		goto out;
	quote->msg = at + 2;
	quote->msg_len = be16(at);
	if (quote->msg + quote->msg_len > end)
		goto out;
	quote->sig = quote->msg + quote->msg_len;
	quote->sig_len = (size_t)(end - quote->sig);
	ret = 0;
out:
	close(fd);
	return ret;
}
