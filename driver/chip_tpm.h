/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The TPM inside a simulated chip: libtpms, of which a process has one at a
 * time, TPM 1.2 or 2.0. It is fresh from the factory each time.
 */
#ifndef TPMB_CHIP_TPM_H
#define TPMB_CHIP_TPM_H

#include <stdbool.h>

#include "sim_tpm.h"

/* Powers it on. -EBUSY while it is on already; -EIO where libtpms fails. */
int tpmb_chip_tpm_on(bool tpm2, struct tpmb_chip_exec *exec);
void tpmb_chip_tpm_off(void);

#endif
