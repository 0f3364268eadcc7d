/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Template descriptors: which fields a template's data holds, and what form
 * each has (Linux, Documentation/security/IMA-templates.rst). A record of a
 * custom format (ima_template_fmt=) carries the format itself as its name.
 */
#ifndef TPMB_TEMPLATE_H
#define TPMB_TEMPLATE_H

#include "bank.h"

/* Linux's IMA_TEMPLATE_NUM_FIELDS_MAX and IMA_TEMPLATE_FIELD_ID_MAX_LEN. */
#define TPMB_FIELDS_MAX	  15
#define TPMB_FIELD_ID_MAX 16
/* The longest name is a custom format of that many fields, with a '|' between them: 254 bytes. */
#define TPMB_NAME_MAX 255

/* The legacy template "ima": a bare 20-byte digest, then a u32 length and a name without NUL. */
#define TPMB_LEGACY_DIGEST_SIZE 20
/* Its digest is over the name padded with zeros to this size (IMA_EVENT_NAME_LEN_MAX + 1). */
#define TPMB_LEGACY_NAME_SIZE 256

/* Forms of a field, and how ASCII lists show it. */
enum tpmb_field_kind {
	TPMB_KIND_DIGEST,      /* a bare digest: hex */
	TPMB_KIND_DIGEST_NG,   /* "algo:" NUL digest: algo:hex */
	TPMB_KIND_DIGEST_NGV2, /* "type:algo:" NUL digest: type:algo:hex */
	TPMB_KIND_STRING,      /* bytes and their NUL: the bytes */
	TPMB_KIND_HEX,	       /* bytes: hex */
	TPMB_KIND_UINT,	       /* an integer in the list's byte order: decimal */
	TPMB_KIND_COUNT_LE,    /* n-batch, always little-endian: decimal */
};

struct tpmb_field_desc {
	const char *id;
	enum tpmb_field_kind kind;
	uint8_t size;	   /* bytes of an integer; else 0 */
	bool may_be_empty; /* the kernel leaves the field empty where it has nothing to say */
};

struct tpmb_template {
	const struct tpmb_field_desc *field[TPMB_FIELDS_MAX];
	unsigned int fields;
};

/* Is it a name that a kernel writes: 1 to TPMB_NAME_MAX graphic ASCII characters? */
bool tpmb_name_is_valid(const char *name, uint32_t name_len);
/* Is it the legacy template "ima"? */
bool tpmb_name_is_legacy(const char *name, uint32_t name_len);
bool tpmb_name_is_batch(const char *name, uint32_t name_len);

/* Looks a template up by its name, or parses the format in it; false where it is unknown. */
bool tpmb_template_lookup(const char *name, uint32_t name_len, struct tpmb_template *template);

/*
 * Takes the next field off @data: false where the length does not fit. Walks
 * the data of every template but the legacy one.
 */
bool tpmb_next_field(const uint8_t **pos, const uint8_t *end, enum tpmb_order order,
		     const uint8_t **field, uint32_t *len);

/*
 * Holds template data against what its name says: number of fields, and each
 * one's form. A record's name is not part of its digest, so this is what ties
 * the two together. 0, also for an unknown template; or -EBADMSG, and
 * *@reason says in a few words what is wrong.
 */
int tpmb_template_check(const char *name, uint32_t name_len, const uint8_t *data, uint32_t data_len,
			enum tpmb_order order, const char **reason);

/* Is it the template data of an ima-batch, by all of FORMAT.md's rules? No message. */
bool tpmb_is_batch_data(const uint8_t *data, uint32_t data_len, enum tpmb_order order);

/* tpmb_template_digest() with contexts of the caller's, for one bank or for all of a mask. */
int tpmb_template_hash(struct tpmb_hash *hash, int bank, const char *name, uint32_t name_len,
		       const uint8_t *data, uint32_t data_len, enum tpmb_order order,
		       uint8_t *digest);
int tpmb_template_hash_banks(struct tpmb_hash *hash, unsigned int banks, const char *name,
			     uint32_t name_len, const uint8_t *data, uint32_t data_len,
			     enum tpmb_order order, struct tpmb_digests *digests);

#endif
