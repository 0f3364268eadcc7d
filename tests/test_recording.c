// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Recorded workloads: what a converter makes of a list and a trace, what the
 * reader refuses, and how workloads are cut, filled and dealt.
 *
 *   test_recording CONVERT_TRACE
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib_private.h"
#include "recording.h"
#include "tpmbatch.h"

static const char *converter;
static char folder[] = "/tmp/test_recording-XXXXXX";

static const char *in_folder(const char *name)
{
	static char path[2][128];
	static unsigned int turn;

	turn = !turn;
	snprintf(path[turn], sizeof(path[turn]), "%s/%s", folder, name);
	return path[turn];
}

static void write_text(const char *name, const char *text, size_t len)
{
	FILE *file = fopen(in_folder(name), "wb");

	assert_non_null(file);
	assert_int_equal(fwrite(text, 1, len, file), len);
	assert_int_equal(fclose(file), 0);
}

static int load_text(const char *text, struct recording *recording)
{
	write_text("text", text, strlen(text));
	return recording_load(in_folder("text"), recording);
}

#define HEAD "tpmbatch-recording 1\nsource a test\nextend_ns 5\n\n"

/* ---- reading ---- */

static void reads_entries(void **state)
{
	struct recording r;

	(void)state;
	assert_int_equal(load_text("tpmbatch-recording 1\nextend_ns 5\noccupied_ns 6\ntotal_ns 7\n"
				   "prompt 2\nprompt_ns 8\n\n"
				   "0\t10\t0\tm\t/a%09b\n"
				   "1\t3\t1\tm\t/c\n"
				   "0\t20\t-\tv\t/a%09b\n"
				   "1\t0\t-\td\t\n"
				   "2\t9\t2\tu\t\n",
				   &r),
			 0);
	assert_int_equal(r.count, 5);
	assert_int_equal(r.tasks, 3);
	assert_int_equal(r.measurements, 2);
	assert_int_equal(r.violations, 1);
	assert_int_equal(r.extend_ns, 5);
	assert_int_equal(r.occupied_ns, 6);
	assert_int_equal(r.total_ns, 7);
	assert_int_equal(r.prompt, 2);
	assert_int_equal(r.prompt_ns, 8);
	assert_string_equal(r.entries[0].path, "/a\tb");
	assert_true(r.entries[0].after == RECORDED_NOTHING);
	assert_int_equal(r.entries[0].think_ns, 10000);
	assert_int_equal(r.entries[1].after, 0);
	assert_int_equal(r.entries[2].after, 0);
	assert_int_equal(r.entries[2].version, 1);
	assert_int_equal(r.entries[3].after, 1);
	assert_null(r.entries[3].path);
	assert_int_equal(r.entries[4].after, 2);
	/* Another version is another content. */
	assert_memory_not_equal(r.entries[0].digest, r.entries[2].digest, 32);
	assert_int_equal(r.entries[0].path_rank, 0);
	assert_int_equal(r.entries[1].path_rank, 1);
	recording_free(&r);
}

static void refuses_what_is_no_recording(void **state)
{
	static const char *const bad[] = {
		"",
		"tpmbatch-recording 2\n\n0\t0\t0\tm\t/a\n",
		"tpmbatch-recording 1\nunknown 1\n\n0\t0\t0\tm\t/a\n",
		"tpmbatch-recording 1\nextend_ns -5\n\n0\t0\t0\tm\t/a\n",
		"tpmbatch-recording 1\nextend_ns 99999999999999999999\n\n0\t0\t0\tm\t/a\n",
		"tpmbatch-recording 1\nprompt 1\n\n0\t0\t0\tm\t/a\n",
		HEAD,					 /* no entry */
		HEAD "1\t0\t0\tm\t/a\n",		 /* the first task is 0 */
		HEAD "0\t0\t-\tm\t/a\n",		 /* nothing of its own before */
		HEAD "0\t0\t1\tm\t/a\n",		 /* nothing at all before */
		HEAD "0\t0\t0\tm\t/a\n1\t0\t2\tm\t/b\n", /* before the first */
		HEAD "0\t0\t0\tm\t/a\n0\t0\t1\tm\t/b\n", /* a task follows itself by - */
		HEAD "0\t0\t0\tm\t/a\n2\t0\t1\tm\t/b\n", /* task 1 is missing */
		HEAD "0\t0\t0\tx\t/a\n",
		HEAD "0\t0\t0\tm\t\n",	 /* a measurement of nothing */
		HEAD "0\t0\t0\td\t/a\n", /* a duplicate of something */
		HEAD "0\t0\t0\tm\t/a%0\n",
		HEAD "0\t0\t0\tm\t/a%zz\n",
		HEAD "0\t0\t0\tm\t/a%00b\n",
		HEAD "0\t\t0\tm\t/a\n",
		HEAD "0\t18446744073709551615\t0\tm\t/a\n",
		HEAD "0\t0\t0\tm\t/a", /* cut short */
		HEAD "0\t0\t0\n",
	};
	struct recording r;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		if (load_text(bad[i], &r) != -EBADMSG)
			fail_msg("accepted: %s", bad[i]);
	write_text("nul", HEAD "0\t0\t0\tm\t/a\n\0\n", sizeof(HEAD "0\t0\t0\tm\t/a\n\0\n") - 1);
	assert_int_equal(recording_load(in_folder("nul"), &r), -EBADMSG);
	write_text("no.zst", "no frame", 8);
	assert_int_equal(recording_load(in_folder("no.zst"), &r), -EBADMSG);
	assert_int_equal(recording_load(in_folder("missing"), &r), -ENOENT);
}

