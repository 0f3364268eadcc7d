// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The chip model against the command state machine of the TCG PC Client Platform TPM Profile. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "chip.h"
#include "crc.h"

#define US 1000ull

/* A chip whose TPM answers each command with its own bytes, marked, and a clock set by hand. */
struct bench {
	struct tpmb_chip_profile profile;
	struct tpmb_chip chip;
	uint64_t now;
	uint64_t stalled;
	unsigned int resets;
	uint8_t locality;
};

static uint64_t bench_now(void *arg)
{
	return ((struct bench *)arg)->now;
}

static void bench_stall(void *arg, uint64_t ns)
{
	struct bench *b = arg;

	b->now += ns;
	b->stalled += ns;
}

static uint32_t bench_execute(void *arg, uint8_t locality, const uint8_t *cmd, uint32_t cmd_len,
			      uint8_t *rsp)
{
	((struct bench *)arg)->locality = locality;
	if (cmd[9] == 0xee)
		return 0;
	memcpy(rsp, cmd, cmd_len);
	rsp[0] ^= 0xff;
	return cmd_len;
}

static void bench_reset(void *arg)
{
	((struct bench *)arg)->resets++;
}

static const struct tpmb_chip_ops bench_ops = {
	.now_ns = bench_now,
	.stall_ns = bench_stall,
	.execute = bench_execute,
	.reset = bench_reset,
};

static struct bench bench;

static struct bench *power_on(const struct tpmb_chip_profile *profile)
{
	memset(&bench, 0, sizeof(bench));
	bench.profile = *profile;
	bench.now = 1000 * US;
	tpmb_chip_init(&bench.chip, &bench.profile, &bench_ops, &bench);
	return &bench;
}

static const struct tpmb_chip_profile plain = {
	.map = TPMB_CHIP_TIS,
	.tpm2 = true,
	.vendor_id = 0x15d1,
	.device_id = 0x001b,
	.revision = 0x10,
	.burst_bytes = 8,
	.full_stalls = true,
	.grant_ns = 50 * US,
	.ready_ns = 300 * US,
	.extend_us = 5000,
	.other_us = 1000,
};

static uint8_t get(struct bench *b, uint32_t reg)
{
	return tpmb_chip_read(&b->chip, reg);
}

static void put(struct bench *b, uint32_t reg, uint8_t value)
{
	tpmb_chip_write(&b->chip, reg, value);
}

static uint32_t burst(struct bench *b)
{
	return get(b, TIS_STS + 1) | (uint32_t)get(b, TIS_STS + 2) << 8;
}

static void take_locality(struct bench *b)
{
	put(b, TIS_ACCESS, TIS_ACCESS_REQUEST_USE);
	b->now += b->profile.grant_ns;
	assert_int_equal(get(b, TIS_ACCESS), 0xa1);
}

static void make_ready(struct bench *b)
{
	put(b, TIS_STS, TIS_STS_COMMAND_READY);
	b->now += b->profile.ready_ns;
	assert_true(get(b, TIS_STS) & TIS_STS_COMMAND_READY);
}

/* A command of @len bytes; its ordinal's last byte is @ordinal. */
static const uint8_t *command(uint32_t len, uint8_t ordinal)
{
	static uint8_t cmd[TPMB_CHIP_BUFFER_SIZE];

	for (uint32_t i = 0; i < len; i++)
		cmd[i] = (uint8_t)i;
	memcpy(cmd, (uint8_t[]){0x80, 1, 0, 0, (uint8_t)(len >> 8), (uint8_t)len, 0, 0, 1, ordinal},
	       10);
	return cmd;
}

static void send(struct bench *b, const uint8_t *cmd, uint32_t len)
{
	for (uint32_t i = 0; i < len; i++)
		put(b, TIS_DATA_FIFO, cmd[i]);
}

