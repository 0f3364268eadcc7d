// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Follows tpm_tis_core.c and tpm_try_transmit(); where a policy's knob changes
 * an access or a sleep, it is asked at that place. Kernel names of the steps
 * are kept, so that the two can be read side by side.
 */
#include <errno.h>
#include <string.h>

#include "exec_wait.h"
#include "lib_private.h"
#include "tis_private.h"

#define ABORTS_MAX 3

/*
 * An error goes back to a caller who may look at the PCR next: the command must
 * not be executed after that.
 */
static void abort_command(struct tpmb_tis *tis)
{
	uint8_t status;

	for (int try = 0; try < ABORTS_MAX; try++)
		if (!tis_ready(tis) &&
		    !tis_wait_for_stat(tis, TIS_STS_COMMAND_READY, TIS_TIMEOUT_C, &status))
			break;
}

int tpmb_tis_transmit(struct tpmb_tis *tis, const uint8_t *cmd, size_t cmd_len, uint8_t *rsp,
		      size_t *rsp_len)
{
	struct tpmb_exec_wait wait = {
		.policy = &tis->policy,
		.timer = &tis->timer,
		.floor_us = tis->other_floor_us,
		.look = tis_look,
		.arg = tis,
	};
	struct tpmb_clock *clock = tis->timer.clock;
	uint32_t ordinal;
	int ret;

	if (cmd_len < TIS_HEADER_SIZE || tis_get_u32(cmd + 2) != cmd_len ||
	    *rsp_len < TIS_HEADER_SIZE)
		return -EINVAL;
	ordinal = tis_get_u32(cmd + 6);
	wait.limit_ms = tpmb_exec_limit_ms(tis->tpm2, ordinal);
	wait.slot = tpmb_exec_slot(&tis->times, ordinal);
	tpmb_phases_begin(&tis->phases, clock);
	ret = tis_request_locality(tis);
	tpmb_phase_ends(&tis->phases, TPMB_PHASE_LOCALITY, clock);
	if (ret)
		return ret;
	ret = tis_send(tis, cmd, cmd_len);
	tpmb_phase_ends(&tis->phases, TPMB_PHASE_SEND, clock);
	if (!ret) {
		ret = tpmb_exec_wait(&wait);
		tpmb_phase_ends(&tis->phases, TPMB_PHASE_EXECUTE, clock);
		if (!ret)
			ret = tis_recv(tis, wait.slot, rsp, rsp_len);
		tpmb_phase_ends(&tis->phases, TPMB_PHASE_RECEIVE, clock);
	}
	/* After a response: to Idle. After an error: whatever is still under way is aborted. */
	if (ret && tis->policy.sure_abort)
		abort_command(tis);
	else
		tis_ready(tis);
	if (ret) {
		tis->regular = 0;
		tis->dirty = true;
	}
	tis_after_command(tis);
	tpmb_phase_ends(&tis->phases, TPMB_PHASE_RELEASE, clock);
	return ret;
}

/* wait_startup(): ACCESS is valid once the chip has initialised itself. */
static int wait_startup(struct tpmb_tis *tis)
{
	uint64_t stop = tis_deadline(tis, TIS_TIMEOUT_A);
	uint8_t access = 0xff;

	do {
		int ret = tis_read(tis, TIS_ACCESS, &access, 1);

		if (ret)
			return ret;
		if (access != 0xff && access & TIS_ACCESS_VALID)
			return 0;
		tpmb_policy_sleep(&tis->timer, &tis->policy.locality, 0);
	} while (tis_before(tis, stop));
	tpmb_msg("%s: TIS register 0x000 (ACCESS): 0x%02x: no TPM, or one that does not start",
		 tis->phy->name, access);
	return -ENODEV;
}

int tpmb_tis_init(struct tpmb_tis *tis, struct tis_phy *phy, struct tpmb_clock *clock,
		  const struct tpmb_policy *policy, bool tpm2)
{
	uint8_t id[4];
	int ret;

	memset(tis, 0, sizeof(*tis));
	tis->phy = phy;
	tis->policy = *policy;
	tis->tpm2 = tpm2;
	/* Linux: TPM2_TIMEOUT_*; for TPM 1.2 the defaults, which chips confirm. */
	memcpy(tis->timeout_ms,
	       tpm2 ? (uint32_t[4]){750, 4000, 200, 30} : (uint32_t[4]){750, 4000, 750, 750},
	       sizeof(tis->timeout_ms));
	tpmb_policy_timer(policy, clock, &tis->timer);
	ret = wait_startup(tis);
	if (ret)
		return ret;
	ret = tis_read(tis, TIS_DID_VID, id, sizeof(id));
	if (ret)
		return ret;
	tis->vendor_id = (uint16_t)(id[0] | id[1] << 8);
	tis->device_id = (uint16_t)(id[2] | id[3] << 8);
	if (tis->vendor_id == 0xffff || !tis->vendor_id) {
		tpmb_msg("%s: TIS register 0xf00 (DID_VID): 0x%02x%02x%02x%02x is no TPM's",
			 phy->name, id[3], id[2], id[1], id[0]);
		return -ENODEV;
	}
	tis->floor_us = tpmb_policy_chip_minimum_us(policy, tis->vendor_id, tpm2);
	if (tis->floor_us < policy->min_poll_us)
		tis->floor_us = policy->min_poll_us;
	tis->other_floor_us = policy->chip_minimum ? tis->floor_us : policy->min_poll_us;
	return 0;
}
