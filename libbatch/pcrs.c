// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * PCR values as tpm2_pcrread prints them:
 *
 *   sha256:
 *     10: 0x9F86...
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <yaml.h>

#include "bank.h"

/* All banks of all PCRs are 13 KiB; a larger file is something else. */
#define PCR_FILE_MAX (256 * 1024)

/* Banks of the TCG Algorithm Registry that this library does not know; their values are skipped. */
static const char *const other_banks[] = {"sha3_256", "sha3_384", "sha3_512"};

#define BANK_SKIPPED TPMB_BANK_COUNT

struct loader {
	const char *path;
	yaml_parser_t parser;
	yaml_event_t event;
	struct tpmb_pcrs *pcrs;
	unsigned int values;
};

static int bad_line(const struct loader *loader, const char *expected)
{
	tpmb_msg("%s: line %zu: expected %s", loader->path, loader->event.start_mark.line + 1,
		 expected);
	return -EBADMSG;
}

/* The next event, in place of the last. */
static int next_event(struct loader *loader)
{
	yaml_event_delete(&loader->event);
	if (yaml_parser_parse(&loader->parser, &loader->event))
		return 0;
	if (loader->parser.error == YAML_MEMORY_ERROR)
		return -ENOMEM;
	tpmb_msg("%s: line %zu: expected PCR values in YAML: %s", loader->path,
		 loader->parser.problem_mark.line + 1,
		 loader->parser.problem ? loader->parser.problem : "unreadable");
	return -EBADMSG;
}

static int expect(struct loader *loader, yaml_event_type_t type, const char *expected)
{
	int ret = next_event(loader);

	if (ret)
		return ret;
	return loader->event.type == type ? 0 : bad_line(loader, expected);
}

static const char *scalar(const struct loader *loader)
{
	const yaml_event_t *event = &loader->event;

	/* A NUL inside would hide what follows it. */
	if (event->type != YAML_SCALAR_EVENT || event->data.scalar.anchor ||
	    strlen((const char *)event->data.scalar.value) != event->data.scalar.length)
		return NULL;
	return (const char *)event->data.scalar.value;
}

static int parse_pcr(const char *text)
{
	unsigned int pcr = 0;

	for (const char *pos = text; *pos; pos++) {
		if (*pos < '0' || *pos > '9')
			return -EINVAL;
		pcr = pcr * 10 + (unsigned int)(*pos - '0');
		if (pcr >= TPMB_PCR_COUNT)
			return -EINVAL;
	}
	return *text ? (int)pcr : -EINVAL;
}

static int nibble(char digit)
{
	if (digit >= '0' && digit <= '9')
		return digit - '0';
	if (digit >= 'a' && digit <= 'f')
		return digit - 'a' + 10;
	if (digit >= 'A' && digit <= 'F')
		return digit - 'A' + 10;
	return -1;
}

static bool parse_value(const char *text, size_t size, uint8_t *value)
{
	if (text[0] != '0' || (text[1] != 'x' && text[1] != 'X'))
		return false;
	text += 2;
	if (strlen(text) != 2 * size)
		return false;
	for (size_t i = 0; i < size; i++) {
		int high = nibble(text[2 * i]), low = nibble(text[2 * i + 1]);

		if (high < 0 || low < 0)
			return false;
		value[i] = (uint8_t)(high << 4 | low);
	}
	return true;
}

/* One "PCR: value"; the event is at the PCR. */
static int load_pcr(struct loader *loader, int bank)
{
	const char *text = scalar(loader);
	int pcr, ret;

	pcr = text ? parse_pcr(text) : -EINVAL;
	if (pcr < 0)
		return bad_line(loader, "a PCR number, 0 to 23");
	ret = next_event(loader);
	if (ret)
		return ret;
	text = scalar(loader);
	if (bank == BANK_SKIPPED)
		return text ? 0 : bad_line(loader, "a PCR value");
	if (!text || !parse_value(text, tpmb_bank_size((enum tpmb_bank)bank),
				  loader->pcrs->value[bank][pcr]))
		return bad_line(loader, "0x and a value of the bank's size in hex");
	if (loader->pcrs->set[bank] & 1u << pcr)
		return bad_line(loader, "each PCR once in a bank");
	loader->pcrs->set[bank] |= 1u << pcr;
	loader->values++;
	return 0;
}

static int bank_of(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(other_banks); i++)
		if (!strcmp(name, other_banks[i]))
			return BANK_SKIPPED;
	return tpmb_bank_by_name(name);
}

