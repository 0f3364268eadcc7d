// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Reading a measurement list in one pass: buffering, and what both formats share. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

#include "list_private.h"

/* Holds some hundred ordinary records; one read(2) of it costs little next to hashing them. */
#define FIRST_BUFFER_SIZE (64 * 1024)

int tpmb_buffer_reserve(struct tpmb_buffer *buffer, size_t room)
{
	size_t len = tpmb_buffer_len(buffer), size = buffer->size;
	uint8_t *bytes;

	if (buffer->size - buffer->end >= room)
		return 0;
	if (buffer->start) {
		memmove(buffer->bytes, buffer->bytes + buffer->start, len);
		buffer->start = 0;
		buffer->end = len;
	}
	if (size - len >= room)
		return 0;
	if (room > SIZE_MAX / 2 - len)
		return -ENOMEM;
	if (size < FIRST_BUFFER_SIZE)
		size = FIRST_BUFFER_SIZE;
	while (size - len < room)
		size *= 2;
	bytes = realloc(buffer->bytes, size);
	if (!bytes)
		return -ENOMEM;
	buffer->bytes = bytes;
	buffer->size = size;
	return 0;
}

void tpmb_buffer_free(struct tpmb_buffer *buffer)
{
	free(buffer->bytes);
	*buffer = (struct tpmb_buffer){0};
}

static int reader_new(int fd, const char *name, const struct tpmb_list_format *format,
		      struct tpmb_list_reader **reader)
{
	struct tpmb_list_reader *r;
	int ret = -ENOMEM;

	if (format && (format->bank < -1 || format->bank >= TPMB_BANK_COUNT))
		return -EINVAL;
	r = calloc(1, sizeof(*r));
	if (!r)
		goto out;
	r->fd = fd;
	r->format = (struct tpmb_list_format){TPMB_FORMAT_AUTO, TPMB_ORDER_AUTO, -1};
	if (format)
		r->format = *format;
	r->name = strdup(name);
	if (!r->name)
		goto out;
	ret = tpmb_hash_new(&r->hash);
out:
	if (ret) {
		tpmb_list_reader_close(r);
		r = NULL;
	}
	*reader = r;
	return ret;
}

TPMB_API int tpmb_list_reader_fd(int fd, const char *name, const struct tpmb_list_format *format,
				 struct tpmb_list_reader **reader)
{
	return reader_new(fd, name, format, reader);
}

TPMB_API int tpmb_list_reader_open(const char *path, const struct tpmb_list_format *format,
				   struct tpmb_list_reader **reader)
{
	bool is_stdin = !strcmp(path, "-");
	int fd = STDIN_FILENO, ret;

	*reader = NULL;
	if (!is_stdin) {
		fd = open(path, O_RDONLY | O_CLOEXEC);
		if (fd < 0) {
			ret = -errno;
			tpmb_msg("%s: cannot open the measurement list: %s", path, strerror(-ret));
			return ret;
		}
	}
	ret = reader_new(fd, is_stdin ? "standard input" : path, format, reader);
	if (!ret)
		(*reader)->owns_fd = !is_stdin;
	else if (!is_stdin)
		close(fd);
	return ret;
}

TPMB_API void tpmb_list_reader_close(struct tpmb_list_reader *reader)
{
	if (!reader)
		return;
	if (reader->owns_fd)
		close(reader->fd);
	tpmb_hash_free(reader->hash);
	tpmb_buffer_free(&reader->data);
	tpmb_buffer_free(&reader->in);
	free(reader->name);
	free(reader);
}

TPMB_API const struct tpmb_list_format *
tpmb_list_reader_format(const struct tpmb_list_reader *reader)
{
	return &reader->format;
}

int tpmb_reader_fill(struct tpmb_list_reader *reader, size_t want)
{
	struct tpmb_buffer *in = &reader->in;
	ssize_t got;
	int ret;

	while (tpmb_buffer_len(in) < want) {
		if (reader->at_end)
			return 0;
		/* Doubling only a buffer that is full keeps it in proportion to what has come. */
		ret = tpmb_buffer_reserve(in, 1);
		if (ret)
			return ret;
		got = read(reader->fd, in->bytes + in->end, in->size - in->end);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0) {
			ret = -errno;
			tpmb_msg("%s: cannot read at offset %" PRIu64 ": %s", reader->name,
				 reader->offset + tpmb_buffer_len(in), strerror(-ret));
			return ret;
		}
		if (!got)
			reader->at_end = true;
		in->end += (size_t)got;
	}
	return 1;
}

bool tpmb_record_digest_matches(struct tpmb_hash *hash, const struct tpmb_record *record)
{
	uint8_t digest[TPMB_DIGEST_MAX];

	return !tpmb_template_hash(hash, record->bank, record->name, record->name_len, record->data,
				   record->data_len, record->order, digest) &&
	       !memcmp(digest, record->digest, record->digest_len);
}

/* Turns a format's verdict into an error number and a message. */
static int report(const struct tpmb_list_reader *reader, int verdict,
		  const struct tpmb_list_fault *fault)
{
	if (!verdict) {
		tpmb_msg("%s: offset %" PRIu64 ": the list ends inside record %" PRIu64 ", after "
			 "%zu bytes of it",
			 reader->name, reader->offset, reader->number + 1,
			 tpmb_buffer_len(&reader->in));
		return -ENODATA;
	}
	if (verdict != -EBADMSG && verdict != -EFBIG)
		return verdict;
	if (fault->has_found)
		tpmb_msg("%s: offset %" PRIu64 ": record %" PRIu64 ": expected %s, found %" PRIu64,
			 reader->name, reader->offset + fault->at, reader->number + 1,
			 fault->expected, fault->found);
	else
		tpmb_msg("%s: offset %" PRIu64 ": record %" PRIu64 ": expected %s", reader->name,
			 reader->offset + fault->at, reader->number + 1, fault->expected);
	return verdict;
}

TPMB_API int tpmb_list_read(struct tpmb_list_reader *reader, struct tpmb_record *record)
{
	struct tpmb_list_fault fault = {0};
	int ret;

	*record = (struct tpmb_record){.number = reader->number + 1};
	reader->in.start += reader->record_len;
	reader->offset += reader->record_len;
	reader->record_len = 0;
	record->offset = reader->offset;
	if (reader->error)
		return reader->error;

	ret = tpmb_reader_fill(reader, 1);
	if (ret <= 0) {
		reader->error = ret;
		return ret;
	}
	/* A binary record starts with a small PCR number, a line with a digit or a space. */
	if (reader->format.format == TPMB_FORMAT_AUTO)
		reader->format.format = reader->in.bytes[reader->in.start] < ' '
						? TPMB_FORMAT_BINARY
						: TPMB_FORMAT_ASCII;
	if (reader->format.format == TPMB_FORMAT_ASCII)
		ret = tpmb_ascii_read(reader, record, &fault);
	else
		ret = tpmb_binary_read(reader, record, &fault);
	if (ret != 1) {
		reader->error = report(reader, ret, &fault);
		return reader->error;
	}
	reader->number++;
	reader->record_len = (size_t)record->length;
	return 1;
}
