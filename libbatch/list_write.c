// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Writing a measurement list. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

#include "list_private.h"

/* What is buffered before it is written out on its own. */
#define FLUSH_SIZE (64 * 1024)

struct tpmb_list_writer {
	int fd;
	char *name;
	struct tpmb_list_format format;
	struct tpmb_buffer out;
	struct tpmb_hash *hash;
	int error; /* sticky: part of the buffer may have been written */
};

TPMB_API int tpmb_list_writer_new(int fd, const char *name, const struct tpmb_list_format *format,
				  struct tpmb_list_writer **writer)
{
	struct tpmb_list_writer *w;
	int ret = -ENOMEM;

	*writer = NULL;
	if (format && (format->bank < -1 || format->bank >= TPMB_BANK_COUNT))
		return -EINVAL;
	w = calloc(1, sizeof(*w));
	if (!w)
		goto out;
	w->fd = fd;
	w->format =
		(struct tpmb_list_format){TPMB_FORMAT_BINARY, tpmb_native_order(), TPMB_BANK_SHA1};
	if (format && format->format != TPMB_FORMAT_AUTO)
		w->format.format = format->format;
	if (format && format->order != TPMB_ORDER_AUTO)
		w->format.order = format->order;
	if (format && format->bank != -1)
		w->format.bank = format->bank;
	w->name = strdup(name);
	if (!w->name)
		goto out;
	ret = tpmb_hash_new(&w->hash);
out:
	if (ret) {
		tpmb_list_writer_free(w);
		return ret;
	}
	*writer = w;
	return 0;
}

TPMB_API void tpmb_list_writer_free(struct tpmb_list_writer *writer)
{
	if (!writer)
		return;
	tpmb_hash_free(writer->hash);
	tpmb_buffer_free(&writer->out);
	free(writer->name);
	free(writer);
}

TPMB_API int tpmb_list_writer_flush(struct tpmb_list_writer *writer)
{
	struct tpmb_buffer *out = &writer->out;
	ssize_t written;

	while (!writer->error && out->start != out->end) {
		written = write(writer->fd, out->bytes + out->start, tpmb_buffer_len(out));
		if (written < 0 && errno == EINTR)
			continue;
		if (written <= 0) {
			writer->error = written < 0 ? -errno : -EIO;
			tpmb_msg("%s: cannot write the measurement list: %s", writer->name,
				 strerror(-writer->error));
			break;
		}
		out->start += (size_t)written;
	}
	return writer->error;
}

/* Why a record cannot be written, or NULL. */
static const char *refusal(const struct tpmb_list_writer *writer, const struct tpmb_record *record)
{
	const char *reason;

	if (!record->has_data)
		return "its template data is not known";
	if (!tpmb_name_is_valid(record->name, record->name_len))
		return "its template name is not 1 to 255 graphic characters";
	if (record->order != TPMB_ORDER_AUTO && record->order != writer->format.order)
		return "its byte order is not the list's, and its digest covers that";
	if (record->data_len > TPMB_RECORD_MAX / 2)
		return "it is larger than any kernel writes";
	if (tpmb_name_is_legacy(record->name, record->name_len) &&
	    tpmb_template_check(record->name, record->name_len, record->data, record->data_len,
				writer->format.order, &reason))
		return "it is no legacy record: 20 bytes, a length and that many bytes of name";
	return NULL;
}

/* The digest column: the record's own where it is of the writer's bank. */
static int list_digest(struct tpmb_list_writer *writer, const struct tpmb_record *record,
		       uint8_t *digest)
{
	size_t size = tpmb_bank_size((enum tpmb_bank)writer->format.bank);

	if (record->digest && record->bank == writer->format.bank && record->digest_len == size) {
		memcpy(digest, record->digest, size);
		return 0;
	}
	if (tpmb_record_is_violation(record)) {
		memset(digest, 0, size);
		return 0;
	}
	return tpmb_template_hash(writer->hash, writer->format.bank, record->name, record->name_len,
				  record->data, record->data_len, writer->format.order, digest);
}

TPMB_API int tpmb_list_write(struct tpmb_list_writer *writer, const struct tpmb_record *record)
{
	struct tpmb_record as_listed = *record;
	uint8_t digest[TPMB_DIGEST_MAX];
	const char *reason;
	int ret;

	if (writer->error)
		return writer->error;
	reason = refusal(writer, record);
	if (reason) {
		ret = -EINVAL;
		goto out;
	}
	as_listed.order = writer->format.order;
	ret = list_digest(writer, &as_listed, digest);
	if (ret) {
		reason = "its template digest cannot be computed";
		goto out;
	}
	if (writer->format.format == TPMB_FORMAT_ASCII)
		ret = tpmb_ascii_write(&writer->out, &as_listed, writer->format.bank, digest);
	else
		ret = tpmb_binary_write(&writer->out, &as_listed, writer->format.order,
					writer->format.bank, digest);
	if (ret == -EINVAL)
		reason = "a line cannot show it so that it reads back the same";
	if (!ret && tpmb_buffer_len(&writer->out) >= FLUSH_SIZE)
		ret = tpmb_list_writer_flush(writer);
out:
	if (reason)
		tpmb_msg("%s: cannot write record %" PRIu64 " (template %.*s): %s", writer->name,
			 record->number, (int)(record->name ? record->name_len : 0), record->name,
			 reason);
	return ret;
}
