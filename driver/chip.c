// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The chip changes state only when somebody looks: each access first lets
 * everything happen that was due by now. A command executes when its time has
 * passed, so that one aborted before never does.
 *
 * 64-bit divisions are by 32-bit values; a 32-bit kernel needs div_u64() there.
 */
#include "chip.h"
#include "crc.h"

#define NS_PER_US    1000u
#define HEADER_SIZE  10u
#define POLLS_TO_DIE 2u

/* Extends: TPM_ORD_Extend (TPM 1.2), TPM2_CC_PCR_Extend. */
#define ORDINAL_EXTEND_12 0x00000014u
#define ORDINAL_EXTEND_20 0x00000182u

static uint64_t now_ns(const struct tpmb_chip *chip)
{
	return chip->ops->now_ns(chip->arg);
}

static uint32_t get_u32(const uint8_t *from)
{
	return (uint32_t)from[0] << 24 | (uint32_t)from[1] << 16 | (uint32_t)from[2] << 8 | from[3];
}

/* xorshift64*, Marsaglia 2003 and Vigna 2016; never 0. */
static uint32_t random_below(struct tpmb_chip *chip, uint32_t bound)
{
	uint64_t x = chip->random;

	x ^= x >> 12;
	x ^= x << 25;
	x ^= x >> 27;
	chip->random = x;
	return (uint32_t)((x * 0x2545f4914f6cdd1dull >> 32) * bound >> 32);
}

/* ---- localities ------------------------------------------------------------ */

static void grant(struct tpmb_chip *chip, int locality, uint64_t when)
{
	chip->active = locality;
	chip->requests = (uint8_t)(chip->requests & ~(1u << locality));
	chip->granted_ns = when;
}

/* Grants the highest pending request once its time has come. */
static void settle_locality(struct tpmb_chip *chip, uint64_t now)
{
	if (chip->active >= 0 || !chip->requests || now < chip->grant_at_ns)
		return;
	for (int l = TPMB_CHIP_LOCALITIES - 1; l >= 0; l--)
		if (chip->requests & 1u << l) {
			grant(chip, l, chip->grant_at_ns);
			return;
		}
}

/* ---- the command state machine ------------------------------------------------ */

static void become_ready(struct tpmb_chip *chip, uint64_t now)
{
	const struct tpmb_chip_profile *p = chip->profile;
	uint64_t takes = p->ready_ns;

	chip->readies++;
	if (p->ready_slow_every && chip->readies % p->ready_slow_every == 0)
		takes = (uint64_t)p->ready_slow_us * NS_PER_US;
	chip->becoming_ready = true;
	chip->ready_at_ns = now + takes;
}

/* To Idle, whatever was under way; a command that has not executed never will. */
static void abandon(struct tpmb_chip *chip)
{
	chip->state = TPMB_CHIP_IDLE;
	chip->becoming_ready = false;
	chip->cmd_len = 0;
	chip->rsp_len = 0;
	chip->rsp_pos = 0;
	chip->drained_ns = 0;
}

static void complete(struct tpmb_chip *chip)
{
	uint8_t locality = chip->active < 0 ? 0 : (uint8_t)chip->active;

	chip->executed++;
	chip->rsp_pos = 0;
	chip->rsp_len =
		chip->ops->execute(chip->arg, locality, chip->cmd, chip->cmd_len, chip->rsp);
	if (!chip->rsp_len || chip->rsp_len > TPMB_CHIP_BUFFER_SIZE) {
		/* Hung: only an abort gets it out of Execution. */
		chip->rsp_len = 0;
		chip->execution_ends_ns = ~0ull;
		return;
	}
	chip->state = TPMB_CHIP_COMPLETION;
	chip->fill = chip->profile->burst_bytes;
	chip->fill_ns = chip->execution_ends_ns;
}

static void command_ready(struct tpmb_chip *chip, uint64_t now)
{
	const struct tpmb_chip_profile *p = chip->profile;
	bool ended = chip->state == TPMB_CHIP_RECEPTION || chip->state == TPMB_CHIP_EXECUTION ||
		     chip->state == TPMB_CHIP_COMPLETION;

	chip->valid_stuck = p->quick_ready_us && chip->profile->map == TPMB_CHIP_TIS &&
			    now - chip->granted_ns < (uint64_t)p->quick_ready_us * NS_PER_US;
	if (chip->state == TPMB_CHIP_READY || chip->becoming_ready)
		return;
	if (chip->state == TPMB_CHIP_EXECUTION && p->abort_executes)
		complete(chip);
	abandon(chip);
	if (!ended || p->ready_direct)
		become_ready(chip, now);
}

