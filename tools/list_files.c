// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Files of a list; see list_files.h. */
#include <limits.h>
#include <string.h>

#include "cli.h"
#include "list_files.h"

#define MAX_FIELDS 16

static bool is_id(const struct tpmb_field *field, const char *a, const char *b)
{
	return field->id && (!strcmp(field->id, a) || !strcmp(field->id, b));
}

/* The path of a name field in @path, or NULL. */
static const char *path_of(const struct tpmb_field *field, char path[PATH_MAX])
{
	size_t len = field->len;

	if (len && !field->data[len - 1])
		len--;
	/* Names of what is no file (boot_aggregate, .ima, kernel_version) begin otherwise. */
	if (!len || len >= PATH_MAX || field->data[0] != '/' || memchr(field->data, 0, len))
		return NULL;
	memcpy(path, field->data, len);
	path[len] = 0;
	return path;
}

static int give(const struct tpmb_member *member, enum tpmb_order order, bool violation,
		list_file_fn fn, void *arg)
{
	struct list_file file = {.violation = violation};
	struct tpmb_field fields[MAX_FIELDS];
	char path[PATH_MAX];
	bool buffer = false;
	int count;

	count = tpmb_template_fields(member->name, member->name_len, member->data, member->data_len,
				     order, fields, MAX_FIELDS);
	for (int i = 0; i < count && i < MAX_FIELDS; i++) {
		if (is_id(&fields[i], "n-ng", "n")) {
			file.path = path_of(&fields[i], path);
		} else if (is_id(&fields[i], "d-ng", "d-ngv2")) {
			file.digest = fields[i].data;
			file.digest_len = fields[i].len;
		} else if (is_id(&fields[i], "buf", "buf")) {
			buffer = true;
		}
	}
	if (buffer)
		file.path = NULL;
	return fn(arg, &file);
}

static int give_record(const char *list, const struct tpmb_record *record, list_file_fn fn,
		       void *arg)
{
	struct tpmb_member member = {record->name, record->name_len, record->data,
				     record->has_data ? record->data_len : 0};
	struct tpmb_member_iter iter;
	int ret;

	if (!tpmb_record_is_batch(record))
		return give(&member, record->order, tpmb_record_is_violation(record), fn, arg);
	cli_messages_about(list);
	ret = tpmb_members(record, &iter);
	cli_messages_about(NULL);
	if (ret > 0)
		ret = 0;
	while (!ret && tpmb_member_next(&iter, &member))
		ret = give(&member, record->order, false, fn, arg);
	return ret;
}

int list_files(int fd, const char *name, list_file_fn fn, void *arg)
{
	struct tpmb_list_reader *reader;
	struct tpmb_record record;
	int ret;

	ret = tpmb_list_reader_fd(fd, name, NULL, &reader);
	if (ret)
		return ret;
	while ((ret = tpmb_list_read(reader, &record)) > 0) {
		ret = give_record(name, &record, fn, arg);
		if (ret)
			break;
	}
	tpmb_list_reader_close(reader);
	return ret;
}
