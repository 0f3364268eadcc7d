// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * What one idle caller pays (contract C4): the extend alone, the same extend
 * through the engine, and whole sessions, serial and batched. On the TPM in
 * this process, and on an swtpm whose extend takes 5 ms.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "engine.h"
#include "gbench.h"
#include "lib_private.h"
#include "micro.h"
#include "swtpm.h"
#include "tpm.h"

#define PCR		 16
#define SWTPM_EXEC_US	 "5000"
#define SESSION_MEASURES 10000
/* As a member of a batch: 48 bytes of path in ima-ng. */
#define MEMBER_SIZE 120

struct extender {
	struct tpmb_engine engine;
	bool slow; /* an swtpm of SWTPM_EXEC_US instead of libtpms */
	struct swtpm swtpm;
	struct tpm_transport *tpm;
	unsigned int banks;
	uint8_t digests[TPMB_BANK_COUNT][TPMB_DIGEST_MAX];
};

static const char *delay_module;

static int open_tpm(struct extender *x)
{
	static const char *const env[] = {"TPMB_EXEC_US=" SWTPM_EXEC_US, NULL};
	struct swtpm_options options = {.preload = delay_module, .env = env};
	int ret = 0;

	if (x->slow)
		ret = swtpm_start(&x->swtpm, &options);
	if (!ret)
		ret = tpmb_transport_open(x->slow ? x->swtpm.tcti : "libtpms:", &x->tpm);
	if (!ret)
		ret = tpm_pcr_banks(x->tpm, PCR, &x->banks);
	return ret;
}

static void close_tpm(struct extender *x)
{
	tpmb_transport_close(x->tpm);
	x->tpm = NULL;
	if (x->slow)
		swtpm_stop(&x->swtpm);
}

static int extend(struct extender *x)
{
	return tpm_extend(x->tpm, PCR, x->banks, (const uint8_t(*)[TPMB_DIGEST_MAX])x->digests);
}

static int commit(struct tpmb_engine *engine, struct list_head *batch, u32 count)
{
	(void)batch;
	(void)count;
	return extend(container_of(engine, struct extender, engine));
}

static const struct tpmb_engine_ops ops = {.commit = commit};

static int open_pair(void *arg)
{
	struct extender *x = arg;

	tpmb_engine_init(&x->engine, &ops, TPMB_BATCH_MAX_DEFAULT);
	return open_tpm(x);
}

static void close_pair(void *arg)
{
	close_tpm(arg);
}

static int extend_bare(void *arg, unsigned int n)
{
	int ret = 0;

	while (n-- && !ret)
		ret = extend(arg);
	return ret;
}

static int extend_by_engine(void *arg, unsigned int n)
{
	struct extender *x = arg;
	int ret = 0;

	while (n-- && !ret) {
		struct tpmb_request req;

		tpmb_request_init(&req);
		req.pcr = PCR;
		req.member_size = MEMBER_SIZE;
		ret = tpmb_engine_submit(&x->engine, &req);
	}
	return ret;
}

/* ---- two sessions without a list, on one TPM and in one thread ---- */

static struct {
	struct tpm_transport *tpm;
	struct tpmb_session *serial, *batched;
	uint64_t number;
} twins;

static int open_twins(void *arg)
{
	struct tpmb_session_options options = {.size = sizeof(options), .pcr = PCR};
	int ret = tpmb_transport_open("libtpms:", &twins.tpm);

	(void)arg;
	options.transport = twins.tpm;
	if (!ret)
		ret = tpmb_session_open(&options, &twins.batched);
	options.flags = TPMB_SERIAL;
	if (!ret)
		ret = tpmb_session_open(&options, &twins.serial);
	return ret;
}

static void close_twins(void *arg)
{
	(void)arg;
	tpmb_session_close(twins.serial);
	tpmb_session_close(twins.batched);
	tpmb_transport_close(twins.tpm);
	memset(&twins, 0, sizeof(twins));
}

static int measure_each(struct tpmb_session *session, unsigned int n)
{
	struct tpmb_measurement m = {.pcr = -1, .template_name = "ima-ng"};
	uint8_t data[IMA_NG_SIZE];
	int ret = 0;

	m.data = data;
	m.data_len = make_ima_ng(0, data);
	while (n-- && !ret) {
		renumber_ima_ng(twins.number++, data);
		ret = tpmb_measure(session, &m);
	}
	return ret;
}

