// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The fault injector between the library and a TPM. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "fault_transport.h"
#include "transport.h"

#define RC_FAILURE 0x101 /* TPM 2.0 Part 2, TPM_RC */
#define RC_YIELDED 0x908
#define RC_TESTING 0x90a
#define RC_RETRY   0x922

#define HEADER_SIZE 10

struct fault_transport {
	struct tpm_transport base;
	struct tpm_transport *inner;
	struct fault_stats stats;
	bool dead;
	uint32_t storm; /* commands that it still hits */
	uint64_t random;
	unsigned int kinds; /* of random faults */
	unsigned int permille;
	size_t count;
	struct fault plan[];
};

/* splitmix64 */
static uint64_t draw(struct fault_transport *ft)
{
	uint64_t z = ft->random += 0x9e3779b97f4a7c15u;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return z ^ z >> 31;
}

static int answer(uint32_t rc, uint8_t *rsp, size_t *rsp_len)
{
	if (*rsp_len < HEADER_SIZE)
		return -EMSGSIZE;
	memset(rsp, 0, HEADER_SIZE);
	rsp[0] = 0x80; /* TPM_ST_NO_SESSIONS */
	rsp[1] = 0x01;
	rsp[5] = HEADER_SIZE;
	for (int i = 0; i < 4; i++)
		rsp[6 + i] = (uint8_t)(rc >> (24 - 8 * i));
	*rsp_len = HEADER_SIZE;
	return 0;
}

static int forward(struct fault_transport *ft, const uint8_t *cmd, size_t cmd_len, uint8_t *rsp,
		   size_t *rsp_len)
{
	ft->stats.executed++;
	return ft->inner->ops->transmit(ft->inner, cmd, cmd_len, rsp, rsp_len);
}

/* A random fault of an allowed kind, with arguments that cover what a TPM might say. */
static bool random_fault(struct fault_transport *ft, struct fault *fault)
{
	static const uint32_t codes[] = {RC_FAILURE, 0x921 /* LOCKOUT */, 0x920 /* NV_RATE */,
					 0x903 /* SESSION_MEMORY */, 0x143 /* COMMAND_CODE */};
	unsigned int kind;

	if (!ft->kinds || draw(ft) % 1000 >= ft->permille)
		return false;
	do
		kind = (unsigned int)(draw(ft) % FAULT_KINDS);
	while (!(ft->kinds & 1u << kind));
	fault->kind = (enum fault_kind)kind;
	fault->arg = (uint32_t)(draw(ft) % HEADER_SIZE);
	if (kind == FAULT_RC)
		fault->arg = codes[draw(ft) % (sizeof(codes) / sizeof(codes[0]))];
	else if (kind == FAULT_STORM)
		fault->arg++;
	return true;
}

static bool planned_fault(const struct fault_transport *ft, uint64_t at, struct fault *fault)
{
	for (size_t i = 0; i < ft->count; i++)
		if (ft->plan[i].at == at) {
			*fault = ft->plan[i];
			return true;
		}
	return false;
}

static int inject(struct fault_transport *ft, const struct fault *fault, const uint8_t *cmd,
		  size_t cmd_len, uint8_t *rsp, size_t *rsp_len)
{
	static const uint32_t again[] = {RC_RETRY, RC_YIELDED, RC_TESTING};
	int ret;

	ft->stats.faults++;
	switch (fault->kind) {
	case FAULT_RC:
		return answer(fault->arg, rsp, rsp_len);
	case FAULT_STORM:
		ft->storm = fault->arg ? fault->arg - 1 : 0;
		return answer(again[ft->stats.commands % 3], rsp, rsp_len);
	case FAULT_NOMEM:
		return -ENOMEM;
	case FAULT_LOST_BEFORE:
		return -ETIMEDOUT;
	case FAULT_DIE_BEFORE:
		ft->dead = true;
		return -EIO;
	case FAULT_DIE_AFTER:
		ft->dead = true;
		ret = forward(ft, cmd, cmd_len, rsp, rsp_len);
		return ret ? ret : -EIO;
	case FAULT_LOST_AFTER:
		ret = forward(ft, cmd, cmd_len, rsp, rsp_len);
		return ret ? ret : -ETIMEDOUT;
	case FAULT_SHORT:
		ret = forward(ft, cmd, cmd_len, rsp, rsp_len);
		if (!ret && *rsp_len > fault->arg)
			*rsp_len = fault->arg;
		return ret;
	case FAULT_KINDS:
		break;
	}
	abort();
}

static int fault_transmit(struct tpm_transport *t, const uint8_t *cmd, size_t cmd_len, uint8_t *rsp,
			  size_t *rsp_len)
{
	struct fault_transport *ft = (struct fault_transport *)t;
	uint64_t at = ft->stats.commands;
	struct fault fault;

	if (ft->dead)
		return -ENOTCONN;
	ft->stats.commands++;
	if (ft->storm) {
		fault = (struct fault){.kind = FAULT_STORM, .arg = ft->storm};
		return inject(ft, &fault, cmd, cmd_len, rsp, rsp_len);
	}
	if (planned_fault(ft, at, &fault) || random_fault(ft, &fault))
		return inject(ft, &fault, cmd, cmd_len, rsp, rsp_len);
	return forward(ft, cmd, cmd_len, rsp, rsp_len);
}

static void fault_sleep_us(struct tpm_transport *t, uint32_t us)
{
	struct fault_transport *ft = (struct fault_transport *)t;

	ft->stats.slept_us += us;
}

static void fault_close(struct tpm_transport *t)
{
	free(t);
}

static const struct tpm_transport_ops fault_ops = {
	.transmit = fault_transmit,
	.sleep_us = fault_sleep_us,
	.close = fault_close,
};

int fault_transport_new(struct tpm_transport *inner, const struct fault *plan, size_t count,
			struct tpm_transport **transport)
{
	struct fault_transport *ft = calloc(1, sizeof(*ft) + count * sizeof(*plan));

	if (!ft)
		return -ENOMEM;
	ft->base.ops = &fault_ops;
	ft->base.name = inner->name;
	ft->inner = inner;
	ft->count = count;
	if (count)
		memcpy(ft->plan, plan, count * sizeof(*plan));
	*transport = &ft->base;
	return 0;
}

void fault_transport_seed(struct tpm_transport *transport, uint64_t seed, unsigned int kinds,
			  unsigned int permille)
{
	struct fault_transport *ft = (struct fault_transport *)transport;

	ft->random = seed;
	ft->kinds = kinds & (unsigned int)draw(ft) & ((1u << FAULT_KINDS) - 1);
	ft->permille = permille;
}

void fault_transport_revive(struct tpm_transport *transport)
{
	struct fault_transport *ft = (struct fault_transport *)transport;

	ft->dead = false;
}

const struct fault_stats *fault_transport_stats(const struct tpm_transport *transport)
{
	return &((const struct fault_transport *)transport)->stats;
}