/* ---- derived workloads ---- */

static void cuts_fills_and_deals(void **state)
{
	struct recording r, more;

	(void)state;
	assert_int_equal(load_text(HEAD "0\t0\t0\tm\t/a\n1\t3\t1\tm\t/b\n1\t4\t-\tm\t/c\n", &r), 0);
	assert_int_equal(load_text(HEAD "0\t0\t0\tm\t/b\n0\t7\t-\tm\t/x\n0\t7\t-\tm\t/x\n"
					"0\t7\t-\td\t\n0\t7\t-\tm\t/y\n",
				   &more),
			 0);
	assert_int_equal(recording_fill(&r, &more, 6), -ERANGE);
	assert_int_equal(r.count, 3);
	assert_int_equal(recording_fill(&r, &more, 5), 0);
	recording_free(&more);
	assert_int_equal(r.count, 5);
	assert_int_equal(r.measurements, 5);
	assert_int_equal(r.tasks, 3);
	assert_string_equal(r.entries[0].path, "/a");
	assert_string_equal(r.entries[3].path, "/x");
	assert_string_equal(r.entries[4].path, "/y");
	assert_int_equal(r.entries[3].after, 2);
	assert_int_equal(r.entries[4].after, 3);
	assert_int_equal(r.entries[4].think_ns, 4000); /* the median, of one */
	assert_int_equal(recording_deal(&r, 2, 9), 0);
	assert_int_equal(r.tasks, 2);
	assert_true(r.entries[1].after == RECORDED_NOTHING);
	assert_int_equal(r.entries[4].task, 0);
	assert_int_equal(r.entries[4].after, 2);
	assert_int_equal(r.entries[4].think_ns, 9);
	assert_int_equal(recording_cut_measurements(&r, 6), -ERANGE);
	assert_int_equal(recording_cut_measurements(&r, 2), 0);
	assert_int_equal(r.count, 2);
	recording_free(&r);
}

static void makes_exact_numbers(void **state)
{
	struct recording r;
	size_t first_half = 0;

	(void)state;
	assert_int_equal(recording_make(&r, 20000, 12313, 2, 1584000), 0);
	assert_int_equal(r.count, 20000);
	assert_int_equal(r.measurements, 12313);
	assert_int_equal(r.tasks, 2);
	for (size_t i = 0; i < 10000; i++)
		first_half += r.entries[i].kind == RECORDED_MEASUREMENT;
	assert_in_range(first_half, 5900, 6400);
	recording_free(&r);
	assert_int_equal(recording_make(&r, 5, 6, 1, 0), -EINVAL);
}

/* ---- the converter ---- */

static void write_list(const char *const *paths, size_t count, size_t violation)
{
	const struct tpmb_list_format format = {TPMB_FORMAT_BINARY, TPMB_ORDER_AUTO,
						TPMB_BANK_SHA1};
	struct tpmb_list_writer *writer;
	uint8_t data[512], digest[32] = {0}, zeros[20] = {0};
	int fd = open(in_folder("list"), O_CREAT | O_TRUNC | O_WRONLY, 0600);

	assert_true(fd >= 0);
	assert_int_equal(tpmb_list_writer_new(fd, "list", &format, &writer), 0);
	for (size_t i = 0; i < count; i++) {
		int len = tpmb_ima_ng("sha256", digest, 32, paths[i], data, sizeof(data));
		struct tpmb_record record = {.pcr = 10,
					     .name = "ima-ng",
					     .name_len = 6,
					     .data = data,
					     .data_len = (uint32_t)len,
					     .has_data = true,
					     .order = tpmb_native_order(),
					     .bank = i == violation ? TPMB_BANK_SHA1 : -1,
					     .digest = i == violation ? zeros : NULL,
					     .digest_len = i == violation ? 20 : 0};

		assert_true(len > 0);
		assert_int_equal(tpmb_list_write(writer, &record), 0);
	}
	assert_int_equal(tpmb_list_writer_flush(writer), 0);
	tpmb_list_writer_free(writer);
	close(fd);
}

