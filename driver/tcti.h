/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* TPMs behind a TCTI of tpm2-tss. */
#ifndef TPMB_TCTI_H
#define TPMB_TCTI_H

#include <stdint.h>

struct tpm_transport;

/*
 * The longest wait for a response, in milliseconds. Not the time of an extend:
 * behind a resource manager it waits for other people's commands too, such as
 * the making of an RSA key. It is what Linux grants a command that it knows
 * nothing about (TPM2_DURATION_DEFAULT, 120 s).
 */
#define TCTI_TIMEOUT_MS 120000

/*
 * tcti_transport_open() with a limit of one's own. A command that has no
 * response in time is cancelled; when that brings none either, it ends in
 * -ETIMEDOUT and the transport in -ENOTCONN from then on, since a late answer
 * must not be taken for another command's. TCTIs that neither keep a time-out
 * nor offer something to poll wait without limit: swtpm: and mssim: of tpm2-tss
 * 3.2 do, device: does not.
 */
int tcti_transport_open_timeout(const char *name, uint32_t timeout_ms,
				struct tpm_transport **transport);

#endif
