// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The buses of boards: what spidev and i2c-dev would put on the wire is taken
 * apart here by a slave of the test's own, and given to a chip model.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "chip_tpm.h"
#include "extend_run.h"
#include "phy_i2c.h"
#include "phy_spi.h"
#include "lib_private.h"
#include "transport.h"
#include "transport_chip.h"

static char last_message[1024];

static void on_message(void *arg, const char *line)
{
	(void)arg;
	snprintf(last_message, sizeof(last_message), "%s", line);
}

/* ---- SPI ---------------------------------------------------------------------------- */

/* A slave by the TCG's rules; it fails the test where the master breaks them. */
struct spi_slave {
	struct tpmb_spi_wire wire;
	struct tpmb_phy_spi phy;
	struct tpmb_chip *chip;
	unsigned int waits;   /* wait states before each frame's data */
	unsigned int waiting; /* left of this frame */
	bool in_frame;	      /* the header has come, the data has not */
	bool selected;
	uint32_t reg;
	bool read;
	size_t len;
	unsigned int frames;
};

static int slave_transfer(struct tpmb_spi_wire *wire, const uint8_t *tx, uint8_t *rx, size_t len,
			  bool keep)
{
	struct spi_slave *slave = (struct spi_slave *)wire;

	if (!slave->in_frame) {
		assert_int_equal(len, 4);
		assert_false(slave->selected);
		assert_int_equal(tx[1], 0xd4);
		assert_int_equal(tx[0] & 0x40, 0);
		slave->read = tx[0] & 0x80;
		slave->len = (tx[0] & 0x3fu) + 1;
		slave->reg = (uint32_t)tx[2] << 8 | tx[3];
		slave->waiting = slave->waits;
		slave->in_frame = true;
		slave->frames++;
		memset(rx, 0xfe, 3);
		rx[3] = slave->waiting ? 0 : 1;
		assert_true(keep);
	} else if (slave->waiting) {
		assert_int_equal(len, 1);
		slave->waiting--;
		rx[0] = slave->waiting ? 0 : 1;
		slave->in_frame = keep;
	} else {
		assert_int_equal(len, slave->len);
		assert_false(keep);
		slave->in_frame = false;
		for (size_t i = 0; i < len; i++) {
			uint32_t at = (slave->reg & TIS_REG_MASK) == TIS_DATA_FIFO
					      ? slave->reg
					      : slave->reg + (uint32_t)i;

			if (slave->read)
				rx[i] = tpmb_chip_read(slave->chip, at);
			else
				tpmb_chip_write(slave->chip, at, tx[i]);
		}
	}
	slave->selected = keep;
	return 0;
}

/* ---- I2C ------------------------------------------------------------------------------ */

struct i2c_slave {
	struct tpmb_i2c_wire wire;
	struct tpmb_phy_i2c phy;
	struct tpmb_chip *chip;
	struct tpmb_clock *clock;
	bool nuvoton;
	unsigned int nack_every; /* transfers, one is not acknowledged; 0: never */
	unsigned int ones_every; /* reads of STS, one is all ones; 0: never */
	unsigned int transfers;
	unsigned int status_reads;
	uint8_t reg;
	uint32_t guard_us; /* after each transfer */
	uint64_t free_at_ns;
	unsigned int early; /* transfers that came before the guard time was over */
	bool csum_enabled;
	bool located;
};

/* TCG's I2C registers as those of TIS. */
static uint32_t tis_register(uint8_t reg)
{
	switch (reg) {
	case 0x04:
		return TIS_ACCESS;
	case 0x48:
	case 0x49:
	case 0x4a:
	case 0x4b:
		return TIS_DID_VID + (reg - 0x48u);
	case 0x4c:
		return TIS_RID;
	default:
		return reg;
	}
}

static uint8_t slave_read(struct i2c_slave *slave, size_t i)
{
	bool fifo = slave->reg == (slave->nuvoton ? NUVOTON_FIFO_R : TIS_DATA_FIFO);
	uint8_t reg = (uint8_t)(fifo ? slave->reg : slave->reg + i);

	if (slave->nuvoton)
		return tpmb_chip_read(slave->chip, reg);
	if (slave->reg == 0x30)
		/* Guard time in bits 9 to 16, after everything. */
		return (uint8_t)((slave->guard_us << 9 | 0x1e0000u) >> 8 * i);
	if (reg == TIS_STS && slave->ones_every && ++slave->status_reads % slave->ones_every == 0)
		return 0xff;
	return tpmb_chip_read(slave->chip, tis_register(reg));
}

