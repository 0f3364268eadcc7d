// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ini.h>

#include "lib_private.h"
#include "profile.h"

enum kind {
	KIND_U32,
	KIND_U64,
	KIND_U16,
	KIND_U8,
	KIND_BOOL,     /* words: false, true */
	KIND_WORD,     /* an enum: the index of the word */
	KIND_US_AS_NS, /* a key in us for a field in ns */
};

struct key {
	const char *section;
	const char *name;
	enum kind kind;
	bool required;
	size_t offset; /* in struct tpmb_profile */
	uint64_t min;
	uint64_t max;
	const char *words[5];
};

#define CHIP(field) offsetof(struct tpmb_profile, chip.field)
#define BUS(field)  offsetof(struct tpmb_profile, bus.field)
#define YES_NO              \
	{                   \
		"no", "yes" \
	}

static const struct key keys[] = {
	{"chip", "family", KIND_BOOL, true, CHIP(tpm2), 0, 0, {"1.2", "2.0"}},
	{"chip", "vendor_id", KIND_U16, true, CHIP(vendor_id), 0, 0xffff, {NULL}},
	{"chip", "device_id", KIND_U16, true, CHIP(device_id), 0, 0xffff, {NULL}},
	{"chip", "revision", KIND_U8, true, CHIP(revision), 0, 0xff, {NULL}},
	{"chip", "checksum", KIND_BOOL, false, CHIP(csum), 0, 0, YES_NO},

	{"bus", "type", KIND_WORD, true, BUS(type), 0, 0, {"lpc", "spi", "i2c", "i2c-nuvoton"}},
	{"bus", "byte_ns", KIND_U32, true, BUS(byte_ns), 1, 10000000, {NULL}},
	{"bus", "frame_ns", KIND_U32, true, BUS(frame_ns), 0, 10000000, {NULL}},

	{"fifo", "burst_bytes", KIND_U32, true, CHIP(burst_bytes), 1, 0xffff, {NULL}},
	{"fifo", "burst_static", KIND_BOOL, false, CHIP(burst_static), 0, 0, YES_NO},
	{"fifo", "full", KIND_BOOL, true, CHIP(full_stalls), 0, 0, {"drop", "stall"}},
	{"fifo", "write_byte_ns", KIND_U32, true, CHIP(write_byte_ns), 0, 100000000, {NULL}},
	{"fifo", "read_byte_ns", KIND_U32, true, CHIP(read_byte_ns), 0, 100000000, {NULL}},
	{"fifo", "read", KIND_BOOL, true, CHIP(read_stalls), 0, 0, {"wait", "stall"}},

	{"time", "grant_us", KIND_US_AS_NS, true, CHIP(grant_ns), 0, 4000000, {NULL}},
	{"time", "ready_us", KIND_US_AS_NS, true, CHIP(ready_ns), 0, 4000000, {NULL}},
	{"time", "ready", KIND_BOOL, true, CHIP(ready_direct), 0, 0, {"idle", "direct"}},
	{"time", "abort", KIND_BOOL, false, CHIP(abort_executes), 0, 0, {"cancels", "executes"}},
	{"time", "extend_us", KIND_U32, true, CHIP(extend_us), 0, UINT32_MAX, {NULL}},
	{"time", "other_us", KIND_U32, true, CHIP(other_us), 0, UINT32_MAX, {NULL}},
	{"time", "jitter_us", KIND_U32, false, CHIP(jitter_us), 0, 1000000000, {NULL}},
	{"time", "seed", KIND_U64, false, CHIP(seed), 1, UINT64_MAX, {NULL}},

	{"quirk",
	 "poll",
	 KIND_WORD,
	 false,
	 CHIP(poll_effect),
	 0,
	 0,
	 {"harmless", "dies", "restarts"}},
	{"quirk", "poll_min_us", KIND_U32, false, CHIP(poll_min_us), 1, 1000000, {NULL}},
	{"quirk", "poll_restart_us", KIND_U32, false, CHIP(poll_restart_us), 1, 1000000, {NULL}},
	{"quirk", "settle_us", KIND_U32, false, CHIP(settle_us), 1, 1000000, {NULL}},
	{"quirk", "sts_ones_ns", KIND_U32, false, CHIP(sts_ones_ns), 1, 1000000000, {NULL}},
	{"quirk", "quick_ready_us", KIND_U32, false, CHIP(quick_ready_us), 1, 1000000, {NULL}},
	{"quirk", "ready_slow_us", KIND_U32, false, CHIP(ready_slow_us), 1, 4000000, {NULL}},
	{"quirk", "ready_slow_every", KIND_U32, false, CHIP(ready_slow_every), 1, 1000000, {NULL}},
	{"quirk", "burst_zero_read", KIND_BOOL, false, CHIP(burst_zero_read), 0, 0, YES_NO},
};