static void locality_is_granted_in_time(void **state)
{
	struct bench *b = power_on(&plain);

	(void)state;
	assert_int_equal(get(b, TIS_ACCESS), 0x81);
	put(b, TIS_ACCESS, TIS_ACCESS_REQUEST_USE);
	assert_int_equal(get(b, TIS_ACCESS), 0x83);
	b->now += b->profile.grant_ns - 1;
	assert_int_equal(get(b, TIS_ACCESS), 0x83);
	b->now++;
	assert_int_equal(get(b, TIS_ACCESS), 0xa1);
	/* Another locality waits until this one is given up. */
	put(b, TIS_REG(2) + TIS_ACCESS, TIS_ACCESS_REQUEST_USE);
	b->now += 10 * b->profile.grant_ns;
	assert_int_equal(get(b, TIS_ACCESS), 0xa5);
	assert_int_equal(get(b, TIS_REG(2) + TIS_ACCESS), 0x83);
	put(b, TIS_ACCESS, TIS_ACCESS_ACTIVE);
	b->now += b->profile.grant_ns;
	assert_int_equal(get(b, TIS_ACCESS), 0x81);
	assert_int_equal(get(b, TIS_REG(2) + TIS_ACCESS), 0xa1);
	/* A higher one seizes; a lower one cannot. */
	put(b, TIS_REG(1) + TIS_ACCESS, TIS_ACCESS_SEIZE);
	assert_int_equal(get(b, TIS_REG(2) + TIS_ACCESS), 0xa1);
	put(b, TIS_REG(3) + TIS_ACCESS, TIS_ACCESS_SEIZE);
	assert_int_equal(get(b, TIS_REG(3) + TIS_ACCESS), 0xa1);
	assert_int_equal(get(b, TIS_REG(2) + TIS_ACCESS), 0x91);
	put(b, TIS_REG(2) + TIS_ACCESS, TIS_ACCESS_SEIZED);
	assert_int_equal(get(b, TIS_REG(2) + TIS_ACCESS), 0x81);
}

static void without_locality_nothing_works(void **state)
{
	struct bench *b = power_on(&plain);

	(void)state;
	assert_int_equal(get(b, TIS_STS), 0xff);
	assert_int_equal(get(b, TIS_DATA_FIFO), 0xff);
	put(b, TIS_STS, TIS_STS_COMMAND_READY);
	take_locality(b);
	b->now += 10 * b->profile.ready_ns;
	assert_false(get(b, TIS_STS) & TIS_STS_COMMAND_READY);
	assert_int_equal(get(b, TIS_DID_VID) | get(b, TIS_DID_VID + 1) << 8, 0x15d1);
	assert_int_equal(get(b, TIS_DID_VID + 2) | get(b, TIS_DID_VID + 3) << 8, 0x001b);
	assert_int_equal(get(b, TIS_RID), 0x10);
	assert_int_equal(get(b, TIS_INTF_CAP + 3) >> 4, 3);
	assert_int_equal(get(b, TIS_REG(5) + TIS_ACCESS), 0xff);
}

