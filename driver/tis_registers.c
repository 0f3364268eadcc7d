// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Registers, status, burst count: what every step of a command is made of. */
#include <errno.h>
#include <string.h>

#include "crc.h"
#include "lib_private.h"
#include "tis_private.h"

int tis_read(struct tpmb_tis *tis, uint32_t reg, uint8_t *data, size_t len)
{
	int ret = tis->phy->ops->read(tis->phy, TIS_REG(TIS_LOCALITY) + reg, data, len);

	if (ret)
		tpmb_msg("%s: TIS register 0x%03x: read of %zu bytes: %s", tis->phy->name, reg, len,
			 strerror(-ret));
	return ret;
}

int tis_write(struct tpmb_tis *tis, uint32_t reg, const uint8_t *data, size_t len)
{
	int ret = tis->phy->ops->write(tis->phy, TIS_REG(TIS_LOCALITY) + reg, data, len);

	if (ret)
		tpmb_msg("%s: TIS register 0x%03x: write of %zu bytes: %s", tis->phy->name, reg,
			 len, strerror(-ret));
	return ret;
}

int tis_write8(struct tpmb_tis *tis, uint32_t reg, uint8_t value)
{
	return tis_write(tis, reg, &value, 1);
}

uint64_t tis_deadline(const struct tpmb_tis *tis, enum tis_timeout timeout)
{
	return tpmb_timer_jiffies(&tis->timer) +
	       tpmb_timer_ms_to_jiffies(&tis->timer, tis->timeout_ms[timeout]);
}

bool tis_before(const struct tpmb_tis *tis, uint64_t stop)
{
	return tpmb_timer_jiffies(&tis->timer) < stop;
}

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

uint8_t tis_status(struct tpmb_tis *tis)
{
	uint8_t status = 0;
	int ret = tis_read(tis, TIS_STS, &status, 1);

	return usable_status(tis, ret, status);
}

/* wait_for_tpm_stat(), polled. The status that had all of @mask is left in *@status. */
int tis_wait_for_stat(struct tpmb_tis *tis, uint8_t mask, enum tis_timeout timeout, uint8_t *status)
{
	uint64_t stop;

	*status = tis_status(tis);
	if ((*status & mask) == mask)
		return 0;
	tis->waited = true;
	stop = tis_deadline(tis, timeout);
	do {
		tpmb_policy_sleep(&tis->timer, &tis->policy.status, tis->floor_us);
		*status = tis_status(tis);
		/* On a bad bus, hundreds of polls find any bit set once. */
		if ((*status & mask) == mask && tis->policy.confirm_status)
			*status &= tis_status(tis);
		if ((*status & mask) == mask)
			return 0;
	} while (tis_before(tis, stop));
	return -ETIME;
}

/* The status for a second question about what tis_wait_for_stat() waited for. */
uint8_t tis_status_again(struct tpmb_tis *tis, uint8_t status)
{
	return tis->policy.combined_status ? status : tis_status(tis);
}

/* Status and burst count in one read; the count is 0 where there is none. */
int tis_read_burst(struct tpmb_tis *tis, uint8_t *status, uint32_t *burst)
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
int tis_get_burst(struct tpmb_tis *tis, uint32_t *burst)
{
	/* Timeout A for TPM 2.0, D for 1.2. */
	uint64_t stop = tis_deadline(tis, tis->tpm2 ? TIS_TIMEOUT_A : TIS_TIMEOUT_D);
	uint8_t status;
	int ret;

	do {
		ret = tis_read_burst(tis, &status, burst);
		if (ret)
			return ret;
		if (*burst)
			return 0;
		tis->waited = true;
		tpmb_policy_sleep(&tis->timer, &tis->policy.burst, tis->other_floor_us);
	} while (tis_before(tis, stop));
	if (tis->policy.final_check) {
		ret = tis_read_burst(tis, &status, burst);
		if (ret || *burst)
			return ret;
	}
	return -EBUSY;
}

/* commandReady: aborts whatever is under way. */
int tis_ready(struct tpmb_tis *tis)
{
	return tis_write8(tis, TIS_STS, TIS_STS_COMMAND_READY);
}

int tis_verify_csum(struct tpmb_tis *tis, const uint8_t *data, size_t len)
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
