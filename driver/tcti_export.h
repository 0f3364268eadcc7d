/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The way back: a transport of this project as a TCTI context of tpm2-tss. */
#ifndef TPMB_TCTI_EXPORT_H
#define TPMB_TCTI_EXPORT_H

#include <stdbool.h>
#include <stddef.h>

#include <tss2/tss2_tcti.h>

struct tpm_transport;

/* Bytes of a context. */
size_t tcti_export_size(void);

/*
 * Makes @context, which is the caller's memory of tcti_export_size() bytes, a
 * TCTI over @transport. Finalizing it closes the transport when @owned.
 *
 * Transmit executes the command and waits for its response; receive hands the
 * response out, after telling its size when asked with a NULL buffer.
 * Localities other than 0 and cancelling are not supported.
 */
void tcti_export_init(TSS2_TCTI_CONTEXT *context, struct tpm_transport *transport, bool owned);

#endif