static void walk_through_a_command(void **state)
{
	struct bench *b = power_on(&plain);
	const uint8_t *cmd = command(12, 0x44);

	(void)state;
	take_locality(b);
	assert_int_equal(get(b, TIS_STS), 0x84);
	put(b, TIS_STS, TIS_STS_COMMAND_READY);
	assert_int_equal(get(b, TIS_STS), 0x84);
	b->now += b->profile.ready_ns;
	assert_int_equal(get(b, TIS_STS), 0xc4);
	assert_int_equal(burst(b), 8);
	send(b, cmd, 11);
	assert_int_equal(get(b, TIS_STS), 0x8c);
	send(b, cmd + 11, 1);
	assert_int_equal(get(b, TIS_STS), 0x84);
	/* What exceeds the command is ignored. */
	put(b, TIS_DATA_FIFO, 0x55);
	put(b, TIS_STS, TIS_STS_GO);
	assert_int_equal(get(b, TIS_STS), 0x04);
	assert_int_equal(burst(b), 0);
	b->now += 1000 * US - 1;
	assert_int_equal(get(b, TIS_STS), 0x04);
	assert_int_equal(b->chip.executed, 0);
	b->now++;
	assert_int_equal(get(b, TIS_STS), 0x94);
	assert_int_equal(b->chip.executed, 1);
	assert_int_equal(b->chip.cmd_len, 12);
	assert_int_equal(burst(b), 8);
	for (uint32_t i = 0; i < 12; i++)
		assert_int_equal(get(b, TIS_DATA_FIFO), i ? cmd[i] : cmd[i] ^ 0xff);
	assert_int_equal(get(b, TIS_STS), 0x84);
	assert_int_equal(get(b, TIS_DATA_FIFO), 0xff);
	/* Once more from the start. */
	put(b, TIS_STS, TIS_STS_RETRY);
	assert_int_equal(get(b, TIS_STS), 0x94);
	assert_int_equal(get(b, TIS_DATA_FIFO), cmd[0] ^ 0xff);
	put(b, TIS_STS, TIS_STS_COMMAND_READY);
	assert_int_equal(get(b, TIS_STS), 0x84);
	assert_int_equal(get(b, TIS_DATA_FIFO), 0xff);
	assert_int_equal(b->chip.state, TPMB_CHIP_IDLE);
	assert_int_equal(b->chip.executed, 1);
}

static void extends_take_their_own_time(void **state)
{
	struct bench *b = power_on(&plain);

	(void)state;
	take_locality(b);
	make_ready(b);
	send(b, command(20, 0x82), 20);
	put(b, TIS_STS, TIS_STS_GO);
	b->now += 5000 * US - 1;
	assert_false(get(b, TIS_STS) & TIS_STS_DATA_AVAIL);
	b->now++;
	assert_true(get(b, TIS_STS) & TIS_STS_DATA_AVAIL);
}

static void out_of_turn_is_ignored(void **state)
{
	struct bench *b = power_on(&plain);
	const uint8_t *cmd = command(12, 0x44);

	(void)state;
	take_locality(b);
	/* Idle: no bytes, no GO. */
	send(b, cmd, 12);
	put(b, TIS_STS, TIS_STS_GO);
	assert_int_equal(get(b, TIS_STS), 0x84);
	make_ready(b);
	/* Ready: nothing to go for. */
	put(b, TIS_STS, TIS_STS_GO);
	assert_int_equal(b->chip.state, TPMB_CHIP_READY);
	send(b, cmd, 11);
	/* Reception with EXPECT: not yet; several bits: never. */
	put(b, TIS_STS, TIS_STS_GO);
	assert_int_equal(get(b, TIS_STS), 0x8c);
	send(b, cmd + 11, 1);
	put(b, TIS_STS, TIS_STS_GO | TIS_STS_COMMAND_READY);
	put(b, TIS_STS, TIS_STS_GO | TIS_STS_RETRY);
	put(b, TIS_STS, TIS_STS_RETRY);
	assert_int_equal(b->chip.state, TPMB_CHIP_RECEPTION);
	put(b, TIS_STS, TIS_STS_GO);
	/* Execution: bytes and a second GO. */
	send(b, cmd, 12);
	b->now += 500 * US;
	put(b, TIS_STS, TIS_STS_GO);
	b->now += 500 * US;
	assert_true(get(b, TIS_STS) & TIS_STS_DATA_AVAIL);
	/* Completion: no GO. */
	put(b, TIS_STS, TIS_STS_GO);
	put(b, TIS_DATA_FIFO, 0);
	assert_true(get(b, TIS_STS) & TIS_STS_DATA_AVAIL);
	assert_int_equal(b->chip.executed, 1);
	assert_int_equal(b->chip.cmd_len, 12);
}

