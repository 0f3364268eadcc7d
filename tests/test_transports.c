// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Opening, losing and keeping TPMs: libtpms in the process, swtpm behind a TCTI. */
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
#include <time.h>
#include <unistd.h>

#include <cmocka.h>
#include <openssl/evp.h>

#include "fault_transport.h"
#include "lib_private.h"
#include "libtpms.h"
#include "swtpm.h"
#include "tpm.h"
#include "transport.h"

static char messages[8192];
static char dir[64];

static void collect(void *arg, const char *line)
{
	(void)arg;
	strncat(messages, line, sizeof(messages) - strlen(messages) - 1);
	strncat(messages, "\n", sizeof(messages) - strlen(messages) - 1);
}

static int setup(void **state)
{
	(void)state;
	messages[0] = '\0';
	tpmb_set_message_handler(collect, NULL);
	snprintf(dir, sizeof(dir), "/tmp/tpmb-test-XXXXXX");
	return mkdtemp(dir) ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	remove_tree(dir);
	return 0;
}

static const uint8_t (*digests(uint8_t fill))[TPMB_DIGEST_MAX]
{
	static uint8_t buffer[TPMB_BANK_COUNT][TPMB_DIGEST_MAX];

	memset(buffer, fill, sizeof(buffer));
	return (const uint8_t(*)[TPMB_DIGEST_MAX])buffer;
}

/* What PCR 16's SHA-256 bank holds after extends of these fills. */
static void replay(const char *fills, uint8_t value[32])
{
	uint8_t buffer[64] = {0};

	for (; *fills; fills++) {
		memset(buffer + 32, *fills, 32);
		assert_int_equal(
			EVP_Digest(buffer, sizeof(buffer), buffer, NULL, EVP_sha256(), NULL), 1);
	}
	memcpy(value, buffer, 32);
}

static void expect_pcr16(struct tpm_transport *t, const char *fills)
{
	struct tpmb_pcrs pcrs;
	uint8_t value[32];

	replay(fills, value);
	assert_int_equal(tpmb_pcr_read(t, 1u << 16, &pcrs), 0);
	assert_int_equal(pcrs.set[TPMB_BANK_SHA256], 1u << 16);
	assert_memory_equal(pcrs.value[TPMB_BANK_SHA256][16], value, 32);
}

static void extend16(struct tpm_transport *t, char fill)
{
	unsigned int banks;

	assert_int_equal(tpm_pcr_banks(t, 16, &banks), 0);
	assert_true(banks & TPMB_BANK_BIT(TPMB_BANK_SHA256));
	assert_int_equal(tpm_extend(t, 16, banks, digests((uint8_t)fill)), 0);
}

static uint32_t reset_count(struct tpm_transport *t)
{
	struct tpm_clock clock;

	assert_int_equal(tpm_read_clock(t, &clock), 0);
	return clock.reset_count;
}

/* ---- names ------------------------------------------------------------------ */

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

/* ---- libtpms ------------------------------------------------------------------ */

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

/* ---- swtpm ------------------------------------------------------------------- */

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
	/* Commands: Startup, probe, three extends, which the storm doubles. */
	static const char *const env[] = {"TPMB_FAIL=e2:0x101,6:0x921", "TPMB_RETRY_STORM=1", NULL};
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
	assert_int_equal(tpm_extend(t, 16, 2, digests('b')), 0); /* RETRY, then executed */
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

/* ---- random faults -------------------------------------------------------------- */

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
		replay(sure, value);
		if (!ret)
			assert_memory_equal(pcrs.value[TPMB_BANK_SHA256][16], value, 32);
		else if (memcmp(pcrs.value[TPMB_BANK_SHA256][16], value, 32))
			sure[len] = '\0';
		else if (ret == -EREMOTEIO)
			fail_msg("executed, but reported as an error of the TPM");
		replay(sure, value);
		assert_memory_equal(pcrs.value[TPMB_BANK_SHA256][16], value, 32);
		fault_transport_revive(t);
	}
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
}

static int teardown_seed(void **state)
{
	if (running_seed)
		print_error("failed with TPMB_SEED=%llu\n", (unsigned long long)running_seed);
	return teardown(state);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_bad_names, setup, teardown),
		cmocka_unit_test_setup_teardown(test_fresh, setup, teardown),
		cmocka_unit_test_setup_teardown(test_one_per_process, setup, teardown),
		cmocka_unit_test_setup_teardown(test_kept, setup, teardown),
		cmocka_unit_test_setup_teardown(test_killed, setup, teardown),
		cmocka_unit_test_setup_teardown(test_dir_in_use, setup, teardown),
		cmocka_unit_test_setup_teardown(test_damaged_state, setup, teardown),
		cmocka_unit_test_setup_teardown(test_state_not_written, setup, teardown),
		cmocka_unit_test_setup_teardown(test_reset, setup, teardown),
		cmocka_unit_test_setup_teardown(test_locality, setup, teardown),
		cmocka_unit_test_setup_teardown(test_tpm12, setup, teardown),
		cmocka_unit_test_setup_teardown(test_swtpm, setup, teardown),
		cmocka_unit_test_setup_teardown(test_swtpm_tpm12, setup, teardown),
		cmocka_unit_test_setup_teardown(test_latency, setup, teardown),
		cmocka_unit_test_setup_teardown(test_injected_faults, setup, teardown),
		cmocka_unit_test_setup_teardown(test_bad_delay_settings, setup, teardown),
		cmocka_unit_test_setup_teardown(test_clean_up, setup, teardown),
		cmocka_unit_test_setup_teardown(test_random_faults, setup, teardown_seed),
	};

	return cmocka_run_group_tests_name("transports", tests, NULL, NULL);
}