/* Bytes that a command has by its own header; 0 while that is not known. */
static uint32_t command_size(const struct tpmb_chip *chip)
{
	uint32_t size;

	if (chip->cmd_len < 6)
		return 0;
	size = get_u32(chip->cmd + 2);
	/* A size that no command has ends with its header: the TPM answers an error then. */
	if (size < HEADER_SIZE || size > TPMB_CHIP_BUFFER_SIZE)
		size = HEADER_SIZE;
	return size;
}

static bool expects_more(const struct tpmb_chip *chip)
{
	uint32_t size = command_size(chip);

	return !size || chip->cmd_len < size;
}

static void start_execution(struct tpmb_chip *chip, uint64_t now)
{
	const struct tpmb_chip_profile *p = chip->profile;
	uint32_t ordinal = get_u32(chip->cmd + 6);
	bool extend = ordinal == (p->tpm2 ? ORDINAL_EXTEND_20 : ORDINAL_EXTEND_12);
	uint64_t takes = extend ? p->extend_us : p->other_us;

	if (p->jitter_us)
		takes += random_below(chip, p->jitter_us + 1);
	chip->state = TPMB_CHIP_EXECUTION;
	chip->execution_ends_ns =
		(now > chip->drained_ns ? now : chip->drained_ns) + takes * NS_PER_US;
}

/* Lets everything happen that was due by @now. */
static void settle(struct tpmb_chip *chip, uint64_t now)
{
	settle_locality(chip, now);
	if (chip->becoming_ready && now >= chip->ready_at_ns) {
		chip->becoming_ready = false;
		chip->state = TPMB_CHIP_READY;
	}
	if (chip->state == TPMB_CHIP_EXECUTION && now >= chip->execution_ends_ns)
		complete(chip);
}

/* ---- the FIFO --------------------------------------------------------------------- */

/* Bytes of a command that still sit in the FIFO. */
static uint32_t fifo_level(const struct tpmb_chip *chip, uint64_t now)
{
	const struct tpmb_chip_profile *p = chip->profile;
	uint64_t level;

	if (!p->write_byte_ns || now >= chip->drained_ns)
		return 0;
	level = (chip->drained_ns - now + p->write_byte_ns - 1) / p->write_byte_ns;
	return level < p->burst_bytes ? (uint32_t)level : p->burst_bytes;
}

/* Bytes of the response that can be read now. */
static uint32_t readable(const struct tpmb_chip *chip, uint64_t now)
{
	const struct tpmb_chip_profile *p = chip->profile;
	uint32_t left = chip->rsp_len - chip->rsp_pos;
	uint64_t level = p->burst_bytes;

	if (p->read_byte_ns && !p->read_stalls) {
		level = chip->fill;
		if (now > chip->fill_ns)
			level += (now - chip->fill_ns) / p->read_byte_ns;
		if (level > p->burst_bytes)
			level = p->burst_bytes;
	}
	return level < left ? (uint32_t)level : left;
}

static uint32_t burst_count(const struct tpmb_chip *chip, uint64_t now)
{
	const struct tpmb_chip_profile *p = chip->profile;

	switch (chip->state) {
	case TPMB_CHIP_READY:
	case TPMB_CHIP_RECEPTION:
		return p->burst_bytes - fifo_level(chip, now);
	case TPMB_CHIP_COMPLETION:
		return p->burst_zero_read ? 0 : readable(chip, now);
	default:
		return 0;
	}
}

static void fifo_write(struct tpmb_chip *chip, uint64_t now, uint8_t value)
{
	const struct tpmb_chip_profile *p = chip->profile;

	if (chip->state == TPMB_CHIP_READY) {
		chip->state = TPMB_CHIP_RECEPTION;
		chip->cmd_len = 0;
		chip->drained_ns = now;
	}
	if (chip->state != TPMB_CHIP_RECEPTION || !expects_more(chip))
		return;
	if (fifo_level(chip, now) >= p->burst_bytes) {
		uint64_t room_at =
			chip->drained_ns - (uint64_t)(p->burst_bytes - 1) * p->write_byte_ns;

		if (!p->full_stalls)
			return;
		chip->ops->stall_ns(chip->arg, room_at - now);
		now = room_at;
	}
	chip->cmd[chip->cmd_len++] = value;
	chip->drained_ns = (now > chip->drained_ns ? now : chip->drained_ns) + p->write_byte_ns;
}

