/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What the list suites share: lists in memory, and the library's last message. */
#ifndef TPMB_TESTS_LIST_FIXTURE_H
#define TPMB_TESTS_LIST_FIXTURE_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "tpmbatch.h"

/* A file in memory, rewound. */
static inline int memory_file(const void *bytes, size_t len)
{
	int fd = memfd_create("list", MFD_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, len), (ssize_t)len);
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	return fd;
}

/* All of a file, in memory that the caller frees. */
static inline uint8_t *file_bytes(int fd, size_t *len)
{
	off_t size = lseek(fd, 0, SEEK_END);
	uint8_t *bytes;

	assert_true(size >= 0);
	bytes = malloc((size_t)size + 1);
	assert_non_null(bytes);
	assert_int_equal(pread(fd, bytes, (size_t)size, 0), size);
	bytes[size] = 0;
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	*len = (size_t)size;
	return bytes;
}

static char last_message[2048];

static inline void keep_message(void *arg, const char *line)
{
	(void)arg;
	snprintf(last_message, sizeof(last_message), "%s", line);
}

static inline void assert_message_has(const char *part)
{
	if (!strstr(last_message, part))
		fail_msg("the message is \"%s\", without \"%s\"", last_message, part);
}

/* Opens a list of these bytes; the file descriptor is *fd. */
static inline struct tpmb_list_reader *open_bytes(const void *bytes, size_t len,
						  const struct tpmb_list_format *format, int *fd)
{
	struct tpmb_list_reader *reader;

	*fd = memory_file(bytes, len);
	assert_int_equal(tpmb_list_reader_fd(*fd, "list", format, &reader), 0);
	return reader;
}

/* Reads to the end or the first error, which it returns; *records is what was read before. */
static inline int read_all(const void *bytes, size_t len, const struct tpmb_list_format *format,
			   unsigned long *records, struct tpmb_record *last)
{
	struct tpmb_list_reader *reader;
	int fd, ret;

	*records = 0;
	reader = open_bytes(bytes, len, format, &fd);
	while ((ret = tpmb_list_read(reader, last)) == 1)
		(*records)++;
	tpmb_list_reader_close(reader);
	close(fd);
	return ret;
}

static inline void assert_pcrs_equal(const struct tpmb_pcrs *a, const struct tpmb_pcrs *b,
				     unsigned int banks)
{
	for (int bank = 0; bank < TPMB_BANK_COUNT; bank++) {
		if (!(banks & TPMB_BANK_BIT(bank)))
			continue;
		assert_int_equal(a->set[bank], b->set[bank]);
		for (int pcr = 0; pcr < TPMB_PCR_COUNT; pcr++)
			if (a->set[bank] & 1u << pcr)
				assert_memory_equal(a->value[bank][pcr], b->value[bank][pcr],
						    tpmb_bank_size((enum tpmb_bank)bank));
	}
}

#endif
