/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What the library itself asks of a replay. */
#ifndef TPMB_REPLAY_H
#define TPMB_REPLAY_H

#include "bank.h"

/* The value of one PCR so far, in each bank of the replay; @pcr is below TPMB_PCR_COUNT. */
void tpmb_replay_value(const struct tpmb_replay *replay, uint32_t pcr, struct tpmb_digests *value);

#endif
