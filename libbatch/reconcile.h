/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Brings a list on disk and the PCRs of a TPM together, after a crash or an
 * extend that failed.
 *
 * The list is replayed. What it can end in, and what is done about it:
 *
 *   a record that is not all there,     cut: it was appended before its extend
 *   and the PCRs are as before it
 *   a whole last record, and its PCR    extended now
 *   is as before it
 *   the PCRs are as after it            nothing
 *
 * Anything else is an error that says what differs, and changes nothing.
 */
#ifndef TPMB_RECONCILE_H
#define TPMB_RECONCILE_H

#include "bank.h"
#include "seen.h"
#include "wal.h"

struct tpm_transport;

/*
 * @pcr is the session's: the TPM has to have a bank for it. @batch_max is the
 * largest batch that may have been torn. Every measurement of the list is
 * added to @seen. *@rolled_forward: the last record was extended.
 *
 * -EBADMSG, -ESTALE, -EBADE as tpmb_session_open() says; errors of the TPM, of
 * the file system; -ENOMEM.
 */
int tpmb_reconcile(struct tpmb_wal *wal, struct tpm_transport *transport, uint32_t pcr,
		   uint32_t batch_max, struct tpmb_seen *seen, bool *rolled_forward);

/*
 * The key by which a measurement is known: its SHA-256 template digest.
 * Errors of tpmb_template_hash().
 */
int tpmb_measurement_key(struct tpmb_hash *hash, const char *name, uint32_t name_len,
			 const uint8_t *data, uint32_t data_len, uint8_t key[TPMB_KEY_SIZE]);

/* What a record extends each bank by: its template digests, or 0xff for a violation. */
int tpmb_extend_digests(struct tpmb_hash *hash, unsigned int banks, const char *name,
			uint32_t name_len, const uint8_t *data, uint32_t data_len, bool violation,
			struct tpmb_digests *digests);

#endif
