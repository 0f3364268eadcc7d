/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Transports to a chip on a board, through the project's own drivers:
 *
 *   tis:spi=DEVICE[,speed_hz=N][,family=1.2|2.0][,policy=POLICY]
 *   tis:i2c=DEVICE,address=N[,...]       TCG's I2C
 *   nuvoton:i2c=DEVICE,address=N[,...]
 *
 * speed_hz is 1,000,000, family 2.0, and POLICY "tpmbatch" where they are not
 * given. Sleeps are the machine's, so that a policy's HZ and wheel mean nothing
 * here. The kernel's own driver must not be bound to the chip.
 */
#ifndef TPMB_TRANSPORT_BOARD_H
#define TPMB_TRANSPORT_BOARD_H

#include <stdbool.h>

#include "phases.h"

struct tpm_transport;

/* Whether @args name a board. */
bool tpmb_transport_is_board(const char *args);
/* -EINVAL for bad arguments; errors of the device and the drivers; all with a message. */
int tpmb_transport_open_board(const char *scheme, const char *args, bool nuvoton,
			      struct tpm_transport **transport);
/* As tpmb_transport_phases(); false for a transport that this did not open. */
bool tpmb_transport_board_phases(struct tpm_transport *transport, struct tpmb_phases *phases);

#endif
