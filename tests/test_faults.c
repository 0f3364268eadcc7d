// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Everything that can go wrong under a session does, at each place where it
 * can: the TPM's answers, the transport, the file system, memory. After each
 * fault the list is opened again without faults and held against the contract:
 * whatever was acknowledged is there, nothing is there twice, and the replay
 * gives the PCR.
 *
 * Fault policy. One fault a run, by number: the Nth command, the Nth call of a
 * wrapped function. The calls are this tree's own (-Wl,--wrap); libcrypto's and
 * tpm2-tss's memory is not touched.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cmocka.h>

#include "fault_transport.h"
#include "session_check.h"
#include "tpm.h"
#include "transport.h"

#define MEASUREMENTS 20

/* ---- faults below the library ---- */

enum call {
	CALL_MALLOC,
	CALL_CALLOC,
	CALL_REALLOC,
	CALL_PWRITEV,
	CALL_FDATASYNC,
	CALL_FTRUNCATE
};

static struct {
	bool armed;
	unsigned int mask; /* which calls count */
	uint64_t at;	   /* which one fails */
	uint64_t calls;
	int error;
	bool partial;  /* pwritev() at @at: all but the last byte is written */
	uint64_t span; /* how many calls in a row: a disk may stay full */
} fault;

static bool fails(enum call call)
{
	uint64_t number;

	if (!fault.armed || !(fault.mask >> call & 1))
		return false;
	number = fault.calls++;
	if (number < fault.at || number - fault.at >= fault.span)
		return false;
	errno = fault.error;
	return true;
}

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *memory, size_t size);
ssize_t __real_pwritev(int fd, const struct iovec *parts, int count, off_t offset);
ssize_t __real_pwritev64(int fd, const struct iovec *parts, int count, off_t offset);
int __real_fdatasync(int fd);
int __real_ftruncate64(int fd, off_t size);

void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *memory, size_t size);
ssize_t __wrap_pwritev64(int fd, const struct iovec *parts, int count, off_t offset);
int __wrap_fdatasync(int fd);
int __wrap_ftruncate64(int fd, off_t size);

void *__wrap_malloc(size_t size)
{
	return fails(CALL_MALLOC) ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
	return fails(CALL_CALLOC) ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *memory, size_t size)
{
	return fails(CALL_REALLOC) ? NULL : __real_realloc(memory, size);
}

ssize_t __wrap_pwritev64(int fd, const struct iovec *parts, int count, off_t offset)
{
	if (!fails(CALL_PWRITEV))
		return __real_pwritev64(fd, parts, count, offset);
	if (fault.partial && fault.calls - 1 == fault.at && count <= 8) {
		struct iovec most[8];

		memcpy(most, parts, (size_t)count * sizeof(most[0]));
		most[count - 1].iov_len--;
		return __real_pwritev64(fd, most, count, offset);
	}
	errno = fault.error;
	return -1;
}

int __wrap_fdatasync(int fd)
{
	return fails(CALL_FDATASYNC) ? -1 : __real_fdatasync(fd);
}

int __wrap_ftruncate64(int fd, off_t size)
{
	return fails(CALL_FTRUNCATE) ? -1 : __real_ftruncate64(fd, size);
}

/* ---- one run ---- */

struct run {
	bool acked[MEASUREMENTS];
	unsigned int failures; /* calls that returned an error */
};

/* Opens, measures everything twice over, closes; errors are what it is for. */
static void run_session(struct tpm_transport *tpm, const char *list, unsigned int flags,
			struct run *run)
{
	struct tpmb_session *session;
	int ret;

	ret = check_open(tpm, list, flags, &session);
	if (ret) {
		run->failures++;
		return;
	}
	for (unsigned int i = 0; i < 2 * MEASUREMENTS; i++) {
		unsigned int number = i / 2;

		ret = check_measure(session, number);
		if (ret && ret != -EEXIST)
			run->failures++;
		/* "Exists" is an acknowledgement, too: it says that it has been extended. */
		if (!ret || ret == -EEXIST)
			run->acked[number] = true;
	}
	if (tpmb_session_close(session))
		run->failures++;
}

/* Opens without faults and holds list, PCR and acknowledgements together. */
static void check_after(struct fixture *f, const char *what, uint64_t at, struct run *run)
{
	struct tpmb_session *session;
	unsigned int count;
	int ret;

	ret = check_open(f->tpm, f->list, 0, &session);
	if (ret)
		fail_msg("%s %llu: reopening: %d (%s)", what, (unsigned long long)at, ret,
			 last_message);
	for (unsigned int i = 0; i < MEASUREMENTS; i++) {
		ret = check_measure(session, i);
		if (ret && ret != -EEXIST)
			fail_msg("%s %llu: measuring %u again: %d", what, (unsigned long long)at, i,
				 ret);
		if (run->acked[i] && ret != -EEXIST)
			fail_msg("%s %llu: measurement %u was acknowledged and is lost", what,
				 (unsigned long long)at, i);
	}
	assert_int_equal(tpmb_session_close(session), 0);
	count = check_list(f, NULL);
	if (count != MEASUREMENTS)
		fail_msg("%s %llu: %u measurements in the list", what, (unsigned long long)at,
			 count);
	check_start_over(f);
}

