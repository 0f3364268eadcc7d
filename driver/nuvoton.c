// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Follows tpm_i2c_nuvoton.c and tpm_try_transmit(); see tis.c for the conventions. */
#include <errno.h>
#include <string.h>

#include "chip.h"
#include "exec_wait.h"
#include "lib_private.h"
#include "nuvoton.h"

#define HEADER_SIZE	 10u
#define FRAME_MAX	 32u /* of an SMBus block */
#define WRITE_TRIES	 32
#define RECV_TRIES	 5
#define SEND_TRIES_MIN	 5u
#define STATUS_ERROR	 0x07 /* what a failed read of STS counts as: bits that are always 0 */
#define SHORT_MS	 10u
#define TIMEOUT_SHORT_MS 750u
#define TIMEOUT_LONG_MS	 2000u
#define REGULAR_MIN	 8u

static uint32_t get_u32(const uint8_t *from)
{
	return (uint32_t)from[0] << 24 | (uint32_t)from[1] << 16 | (uint32_t)from[2] << 8 | from[3];
}

static int read_buf(struct tpmb_nuvoton *n, uint32_t reg, uint8_t *data, size_t len)
{
	int ret = n->phy->ops->read(n->phy, reg, data, len);

	if (ret)
		tpmb_msg("%s: Nuvoton register 0x%02x: read of %zu bytes: %s", n->phy->name, reg,
			 len, strerror(-ret));
	return ret;
}

static int write_buf(struct tpmb_nuvoton *n, uint32_t reg, const uint8_t *data, size_t len)
{
	int ret = n->phy->ops->write(n->phy, reg, data, len);

	if (ret)
		tpmb_msg("%s: Nuvoton register 0x%02x: write of %zu bytes: %s", n->phy->name, reg,
			 len, strerror(-ret));
	return ret;
}

static uint8_t read_status(struct tpmb_nuvoton *n)
{
	uint8_t status;

	return read_buf(n, NUVOTON_STS, &status, 1) ? STATUS_ERROR : status;
}

static int write_status(struct tpmb_nuvoton *n, uint8_t value)
{
	int ret = -EIO;

	for (int i = 0; i < WRITE_TRIES && ret; i++) {
		ret = write_buf(n, NUVOTON_STS, &value, 1);
		if (ret || n->policy.nuvoton_write_always)
			tpmb_policy_sleep(&n->timer, &n->policy.nuvoton_write, 0);
	}
	return ret;
}

static int nuvoton_ready(struct tpmb_nuvoton *n)
{
	return write_status(n, TIS_STS_COMMAND_READY);
}

static uint64_t deadline(const struct tpmb_nuvoton *n, uint32_t ms)
{
	return tpmb_timer_jiffies(&n->timer) + tpmb_timer_ms_to_jiffies(&n->timer, ms);
}

static bool before(const struct tpmb_nuvoton *n, uint64_t stop)
{
	return tpmb_timer_jiffies(&n->timer) < stop;
}

static int get_burst(struct tpmb_nuvoton *n, uint32_t *burst)
{
	uint64_t stop = deadline(n, TIMEOUT_SHORT_MS);
	uint8_t value;

	do {
		if (!read_buf(n, NUVOTON_BURST_COUNT, &value, 1) && value) {
			*burst = value < FRAME_MAX ? value : FRAME_MAX;
			return 0;
		}
		n->waited = true;
		tpmb_policy_sleep(&n->timer, &n->policy.nuvoton_burst, 0);
	} while (before(n, stop));
	return -EIO;
}

static bool check_status(struct tpmb_nuvoton *n, uint8_t mask, uint8_t value)
{
	uint8_t status = read_status(n);

	return status != STATUS_ERROR && (status & mask) == value;
}

