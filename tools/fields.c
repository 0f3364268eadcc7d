// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The fields of template data; see fields.h. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "escape.h"
#include "fields.h"

/* More than any template has (Linux: 15). */
#define FIELDS_MAX 32
/* What is shown of a long field: a signature's header, or a digest whole. */
#define SHOWN_MAX 64
/* Room for "type:algo:"; the longest in use is "verity:sha512:". */
#define ALGO_MAX 64

enum kind {
	KIND_BYTES,
	KIND_DIGEST, /* "algo:" or "type:algo:", NUL, digest */
	KIND_STRING, /* bytes and their NUL */
	KIND_NAME,   /* legacy: bytes without a NUL */
	KIND_NUMBER,
};

static enum kind kind_of(const struct tpmb_field *field)
{
	static const struct {
		const char *id;
		enum kind kind;
	} kinds[] = {
		{"d-ng", KIND_DIGEST}, {"d-ngv2", KIND_DIGEST}, {"d-modsig", KIND_DIGEST},
		{"n-ng", KIND_STRING}, {"n", KIND_NAME},	{"xattrnames", KIND_STRING},
		{"iuid", KIND_NUMBER}, {"igid", KIND_NUMBER},	{"imode", KIND_NUMBER},
	};

	for (size_t i = 0; field->id && i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (!strcmp(field->id, kinds[i].id))
			return kinds[i].kind;
	return KIND_BYTES;
}

/* Bytes of "algo:" without its NUL, 0 where the field is no digest. */
static size_t algo_length(const struct tpmb_field *field)
{
	size_t len = strnlen((const char *)field->data, field->len);

	if (!len || len == field->len || len > ALGO_MAX || field->data[len - 1] != ':')
		return 0;
	for (size_t i = 0; i < len; i++)
		if (field->data[i] <= ' ' || field->data[i] > '~')
			return 0;
	return len;
}

/* The string without its one NUL; false where it is none. */
static bool string_length(const struct tpmb_field *field, enum kind kind, size_t *len)
{
	const uint8_t *nul = field->len ? memchr(field->data, 0, field->len) : NULL;

	*len = field->len;
	if (kind == KIND_NAME)
		return !nul;
	if (!nul || nul != field->data + field->len - 1)
		return false;
	*len -= 1;
	return true;
}

/* In the list's byte order; what is no integer of 1 to 4 bytes stays bytes. */
static bool number_of(const struct tpmb_field *field, enum tpmb_order order, uint32_t *value)
{
	*value = 0;
	if (!field->len || field->len > sizeof(*value))
		return false;
	for (uint32_t i = 0; i < field->len; i++)
		*value = *value << 8 | field->data[order == TPMB_ORDER_BE ? i : field->len - 1 - i];
	return true;
}

/* ---- for people ---- */

static void print_hex(FILE *out, const uint8_t *bytes, size_t len)
{
	size_t shown = len > SHOWN_MAX ? SHOWN_MAX / 2 : len;

	for (size_t i = 0; i < shown; i++)
		fprintf(out, "%02x", bytes[i]);
	if (shown < len)
		fprintf(out, "...(%zu bytes)", len);
}

static void print_field(FILE *out, const struct tpmb_field *field, enum tpmb_order order)
{
	enum kind kind = kind_of(field);
	uint32_t number;
	size_t len;

	putc(' ', out);
	if (kind == KIND_DIGEST && (len = algo_length(field))) {
		if (!strcmp(field->id, "d-modsig"))
			fprintf(out, "%s=", field->id);
		fwrite(field->data, 1, len, out);
		print_hex(out, field->data + len + 1, field->len - len - 1);
		return;
	}
	if ((kind == KIND_STRING || kind == KIND_NAME) && string_length(field, kind, &len)) {
		if (field->id[0] != 'n')
			fprintf(out, "%s=", field->id);
		escape_print(out, (const char *)field->data, len, ESCAPE_COLUMN);
		return;
	}
	fprintf(out, "%s=", field->id ? field->id : "field");
	if (kind == KIND_NUMBER && field->id && number_of(field, order, &number)) {
		/* A mode is read in octal. */
		fprintf(out, strcmp(field->id, "imode") ? "%" PRIu32 : "0%" PRIo32, number);
		return;
	}
	print_hex(out, field->data, field->len);
}

void fields_print(FILE *out, const struct template_data *data)
{
	struct tpmb_field fields[FIELDS_MAX];
	int count;

	count = tpmb_template_fields(data->name, data->name_len, data->data, data->data_len,
				     data->order, fields, FIELDS_MAX);
	if (count < 0 || count > FIELDS_MAX) {
		fputs(" data=", out);
		print_hex(out, data->data, data->data_len);
		return;
	}
	for (int i = 0; i < count; i++)
		print_field(out, &fields[i], data->order);
}

/* ---- JSON ---- */

int json_add(json_object *object, const char *key, json_object *value)
{
	if (!value)
		return -ENOMEM;
	if (json_object_object_add(object, key, value)) {
		json_object_put(value);
		return -ENOMEM;
	}
	return 0;
}

static json_object *new_string(const char *prefix, size_t prefix_len, const uint8_t *bytes,
			       size_t len)
{
	static const char digits[] = "0123456789abcdef";
	size_t size = prefix_len + 2 * len;
	json_object *string = NULL;
	char *text;

	if (size > INT32_MAX)
		return NULL;
	text = malloc(size + 1);
	if (!text)
		return NULL;
	memcpy(text, prefix, prefix_len);
	for (size_t i = 0; i < len; i++) {
		text[prefix_len + 2 * i] = digits[bytes[i] >> 4];
		text[prefix_len + 2 * i + 1] = digits[bytes[i] & 0xf];
	}
	string = json_object_new_string_len(text, (int)size);
	free(text);
	return string;
}

int json_add_hex(json_object *object, const char *key, const uint8_t *bytes, size_t len)
{
	return json_add(object, key, new_string("", 0, bytes, len));
}

int json_add_text(json_object *object, const char *key, const char *bytes, size_t len)
{
	char hex_key[64];

	if (len <= INT32_MAX && is_utf8_text(bytes, len))
		return json_add(object, key, json_object_new_string_len(bytes, (int)len));
	snprintf(hex_key, sizeof(hex_key), "%s_hex", key);
	return json_add_hex(object, hex_key, (const uint8_t *)bytes, len);
}

static int add_field(json_object *object, const struct tpmb_field *field, const char *key,
		     enum tpmb_order order)
{
	enum kind kind = kind_of(field);
	uint32_t number;
	char hex_key[64];
	size_t len;

