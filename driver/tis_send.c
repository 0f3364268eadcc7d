// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Everything up to GO: tpm_tis_send_data() and what may take its place. */
#include <errno.h>

#include "lib_private.h"
#include "tis_private.h"

#define VENDOR_INFINEON 0x15d1
/* Commands that never had to wait, before the driver stops asking. */
#define REGULAR_MIN 8u

/* Whether this chip is known never to make us wait before GO. */
static bool is_regular(const struct tpmb_tis *tis)
{
	return tis->policy.learn_burst && !tis->learn_burst_off && tis->regular >= REGULAR_MIN &&
	       tis->burst_bytes;
}

/* Waits for VALID and compares EXPECT. */
static int check_expect(struct tpmb_tis *tis, bool expect)
{
	uint8_t status;
	int ret = tis_wait_for_stat(tis, TIS_STS_VALID, TIS_TIMEOUT_C, &status);

	/* Infineon: VALID stuck after a quick requestUse; sending again helps (de9e33df7762). */
	if (ret && tis->policy.send_tries > 1 &&
	    (tis->policy.response_retry || tis->vendor_id == VENDOR_INFINEON))
		return -EAGAIN;
	if (ret)
		return ret;
	return !!(tis_status_again(tis, status) & TIS_STS_EXPECT) == expect ? 0 : -EIO;
}

/* One burst count after the other, as tpm_tis_send_data(). */
static int send_bursts(struct tpmb_tis *tis, const uint8_t *cmd, size_t len)
{
	size_t count = 0;
	uint32_t burst;
	int ret;

	while (count < len - 1) {
		ret = tis_get_burst(tis, &burst);
		if (ret)
			return ret;
		if (!count && (!tis->regular || burst < tis->burst_bytes))
			tis->burst_bytes = burst;
		/* A FIFO that is not empty by now is one to ask. */
		if (burst < tis->burst_bytes && burst < len - 1 - count)
			tis->waited = true;
		if (burst > len - 1 - count)
			burst = (uint32_t)(len - 1 - count);
		ret = tis_write(tis, TIS_DATA_FIFO, cmd + count, burst);
		if (ret)
			return ret;
		count += burst;
		ret = check_expect(tis, true);
		if (ret)
			return ret;
	}
	ret = tis_write(tis, TIS_DATA_FIFO, cmd + count, 1);
	return ret ? ret : check_expect(tis, false);
}

/*
 * The whole command at once; the chip holds the bus while its FIFO is full, and the
 * CPU with it: in runs, so that somebody else gets to run in between.
 */
static int send_full(struct tpmb_tis *tis, const uint8_t *cmd, size_t len)
{
	size_t run = tis->policy.run_bytes ? tis->policy.run_bytes : len;
	uint32_t burst;
	int ret = tis_get_burst(tis, &burst);

	for (size_t count = 0; count < len && !ret; count += run)
		ret = tis_write(tis, TIS_DATA_FIFO, cmd + count,
				len - count < run ? len - count : run);
	if (!ret)
		ret = check_expect(tis, false);
	if (ret == -EIO) {
		tpmb_msg("%s: full-command send lost bytes; it is off for this chip",
			 tis->phy->name);
		tis->full_send_off = true;
		tis->fallbacks++;
	}
	return ret;
}

/* In pieces of the burst count that the chip has always had; EXPECT or the checksum tells. */
static int send_regular(struct tpmb_tis *tis, const uint8_t *cmd, size_t len)
{
	size_t count;
	int ret = 0;

	for (count = 0; count < len && !ret; count += tis->burst_bytes) {
		size_t left = len - count;

		ret = tis_write(tis, TIS_DATA_FIFO, cmd + count,
				left < tis->burst_bytes ? left : tis->burst_bytes);
	}
	/* A checksum of the whole command says that EXPECT is 0, and more. */
	if (!ret && !(tis->phy->flags & TIS_PHY_CSUM))
		ret = check_expect(tis, false);
	return ret;
}

static int make_ready(struct tpmb_tis *tis)
{
	uint8_t status = tis_status(tis);
	int ret;

	if (!tis->holding && tis->policy.locality_use == TPMB_LOCALITY_HELD) {
		ret = tis_request_locality(tis);
		if (ret)
			return ret;
		status = tis_status(tis);
	}
	if (status & TIS_STS_COMMAND_READY && !(tis->dirty && tis->policy.sure_abort))
		return 0;
	/*
	 * From Completion, a chip may go to Idle and want another commandReady; that
	 * is so when the one at the end of the last command was lost.
	 */
	if (tis->policy.sure_abort) {
		ret = tis_ready(tis);
		if (ret || !tis_wait_for_stat(tis, TIS_STS_COMMAND_READY, TIS_TIMEOUT_C, &status))
			return ret;
	}
	ret = tis_ready(tis);
	return ret ? ret : tis_wait_for_stat(tis, TIS_STS_COMMAND_READY, TIS_TIMEOUT_B, &status);
}

static int send_data(struct tpmb_tis *tis, const uint8_t *cmd, size_t len)
{
	bool regular = is_regular(tis);
	int ret = 0;

	tis->waited = false;
	/*
	 * The last command ended with commandReady: a regular chip is ready. Where
	 * that was lost, this command is ignored; only a checksum would tell.
	 */
	if (!regular || !(tis->phy->flags & TIS_PHY_CSUM))
		ret = make_ready(tis);
	if (ret)
		goto out;
	/*
	 * A whole command that the chip still holds would swallow this one and
	 * answer to GO. In bursts, EXPECT is seen to be 1 before.
	 */
	if (tis->policy.full_send && !tis->full_send_off && !tis->dirty &&
	    tis->phy->flags & TIS_PHY_STALLS)
		ret = send_full(tis, cmd, len);
	else if (regular)
		ret = send_regular(tis, cmd, len);
	else
		ret = send_bursts(tis, cmd, len);
	if (!ret)
		ret = tis_verify_csum(tis, cmd, len);
	if (!ret)
		tis->regular = tis->waited ? 0 : tis->regular + (tis->regular < REGULAR_MIN);
	if (ret && regular) {
		/* It was not regular this time: ask again, and after a second time for good. */
		tis->regular = 0;
		tis->fallbacks++;
		if (tis->fallbacks > REGULAR_MIN)
			tis->learn_burst_off = true;
	}
out:
	tis->dirty = ret;
	if (ret)
		tis_ready(tis);
	return ret;
}

/* Everything up to GO, again where that may help: nothing has been executed yet. */
int tis_send(struct tpmb_tis *tis, const uint8_t *cmd, size_t len)
{
	int ret = -EIO;

	for (uint32_t try = 0; try < tis->policy.send_tries; try++) {
		if (try) {
			tis->resends++;
			tpmb_policy_sleep(&tis->timer, &tis->policy.status, tis->floor_us);
			tis->regular = 0;
		}
		ret = send_data(tis, cmd, len);
		if (ret != -EAGAIN && ret != -EIO)
			break;
	}
	if (ret)
		return ret;
	return tis_write8(tis, TIS_STS, TIS_STS_GO);
}
