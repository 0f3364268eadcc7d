// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* A TPM behind swtpm: restarts, latency, injected faults, and that nothing is left behind. */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "lib_private.h"
#include "swtpm.h"
#include "tpm.h"
#include "tpm_helpers.h"
#include "transport.h"

static double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static void test_swtpm(void **state)
{
	struct swtpm_options options = {.dir = dir, .no_startup = true};
	struct swtpm swtpm;
	struct tpm_transport *t;
	uint32_t resets;

	(void)state;
	assert_int_equal(swtpm_start(&swtpm, &options), 0);
	/* It answers TPM_RC_INITIALIZE, and is started. */
	assert_int_equal(tpmb_transport_open(swtpm.tcti, &t), 0);
	extend16(t, 'a');
	resets = reset_count(t);
	tpmb_transport_close(t);
	/* A second client finds it as the first one left it. */
	assert_int_equal(tpmb_transport_open(swtpm.tcti, &t), 0);
	expect_pcr16(t, "a");
	swtpm_stop(&swtpm);
	messages[0] = '\0';
	assert_true(tpm_extend(t, 16, 2, digests('a')) < 0);
	assert_non_null(strstr(messages, "swtpm:"));
	assert_int_equal(tpm_extend(t, 16, 2, digests('a')), -ENOTCONN);
	tpmb_transport_close(t);
	assert_int_equal(swtpm_start(&swtpm, &options), 0);
	assert_int_equal(tpmb_transport_open(swtpm.tcti, &t), 0);
	expect_pcr16(t, "");
	assert_int_equal(reset_count(t), resets + 1);
	tpmb_transport_close(t);
	swtpm_stop(&swtpm);
}

static void test_swtpm_tpm12(void **state)
{
	struct swtpm_options options = {.tpm12 = true};
	struct swtpm swtpm;
	struct tpm_transport *t;

	(void)state;
	assert_int_equal(swtpm_start(&swtpm, &options), 0);
	assert_int_equal(tpmb_transport_open(swtpm.tcti, &t), -ENXIO);
	assert_non_null(strstr(messages, "TPM 1.2"));
	swtpm_stop(&swtpm);
}

static void test_latency(void **state)
{
	static const char *const env[] = {"TPMB_EXEC_US=5000", NULL};
	struct swtpm_options options = {.preload = TPMLIB_DELAY, .env = env};
	struct swtpm swtpm;
	struct tpm_transport *t;
	double start;

	(void)state;
	assert_int_equal(swtpm_start(&swtpm, &options), 0);
	assert_int_equal(tpmb_transport_open(swtpm.tcti, &t), 0);
	start = seconds();
	for (int i = 0; i < 20; i++)
		assert_int_equal(tpm_extend(t, 16, 2, digests('a')), 0);
	assert_true(seconds() - start >= 20 * 0.005);
	expect_pcr16(t, "aaaaaaaaaaaaaaaaaaaa");
	tpmb_transport_close(t);
	swtpm_stop(&swtpm);
}

static void test_injected_faults(void **state)
{
	/* Commands: Startup, probe, then extends that the storm doubles. */
	static const char *const env[] = {"TPMB_FAIL=e2:0x101,6:0x921,9:0x920",
					  "TPMB_RETRY_STORM=1", NULL};
	struct swtpm_options options = {.preload = TPMLIB_DELAY, .env = env};
	struct swtpm swtpm;
	struct tpm_transport *t;

	(void)state;
	assert_int_equal(swtpm_start(&swtpm, &options), 0);
	assert_int_equal(tpmb_transport_open(swtpm.tcti, &t), 0);
	assert_int_equal(tpm_extend(t, 16, 2, digests('x')), -EREMOTEIO); /* RETRY, then e2 */
	assert_non_null(strstr(messages, "0x00000101"));
	assert_int_equal(tpm_extend(t, 16, 2, digests('a')), 0);	  /* the storm's second */
	assert_int_equal(tpm_extend(t, 16, 2, digests('x')), -EREMOTEIO); /* command 6 */
	assert_non_null(strstr(messages, "0x00000921"));
	assert_int_equal(tpm_extend(t, 16, 2, digests('b')), 0);	  /* RETRY, then executed */
	assert_int_equal(tpm_extend(t, 16, 2, digests('x')), -EREMOTEIO); /* command 9 */
	assert_non_null(strstr(messages, "0x00000920"));
	expect_pcr16(t, "ab");
	tpmb_transport_close(t);
	swtpm_stop(&swtpm);
}