/* ---- the TPM and the way to it ---- */

static uint64_t run_with_plan(struct fixture *f, const struct fault *plan, const char *what)
{
	struct run run = {0};
	struct tpm_transport *faulty;
	uint64_t commands;

	assert_int_equal(fault_transport_new(f->tpm, plan, plan ? 1 : 0, &faulty), 0);
	faulty->own = true;
	run_session(faulty, f->list, 0, &run);
	commands = fault_transport_stats(faulty)->commands;
	if (plan)
		assert_int_equal(fault_transport_stats(faulty)->faults > 0, plan->at < commands);
	tpmb_transport_close(faulty);
	check_after(f, what, plan ? plan->at : 0, &run);
	return commands;
}

static void test_tpm(void **state)
{
	static const struct {
		const char *name;
		enum fault_kind kind;
		uint32_t arg;
	} kinds[] = {
		{"TPM_RC_FAILURE", FAULT_RC, 0x101},
		{"TPM_RC_LOCKOUT", FAULT_RC, 0x921},
		{"TPM_RC_LOCALITY", FAULT_RC, 0x907},
		{"retry storm", FAULT_STORM, 5},
		{"endless retry storm", FAULT_STORM, 100000},
		{"no memory for a command", FAULT_NOMEM, 0},
		{"transport dies before command", FAULT_DIE_BEFORE, 0},
		{"transport dies after command", FAULT_DIE_AFTER, 0},
		{"lost before command", FAULT_LOST_BEFORE, 0},
		{"lost after command", FAULT_LOST_AFTER, 0},
		{"short response 4", FAULT_SHORT, 4},
		{"short response 12", FAULT_SHORT, 12},
	};
	struct fixture *f = *state;
	uint64_t commands = run_with_plan(f, NULL, "no fault");

	assert_true(commands > MEASUREMENTS);
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		for (uint64_t at = 0; at < commands + 2; at++) {
			struct fault plan = {at, kinds[i].kind, kinds[i].arg};

			run_with_plan(f, &plan, kinds[i].name);
		}
	}
}

/* Faults come in any number and order; which ones, the seed says. */
static void test_tpm_seeds(void **state)
{
	struct fixture *f = *state;
	unsigned int seeds = getenv("TPMB_LONG") ? 20000 : 500;

	for (uint64_t seed = 1; seed <= seeds; seed++) {
		struct run run = {0};
		struct tpm_transport *faulty;

		assert_int_equal(fault_transport_new(f->tpm, NULL, 0, &faulty), 0);
		faulty->own = true;
		fault_transport_seed(faulty, seed, (1u << FAULT_KINDS) - 1, 100);
		for (int round = 0; round < 4; round++) {
			run_session(faulty, f->list, 0, &run);
			fault_transport_revive(faulty);
		}
		tpmb_transport_close(faulty);
		check_after(f, "seed", seed, &run);
	}
}

/* ---- the file system and memory ---- */

static uint64_t run_with_fault(struct fixture *f, const char *what)
{
	struct run run = {0};

	fault.calls = 0;
	fault.armed = true;
	run_session(f->tpm, f->list, TPMB_DURABLE, &run);
	fault.armed = false;
	check_after(f, what, fault.at, &run);
	return fault.calls;
}

static void every_call(struct fixture *f, const char *what)
{
	uint64_t calls;

	fault.at = UINT64_MAX;
	calls = run_with_fault(f, what);
	for (fault.at = 0; fault.at < calls; fault.at++)
		run_with_fault(f, what);
	/* Silence is no success: the fault has to have been one. */
	assert_true(calls > 0);
}

static void test_disk(void **state)
{
	struct fixture *f = *state;

	static const uint64_t spans[] = {1, 2, 3, UINT64_MAX};

	for (size_t i = 0; i < ARRAY_SIZE(spans); i++) {
		memset(&fault, 0, sizeof(fault));
		fault.error = ENOSPC;
		fault.span = spans[i];
		fault.mask = 1 << CALL_PWRITEV;
		every_call(f, "disk full at write");
		fault.partial = true;
		every_call(f, "short write at write");
		/* What it left cannot be cut at first: the tail stays until it can. */
		fault.mask |= 1 << CALL_FTRUNCATE;
		every_call(f, "short write and no cut at call");
		fault.error = EIO;
		fault.partial = false;
		fault.mask = 1 << CALL_FDATASYNC;
		every_call(f, "error at fdatasync");
		fault.mask |= 1 << CALL_FTRUNCATE;
		every_call(f, "error at fdatasync or cut");
	}
}

static void test_memory(void **state)
{
	struct fixture *f = *state;

	memset(&fault, 0, sizeof(fault));
	fault.error = ENOMEM;
	fault.span = 1;
	fault.mask = 1 << CALL_MALLOC | 1 << CALL_CALLOC | 1 << CALL_REALLOC;
	every_call(f, "no memory at call");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_tpm, check_set_up, check_tear_down),
		cmocka_unit_test_setup_teardown(test_tpm_seeds, check_set_up, check_tear_down),
		cmocka_unit_test_setup_teardown(test_disk, check_set_up, check_tear_down),
		cmocka_unit_test_setup_teardown(test_memory, check_set_up, check_tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