static void slave_write(struct i2c_slave *slave, size_t i, uint8_t value)
{
	bool fifo = slave->reg == (slave->nuvoton ? NUVOTON_FIFO_W : TIS_DATA_FIFO);
	uint8_t reg = (uint8_t)(fifo ? slave->reg : slave->reg + i);

	if (slave->nuvoton)
		tpmb_chip_write(slave->chip, reg, value);
	else if (reg == 0x40)
		slave->csum_enabled = value == 1;
	else if (reg == 0x00)
		slave->located = value == 0;
	else
		tpmb_chip_write(slave->chip, tis_register(reg), value);
}

static int slave_i2c(struct tpmb_i2c_wire *wire, const uint8_t *out, size_t out_len, uint8_t *in,
		     size_t in_len)
{
	struct i2c_slave *slave = (struct i2c_slave *)wire;

	assert_true(out_len <= 33 && in_len <= 32);
	/* A master that comes before the guard time is over is not heard. */
	if (tpmb_clock_now_ns(slave->clock) < slave->free_at_ns) {
		slave->early++;
		return -ENXIO;
	}
	if (slave->nack_every && ++slave->transfers % slave->nack_every == 0)
		return -ENXIO;
	if (!slave->nuvoton) {
		assert_true(out_len <= 32);
		assert_true(!out_len != !in_len);
	}
	if (out_len)
		slave->reg = out[0];
	for (size_t i = 1; i < out_len; i++)
		slave_write(slave, i - 1, out[i]);
	for (size_t i = 0; i < in_len; i++)
		in[i] = slave_read(slave, i);
	slave->free_at_ns = tpmb_clock_now_ns(slave->clock) + slave->guard_us * 1000ull;
	return 0;
}

/* ---- extends over them ------------------------------------------------------------------ */

static struct spi_slave spi;
static struct i2c_slave i2c;

static struct tis_phy *wrap_spi(void *arg, struct tis_phy *phy)
{
	struct tpmb_sim_tpm *sim = arg;

	(void)phy;
	spi.wire.transfer = slave_transfer;
	spi.chip = &sim->chip;
	tpmb_phy_spi_init(&spi.phy, "slave", &spi.wire);
	return &spi.phy.phy;
}

static struct tis_phy *wrap_i2c(void *arg, struct tis_phy *phy)
{
	struct tpmb_sim_tpm *sim = arg;

	(void)phy;
	i2c.wire.transfer = slave_i2c;
	i2c.chip = &sim->chip;
	i2c.clock = sim->clock;
	if (i2c.nuvoton)
		tpmb_phy_i2c_nuvoton_init(&i2c.phy, "slave", &i2c.wire, sim->clock);
	else
		assert_int_equal(tpmb_phy_i2c_init(&i2c.phy, "slave", &i2c.wire, sim->clock), 0);
	return &i2c.phy.phy;
}

static int run_extends(const char *chip, const char *policy_text,
		       struct tis_phy *(*wrap)(void *arg, struct tis_phy *phy))
{
	static struct tpmb_sim_tpm sim;
	struct tpmb_extend_run run;
	struct tpmb_chip_exec exec;
	struct tpmb_policy policy;
	struct tpmb_profile profile;
	int ret;

	assert_int_equal(tpmb_profile_find(chip, &profile), 0);
	assert_int_equal(tpmb_policy_parse(policy_text, &policy), 0);
	assert_int_equal(tpmb_chip_tpm_on(profile.chip.tpm2, &exec), 0);
	ret = tpmb_sim_tpm_init(&sim, &profile, &policy, &exec, NULL, wrap, &sim);
	if (!ret)
		ret = tpmb_extend_run_start(&run, &sim);
	for (uint64_t i = 0; i < 100 && !ret; i++)
		ret = tpmb_extend_run_one(&run, i);
	if (!ret)
		ret = tpmb_extend_run_check(&run);
	tpmb_chip_tpm_off();
	return ret;
}

