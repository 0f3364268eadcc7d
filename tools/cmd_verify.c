// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* tpmbatch verify: replays a list and compares it with PCR values. */
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"

struct verify {
	/* Arguments. */
	const char *list, *pcrs_file, *tcti;
	uint32_t only; /* mask of the PCRs that are compared; 0: those that the list names */
	bool quiet, take_unknown;

	const char *list_name;
	struct tpmb_pcrs expected; /* what the TPM has, or had */
	unsigned int banks;	   /* that are replayed */
};

/* What a replay found. */
struct outcome {
	struct tpmb_pcrs pcrs;
	uint64_t records;
	uint64_t violations;
	uint64_t unknown; /* records of templates that are not known */
	uint64_t damaged; /* records that do not agree with themselves */
	int list_error;	  /* the list ends too early, or in bytes that are no record */
};

static bool is_damage(int error)
{
	return error == -ENODATA || error == -EBADMSG || error == -EFBIG;
}

/* ---- where the PCR values come from ---- */

static int read_tpm(struct verify *v)
{
	struct tpm_transport *transport;
	int ret;

	ret = tpmb_transport_open(v->tcti, &transport);
	if (ret)
		return ret;
	ret = tpmb_pcr_read(transport, (1u << TPMB_PCR_COUNT) - 1, &v->expected);
	tpmb_transport_close(transport);
	return ret;
}

/* Reads the values and settles the banks. */
static int find_expected(struct verify *v)
{
	int ret = 0;

	if (v->pcrs_file)
		ret = tpmb_pcrs_load(v->pcrs_file, &v->expected);
	else if (v->tcti)
		ret = read_tpm(v);
	if (ret)
		return ret;
	for (int bank = 0; bank < TPMB_BANK_COUNT; bank++)
		if (v->expected.set[bank] & (v->only ? v->only : UINT32_MAX))
			v->banks |= TPMB_BANK_BIT(bank);
	v->banks &= tpmb_banks_supported();
	if (v->banks)
		return 0;
	if (v->pcrs_file || v->tcti) {
		cli_error("%s: no PCR value that could be compared",
			  v->pcrs_file ? v->pcrs_file : v->tcti);
		return -ENOENT;
	}
	v->banks = TPMB_BANK_BIT(TPMB_BANK_SHA1); /* any: only the records are checked */
	return 0;
}

/* ---- replaying ---- */

/* An ASCII line has data where its template is known. */
static bool is_known(const struct tpmb_record *record)
{
	struct tpmb_field field = {0};

	if (!record->has_data)
		return false;
	return tpmb_template_fields(record->name, record->name_len, record->data, record->data_len,
				    record->order, &field, 1) < 0 ||
	       field.id;
}

/*
 * A template's name is not part of what is hashed. What ties the two is that the data
 * is of the form that the name stands for, and of an unknown name nobody can say so.
 */
static void note_unknown(const struct verify *v, struct outcome *out,
			 const struct tpmb_record *record)
{
	if (!out->unknown++ && !v->take_unknown)
		cli_error("%s: record %" PRIu64 " at offset %" PRIu64 ": template \"%.*s\" is "
			  "not known, and its name is not part of its digest: --unknown takes it",
			  v->list_name, record->number, record->offset, (int)record->name_len,
			  record->name);
}

/* Counts what is wrong with a record; the library says it, of the first one. */
static int add_record(const struct verify *v, struct outcome *out, struct tpmb_replay *replay,
		      const struct tpmb_record *record)
{
	int ret;

	out->records++;
	out->violations += tpmb_record_is_violation(record);
	if (!is_known(record))
		note_unknown(v, out, record);
	ret = tpmb_replay_add(replay, record);
	if (ret == -EBADMSG || ret == -EINVAL) {
		out->damaged++;
		cli_mute_messages(true);
		return 0;
	}
	/* A bank that a record without data cannot be replayed in is left out by the replay. */
	return ret == -ENOTSUP ? 0 : ret;
}

static int replay_list(struct verify *v, struct outcome *out)
{
	struct tpmb_list_reader *reader;
	struct tpmb_replay *replay;
	struct tpmb_record record;
	int ret, err;

	*out = (struct outcome){0};
	ret = tpmb_replay_new(v->banks, &replay);
	if (ret)
		return ret;
	ret = tpmb_list_reader_open(v->list, NULL, &reader);
	if (ret)
		goto out;
	while ((ret = tpmb_list_read(reader, &record)) > 0) {
		cli_messages_about(v->list_name);
		err = add_record(v, out, replay, &record);
		cli_messages_about(NULL);
		if (err) {
			ret = err;
			break;
		}
	}
	cli_mute_messages(false);
	if (is_damage(ret)) {
		out->list_error = ret;
		ret = 0;
	}
	tpmb_replay_pcrs(replay, &out->pcrs);
	tpmb_list_reader_close(reader);
out:
	tpmb_replay_free(replay);
	return ret;
}

/* ---- comparing ---- */

