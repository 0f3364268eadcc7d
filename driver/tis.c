// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Follows tpm_tis_core.c and tpm_try_transmit(); where a policy's knob changes
 * an access or a sleep, it is asked at that place. Kernel names of the steps
 * are kept, so that the two can be read side by side.
 */
#include <errno.h>
#include <string.h>

#include "chip.h"
#include "crc.h"
#include "exec_wait.h"
#include "lib_private.h"
#include "tis.h"

#define LOCALITY	0
#define HEADER_SIZE	10u
#define VENDOR_INFINEON 0x15d1
#define VENDOR_WINBOND	0x1050
#define VENDOR_STM	0x104a
/* Commands that never had to wait, before the driver stops asking. */
#define REGULAR_MIN 8u
#define RETRIES_MAX 3
/* Commands under a held locality between two looks whether somebody else wants it. */
#define HELD_CHECK 64u

enum {
	TIMEOUT_A,
	TIMEOUT_B,
	TIMEOUT_C,
	TIMEOUT_D
};

static uint32_t get_u32(const uint8_t *from)
{
	return (uint32_t)from[0] << 24 | (uint32_t)from[1] << 16 | (uint32_t)from[2] << 8 | from[3];
}

/* ---- registers -------------------------------------------------------------- */

static int tis_read(struct tpmb_tis *tis, uint32_t reg, uint8_t *data, size_t len)
{
	int ret = tis->phy->ops->read(tis->phy, TIS_REG(LOCALITY) + reg, data, len);

	if (ret)
		tpmb_msg("%s: TIS register 0x%03x: read of %zu bytes: %s", tis->phy->name, reg, len,
			 strerror(-ret));
	return ret;
}

static int tis_write(struct tpmb_tis *tis, uint32_t reg, const uint8_t *data, size_t len)
{
	int ret = tis->phy->ops->write(tis->phy, TIS_REG(LOCALITY) + reg, data, len);

	if (ret)
		tpmb_msg("%s: TIS register 0x%03x: write of %zu bytes: %s", tis->phy->name, reg,
			 len, strerror(-ret));
	return ret;
}

static int write8(struct tpmb_tis *tis, uint32_t reg, uint8_t value)
{
	return tis_write(tis, reg, &value, 1);
}

static uint64_t deadline(const struct tpmb_tis *tis, int timeout)
{
	return tpmb_timer_jiffies(&tis->timer) +
	       tpmb_timer_ms_to_jiffies(&tis->timer, tis->timeout_ms[timeout]);
}

static bool before(const struct tpmb_tis *tis, uint64_t stop)
{
	return tpmb_timer_jiffies(&tis->timer) < stop;
}

/* ---- status ------------------------------------------------------------------- */

/* A status that cannot be read, or is none, is 0: nothing is set. */
static uint8_t usable_status(struct tpmb_tis *tis, int ret, uint8_t status)
{
	if (ret)
		return 0;
	if (tis->policy.read_zero_check && status & TIS_STS_READ_ZERO) {
		/* All ones: the locality is not ours, or not yet. Ask for it next time. */
		tis->holding = false;
		return 0;
	}
	return status;
}

static uint8_t tis_status(struct tpmb_tis *tis)
{
	uint8_t status = 0;
	int ret = tis_read(tis, TIS_STS, &status, 1);

	return usable_status(tis, ret, status);
}

/* wait_for_tpm_stat(), polled. The status that had all of @mask is left in *@status. */
static int wait_for_stat(struct tpmb_tis *tis, uint8_t mask, int timeout, uint8_t *status)
{
	uint64_t stop;

	*status = tis_status(tis);
	if ((*status & mask) == mask)
		return 0;
	tis->waited = true;
	stop = deadline(tis, timeout);
	do {
		tpmb_policy_sleep(&tis->timer, &tis->policy.status, tis->floor_us);
		*status = tis_status(tis);
		/* On a bad bus, hundreds of polls find any bit set once. */
		if ((*status & mask) == mask && tis->policy.confirm_status)
			*status &= tis_status(tis);
		if ((*status & mask) == mask)
			return 0;
	} while (before(tis, stop));
	return -ETIME;
}

