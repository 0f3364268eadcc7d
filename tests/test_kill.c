// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * A process that measures with several threads is killed at a random moment,
 * again and again, on an swtpm that lives on. After each kill the list is
 * opened, which has to succeed, and everything that was acknowledged has to be
 * there; at the end the list is held against the PCR.
 *
 *   test_kill [KILLS]     default 500; the seed of the moments is printed
 *
 * Between a record's append and its extend lie microseconds. The victim's
 * pwritev() takes its time, in two halves, so that kills fall there, too.
 */
#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "session_check.h"
#include "swtpm.h"

#define THREADS 8
#define NUMBERS 100000
#define RUN_US	12000 /* from open to kill, at most: a handful of extends */

/* Shared with the process that is killed: what it has seen acknowledged. */
static struct shared {
	uint32_t next;
	uint8_t acked[NUMBERS];
	uint8_t opened;
} * shared;

static struct swtpm swtpm;
static unsigned int kills = 500;

static bool dawdle;

ssize_t __real_pwritev64(int fd, const struct iovec *parts, int count, off_t offset);
ssize_t __wrap_pwritev64(int fd, const struct iovec *parts, int count, off_t offset);

ssize_t __wrap_pwritev64(int fd, const struct iovec *parts, int count, off_t offset)
{
	ssize_t written;

	if (!dawdle)
		return __real_pwritev64(fd, parts, count, offset);
	usleep(500);
	written = __real_pwritev64(fd, parts, count > 1 ? count / 2 : count, offset);
	usleep(500);
	return written;
}

static void *measure_on(void *arg)
{
	struct tpmb_session *session = arg;

	for (;;) {
		uint32_t number = __atomic_fetch_add(&shared->next, 1, __ATOMIC_RELAXED);
		int ret;

		if (number >= NUMBERS)
			_exit(3);
		ret = check_measure(session, number);
		if (ret && ret != -EEXIST)
			_exit(4);
		__atomic_store_n(&shared->acked[number], 1, __ATOMIC_RELEASE);
	}
}

static void victim(const char *list)
{
	struct tpm_transport *tpm;
	struct tpmb_session *session;
	pthread_t threads[THREADS];

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	dawdle = true;
	if (tpmb_transport_open(swtpm.tcti, &tpm) || check_open(tpm, list, 0, &session))
		_exit(5);
	__atomic_store_n(&shared->opened, 1, __ATOMIC_RELEASE);
	for (int i = 0; i < THREADS; i++) {
		if (pthread_create(&threads[i], NULL, measure_on, session))
			_exit(6);
	}
	for (;;)
		pause();
}

static void kill_one(const char *list, uint32_t after_us)
{
	int status;
	pid_t pid;

	shared->opened = 0;
	pid = fork();
	assert_true(pid >= 0);
	if (!pid)
		victim(list);
	/* One kill in four hits the opening itself. */
	while (after_us % 4 && !__atomic_load_n(&shared->opened, __ATOMIC_ACQUIRE)) {
		if (waitpid(pid, &status, WNOHANG) == pid)
			fail_msg("the process ended by itself: %d", WEXITSTATUS(status));
		usleep(100);
	}
	usleep(after_us);
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (!WIFSIGNALED(status))
		fail_msg("the process ended by itself: %d", WEXITSTATUS(status));
}

/* What was acknowledged is there: measuring it again says so. The rest will be tried again. */
static void check_acknowledged(const char *list, unsigned int number_of_kill)
{
	struct tpm_transport *tpm;
	struct tpmb_session *session;
	uint32_t first_unacked = UINT32_MAX;
	int ret;

	assert_int_equal(tpmb_transport_open(swtpm.tcti, &tpm), 0);
	ret = check_open(tpm, list, 0, &session);
	if (ret)
		fail_msg("kill %u: reopening: %d (%s)", number_of_kill, ret, last_message);
	for (uint32_t i = 0; i < shared->next && i < NUMBERS; i++) {
		if (shared->acked[i])
			assert_int_equal(check_measure(session, i), -EEXIST);
		else if (first_unacked == UINT32_MAX)
			first_unacked = i;
	}
	if (first_unacked != UINT32_MAX)
		shared->next = first_unacked;
	assert_int_equal(tpmb_session_close(session), 0);
	tpmb_transport_close(tpm);
}

static void test_kill(void **state)
{
	static const char *const delay[] = {"TPMB_EXEC_US=1000", NULL};
	const struct swtpm_options options = {.preload = TPMLIB_DELAY, .env = delay};
	unsigned int rolled_forward = 0, torn = 0, acked = 0, records, measurements;
	unsigned int seed = (unsigned int)time(NULL);
	struct fixture f = {0};

	(void)state;
	check_messages();
	if (getenv("TPMB_SEED"))
		seed = (unsigned int)strtoul(getenv("TPMB_SEED"), NULL, 0);
	printf("moments by seed %u (TPMB_SEED)\n", seed);
	srandom(seed);
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
		      0);
	assert_true(shared != MAP_FAILED);
	strcpy(f.dir, "/tmp/tpmb-kill-XXXXXX");
	assert_non_null(mkdtemp(f.dir));
	snprintf(f.list, sizeof(f.list), "%s/list", f.dir);
	assert_int_equal(swtpm_start(&swtpm, &options), 0);

	for (unsigned int i = 0; i < kills; i++) {
		kill_one(f.list, (uint32_t)random() % RUN_US);
		last_message[0] = 0;
		check_acknowledged(f.list, i);
		rolled_forward += !!strstr(last_message, "extended now");
		torn += !!strstr(last_message, "torn");
	}

	assert_int_equal(tpmb_transport_open(swtpm.tcti, &f.tpm), 0);
	measurements = check_list(&f, &records);
	for (uint32_t i = 0; i < NUMBERS; i++)
		acked += shared->acked[i];
	printf("%u kills: %u measurements in %u records, %u acknowledged; "
	       "%u records rolled forward, %u torn ones cut\n",
	       kills, measurements, records, acked, rolled_forward, torn);
	assert_true(measurements >= acked);
	/* The moments have to have met both halves of an append, or nothing was shown. */
	assert_true(rolled_forward > kills / 50);
	assert_true(torn > kills / 50);
	tpmb_transport_close(f.tpm);
	swtpm_stop(&swtpm);
	remove_tree(f.dir);
	munmap(shared, sizeof(*shared));
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_kill)};

	if (argc > 1)
		kills = (unsigned int)strtoul(argv[1], NULL, 0);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
