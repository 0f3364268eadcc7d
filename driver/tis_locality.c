// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Who may use the chip. */
#include <errno.h>

#include "lib_private.h"
#include "tis_private.h"

/* 1: ours; 0: not; *@access tells more. */
int tis_check_locality(struct tpmb_tis *tis, uint8_t *access)
{
	const uint8_t ours = TIS_ACCESS_ACTIVE | TIS_ACCESS_VALID;
	int ret = tis_read(tis, TIS_ACCESS, access, 1);

	if (ret)
		return ret;
	return (*access & (ours | TIS_ACCESS_REQUEST_USE)) == ours;
}

static void relinquish_locality(struct tpmb_tis *tis)
{
	uint64_t stop = tis_deadline(tis, TIS_TIMEOUT_A);
	uint8_t access;

	tis->holding = false;
	if (tis_write8(tis, TIS_ACCESS, TIS_ACCESS_ACTIVE) || !tis->policy.verify_release)
		return;
	do {
		if (!tis_check_locality(tis, &access) && access & TIS_ACCESS_VALID &&
		    !(access & TIS_ACCESS_ACTIVE))
			return;
		tpmb_policy_sleep(&tis->timer, &tis->policy.locality, 0);
	} while (tis_before(tis, stop));
}

int tis_request_locality(struct tpmb_tis *tis)
{
	uint8_t access = 0;
	uint64_t stop;
	int ret;

	ret = tis_check_locality(tis, &access);
	if (tis->holding && tis->policy.locality_use == TPMB_LOCALITY_HELD) {
		if (ret > 0 && !(access & TIS_ACCESS_PENDING))
			return 0;
		/* Taken from us, or wanted by somebody else: ask again, behind them. */
		relinquish_locality(tis);
		ret = tis_check_locality(tis, &access);
	}
	if (ret > 0)
		goto ours;
	ret = tis_write8(tis, TIS_ACCESS, TIS_ACCESS_REQUEST_USE);
	if (ret)
		return ret;
	stop = tis_deadline(tis, TIS_TIMEOUT_A);
	do {
		ret = tis_check_locality(tis, &access);
		if (ret > 0)
			goto ours;
		tpmb_policy_sleep(&tis->timer, &tis->policy.locality, 0);
		/* A request that came too soon after a relinquish is lost (34bc0fabf166). */
		if (tis->policy.locality_use == TPMB_LOCALITY_HELD && !ret &&
		    !(access & (TIS_ACCESS_REQUEST_USE | TIS_ACCESS_ACTIVE)))
			tis_write8(tis, TIS_ACCESS, TIS_ACCESS_REQUEST_USE);
	} while (tis_before(tis, stop));
	tpmb_msg("%s: TIS register 0x000 (ACCESS): 0x%02x: locality %d not granted", tis->phy->name,
		 access, TIS_LOCALITY);
	return -EBUSY;
ours:
	tis->holding = true;
	return 0;
}

void tis_after_command(struct tpmb_tis *tis)
{
	uint8_t access = 0;

	switch (tis->policy.locality_use) {
	case TPMB_LOCALITY_PER_COMMAND:
		relinquish_locality(tis);
		break;
	case TPMB_LOCALITY_CHECKED:
		if (!tis_read(tis, TIS_ACCESS, &access, 1) && access & TIS_ACCESS_VALID &&
		    access & TIS_ACCESS_PENDING)
			relinquish_locality(tis);
		break;
	case TPMB_LOCALITY_HELD:
		break;
	}
}

void tpmb_tis_idle(struct tpmb_tis *tis)
{
	if (tis->holding)
		relinquish_locality(tis);
}