static void test_bad_delay_settings(void **state)
{
	static const char *const bad[] = {
		"TPMB_EXEC_US=5ms",
		"TPMB_EXEC_US=-1",
		"TPMB_EXEC_US=100000001",
		"TPMB_EXEC_ALL=2",
		"TPMB_FAIL=",
		"TPMB_FAIL=3",
		"TPMB_FAIL=0:1",
		"TPMB_FAIL=3:",
		"TPMB_FAIL=3:0x101,",
		"TPMB_FAIL=3:0x101;",
		"TPMB_RETRY_STORM=1000001",
		"TPMB_RETRY_STORM=2:0",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		const char *const env[] = {bad[i], NULL};
		struct swtpm_options options = {.dir = dir, .preload = TPMLIB_DELAY, .env = env};
		struct swtpm swtpm;
		char path[128];
		char line[256] = "";
		FILE *log;

		assert_int_equal(swtpm_start(&swtpm, &options), -ECHILD);
		snprintf(path, sizeof(path), "%s/log", dir);
		log = fopen(path, "r");
		assert_non_null(log);
		assert_non_null(fgets(line, sizeof(line), log));
		fclose(log);
		assert_non_null(strstr(line, bad[i]));
		assert_non_null(strstr(line, "expected"));
	}
}

static void test_two_at_once(void **state)
{
	struct swtpm first;
	struct swtpm second;
	struct tpm_transport *a;
	struct tpm_transport *b;

	(void)state;
	assert_int_equal(swtpm_start(&first, NULL), 0);
	assert_int_equal(swtpm_start(&second, NULL), 0);
	assert_int_equal(tpmb_transport_open(first.tcti, &a), 0);
	assert_int_equal(tpmb_transport_open(second.tcti, &b), 0);
	extend16(a, 'a');
	extend16(b, 'b');
	expect_pcr16(a, "a");
	tpmb_transport_close(a);
	swtpm_stop(&first); /* does not wait for the second */
	expect_pcr16(b, "b");
	tpmb_transport_close(b);
	swtpm_stop(&second);
}

/* Nothing is left of a test that dies. */
static void test_clean_up(void **state)
{
	struct swtpm swtpm = {0};
	int channel[2];
	struct stat st;
	int status;
	pid_t pid;

	(void)state;
	assert_int_equal(pipe(channel), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (!pid) {
		if (swtpm_start(&swtpm, NULL) ||
		    write(channel[1], &swtpm, sizeof(swtpm)) != sizeof(swtpm))
			_exit(1);
		raise(SIGKILL);
	}
	close(channel[1]);
	assert_int_equal(read(channel[0], &swtpm, sizeof(swtpm)), sizeof(swtpm));
	close(channel[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	for (int ms = 0; ms < 5000 && (!stat(swtpm.dir, &st) || !kill(swtpm.pid, 0)); ms += 10)
		usleep(10000);
	assert_int_equal(stat(swtpm.dir, &st), -1);
	assert_int_equal(kill(swtpm.pid, 0), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_swtpm, tpm_test_setup, tpm_test_teardown),
		cmocka_unit_test_setup_teardown(test_swtpm_tpm12, tpm_test_setup,
						tpm_test_teardown),
		cmocka_unit_test_setup_teardown(test_latency, tpm_test_setup, tpm_test_teardown),
		cmocka_unit_test_setup_teardown(test_injected_faults, tpm_test_setup,
						tpm_test_teardown),
		cmocka_unit_test_setup_teardown(test_bad_delay_settings, tpm_test_setup,
						tpm_test_teardown),
		cmocka_unit_test_setup_teardown(test_two_at_once, tpm_test_setup,
						tpm_test_teardown),
		cmocka_unit_test_setup_teardown(test_clean_up, tpm_test_setup, tpm_test_teardown),
	};

	return cmocka_run_group_tests_name("swtpm", tests, NULL, NULL);
}
