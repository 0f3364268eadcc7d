/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A TPM inside the process: libtpms, which keeps all its state in static
 * variables, so that there is one at a time. libtpms_power_on() hands it out;
 * the functions below may then be called from any thread, one at a time.
 *
 * This is the bare TPM: it wants a Startup command first, and it has no timing.
 * The transport "libtpms:" and the simulated chips both stand on it.
 */
#ifndef TPMB_LIBTPMS_H
#define TPMB_LIBTPMS_H

#include <stddef.h>
#include <stdint.h>

enum libtpms_version {
	LIBTPMS_TPM12,
	LIBTPMS_TPM20,
};

struct libtpms;

/*
 * Powers the process's TPM on. With @dir NULL it is fresh from the factory and
 * forgotten at power off. Otherwise @dir, which must exist, keeps its state:
 *
 *   VERSION.permanent  written whenever the TPM writes its non-volatile memory
 *   VERSION.volatile   written by libtpms_suspend(), and removed here once it is
 *                      read: a process that dies is a TPM that lost power
 *
 * with VERSION "tpm12" or "tpm20". @resumed, which may be NULL, tells whether
 * volatile state was found: the TPM then goes on where it was suspended and
 * wants no Startup.
 *
 * -EBUSY     the process's TPM is in use, or another process's uses @dir
 * -EBADMSG   the state is not what libtpms accepts
 * -EIO       libtpms fails; else errors of the file system. All with a message.
 */
int libtpms_power_on(enum libtpms_version version, const char *dir, struct libtpms **tpm,
		     int *resumed);

/*
 * Executes a command. @rsp_len is room on entry, the response's length on
 * success. @cmd is copied. -EMSGSIZE: no room for the response of a command
 * that has been executed, or a command longer than TPMB_TPM_BUFFER_SIZE, which
 * has not; -EIO: libtpms fails.
 */
int libtpms_execute(struct libtpms *tpm, const uint8_t *cmd, size_t cmd_len, uint8_t *rsp,
		    size_t *rsp_len);

/* Commands from now on come from @locality, 0 to 4. Power-on sets 0. */
void libtpms_set_locality(struct libtpms *tpm, uint8_t locality);

/*
 * Takes the power away and gives it back: what is not in non-volatile memory is
 * lost and the TPM wants a Startup. -EIO, after which only power off is left.
 */
int libtpms_reset(struct libtpms *tpm);

/*
 * Powers off, keeping the volatile state in the directory: the next power-on
 * resumes. Without a directory the same as libtpms_power_off(). Returns an
 * error where the state could not be kept; the TPM is off in any case.
 */
int libtpms_suspend(struct libtpms *tpm);
void libtpms_power_off(struct libtpms *tpm);

#endif
