// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Times extends on their way to a TPM; see timed_transport.h. */
#include <errno.h>
#include <stdlib.h>
#include <time.h>

#include <tss2/tss2_tpm2_types.h>

#include "lib_private.h"
#include "timed_transport.h"
#include "transport.h"

/* Where the command code is in a command (TPM 2.0 Part 1, "Command Header"). */
#define CODE_OFFSET 6

struct timed {
	struct tpm_transport base;
	struct tpm_transport_ops ops;
	struct tpm_transport *inner;
	size_t count, max;
	struct timed_extend extends[];
};

static int64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static int timed_transmit(struct tpm_transport *t, const uint8_t *cmd, size_t cmd_len, uint8_t *rsp,
			  size_t *rsp_len)
{
	struct timed *timed = (struct timed *)t;
	bool extend = cmd_len >= CODE_OFFSET + 4 &&
		      tpmb_get_u32(cmd + CODE_OFFSET, TPMB_ORDER_BE) == TPM2_CC_PCR_Extend;
	int64_t start_ns = now_ns();
	int ret = timed->inner->ops->transmit(timed->inner, cmd, cmd_len, rsp, rsp_len);

	if (extend && timed->count < timed->max) {
		timed->extends[timed->count].start_ns = start_ns;
		timed->extends[timed->count++].end_ns = now_ns();
	}
	return ret;
}

static void timed_sleep_us(struct tpm_transport *t, uint32_t us)
{
	struct timed *timed = (struct timed *)t;

	timed->inner->ops->sleep_us(timed->inner, us);
}

static void timed_close(struct tpm_transport *t)
{
	struct timed *timed = (struct timed *)t;

	timed->inner->ops->close(timed->inner);
	free(timed);
}

struct tpm_transport *timed_unwrap(struct tpm_transport *transport)
{
	struct tpm_transport *inner = ((struct timed *)transport)->inner;

	free(transport);
	return inner;
}

int timed_transport(struct tpm_transport *inner, size_t max, struct tpm_transport **transport)
{
	struct timed *timed = calloc(1, sizeof(*timed) + max * sizeof(timed->extends[0]));

	if (!timed)
		return -ENOMEM;
	timed->inner = inner;
	timed->max = max;
	timed->ops.transmit = timed_transmit;
	timed->ops.sleep_us = inner->ops->sleep_us ? timed_sleep_us : NULL;
	timed->ops.close = timed_close;
	timed->base.ops = &timed->ops;
	timed->base.name = inner->name;
	timed->base.own = inner->own;
	*transport = &timed->base;
	return 0;
}

const struct timed_extend *timed_extends(const struct tpm_transport *transport, size_t *count)
{
	const struct timed *timed = (const struct timed *)transport;

	*count = timed->count;
	return timed->extends;
}
