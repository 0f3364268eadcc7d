/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * tpmbatch: batched TPM PCR extends with IMA measurement lists.
 *
 * Conventions. Functions return 0 or a non-negative result, or a negative
 * errno; the reason in words goes to the message handler. Lengths are in
 * bytes. Pointers passed in stay the caller's; pointers handed out stay valid
 * as each comment says. Unless a comment says otherwise an object is used by
 * one thread at a time, and different objects are independent.
 */
#ifndef TPMBATCH_H
#define TPMBATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* PCRs of a TPM 2.0: 0 to 23 (PC Client Platform TPM Profile, "PCR requirements"). */
#define TPMB_PCR_COUNT 24
/* The largest digest of any bank (SHA-512). */
#define TPMB_DIGEST_MAX 64
/* Name of the record template that nests the members of a batch; see FORMAT.md. */
#define TPMB_TEMPLATE_BATCH "ima-batch"
/* Template data of one batch: default and largest cap. evmctl 1.5 and later refuse more than 4,096.
 */
#define TPMB_BATCH_MAX_DEFAULT 4096
#define TPMB_BATCH_MAX_LIMIT   (1024 * 1024)

/* ---- messages -------------------------------------------------------- */

/* Receives one line, without a newline, for each error. May be called from any thread. */
typedef void (*tpmb_message_fn)(void *arg, const char *line);

/*
 * Sets the process's message handler; NULL drops messages (the default).
 * Call it before other threads use the library.
 */
void tpmb_set_message_handler(tpmb_message_fn handler, void *arg);

/* The library's version, "MAJOR.MINOR.PATCH". Thread-safe. */
const char *tpmb_version(void);

/* ---- banks ------------------------------------------------------------ */

/* PCR banks, in the order of their TPM_ALG_ID (TCG Algorithm Registry). */
enum tpmb_bank {
	TPMB_BANK_SHA1,
	TPMB_BANK_SHA256,
	TPMB_BANK_SHA384,
	TPMB_BANK_SHA512,
	TPMB_BANK_SM3,
	TPMB_BANK_COUNT,
};

#define TPMB_BANK_BIT(bank) (1u << (bank))
#define TPMB_BANKS_ALL	    (TPMB_BANK_BIT(TPMB_BANK_COUNT) - 1)

/* "sha1", "sha256", ... as tpm2-tools and the kernel write it ("sm3_256"); NULL for no bank.
 * Thread-safe. */
const char *tpmb_bank_name(enum tpmb_bank bank);
/* Bytes of a digest; 0 for no bank. Thread-safe. */
size_t tpmb_bank_size(enum tpmb_bank bank);
/* The bank of @name, or -EINVAL. Thread-safe. */
int tpmb_bank_by_name(const char *name);
/* Bit mask of the banks that libcrypto can hash here. Thread-safe. */
unsigned int tpmb_banks_supported(void);

/* ---- reading lists ------------------------------------------------------ */

enum tpmb_format {
	TPMB_FORMAT_AUTO,   /* recognised by the first record */
	TPMB_FORMAT_BINARY, /* binary_runtime_measurements[_ALGO] */
	TPMB_FORMAT_ASCII,  /* ascii_runtime_measurements[_ALGO] */
};

enum tpmb_order {
	TPMB_ORDER_AUTO, /* recognised by the first record */
	TPMB_ORDER_LE,	 /* little-endian: ima_canonical_fmt, and native on most machines */
	TPMB_ORDER_BE,	 /* native on a big-endian machine */
};

/* How a list is written down. */
struct tpmb_list_format {
	enum tpmb_format format;
	enum tpmb_order order;
	int bank; /* bank of the template digest column (enum tpmb_bank), or -1: recognised */
};

/*
 * One record. Pointers are the reader's and last until its next call.
 *
 * @data is the template data as it is hashed: the template's fields, each with
 * its u32 length, in the list's byte order. Legacy "ima" records have no field
 * lengths: @data is the 20-byte digest, a u32 length and the name, as listed.
 */
struct tpmb_record {
	uint64_t number; /* from 1 */
	uint64_t offset; /* bytes from the start of the list to the record */
	uint64_t length; /* bytes of the record in the list, an ASCII newline included */
	uint32_t pcr;
	const uint8_t *digest; /* template digest as listed, of bank @bank */
	size_t digest_len;
	int bank;
	const char *name; /* template name, not NUL-terminated */
	uint32_t name_len;
	const uint8_t *data;
	uint32_t data_len;
	bool has_data;	       /* false: an ASCII line of a template whose data cannot be rebuilt */
	enum tpmb_order order; /* of the lengths in @data; see FORMAT.md for ASCII lists */
};

