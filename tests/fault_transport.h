/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A transport that wraps another one and lets commands go wrong, by plan or by
 * seed. The policy: a fault hits one command, as a chip or a cable would, and
 * says by its kind whether the TPM has executed it; the transport's own waits
 * cost no time.
 */
#ifndef TPMB_TESTS_FAULT_TRANSPORT_H
#define TPMB_TESTS_FAULT_TRANSPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct tpm_transport;

enum fault_kind {
	FAULT_RC,    /* not executed; the TPM answers response code @arg */
	FAULT_STORM, /* this and the next @arg - 1 commands: TPM_RC_RETRY, YIELDED or TESTING */
	FAULT_NOMEM, /* not executed: -ENOMEM; the transport lives on */
	FAULT_DIE_BEFORE,  /* not executed: -EIO, and -ENOTCONN from then on */
	FAULT_DIE_AFTER,   /* executed, the response is lost: the same errors */
	FAULT_LOST_BEFORE, /* not executed: -ETIMEDOUT; the transport lives on */
	FAULT_LOST_AFTER,  /* executed, the response is lost: -ETIMEDOUT; the transport lives on */
	FAULT_SHORT,	   /* executed, @arg bytes of the response arrive */
	FAULT_KINDS,
};

struct fault {
	uint64_t at; /* which command, from 0 */
	enum fault_kind kind;
	uint32_t arg;
};

struct fault_stats {
	uint64_t commands; /* that were sent here */
	uint64_t executed; /* that reached the TPM */
	uint64_t faults;   /* commands that a fault has hit */
	uint64_t slept_us;
};

/*
 * Wraps @inner, which stays the caller's and must live longer. @plan is copied
 * and has at most one fault a command. -ENOMEM.
 */
int fault_transport_new(struct tpm_transport *inner, const struct fault *plan, size_t count,
			struct tpm_transport **transport);

/*
 * Adds random faults: @seed picks which of @kinds (a mask of 1 << kind) exist at
 * all, and each command is hit with a chance of @permille in 1000. The same
 * seed and the same commands give the same faults.
 */
void fault_transport_seed(struct tpm_transport *transport, uint64_t seed, unsigned int kinds,
			  unsigned int permille);

/* A dead transport answers again, as after a new connection. */
void fault_transport_revive(struct tpm_transport *transport);

const struct fault_stats *fault_transport_stats(const struct tpm_transport *transport);

#endif
