/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A policy is how a driver behaves where the TPM profile leaves it a choice:
 * when it looks, how long it sleeps, what it asks again. Each policy "linux-X.Y"
 * behaves as drivers/char/tpm of that kernel does, access by access and sleep by
 * sleep, in polled mode; "tpmbatch" is what this project proposes.
 *
 * policy.c is the table; each knob can also be set by itself.
 */
#ifndef TPMB_POLICY_H
#define TPMB_POLICY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "timer.h"

/* One way to sleep. */
struct tpmb_sleep {
	bool msleep; /* msleep(max_us / 1000); otherwise usleep_range(min_us, max_us) */
	uint32_t min_us;
	uint32_t max_us;
};

enum tpmb_locality_use {
	/* requestUse before and relinquish after each command: 4.12 on. */
	TPMB_LOCALITY_PER_COMMAND,
	/* Kept, but ACCESS is read before each command and after it: up to 4.11. */
	TPMB_LOCALITY_CHECKED,
	/*
	 * Kept, and ACCESS is read before each command: somebody else who has asked for
	 * it gets it then. Given back when there is nothing to do.
	 */
	TPMB_LOCALITY_HELD,
};

struct tpmb_policy {
	char name[96]; /* as it was asked for */

	/* The machine. */
	uint32_t hz;
	enum tpmb_wheel wheel;
	uint32_t wake_ns; /* CPU time from a timer's interrupt to the next register access */

	/* Sleeps of tpm_tis_core and of tpm_transmit(). */
	struct tpmb_sleep status;   /* between polls for VALID, commandReady, dataAvail */
	struct tpmb_sleep burst;    /* between polls for a burst count */
	struct tpmb_sleep locality; /* between polls for activeLocality */
	struct tpmb_sleep transmit; /* between polls for the end of execution */

	/* Sleeps of tpm_i2c_nuvoton. */
	struct tpmb_sleep nuvoton_short; /* between status polls, for the first 10 ms */
	struct tpmb_sleep nuvoton_long;	 /* then */
	struct tpmb_sleep nuvoton_burst; /* between polls for a burst count */
	struct tpmb_sleep nuvoton_write; /* after a status write */
	bool nuvoton_write_always;	 /* even after one that succeeded: up to 4.11 */
	bool nuvoton_resume;		 /* a resend goes on where the last try failed: a bug */

	/* Commands and responses. */
	enum tpmb_locality_use locality_use;
	bool verify_release;  /* poll ACCESS until a relinquish has taken effect: 4.18 to 5.11 */
	uint32_t send_tries;  /* how often a command may be sent, before GO, in all */
	bool full_send;	      /* one burst count, then the whole command, where the bus stalls */
	uint32_t run_bytes;   /* of full_send between two points where others may run; 0: all */
	bool learn_burst;     /* no burst count where the last commands never had to wait for it */
	bool combined_status; /* VALID and EXPECT, VALID and dataAvail out of one read */
	bool whole_receive;   /* ask for as much as the last response of this command had */
	bool learn_exec;      /* sleep as long as the command took so far, then back off */
	bool final_check;     /* look once more after the deadline */
	bool read_zero_check; /* a status with must-be-zero bits set is no status: 5.12 on */
	bool response_retry;  /* read a response again that came out wrong */
	bool sure_abort;      /* after an error behind GO: commandReady until the chip shows it */
	bool confirm_status;  /* a status that ends a wait is read once more */
	bool burst_zero_fallback; /* response byte by byte when the burst count stays 0 */
	bool kernel_minimum;	  /* chips that the kernel knows not to poll fast: 5.16 on */
	bool chip_minimum;	  /* those, and more that are known to fail */
	uint32_t min_poll_us;	  /* never poll faster than this; the module parameter */
};

/*
 * Reads "NAME[+KNOB][-KNOB][+KNOB=VALUE]...": the policy NAME, with knobs set.
 * A knob that is a flag is set by +KNOB and cleared by -KNOB; a number is
 * KNOB=NUMBER; a sleep is KNOB=MIN:MAX in us, or KNOB=msleepN in ms.
 *
 * -EINVAL, with a message that lists what there is.
 */
int tpmb_policy_parse(const char *text, struct tpmb_policy *policy);

/* The names of the policies, in order of time; NULL after the last. */
const char *tpmb_policy_name(size_t index);
/* The names of the knobs; NULL after the last. */
const char *tpmb_policy_knob(size_t index);

/* Prepares a timer for a driver of this policy. */
void tpmb_policy_timer(const struct tpmb_policy *policy, struct tpmb_clock *clock,
		       struct tpmb_timer *timer);

/*
 * Sleeps as @sleep says, but not for less than @floor_us where that is set:
 * a floor raises both bounds.
 */
void tpmb_policy_sleep(struct tpmb_timer *timer, const struct tpmb_sleep *sleep, uint32_t floor_us);

/* The fastest that a vendor's chips may be polled under @policy, in us; 0: no limit known. */
uint32_t tpmb_policy_chip_minimum_us(const struct tpmb_policy *policy, uint16_t vendor_id,
				     bool tpm2);

#endif
