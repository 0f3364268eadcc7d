/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What the time of a command went to, for transports whose driver is the project's own. */
#ifndef TPMB_PHASES_H
#define TPMB_PHASES_H

#include <stdbool.h>
#include <stdint.h>

#include "clock.h"

struct tpm_transport;

/* In their order. Each ends where the next begins: together they are the whole command. */
enum tpmb_phase {
	TPMB_PHASE_LOCALITY, /* taking the locality; Nuvoton's own map has none */
	TPMB_PHASE_SEND,     /* commandReady, the command's bytes, GO, and sending it again */
	TPMB_PHASE_EXECUTE,  /* from GO until a poll sees the response */
	TPMB_PHASE_RECEIVE,  /* the response's bytes, and reading them again */
	TPMB_PHASE_RELEASE,  /* commandReady and the locality's release */
	TPMB_PHASE_COUNT,
};

struct tpmb_phases {
	uint64_t ns[TPMB_PHASE_COUNT]; /* of the last command; of one that failed, up to there */
	uint64_t since_ns;	       /* private */
};

static inline void tpmb_phases_begin(struct tpmb_phases *phases, struct tpmb_clock *clock)
{
	*phases = (struct tpmb_phases){.since_ns = tpmb_clock_now_ns(clock)};
}

static inline void tpmb_phase_ends(struct tpmb_phases *phases, enum tpmb_phase phase,
				   struct tpmb_clock *clock)
{
	uint64_t now_ns = tpmb_clock_now_ns(clock);

	phases->ns[phase] = now_ns - phases->since_ns;
	phases->since_ns = now_ns;
}

/* "locality", "send", ...; NULL for no phase. */
const char *tpmb_phase_name(enum tpmb_phase phase);

/*
 * The phases of the last command of a transport of tis: or nuvoton:, chips and
 * boards; false, and nothing, for any other. A command that is sent again
 * because the TPM said TPM_RC_RETRY is another command.
 */
bool tpmb_transport_phases(struct tpm_transport *transport, struct tpmb_phases *phases);

/* The clock that a transport's time passes on: virtual for a simulated chip. */
struct tpmb_clock *tpmb_transport_clock(struct tpm_transport *transport);

#endif