static void command_ready_aborts(void **state)
{
	struct tpmb_chip_profile direct = plain;
	struct bench *b = power_on(&plain);
	const uint8_t *cmd = command(12, 0x44);

	(void)state;
	take_locality(b);
	make_ready(b);
	send(b, cmd, 5);
	put(b, TIS_STS, TIS_STS_COMMAND_READY);
	assert_int_equal(b->chip.state, TPMB_CHIP_IDLE);
	make_ready(b);
	send(b, cmd, 12);
	assert_int_equal(get(b, TIS_STS), 0x84);
	put(b, TIS_STS, TIS_STS_GO);
	b->now += 1000 * US - 1;
	put(b, TIS_STS, TIS_STS_COMMAND_READY);
	b->now += 5000 * US;
	assert_int_equal(get(b, TIS_STS), 0x84);
	assert_int_equal(b->chip.executed, 0);
	/* One that cannot stop. */
	direct.abort_executes = true;
	b = power_on(&direct);
	take_locality(b);
	make_ready(b);
	send(b, cmd, 12);
	put(b, TIS_STS, TIS_STS_GO);
	put(b, TIS_STS, TIS_STS_COMMAND_READY);
	assert_int_equal(get(b, TIS_STS), 0x84);
	assert_int_equal(b->chip.executed, 1);
	b->now += 5000 * US;
	assert_int_equal(get(b, TIS_STS), 0x84);
	assert_int_equal(b->chip.executed, 1);
	/* One that goes to Ready by itself. */
	direct.ready_direct = true;
	b = power_on(&direct);
	take_locality(b);
	make_ready(b);
	send(b, cmd, 5);
	put(b, TIS_STS, TIS_STS_COMMAND_READY);
	assert_int_equal(get(b, TIS_STS), 0x84);
	b->now += b->profile.ready_ns;
	assert_int_equal(get(b, TIS_STS), 0xc4);
}

static void losing_the_locality_aborts(void **state)
{
	struct bench *b = power_on(&plain);

	(void)state;
	take_locality(b);
	make_ready(b);
	send(b, command(12, 0x44), 12);
	put(b, TIS_STS, TIS_STS_GO);
	put(b, TIS_ACCESS, TIS_ACCESS_ACTIVE);
	b->now += 5000 * US;
	take_locality(b);
	assert_int_equal(get(b, TIS_STS), 0x84);
	assert_int_equal(b->chip.executed, 0);
}

static void a_full_fifo_holds_the_bus(void **state)
{
	struct tpmb_chip_profile slow = plain;
	struct bench *b;

	(void)state;
	slow.write_byte_ns = 10 * US;
	b = power_on(&slow);
	take_locality(b);
	make_ready(b);
	send(b, command(20, 0x44), 8);
	assert_int_equal(b->stalled, 0);
	assert_int_equal(burst(b), 0);
	assert_false(get(b, TIS_STS) & TIS_STS_VALID);
	b->now += 25 * US;
	assert_int_equal(burst(b), 2);
	b->now -= 25 * US;
	send(b, command(20, 0x44) + 8, 12);
	assert_int_equal(b->stalled, 12 * 10 * US);
	b->now += 80 * US - 1;
	assert_int_equal(get(b, TIS_STS), 0x04);
	b->now++;
	assert_int_equal(get(b, TIS_STS), 0x84);
	assert_int_equal(burst(b), 8);
}

static void a_full_fifo_drops(void **state)
{
	struct tpmb_chip_profile slow = plain;
	struct bench *b;

	(void)state;
	slow.write_byte_ns = 10 * US;
	slow.full_stalls = false;
	b = power_on(&slow);
	take_locality(b);
	make_ready(b);
	send(b, command(20, 0x44), 20);
	assert_int_equal(b->stalled, 0);
	assert_int_equal(b->chip.cmd_len, 8);
	b->now += 80 * US;
	/* EXPECT says that bytes are missing, and GO is refused. */
	assert_int_equal(get(b, TIS_STS), 0x8c);
	put(b, TIS_STS, TIS_STS_GO);
	b->now += 5000 * US;
	assert_int_equal(get(b, TIS_STS), 0x8c);
	assert_int_equal(b->chip.executed, 0);
}

