// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib_private.h"
#include "sim_clock.h"
#include "sim_session.h"
#include "tpm.h"
#include "transport_chip.h"

static int timed_transmit(struct tpm_transport *t, const uint8_t *cmd, size_t cmd_len, uint8_t *rsp,
			  size_t *rsp_len)
{
	struct timed_transport *timed = (struct timed_transport *)t;
	uint64_t start = tpmb_clock_now_ns(tpmb_sim_clock()), took;
	int ret = timed->inner->ops->transmit(timed->inner, cmd, cmd_len, rsp, rsp_len);

	/* TPM2_PCR_Extend */
	if (cmd_len < 10 || tpmb_get_u32(cmd + 6, TPMB_ORDER_BE) != 0x182)
		return ret;
	if (timed->extra_ns)
		tpmb_clock_sleep_ns(tpmb_sim_clock(), timed->extra_ns);
	took = tpmb_clock_now_ns(tpmb_sim_clock()) - start;
	timed->extends++;
	timed->total_ns += took;
	if (took > timed->max_ns)
		timed->max_ns = took;
	return ret;
}

static void timed_sleep_us(struct tpm_transport *t, uint32_t us)
{
	struct timed_transport *timed = (struct timed_transport *)t;

	if (timed->inner->ops->sleep_us)
		timed->inner->ops->sleep_us(timed->inner, us);
	else
		tpmb_clock_sleep_ns(tpmb_sim_clock(), (uint64_t)us * 1000);
}

static const struct tpm_transport_ops timed_ops = {
	.transmit = timed_transmit,
	.sleep_us = timed_sleep_us,
};

static int open_chip(const char *chip, const char *policy, struct timed_transport *timed)
{
	char args[256], *end;
	int ret;

	memset(timed, 0, sizeof(*timed));
	if (!strncmp(chip, "fixed:", 6)) {
		timed->extra_ns = strtoull(chip + 6, &end, 10);
		if (!chip[6] || *end) {
			tpmb_msg("%s: expected fixed:NANOSECONDS", chip);
			return -EINVAL;
		}
		ret = tpmb_transport_open("libtpms:", &timed->inner);
	} else {
		snprintf(args, sizeof(args), "chip=%s,policy=%s", chip, policy);
		ret = tpmb_transport_open_chip("chip", args, tpmb_sim_clock(), &timed->inner);
	}
	if (ret)
		return ret;
	timed->base.ops = &timed_ops;
	timed->base.name = timed->inner->name;
	timed->base.own = true;
	return 0;
}

static int verify(const char *list, struct tpm_transport *tpm, uint32_t pcr)
{
	struct tpmb_list_reader *reader = NULL;
	struct tpmb_pcrs list_pcrs, tpm_pcrs;
	struct tpmb_replay *replay = NULL;
	struct tpmb_record record;
	unsigned int banks;
	int ret;

	ret = tpm_pcr_banks(tpm, pcr, &banks);
	if (!ret)
		ret = tpmb_pcr_read(tpm, 1u << pcr, &tpm_pcrs);
	if (!ret)
		ret = tpmb_replay_new(banks & tpmb_banks_supported(), &replay);
	if (!ret)
		ret = tpmb_list_reader_open(list, NULL, &reader);
	while (!ret) {
		ret = tpmb_list_read(reader, &record);
		if (ret <= 0)
			break;
		ret = tpmb_replay_add(replay, &record);
	}
	if (ret)
		goto out;
	tpmb_replay_pcrs(replay, &list_pcrs);
	for (int bank = 0; bank < TPMB_BANK_COUNT; bank++) {
		if (!(list_pcrs.set[bank] >> pcr & 1))
			continue;
		if (memcmp(list_pcrs.value[bank][pcr], tpm_pcrs.value[bank][pcr],
			   tpmb_bank_size((enum tpmb_bank)bank)))
			ret = -EBADE;
	}
out:
	tpmb_list_reader_close(reader);
	tpmb_replay_free(replay);
	return ret;
}

int sim_on_chip(const char *chip, const char *policy, uint32_t pcr,
		int (*session)(const char *list, struct timed_transport *timed))
{
	char list[] = "/tmp/tpmbatch-sim-XXXXXX";
	int fd = mkstemp(list), ret = fd < 0 ? -errno : 0;
	struct timed_transport timed;

	if (ret)
		return ret;
	ret = open_chip(chip, policy, &timed);
	if (!ret) {
		ret = session(list, &timed);
		if (!ret)
			ret = verify(list, timed.inner, pcr);
		tpmb_transport_close(timed.inner);
	}
	close(fd);
	unlink(list);
	return ret;
}