static const char *const policies[] = {"tpmbatch", "linux-6.12", "linux-4.7"};

static void spi_frames(void **state)
{
	(void)state;
	for (size_t p = 0; p < ARRAY_SIZE(policies); p++)
		for (unsigned int waits = 0; waits <= 50; waits += 25) {
			memset(&spi, 0, sizeof(spi));
			spi.waits = waits;
			assert_int_equal(run_extends("slb9670-spi", policies[p], wrap_spi), 0);
			assert_true(spi.frames > 500);
		}
	/* A chip that never lets go of its wait states is an error, and chip select is released. */
	memset(&spi, 0, sizeof(spi));
	spi.waits = 1000;
	assert_int_equal(run_extends("slb9670-spi", "tpmbatch", wrap_spi), -ETIMEDOUT);
	assert_false(spi.selected);
}

static void tcg_i2c_messages(void **state)
{
	(void)state;
	for (size_t p = 0; p < ARRAY_SIZE(policies); p++)
		for (unsigned int guard_us = 0; guard_us <= 200; guard_us += 100) {
			memset(&i2c, 0, sizeof(i2c));
			i2c.guard_us = guard_us;
			i2c.nack_every = guard_us ? 7 : 0;
			/* Linux up to 4.15 does not know what bits must be zero; the bus does. */
			i2c.ones_every = guard_us ? 5 : 0;
			assert_int_equal(run_extends("slb9673-i2c-400k", policies[p], wrap_i2c), 0);
			assert_true(i2c.csum_enabled);
			assert_true(i2c.located);
			assert_int_equal(i2c.early, 0);
		}
	memset(&i2c, 0, sizeof(i2c));
	i2c.guard_us = 255;
	assert_int_equal(run_extends("slb9673-i2c-400k", "tpmbatch", wrap_i2c), 0);
}

static void nuvoton_blocks(void **state)
{
	(void)state;
	for (size_t p = 0; p < ARRAY_SIZE(policies); p++) {
		memset(&i2c, 0, sizeof(i2c));
		i2c.nuvoton = true;
		assert_int_equal(run_extends("npct650-i2c-400k", policies[p], wrap_i2c), 0);
	}
}

static void boards_by_name(void **state)
{
	static const struct {
		const char *args;
		bool nuvoton;
		int error;
		const char *message;
	} cases[] = {
		{"spi=/dev/null", false, -ENOTTY, "/dev/null: spidev: "},
		{"spi=/no/such/device", false, -ENOENT, "/no/such/device: spidev: "},
		{"i2c=/no/such/device,address=0x2e", false, -ENOENT, "/no/such/device: i2c-dev: "},
		{"i2c=/dev/null,address=0x2e", true, -ENOTTY, "Nuvoton register 0x60"},
		{"i2c=/dev/null", true, -EINVAL, "expected i2c=DEVICE,address=N"},
		{"i2c=/dev/null,address=0x80", true, -EINVAL, "address=0x80: expected"},
		{"spi=/dev/null", true, -EINVAL, "expected i2c=DEVICE,address=N"},
		{"spi=/dev/null,i2c=/dev/null,address=1", false, -EINVAL, "expected spi=DEVICE or"},
		{"spi=/dev/null,speed_hz=fast", false, -EINVAL, "speed_hz=fast: expected"},
		{"spi=/dev/null,family=3", false, -EINVAL, "family=3: expected"},
		{"spi=/dev/null,policy=none", false, -EINVAL, "no such policy"},
	};
	struct tpm_transport *t;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		last_message[0] = '\0';
		assert_int_equal(cases[i].nuvoton ? tpmb_transport_open_nuvoton(cases[i].args, &t)
						  : tpmb_transport_open_tis(cases[i].args, &t),
				 cases[i].error);
		assert_null(t);
		if (!strstr(last_message, cases[i].message))
			fail_msg("%s: \"%s\" has no \"%s\"", cases[i].args, last_message,
				 cases[i].message);
	}
}

static int setup(void **state)
{
	(void)state;
	tpmb_set_message_handler(on_message, NULL);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(spi_frames),
		cmocka_unit_test(tcg_i2c_messages),
		cmocka_unit_test(nuvoton_blocks),
		cmocka_unit_test(boards_by_name),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