static uint8_t fifo_read(struct tpmb_chip *chip, uint64_t now)
{
	const struct tpmb_chip_profile *p = chip->profile;
	uint32_t level;

	if (chip->state != TPMB_CHIP_COMPLETION || chip->rsp_pos == chip->rsp_len)
		return 0xff;
	level = readable(chip, now);
	if (!level)
		return 0xff;
	if (p->read_stalls && p->read_byte_ns) {
		chip->ops->stall_ns(chip->arg, p->read_byte_ns);
	} else {
		chip->fill = level - 1;
		chip->fill_ns = now;
	}
	return chip->rsp[chip->rsp_pos++];
}

/* ---- status ------------------------------------------------------------------------- */

/* Whether VALID is due: not while bytes are being taken in, nor during execution. */
static bool valid(const struct tpmb_chip *chip, uint64_t now)
{
	if (chip->valid_stuck || chip->state == TPMB_CHIP_EXECUTION)
		return false;
	return chip->state != TPMB_CHIP_RECEPTION || now >= chip->drained_ns;
}

/* Whether a driver that reads STS now is waiting for the chip. */
static bool busy(const struct tpmb_chip *chip, uint64_t now)
{
	return chip->becoming_ready || !valid(chip, now);
}

/* What reading STS too often does. */
static void poll(struct tpmb_chip *chip, uint64_t now)
{
	const struct tpmb_chip_profile *p = chip->profile;
	bool close =
		chip->polled_ns && now - chip->polled_ns < (uint64_t)p->poll_min_us * NS_PER_US;

	chip->polled_ns = now;
	switch (p->poll_effect) {
	case TPMB_POLL_HARMLESS:
		break;
	case TPMB_POLL_DIES:
		if (!busy(chip, now)) {
			chip->waiting = false;
			chip->close_polls = 0;
			break;
		}
		/* The first read of a wait may follow whatever came before it. */
		chip->close_polls = close && chip->waiting ? chip->close_polls + 1 : 0;
		chip->waiting = true;
		if (chip->close_polls >= POLLS_TO_DIE) {
			abandon(chip);
			chip->dead = true;
		}
		break;
	case TPMB_POLL_RESTARTS:
		if (close && chip->state == TPMB_CHIP_RECEPTION && !valid(chip, now))
			chip->drained_ns = now + (uint64_t)p->poll_restart_us * NS_PER_US;
		break;
	}
}

static uint8_t status(struct tpmb_chip *chip, uint64_t now)
{
	uint8_t sts = 0;

	poll(chip, now);
	if (chip->dead)
		return 0xff;
	if (valid(chip, now))
		sts |= TIS_STS_VALID;
	switch (chip->state) {
	case TPMB_CHIP_READY:
		sts |= TIS_STS_COMMAND_READY;
		break;
	case TPMB_CHIP_RECEPTION:
		if (expects_more(chip))
			sts |= TIS_STS_EXPECT;
		break;
	case TPMB_CHIP_COMPLETION:
		if (chip->rsp_pos < chip->rsp_len)
			sts |= TIS_STS_DATA_AVAIL;
		break;
	default:
		break;
	}
	if (chip->profile->map == TPMB_CHIP_TIS && chip->profile->tpm2)
		sts |= TIS_STS_SELFTEST_DONE;
	return sts;
}

/* Of several bits at once the specification promises nothing: they are ignored. */
static void write_status(struct tpmb_chip *chip, uint64_t now, uint8_t value)
{
	switch (value) {
	case TIS_STS_COMMAND_READY:
		command_ready(chip, now);
		break;
	case TIS_STS_GO:
		if (chip->state == TPMB_CHIP_RECEPTION && !expects_more(chip))
			start_execution(chip, now);
		break;
	case TIS_STS_RETRY:
		if (chip->state == TPMB_CHIP_COMPLETION) {
			chip->rsp_pos = 0;
			chip->fill = chip->profile->burst_bytes;
			chip->fill_ns = now;
		}
		break;
	default:
		break;
	}
}

/* ---- register maps --------------------------------------------------------------------- */

