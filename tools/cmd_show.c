// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* tpmbatch show: prints a list. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "escape.h"
#include "fields.h"

enum {
	OPTION_JSON = 0x100,
};

struct show {
	const char *list;
	bool json;

	const char *list_name;
	bool any; /* a record has been printed */
};

/* Does the listed digest belong to the data? A violation has none, and unknown data tells nothing.
 */
static bool is_sound(const struct tpmb_record *record)
{
	uint8_t digest[TPMB_DIGEST_MAX];

	if (tpmb_record_is_violation(record) || !record->has_data)
		return true;
	return !tpmb_template_digest((enum tpmb_bank)record->bank, record->name, record->name_len,
				     record->data, record->data_len, record->order, digest) &&
	       !memcmp(digest, record->digest, record->digest_len);
}

static struct template_data data_of(const struct tpmb_record *record)
{
	return (struct template_data){record->name, record->name_len, record->data,
				      record->data_len, record->order};
}

static struct template_data data_of_member(const struct tpmb_member *member, enum tpmb_order order)
{
	return (struct template_data){member->name, member->name_len, member->data,
				      member->data_len, order};
}

/* Like tpmb_members(), its message with the list's name. */
static int members_of(const struct show *show, const struct tpmb_record *record,
		      struct tpmb_member_iter *iter)
{
	int members;

	cli_messages_about(show->list_name);
	members = tpmb_members(record, iter);
	cli_messages_about(NULL);
	return members;
}

/* ---- for people ---- */

static void print_data(const struct template_data *data)
{
	escape_print(stdout, data->name, data->name_len, ESCAPE_COLUMN);
	fields_print(stdout, data);
}

static int print_record(struct show *show, const struct tpmb_record *record)
{
	struct template_data data = data_of(record);
	struct tpmb_member_iter iter;
	struct tpmb_member member;
	int members = 0;
	unsigned int number = 0;

	printf("%" PRIu64 " PCR %" PRIu32 " %s:", record->number, record->pcr,
	       tpmb_bank_name((enum tpmb_bank)record->bank));
	for (size_t i = 0; i < record->digest_len; i++)
		printf("%02x", record->digest[i]);
	putchar(' ');
	if (tpmb_record_is_violation(record))
		fputs("VIOLATION ", stdout);
	if (tpmb_record_is_batch(record))
		members = members_of(show, record, &iter);
	if (members < 0 || !is_sound(record))
		fputs("DAMAGED ", stdout);
	if (members > 0)
		printf("%s, %d members", TPMB_TEMPLATE_BATCH, members);
	else if (record->has_data)
		print_data(&data);
	else
		escape_print(stdout, record->name, record->name_len, ESCAPE_COLUMN);
	putchar('\n');
	while (members > 0 && tpmb_member_next(&iter, &member)) {
		data = data_of_member(&member, record->order);
		printf("  %" PRIu64 ".%u ", record->number, ++number);
		print_data(&data);
		putchar('\n');
	}
	return members < 0 ? members : 0;
}

/* ---- JSON ---- */

/* "template", and its "fields" or "data". */
static int add_data(json_object *object, const struct template_data *data, bool has_data)
{
	int ret = json_add_text(object, "template", data->name, data->name_len);

	return !ret && has_data ? fields_add_json(object, data) : ret;
}

static int add_members(json_object *object, const struct tpmb_record *record,
		       struct tpmb_member_iter *iter)
{
	json_object *array = json_object_new_array();
	struct tpmb_member member;
	int ret;

	ret = json_add(object, "members", array);
	while (!ret && tpmb_member_next(iter, &member)) {
		struct template_data data = data_of_member(&member, record->order);
		json_object *entry = json_object_new_object();

		if (!entry || json_object_array_add(array, entry)) {
			json_object_put(entry);
			return -ENOMEM;
		}
		ret = add_data(entry, &data, true);
	}
	return ret;
}

