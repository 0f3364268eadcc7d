// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "chip_tpm.h"
#include "extend_run.h"
#include "lib_private.h"
#include "transport.h"
#include "transport_board.h"
#include "transport_chip.h"

struct chip_transport {
	struct tpm_transport transport;
	char *name;
	bool keeps_state;
	struct tpmb_sim_tpm sim;
};

static int chip_transmit(struct tpm_transport *t, const uint8_t *cmd, size_t cmd_len, uint8_t *rsp,
			 size_t *rsp_len)
{
	return tpmb_sim_tpm_transmit(&((struct chip_transport *)t)->sim, cmd, cmd_len, rsp,
				     rsp_len);
}

static void chip_sleep_us(struct tpm_transport *t, uint32_t us)
{
	tpmb_clock_sleep_ns(((struct chip_transport *)t)->sim.clock, (uint64_t)us * 1000);
}

static void chip_close(struct tpm_transport *t)
{
	struct chip_transport *chip = (struct chip_transport *)t;

	if (chip->sim.profile.chip.map == TPMB_CHIP_TIS)
		tpmb_tis_idle(&chip->sim.tis);
	if (chip->keeps_state)
		tpmb_chip_tpm_suspend(); /* says by itself why the state is lost */
	else
		tpmb_chip_tpm_off();
	free(chip->name);
	free(chip);
}

static const struct tpm_transport_ops chip_ops = {
	.transmit = chip_transmit,
	.sleep_us = chip_sleep_us,
	.close = chip_close,
};

struct arguments {
	char *text; /* copy that the others point into */
	const char *chip;
	const char *policy;
	const char *state; /* directory, or NULL */
};

static int parse_arguments(const char *scheme, const char *args, struct arguments *arguments)
{
	char *state = NULL;

	*arguments = (struct arguments){.text = strdup(args), .policy = "tpmbatch"};
	if (!arguments->text)
		return -ENOMEM;
	for (char *item = strtok_r(arguments->text, ",", &state); item;
	     item = strtok_r(NULL, ",", &state)) {
		if (!strncmp(item, "chip=", 5)) {
			arguments->chip = item + 5;
		} else if (!strncmp(item, "policy=", 7)) {
			arguments->policy = item + 7;
		} else if (!strncmp(item, "state=", 6) && item[6]) {
			arguments->state = item + 6;
		} else {
			tpmb_msg("%s:%s: %s: expected chip=NAME, policy=POLICY or state=DIR",
				 scheme, args, item);
			return -EINVAL;
		}
	}
	if (!arguments->chip || !*arguments->chip) {
		tpmb_msg("%s:%s: chip=NAME is missing", scheme, args);
		return -EINVAL;
	}
	return 0;
}

static int open_chip(const char *scheme, const char *args, const enum tpmb_chip_map *map,
		     struct tpmb_clock *clock, struct tpm_transport **transport)
{
	struct chip_transport *chip = NULL;
	struct arguments arguments;
	struct tpmb_extend_run run;
	struct tpmb_chip_exec exec;
	struct tpmb_profile profile = {0};
	struct tpmb_policy policy;
	bool resumed;
	int ret = parse_arguments(scheme, args, &arguments);

	*transport = NULL;
	if (!ret)
		ret = tpmb_profile_find(arguments.chip, &profile);
	if (!ret)
		ret = tpmb_policy_parse(arguments.policy, &policy);
	if (!ret && map && profile.chip.map != *map) {
		tpmb_msg("%s:%s: the chip has the other register map: use %s:", scheme, args,
			 *map == TPMB_CHIP_TIS ? "nuvoton" : "tis");
		ret = -EINVAL;
	}
	if (ret)
		goto out;
	chip = calloc(1, sizeof(*chip));
	if (chip && asprintf(&chip->name, "%s:%s", scheme, args) < 0)
		chip->name = NULL;
	if (!chip || !chip->name) {
		ret = -ENOMEM;
		goto out;
	}
	ret = tpmb_chip_tpm_resume(profile.chip.tpm2, arguments.state, &exec, &resumed);
	if (ret)
		goto out;
	ret = tpmb_sim_tpm_init(&chip->sim, &profile, &policy, &exec, clock, NULL, NULL);
	if (!ret && !resumed)
		ret = tpmb_extend_run_start(&run, &chip->sim);
	if (ret) {
		tpmb_chip_tpm_off();
		goto out;
	}
	chip->transport.ops = &chip_ops;
	chip->transport.name = chip->name;
	chip->transport.own = true;
	chip->keeps_state = arguments.state;
	*transport = &chip->transport;
out:
	if (ret && chip) {
		free(chip->name);
		free(chip);
	}
	free(arguments.text);
	return ret;
}

int tpmb_transport_open_tis(const char *args, struct tpm_transport **transport)
{
	const enum tpmb_chip_map map = TPMB_CHIP_TIS;

	if (tpmb_transport_is_board(args))
		return tpmb_transport_open_board("tis", args, false, transport);
	return open_chip("tis", args, &map, NULL, transport);
}

int tpmb_transport_open_nuvoton(const char *args, struct tpm_transport **transport)
{
	const enum tpmb_chip_map map = TPMB_CHIP_NUVOTON;

	if (tpmb_transport_is_board(args))
		return tpmb_transport_open_board("nuvoton", args, true, transport);
	return open_chip("nuvoton", args, &map, NULL, transport);
}

int tpmb_transport_open_chip(const char *scheme, const char *args, struct tpmb_clock *clock,
			     struct tpm_transport **transport)
{
	return open_chip(scheme, args, NULL, clock, transport);
}

struct tpmb_clock *tpmb_transport_chip_clock(struct tpm_transport *transport)
{
	return ((struct chip_transport *)transport)->sim.clock;
}

bool tpmb_transport_chip_phases(struct tpm_transport *transport, struct tpmb_phases *phases)
{
	const struct chip_transport *chip = (const struct chip_transport *)transport;

	if (transport->ops != &chip_ops)
		return false;
	*phases = chip->sim.profile.chip.map == TPMB_CHIP_TIS ? chip->sim.tis.phases
							      : chip->sim.nuvoton.phases;
	return true;
}
