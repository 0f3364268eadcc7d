// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <stddef.h>

#include "phases.h"
#include "transport_board.h"
#include "transport_chip.h"

const char *tpmb_phase_name(enum tpmb_phase phase)
{
	static const char *const names[TPMB_PHASE_COUNT] = {
		[TPMB_PHASE_LOCALITY] = "locality", [TPMB_PHASE_SEND] = "send",
		[TPMB_PHASE_EXECUTE] = "execute",   [TPMB_PHASE_RECEIVE] = "receive",
		[TPMB_PHASE_RELEASE] = "release",
	};

	return phase < TPMB_PHASE_COUNT ? names[phase] : NULL;
}

bool tpmb_transport_phases(struct tpm_transport *transport, struct tpmb_phases *phases)
{
	return tpmb_transport_chip_phases(transport, phases) ||
	       tpmb_transport_board_phases(transport, phases);
}

struct tpmb_clock *tpmb_transport_clock(struct tpm_transport *transport)
{
	struct tpmb_phases unused;

	if (tpmb_transport_chip_phases(transport, &unused))
		return tpmb_transport_chip_clock(transport);
	return tpmb_real_clock();
}