/* The status for a second question about what wait_for_stat() waited for. */
static uint8_t status_again(struct tpmb_tis *tis, uint8_t status)
{
	return tis->policy.combined_status ? status : tis_status(tis);
}

/* Status and burst count in one read; the count is 0 where there is none. */
static int read_burst(struct tpmb_tis *tis, uint8_t *status, uint32_t *burst)
{
	uint8_t value[4];
	int ret = tis_read(tis, TIS_STS, value, sizeof(value));

	*status = 0;
	*burst = 0;
	if (ret)
		return ret;
	*status = usable_status(tis, 0, value[0]);
	if (!tis->policy.read_zero_check || !(value[0] & TIS_STS_READ_ZERO))
		*burst = value[1] | (uint32_t)value[2] << 8;
	return 0;
}

/* get_burstcount(). */
static int get_burst(struct tpmb_tis *tis, uint32_t *burst)
{
	/* Timeout A for TPM 2.0, D for 1.2. */
	uint64_t stop = deadline(tis, tis->tpm2 ? TIMEOUT_A : TIMEOUT_D);
	uint8_t status;
	int ret;

	do {
		ret = read_burst(tis, &status, burst);
		if (ret)
			return ret;
		if (*burst)
			return 0;
		tis->waited = true;
		tpmb_policy_sleep(&tis->timer, &tis->policy.burst, tis->other_floor_us);
	} while (before(tis, stop));
	if (tis->policy.final_check) {
		ret = read_burst(tis, &status, burst);
		if (ret || *burst)
			return ret;
	}
	return -EBUSY;
}

/* commandReady: aborts whatever is under way. */
static int tis_ready(struct tpmb_tis *tis)
{
	return write8(tis, TIS_STS, TIS_STS_COMMAND_READY);
}

/* ---- locality ------------------------------------------------------------------ */

/* 1: ours; 0: not; *@access tells more. */
static int check_locality(struct tpmb_tis *tis, uint8_t *access)
{
	const uint8_t ours = TIS_ACCESS_ACTIVE | TIS_ACCESS_VALID;
	int ret = tis_read(tis, TIS_ACCESS, access, 1);

	if (ret)
		return ret;
	tis->unchecked = 0;
	return (*access & (ours | TIS_ACCESS_REQUEST_USE)) == ours;
}

static int request_locality(struct tpmb_tis *tis)
{
	uint8_t access = 0;
	uint64_t stop;
	int ret;

	if (tis->holding && tis->policy.locality_use == TPMB_LOCALITY_HELD)
		return 0;
	ret = check_locality(tis, &access);
	if (ret > 0)
		goto ours;
	ret = write8(tis, TIS_ACCESS, TIS_ACCESS_REQUEST_USE);
	if (ret)
		return ret;
	stop = deadline(tis, TIMEOUT_A);
	do {
		ret = check_locality(tis, &access);
		if (ret > 0)
			goto ours;
		tpmb_policy_sleep(&tis->timer, &tis->policy.locality, 0);
		/* A request that came too soon after a relinquish is lost (34bc0fabf166). */
		if (tis->policy.locality_use == TPMB_LOCALITY_HELD && !ret &&
		    !(access & (TIS_ACCESS_REQUEST_USE | TIS_ACCESS_ACTIVE)))
			write8(tis, TIS_ACCESS, TIS_ACCESS_REQUEST_USE);
	} while (before(tis, stop));
	tpmb_msg("%s: TIS register 0x000 (ACCESS): 0x%02x: locality %d not granted", tis->phy->name,
		 access, LOCALITY);
	return -EBUSY;
ours:
	tis->holding = true;
	return 0;
}

