// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib_private.h"
#include "policy.h"

#define MSLEEP(ms)                         \
	{                                  \
		true, (ms)*1000, (ms)*1000 \
	}
#define RANGE(min, max)             \
	{                           \
		false, (min), (max) \
	}
/* tpm_msleep(): at least n ms from 4.14 (9f3fc7bcddcb), at most n ms from 4.16 (5ef924d9e2e8). */
#define AT_LEAST_MS(ms) RANGE((ms)*1000, (ms)*1000 + 300)
#define AT_MOST_MS(ms)	RANGE((ms)*1000 - 300, (ms)*1000)

/* A distribution's kernel on a CPU that costs next to nothing. */
#define MACHINE .hz = 250, .wheel = TPMB_WHEEL_BUCKETS, .wake_ns = 500

/* tpm_i2c_nuvoton since 4.12: usleep_range (a233a0289cf9), no sleep after a write that
 * succeeded (0afb7118ae02). */
#define NUVOTON_RANGES                                                           \
	.nuvoton_short = RANGE(2000, 2300), .nuvoton_long = RANGE(10000, 10300), \
	.nuvoton_burst = RANGE(1000, 1300), .nuvoton_write = RANGE(1000, 1300),  \
	.nuvoton_resume = true

#define NUVOTON_MSLEEPS                                                                     \
	.nuvoton_short = MSLEEP(2), .nuvoton_long = MSLEEP(10), .nuvoton_burst = MSLEEP(1), \
	.nuvoton_write = MSLEEP(1), .nuvoton_write_always = true, .nuvoton_resume = true

static const struct tpmb_policy policies[] = {
	{
		.name = "linux-4.7",
		.hz = 250,
		.wheel = TPMB_WHEEL_CASCADING,
		.wake_ns = 500,
		.status = MSLEEP(5),
		.burst = MSLEEP(5),
		.locality = MSLEEP(5),
		.transmit = MSLEEP(5),
		NUVOTON_MSLEEPS,
		.locality_use = TPMB_LOCALITY_CHECKED,
		.send_tries = 1,
	},
	{
		/* The same code; the timer wheel is new (500462a9de65). */
		.name = "linux-4.8",
		MACHINE,
		.status = MSLEEP(5),
		.burst = MSLEEP(5),
		.locality = MSLEEP(5),
		.transmit = MSLEEP(5),
		NUVOTON_MSLEEPS,
		.locality_use = TPMB_LOCALITY_CHECKED,
		.send_tries = 1,
	},
	{
		/* Locality callbacks; the Nuvoton driver's sleeps. */
		.name = "linux-4.12",
		MACHINE,
		.status = MSLEEP(5),
		.burst = MSLEEP(5),
		.locality = MSLEEP(5),
		.transmit = MSLEEP(5),
		NUVOTON_RANGES,
		.send_tries = 1,
	},
	{
		/* tpm_msleep() (9f3fc7bcddcb). */
		.name = "linux-4.14",
		MACHINE,
		.status = AT_LEAST_MS(5),
		.burst = AT_LEAST_MS(5),
		.locality = AT_LEAST_MS(5),
		.transmit = AT_LEAST_MS(5),
		NUVOTON_RANGES,
		.send_tries = 1,
	},
	{
		/* 1 ms for status and burst count (cf151a9a44d5), maxima (5ef924d9e2e8). */
		.name = "linux-4.16",
		MACHINE,
		.status = AT_MOST_MS(1),
		.burst = AT_MOST_MS(1),
		.locality = AT_MOST_MS(5),
		.transmit = AT_MOST_MS(5),
		NUVOTON_RANGES,
		.send_tries = 1,
	},
	{
		/* Transmit poll of 1 ms (59f5a6b07f64), polls in us (424eaf910c32), release
		 * verified (33bafe90824b). */
		.name = "linux-4.18",
		MACHINE,
		.status = RANGE(100, 500),
		.burst = RANGE(100, 500),
		.locality = AT_MOST_MS(5),
		.transmit = AT_MOST_MS(1),
		NUVOTON_RANGES,
		.verify_release = true,
		.send_tries = 1,
	},
	{
		/* Atmel's minimum (79ca6f74dae0), commands sent again before GO (de9e33df7762),
		 * READ_ZERO. */
		.name = "linux-6.12",
		MACHINE,
		.status = RANGE(100, 500),
		.burst = RANGE(100, 500),
		.locality = AT_MOST_MS(5),
		.transmit = AT_MOST_MS(1),
		NUVOTON_RANGES,
		.send_tries = 50,
		.read_zero_check = true,
		.kernel_minimum = true,
	},
	{
		.name = "tpmbatch",
		MACHINE,
		.status = RANGE(100, 120),
		.burst = RANGE(100, 120),
		.locality = RANGE(100, 120),
		.transmit = RANGE(100, 120),
		.nuvoton_short = RANGE(1000, 1050),
		.nuvoton_long = RANGE(2000, 2300),
		.nuvoton_burst = RANGE(100, 120),
		.nuvoton_write = RANGE(1000, 1300),
		.locality_use = TPMB_LOCALITY_HELD,
		.send_tries = 5,
		.full_send = true,
		.run_bytes = 16,
		.learn_burst = true,
		.combined_status = true,
		.whole_receive = true,
		.learn_exec = true,
		.final_check = true,
		.read_zero_check = true,
		.response_retry = true,
		.sure_abort = true,
		.confirm_status = true,
		.burst_zero_fallback = true,
		.chip_minimum = true,
		.min_poll_us = 100,
	},
};

