/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A simulated TPM, whole: a chip by its profile, its bus, and the driver of a
 * policy, on one clock. What commands mean is the caller's.
 */
#ifndef TPMB_SIM_TPM_H
#define TPMB_SIM_TPM_H

#include "chip.h"
#include "clock.h"
#include "nuvoton.h"
#include "policy.h"
#include "profile.h"
#include "sim_phy.h"
#include "tis.h"

/* Who executes the chip's commands; see struct tpmb_chip_ops. */
struct tpmb_chip_exec {
	uint32_t (*execute)(void *arg, uint8_t locality, const uint8_t *cmd, uint32_t cmd_len,
			    uint8_t *rsp);
	void (*reset)(void *arg); /* may be NULL */
	void *arg;
};

struct tpmb_sim_tpm {
	struct tpmb_profile profile;
	struct tpmb_chip_exec exec;
	struct tpmb_clock *clock;
	struct tpmb_virtual_clock own_clock;
	struct tpmb_chip chip;
	struct tpmb_sim_phy phy;
	struct tpmb_tis tis;	     /* on the TIS map */
	struct tpmb_nuvoton nuvoton; /* on Nuvoton's */
};

/*
 * Powers a simulated TPM on and takes it into use. @sim may not move afterwards.
 *
 * @clock  whose time passes; NULL: a virtual clock of its own
 * @wrap   puts something between driver and bus, and returns it; may be NULL
 *
 * Errors of tpmb_tis_init() and tpmb_nuvoton_init().
 */
int tpmb_sim_tpm_init(struct tpmb_sim_tpm *sim, const struct tpmb_profile *profile,
		      const struct tpmb_policy *policy, const struct tpmb_chip_exec *exec,
		      struct tpmb_clock *clock,
		      struct tis_phy *(*wrap)(void *arg, struct tis_phy *phy), void *wrap_arg);

/* As tpmb_tis_transmit(). */
int tpmb_sim_tpm_transmit(struct tpmb_sim_tpm *sim, const uint8_t *cmd, size_t cmd_len,
			  uint8_t *rsp, size_t *rsp_len);

/* The driver's own counters. */
uint64_t tpmb_sim_tpm_sleeps(const struct tpmb_sim_tpm *sim);

/* What no driver can beat for one command on this chip, in ns. */
struct tpmb_limit {
	/* Payload bytes of command and response at wire speed, and the execution. */
	uint64_t payload_ns;
	/*
	 * The same with what the bus and the TPM profile make unavoidable: frame
	 * heads, GO, one status read that sees the response, commandReady, and
	 * the checksums where the bus has them.
	 */
	uint64_t least_ns;
};

/* @exec_ns: mean execution time. Wire speed is the bus's or the chip's FIFO's, the slower one. */
struct tpmb_limit tpmb_sim_limit(const struct tpmb_profile *profile, size_t cmd_len, size_t rsp_len,
				 uint64_t exec_ns);

#endif