static void relinquish_locality(struct tpmb_tis *tis)
{
	uint64_t stop = deadline(tis, TIMEOUT_A);
	uint8_t access;

	tis->holding = false;
	if (write8(tis, TIS_ACCESS, TIS_ACCESS_ACTIVE) || !tis->policy.verify_release)
		return;
	do {
		if (!check_locality(tis, &access) && access & TIS_ACCESS_VALID &&
		    !(access & TIS_ACCESS_ACTIVE))
			return;
		tpmb_policy_sleep(&tis->timer, &tis->policy.locality, 0);
	} while (before(tis, stop));
}

static void after_command(struct tpmb_tis *tis)
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
		if (tis->holding && ++tis->unchecked >= HELD_CHECK &&
		    check_locality(tis, &access) >= 0 && access & TIS_ACCESS_PENDING)
			relinquish_locality(tis);
		break;
	}
}

void tpmb_tis_idle(struct tpmb_tis *tis)
{
	if (tis->holding)
		relinquish_locality(tis);
}

/* ---- sending --------------------------------------------------------------------- */

/* Whether this chip is known never to make us wait before GO. */
static bool is_regular(const struct tpmb_tis *tis)
{
	return tis->policy.learn_burst && !tis->learn_burst_off && tis->regular >= REGULAR_MIN &&
	       tis->burst_bytes;
}

static int verify_csum(struct tpmb_tis *tis, const uint8_t *data, size_t len)
{
	uint8_t csum[2];
	uint16_t crc = tpmb_crc16(data, len);
	int ret;

	if (!(tis->phy->flags & TIS_PHY_CSUM))
		return 0;
	ret = tis_read(tis, TIS_DATA_CSUM, csum, sizeof(csum));
	if (ret)
		return ret;
	/* High byte first. */
	return csum[0] == crc >> 8 && csum[1] == (crc & 0xff) ? 0 : -EIO;
}

/* Waits for VALID and compares EXPECT. */
static int check_expect(struct tpmb_tis *tis, bool expect)
{
	uint8_t status;
	int ret = wait_for_stat(tis, TIS_STS_VALID, TIMEOUT_C, &status);

	/* Infineon: VALID stuck after a quick requestUse; sending again helps (de9e33df7762). */
	if (ret && tis->policy.send_tries > 1 &&
	    (tis->policy.response_retry || tis->vendor_id == VENDOR_INFINEON))
		return -EAGAIN;
	if (ret)
		return ret;
	return !!(status_again(tis, status) & TIS_STS_EXPECT) == expect ? 0 : -EIO;
}

/* One burst count after the other, as tpm_tis_send_data(). */
static int send_bursts(struct tpmb_tis *tis, const uint8_t *cmd, size_t len)
{
	size_t count = 0;
	uint32_t burst;
	int ret;

	while (count < len - 1) {
		ret = get_burst(tis, &burst);
		if (ret)
			return ret;
		if (!count && (!tis->regular || burst < tis->burst_bytes))
			tis->burst_bytes = burst;
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
	int ret = get_burst(tis, &burst);

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
		ret = request_locality(tis);
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
		if (ret || !wait_for_stat(tis, TIS_STS_COMMAND_READY, TIMEOUT_C, &status))
			return ret;
	}
	ret = tis_ready(tis);
	return ret ? ret : wait_for_stat(tis, TIS_STS_COMMAND_READY, TIMEOUT_B, &status);
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
		ret = verify_csum(tis, cmd, len);
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
static int send(struct tpmb_tis *tis, const uint8_t *cmd, size_t len)
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
	return write8(tis, TIS_STS, TIS_STS_GO);
}

