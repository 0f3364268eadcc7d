// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* gen_list: writes a synthetic measurement list and its PCR values. */
#include <argp.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "gen_list.h"

struct arguments {
	struct gen_options gen;
	const char *list;
	const char *pcrs;
};

static const struct argp_option options[] = {
	{"records", 'n', "N", 0, "records in the list (1000)", 0},
	{"templates", 't', "A,B", 0, "template mix (ima-ng); \"all\"", 0},
	{"batch", 'b', "MEMBERS", 0, "members nested in each record", 0},
	{"batch-every", 'e', "N", 0, "nest only in each Nth record", 0},
	{"violations", 'v', "N", 0, "each Nth record is a violation", 0},
	{"ascii", 'a', NULL, 0, "an ASCII list", 0},
	{"big-endian", 'B', NULL, 0, "a list of a big-endian machine", 0},
	{"bank", 'H', "BANK", 0, "bank of the digest column (sha1)", 0},
	{"seed", 's', "SEED", 0, "what is drawn (0)", 0},
	{"pcrs", 'p', "FILE", 0, "where the PCR values go, as tpm2_pcrread prints them", 0},
	{0},
};

static unsigned int number(struct argp_state *state, const char *text)
{
	char *end;
	unsigned long value = strtoul(text, &end, 0);

	if (!*text || *end || value > 100000000)
		argp_error(state, "not a number: %s", text);
	return (unsigned int)value;
}

static unsigned int templates(struct argp_state *state, char *names)
{
	unsigned int mix = 0;

	if (!strcmp(names, "all"))
		return GEN_SHOWN;
	for (char *name = strtok(names, ","); name; name = strtok(NULL, ",")) {
		int template = gen_template_by_name(name);

		if (template <0)
			argp_error(state, "no template: %s", name);
		else
			mix |= GEN_BIT(template);
	}
	return mix;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct arguments *arguments = state->input;
	struct gen_options *gen = &arguments->gen;

	switch (key) {
	case 'n':
		gen->records = number(state, arg);
		break;
	case 't':
		gen->templates = templates(state, arg);
		break;
	case 'b':
		gen->batch_members = number(state, arg);
		break;
	case 'e':
		gen->batch_every = number(state, arg);
		break;
	case 'v':
		gen->violation_every = number(state, arg);
		break;
	case 'a':
		gen->format.format = TPMB_FORMAT_ASCII;
		break;
	case 'B':
		gen->format.order = TPMB_ORDER_BE;
		break;
	case 'H':
		gen->format.bank = tpmb_bank_by_name(arg);
		if (gen->format.bank < 0)
			argp_error(state, "no bank: %s", arg);
		break;
	case 's':
		gen->seed = number(state, arg);
		break;
	case 'p':
		arguments->pcrs = arg;
		break;
	case ARGP_KEY_ARG:
		if (arguments->list)
			argp_usage(state);
		arguments->list = arg;
		break;
	case ARGP_KEY_END:
		if (!arguments->list)
			argp_usage(state);
		break;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	return 0;
}

static int create(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);

	if (fd < 0) {
		fprintf(stderr, "gen_list: %s: %s\n", path, strerror(errno));
		exit(2);
	}
	return fd;
}

int main(int argc, char **argv)
{
	static const struct argp argp = {
		options, parse, "LIST", "Writes a synthetic measurement list.", NULL, NULL, NULL};
	struct arguments arguments = {
		.gen = {.records = 1000, .format = {TPMB_FORMAT_BINARY, TPMB_ORDER_LE, -1}}};
	struct tpmb_pcrs pcrs;
	int fd, ret;

	argp_parse(&argp, argc, argv, 0, NULL, &arguments);
	fd = create(arguments.list);
	ret = gen_list(&arguments.gen, fd, &pcrs);
	if (close(fd) && !ret)
		ret = -errno;
	if (!ret && arguments.pcrs) {
		fd = create(arguments.pcrs);
		ret = tpmb_pcrs_save(fd, &pcrs);
		if (close(fd) && !ret)
			ret = -errno;
	}
	if (ret)
		fprintf(stderr, "gen_list: %s: %s\n", arguments.list, strerror(-ret));
	return ret ? 2 : 0;
}