static int wait_for_stat(struct tpmb_nuvoton *n, uint8_t mask, uint8_t value, uint32_t timeout_ms)
{
	uint64_t ten_ms;
	uint64_t stop;

	if (check_status(n, mask, value))
		return 0;
	n->waited = true;
	ten_ms = deadline(n, SHORT_MS);
	stop = deadline(n, timeout_ms);
	do {
		tpmb_policy_sleep(&n->timer,
				  before(n, ten_ms) ? &n->policy.nuvoton_short
						    : &n->policy.nuvoton_long,
				  n->floor_us);
		/* On a bad bus, hundreds of polls find any bit set once. */
		if (check_status(n, mask, value) &&
		    (!n->policy.confirm_status || check_status(n, mask, value)))
			return 0;
	} while (before(n, stop));
	return -ETIME;
}

static int wait_for_data_avail(struct tpmb_nuvoton *n, uint32_t timeout_ms)
{
	const uint8_t done = TIS_STS_DATA_AVAIL | TIS_STS_VALID;

	return wait_for_stat(n, done, done, timeout_ms);
}

/* ---- sending -------------------------------------------------------------------- */

static int send_bursts(struct tpmb_nuvoton *n, const uint8_t *cmd, size_t len, size_t *count)
{
	uint32_t burst;
	int ret = wait_for_stat(n, TIS_STS_COMMAND_READY, TIS_STS_COMMAND_READY, TIMEOUT_LONG_MS);

	if (ret)
		return -EIO;
	while (*count < len - 1) {
		ret = get_burst(n, &burst);
		if (ret)
			return ret;
		if (!*count && (!n->regular || burst < n->burst_bytes))
			n->burst_bytes = burst;
		/* A FIFO that is not empty by now is one to ask. */
		if (burst < n->burst_bytes && burst < len - 1 - *count)
			n->waited = true;
		if (burst > len - 1 - *count)
			burst = (uint32_t)(len - 1 - *count);
		ret = write_buf(n, NUVOTON_FIFO_W, cmd + *count, burst);
		if (ret)
			return ret;
		*count += burst;
		ret = wait_for_stat(n, TIS_STS_VALID | TIS_STS_EXPECT,
				    TIS_STS_VALID | TIS_STS_EXPECT, TIMEOUT_SHORT_MS);
		if (ret)
			return ret;
	}
	ret = write_buf(n, NUVOTON_FIFO_W, cmd + *count, 1);
	return ret ? -EIO
		   : wait_for_stat(n, TIS_STS_VALID | TIS_STS_EXPECT, TIS_STS_VALID,
				   TIMEOUT_SHORT_MS);
}

/*
 * In frames of the burst count that the chip has always had. EXPECT tells whether
 * it takes them, and at the end whether it has all; one status is enough, for
 * waiting would not bring bytes that are missing.
 */
static int send_regular(struct tpmb_nuvoton *n, const uint8_t *cmd, size_t len)
{
	const uint8_t mask = TIS_STS_VALID | TIS_STS_EXPECT;

	for (size_t count = 0; count < len; count += n->burst_bytes) {
		size_t left = len - count;
		int ret = write_buf(n, NUVOTON_FIFO_W, cmd + count,
				    left < n->burst_bytes ? left : n->burst_bytes);

		if (ret)
			return ret;
		/* The last command ended with commandReady; where that was lost, this one is too.
		 */
		if (!count && !check_status(n, mask, mask))
			return -EIO;
	}
	return check_status(n, mask, TIS_STS_VALID) ? 0 : -EIO;
}

static bool is_regular(const struct tpmb_nuvoton *n)
{
	return n->policy.learn_burst && !n->learn_burst_off && n->regular >= REGULAR_MIN &&
	       n->burst_bytes;
}