static uint8_t access_read(const struct tpmb_chip *chip, int locality)
{
	uint8_t others = (uint8_t)(chip->requests & ~(1u << locality));
	uint8_t value = TIS_ACCESS_VALID | TIS_ACCESS_NO_ESTABLISH;

	if (chip->active == locality)
		value |= TIS_ACCESS_ACTIVE;
	if (chip->seized & 1u << locality)
		value |= TIS_ACCESS_SEIZED;
	if (others)
		value |= TIS_ACCESS_PENDING;
	if (chip->requests & 1u << locality)
		value |= TIS_ACCESS_REQUEST_USE;
	return value;
}

/* The locality is gone, and with it whatever it had not finished. */
static void lose_locality(struct tpmb_chip *chip, uint64_t now)
{
	if (chip->state != TPMB_CHIP_IDLE && chip->state != TPMB_CHIP_READY)
		abandon(chip);
	chip->active = -1;
	chip->relinquished = true;
	chip->relinquished_ns = now;
	chip->granted_ns = now;
	chip->grant_at_ns = now + chip->profile->grant_ns;
}

static void access_write(struct tpmb_chip *chip, uint64_t now, int locality, uint8_t value)
{
	const struct tpmb_chip_profile *p = chip->profile;
	uint8_t bit = (uint8_t)(1u << locality);

	switch (value) {
	case TIS_ACCESS_REQUEST_USE:
		if (chip->active == locality)
			break;
		if (chip->relinquished &&
		    now - chip->relinquished_ns < (uint64_t)p->settle_us * NS_PER_US)
			break;
		if (chip->active < 0 && !chip->requests)
			chip->grant_at_ns = now + p->grant_ns;
		chip->requests |= bit;
		break;
	case TIS_ACCESS_ACTIVE:
		chip->requests = (uint8_t)(chip->requests & ~bit);
		if (chip->active == locality)
			lose_locality(chip, now);
		break;
	case TIS_ACCESS_SEIZE:
		if (chip->active >= locality)
			break;
		if (chip->active >= 0) {
			chip->seized |= (uint8_t)(1u << chip->active);
			lose_locality(chip, now);
		}
		grant(chip, locality, now);
		break;
	case TIS_ACCESS_SEIZED:
		chip->seized = (uint8_t)(chip->seized & ~bit);
		break;
	default:
		break;
	}
	settle_locality(chip, now);
}

static uint8_t byte_of(uint32_t value, uint32_t index)
{
	return (uint8_t)(value >> 8 * index);
}

/* Of the command until it has executed, then of the response; high byte first. */
static uint8_t csum_read(const struct tpmb_chip *chip, uint32_t index)
{
	uint16_t crc = chip->state == TPMB_CHIP_COMPLETION ? tpmb_crc16(chip->rsp, chip->rsp_len)
							   : tpmb_crc16(chip->cmd, chip->cmd_len);

	return byte_of(crc, 1 - index);
}

static uint8_t tis_read(struct tpmb_chip *chip, uint64_t now, uint32_t address)
{
	const struct tpmb_chip_profile *p = chip->profile;
	int locality = (int)(address >> 12);
	uint32_t reg = address & TIS_REG_MASK;

	if (locality >= TPMB_CHIP_LOCALITIES)
		return 0xff;
	if (reg == TIS_ACCESS)
		return access_read(chip, locality);
	if (reg >= TIS_INTF_CAP && reg < TIS_INTF_CAP + 4)
		/* Version 3 of the interface in bits 28 to 30 for TPM 2.0, 1.2's otherwise. */
		return byte_of((p->tpm2 ? 3u << 28 : 0) |
				       (p->burst_static ? TIS_INTF_BURST_STATIC : 0),
			       reg - TIS_INTF_CAP);
	if (reg >= TIS_DID_VID && reg < TIS_DID_VID + 4)
		return byte_of((uint32_t)p->device_id << 16 | p->vendor_id, reg - TIS_DID_VID);
	if (reg == TIS_RID)
		return p->revision;
	if (reg >= TIS_STS && reg < TIS_STS + 4) {
		if (chip->active != locality)
			return 0xff;
		if (p->sts_ones_ns && now - chip->granted_ns < p->sts_ones_ns)
			return 0xff;
		if (reg == TIS_STS)
			return status(chip, now);
		if (reg == TIS_STS + 3)
			return p->tpm2 ? 0x04 : 0; /* tpmFamily */
		return byte_of(burst_count(chip, now), reg - TIS_STS - 1);
	}
	if (reg >= TIS_DATA_FIFO && reg < TIS_DATA_FIFO + 4)
		return chip->active == locality ? fifo_read(chip, now) : 0xff;
	if (p->csum && (reg == TIS_DATA_CSUM || reg == TIS_DATA_CSUM + 1))
		return csum_read(chip, reg - TIS_DATA_CSUM);
	return 0;
}

