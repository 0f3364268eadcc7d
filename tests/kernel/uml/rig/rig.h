/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A TPM chip inside a UML kernel: driver/'s chip model on driver/'s bus model,
 * in the kernel's virtual time, under the kernel's own drivers. Test-only.
 *
 * "tpmb_rig.profile=NAME" on the command line says which chip; it is there
 * before IMA looks for one.
 */
#ifndef TPMB_RIG_H
#define TPMB_RIG_H

#include <linux/types.h>

#include "chip.h"
#include "sim_phy.h"

struct rig_profile {
	const char *name;
	struct tpmb_chip_profile chip;
	struct tpmb_bus bus;
};

/* Generated from driver/profiles; the last has no name. */
extern const struct rig_profile rig_profiles[];

struct rig {
	const struct rig_profile *profile;
	struct tpmb_clock clock;
	struct tpmb_chip chip;
	struct tpmb_sim_phy sim;
	u64 reads; /* register accesses of the driver so far */
	u64 writes;
};

/* The one chip of this kernel; profile is NULL where there is none. */
extern struct rig rig;

/* Virtual time. Looking at it takes none. */
u64 rig_now_ns(void);

int rig_read(u32 reg, u8 *data, size_t len);
int rig_write(u32 reg, const u8 *data, size_t len);

/* Takes the chip into use by the kernel's driver for its bus. */
int rig_tis_register(void);
int rig_nuvoton_register(void);
int rig_crb_register(void);

/* The chip is behind tpm_crb, whatever the profile's own interface is. */
extern unsigned int rig_crb;

/* The TPM inside: what commands mean. See struct tpmb_chip_ops. */
int rig_tpm_init(bool tpm2);
void rig_tpm_reset(void *arg);
u32 rig_tpm_execute(void *arg, u8 locality, const u8 *cmd, u32 cmd_len, u8 *rsp);

#define RIG_SHA1_SIZE	20
#define RIG_SHA256_SIZE 32
#define RIG_PCRS	24

/* value = hash(value | digest) */
void rig_extend_sha1(u8 *value, const u8 *digest);
void rig_extend_sha256(u8 *value, const u8 *digest);
/* A PCR, past the driver. */
const u8 *rig_pcr_sha1(unsigned int pcr);
const u8 *rig_pcr_sha256(unsigned int pcr);

#endif