/*
 * Chips that fail when polled faster than this. Atmel: 79ca6f74dae0. Nuvoton
 * NPCT6xx: some leave the bus until reboot at 100-500 us; Linux's own Nuvoton
 * driver polls at 2 ms.
 */
static const struct {
	uint16_t vendor_id;
	bool tpm2_too;
	bool kernel; /* the kernel has it as well */
	uint32_t min_us;
} chip_minima[] = {
	{0x1114, false, true, 14700},
	{0x1050, true, false, 1000},
};

enum knob_kind {
	KNOB_FLAG,
	KNOB_NUMBER,
	KNOB_SLEEP,
	KNOB_WORD,
};

struct knob {
	const char *name;
	enum knob_kind kind;
	size_t offset;
	uint32_t min;
	uint32_t max;
	const char *words[4];
};

#define AT(field) offsetof(struct tpmb_policy, field)

static const struct knob knobs[] = {
	{"hz", KNOB_NUMBER, AT(hz), 1, 10000, {NULL}},
	{"wheel", KNOB_WORD, AT(wheel), 0, 0, {"cascading", "buckets", "none"}},
	{"wake_ns", KNOB_NUMBER, AT(wake_ns), 0, 1000000, {NULL}},
	{"status", KNOB_SLEEP, AT(status), 0, 0, {NULL}},
	{"burst", KNOB_SLEEP, AT(burst), 0, 0, {NULL}},
	{"locality_poll", KNOB_SLEEP, AT(locality), 0, 0, {NULL}},
	{"transmit", KNOB_SLEEP, AT(transmit), 0, 0, {NULL}},
	{"nuvoton_short", KNOB_SLEEP, AT(nuvoton_short), 0, 0, {NULL}},
	{"nuvoton_long", KNOB_SLEEP, AT(nuvoton_long), 0, 0, {NULL}},
	{"nuvoton_burst", KNOB_SLEEP, AT(nuvoton_burst), 0, 0, {NULL}},
	{"nuvoton_write", KNOB_SLEEP, AT(nuvoton_write), 0, 0, {NULL}},
	{"nuvoton_write_always", KNOB_FLAG, AT(nuvoton_write_always), 0, 0, {NULL}},
	{"nuvoton_resume", KNOB_FLAG, AT(nuvoton_resume), 0, 0, {NULL}},
	{"locality", KNOB_WORD, AT(locality_use), 0, 0, {"command", "checked", "held"}},
	{"verify_release", KNOB_FLAG, AT(verify_release), 0, 0, {NULL}},
	{"send_tries", KNOB_NUMBER, AT(send_tries), 1, 1000, {NULL}},
	{"full_send", KNOB_FLAG, AT(full_send), 0, 0, {NULL}},
	{"run_bytes", KNOB_NUMBER, AT(run_bytes), 0, 4096, {NULL}},
	{"learn_burst", KNOB_FLAG, AT(learn_burst), 0, 0, {NULL}},
	{"combined_status", KNOB_FLAG, AT(combined_status), 0, 0, {NULL}},
	{"whole_receive", KNOB_FLAG, AT(whole_receive), 0, 0, {NULL}},
	{"learn_exec", KNOB_FLAG, AT(learn_exec), 0, 0, {NULL}},
	{"final_check", KNOB_FLAG, AT(final_check), 0, 0, {NULL}},
	{"read_zero_check", KNOB_FLAG, AT(read_zero_check), 0, 0, {NULL}},
	{"response_retry", KNOB_FLAG, AT(response_retry), 0, 0, {NULL}},
	{"sure_abort", KNOB_FLAG, AT(sure_abort), 0, 0, {NULL}},
	{"confirm_status", KNOB_FLAG, AT(confirm_status), 0, 0, {NULL}},
	{"burst_zero_fallback", KNOB_FLAG, AT(burst_zero_fallback), 0, 0, {NULL}},
	{"kernel_minimum", KNOB_FLAG, AT(kernel_minimum), 0, 0, {NULL}},
	{"chip_minimum", KNOB_FLAG, AT(chip_minimum), 0, 0, {NULL}},
	{"min_poll_us", KNOB_NUMBER, AT(min_poll_us), 0, 1000000, {NULL}},
};

