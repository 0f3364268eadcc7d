// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib_private.h"
#include "nuvoton.h"
#include "phy_i2c.h"
#include "phy_spi.h"
#include "tis.h"
#include "transport.h"
#include "transport_board.h"

struct board_transport {
	struct tpm_transport transport;
	char *name;
	bool on_nuvoton;
	struct tpmb_spi_wire *spi_wire; /* one of the two */
	struct tpmb_i2c_wire *i2c_wire;
	struct tpmb_phy_spi spi;
	struct tpmb_phy_i2c i2c;
	struct tpmb_tis tis;
	struct tpmb_nuvoton nuvoton;
};

struct arguments {
	char *text; /* copy that the others point into */
	const char *spi;
	const char *i2c;
	uint32_t speed_hz;
	uint32_t address;
	bool tpm2;
	const char *policy;
};

static int board_transmit(struct tpm_transport *t, const uint8_t *cmd, size_t cmd_len, uint8_t *rsp,
			  size_t *rsp_len)
{
	struct board_transport *board = (struct board_transport *)t;

	if (board->on_nuvoton)
		return tpmb_nuvoton_transmit(&board->nuvoton, cmd, cmd_len, rsp, rsp_len);
	return tpmb_tis_transmit(&board->tis, cmd, cmd_len, rsp, rsp_len);
}

static void board_free(struct board_transport *board)
{
	if (board->spi_wire)
		board->spi_wire->close(board->spi_wire);
	if (board->i2c_wire)
		board->i2c_wire->close(board->i2c_wire);
	free(board->name);
	free(board);
}

static void board_close(struct tpm_transport *t)
{
	struct board_transport *board = (struct board_transport *)t;

	if (!board->on_nuvoton)
		tpmb_tis_idle(&board->tis);
	board_free(board);
}

static const struct tpm_transport_ops board_ops = {
	.transmit = board_transmit,
	.close = board_close,
};

bool tpmb_transport_is_board(const char *args)
{
	return !strncmp(args, "spi=", 4) || !strncmp(args, "i2c=", 4);
}

static bool number(const char *text, uint32_t max, uint32_t *value)
{
	unsigned long parsed;
	char *end;

	errno = 0;
	parsed = strtoul(text, &end, 0);
	*value = (uint32_t)parsed;
	return *text >= '0' && *text <= '9' && !*end && !errno && parsed && parsed <= max;
}

static bool parse_item(struct arguments *arguments, const char *item)
{
	if (!strncmp(item, "spi=", 4))
		arguments->spi = item + 4;
	else if (!strncmp(item, "i2c=", 4))
		arguments->i2c = item + 4;
	else if (!strncmp(item, "policy=", 7))
		arguments->policy = item + 7;
	else if (!strncmp(item, "speed_hz=", 9))
		return number(item + 9, 100000000, &arguments->speed_hz);
	else if (!strncmp(item, "address=", 8))
		return number(item + 8, 0x7f, &arguments->address);
	else if (!strcmp(item, "family=1.2") || !strcmp(item, "family=2.0"))
		arguments->tpm2 = item[7] == '2';
	else
		return false;
	return true;
}

static int parse_arguments(const char *scheme, const char *args, bool nuvoton,
			   struct arguments *arguments)
{
	char *state = NULL;

	*arguments = (struct arguments){
		.text = strdup(args), .speed_hz = 1000000, .tpm2 = true, .policy = "tpmbatch"};
	if (!arguments->text)
		return -ENOMEM;
	for (char *item = strtok_r(arguments->text, ",", &state); item;
	     item = strtok_r(NULL, ",", &state))
		if (!parse_item(arguments, item)) {
			tpmb_msg("%s:%s: %s: expected spi=DEVICE, i2c=DEVICE, speed_hz=N, "
				 "address=N below 0x80, family=1.2 or 2.0, or policy=POLICY",
				 scheme, args, item);
			return -EINVAL;
		}
	if (!arguments->spi == !arguments->i2c || (nuvoton && arguments->spi) ||
	    (arguments->i2c && !arguments->address)) {
		tpmb_msg("%s:%s: expected %s", scheme, args,
			 nuvoton ? "i2c=DEVICE,address=N" : "spi=DEVICE or i2c=DEVICE,address=N");
		return -EINVAL;
	}
	return 0;
}

/* Opens the bus and takes the chip into use. */
static int start(struct board_transport *board, const struct arguments *arguments,
		 const struct tpmb_policy *policy)
{
	struct tpmb_clock *clock = tpmb_real_clock();
	struct tis_phy *phy = &board->i2c.phy;
	int ret;

	if (arguments->spi) {
		ret = tpmb_spidev_open(arguments->spi, arguments->speed_hz, &board->spi_wire);
		if (ret)
			return ret;
		tpmb_phy_spi_init(&board->spi, board->name, board->spi_wire);
		phy = &board->spi.phy;
	} else {
		ret = tpmb_i2cdev_open(arguments->i2c, (uint16_t)arguments->address,
				       &board->i2c_wire);
		if (ret)
			return ret;
		if (board->on_nuvoton) {
			tpmb_phy_i2c_nuvoton_init(&board->i2c, board->name, board->i2c_wire, clock);
		} else {
			ret = tpmb_phy_i2c_init(&board->i2c, board->name, board->i2c_wire, clock);
			if (ret) {
				tpmb_msg("%s: I2C register 0x30 (INTERFACE_CAPABILITY): %s",
					 board->name, strerror(-ret));
				return ret;
			}
		}
	}
	if (board->on_nuvoton)
		return tpmb_nuvoton_init(&board->nuvoton, phy, clock, policy, arguments->tpm2);
	return tpmb_tis_init(&board->tis, phy, clock, policy, arguments->tpm2);
}

int tpmb_transport_open_board(const char *scheme, const char *args, bool nuvoton,
			      struct tpm_transport **transport)
{
	struct board_transport *board = NULL;
	struct arguments arguments;
	struct tpmb_policy policy;
	int ret = parse_arguments(scheme, args, nuvoton, &arguments);

	*transport = NULL;
	if (!ret)
		ret = tpmb_policy_parse(arguments.policy, &policy);
	if (ret)
		goto out;
	/* The machine has its own timers, and its CPU its own time. */
	policy.wheel = TPMB_WHEEL_NONE;
	policy.wake_ns = 0;
	board = calloc(1, sizeof(*board));
	if (board && asprintf(&board->name, "%s:%s", scheme, args) < 0)
		board->name = NULL;
	if (!board || !board->name) {
		ret = -ENOMEM;
		goto out;
	}
	board->on_nuvoton = nuvoton;
	ret = start(board, &arguments, &policy);
	if (ret)
		goto out;
	board->transport.ops = &board_ops;
	board->transport.name = board->name;
	*transport = &board->transport;
out:
	if (ret && board)
		board_free(board);
	free(arguments.text);
	return ret;
}

bool tpmb_transport_board_phases(struct tpm_transport *transport, struct tpmb_phases *phases)
{
	const struct board_transport *board = (const struct board_transport *)transport;

	if (transport->ops != &board_ops)
		return false;
	*phases = board->on_nuvoton ? board->nuvoton.phases : board->tis.phases;
	return true;
}