static void tis_write(struct tpmb_chip *chip, uint64_t now, uint32_t address, uint8_t value)
{
	int locality = (int)(address >> 12);
	uint32_t reg = address & TIS_REG_MASK;

	if (locality >= TPMB_CHIP_LOCALITIES)
		return;
	if (reg == TIS_ACCESS)
		access_write(chip, now, locality, value);
	else if (chip->active != locality)
		return;
	else if (reg == TIS_STS)
		write_status(chip, now, value);
	else if (reg >= TIS_DATA_FIFO && reg < TIS_DATA_FIFO + 4)
		fifo_write(chip, now, value);
}

static uint8_t nuvoton_read(struct tpmb_chip *chip, uint64_t now, uint32_t reg)
{
	const struct tpmb_chip_profile *p = chip->profile;
	uint32_t count;

	switch (reg) {
	case NUVOTON_STS:
		return status(chip, now);
	case NUVOTON_BURST_COUNT:
		count = burst_count(chip, now);
		return count > 0xff ? 0xff : (uint8_t)count;
	case NUVOTON_FIFO_R:
		return fifo_read(chip, now);
	case NUVOTON_VID_DID_RID:
		return byte_of(p->vendor_id, 0);
	case NUVOTON_VID_DID_RID + 1:
		return byte_of(p->vendor_id, 1);
	case NUVOTON_VID_DID_RID + 2:
		return byte_of(p->device_id, 0);
	case NUVOTON_VID_DID_RID + 3:
		return p->revision;
	default:
		return 0xff;
	}
}

static void nuvoton_write(struct tpmb_chip *chip, uint64_t now, uint32_t reg, uint8_t value)
{
	if (reg == NUVOTON_STS)
		write_status(chip, now, value);
	else if (reg == NUVOTON_FIFO_W)
		fifo_write(chip, now, value);
}

/* ---- the interface ------------------------------------------------------------------------ */

static void power_on(struct tpmb_chip *chip)
{
	abandon(chip);
	chip->dead = false;
	chip->valid_stuck = false;
	/* Nuvoton's map has no localities: it is always locality 0. */
	chip->active = chip->profile->map == TPMB_CHIP_NUVOTON ? 0 : -1;
	chip->requests = 0;
	chip->seized = 0;
	chip->granted_ns = 0;
	chip->relinquished = false;
	chip->polled_ns = 0;
	chip->waiting = false;
	chip->close_polls = 0;
}

void tpmb_chip_init(struct tpmb_chip *chip, const struct tpmb_chip_profile *profile,
		    const struct tpmb_chip_ops *ops, void *arg)
{
	chip->profile = profile;
	chip->ops = ops;
	chip->arg = arg;
	chip->random = profile->seed ? profile->seed : 1;
	chip->readies = 0;
	chip->executed = 0;
	power_on(chip);
}

void tpmb_chip_reset(struct tpmb_chip *chip)
{
	power_on(chip);
	if (chip->ops->reset)
		chip->ops->reset(chip->arg);
}

bool tpmb_chip_present(const struct tpmb_chip *chip)
{
	return !chip->dead;
}

uint8_t tpmb_chip_read(struct tpmb_chip *chip, uint32_t reg)
{
	uint64_t now = now_ns(chip);

	if (chip->dead)
		return 0xff;
	settle(chip, now);
	return chip->profile->map == TPMB_CHIP_TIS ? tis_read(chip, now, reg)
						   : nuvoton_read(chip, now, reg);
}

void tpmb_chip_write(struct tpmb_chip *chip, uint32_t reg, uint8_t value)
{
	uint64_t now = now_ns(chip);

	if (chip->dead)
		return;
	settle(chip, now);
	if (chip->profile->map == TPMB_CHIP_TIS)
		tis_write(chip, now, reg, value);
	else
		nuvoton_write(chip, now, reg, value);
}
