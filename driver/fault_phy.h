/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A bus that fails: what stands between a driver and a simulated chip in the
 * fault tests. A seed picks which faults exist in a run and how often.
 *
 * Fault policy:
 *   flip         one bit of a control register, on its way in or out. FIFO
 *                data is flipped only on a bus with TPM_DATA_CSUM: no other
 *                bus can tell, neither here nor in life
 *   valid stuck  VALID is 0 in every status read for a while
 *   burst 0      the burst count is 0 in every read for a while
 *   nack         an access fails; a write may have reached the chip all the same
 *   reset        the chip loses power and gets it back, at most once in a run
 */
#ifndef TPMB_FAULT_PHY_H
#define TPMB_FAULT_PHY_H

#include <stdbool.h>

#include "chip.h"
#include "tis_phy.h"

enum tpmb_fault {
	TPMB_FAULT_FLIP,
	TPMB_FAULT_VALID_STUCK,
	TPMB_FAULT_BURST_ZERO,
	TPMB_FAULT_NACK,
	TPMB_FAULT_RESET,
	TPMB_FAULT_COUNT,
};

struct tpmb_fault_phy {
	struct tis_phy phy;
	struct tis_phy *inner;
	struct tpmb_chip *chip;
	bool armed; /* faults happen */
	uint64_t random;
	uint32_t one_in[TPMB_FAULT_COUNT]; /* accesses, on average; 0: never */
	uint32_t stuck_left;		   /* accesses for which VALID stays 0 */
	uint32_t zero_left;		   /* ... and the burst count */
	bool was_reset;
	uint64_t count[TPMB_FAULT_COUNT]; /* that happened */
};

/* Starts disarmed. @inner and @chip must outlive it. */
void tpmb_fault_phy_init(struct tpmb_fault_phy *fault, struct tis_phy *inner,
			 struct tpmb_chip *chip, uint64_t seed);

#endif
