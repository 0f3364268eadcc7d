/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The driver of the FIFO interface ("TIS") of the TCG PC Client Platform TPM
 * Profile, in polled mode, over any phy and under any policy.
 *
 * One task at a time. A command is sent again only before GO was written:
 * a repeated extend changes the PCR.
 */
#ifndef TPMB_TIS_H
#define TPMB_TIS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "exec_time.h"
#include "phases.h"
#include "policy.h"
#include "tis_phy.h"
#include "timer.h"

struct tpmb_tis {
	struct tis_phy *phy;
	struct tpmb_policy policy;
	struct tpmb_timer timer;
	bool tpm2;
	uint16_t vendor_id;
	uint16_t device_id;
	uint32_t floor_us;	 /* no poll for VALID or commandReady is faster */
	uint32_t other_floor_us; /* nor any other; the kernel's minimum is for those alone */
	uint32_t timeout_ms[4];	 /* A to D */

	bool holding;		 /* locality 0 is ours, as far as we know */
	bool full_send_off;	 /* it failed once on this chip */
	bool learn_burst_off;	 /* the same */
	bool dirty;		 /* the chip may still hold a command that failed before GO */
	bool burst_zero;	 /* this chip shows no burst count for responses */
	uint32_t regular;	 /* commands in a row that never waited before GO */
	uint32_t burst_bytes;	 /* the smallest first burst count of those */
	bool waited;		 /* this command did */
	uint32_t response_burst; /* seen together with dataAvail; 0: not */
	struct tpmb_exec_times times;
	struct tpmb_phases phases; /* of the last command */

	/* What happened so far. */
	uint64_t resends;   /* commands begun anew, before GO */
	uint64_t rereads;   /* responses read again */
	uint64_t fallbacks; /* ways of sending or reading that were given up for this chip */
};

/*
 * Takes a chip into use. @tpm2: which family it is; Linux finds out by asking.
 *
 * -ENODEV   no chip answers, or one that is not ready within timeout A
 * -EINVAL   no policy for this machine
 * and errors of the bus, all with a message that names the register.
 */
int tpmb_tis_init(struct tpmb_tis *tis, struct tis_phy *phy, struct tpmb_clock *clock,
		  const struct tpmb_policy *policy, bool tpm2);

/*
 * Sends a command and receives its response; *rsp_len is room on entry.
 *
 * -EBUSY      no locality, or no burst count
 * -ETIME      the chip did not get ready, valid or done in time
 * -EIO        what was sent did not arrive, or the response is nonsense
 * -ECANCELED  the chip dropped the command
 * -EMSGSIZE   no room for the response
 * and errors of the bus. Before GO nothing was executed; after it, it may have been.
 */
int tpmb_tis_transmit(struct tpmb_tis *tis, const uint8_t *cmd, size_t cmd_len, uint8_t *rsp,
		      size_t *rsp_len);

/* Gives up a held locality: on idle, suspend and shutdown, or when somebody else wants the chip. */
void tpmb_tis_idle(struct tpmb_tis *tis);

#endif