static int convert(const char *trace)
{
	char command[1024];

	write_text("trace", trace, strlen(trace));
	snprintf(command, sizeof(command),
		 "%s --prompt /b --source test %s/list %s/trace %s/out.zst 2>%s/errors", converter,
		 folder, folder, folder, folder);
	return WEXITSTATUS(system(command));
}

/* Two tasks, one of them with a name that looks like a processor's column; one waits for the other.
 */
#define TRACE                                                                \
	"# tracer: nop\n"                                                    \
	"         init-1   [000] .....     1.000100: iq: (f+0x0/0x1)\n"      \
	"         init-1   [000] .....     1.000110: pe: (f+0x0/0x1)\n"      \
	"         init-1   [000] .....     1.000210: pr: (f+0x0/0x1 <- g)\n" \
	"         init-1   [000] .....     1.000220: ir: (f+0x0/0x1 <- g)\n" \
	" a-7 [001] #2-22  [001] .N...     1.000300: iq: (f+0x0/0x1)\n"      \
	" a-7 [001] #2-22  [001] .N...     1.000310: pe: (f+0x0/0x1)\n"      \
	"         init-1   [000] .....     1.000320: iq: (f+0x0/0x1)\n"      \
	" a-7 [001] #2-22  [001] .N...     1.000410: pr: (f+0x0/0x1 <- g)\n" \
	" a-7 [001] #2-22  [001] .N...     1.000420: ir: (f+0x0/0x1 <- g)\n" \
	"         init-1   [000] .....     1.000430: pe: (f+0x0/0x1)\n"      \
	"         init-1   [000] .....     1.000530: pr: (f+0x0/0x1 <- g)\n" \
	"         init-1   [000] .....     1.000540: ir: (f+0x0/0x1 <- g)\n" \
	" a-7 [001] #2-22  [001] .N...     1.000425: iq: (f+0x0/0x1)\n"      \
	" a-7 [001] #2-22  [001] .N...     1.000545: ir: (f+0x0/0x1 <- g)\n" \
	"          cat-30  [000] .....     1.000900: iq: (f+0x0/0x1)\n"      \
	"          cat-30  [000] .....     1.000910: pe: (f+0x0/0x1)\n"

static void converts(void **state)
{
	static const char *const paths[] = {"/a", "/b", "/c%\n"};
	struct recording r;

	(void)state;
	write_list(paths, 3, 2);
	assert_int_equal(convert(TRACE), 0);
	assert_int_equal(recording_load(in_folder("out.zst"), &r), 0);
	assert_int_equal(r.count, 4); /* what came after the list is left out */
	assert_int_equal(r.tasks, 2);
	assert_int_equal(r.measurements, 2);
	assert_int_equal(r.violations, 1);
	assert_int_equal(r.extend_ns, 100000);
	/* 120 from its entry, 120 from its entry, 120 since the other returned */
	assert_int_equal(r.occupied_ns, 120000);
	assert_int_equal(r.total_ns, 445000);
	assert_int_equal(r.prompt, 1);
	assert_int_equal(r.prompt_ns, 320000);
	assert_int_equal(r.entries[1].after, 0);
	assert_int_equal(r.entries[1].think_ns, 80000);
	assert_int_equal(r.entries[2].after, 0);
	assert_int_equal(r.entries[2].think_ns, 100000);
	assert_string_equal(r.entries[2].path, "/c%\n");
	assert_int_equal(r.entries[2].kind, RECORDED_VIOLATION);
	assert_int_equal(r.entries[3].kind, RECORDED_DUPLICATE);
	assert_int_equal(r.entries[3].after, 1);
	assert_int_equal(r.entries[3].think_ns, 5000);
	recording_free(&r);
}

static void converter_refuses(void **state)
{
	static const char *const paths[] = {"/a", "/b", "/c", "/d", "/e"};

	(void)state;
	write_list(paths, 5, 5);
	assert_int_equal(convert(TRACE), 1); /* fewer extends than records */
	write_list(paths, 1, 1);
	assert_int_equal(convert("no trace\n"), 1);
	assert_int_equal(convert(" init-1 [000] ..... 1.000100: ir: (f)\n"), 1); /* returns first */
	assert_int_equal(convert(""), 1);
	assert_int_equal(convert(TRACE), 0);
}

static void on_message(void *arg, const char *line)
{
	(void)arg;
	(void)line;
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_entries),
		cmocka_unit_test(refuses_what_is_no_recording),
		cmocka_unit_test(cuts_fills_and_deals),
		cmocka_unit_test(makes_exact_numbers),
		cmocka_unit_test(converts),
		cmocka_unit_test(converter_refuses),
	};
	char command[128];
	int failed;

	if (argc != 2 || !mkdtemp(folder))
		return 2;
	converter = argv[1];
	tpmb_set_message_handler(on_message, NULL);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	snprintf(command, sizeof(command), "rm -rf %s", folder);
	return system(command) || failed;
}
