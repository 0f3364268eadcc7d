// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The checker of contract C2 sees what it is there for. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "record.h"
#include "tpmbatch.h"
#include "waits.h"

/* Two members and the head fill a batch; three do not fit. */
#define MEMBER	  100
#define BATCH_MAX (TPMB_BATCH_OVERHEAD + 2 * MEMBER + 50)
#define EXTEND_NS 1000

static char message[256];

static void keep_message(void *arg, const char *line)
{
	(void)arg;
	snprintf(message, sizeof(message), "%s", line);
}

/* One that came when @before extends had ended, and returned with extend number @after. */
static void add(struct waits *waits, uint64_t before, uint64_t after, uint32_t size, bool alone)
{
	size_t number = waits_begin(waits, before * EXTEND_NS, before);

	waits_end(waits, number, after * EXTEND_NS, after);
	waits->waits[number].member_size = size;
	waits->waits[number].alone = alone;
}

static int check(struct waits *waits, uint32_t batch_max, struct waits_summary *summary)
{
	int ret = waits_check(waits, batch_max, summary);

	waits_free(waits);
	return ret;
}

static void two_round_trips(void **state)
{
	struct waits_summary summary;
	struct waits waits;

	(void)state;
	assert_int_equal(waits_new(&waits, 3), 0);
	add(&waits, 0, 1, MEMBER, false); /* idle: its own alone */
	add(&waits, 0, 2, MEMBER, false); /* the one in flight, and its own */
	add(&waits, 1, 2, MEMBER, false);
	assert_int_equal(check(&waits, BATCH_MAX, &summary), 0);
	assert_int_equal(summary.max_extends, 2);
	assert_int_equal(summary.max_ns, 2 * EXTEND_NS);
	assert_int_equal(summary.max_full, 0);
}

static void a_full_record_between(void **state)
{
	struct waits_summary summary;
	struct waits waits;

	(void)state;
	assert_int_equal(waits_new(&waits, 4), 0);
	add(&waits, 0, 1, MEMBER, false);
	add(&waits, 0, 2, MEMBER, false);
	add(&waits, 0, 2, MEMBER, false);
	add(&waits, 0, 3, MEMBER, false); /* did not fit into record 2 */
	assert_int_equal(check(&waits, BATCH_MAX, &summary), 0);
	assert_int_equal(summary.max_extends, 3);
	assert_int_equal(summary.max_full, 1);
}

/* @bytes: of record 2, which the last one waited for. */
static int one_between(uint32_t bytes, uint32_t left_out, struct waits_summary *summary)
{
	struct waits waits;

	assert_int_equal(waits_new(&waits, 3), 0);
	add(&waits, 0, 1, MEMBER, false);
	add(&waits, 0, 2, bytes, false);
	add(&waits, 0, 3, left_out, false);
	return check(&waits, BATCH_MAX, summary);
}

static void a_record_with_room_between(void **state)
{
	struct waits_summary summary;

	(void)state;
	message[0] = '\0';
	assert_int_equal(one_between(MEMBER, MEMBER, &summary), -EBADE);
	assert_string_equal(message, "measurement 3 waited for 3 extends, of which number 2 was "
				     "neither in flight, nor its own, nor full");
	/* To the byte. */
	assert_int_equal(one_between(MEMBER, MEMBER + 50, &summary), -EBADE);
	assert_int_equal(one_between(MEMBER, MEMBER + 51, &summary), 0);
	/* Serially nothing is promised, and the wait is told all the same. */
	{
		struct waits waits;

		assert_int_equal(waits_new(&waits, 1), 0);
		add(&waits, 0, 60, MEMBER, false);
		assert_int_equal(check(&waits, 0, &summary), 0);
		assert_int_equal(summary.max_extends, 60);
	}
}

/* Each record in between has to be full, not only the first or the last. */
static void several_between(void **state)
{
	struct waits_summary summary;

	(void)state;
	for (unsigned int empty = 0; empty <= 4; empty++) {
		struct waits waits;

		assert_int_equal(waits_new(&waits, 8), 0);
		add(&waits, 0, 1, MEMBER, false);
		for (unsigned int record = 2; record <= 4; record++) {
			add(&waits, 0, record, MEMBER, false);
			if (record != empty)
				add(&waits, 0, record, MEMBER, false);
		}
		add(&waits, 0, 5, MEMBER, false);
		assert_int_equal(check(&waits, BATCH_MAX, &summary), empty >= 2 ? -EBADE : 0);
		if (empty < 2)
			assert_int_equal(summary.max_full, 3);
	}
}

static void violations_close_batches(void **state)
{
	struct waits_summary summary;
	struct waits waits;

	(void)state;
	assert_int_equal(waits_new(&waits, 4), 0);
	add(&waits, 0, 1, MEMBER, false);
	add(&waits, 0, 2, MEMBER, false); /* closed by the violation behind it */
	add(&waits, 0, 3, MEMBER, true);
	add(&waits, 0, 4, MEMBER, false);
	assert_int_equal(check(&waits, BATCH_MAX, &summary), 0);
	assert_int_equal(summary.max_extends, 4);
}

/* A duplicate waits for what it repeats, and fills nothing. */
static void duplicates(void **state)
{
	struct waits_summary summary;
	struct waits waits;

	(void)state;
	assert_int_equal(waits_new(&waits, 4), 0);
	add(&waits, 0, 1, MEMBER, false);
	add(&waits, 0, 2, MEMBER, false);
	add(&waits, 0, 2, 0, false);
	add(&waits, 0, 3, MEMBER, false);
	assert_int_equal(check(&waits, BATCH_MAX, &summary), -EBADE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(two_round_trips),
		cmocka_unit_test(a_full_record_between),
		cmocka_unit_test(a_record_with_room_between),
		cmocka_unit_test(several_between),
		cmocka_unit_test(violations_close_batches),
		cmocka_unit_test(duplicates),
	};

	tpmb_set_message_handler(keep_message, NULL);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
