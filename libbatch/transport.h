/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * How a command reaches a TPM. The library commits through this interface;
 * driver/ implements it and opens implementations by name.
 *
 * A transport is used by one task at a time: the engine's commit lock, or the
 * caller, sees to that.
 */
#ifndef TPMB_TRANSPORT_H
#define TPMB_TRANSPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The largest command or response the project moves, in bytes (TPM 2.0 parts: 4,096 at most). */
#define TPMB_TPM_BUFFER_SIZE 4096

struct tpm_transport;

struct tpm_transport_ops {
	/*
	 * Sends one whole command and receives its whole response. On entry
	 * *rsp_len is the room at @rsp in bytes, on success the response's
	 * length: at least the 10 bytes of a response header, and what its
	 * size field says. A TPM's own error code is a response, not an error
	 * of this call.
	 *
	 * Returns 0, or a negative errno when no whole response arrived; the
	 * command may have been executed all the same.
	 */
	int (*transmit)(struct tpm_transport *t, const uint8_t *cmd, size_t cmd_len, uint8_t *rsp,
			size_t *rsp_len);
	/*
	 * Waits, on the transport's own clock (virtual for a simulated chip).
	 * NULL: real time.
	 */
	void (*sleep_us)(struct tpm_transport *t, uint32_t us);
	/* Gives up the TPM and frees @t. */
	void (*close)(struct tpm_transport *t);
};

/* First member of each implementation's own structure. */
struct tpm_transport {
	const struct tpm_transport_ops *ops;
	const char *name; /* as it was opened, for messages; owned by the implementation */
	/*
	 * The TPM is a program's or a model's: nobody's boot and nobody's secrets
	 * hang on its PCRs, and 0 to 15 need not be protected.
	 */
	bool own;
};

#endif