struct tpmb_list_reader;

/*
 * Opens a list for reading in one pass, with memory bounded by its largest
 * record. @path "-" is standard input. @format may be NULL: everything is
 * recognised. Frees with tpmb_list_reader_close().
 *
 * Errors: those of open(2); -ENOMEM; -EINVAL for a @format with no such bank.
 */
int tpmb_list_reader_open(const char *path, const struct tpmb_list_format *format,
			  struct tpmb_list_reader **reader);
/* The same on a file descriptor, which stays the caller's. @name is for messages and is copied. */
int tpmb_list_reader_fd(int fd, const char *name, const struct tpmb_list_format *format,
			struct tpmb_list_reader **reader);
/*
 * Reads the next record: 1 and *@record, 0 at the end of the list.
 *
 * -ENODATA   the list ends inside a record (its offset is in @record->offset)
 * -EBADMSG   the bytes are no record: a message names offset and expectation
 * -EFBIG     a record larger than any kernel writes
 * -EIO, ...  errors of read(2); -ENOMEM
 *
 * After an error every further call returns the same error.
 */
int tpmb_list_read(struct tpmb_list_reader *reader, struct tpmb_record *record);
/*
 * What was recognised; complete once a record has been read. The byte order of an ASCII list stays
 * AUTO (and records are taken as little-endian) until the digest of a record shows it.
 */
const struct tpmb_list_format *tpmb_list_reader_format(const struct tpmb_list_reader *reader);
void tpmb_list_reader_close(struct tpmb_list_reader *reader); /* NULL is ignored */

/* ---- what a record holds ------------------------------------------------ */

/* An all-zero template digest: the list shows zeros, the PCR was extended with 0xff (Linux IMA). */
bool tpmb_record_is_violation(const struct tpmb_record *record);
bool tpmb_record_is_batch(const struct tpmb_record *record);

/* One member of an ima-batch record; pointers point into the record. */
struct tpmb_member {
	const char *name; /* not NUL-terminated */
	uint32_t name_len;
	const uint8_t *data;
	uint32_t data_len;
};

/* Walks the members of a batch. Its fields are private. */
struct tpmb_member_iter {
	const uint8_t *pos;
	const uint8_t *end;
	uint32_t left;
};

/*
 * Starts a walk over the members of an ima-batch record, after checking the
 * whole record by FORMAT.md: -EBADMSG, with a message that names the offset,
 * when its count or a length does not match. Returns the number of members.
 */
int tpmb_members(const struct tpmb_record *record, struct tpmb_member_iter *iter);
/* True and *@member, or false after the last. */
bool tpmb_member_next(struct tpmb_member_iter *iter, struct tpmb_member *member);

/* One field of template data. */
struct tpmb_field {
	const char *id; /* "d-ng", "n-ng", "sig", ...; NULL where the template is unknown */
	const uint8_t *data;
	uint32_t len;
};

/*
 * Splits template data into its fields: returns their number (at most
 * @max are stored), or -EBADMSG where the lengths do not add up. Unknown
 * templates are split by their lengths alone where that comes out even.
 * Thread-safe.
 */
int tpmb_template_fields(const char *name, uint32_t name_len, const uint8_t *data,
			 uint32_t data_len, enum tpmb_order order, struct tpmb_field *fields,
			 unsigned int max);

/*
 * The digest that a bank's PCR is extended with for template data (no violation). Thread-safe.
 * -EBADMSG where legacy "ima" data is malformed, -ENOTSUP where libcrypto lacks the hash, -ENOMEM,
 * -EIO when libcrypto fails.
 */
int tpmb_template_digest(enum tpmb_bank bank, const char *name, uint32_t name_len,
			 const uint8_t *data, uint32_t data_len, enum tpmb_order order,
			 uint8_t digest[TPMB_DIGEST_MAX]);

/* ---- writing lists ------------------------------------------------------ */

struct tpmb_list_writer;

/*
 * Writes records to @fd (which stays the caller's) in @format, whose AUTOs
 * become binary, this machine's byte order and SHA-1. Buffered: nothing is
 * promised before tpmb_list_writer_flush() has returned 0.
 */
int tpmb_list_writer_new(int fd, const char *name, const struct tpmb_list_format *format,
			 struct tpmb_list_writer **writer);
/*
 * Appends a record: its pcr, name and data, and its digest when @record->bank is the
 * writer's; otherwise the digest is computed (zero for a violation).
 * -EINVAL where a record of another byte order, or without data, cannot be written, or where an
 * ASCII line would not read back as the same record; nothing of it is written then. Errors of
 * write(2) stay: part of what was buffered may be in the file.
 */