const char *tpmb_policy_name(size_t index)
{
	return index < ARRAY_SIZE(policies) ? policies[index].name : NULL;
}

const char *tpmb_policy_knob(size_t index)
{
	return index < ARRAY_SIZE(knobs) ? knobs[index].name : NULL;
}

static void complain(const char *text, const char *what, const char *expected,
		     const char *(*name)(size_t))
{
	char list[512] = "";

	for (size_t i = 0; name && name(i); i++) {
		strncat(list, i ? ", " : "", sizeof(list) - strlen(list) - 1);
		strncat(list, name(i), sizeof(list) - strlen(list) - 1);
	}
	tpmb_msg("policy %s: %s: expected %s%s", text, what, expected, list);
}

static bool parse_u32(const char *text, const char **end, uint32_t max, uint32_t *number)
{
	unsigned long value;
	char *stop;

	if (*text < '0' || *text > '9')
		return false;
	errno = 0;
	value = strtoul(text, &stop, 10);
	*end = stop;
	*number = (uint32_t)value;
	return !errno && value <= max;
}

#define SLEEP_MAX_US 10000000u

static bool parse_sleep(const char *text, struct tpmb_sleep *sleep)
{
	struct tpmb_sleep s = {0};
	const char *end;

	if (!strncmp(text, "msleep", 6)) {
		s.msleep = true;
		if (!parse_u32(text + 6, &end, SLEEP_MAX_US / 1000, &s.max_us) || *end)
			return false;
		s.max_us *= 1000;
		s.min_us = s.max_us;
	} else {
		if (!parse_u32(text, &end, SLEEP_MAX_US, &s.min_us) || *end != ':' ||
		    !parse_u32(end + 1, &end, SLEEP_MAX_US, &s.max_us) || *end ||
		    s.min_us > s.max_us)
			return false;
	}
	*sleep = s;
	return true;
}