static int measure_serially(void *arg, unsigned int n)
{
	(void)arg;
	return measure_each(twins.serial, n);
}

static int measure_batched(void *arg, unsigned int n)
{
	(void)arg;
	return measure_each(twins.batched, n);
}

/* ---- whole sessions: keys, the list and the hashes included ---- */

static struct {
	struct tpm_transport *tpm;
	struct tpmb_session *session;
	char list[64];
} home;

static int open_session(unsigned int flags)
{
	struct tpmb_session_options options = {
		.size = sizeof(options),
		.list = home.list,
		.pcr = PCR,
		.flags = flags,
	};
	int fd, ret;

	strcpy(home.list, "/tmp/tpmb-micro-XXXXXX");
	fd = mkstemp(home.list);
	if (fd < 0)
		return -1;
	close(fd);
	ret = tpmb_transport_open("libtpms:", &home.tpm);
	options.transport = home.tpm;
	if (!ret)
		ret = tpmb_session_open(&options, &home.session);
	return ret;
}

static int close_session(void)
{
	int ret = tpmb_session_close(home.session);

	tpmb_transport_close(home.tpm);
	unlink(home.list);
	memset(&home, 0, sizeof(home));
	return ret;
}

static void session(struct gbench_state *state, unsigned int flags)
{
	struct tpmb_measurement m = {.pcr = -1, .template_name = "ima-ng"};
	uint8_t data[IMA_NG_SIZE];
	uint64_t number = (uint64_t)gbench_thread(state) << 32;

	m.data = data;
	m.data_len = make_ima_ng(number, data);
	if (!gbench_thread(state) && open_session(flags))
		gbench_skip(state, "the session does not open");
	while (gbench_keep_running(state)) {
		renumber_ima_ng(number++, data);
		if (tpmb_measure(home.session, &m)) {
			gbench_skip(state, "a measurement failed");
			break;
		}
	}
	gbench_items(state, gbench_iterations(state));
	if (!gbench_thread(state) && close_session())
		gbench_skip(state, "the session does not close");
}

static void session_serial(struct gbench_state *state, void *arg)
{
	(void)arg;
	session(state, TPMB_SERIAL);
}

static void session_batched(struct gbench_state *state, void *arg)
{
	(void)arg;
	session(state, 0);
}

static void add_session(const char *name, gbench_fn fn)
{
	struct gbench *bench = gbench_register(name, fn, NULL);

	gbench_fix_iterations(bench, SESSION_MEASURES);
	gbench_on_threads(bench, 1);
	gbench_use_real_time(bench);
	gbench_unit(bench, GBENCH_US);
	bench = gbench_register(name, fn, NULL);
	gbench_fix_iterations(bench, SESSION_MEASURES / 16);
	gbench_on_threads(bench, 16);
	gbench_use_real_time(bench);
	gbench_unit(bench, GBENCH_US);
}

void register_tpm(const char *module)
{
	static struct extender libtpms, slow = {.slow = true};
	static const struct pair pairs[] = {
		{
			.name = "pair/extend/libtpms",
			.what = "engine over a bare extend, one caller, libtpms "
				"(C4: less than 1 us)",
			.open = open_pair,
			.close = close_pair,
			.base = extend_bare,
			.tested = extend_by_engine,
			.arg = &libtpms,
			.block = 20,
			.blocks = 4000,
		},
		{
			.name = "pair/session/libtpms",
			.what = "batched session over a serial one, one caller, libtpms",
			.open = open_twins,
			.close = close_twins,
			.base = measure_serially,
			.tested = measure_batched,
			.block = 20,
			.blocks = 2000,
		},
		{
			.name = "pair/extend/swtpm_5ms",
			.what = "engine over a bare extend, one caller, swtpm of 5 ms "
				"(C4: less than 1 %)",
			.open = open_pair,
			.close = close_pair,
			.base = extend_bare,
			.tested = extend_by_engine,
			.arg = &slow,
			.block = 1,
			.blocks = 300,
		},
	};

	delay_module = module;
	for (size_t i = 0; i < ARRAY_SIZE(pairs); i++)
		register_pair(&pairs[i]);
	add_session("session/libtpms/serial", session_serial);
	add_session("session/libtpms/batched", session_batched);
}