static int add_record(const struct show *show, json_object *object,
		      const struct tpmb_record *record, int *members)
{
	struct template_data data = data_of(record);
	struct tpmb_member_iter iter;
	int ret;

	ret = json_add(object, "number", json_object_new_uint64(record->number));
	if (!ret)
		ret = json_add(object, "offset", json_object_new_uint64(record->offset));
	if (!ret)
		ret = json_add(object, "pcr", json_object_new_uint64(record->pcr));
	if (!ret)
		ret = json_add(
			object, "bank",
			json_object_new_string(tpmb_bank_name((enum tpmb_bank)record->bank)));
	if (!ret)
		ret = json_add_hex(object, "digest", record->digest, record->digest_len);
	if (!ret)
		ret = json_add(object, "violation",
			       json_object_new_boolean(tpmb_record_is_violation(record)));
	*members = tpmb_record_is_batch(record) ? members_of(show, record, &iter) : 0;
	if (!ret)
		ret = json_add(object, "damaged",
			       json_object_new_boolean(*members < 0 || !is_sound(record)));
	if (!ret)
		ret = add_data(object, &data, record->has_data && *members <= 0);
	if (!ret && *members > 0)
		ret = add_members(object, record, &iter);
	return ret;
}

static int print_json(struct show *show, const struct tpmb_record *record)
{
	json_object *object = json_object_new_object();
	int members = 0, ret = -ENOMEM;
	const char *text;
	size_t len;

	if (!object)
		goto out;
	ret = add_record(show, object, record, &members);
	if (ret)
		goto out;
	text = json_object_to_json_string_length(
		object, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE, &len);
	if (!text) {
		ret = -ENOMEM;
		goto out;
	}
	fputs(show->any ? ",\n" : "[\n", stdout);
	escape_print_json(stdout, text, len);
	if (members < 0)
		ret = members;
out:
	json_object_put(object);
	return ret;
}

/* ---- both ---- */

static int show_list(struct show *show)
{
	struct tpmb_list_reader *reader;
	struct tpmb_record record;
	int ret, err, first_error = 0;

	ret = tpmb_list_reader_open(show->list, NULL, &reader);
	if (ret)
		return ret;
	/* A full disk ends it, not only the printing. */
	while (!ferror(stdout) && (ret = tpmb_list_read(reader, &record)) > 0) {
		err = show->json ? print_json(show, &record) : print_record(show, &record);
		show->any = true;
		if (!first_error)
			first_error = err;
		if (err == -ENOMEM)
			break;
	}
	/* What there is stays valid JSON. */
	if (show->json)
		fputs(show->any ? "\n]\n" : "[]\n", stdout);
	tpmb_list_reader_close(reader);
	return ret < 0 ? ret : first_error;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct show *show = state->input;

	switch (key) {
	case OPTION_JSON:
		show->json = true;
		return 0;
	case ARGP_KEY_ARG:
		cli_set_once(state, &show->list, arg, "LIST");
		return 0;
	case ARGP_KEY_NO_ARGS:
		argp_error(state, "no LIST");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp_option options[] = {
	{"json", OPTION_JSON, NULL, 0, "Print a JSON array, one object for each record", 0},
	{0},
};

static const struct argp argp = {
	.options = options,
	.parser = parse,
	.args_doc = "LIST",
	.doc = "Print the records of the measurement list LIST (- is standard input), the members "
	       "of "
	       "batches indented below them."
	       "\vNothing is verified but each record's own digest: DAMAGED marks one that does "
	       "not "
	       "belong to the record's data. Exit status: 0, or 1 when the list cannot be read to "
	       "its end, or a batch cannot be taken apart, 64 for wrong arguments.",
};

int cmd_show(int argc, char **argv)
{
	struct show show = {0};
	int ret, status;

	argp_parse(&argp, argc, argv, 0, NULL, &show);
	show.list_name = cli_list_name(show.list);
	ret = show_list(&show);
	if (ret)
		cli_explain(show.list_name, ret);
	status = cli_finish_output();
	return ret ? EXIT_FAILURE : status;
}