int tpmb_list_write(struct tpmb_list_writer *writer, const struct tpmb_record *record);
int tpmb_list_writer_flush(struct tpmb_list_writer *writer);
/* Frees without flushing; NULL is ignored. */
void tpmb_list_writer_free(struct tpmb_list_writer *writer);

/* ---- PCR values and replay ------------------------------------------------- */

/* PCR values of a TPM, or of a replay. A value counts only where its bit in @set[bank] is on. */
struct tpmb_pcrs {
	uint32_t set[TPMB_BANK_COUNT]; /* bit N: PCR N has a value */
	uint8_t value[TPMB_BANK_COUNT][TPMB_PCR_COUNT][TPMB_DIGEST_MAX];
};

/*
 * Reads PCR values as tpm2_pcrread prints them (YAML: bank, PCR, 0x-number).
 * -EBADMSG with the line in a message; errors of open(2) and read(2). Values of SHA-3 banks are
 * skipped. On an error no value is set.
 */
int tpmb_pcrs_load(const char *path, struct tpmb_pcrs *pcrs);
/* Writes them the same way to @fd. */
int tpmb_pcrs_save(int fd, const struct tpmb_pcrs *pcrs);

struct tpmb_replay;

/*
 * Replays a list into the PCRs of @banks (a mask). All PCRs start as they do
 * at a TPM reset: zeros, 17 to 22 ones (PC Client Platform TPM Profile).
 * -EINVAL for no bank, -ENOTSUP for one outside tpmb_banks_supported(), -ENOMEM.
 */
int tpmb_replay_new(unsigned int banks, struct tpmb_replay **replay);
/*
 * Extends by one record. Where the record carries data, its template digest is
 * recomputed first: -EBADMSG when the listed one does not match, for an
 * ima-batch that breaks FORMAT.md, and where the data does not have the form
 * that the template's name stands for (a name is not part of the digest); the
 * record is then extended as listed all the same, so that a caller may go on
 * to see what the PCR says. Unknown template names are no error: whoever judges
 * contents refuses them.
 * -EINVAL for a PCR that no TPM has; -ENOTSUP when a bank cannot be replayed
 * because the record has no data. -EIO when libcrypto fails.
 */
int tpmb_replay_add(struct tpmb_replay *replay, const struct tpmb_record *record);
/*
 * The values so far, of the PCRs that a record has named; without those of a
 * bank that could not follow one of the PCR's records.
 */
void tpmb_replay_pcrs(const struct tpmb_replay *replay, struct tpmb_pcrs *pcrs);
void tpmb_replay_free(struct tpmb_replay *replay);

/* ---- TPMs -------------------------------------------------------------------- */

/* A way to a TPM; see tpmb_transport_open(). */
struct tpm_transport;

/*
 * Opens a TPM by name:
 *   libtpms:        a TPM inside this process, fresh at each opening; one per process
 *   libtpms:DIR     the same, its state kept in DIR across openings
 *   tis:chip=NAME[,policy=POLICY][,state=DIR]      a simulated chip under the project's own
 *   nuvoton:chip=NAME[,policy=POLICY][,state=DIR]  driver, in virtual time
 *   tis:spi=DEVICE[,...], tis:i2c=DEVICE,address=N[,...], nuvoton:i2c=DEVICE,address=N[,...]
 *                   a chip on a board under that driver; see driver/transport_board.h
 *   anything else   a TCTI string of tpm2-tss: swtpm:port=2321, device:/dev/tpmrm0, ...
 * -EBUSY when the process's libtpms is in use; -ENXIO where no TPM answers.
 */
int tpmb_transport_open(const char *name, struct tpm_transport **transport);
void tpmb_transport_close(struct tpm_transport *transport); /* NULL is ignored */

/* Reads @pcr_mask of every active bank (TPM2_PCR_Read, TPM 2.0 Part 3). */
int tpmb_pcr_read(struct tpm_transport *transport, uint32_t pcr_mask, struct tpmb_pcrs *pcrs);

/*
 * Resets @pcr to its start value (TPM2_PCR_Reset, TPM 2.0 Part 3): a list that
 * explained it does so no more. Only 16 and 23, which everybody may reset (PC
 * Client Platform TPM Profile): -EPERM for the others. Not while a session of
 * this transport is open.
 */
int tpmb_pcr_reset(struct tpm_transport *transport, uint32_t pcr);

/* ---- measuring ------------------------------------------------------------------ */

/* A PCR of a TPM and the measurement list that explains it. */
struct tpmb_session;