/* Everything up to GO. */
static int send(struct tpmb_nuvoton *n, const uint8_t *cmd, size_t len)
{
	uint32_t tries =
		n->policy.send_tries > SEND_TRIES_MIN ? n->policy.send_tries : SEND_TRIES_MIN;
	size_t count = 0;
	int ret = -EIO;

	for (uint32_t try = 0; try < tries; try++) {
		bool regular = is_regular(n) && !try && len > n->burst_bytes;

		if (try)
			n->resends++;
		n->waited = false;
		if (!n->policy.nuvoton_resume)
			count = 0;
		/* The last command ended with commandReady: a regular chip is ready by now. */
		if (!regular)
			nuvoton_ready(n);
		ret = regular ? send_regular(n, cmd, len) : send_bursts(n, cmd, len, &count);
		if (!ret)
			break;
		n->regular = 0;
		if (regular && ++n->fallbacks > REGULAR_MIN)
			n->learn_burst_off = true;
	}
	if (ret) {
		nuvoton_ready(n);
		return ret;
	}
	n->regular = n->waited ? 0 : n->regular + (n->regular < REGULAR_MIN);
	return write_status(n, TIS_STS_GO);
}

/* ---- receiving -------------------------------------------------------------------- */

static int look(void *arg)
{
	const uint8_t done = TIS_STS_DATA_AVAIL | TIS_STS_VALID;
	struct tpmb_nuvoton *n = arg;
	uint8_t status = read_status(n);

	if (status == STATUS_ERROR || (n->policy.read_zero_check && status & TIS_STS_READ_ZERO))
		return 0;
	if ((status & done) == done)
		return 1;
	if (status == TIS_STS_COMMAND_READY ||
	    (n->policy.response_retry && status & (TIS_STS_COMMAND_READY | TIS_STS_EXPECT)))
		return -ECANCELED;
	return 0;
}

static int recv_data(struct tpmb_nuvoton *n, uint8_t *buf, size_t count)
{
	size_t size = 0;

	while (size < count) {
		uint32_t burst;
		int ret = wait_for_data_avail(n, TIMEOUT_SHORT_MS);

		if (!ret)
			ret = get_burst(n, &burst);
		if (ret)
			return ret;
		if (burst > count - size)
			burst = (uint32_t)(count - size);
		ret = read_buf(n, NUVOTON_FIFO_R, buf + size, burst);
		if (ret)
			return ret;
		size += burst;
	}
	return 0;
}

/* The first piece of a response: what the burst count says. */
static int recv_begin(struct tpmb_nuvoton *n, uint8_t *rsp, size_t room, size_t *got)
{
	uint32_t burst;
	int ret = wait_for_data_avail(n, TIMEOUT_SHORT_MS);

	if (!ret)
		ret = get_burst(n, &burst);
	if (ret)
		return ret;
	*got = burst < room ? burst : room;
	ret = recv_data(n, rsp, *got);
	return !ret && *got < HEADER_SIZE ? -EIO : ret;
}

static int recv_once(struct tpmb_nuvoton *n, struct tpmb_exec_slot *slot, bool again, uint8_t *rsp,
		     size_t *rsp_len)
{
	bool whole = n->policy.whole_receive && !again && n->whole >= REGULAR_MIN &&
		     slot->rsp_len >= HEADER_SIZE && slot->rsp_len <= FRAME_MAX &&
		     slot->rsp_len <= *rsp_len;
	uint32_t expected;
	size_t got = slot->rsp_len;
	int ret;

	if (whole)
		ret = read_buf(n, NUVOTON_FIFO_R, rsp, got);
	else
		ret = recv_begin(n, rsp, *rsp_len, &got);
	if (ret)
		return ret;
	expected = get_u32(rsp + 2);
	if (expected < HEADER_SIZE || expected > TPMB_CHIP_BUFFER_SIZE)
		return -EIO;
	if (expected > *rsp_len)
		return -EMSGSIZE;
	/* Asked for as much as this response has, and got it: nothing can be left. */
	if (whole && expected == got)
		goto done;
	n->whole = got >= expected ? n->whole + (n->whole < REGULAR_MIN) : 0;
	if (expected < got && !n->policy.whole_receive)
		return -EIO;
	if (expected > got) {
		ret = recv_data(n, rsp + got, expected - got);
		if (ret)
			return ret;
	}
	ret = wait_for_stat(n, TIS_STS_VALID | TIS_STS_DATA_AVAIL, TIS_STS_VALID, TIMEOUT_SHORT_MS);
	if (ret)
		return ret;
done:
	*rsp_len = expected;
	slot->rsp_len = expected;
	return 0;
}