/* ---- receiving ---------------------------------------------------------------------- */

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
static int look(void *arg)
{
	const uint8_t done = TIS_STS_DATA_AVAIL | TIS_STS_VALID;
	struct tpmb_tis *tis = arg;
	uint8_t access;
	uint8_t status;
	int ret;

	tis->response_burst = 0;
	if (tis->policy.combined_status) {
		ret = read_burst(tis, &status, &tis->response_burst);
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
		ret = check_locality(tis, &access);
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
		int ret =
			wait_for_stat(tis, TIS_STS_DATA_AVAIL | TIS_STS_VALID, TIMEOUT_C, &status);

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
		ret = wait_for_stat(tis, TIS_STS_DATA_AVAIL | TIS_STS_VALID, TIMEOUT_C, &status);
		if (ret)
			return ret;
		ret = get_burst(tis, &burst);
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
	size_t want = slot->rsp_len > HEADER_SIZE ? slot->rsp_len : HEADER_SIZE;

	if (want > room)
		want = room;
	if (want > tis->response_burst)
		want = tis->response_burst;
	if (tis->policy.whole_receive && !tis->burst_zero && want >= HEADER_SIZE) {
		*got = want;
		return tis_read(tis, TIS_DATA_FIFO, rsp, want);
	}
	*got = HEADER_SIZE;
	return recv_data(tis, rsp, HEADER_SIZE);
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
	expected = get_u32(rsp + 2);
	if (expected < HEADER_SIZE || expected > TPMB_CHIP_BUFFER_SIZE)
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
		ret = wait_for_stat(tis, TIS_STS_VALID, TIMEOUT_C, &status);
		if (ret)
			return ret;
		if (status_again(tis, status) & TIS_STS_DATA_AVAIL)
			return -EIO;
	}
	ret = verify_csum(tis, rsp, expected);
	if (ret)
		return ret;
	*rsp_len = expected;
	slot->rsp_len = expected;
	return 0;
}

static int recv(struct tpmb_tis *tis, struct tpmb_exec_slot *slot, uint8_t *rsp, size_t *rsp_len)
{
	int ret;

	for (int try = 0;; try++) {
		ret = recv_once(tis, slot, rsp, rsp_len);
		if (!ret || ret == -EMSGSIZE || !tis->policy.response_retry || try == RETRIES_MAX)
			break;
		tis->rereads++;
		tis->response_burst = 0;
		if (write8(tis, TIS_STS, TIS_STS_RETRY))
			break;
	}
	return ret;
}

/*
 * An error goes back to a caller who may look at the PCR next: the command must
 * not be executed after that.
 */
static void abort_command(struct tpmb_tis *tis)
{
	uint8_t status;

	for (int try = 0; try < RETRIES_MAX; try++)
		if (!tis_ready(tis) &&
		    !wait_for_stat(tis, TIS_STS_COMMAND_READY, TIMEOUT_C, &status))
			break;
}

int tpmb_tis_transmit(struct tpmb_tis *tis, const uint8_t *cmd, size_t cmd_len, uint8_t *rsp,
		      size_t *rsp_len)
{
	struct tpmb_exec_wait wait = {
		.policy = &tis->policy,
		.timer = &tis->timer,
		.floor_us = tis->other_floor_us,
		.look = look,
		.arg = tis,
	};
	uint32_t ordinal;
	int ret;

	if (cmd_len < HEADER_SIZE || get_u32(cmd + 2) != cmd_len || *rsp_len < HEADER_SIZE)
		return -EINVAL;
	ordinal = get_u32(cmd + 6);
	wait.limit_ms = tpmb_exec_limit_ms(tis->tpm2, ordinal);
	wait.slot = tpmb_exec_slot(&tis->times, ordinal);
	ret = request_locality(tis);
	if (ret)
		return ret;
	ret = send(tis, cmd, cmd_len);
	if (!ret) {
		ret = tpmb_exec_wait(&wait);
		if (!ret)
			ret = recv(tis, wait.slot, rsp, rsp_len);
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
	after_command(tis);
	return ret;
}

/* ---- taking a chip into use ------------------------------------------------------------- */

/* wait_startup(): ACCESS is valid once the chip has initialised itself. */
static int wait_startup(struct tpmb_tis *tis)
{
	uint64_t stop = deadline(tis, TIMEOUT_A);
	uint8_t access = 0xff;

	do {
		int ret = tis_read(tis, TIS_ACCESS, &access, 1);

		if (ret)
			return ret;
		if (access != 0xff && access & TIS_ACCESS_VALID)
			return 0;
		tpmb_policy_sleep(&tis->timer, &tis->policy.locality, 0);
	} while (before(tis, stop));
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