struct parse {
	struct tpmb_profile *profile;
	bool seen[ARRAY_SIZE(keys)];
	FILE *file;
	int line;	 /* being parsed */
	bool line_begun; /* the last read did not reach its end */
	char error[256]; /* of the first bad key */
	int error_line;	 /* 0: none */
};

/* inih tells its handler no line numbers: count them as it reads. */
static char *read_line(char *text, int size, void *arg)
{
	struct parse *parse = arg;

	if (!fgets(text, size, parse->file))
		return NULL;
	if (!parse->line_begun)
		parse->line++;
	parse->line_begun = !strchr(text, '\n');
	return text;
}

static int fail(struct parse *parse, const char *section, const char *name, const char *text)
{
	if (!parse->error_line) {
		snprintf(parse->error, sizeof(parse->error), "[%s] %s: %s", section, name, text);
		parse->error_line = parse->line;
	}
	return 0;
}

/* "exec_ms" for "exec_us": the same name up to its unit. */
static bool differs_in_unit(const char *name, const char *known)
{
	static const char *const units[] = {"_ns", "_us", "_ms", "_s", "_bytes"};
	size_t len = strlen(name);

	for (size_t i = 0; i < ARRAY_SIZE(units); i++) {
		size_t unit = strlen(units[i]);
		size_t stem;

		if (len <= unit || strcmp(name + len - unit, units[i]))
			continue;
		stem = len - unit;
		for (size_t j = 0; j < ARRAY_SIZE(units); j++)
			if (strlen(known) == stem + strlen(units[j]) &&
			    !strncmp(name, known, stem) && !strcmp(known + stem, units[j]))
				return true;
	}
	return false;
}

static int unknown(struct parse *parse, const char *section, const char *name)
{
	char text[128] = "unknown key";

	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		if (!strcmp(section, keys[i].section) && differs_in_unit(name, keys[i].name))
			snprintf(text, sizeof(text), "unknown key; its unit is that of %s",
				 keys[i].name);
	return fail(parse, section, name, text);
}

static int store(struct parse *parse, const struct key *key, uint64_t value)
{
	char *field = (char *)parse->profile + key->offset;

	switch (key->kind) {
	case KIND_U8:
		*(uint8_t *)field = (uint8_t)value;
		break;
	case KIND_U16:
		*(uint16_t *)field = (uint16_t)value;
		break;
	case KIND_U32:
		*(uint32_t *)field = (uint32_t)value;
		break;
	case KIND_US_AS_NS:
		*(uint32_t *)field = (uint32_t)value * 1000;
		break;
	case KIND_U64:
		*(uint64_t *)field = value;
		break;
	case KIND_BOOL:
		*(bool *)field = value;
		break;
	case KIND_WORD:
		*(unsigned int *)field = (unsigned int)value;
		break;
	}
	return 1;
}

static int parse_word(struct parse *parse, const struct key *key, const char *value)
{
	char text[160] = "expected ";

	for (size_t i = 0; i < ARRAY_SIZE(key->words) && key->words[i]; i++) {
		if (!strcmp(value, key->words[i]))
			return store(parse, key, i);
		strncat(text, i ? ", " : "", sizeof(text) - strlen(text) - 1);
		strncat(text, key->words[i], sizeof(text) - strlen(text) - 1);
	}
	return fail(parse, key->section, key->name, text);
}

static int parse_number(struct parse *parse, const struct key *key, const char *value)
{
	unsigned long long number;
	char text[128];
	char *end;

	errno = 0;
	number = strtoull(value, &end, 0);
	if (*value < '0' || *value > '9' || *end || errno || number < key->min ||
	    number > key->max) {
		snprintf(text, sizeof(text), "expected an integer from %llu to %llu",
			 (unsigned long long)key->min, (unsigned long long)key->max);
		return fail(parse, key->section, key->name, text);
	}
	return store(parse, key, number);
}