static int recv(struct tpmb_nuvoton *n, struct tpmb_exec_slot *slot, uint8_t *rsp, size_t *rsp_len)
{
	int ret = -EIO;

	for (int try = 0; try < RECV_TRIES; try++) {
		if (try) {
			n->rereads++;
			n->whole = 0;
			write_status(n, TIS_STS_RETRY);
		}
		ret = recv_once(n, slot, try, rsp, rsp_len);
		if (!ret || ret == -EMSGSIZE)
			break;
	}
	return ret;
}

int tpmb_nuvoton_transmit(struct tpmb_nuvoton *n, const uint8_t *cmd, size_t cmd_len, uint8_t *rsp,
			  size_t *rsp_len)
{
	struct tpmb_exec_wait wait = {
		.policy = &n->policy,
		.timer = &n->timer,
		.floor_us = n->floor_us,
		.look = look,
		.arg = n,
	};
	struct tpmb_clock *clock = n->timer.clock;
	uint32_t ordinal;
	int ret;

	if (cmd_len < HEADER_SIZE || get_u32(cmd + 2) != cmd_len || *rsp_len < HEADER_SIZE)
		return -EINVAL;
	ordinal = get_u32(cmd + 6);
	wait.limit_ms = tpmb_exec_limit_ms(n->tpm2, ordinal);
	wait.slot = tpmb_exec_slot(&n->times, ordinal);
	tpmb_phases_begin(&n->phases, clock);
	ret = send(n, cmd, cmd_len);
	tpmb_phase_ends(&n->phases, TPMB_PHASE_SEND, clock);
	/* The kernel's send() waits with the driver's own polls; tpm_transmit() then finds it done.
	 */
	if (!ret && !n->policy.learn_exec)
		ret = wait_for_data_avail(n, wait.limit_ms);
	if (!ret)
		ret = tpmb_exec_wait(&wait);
	tpmb_phase_ends(&n->phases, TPMB_PHASE_EXECUTE, clock);
	if (!ret)
		ret = recv(n, wait.slot, rsp, rsp_len);
	tpmb_phase_ends(&n->phases, TPMB_PHASE_RECEIVE, clock);
	for (int try = 0; try < RECV_TRIES; try++) {
		nuvoton_ready(n);
		/* As in tis.c: after an error the command must not be executed any more. */
		if (!ret || !n->policy.sure_abort ||
		    !wait_for_stat(n, TIS_STS_COMMAND_READY, TIS_STS_COMMAND_READY,
				   TIMEOUT_SHORT_MS))
			break;
	}
	tpmb_phase_ends(&n->phases, TPMB_PHASE_RELEASE, clock);
	if (ret)
		n->regular = 0;
	return ret;
}

int tpmb_nuvoton_init(struct tpmb_nuvoton *n, struct tis_phy *phy, struct tpmb_clock *clock,
		      const struct tpmb_policy *policy, bool tpm2)
{
	uint16_t vendor_id;
	uint8_t id[4];
	int ret;

	memset(n, 0, sizeof(*n));
	n->phy = phy;
	n->policy = *policy;
	n->tpm2 = tpm2;
	tpmb_policy_timer(policy, clock, &n->timer);
	ret = read_buf(n, NUVOTON_VID_DID_RID, id, sizeof(id));
	if (ret)
		return ret;
	vendor_id = (uint16_t)(id[0] | id[1] << 8);
	if (vendor_id != 0x1050) {
		tpmb_msg("%s: Nuvoton register 0x60 (VID_DID_RID): vendor 0x%04x, expected 0x1050",
			 phy->name, vendor_id);
		return -ENODEV;
	}
	n->floor_us = tpmb_policy_chip_minimum_us(policy, vendor_id, tpm2);
	if (n->floor_us < policy->min_poll_us)
		n->floor_us = policy->min_poll_us;
	return 0;
}