static void responses_refill(void **state)
{
	struct tpmb_chip_profile slow = plain;
	struct bench *b;

	(void)state;
	slow.read_byte_ns = 10 * US;
	b = power_on(&slow);
	take_locality(b);
	make_ready(b);
	send(b, command(20, 0x44), 20);
	put(b, TIS_STS, TIS_STS_GO);
	b->now += 1000 * US;
	assert_int_equal(burst(b), 8);
	for (int i = 0; i < 8; i++)
		get(b, TIS_DATA_FIFO);
	assert_int_equal(burst(b), 0);
	assert_true(get(b, TIS_STS) & TIS_STS_DATA_AVAIL);
	assert_int_equal(get(b, TIS_DATA_FIFO), 0xff);
	b->now += 30 * US;
	assert_int_equal(burst(b), 3);
	b->now += 300 * US;
	assert_int_equal(burst(b), 8);
	assert_int_equal(get(b, TIS_DATA_FIFO), 1);
}

static void sizes_that_no_command_has(void **state)
{
	struct bench *b = power_on(&plain);
	uint8_t cmd[10];

	(void)state;
	take_locality(b);
	memcpy(cmd, command(10, 0x44), 10);
	for (int i = 0; i < 2; i++) {
		/* 3 bytes, then 16 MiB: both end with the header. */
		cmd[2] = i ? 1 : 0;
		cmd[5] = 3;
		make_ready(b);
		send(b, cmd, 9);
		assert_true(get(b, TIS_STS) & TIS_STS_EXPECT);
		send(b, cmd + 9, 1);
		assert_false(get(b, TIS_STS) & TIS_STS_EXPECT);
		put(b, TIS_STS, TIS_STS_COMMAND_READY);
	}
	/* The largest command fits. */
	make_ready(b);
	send(b, command(TPMB_CHIP_BUFFER_SIZE, 0x44), TPMB_CHIP_BUFFER_SIZE);
	send(b, cmd, 10);
	assert_int_equal(b->chip.cmd_len, TPMB_CHIP_BUFFER_SIZE);
	put(b, TIS_STS, TIS_STS_GO);
	b->now += 1000 * US;
	assert_true(get(b, TIS_STS) & TIS_STS_DATA_AVAIL);
}

static void a_hung_tpm_is_aborted(void **state)
{
	struct bench *b = power_on(&plain);

	(void)state;
	take_locality(b);
	make_ready(b);
	send(b, command(12, 0xee), 12);
	put(b, TIS_STS, TIS_STS_GO);
	b->now += 1000000000 * US;
	assert_int_equal(get(b, TIS_STS), 0x04);
	b->now += 1000000000 * US;
	assert_int_equal(get(b, TIS_STS), 0x04);
	assert_int_equal(b->chip.executed, 1);
	put(b, TIS_STS, TIS_STS_COMMAND_READY);
	make_ready(b);
}

static void reset_forgets(void **state)
{
	struct bench *b = power_on(&plain);

	(void)state;
	take_locality(b);
	make_ready(b);
	send(b, command(12, 0x44), 12);
	put(b, TIS_STS, TIS_STS_GO);
	tpmb_chip_reset(&b->chip);
	assert_int_equal(b->resets, 1);
	assert_int_equal(get(b, TIS_ACCESS), 0x81);
	b->now += 5000 * US;
	take_locality(b);
	assert_int_equal(get(b, TIS_STS), 0x84);
	assert_int_equal(b->chip.executed, 0);
}

