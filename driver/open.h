/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What the implementations of struct tpm_transport offer to tpmb_transport_open(). */
#ifndef TPMB_OPEN_H
#define TPMB_OPEN_H

struct tpm_transport;

/*
 * Opens @name, of which @conf is what follows the scheme's colon. On success
 * the TPM has answered, or has been started, and *@transport is ready for
 * commands. Errors as tpmb_transport_open() lists them, with a message.
 */
typedef int (*tpm_transport_open_fn)(const char *name, const char *conf,
				     struct tpm_transport **transport);

/* "libtpms:[DIR]", see libtpms.h. */
int libtpms_transport_open(const char *name, const char *conf, struct tpm_transport **transport);
/* Any TCTI string; @conf is not used. */
int tcti_transport_open(const char *name, const char *conf, struct tpm_transport **transport);

#endif