enum {
	TPMB_SERIAL = 1 << 0,	 /* one extend a measurement under one mutex, as unpatched IMA */
	TPMB_DURABLE = 1 << 1,	 /* fdatasync(2) each record before its extend */
	TPMB_COMMITTER = 1 << 2, /* a thread of its own for tpmb_measure_async() */
	TPMB_FORCE_PCR = 1 << 3, /* allow PCRs 0 to 15 on a TPM that is not the process's own */
};

/* Zero-initialise, set @size to sizeof, then what differs from the defaults. */
struct tpmb_session_options {
	size_t size;
	struct tpm_transport
		*transport; /* required; stays the caller's, used by the session alone */
	const char *list;   /* the list on disk, created where missing; NULL: no list is kept */
	uint32_t pcr;	    /* PCR of measurements that name none */
	uint32_t batch_max; /* cap of a batch's template data; 0: TPMB_BATCH_MAX_DEFAULT */
	unsigned int flags;
};

/*
 * Opens a session: locks the list, cuts a torn tail, rolls an appended but
 * unextended last record forward, and compares the replay with the TPM.
 *
 * -EBUSY     another process holds the list
 * -EBADMSG   the list is damaged before its tail
 * -ESTALE    the TPM was reset since the list was written
 * -EBADE     list and PCR differ otherwise: a message says which bank, PCR and values
 * -EPERM     a PCR in 0 to 15 of a real TPM without TPMB_FORCE_PCR
 * and errors of the file system and the transport.
 */
int tpmb_session_open(const struct tpmb_session_options *options, struct tpmb_session **session);

/* One measurement: template name and template data, as IMA defines them. */
struct tpmb_measurement {
	int pcr;		   /* -1: the session's */
	const char *template_name; /* NUL-terminated */
	const uint8_t *data;	   /* template data, fields with their lengths in native order */
	uint32_t data_len;
	bool violation; /* zero digest in the list, 0xff extended; never nested, never a duplicate
			 */
};

/*
 * Measures: returns when the extend that covers the measurement has succeeded.
 * Waits at most two TPM round trips where what is queued fits one record, k + 2
 * with k full records ahead. Thread-safe: call it from as many threads as there are.
 *
 * 0          measured
 * -EEXIST    measured before, by whomever: the list and the PCR hold it already
 * -EINVAL    no template name, data too long, or no such PCR
 * else       not measured: the TPM's or the file system's error. The same
 *            measurement may be tried again and enters the list once.
 * -EREMOTEIO the TPM answered an error; a message names its code
 */
int tpmb_measure(struct tpmb_session *session, const struct tpmb_measurement *measurement);

/* Called once per tpmb_measure_async(), with what tpmb_measure() would have returned. */
typedef void (*tpmb_measured_fn)(void *arg, int result);

/*
 * Starts a measurement and returns; the data is copied. @done is called from
 * the committer thread, without locks held; it may start measurements and must
 * not wait for one. Thread-safe. An error, -EOPNOTSUPP without TPMB_COMMITTER,
 * -ENOMEM or -EINVAL, means that nothing was started and @done is not called.
 */
int tpmb_measure_async(struct tpmb_session *session, const struct tpmb_measurement *measurement,
		       tpmb_measured_fn done, void *arg);

/*
 * Waits until everything submitted before the call has been committed, and the
 * callbacks of asynchronous measurements have returned; not to be called from
 * one. Thread-safe.
 */
int tpmb_session_flush(struct tpmb_session *session);

/* What a session has done so far. */
struct tpmb_session_stats {
	uint64_t measurements; /* measured: members and records of their own */
	uint64_t duplicates;   /* answered -EEXIST */
	uint64_t records;      /* appended to the list */
	uint64_t batches;      /* of them ima-batch */
	uint64_t extends;      /* extends that succeeded */
	uint64_t errors;       /* measurements that ended in an error */
};

/* Thread-safe. */
void tpmb_session_stats(struct tpmb_session *session, struct tpmb_session_stats *stats);

/* Flushes, unlocks and frees. Nobody may be in tpmb_measure(). Returns the first error, if any. */
int tpmb_session_close(struct tpmb_session *session); /* NULL is ignored */

/*
 * Builds "ima-ng" template data in @data (room @size): d-ng of @algo ("sha256")
 * and @digest, n-ng of @path. As IMA does, each space in the path becomes an
 * underscore. Returns its length, or -EINVAL, -EOVERFLOW. Thread-safe.
 */
int tpmb_ima_ng(const char *algo, const uint8_t *digest, size_t digest_len, const char *path,
		uint8_t *data, size_t size);

#ifdef __cplusplus
}
#endif

#endif