static bool both_have(const struct verify *v, const struct outcome *out, int bank, uint32_t pcr)
{
	return (v->expected.set[bank] & out->pcrs.set[bank]) >> pcr & 1;
}

static bool same(const struct verify *v, const struct tpmb_pcrs *replayed, int bank, uint32_t pcr)
{
	return !memcmp(v->expected.value[bank][pcr], replayed->value[bank][pcr],
		       tpmb_bank_size((enum tpmb_bank)bank));
}

static bool all_same(const struct verify *v, const struct outcome *out,
		     const struct tpmb_pcrs *replayed, uint32_t pcr)
{
	for (int bank = 0; bank < TPMB_BANK_COUNT; bank++)
		if (both_have(v, out, bank, pcr) && !same(v, replayed, bank, pcr))
			return false;
	return true;
}

static void hex(char *text, const uint8_t *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++)
		sprintf(text + 2 * i, "%02x", bytes[i]);
}

static void say_difference(const struct verify *v, const struct outcome *out, int bank,
			   uint32_t pcr)
{
	char want[2 * TPMB_DIGEST_MAX + 1], have[2 * TPMB_DIGEST_MAX + 1];
	size_t size = tpmb_bank_size((enum tpmb_bank)bank);

	hex(want, out->pcrs.value[bank][pcr], size);
	hex(have, v->expected.value[bank][pcr], size);
	cli_error("%s: PCR %u, bank %s: the list gives %s, %s has %s", v->list_name, pcr,
		  tpmb_bank_name((enum tpmb_bank)bank), want, v->pcrs_file ? v->pcrs_file : v->tcti,
		  have);
}

/*
 * Of a list whose records are sound, but do not give the PCR: is it that the
 * PCR is behind, because the last records came later, or were never extended?
 */
static void say_how_far(struct verify *v, const struct outcome *out, uint32_t pcr)
{
	uint64_t behind = 0, last_match = 0, records = 0, next_offset = 0;
	struct tpmb_list_reader *reader;
	struct tpmb_replay *replay;
	struct tpmb_record record;
	struct tpmb_pcrs pcrs;
	bool at_start;

	if (!strcmp(v->list, "-") || tpmb_replay_new(v->banks, &replay))
		return;
	if (tpmb_list_reader_open(v->list, NULL, &reader))
		goto out;
	tpmb_replay_pcrs(replay, &pcrs);
	at_start = all_same(v, out, &pcrs, pcr);
	cli_mute_messages(true);
	while (records < out->records && tpmb_list_read(reader, &record) > 0) {
		records++;
		tpmb_replay_add(replay, &record);
		if (record.pcr != pcr)
			continue;
		behind++;
		tpmb_replay_pcrs(replay, &pcrs);
		if (all_same(v, out, &pcrs, pcr)) {
			last_match = record.number;
			next_offset = record.offset + record.length;
			behind = 0;
		}
	}
	cli_mute_messages(false);
	if (last_match)
		cli_error("%s: PCR %u has what records 1 to %" PRIu64
			  " give; those from offset %" PRIu64 " on, %" PRIu64
			  " for this PCR, are not in it",
			  v->list_name, pcr, last_match, next_offset, behind);
	else if (at_start)
		cli_error("%s: PCR %u is as a TPM reset leaves it", v->list_name, pcr);
	tpmb_list_reader_close(reader);
out:
	tpmb_replay_free(replay);
}

/* One PCR: 1 where all banks match, 0 where one does not, -1 where none can be compared. */
static int compare_pcr(struct verify *v, const struct outcome *out, uint32_t pcr)
{
	int matches = 0, differences = 0;

	for (int bank = 0; bank < TPMB_BANK_COUNT; bank++) {
		if (!both_have(v, out, bank, pcr))
			continue;
		if (same(v, &out->pcrs, bank, pcr)) {
			matches++;
			continue;
		}
		differences++;
		say_difference(v, out, bank, pcr);
	}
	if (differences && !out->damaged)
		say_how_far(v, out, pcr);
	if (differences)
		return 0;
	if (!matches) {
		cli_error("%s: PCR %u: no bank that both the list and %s have", v->list_name, pcr,
			  v->pcrs_file ? v->pcrs_file : v->tcti);
		return -1;
	}
	if (v->quiet)
		return 1;
	printf("PCR %u matches in", pcr);
	for (int bank = 0; bank < TPMB_BANK_COUNT; bank++)
		if (both_have(v, out, bank, pcr))
			printf(" %s", tpmb_bank_name((enum tpmb_bank)bank));
	putchar('\n');
	return 1;
}

/* All PCRs that the list names, or that were asked for. */
static int compare(struct verify *v, const struct outcome *out)
{
	uint32_t named = 0, wanted;
	int status = EXIT_SUCCESS;

	for (int bank = 0; bank < TPMB_BANK_COUNT; bank++)
		named |= out->pcrs.set[bank];
	wanted = v->only ? v->only : named;
	if (!out->records || !wanted) {
		cli_error("%s: it holds no record: nothing to compare", v->list_name);
		return EXIT_UNKNOWN;
	}
	for (uint32_t pcr = 0; pcr < TPMB_PCR_COUNT; pcr++) {
		int ret;

		if (!(wanted >> pcr & 1))
			continue;
		ret = compare_pcr(v, out, pcr);
		if (!ret)
			status = EXIT_FAILURE;
		else if (ret < 0 && status == EXIT_SUCCESS)
			status = EXIT_UNKNOWN;
	}
	return status;
}