static void nuvoton_map(void **state)
{
	struct tpmb_chip_profile nuvoton = plain;
	const uint8_t *cmd = command(12, 0x44);
	struct bench *b;

	(void)state;
	nuvoton.map = TPMB_CHIP_NUVOTON;
	nuvoton.vendor_id = 0x1050;
	nuvoton.device_id = 0x00fe;
	nuvoton.burst_bytes = 300;
	b = power_on(&nuvoton);
	assert_int_equal(get(b, NUVOTON_VID_DID_RID), 0x50);
	assert_int_equal(get(b, NUVOTON_VID_DID_RID + 1), 0x10);
	assert_int_equal(get(b, NUVOTON_VID_DID_RID + 2), 0xfe);
	put(b, NUVOTON_STS, TIS_STS_COMMAND_READY);
	b->now += b->profile.ready_ns;
	assert_int_equal(get(b, NUVOTON_STS), 0xc0);
	/* The count has one byte. */
	assert_int_equal(get(b, NUVOTON_BURST_COUNT), 0xff);
	for (int i = 0; i < 12; i++)
		put(b, NUVOTON_FIFO_W, cmd[i]);
	assert_int_equal(get(b, NUVOTON_STS), 0x80);
	put(b, NUVOTON_STS, TIS_STS_GO);
	b->now += 1000 * US;
	assert_int_equal(get(b, NUVOTON_STS), 0x90);
	/* ... and is what is left of the response. */
	assert_int_equal(get(b, NUVOTON_BURST_COUNT), 12);
	assert_int_equal(get(b, NUVOTON_FIFO_R), cmd[0] ^ 0xff);
	assert_int_equal(get(b, NUVOTON_BURST_COUNT), 11);
}

static void checksum_register(void **state)
{
	struct tpmb_chip_profile i2c = plain;
	const uint8_t *cmd = command(12, 0x44);
	uint8_t rsp[12];
	struct bench *b;

	(void)state;
	/* CRC-16/KERMIT's check value. */
	assert_int_equal(tpmb_crc16((const uint8_t *)"123456789", 9), 0x2189);
	i2c.csum = true;
	b = power_on(&i2c);
	take_locality(b);
	make_ready(b);
	send(b, cmd, 12);
	assert_int_equal(get(b, TIS_DATA_CSUM) << 8 | get(b, TIS_DATA_CSUM + 1),
			 tpmb_crc16(cmd, 12));
	put(b, TIS_STS, TIS_STS_GO);
	b->now += 1000 * US;
	memcpy(rsp, cmd, 12);
	rsp[0] ^= 0xff;
	assert_int_equal(get(b, TIS_DATA_CSUM) << 8 | get(b, TIS_DATA_CSUM + 1),
			 tpmb_crc16(rsp, 12));
}

