/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The fields of template data, for people and as JSON. */
#ifndef TPMBATCH_FIELDS_H
#define TPMBATCH_FIELDS_H

#include <json-c/json.h>
#include <stdio.h>

#include <tpmbatch.h>

/* Template data and what is needed to take it apart. */
struct template_data {
	const char *name;
	uint32_t name_len;
	const uint8_t *data;
	uint32_t data_len;
	enum tpmb_order order;
};

/*
 * Prints the fields, a space before each: digests as ALGO:HEX, names escaped,
 * the others as ID=VALUE, long ones cut. Safe for a terminal.
 */
void fields_print(FILE *out, const struct template_data *data);

/*
 * Adds "fields", an object of the fields by their ids, to @object; or "data",
 * all bytes in hex, where the template is unknown or the data is not what the
 * template says. A string that is no UTF-8 without NULs stands under ID_hex, in
 * hex. 0 or -ENOMEM.
 */
int fields_add_json(json_object *object, const struct template_data *data);

/* Adds @bytes in hex, as a string, under @key. 0 or -ENOMEM. */
int json_add_hex(json_object *object, const char *key, const uint8_t *bytes, size_t len);
/* Adds @bytes as a string under @key, or in hex under @key_hex. 0 or -ENOMEM. */
int json_add_text(json_object *object, const char *key, const char *bytes, size_t len);
/* Adds @value, which it consumes (NULL: it could not be made), under @key. 0 or -ENOMEM. */
int json_add(json_object *object, const char *key, json_object *value);

#endif