static int verdict(struct verify *v, const struct outcome *out)
{
	int status;

	/* What is no list at all is a mistake of the caller's, not a forgery. */
	if (out->list_error && !out->records) {
		cli_error("%s: no record of a measurement list could be read", v->list_name);
		return EXIT_UNKNOWN;
	}
	if (out->damaged > 1)
		cli_error("%s: %" PRIu64 " records are damaged in all", v->list_name, out->damaged);
	if (v->pcrs_file || v->tcti) {
		status = compare(v, out);
	} else {
		status = EXIT_UNKNOWN;
		if (!out->damaged && !out->list_error)
			cli_error("%s: its %" PRIu64
				  " record%s agree%s with the digests in it, but with "
				  "which PCR? Name its values (--pcrs) or a TPM (-T)",
				  v->list_name, out->records, PLURAL(out->records),
				  out->records == 1 ? "s" : "");
	}
	if (out->unknown && !v->take_unknown && status == EXIT_SUCCESS)
		status = EXIT_UNKNOWN;
	/* Whatever the PCR says: a record whose data is not what was hashed is a forgery. */
	if (out->damaged || out->list_error)
		status = EXIT_FAILURE;
	if (v->quiet || status != EXIT_SUCCESS)
		return status;
	printf("%s: %" PRIu64 " record%s verified", v->list_name, out->records,
	       PLURAL(out->records));
	if (out->violations)
		printf(", %" PRIu64 " violation%s", out->violations, PLURAL(out->violations));
	if (out->unknown)
		printf(", %" PRIu64 " of unknown templates", out->unknown);
	putchar('\n');
	return status;
}

static int run(struct verify *v)
{
	struct outcome out;
	int status, ret;

	v->list_name = cli_list_name(v->list);
	ret = find_expected(v);
	if (!ret)
		ret = replay_list(v, &out);
	if (ret) {
		cli_explain(v->list_name, ret);
		return EXIT_UNKNOWN;
	}
	status = verdict(v, &out);
	if (cli_finish_output() && status == EXIT_SUCCESS)
		status = EXIT_UNKNOWN;
	return status;
}

/* ---- arguments ---- */

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct verify *v = state->input;

	switch (key) {
	case 'P':
		cli_set_once(state, &v->pcrs_file, arg, "--pcrs");
		return 0;
	case 'T':
		cli_set_once(state, &v->tcti, arg, "-T");
		return 0;
	case 'p':
		v->only |= 1u << cli_number(state, arg, "PCR", 0, TPMB_PCR_COUNT - 1);
		return 0;
	case 'q':
		v->quiet = true;
		return 0;
	case 'u':
		v->take_unknown = true;
		return 0;
	case ARGP_KEY_ARG:
		cli_set_once(state, &v->list, arg, "LIST");
		return 0;
	case ARGP_KEY_END:
		if (!v->list)
			argp_error(state, "no LIST");
		if (v->pcrs_file && v->tcti)
			argp_error(state, "--pcrs and -T: expected one of them");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp_option options[] = {
	{"pcrs", 'P', "FILE", 0, "Compare with the PCR values in FILE, as tpm2_pcrread prints them",
	 0},
	{"tcti", 'T', "TCTI", 0, "Compare with the PCRs of this TPM; see measure", 0},
	{"pcr", 'p', "PCR", 0,
	 "Compare this PCR only, may be repeated; default: each PCR that the list names", 0},
	{"quiet", 'q', NULL, 0, "Print nothing but errors", 0},
	{"unknown", 'u', NULL, 0,
	 "Take records of templates that are not known here by their digest alone", 0},
	{0},
};

static const struct argp argp = {
	.options = options,
	.parser = parse,
	.args_doc = "LIST",
	.doc = "Replay the measurement list LIST (- is standard input), check each record against "
	       "its own digest, and compare the outcome with the values of a TPM's PCRs, in every "
	       "bank that both have."
	       "\vExit status: 0 when all is sound and every PCR matches; 1 when a PCR differs, or "
	       "a record is damaged; 2 when it could not tell: the list or the values cannot be "
	       "read, a record's template is not known, no TPM answers, there is nothing to "
	       "compare, or the arguments are wrong.",
};

int cmd_verify(int argc, char **argv)
{
	struct verify v = {0};

	/* 1 and 64 would both read as something that verify did not find out. */
	argp_err_exit_status = EXIT_UNKNOWN;
	signal(SIGPIPE, SIG_IGN);
	argp_parse(&argp, argc, argv, 0, NULL, &v);
	return run(&v);
}
