/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The driver of Nuvoton's I2C chips (NPCT501, NPCT6xx), which have a register
 * map of their own. Rules as in tis.h; there is no locality to hold.
 */
#ifndef TPMB_NUVOTON_H
#define TPMB_NUVOTON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "exec_time.h"
#include "phases.h"
#include "policy.h"
#include "tis_phy.h"
#include "timer.h"

struct tpmb_nuvoton {
	struct tis_phy *phy;
	struct tpmb_policy policy;
	struct tpmb_timer timer;
	bool tpm2;
	uint32_t floor_us; /* no status poll is faster */
	bool learn_burst_off;
	uint32_t regular;     /* commands in a row that never waited before GO */
	uint32_t burst_bytes; /* the smallest first burst count of those */
	uint32_t whole;	      /* responses in a row that came in one piece */
	bool waited;	      /* this command did */
	struct tpmb_exec_times times;
	struct tpmb_phases phases; /* of the last command */

	/* What happened so far; see tis.h. */
	uint64_t resends;
	uint64_t rereads;
	uint64_t fallbacks;
};

/* As tpmb_tis_init(). */
int tpmb_nuvoton_init(struct tpmb_nuvoton *nuvoton, struct tis_phy *phy, struct tpmb_clock *clock,
		      const struct tpmb_policy *policy, bool tpm2);
/* As tpmb_tis_transmit(). */
int tpmb_nuvoton_transmit(struct tpmb_nuvoton *nuvoton, const uint8_t *cmd, size_t cmd_len,
			  uint8_t *rsp, size_t *rsp_len);

#endif
