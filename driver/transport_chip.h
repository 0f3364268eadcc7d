/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Transports over a simulated chip, with a TPM of libtpms in it:
 *
 *   tis:chip=NAME[,policy=POLICY][,state=DIR]
 *   nuvoton:chip=NAME[,policy=POLICY][,state=DIR]
 *   chip=NAME[,...]         whichever of the two register maps the chip has
 *
 * NAME as tpmb_profile_find() has it, POLICY as tpmb_policy_parse() has it,
 * "tpmbatch" where it is not given. DIR keeps the TPM's state, PCRs and all,
 * from one opening to the next; without it the TPM is fresh. Time is virtual.
 */
#ifndef TPMB_TRANSPORT_CHIP_H
#define TPMB_TRANSPORT_CHIP_H

#include <stdbool.h>

#include "clock.h"
#include "phases.h"

struct tpm_transport;

/*
 * Opens the transport; @args is what follows the colon. The TPM has been started. Arguments that
 * name a board go to transport_board.h.
 *
 * -EINVAL  unknown, missing or contradicting arguments, a bad profile or policy
 * -EBUSY   the process's libtpms is in use
 * and errors of the drivers, all with a message.
 */
int tpmb_transport_open_tis(const char *args, struct tpm_transport **transport);
int tpmb_transport_open_nuvoton(const char *args, struct tpm_transport **transport);

/* The same on somebody else's clock, either map. @scheme is for messages. */
int tpmb_transport_open_chip(const char *scheme, const char *args, struct tpmb_clock *clock,
			     struct tpm_transport **transport);

/* The clock of a transport that one of these opened. */
struct tpmb_clock *tpmb_transport_chip_clock(struct tpm_transport *transport);

/* As tpmb_transport_phases(); false for a transport that none of these opened. */
bool tpmb_transport_chip_phases(struct tpm_transport *transport, struct tpmb_phases *phases);

#endif