	if (kind == KIND_DIGEST && (len = algo_length(field)))
		return json_add(object, key,
				new_string((const char *)field->data, len, field->data + len + 1,
					   field->len - len - 1));
	if ((kind == KIND_STRING || kind == KIND_NAME) && string_length(field, kind, &len))
		return json_add_text(object, key, (const char *)field->data, len);
	if (kind == KIND_NUMBER && field->id && number_of(field, order, &number))
		return json_add(object, key, json_object_new_int64(number));
	/* Hex is these fields' own form, and of the others the exception. */
	if (kind == KIND_BYTES)
		return json_add_hex(object, key, field->data, field->len);
	snprintf(hex_key, sizeof(hex_key), "%s_hex", key);
	return json_add_hex(object, hex_key, field->data, field->len);
}

int fields_add_json(json_object *object, const struct template_data *data)
{
	struct tpmb_field fields[FIELDS_MAX];
	json_object *all;
	int count, ret = 0;

	count = tpmb_template_fields(data->name, data->name_len, data->data, data->data_len,
				     data->order, fields, FIELDS_MAX);
	if (count < 0 || count > FIELDS_MAX || (count && !fields[0].id))
		return json_add_hex(object, "data", data->data, data->data_len);
	all = json_object_new_object();
	if (!all)
		return -ENOMEM;
	for (int i = 0; i < count && !ret; i++) {
		char key[48];
		int same = 1;

		/* A custom format may hold a field twice: "sig", "sig_2". */
		for (int j = 0; j < i; j++)
			same += !strcmp(fields[i].id, fields[j].id);
		if (same > 1)
			snprintf(key, sizeof(key), "%s_%d", fields[i].id, same);
		else
			snprintf(key, sizeof(key), "%s", fields[i].id);
		ret = add_field(all, &fields[i], key, data->order);
	}
	if (ret) {
		json_object_put(all);
		return ret;
	}
	return json_add(object, "fields", all);
}
