/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A transport around another one that notes when each TPM2_PCR_Extend began and ended. */
#ifndef TPMB_TIMED_TRANSPORT_H
#define TPMB_TIMED_TRANSPORT_H

#include <stddef.h>
#include <stdint.h>

struct tpm_transport;

struct timed_extend {
	int64_t start_ns, end_ns; /* CLOCK_MONOTONIC */
};

/*
 * Wraps @inner, which belongs to the new transport from then on. Extends beyond
 * @max are carried out, but not noted. 0 or -ENOMEM.
 */
int timed_transport(struct tpm_transport *inner, size_t max, struct tpm_transport **transport);
/* Ends the timing: frees @transport and hands @inner back. */
struct tpm_transport *timed_unwrap(struct tpm_transport *transport);
/* What was noted, in order; stays the transport's. Nobody may be using it. */
const struct timed_extend *timed_extends(const struct tpm_transport *transport, size_t *count);

#endif
