// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Everything behind GO: the end of execution, and tpm_tis_recv(). */
#include <errno.h>

#include "lib_private.h"
#include "tis_private.h"

#define VENDOR_WINBOND 0x1050
#define VENDOR_STM     0x104a
#define REREADS_MAX    3

static bool canceled(const struct tpmb_tis *tis, uint8_t status)
{
	switch (tis->vendor_id) {
	case VENDOR_WINBOND:
		return status == TIS_STS_VALID || status == (TIS_STS_VALID | TIS_STS_COMMAND_READY);
	case VENDOR_STM:
		return status == (TIS_STS_VALID | TIS_STS_COMMAND_READY);
	default:
		return status == TIS_STS_COMMAND_READY;
	}
}

/* Called after GO until it returns something. */
int tis_look(void *arg)
{
	const uint8_t done = TIS_STS_DATA_AVAIL | TIS_STS_VALID;
	struct tpmb_tis *tis = arg;
	uint8_t access;
	uint8_t status;
	int ret;

	tis->response_burst = 0;
	if (tis->policy.combined_status) {
		ret = tis_read_burst(tis, &status, &tis->response_burst);
		/* A response is worth waiting for, even on a bus that failed once. */
		if (ret)
			return 0;
	} else {
		status = tis_status(tis);
	}
	if ((status & done) == done)
		return 1;
	if (tis->policy.read_zero_check && !status && !tis->holding &&
	    tis->policy.locality_use == TPMB_LOCALITY_HELD) {
		/* No status: has the locality, and with it the command, been taken from us? */
		ret = tis_check_locality(tis, &access);
		if (!ret && access & TIS_ACCESS_VALID && !(access & TIS_ACCESS_ACTIVE))
			return -ECANCELED;
		tis->holding = ret > 0;
		return 0;
	}
	/* A chip that is ready for a command has none. */
	if (canceled(tis, (uint8_t)(status & ~TIS_STS_SELFTEST_DONE)) ||
	    (tis->policy.response_retry &&
	     (status & TIS_STS_COMMAND_READY || status & TIS_STS_EXPECT)))
		return -ECANCELED;
	return 0;
}

/* Byte by byte, dataAvail before each: for a chip that shows no burst count. */
static int recv_slowly(struct tpmb_tis *tis, uint8_t *buf, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		uint8_t status;
		int ret = tis_wait_for_stat(tis, TIS_STS_DATA_AVAIL | TIS_STS_VALID, TIS_TIMEOUT_C,
					    &status);

		if (!ret)
			ret = tis_read(tis, TIS_DATA_FIFO, buf + i, 1);
		if (ret)
			return ret;
	}
	return 0;
}

/* recv_data(). */
static int recv_data(struct tpmb_tis *tis, uint8_t *buf, size_t count)
{
	size_t size = 0;

	while (size < count) {
		uint8_t status;
		uint32_t burst;
		int ret;

		if (tis->burst_zero)
			return recv_slowly(tis, buf + size, count - size);
		ret = tis_wait_for_stat(tis, TIS_STS_DATA_AVAIL | TIS_STS_VALID, TIS_TIMEOUT_C,
					&status);
		if (ret)
			return ret;
		ret = tis_get_burst(tis, &burst);
		if (ret == -EBUSY && tis->policy.burst_zero_fallback) {
			tpmb_msg("%s: burst count stays 0; reading byte by byte from now on",
				 tis->phy->name);
			tis->burst_zero = true;
			tis->fallbacks++;
			continue;
		}
		if (ret)
			return ret;
		if (burst > count - size)
			burst = (uint32_t)(count - size);
		ret = tis_read(tis, TIS_DATA_FIFO, buf + size, burst);
		if (ret)
			return ret;
		size += burst;
	}
	return 0;
}

/*
 * The header, or more of the response where it is known how long this command's
 * is and the burst count that came with dataAvail allows it.
 */
static int recv_begin(struct tpmb_tis *tis, const struct tpmb_exec_slot *slot, uint8_t *rsp,
		      size_t room, size_t *got)
{
	size_t want = slot->rsp_len > TIS_HEADER_SIZE ? slot->rsp_len : TIS_HEADER_SIZE;

	if (want > room)
		want = room;
	if (want > tis->response_burst)
		want = tis->response_burst;
	if (tis->policy.whole_receive && !tis->burst_zero && want >= TIS_HEADER_SIZE) {
		*got = want;
		return tis_read(tis, TIS_DATA_FIFO, rsp, want);
	}
	*got = TIS_HEADER_SIZE;
	return recv_data(tis, rsp, TIS_HEADER_SIZE);
}

static int recv_once(struct tpmb_tis *tis, struct tpmb_exec_slot *slot, uint8_t *rsp,
		     size_t *rsp_len)
{
	uint32_t expected;
	uint8_t status;
	size_t got;
	int ret = recv_begin(tis, slot, rsp, *rsp_len, &got);

	if (ret)
		return ret;
	expected = tis_get_u32(rsp + 2);
	if (expected < TIS_HEADER_SIZE || expected > TPMB_CHIP_BUFFER_SIZE)
		return -EIO;
	if (expected > *rsp_len)
		return -EMSGSIZE;
	if (expected > got) {
		ret = recv_data(tis, rsp + got, expected - got);
		if (ret)
			return ret;
	}
	/* A checksum of the whole response says that nothing is left, and more. */
	if (!tis->policy.whole_receive || !(tis->phy->flags & TIS_PHY_CSUM)) {
		ret = tis_wait_for_stat(tis, TIS_STS_VALID, TIS_TIMEOUT_C, &status);
		if (ret)
			return ret;
		if (tis_status_again(tis, status) & TIS_STS_DATA_AVAIL)
			return -EIO;
	}
	ret = tis_verify_csum(tis, rsp, expected);
	if (ret)
		return ret;
	*rsp_len = expected;
	slot->rsp_len = expected;
	return 0;
}

int tis_recv(struct tpmb_tis *tis, struct tpmb_exec_slot *slot, uint8_t *rsp, size_t *rsp_len)
{
	int ret;

	for (int try = 0;; try++) {
		ret = recv_once(tis, slot, rsp, rsp_len);
		if (!ret || ret == -EMSGSIZE || !tis->policy.response_retry || try == REREADS_MAX)
			break;
		tis->rereads++;
		tis->response_burst = 0;
		if (tis_write8(tis, TIS_STS, TIS_STS_RETRY))
			break;
	}
	return ret;
}