static int on_key(void *arg, const char *section, const char *name, const char *value)
{
	struct parse *parse = arg;

	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		const struct key *key = &keys[i];

		if (strcmp(section, key->section) || strcmp(name, key->name))
			continue;
		if (parse->seen[i])
			return fail(parse, section, name, "given twice");
		parse->seen[i] = true;
		if (key->words[0])
			return parse_word(parse, key, value);
		return parse_number(parse, key, value);
	}
	return unknown(parse, section, name);
}

/* What no single key can tell; NULL when all is well. */
static const char *contradiction(const struct tpmb_profile *profile)
{
	const struct tpmb_chip_profile *chip = &profile->chip;

	if (profile->bus.type != TPMB_BUS_LPC && chip->full_stalls)
		return "[fifo] full: only lpc can stall";
	if (profile->bus.type != TPMB_BUS_LPC && chip->read_stalls)
		return "[fifo] read: only lpc can stall";
	if (profile->bus.type != TPMB_BUS_I2C && chip->csum)
		return "[chip] checksum: only type = i2c has TPM_DATA_CSUM";
	/* Linux reads the first burst of a response whole and takes it for a header. */
	if (profile->bus.type == TPMB_BUS_I2C_NUVOTON && chip->burst_bytes < 10)
		return "[fifo] burst_bytes: at least 10, a response header, on i2c-nuvoton";
	if ((chip->poll_effect == TPMB_POLL_HARMLESS) != !chip->poll_min_us)
		return "[quirk] poll and poll_min_us go together";
	if ((chip->poll_effect == TPMB_POLL_RESTARTS) != !!chip->poll_restart_us)
		return "[quirk] poll = restarts and poll_restart_us go together";
	if (!chip->ready_slow_us != !chip->ready_slow_every)
		return "[quirk] ready_slow_us and ready_slow_every go together";
	return NULL;
}

static void name_after(struct tpmb_profile *profile, const char *path)
{
	const char *base = strrchr(path, '/');
	size_t len;

	base = base ? base + 1 : path;
	len = strlen(base);
	if (len > 4 && !strcmp(base + len - 4, ".ini"))
		len -= 4;
	snprintf(profile->name, sizeof(profile->name), "%.*s", (int)len, base);
}

int tpmb_profile_load(const char *path, struct tpmb_profile *profile)
{
	struct parse parse = {.profile = profile};
	const char *text;
	int line;
	int ret = 0;

	memset(profile, 0, sizeof(*profile));
	parse.file = fopen(path, "re");
	if (!parse.file) {
		ret = -errno;
		tpmb_msg("%s: chip profile: %s", path, strerror(errno));
		return ret;
	}
	line = ini_parse_stream(read_line, &parse, on_key, &parse);
	if (ferror(parse.file))
		ret = -EIO;
	fclose(parse.file);
	if (ret) {
		tpmb_msg("%s: chip profile: read error", path);
		return ret;
	}
	if (line) {
		tpmb_msg("%s:%d: %s", path, line,
			 line == parse.error_line ? parse.error
						  : "expected [section], key = value or ; comment");
		return -EINVAL;
	}
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		if (keys[i].required && !parse.seen[i]) {
			tpmb_msg("%s: [%s] %s: missing", path, keys[i].section, keys[i].name);
			return -EINVAL;
		}
	text = contradiction(profile);
	if (text) {
		tpmb_msg("%s: %s", path, text);
		return -EINVAL;
	}
	profile->chip.map =
		profile->bus.type == TPMB_BUS_I2C_NUVOTON ? TPMB_CHIP_NUVOTON : TPMB_CHIP_TIS;
	name_after(profile, path);
	return 0;
}

const char *tpmb_profile_folder(void)
{
	const char *folder = getenv("TPMBATCH_CHIPS");

	return folder && *folder ? folder : TPMB_CHIPS_DIR;
}

int tpmb_profile_find(const char *name, struct tpmb_profile *profile)
{
	char path[PATH_MAX];
	int len;

	if (strchr(name, '/'))
		return tpmb_profile_load(name, profile);
	len = snprintf(path, sizeof(path), "%s/%s.ini", tpmb_profile_folder(), name);
	if (len < 0 || (size_t)len >= sizeof(path))
		return -ENAMETOOLONG;
	return tpmb_profile_load(path, profile);
}
