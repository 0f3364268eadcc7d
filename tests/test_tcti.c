// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* TCTIs in both directions: bad ones below the library, its own module below tpm2-tools. */
#include <dlfcn.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>
#include <tss2/tss2_tctildr.h>

#include "lib_private.h"
#include "tcti.h"
#include "tcti_export.h"
#include "tpm.h"
#include "tpm_helpers.h"
#include "transport.h"

#define TIMEOUT_MS 200

static double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

/* ---- misbehaving TCTIs ------------------------------------------------------ */

static void test_odd(void **state)
{
	static const struct {
		const char *name;
		int first;	   /* result of a command */
		int second;	   /* and of the next one */
		double at_least_s; /* that the first takes */
		const char *words;
	} cases[] = {
		{"odd:good", 0, 0, 0, ""},
		{"odd:silent", -ETIMEDOUT, -ENOTCONN, 0.2, "no response in 200 ms, nor when"},
		{"odd:cancel", -EREMOTEIO, -EREMOTEIO, 0.2, "0x00000909"},
		{"odd:stuck", -ETIMEDOUT, -ENOTCONN, 0.2, "cannot be cancelled"},
		{"odd:pieces", 0, 0, 0, ""},
		{"odd:broken", -EIO, -ENOTCONN, 0, "receiving the response fails"},
		{"odd:deaf", -EIO, -ENOTCONN, 0, "sending the command fails"},
		{"odd:blind", -ETIMEDOUT, -ENOTCONN, 0.2, "no response"},
		{"odd:large", -EMSGSIZE, -ENOTCONN, 0, "receiving the response fails"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct tpm_transport *t;
		double start;

		messages[0] = '\0';
		print_message("%s\n", cases[i].name);
		assert_int_equal(tcti_transport_open_timeout(cases[i].name, TIMEOUT_MS, &t), 0);
		start = seconds();
		assert_int_equal(tpm_startup(t), cases[i].first);
		assert_true(seconds() - start >= cases[i].at_least_s);
		assert_true(seconds() - start < 5);
		assert_non_null(strstr(messages, cases[i].words));
		assert_true(!cases[i].first || strstr(messages, cases[i].name));
		assert_int_equal(tpm_startup(t), cases[i].second);
		tpmb_transport_close(t);
	}
}

/* ---- a transport as a TCTI ----------------------------------------------------- */

static const uint8_t read_clock[] = {0x80, 0x01, 0, 0, 0, 10, 0, 0, 1, 0x81};

static void check_context(TSS2_TCTI_CONTEXT *c)
{
	uint8_t rsp[TPMB_TPM_BUFFER_SIZE];
	size_t needed = 0;
	size_t size;

	assert_int_equal(TSS2_TCTI_VERSION(c), 2);
	size = sizeof(rsp);
	assert_int_equal(Tss2_Tcti_Receive(c, &size, rsp, 0), TSS2_TCTI_RC_BAD_SEQUENCE);
	assert_int_equal(Tss2_Tcti_Cancel(c), TSS2_TCTI_RC_BAD_SEQUENCE);
	assert_int_equal(Tss2_Tcti_Transmit(c, 10, NULL), TSS2_TCTI_RC_BAD_REFERENCE);
	assert_int_equal(Tss2_Tcti_Transmit(c, 9, read_clock), TSS2_TCTI_RC_BAD_VALUE);
	assert_int_equal(Tss2_Tcti_Transmit(c, 4097, read_clock), TSS2_TCTI_RC_BAD_VALUE);
	assert_int_equal(Tss2_Tcti_SetLocality(c, 0), 0);
	assert_int_equal(Tss2_Tcti_SetLocality(c, 3), TSS2_TCTI_RC_NOT_SUPPORTED);
	size = 0;
	assert_int_equal(Tss2_Tcti_GetPollHandles(c, NULL, &size), TSS2_TCTI_RC_NOT_IMPLEMENTED);
	assert_int_equal(Tss2_Tcti_MakeSticky(c, NULL, 0), TSS2_TCTI_RC_NOT_IMPLEMENTED);

	assert_int_equal(Tss2_Tcti_Transmit(c, sizeof(read_clock), read_clock), 0);
	assert_int_equal(Tss2_Tcti_Transmit(c, sizeof(read_clock), read_clock),
			 TSS2_TCTI_RC_BAD_SEQUENCE);
	assert_int_equal(Tss2_Tcti_SetLocality(c, 0), TSS2_TCTI_RC_BAD_SEQUENCE);
	assert_int_equal(Tss2_Tcti_Cancel(c), TSS2_TCTI_RC_NOT_SUPPORTED);
	assert_int_equal(Tss2_Tcti_Receive(c, NULL, rsp, 0), TSS2_TCTI_RC_BAD_REFERENCE);
	assert_int_equal(Tss2_Tcti_Receive(c, &size, rsp, -2), TSS2_TCTI_RC_BAD_VALUE);
	/* The size, then too little room, then all of it. */
	assert_int_equal(Tss2_Tcti_Receive(c, &needed, NULL, TSS2_TCTI_TIMEOUT_BLOCK), 0);
	assert_int_equal(needed, 35);
	size = 10;
	assert_int_equal(Tss2_Tcti_Receive(c, &size, rsp, 0), TSS2_TCTI_RC_INSUFFICIENT_BUFFER);
	assert_int_equal(size, 35);
	assert_int_equal(Tss2_Tcti_Receive(c, &size, rsp, TSS2_TCTI_TIMEOUT_BLOCK), 0);
	assert_int_equal(size, 35);
	assert_memory_equal(rsp, "\x80\x01\0\0\0\x23\0\0\0\0", 10);
	assert_int_equal(Tss2_Tcti_Receive(c, &size, rsp, 0), TSS2_TCTI_RC_BAD_SEQUENCE);
}

static void test_export(void **state)
{
	TSS2_TCTI_CONTEXT *c = calloc(1, tcti_export_size());
	struct tpm_transport *t;
	size_t size = 0;

	(void)state;
	assert_non_null(c);
	assert_int_equal(tpmb_transport_open("libtpms:", &t), 0);
	tcti_export_init(c, t, true);
	check_context(c);
	Tss2_Tcti_Finalize(c);
	Tss2_Tcti_Finalize(c);
	/* Finalizing has closed the transport. */
	assert_int_equal(tpmb_transport_open("libtpms:", &t), 0);
	tcti_export_init(c, t, false);
	TSS2_TCTI_MAGIC(c) = 0;
	assert_int_equal(Tss2_Tcti_Transmit(c, sizeof(read_clock), read_clock),
			 TSS2_TCTI_RC_BAD_CONTEXT);
	assert_int_equal(Tss2_Tcti_Receive(c, &size, NULL, 0), TSS2_TCTI_RC_BAD_CONTEXT);
	tpmb_transport_close(t);
	free(c);
}

#ifndef TPMB_SANITIZED /* tpm2-tss and tpm2-tools load the module without the runtime */

static void test_module(void **state)
{
	TSS2_TCTI_CONTEXT *c = NULL;
	void *module = dlopen("libtss2-tcti-tpmbatch.so.0", RTLD_NOW | RTLD_LOCAL);
	TSS2_TCTI_INIT_FUNC init;
	TSS2_TCTI_INFO *info = NULL;
	size_t size;

	(void)state;
	assert_int_equal(Tss2_TctiLdr_GetInfo("tpmbatch", &info), 0);
	assert_string_equal(info->name, "tcti-tpmbatch");
	Tss2_TctiLdr_FreeInfo(&info);

	assert_non_null(module);
	*(void **)&init = dlsym(module, "Tss2_Tcti_Tpmbatch_Init");
	assert_non_null(init);
	assert_int_equal(init(NULL, NULL, NULL), TSS2_TCTI_RC_BAD_REFERENCE);
	assert_int_equal(init(NULL, &size, NULL), 0);
	assert_true(size > TPMB_TPM_BUFFER_SIZE);
	size--;
	assert_int_equal(init((TSS2_TCTI_CONTEXT *)(void *)&size, &size, NULL),
			 TSS2_TCTI_RC_BAD_VALUE);
	dlclose(module);

	assert_int_equal(Tss2_TctiLdr_Initialize("tpmbatch:libtpms:", &c), 0);
	check_context(c);
	Tss2_TctiLdr_Finalize(&c);
	assert_int_equal(Tss2_TctiLdr_Initialize("tpmbatch", &c), 0);
	check_context(c);
	Tss2_TctiLdr_Finalize(&c);
	assert_int_equal(Tss2_TctiLdr_Initialize("tpmbatch:libtpms:/nonexistent", &c),
			 TSS2_TCTI_RC_IO_ERROR);
}

/* Runs a command line and returns its output; the exit status must be 0. */
static char *output(const char *format, ...) __attribute__((format(printf, 1, 2)));

static char *output(const char *format, ...)
{
	static char text[16384];
	char line[1024];
	va_list args;
	FILE *pipe;
	size_t len;

	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	pipe = popen(line, "r");
	assert_non_null(pipe);
	len = fread(text, 1, sizeof(text) - 1, pipe);
	text[len] = '\0';
	if (pclose(pipe))
		fail_msg("fails: %s", line);
	return text;
}

/* tpm2-tools over the TPM of a TCTI string that keeps its state in @dir. */
static void run_tools(const char *tcti)
{
	assert_non_null(strstr(output("tpm2_getcap -T %s properties-fixed", tcti), "\"2.0\""));
	assert_non_null(strstr(output("tpm2_getcap -T %s pcrs", tcti), "sha256"));
	output("tpm2_pcrextend -T %s 16:sha256=%064d", tcti, 7);
	/* printf '%064d%064d' 0 7 | xxd -r -p | sha256sum */
	assert_non_null(strstr(output("tpm2_pcrread -T %s sha256:16", tcti),
			       "2EBE6807995C988B9D292B535A81546078D93D753A42BF8D15DDCAF2D84BE200"));
	output("tpm2_createprimary -Q -T %s -C e -G ecc -c %s/primary", tcti, dir);
	output("tpm2_create -Q -T %s -C %s/primary -G ecc256:ecdsa-sha256:null -a "
	       "'sign|fixedtpm|fixedparent|"
	       "sensitivedataorigin|userwithauth|restricted' -u %s/pub -r %s/priv",
	       tcti, dir, dir, dir);
	output("tpm2_flushcontext -Q -T %s -t", tcti);
	output("tpm2_load -Q -T %s -C %s/primary -u %s/pub -r %s/priv -c %s/key", tcti, dir, dir,
	       dir, dir);
	output("tpm2_flushcontext -Q -T %s -t", tcti);
	output("tpm2_quote -Q -T %s -c %s/key -l sha256:16 -q abcd -m %s/msg -s %s/sig -o %s/pcrs",
	       tcti, dir, dir, dir, dir);
	output("tpm2_readpublic -Q -T %s -c %s/key -f pem -o %s/key.pem", tcti, dir, dir);
	output("tpm2_checkquote -Q -u %s/key.pem -m %s/msg -s %s/sig -f %s/pcrs -q abcd", dir, dir,
	       dir, dir);
}

static void test_tools(void **state)
{
	static const char *const transports[] = {
		"tpmbatch:libtpms:%s",
		"tpmbatch:chip=slb9670-spi,policy=linux-6.12,state=%s",
		"tpmbatch:tis:chip=slb9665-lpc,state=%s",
		"tpmbatch:nuvoton:chip=npct650-i2c-400k,policy=linux-4.8,state=%s",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(transports); i++) {
		char tcti[160], own[96];

		snprintf(own, sizeof(own), "%s/%zu", dir, i);
		assert_int_equal(mkdir(own, 0700), 0);
		snprintf(tcti, sizeof(tcti), transports[i], own);
		run_tools(tcti);
	}
}

#endif

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_odd, tpm_test_setup, tpm_test_teardown),
		cmocka_unit_test_setup_teardown(test_export, tpm_test_setup, tpm_test_teardown),
#ifndef TPMB_SANITIZED
		cmocka_unit_test_setup_teardown(test_module, tpm_test_setup, tpm_test_teardown),
		cmocka_unit_test_setup_teardown(test_tools, tpm_test_setup, tpm_test_teardown),
#endif
	};

	return cmocka_run_group_tests_name("tcti", tests, NULL, NULL);
}
