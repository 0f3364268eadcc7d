// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Names of transports, and the TPM in the process: opened, kept, lost, and with random faults. */
#include <errno.h>
#include <fcntl.h>
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
#include <unistd.h>

#include <cmocka.h>
#include <openssl/evp.h>

#include "fault_transport.h"
#include "lib_private.h"
#include "libtpms.h"
#include "tpm.h"
#include "tpm_helpers.h"
#include "transport.h"

static void test_bad_names(void **state)
{
	static const struct {
		const char *name;
		int error;
		const char *words;
	} cases[] = {
		{NULL, -EINVAL, "expected libtpms:"},
		{"", -EINVAL, "expected libtpms:"},
		{"nosuch:", -ENXIO, "nosuch:"},
		{"swtpm:path=/nonexistent/socket", -ENXIO, "swtpm:path=/nonexistent/socket"},
		{"swtpm:colour=blue", -ENXIO, "swtpm:colour=blue"},
		{"device:/nonexistent", -ENXIO, "device:/nonexistent"},
		{"device:/dev/null", -ENXIO, "device:/dev/null"},
		{"libtpms:/nonexistent/dir", -ENOENT, "/nonexistent/dir"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct tpm_transport *t = (void *)&t;

		messages[0] = '\0';
		assert_int_equal(tpmb_transport_open(cases[i].name, &t), cases[i].error);
		assert_null(t);
		assert_non_null(strstr(messages, cases[i].words));
	}
	tpmb_transport_close(NULL);
}

/* Opens a TCTI that fails, with @log as TSS2_LOG, and returns what is on stderr. */
static size_t stderr_of_failure(const char *log)
{
	char path[128];
	struct stat st;
	int status;
	pid_t pid;

	snprintf(path, sizeof(path), "%s/stderr", dir);
	pid = fork();
	assert_true(pid >= 0);
	if (!pid) {
		struct tpm_transport *t;

		if (!freopen(path, "w", stderr))
			_exit(1);
		unsetenv("TSS2_LOG");
		if (log)
			setenv("TSS2_LOG", log, 1);
		tpmb_transport_open("swtpm:path=/nonexistent/socket", &t);
		fflush(stderr);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_int_equal(stat(path, &st), 0);
	return (size_t)st.st_size;
}

/* Errors reach the user once, unless the user wants tpm2-tss's words as well. */
static void test_quiet(void **state)
{
	(void)state;
	assert_int_equal(stderr_of_failure(NULL), 0);
	assert_true(stderr_of_failure("all+error") > 0);
}

static void test_fresh(void **state)
{
	struct tpm_transport *t;

	(void)state;
	for (int i = 0; i < 3; i++) {
		assert_int_equal(tpmb_transport_open("libtpms:", &t), 0);
		expect_pcr16(t, "");
		extend16(t, 'a');
		expect_pcr16(t, "a");
		tpmb_transport_close(t);
	}
	assert_string_equal(messages, "");
}

static void test_one_per_process(void **state)
{
	struct tpm_transport *t;
	struct tpm_transport *second;

	(void)state;
	assert_int_equal(tpmb_transport_open("libtpms:", &t), 0);
	assert_int_equal(tpmb_transport_open("libtpms:", &second), -EBUSY);
	assert_null(second);
	extend16(t, 'a');
	tpmb_transport_close(t);
	assert_int_equal(tpmb_transport_open("libtpms:", &t), 0);
	tpmb_transport_close(t);
}

static void test_kept(void **state)
{
	struct tpm_transport *t;
	uint32_t resets;
	char name[96];

	(void)state;
	snprintf(name, sizeof(name), "libtpms:%s", dir);
	assert_int_equal(tpmb_transport_open(name, &t), 0);
	extend16(t, 'a');
	resets = reset_count(t);
	tpmb_transport_close(t);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(tpmb_transport_open(name, &t), 0);
		assert_int_equal(reset_count(t), resets);
		expect_pcr16(t, i ? i > 1 ? "aab" : "aa" : "a");
		extend16(t, i ? 'b' : 'a');
		tpmb_transport_close(t);
	}
	assert_string_equal(messages, "");
}

/* Runs @body in a process that ends like one that is killed. */
static void in_killed_process(void (*body)(const char *name), const char *name)
{
	int status;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (!pid) {
		body(name);
		raise(SIGKILL);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

static void open_and_extend(const char *name)
{
	struct tpm_transport *t;

	if (tpmb_transport_open(name, &t) || tpm_extend(t, 16, 2, digests('x')))
		_exit(1);
}

/* A process that dies is a TPM that lost power: PCRs are zero, and the reset is counted. */
static void test_killed(void **state)
{
	struct tpm_transport *t;
	uint32_t resets;
	char name[96];

	(void)state;
	snprintf(name, sizeof(name), "libtpms:%s", dir);
	assert_int_equal(tpmb_transport_open(name, &t), 0);
	extend16(t, 'a');
	resets = reset_count(t);
	tpmb_transport_close(t);
	for (uint32_t i = 1; i <= 3; i++) {
		in_killed_process(open_and_extend, name);
		assert_int_equal(tpmb_transport_open(name, &t), 0);
		assert_true(reset_count(t) >= resets + i);
		expect_pcr16(t, "");
		tpmb_transport_close(t);
	}
	/* Twice without a clean close in between: each one counts. */
	assert_int_equal(tpmb_transport_open(name, &t), 0);
	resets = reset_count(t);
	tpmb_transport_close(t);
	in_killed_process(open_and_extend, name);
	in_killed_process(open_and_extend, name);
	assert_int_equal(tpmb_transport_open(name, &t), 0);
	assert_int_equal(reset_count(t), resets + 2);
	tpmb_transport_close(t);
}

static void open_expecting_busy(const char *name)
{
	struct tpm_transport *t;

	if (tpmb_transport_open(name, &t) != -EBUSY)
		_exit(1);
}

static void test_dir_in_use(void **state)
{
	struct libtpms *tpm;
	int ready[2];
	pid_t pid;
	char name[96];
	char ch;

	(void)state;
	snprintf(name, sizeof(name), "libtpms:%s", dir);
	assert_int_equal(pipe(ready), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (!pid) {
		if (libtpms_power_on(LIBTPMS_TPM20, dir, &tpm, NULL) || write(ready[1], "", 1) != 1)
			_exit(1);
		pause();
	}
	assert_int_equal(read(ready[0], &ch, 1), 1);
	in_killed_process(open_expecting_busy, name);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	close(ready[0]);
	close(ready[1]);
}

static void write_file(const char *name, const void *data, size_t len)
{
	char path[128];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, data, len), (ssize_t)len);
	close(fd);
}

static void test_damaged_state(void **state)
{
	static const char garbage[2000] = "this is no TPM state";
	struct tpm_transport *t;
	char name[96];
	char path[128];

	(void)state;
	snprintf(name, sizeof(name), "libtpms:%s", dir);
	write_file("tpm20.permanent", garbage, sizeof(garbage));
	assert_int_equal(tpmb_transport_open(name, &t), -EBADMSG);
	assert_non_null(strstr(messages, dir));
	write_file("tpm20.permanent", "", 0);
	assert_int_equal(tpmb_transport_open(name, &t), -EBADMSG);
	assert_non_null(strstr(messages, "tpm20.permanent"));
	snprintf(path, sizeof(path), "%s/tpm20.permanent", dir);
	unlink(path);

	write_file("tpm20.volatile", garbage, sizeof(garbage));
	assert_int_equal(tpmb_transport_open(name, &t), -EBADMSG);
	assert_non_null(strstr(messages, "permanent state is missing"));
	snprintf(path, sizeof(path), "%s/tpm20.volatile", dir);
	unlink(path);

	/* Volatile state that libtpms refuses leaves no half-opened TPM behind. */
	assert_int_equal(tpmb_transport_open(name, &t), 0);
	tpmb_transport_close(t);
	write_file("tpm20.volatile", garbage, sizeof(garbage));
	messages[0] = '\0';
	assert_int_equal(tpmb_transport_open(name, &t), -EBADMSG);
	assert_non_null(strstr(messages, dir));
	assert_int_equal(tpmb_transport_open("libtpms:", &t), 0);
	tpmb_transport_close(t);
}

/* A full disk at close is said, and costs the volatile state only. */
static void test_state_not_written(void **state)
{
	struct tpm_transport *t;
	char name[96];
	char path[128];
	struct stat st;

	(void)state;
	snprintf(name, sizeof(name), "libtpms:%s", dir);
	assert_int_equal(tpmb_transport_open(name, &t), 0);
	snprintf(path, sizeof(path), "%s/tpm20.volatile.new", dir);
	assert_int_equal(mkdir(path, 0700), 0); /* root may write anywhere but here */
	tpmb_transport_close(t);
	assert_non_null(strstr(messages, "tpm20.volatile"));
	snprintf(path, sizeof(path), "%s/tpm20.volatile", dir);
	assert_int_equal(stat(path, &st), -1);
}

static void test_reset(void **state)
{
	static const uint8_t startup[] = {0x80, 0x01, 0, 0, 0, 12, 0, 0, 1, 0x44, 0, 0};
	static const uint8_t read_clock[] = {0x80, 0x01, 0, 0, 0, 10, 0, 0, 1, 0x81};
	uint8_t rsp[TPMB_TPM_BUFFER_SIZE];
	size_t len;
	struct libtpms *tpm;

	(void)state;
	assert_int_equal(libtpms_power_on(LIBTPMS_TPM20, NULL, &tpm, NULL), 0);
	for (int i = 1; i <= 3; i++) {
		len = sizeof(rsp);
		assert_int_equal(libtpms_execute(tpm, read_clock, sizeof(read_clock), rsp, &len),
				 0);
		assert_int_equal(tpmb_get_u32(rsp + 6, TPMB_ORDER_BE), 0x100); /* INITIALIZE */
		len = sizeof(rsp);
		assert_int_equal(libtpms_execute(tpm, startup, sizeof(startup), rsp, &len), 0);
		assert_int_equal(tpmb_get_u32(rsp + 6, TPMB_ORDER_BE), 0);
		len = sizeof(rsp);
		assert_int_equal(libtpms_execute(tpm, read_clock, sizeof(read_clock), rsp, &len),
				 0);
		assert_int_equal(tpmb_get_u32(rsp + 26, TPMB_ORDER_BE), (uint32_t)i);
		assert_int_equal(libtpms_reset(tpm), 0);
	}
	len = 4;
	assert_int_equal(libtpms_execute(tpm, startup, sizeof(startup), rsp, &len), -EMSGSIZE);
	libtpms_power_off(tpm);
}

/* PCR 17 wants locality 4 to be reset and 2 to be extended (PC Client Platform TPM Profile). */
static void test_locality(void **state)
{
	struct tpm_transport *t;
	struct libtpms_peek {
		struct tpm_transport base;
		struct libtpms *tpm;
	};

	(void)state;
	assert_int_equal(tpmb_transport_open("libtpms:", &t), 0);
	assert_int_equal(tpm_extend(t, 17, 2, digests('a')), -EREMOTEIO);
	assert_non_null(strstr(messages, "locality"));
	libtpms_set_locality(((struct libtpms_peek *)t)->tpm, 2);
	assert_int_equal(tpm_extend(t, 17, 2, digests('a')), 0);
	tpmb_transport_close(t);
}

static void test_tpm12(void **state)
{
	static const uint8_t startup[] = {0, 0xc1, 0, 0, 0, 12, 0, 0, 0, 0x99, 0, 1};
	uint8_t extend[34] = {0, 0xc1, 0, 0, 0, 34, 0, 0, 0, 0x14, 0, 0, 0, 16};
	uint8_t value[40] = {0};
	uint8_t rsp[TPMB_TPM_BUFFER_SIZE];
	size_t len = sizeof(rsp);
	struct libtpms *tpm;

	(void)state;
	assert_int_equal(libtpms_power_on(LIBTPMS_TPM12, NULL, &tpm, NULL), 0);
	assert_int_equal(libtpms_execute(tpm, startup, sizeof(startup), rsp, &len), 0);
	assert_int_equal(tpmb_get_u32(rsp + 6, TPMB_ORDER_BE), 0);
	memset(extend + 14, 'a', 20);
	memset(value + 20, 'a', 20);
	len = sizeof(rsp);
	assert_int_equal(libtpms_execute(tpm, extend, sizeof(extend), rsp, &len), 0);
	assert_int_equal(len, 30);
	assert_int_equal(tpmb_get_u32(rsp + 6, TPMB_ORDER_BE), 0);
	assert_int_equal(EVP_Digest(value, 40, value, NULL, EVP_sha1(), NULL), 1);
	assert_memory_equal(rsp + 10, value, 20);
	libtpms_power_off(tpm);
}

/* ---- random faults -------------------------------------------------------------- */

static struct fault_stats sums;

static void sums_add(const struct fault_stats *stats)
{
	sums.commands += stats->commands;
	sums.executed += stats->executed;
	sums.faults += stats->faults;
	sums.slept_us += stats->slept_us;
}

/*
 * Extends with random faults: what an extend's result says about execution must
 * be true of the PCR, for every seed.
 */
static void run_seed(uint64_t seed)
{
	enum {
		EXTENDS = 24
	};
	struct tpm_transport *tpm;
	struct tpm_transport *t;
	char sure[EXTENDS + 1] = "";
	uint8_t value[32];
	struct tpmb_pcrs pcrs;

	assert_int_equal(tpmb_transport_open("libtpms:", &tpm), 0);
	assert_int_equal(fault_transport_new(tpm, NULL, 0, &t), 0);
	fault_transport_seed(t, seed, ~0u, 200);
	for (int i = 0; i < EXTENDS; i++) {
		char fill = (char)('a' + i);
		size_t len = strlen(sure);
		int ret;

		/* What a caller does that does not know: it reads the PCR, and the PCR tells. */
		sure[len] = fill;
		ret = tpm_extend(t, 16, 2, digests((uint8_t)fill));
		assert_int_equal(tpmb_pcr_read(tpm, 1u << 16, &pcrs), 0);
		replay16(sure, value);
		if (!ret)
			assert_memory_equal(pcrs.value[TPMB_BANK_SHA256][16], value, 32);
		else if (memcmp(pcrs.value[TPMB_BANK_SHA256][16], value, 32))
			sure[len] = '\0';
		else if (ret == -EREMOTEIO)
			fail_msg("executed, but reported as an error of the TPM");
		replay16(sure, value);
		assert_memory_equal(pcrs.value[TPMB_BANK_SHA256][16], value, 32);
		fault_transport_revive(t);
	}
	sums_add(fault_transport_stats(t));
	tpmb_transport_close(t);
	tpmb_transport_close(tpm);
}

static uint64_t running_seed;

static void test_random_faults(void **state)
{
	const char *only = getenv("TPMB_SEED");

	(void)state;
	for (uint64_t seed = 1; seed <= 300; seed++) {
		running_seed = only ? strtoull(only, NULL, 0) : seed;
		run_seed(running_seed);
	}
	running_seed = 0;
	/* The seeds have done something. */
	assert_true(sums.faults > sums.commands / 20);
	assert_true(sums.executed < sums.commands);
	assert_true(sums.slept_us > 0);
}

static int teardown_seed(void **state)
{
	if (running_seed)
		print_error("failed with TPMB_SEED=%llu\n", (unsigned long long)running_seed);
	return tpm_test_teardown(state);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		/* First: the library reads the environment once in a process. */
		cmocka_unit_test_setup_teardown(test_quiet, tpm_test_setup, tpm_test_teardown),
		cmocka_unit_test_setup_teardown(test_bad_names, tpm_test_setup, tpm_test_teardown),
		cmocka_unit_test_setup_teardown(test_fresh, tpm_test_setup, tpm_test_teardown),
		cmocka_unit_test_setup_teardown(test_one_per_process, tpm_test_setup,
						tpm_test_teardown),
		cmocka_unit_test_setup_teardown(test_kept, tpm_test_setup, tpm_test_teardown),
		cmocka_unit_test_setup_teardown(test_killed, tpm_test_setup, tpm_test_teardown),
		cmocka_unit_test_setup_teardown(test_dir_in_use, tpm_test_setup, tpm_test_teardown),
		cmocka_unit_test_setup_teardown(test_damaged_state, tpm_test_setup,
						tpm_test_teardown),
		cmocka_unit_test_setup_teardown(test_state_not_written, tpm_test_setup,
						tpm_test_teardown),
		cmocka_unit_test_setup_teardown(test_reset, tpm_test_setup, tpm_test_teardown),
		cmocka_unit_test_setup_teardown(test_locality, tpm_test_setup, tpm_test_teardown),
		cmocka_unit_test_setup_teardown(test_tpm12, tpm_test_setup, tpm_test_teardown),
		cmocka_unit_test_setup_teardown(test_random_faults, tpm_test_setup, teardown_seed),
	};

	return cmocka_run_group_tests_name("libtpms", tests, NULL, NULL);
}