/* One "+KNOB", "-KNOB" or "+KNOB=VALUE", with its sign. */
static int set_knob(const char *text, char *item, struct tpmb_policy *policy)
{
	bool on = item[0] == '+';
	char *name = item + 1;
	char *value = strchr(name, '=');
	const struct knob *knob = NULL;
	const char *expected;
	const char *end;
	char *field;

	if (value)
		*value++ = '\0';
	for (size_t i = 0; i < ARRAY_SIZE(knobs); i++)
		if (!strcmp(name, knobs[i].name))
			knob = &knobs[i];
	if (!knob) {
		complain(text, name, "one of ", tpmb_policy_knob);
		return -EINVAL;
	}
	field = (char *)policy + knob->offset;
	switch (knob->kind) {
	case KNOB_FLAG:
		expected = "no value: +KNOB or -KNOB";
		if (value)
			goto bad;
		*(bool *)field = on;
		return 0;
	case KNOB_NUMBER:
		expected = "+KNOB=NUMBER in its range";
		if (!on || !value || !parse_u32(value, &end, knob->max, (uint32_t *)field) ||
		    *end || *(uint32_t *)field < knob->min)
			goto bad;
		return 0;
	case KNOB_SLEEP:
		expected = "+KNOB=MIN:MAX in us, or +KNOB=msleepN in ms";
		if (!on || !value || !parse_sleep(value, (struct tpmb_sleep *)field))
			goto bad;
		return 0;
	case KNOB_WORD:
		expected = knob->offset == AT(wheel) ? "cascading, buckets or none"
						     : "command, checked or held";
		for (unsigned int i = 0; on && value && knob->words[i]; i++)
			if (!strcmp(value, knob->words[i])) {
				*(unsigned int *)field = i;
				return 0;
			}
		goto bad;
	}
	return -EINVAL;
bad:
	complain(text, name, expected, NULL);
	return -EINVAL;
}

/* A policy's own name holds a '-': knobs start at a sign that no name has got that far with. */
static const struct tpmb_policy *find_base(const char *text, size_t *len)
{
	for (size_t i = 0; i < ARRAY_SIZE(policies); i++) {
		size_t n = strlen(policies[i].name);

		if (!strncmp(text, policies[i].name, n) && (!text[n] || strchr("+-", text[n]))) {
			*len = n;
			return &policies[i];
		}
	}
	return NULL;
}

int tpmb_policy_parse(const char *text, struct tpmb_policy *policy)
{
	const struct tpmb_policy *base;
	const char *pos;
	size_t len;

	base = find_base(text, &len);
	if (!base) {
		complain(text, "no such policy", "one of ", tpmb_policy_name);
		return -EINVAL;
	}
	*policy = *base;
	if (strlen(text) >= sizeof(policy->name)) {
		complain(text, "too long", "fewer knobs", NULL);
		return -EINVAL;
	}
	memcpy(policy->name, text, strlen(text) + 1);
	for (pos = text + len; *pos; pos += len) {
		char item[sizeof(policy->name)];
		int ret;

		len = 1 + strcspn(pos + 1, "+-");
		memcpy(item, pos, len);
		item[len] = '\0';
		ret = set_knob(text, item, policy);
		if (ret)
			return ret;
	}
	return 0;
}

void tpmb_policy_timer(const struct tpmb_policy *policy, struct tpmb_clock *clock,
		       struct tpmb_timer *timer)
{
	*timer = (struct tpmb_timer){
		.clock = clock,
		.hz = policy->hz,
		.wheel = policy->wheel,
		.wake_ns = policy->wake_ns,
	};
}

void tpmb_policy_sleep(struct tpmb_timer *timer, const struct tpmb_sleep *sleep, uint32_t floor_us)
{
	uint32_t rise = floor_us > sleep->min_us ? floor_us - sleep->min_us : 0;

	if (sleep->msleep && !rise)
		tpmb_timer_msleep(timer, sleep->max_us / 1000);
	else
		tpmb_timer_usleep_range(timer, sleep->min_us + rise, sleep->max_us + rise);
}

uint32_t tpmb_policy_chip_minimum_us(const struct tpmb_policy *policy, uint16_t vendor_id,
				     bool tpm2)
{
	for (size_t i = 0; i < ARRAY_SIZE(chip_minima); i++)
		if (chip_minima[i].vendor_id == vendor_id && (!tpm2 || chip_minima[i].tpm2_too) &&
		    (policy->chip_minimum || (policy->kernel_minimum && chip_minima[i].kernel)))
			return chip_minima[i].min_us;
	return 0;
}
