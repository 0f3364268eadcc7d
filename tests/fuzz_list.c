// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Fuzz target of the list reader, and of everything that takes its records.
 * Besides crashes it looks for a record that is read but not written back as
 * the very bytes it was read from.
 *
 * With TPMB_LIBFUZZER libFuzzer supplies main(); else main() here runs each
 * file named on the command line, and each file in the folders named.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tpmbatch.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

/* A broken property ends the process, as a crash would. */
static void require(bool holds, const char *property)
{
	if (holds)
		return;
	fprintf(stderr, "fuzz_list: does not hold: %s\n", property);
	abort();
}

static int memory_file(void)
{
	int fd = memfd_create("fuzz", MFD_CLOEXEC);

	require(fd >= 0, "a file in memory");
	return fd;
}

static void use_record(const struct tpmb_record *record)
{
	struct tpmb_field fields[8];
	struct tpmb_member_iter iter;
	struct tpmb_member member;
	uint32_t sum = 0;
	int members, walked = 0, count;

	require(record->digest_len == tpmb_bank_size((enum tpmb_bank)record->bank),
		"the digest is of the record's bank");
	if (!record->has_data)
		return;
	count = tpmb_template_fields(record->name, record->name_len, record->data, record->data_len,
				     record->order, fields, 8);
	for (int i = 0; i < count && i < 8; i++)
		for (uint32_t at = 0; at < fields[i].len; at++)
			sum += fields[i].data[at];
	members = tpmb_members(record, &iter);
	while (tpmb_member_next(&iter, &member)) {
		walked++;
		for (uint32_t at = 0; at < member.data_len; at++)
			sum += member.data[at];
		tpmb_template_fields(member.name, member.name_len, member.data, member.data_len,
				     record->order, fields, 8);
	}
	require(walked == (members < 0 ? 0 : members), "as many members as announced");
	/* Keeps the reads of every byte. */
	__asm__ volatile("" ::"r"(sum));
}

/* A legacy name with a NUL in it is read, and refused later. */
static bool is_legacy(const struct tpmb_record *record)
{
	return record->name_len == 3 && !memcmp(record->name, "ima", 3);
}

/* Is what @writer wrote, to @fd, the first @len of @bytes? */
static void require_same(struct tpmb_list_writer *writer, int fd, const uint8_t *bytes, size_t len)
{
	uint8_t *again = malloc(len + 1);

	require(!tpmb_list_writer_flush(writer), "flushing");
	require(again != NULL, "memory");
	require(pread(fd, again, len + 1, 0) == (ssize_t)len, "a copy of the same length");
	require(!memcmp(again, bytes, len), "a copy of the same bytes");
	free(again);
}

static void run(int fd, const uint8_t *bytes, const struct tpmb_list_format *format)
{
	struct tpmb_list_writer *writer = NULL, *other_writer;
	struct tpmb_list_reader *reader;
	struct tpmb_list_format copy_format = {0}, other_format;
	struct tpmb_replay *replay;
	struct tpmb_record record;
	struct tpmb_pcrs pcrs;
	int copy = memory_file(), other = open("/dev/null", O_WRONLY | O_CLOEXEC);
	bool whole = true;
	uint64_t read = 0;

	lseek(fd, 0, SEEK_SET);
	require(!tpmb_list_reader_fd(fd, "fuzz", format, &reader), "a reader");
	require(!tpmb_replay_new(TPMB_BANKS_ALL, &replay), "a replay");
	while (tpmb_list_read(reader, &record) == 1) {
		use_record(&record);
		tpmb_replay_add(replay, &record);
		require(record.offset == read, "records without a gap");
		read += record.length;
		/* A line without data has no copy, and byte order may settle late. */
		if (!writer) {
			copy_format = *tpmb_list_reader_format(reader);
			copy_format.order = record.order;
			copy_format.bank = record.bank;
			require(!tpmb_list_writer_new(copy, "copy", &copy_format, &writer),
				"a writer");
			other_format = copy_format;
			other_format.format = copy_format.format == TPMB_FORMAT_ASCII
						      ? TPMB_FORMAT_BINARY
						      : TPMB_FORMAT_ASCII;
			require(!tpmb_list_writer_new(other, "other", &other_format, &other_writer),
				"a writer");
		}
		if (!record.has_data || record.order != copy_format.order ||
		    record.bank != copy_format.bank || tpmb_list_write(writer, &record)) {
			whole = false;
			require(copy_format.format == TPMB_FORMAT_ASCII || is_legacy(&record),
				"every binary record but some legacy ones can be written");
		}
		tpmb_list_write(other_writer, &record);
	}
	tpmb_replay_pcrs(replay, &pcrs);
	if (writer) {
		if (whole)
			require_same(writer, copy, bytes, read);
		tpmb_list_writer_free(other_writer);
	}
	tpmb_list_writer_free(writer);
	tpmb_replay_free(replay);
	tpmb_list_reader_close(reader);
	close(other);
	close(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	static const struct tpmb_list_format ascii = {TPMB_FORMAT_ASCII, TPMB_ORDER_BE, -1};
	static const struct tpmb_list_format binary = {TPMB_FORMAT_BINARY, TPMB_ORDER_LE,
						       TPMB_BANK_SHA1};
	int fd = memory_file();

	require(write(fd, bytes, len) == (ssize_t)len, "the input in memory");
	run(fd, bytes, NULL);
	run(fd, bytes, &ascii);
	run(fd, bytes, &binary);
	close(fd);
	return 0;
}

#ifndef TPMB_LIBFUZZER
static unsigned long files_run;

static void run_file(const char *path)
{
	struct stat status;
	uint8_t *bytes;
	FILE *file;

	file = fopen(path, "re");
	if (!file || fstat(fileno(file), &status)) {
		fprintf(stderr, "fuzz_list: %s: %s\n", path, strerror(errno));
		exit(2);
	}
	bytes = malloc((size_t)status.st_size + 1);
	require(bytes && fread(bytes, 1, (size_t)status.st_size, file) == (size_t)status.st_size,
		"the whole file");
	/* A copy of the exact size lets a sanitizer see one byte too far. */
	LLVMFuzzerTestOneInput(bytes, (size_t)status.st_size);
	files_run++;
	free(bytes);
	fclose(file);
}

static void run_folder(DIR *folder, const char *path)
{
	char file_path[4096];
	struct dirent *entry;

	while ((entry = readdir(folder))) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(file_path, sizeof(file_path), "%s/%s", path, entry->d_name);
		run_file(file_path);
	}
	closedir(folder);
}

int main(int argc, char **argv)
{
	DIR *folder;

	for (int i = 1; i < argc; i++) {
		folder = opendir(argv[i]);
		if (folder)
			run_folder(folder, argv[i]);
		else
			run_file(argv[i]);
	}
	printf("%lu inputs\n", files_run);
	return files_run ? 0 : 2;
}
#endif