static void quirks(void **state)
{
	struct tpmb_chip_profile p = plain;
	struct bench *b;

	(void)state;
	/* requestUse is lost after a relinquish. */
	p.settle_us = 3000;
	b = power_on(&p);
	take_locality(b);
	put(b, TIS_ACCESS, TIS_ACCESS_ACTIVE);
	b->now += 3000 * US - 1;
	put(b, TIS_ACCESS, TIS_ACCESS_REQUEST_USE);
	assert_int_equal(get(b, TIS_ACCESS), 0x81);
	b->now++;
	take_locality(b);
	/* All ones after a change of locality. */
	p = plain;
	p.sts_ones_ns = 1000;
	b = power_on(&p);
	put(b, TIS_ACCESS, TIS_ACCESS_REQUEST_USE);
	b->now += p.grant_ns + 999;
	assert_int_equal(get(b, TIS_STS), 0xff);
	assert_int_equal(burst(b), 0xffff);
	b->now++;
	assert_int_equal(get(b, TIS_STS), 0x84);
	/* VALID stuck after a quick commandReady, until a later one. */
	p = plain;
	p.quick_ready_us = 20;
	b = power_on(&p);
	take_locality(b);
	put(b, TIS_STS, TIS_STS_COMMAND_READY);
	b->now += p.ready_ns;
	assert_int_equal(get(b, TIS_STS), 0x44);
	send(b, command(12, 0x44), 12);
	b->now += 1000000 * US;
	assert_int_equal(get(b, TIS_STS), 0x04);
	put(b, TIS_STS, TIS_STS_COMMAND_READY);
	assert_int_equal(get(b, TIS_STS), 0x84);
	/* Polled to death, but only while it is busy. */
	p = plain;
	p.poll_effect = TPMB_POLL_DIES;
	p.poll_min_us = 600;
	b = power_on(&p);
	take_locality(b);
	make_ready(b);
	for (int i = 0; i < 10; i++)
		assert_int_equal(get(b, TIS_STS), 0xc4);
	send(b, command(12, 0x44), 12);
	put(b, TIS_STS, TIS_STS_GO);
	assert_int_equal(get(b, TIS_STS), 0x04);
	b->now += 600 * US;
	assert_int_equal(get(b, TIS_STS), 0x04);
	b->now += 10 * US;
	assert_int_equal(get(b, TIS_STS), 0x04);
	b->now += 10 * US;
	assert_int_equal(get(b, TIS_STS), 0xff);
	assert_false(tpmb_chip_present(&b->chip));
	assert_int_equal(get(b, TIS_ACCESS), 0xff);
	tpmb_chip_reset(&b->chip);
	assert_true(tpmb_chip_present(&b->chip));
	/* Polled too often, VALID takes for ever. */
	p = plain;
	p.poll_effect = TPMB_POLL_RESTARTS;
	p.poll_min_us = 1000;
	p.poll_restart_us = 500;
	p.write_byte_ns = 1000;
	b = power_on(&p);
	take_locality(b);
	make_ready(b);
	send(b, command(12, 0x44), 12);
	for (int i = 0; i < 100; i++) {
		assert_int_equal(get(b, TIS_STS), 0x04);
		b->now += 400 * US;
	}
	b->now += 600 * US;
	assert_int_equal(get(b, TIS_STS), 0x84);
	/* No burst count for a response; bytes come all the same. */
	p = plain;
	p.burst_zero_read = true;
	b = power_on(&p);
	take_locality(b);
	make_ready(b);
	send(b, command(12, 0x44), 12);
	put(b, TIS_STS, TIS_STS_GO);
	b->now += 1000 * US;
	assert_int_equal(burst(b), 0);
	assert_int_equal(get(b, TIS_DATA_FIFO), 0x7f);
	/* Every third commandReady is slow. */
	p = plain;
	p.ready_slow_every = 3;
	p.ready_slow_us = 2000;
	b = power_on(&p);
	take_locality(b);
	make_ready(b);
	put(b, TIS_DATA_FIFO, 0);
	put(b, TIS_STS, TIS_STS_COMMAND_READY);
	make_ready(b);
	put(b, TIS_DATA_FIFO, 0);
	put(b, TIS_STS, TIS_STS_COMMAND_READY);
	put(b, TIS_STS, TIS_STS_COMMAND_READY);
	b->now += 2000 * US - 1;
	assert_int_equal(get(b, TIS_STS), 0x84);
	b->now++;
	assert_int_equal(get(b, TIS_STS), 0xc4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(locality_is_granted_in_time),
		cmocka_unit_test(without_locality_nothing_works),
		cmocka_unit_test(walk_through_a_command),
		cmocka_unit_test(extends_take_their_own_time),
		cmocka_unit_test(out_of_turn_is_ignored),
		cmocka_unit_test(command_ready_aborts),
		cmocka_unit_test(losing_the_locality_aborts),
		cmocka_unit_test(a_full_fifo_holds_the_bus),
		cmocka_unit_test(a_full_fifo_drops),
		cmocka_unit_test(responses_refill),
		cmocka_unit_test(sizes_that_no_command_has),
		cmocka_unit_test(a_hung_tpm_is_aborted),
		cmocka_unit_test(reset_forgets),
		cmocka_unit_test(nuvoton_map),
		cmocka_unit_test(checksum_register),
		cmocka_unit_test(quirks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
