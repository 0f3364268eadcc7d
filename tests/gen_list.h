/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Synthetic measurement lists and the PCR values that explain them. Lists,
 * digests and PCRs are made here without the library's own encoders, so that
 * tests compare two things that were written apart.
 */
#ifndef TPMB_TESTS_GEN_LIST_H
#define TPMB_TESTS_GEN_LIST_H

#include "tpmbatch.h"

/* Bits of the template mix. */
enum gen_template {
	GEN_IMA_NG,
	GEN_IMA_NGV2,
	GEN_IMA_SIG,
	GEN_IMA_SIGV2,
	GEN_IMA_BUF,
	GEN_IMA_MODSIG,
	GEN_EVM_SIG,
	GEN_CUSTOM,  /* a format string as the name */
	GEN_LEGACY,  /* "ima"; never a member of a batch */
	GEN_UNKNOWN, /* a name no verifier knows; binary lists only */
	GEN_TEMPLATE_COUNT,
};

#define GEN_BIT(template) (1u << (template))
/* Everything that an ASCII list can show. */
#define GEN_SHOWN (GEN_BIT(GEN_UNKNOWN) - 1)
#define GEN_ALL	  (GEN_BIT(GEN_TEMPLATE_COUNT) - 1)

struct gen_options {
	unsigned long records;
	struct tpmb_list_format format; /* AUTOs: binary, little-endian, SHA-1 */
	unsigned int templates;		/* mix, bits of enum gen_template; 0: ima-ng */
	unsigned int batch_members;	/* 2 or more: every record but legacy ones is a batch */
	unsigned int batch_every;	/* with batch_members: only each Nth record is one */
	unsigned int violation_every;	/* each Nth record is a violation; 0: none */
	uint32_t pcr_mask;		/* PCRs that records name, at random; 0: PCR 10 */
	uint64_t seed;
};

/* Writes the list to @fd and fills in *@pcrs (may be NULL): 0 or a negative errno. */
int gen_list(const struct gen_options *options, int fd, struct tpmb_pcrs *pcrs);

/* "ima-ng", ...: the bit of a template by its name in the mix, or -1. */
int gen_template_by_name(const char *name);

#endif