/* One "bank:" and its PCRs; the event is at the bank's name. */
static int load_bank(struct loader *loader)
{
	const char *text = scalar(loader);
	int bank, ret;

	bank = text ? bank_of(text) : -EINVAL;
	if (bank < 0)
		return bad_line(loader, "the name of a PCR bank, sha1, sha256, ...");
	ret = next_event(loader);
	if (ret)
		return ret;
	text = scalar(loader);
	if (text && !*text)
		return 0; /* tpm2_pcrread prints a bank without PCRs this way */
	if (loader->event.type != YAML_MAPPING_START_EVENT)
		return bad_line(loader, "the PCRs of a bank");
	for (;;) {
		ret = next_event(loader);
		if (ret || loader->event.type == YAML_MAPPING_END_EVENT)
			return ret;
		ret = load_pcr(loader, bank);
		if (ret)
			return ret;
	}
}

static int load_document(struct loader *loader)
{
	int ret;

	ret = expect(loader, YAML_STREAM_START_EVENT, "YAML");
	if (!ret)
		ret = expect(loader, YAML_DOCUMENT_START_EVENT, "PCR values in YAML");
	if (!ret)
		ret = expect(loader, YAML_MAPPING_START_EVENT, "PCR banks");
	while (!ret) {
		ret = next_event(loader);
		if (ret || loader->event.type == YAML_MAPPING_END_EVENT)
			break;
		ret = load_bank(loader);
	}
	if (!ret)
		ret = expect(loader, YAML_DOCUMENT_END_EVENT, "the end of the PCR values");
	if (!ret)
		ret = expect(loader, YAML_STREAM_END_EVENT, "the end of the file");
	if (!ret && !loader->values)
		ret = bad_line(loader, "at least one PCR value");
	return ret;
}

/* The whole file, or -EFBIG. */
static int read_file(const char *path, char **text, size_t *len)
{
	FILE *file = fopen(path, "re");
	int ret = 0;

	*text = NULL;
	*len = 0;
	if (!file) {
		ret = -errno;
		goto out;
	}
	*text = malloc(PCR_FILE_MAX);
	if (!*text) {
		ret = -ENOMEM;
		goto out;
	}
	*len = fread(*text, 1, PCR_FILE_MAX, file);
	if (ferror(file))
		ret = errno ? -errno : -EIO;
	else if (*len == PCR_FILE_MAX)
		ret = -EFBIG;
out:
	if (ret) {
		tpmb_msg("%s: cannot read the PCR values: %s", path, strerror(-ret));
		free(*text);
		*text = NULL;
	}
	if (file)
		fclose(file);
	return ret;
}

TPMB_API int tpmb_pcrs_load(const char *path, struct tpmb_pcrs *pcrs)
{
	struct loader loader = {.path = path, .pcrs = pcrs};
	char *text;
	size_t len;
	int ret;

	memset(pcrs, 0, sizeof(*pcrs));
	ret = read_file(path, &text, &len);
	if (ret)
		return ret;
	if (!yaml_parser_initialize(&loader.parser)) {
		ret = -ENOMEM;
		goto out;
	}
	yaml_parser_set_input_string(&loader.parser, (const unsigned char *)text, len);
	ret = load_document(&loader);
	yaml_event_delete(&loader.event);
	yaml_parser_delete(&loader.parser);
out:
	free(text);
	if (ret)
		memset(pcrs, 0, sizeof(*pcrs));
	return ret;
}

static void print_bank(FILE *out, const struct tpmb_pcrs *pcrs, int bank)
{
	fprintf(out, "  %s:\n", tpmb_bank_name((enum tpmb_bank)bank));
	for (unsigned int pcr = 0; pcr < TPMB_PCR_COUNT; pcr++) {
		if (!(pcrs->set[bank] & 1u << pcr))
			continue;
		fprintf(out, "    %-2u: 0x", pcr);
		for (size_t i = 0; i < tpmb_bank_size((enum tpmb_bank)bank); i++)
			fprintf(out, "%02X", pcrs->value[bank][pcr][i]);
		fputc('\n', out);
	}
}

TPMB_API int tpmb_pcrs_save(int fd, const struct tpmb_pcrs *pcrs)
{
	size_t len = 0, done = 0;
	char *text = NULL;
	ssize_t written;
	FILE *out;
	int ret = 0;

	out = open_memstream(&text, &len);
	if (!out)
		return -ENOMEM;
	for (int bank = 0; bank < TPMB_BANK_COUNT; bank++)
		if (pcrs->set[bank])
			print_bank(out, pcrs, bank);
	if (fclose(out))
		ret = -ENOMEM;
	while (!ret && done < len) {
		written = write(fd, text + done, len - done);
		if (written > 0)
			done += (size_t)written;
		else if (written == 0 || errno != EINTR)
			ret = written ? -errno : -EIO;
	}
	free(text);
	return ret;
}
