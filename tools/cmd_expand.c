// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* tpmbatch expand: the members of batches as records of their own. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli.h"
#include "output.h"

struct expand {
	const char *list, *out;

	struct tpmb_list_reader *reader;
	struct tpmb_list_writer *writer;
	struct output output;
	uint64_t batches, members;
};

/* Members get digests of their own, which would make a forged batch look sound. */
static int check_digest(const char *list_name, const struct tpmb_record *record)
{
	uint8_t digest[TPMB_DIGEST_MAX];
	int ret;

	ret = tpmb_template_digest((enum tpmb_bank)record->bank, record->name, record->name_len,
				   record->data, record->data_len, record->order, digest);
	if (ret)
		return ret;
	if (!memcmp(digest, record->digest, record->digest_len))
		return 0;
	cli_error("%s: record %" PRIu64 " at offset %" PRIu64
		  ": the digest of the batch does not belong to its members",
		  list_name, record->number, record->offset);
	return -EBADMSG;
}

static int expand_batch(struct expand *e, const char *list_name, const struct tpmb_record *batch)
{
	struct tpmb_member_iter iter;
	struct tpmb_member member;
	int ret;

	cli_messages_about(list_name);
	ret = tpmb_members(batch, &iter);
	cli_messages_about(NULL);
	if (ret >= 0)
		ret = check_digest(list_name, batch);
	if (ret)
		return ret;
	e->batches++;
	while (!ret && tpmb_member_next(&iter, &member)) {
		struct tpmb_record record = *batch;

		record.digest = NULL; /* to be computed */
		record.digest_len = 0;
		record.name = member.name;
		record.name_len = member.name_len;
		record.data = member.data;
		record.data_len = member.data_len;
		ret = tpmb_list_write(e->writer, &record);
		e->members++;
	}
	return ret;
}

static int expand_list(struct expand *e, const char *list_name)
{
	struct tpmb_record record;
	int ret;

	while ((ret = tpmb_list_read(e->reader, &record)) > 0) {
		if (!e->writer) /* the format is known from the first record on */
			ret = tpmb_list_writer_new(e->output.fd, e->output.name,
						   tpmb_list_reader_format(e->reader), &e->writer);
		if (ret >= 0)
			ret = tpmb_record_is_batch(&record) ? expand_batch(e, list_name, &record)
							    : tpmb_list_write(e->writer, &record);
		if (ret)
			return ret;
	}
	if (!ret && e->writer)
		ret = tpmb_list_writer_flush(e->writer);
	return ret;
}

static int open_list(struct expand *e, int *fd)
{
	int ret;

	if (!strcmp(e->list, "-")) {
		*fd = STDIN_FILENO;
	} else {
		*fd = open(e->list, O_RDONLY | O_CLOEXEC);
		if (*fd < 0) {
			ret = -errno;
			cli_error("%s: cannot open the measurement list: %s", e->list,
				  strerror(-ret));
			return ret;
		}
	}
	return tpmb_list_reader_fd(*fd, cli_list_name(e->list), NULL, &e->reader);
}

static int run(struct expand *e)
{
	const char *list_name = cli_list_name(e->list);
	struct stat input;
	int fd = -1, ret;

	e->output.fd = -1;
	ret = open_list(e, &fd);
	if (ret)
		goto out;
	ret = output_open(&e->output, e->out, fstat(fd, &input) ? NULL : &input);
	if (ret)
		goto out;
	ret = expand_list(e, list_name);
	if (ret) {
		cli_explain(list_name, ret);
		output_discard(&e->output);
		goto out;
	}
	ret = output_commit(&e->output);
	if (!ret && e->batches)
		cli_error("%s: %" PRIu64 " batch%s expanded to %" PRIu64
			  " records; the new list does not replay to the PCR any more",
			  list_name, e->batches, e->batches == 1 ? "" : "es", e->members);
	else if (!ret)
		cli_error("%s: no batches: the new list is the same", list_name);
out:
	tpmb_list_writer_free(e->writer);
	tpmb_list_reader_close(e->reader);
	if (fd > STDIN_FILENO)
		close(fd);
	return ret;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct expand *e = state->input;

	switch (key) {
	case 'o':
		cli_set_once(state, &e->out, arg, "-o");
		return 0;
	case ARGP_KEY_ARG:
		cli_set_once(state, &e->list, arg, "LIST");
		return 0;
	case ARGP_KEY_END:
		if (!e->list)
			argp_error(state, "no LIST");
		if (!e->out)
			argp_error(state, "no LIST2: expected -o LIST2");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp_option options[] = {
	{"output", 'o', "LIST2", 0, "Write to LIST2 (- is standard output)", 0},
	{0},
};

static const struct argp argp = {
	.options = options,
	.parser = parse,
	.args_doc = "LIST -o LIST2",
	.doc = "Write the measurement list LIST (- is standard input) to LIST2, in the same "
	       "format, "
	       "with the members of each batch as records of their own, for tools that judge what "
	       "a list contains and do not know batches."
	       "\vThe new list does not replay to the PCR any more: verify LIST first. A batch "
	       "whose "
	       "digest does not belong to its members is refused. Exit status: 0, or 1 when it "
	       "fails (LIST2 is then left as it was), 64 for wrong arguments.",
};

int cmd_expand(int argc, char **argv)
{
	struct expand e = {0};

	argp_parse(&argp, argc, argv, 0, NULL, &e);
	return run(&e) ? EXIT_FAILURE : EXIT_SUCCESS;
}
