/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The TPM inside a simulated chip: libtpms, of which a process has one at a
 * time, TPM 1.2 or 2.0.
 */
#ifndef TPMB_CHIP_TPM_H
#define TPMB_CHIP_TPM_H

#include <stdbool.h>

#include "sim_tpm.h"

/* Powers it on, fresh from the factory. Errors of libtpms_power_on(). */
int tpmb_chip_tpm_on(bool tpm2, struct tpmb_chip_exec *exec);
/* Forgets it. */
void tpmb_chip_tpm_off(void);

/*
 * The same with its state in @dir. *@resumed: it goes on where it was
 * suspended, and wants no Startup.
 */
int tpmb_chip_tpm_resume(bool tpm2, const char *dir, struct tpmb_chip_exec *exec, bool *resumed);
/* Keeps its state, PCRs and all, in the directory it was resumed from. 0, or why it is lost. */
int tpmb_chip_tpm_suspend(void);

#endif
