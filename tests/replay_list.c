// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * replay_list LIST [evmctl]: replays a list in SHA-1 and SHA-256 and prints the
 * PCRs as YAML, or with "evmctl" as evmctl's --pcrs option reads them: a file
 * LIST.BANK for each bank. The last line on standard error is the peak memory.
 */
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#include "tpmbatch.h"

#define BANKS (TPMB_BANK_BIT(TPMB_BANK_SHA1) | TPMB_BANK_BIT(TPMB_BANK_SHA256))

static void print_message(void *arg, const char *line)
{
	(void)arg;
	fprintf(stderr, "replay_list: %s\n", line);
}

static int write_for_evmctl(const char *list, const struct tpmb_pcrs *pcrs, enum tpmb_bank bank)
{
	char path[4096];
	FILE *file;

	snprintf(path, sizeof(path), "%s.%s", list, tpmb_bank_name(bank));
	file = fopen(path, "we");
	if (!file)
		return 2;
	for (int pcr = 0; pcr < TPMB_PCR_COUNT; pcr++) {
		fprintf(file, "PCR-%02d:", pcr);
		for (size_t i = 0; i < tpmb_bank_size(bank); i++)
			fprintf(file, " %02X", pcrs->value[bank][pcr][i]);
		fprintf(file, "\n");
	}
	return fclose(file) ? 2 : 0;
}

int main(int argc, char **argv)
{
	struct tpmb_list_reader *reader = NULL;
	struct tpmb_replay *replay = NULL;
	struct tpmb_record record;
	struct tpmb_pcrs pcrs;
	struct rusage usage;
	int ret, result = 0;

	if (argc < 2)
		return 2;
	tpmb_set_message_handler(print_message, NULL);
	if (tpmb_list_reader_open(argv[1], NULL, &reader) || tpmb_replay_new(BANKS, &replay))
		return 2;
	while ((ret = tpmb_list_read(reader, &record)) == 1)
		if (tpmb_replay_add(replay, &record))
			result = 1;
	if (ret)
		result = 2;
	tpmb_replay_pcrs(replay, &pcrs);
	if (argc > 2)
		result |= write_for_evmctl(argv[1], &pcrs, TPMB_BANK_SHA1) |
			  write_for_evmctl(argv[1], &pcrs, TPMB_BANK_SHA256);
	else if (tpmb_pcrs_save(1, &pcrs))
		result = 2;
	tpmb_replay_free(replay);
	tpmb_list_reader_close(reader);
	getrusage(RUSAGE_SELF, &usage);
	fprintf(stderr, "%ld KiB\n", usage.ru_maxrss);
	return result;
}
