/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A TPM chip as its driver sees it: registers, a FIFO, and time.
 *
 * Two register maps: the FIFO interface of the TCG PC Client Platform TPM
 * Profile ("TIS"), and Nuvoton's I2C map. Behaviour in and out of turn follows
 * the profile's command state machine (Idle, Ready, Reception, Execution,
 * Completion); how long each step takes, and what a chip does wrong, is the
 * profile's. What commands mean is not the chip's business: it hands them to
 * a callback.
 *
 * Portable C for more than one home: no libc, no floating point, no
 * allocation. A chip is one structure that its owner provides, used by one
 * task at a time. It never waits by itself: time is read through a callback,
 * and only a bus that the chip holds (a full FIFO on LPC) makes it pass.
 */
#ifndef TPMB_CHIP_H
#define TPMB_CHIP_H

#ifdef __KERNEL__
#include <linux/types.h>
#else
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#endif

/* The largest command or response, in bytes. */
#define TPMB_CHIP_BUFFER_SIZE 4096
#define TPMB_CHIP_LOCALITIES  5

/* TIS registers, at locality << 12. */
#define TIS_ACCESS	  0x000
#define TIS_INTF_CAP	  0x014
#define TIS_STS		  0x018
#define TIS_DATA_FIFO	  0x024
#define TIS_DATA_CSUM	  0x044 /* on I2C only */
#define TIS_DID_VID	  0xf00
#define TIS_RID		  0xf04
#define TIS_REG(locality) ((uint32_t)(locality) << 12)
#define TIS_REG_MASK	  0xfffu

/* ACCESS. */
#define TIS_ACCESS_VALID	0x80
#define TIS_ACCESS_ACTIVE	0x20
#define TIS_ACCESS_SEIZED	0x10
#define TIS_ACCESS_SEIZE	0x08
#define TIS_ACCESS_PENDING	0x04
#define TIS_ACCESS_REQUEST_USE	0x02
#define TIS_ACCESS_NO_ESTABLISH 0x01

/* STS, low byte; the next two are the burst count. */
#define TIS_STS_VALID	      0x80
#define TIS_STS_COMMAND_READY 0x40
#define TIS_STS_GO	      0x20
#define TIS_STS_DATA_AVAIL    0x10
#define TIS_STS_EXPECT	      0x08
#define TIS_STS_SELFTEST_DONE 0x04
#define TIS_STS_RETRY	      0x02
/* Bits that are zero in every read of a chip that is there. */
#define TIS_STS_READ_ZERO 0x23

/* INTF_CAPABILITY. */
#define TIS_INTF_BURST_STATIC 0x100

/* Nuvoton's I2C registers; STS has the bits of TIS. */
#define NUVOTON_STS	    0x00
#define NUVOTON_BURST_COUNT 0x01
#define NUVOTON_FIFO_W	    0x20
#define NUVOTON_FIFO_R	    0x40
#define NUVOTON_VID_DID_RID 0x60

enum tpmb_chip_map {
	TPMB_CHIP_TIS,
	TPMB_CHIP_NUVOTON,
};

/* What a chip does that is polled faster than it can bear. */
enum tpmb_poll_effect {
	TPMB_POLL_HARMLESS,
	/* Three status reads in a row that are too close, while it is busy: off the bus for good.
	 */
	TPMB_POLL_DIES,
	/* A status read that is too close, while VALID is 0, makes the wait for VALID start anew.
	 */
	TPMB_POLL_RESTARTS,
};

/* One chip. Times are of the chip alone; what the bus costs is its phy's. */
struct tpmb_chip_profile {
	enum tpmb_chip_map map;
	bool tpm2;
	bool csum; /* has TPM_DATA_CSUM */
	uint16_t vendor_id;
	uint16_t device_id;
	uint8_t revision;

	uint32_t burst_bytes;	/* room of the FIFO: the burst count of an empty one */
	bool burst_static;	/* as INTF_CAPABILITY tells it; no effect on the count */
	bool full_stalls;	/* a full FIFO holds the bus; otherwise the byte is lost */
	uint32_t write_byte_ns; /* to take one byte out of the FIFO; VALID is 0 until all are */
	uint32_t read_byte_ns;	/* to put one byte of a response into it */
	bool read_stalls;	/* reading holds the bus for each byte, whatever the burst count */

	uint32_t grant_ns;   /* requestUse to activeLocality */
	uint32_t ready_ns;   /* commandReady to Ready */
	bool abort_executes; /* a command aborted in Execution is executed all the same */
	bool ready_direct;   /* an abort or an end goes to Ready by itself, not to Idle */
	uint32_t extend_us;  /* execution of an extend, TPM 1.2 or 2.0 */
	uint32_t other_us;   /* execution of any other command */
	uint32_t jitter_us;  /* up to this much is added, uniformly, from @seed */
	uint64_t seed;

	/* What it does wrong; 0 where it does not. */
	enum tpmb_poll_effect poll_effect;
	uint32_t poll_min_us;	   /* status reads closer than this have @poll_effect */
	uint32_t poll_restart_us;  /* TPMB_POLL_RESTARTS: the wait that starts anew */
	uint32_t settle_us;	   /* requestUse is lost so soon after a relinquish */
	uint32_t sts_ones_ns;	   /* STS reads 0xff so long after a locality change */
	uint32_t quick_ready_us;   /* commandReady so soon after a grant: VALID stays 0 */
	uint32_t ready_slow_us;	   /* instead of @ready_ns, ... */
	uint32_t ready_slow_every; /* ... every so many commandReady that do something */
	bool burst_zero_read;	   /* the burst count is 0 for all of a response */
};

/* The chip's surroundings. */
struct tpmb_chip_ops {
	uint64_t (*now_ns)(void *arg);
	/* The chip holds the bus: time passes. */
	void (*stall_ns)(void *arg, uint64_t ns);
	/*
	 * Executes a command as of @locality. @rsp has room for
	 * TPMB_CHIP_BUFFER_SIZE bytes. Returns the response's length, or 0 when
	 * there is none: the chip then never completes.
	 */
	uint32_t (*execute)(void *arg, uint8_t locality, const uint8_t *cmd, uint32_t cmd_len,
			    uint8_t *rsp);
	/* The TPM lost power and got it back; may be NULL. */
	void (*reset)(void *arg);
};

enum tpmb_chip_state {
	TPMB_CHIP_IDLE,
	TPMB_CHIP_READY,
	TPMB_CHIP_RECEPTION,
	TPMB_CHIP_EXECUTION,
	TPMB_CHIP_COMPLETION,
};

/* All fields are the chip's own; tests may read them. */
struct tpmb_chip {
	const struct tpmb_chip_profile *profile;
	const struct tpmb_chip_ops *ops;
	void *arg;
	enum tpmb_chip_state state;
	bool dead;	  /* off the bus until power is cycled */
	bool valid_stuck; /* quirk: until the next commandReady */
	bool becoming_ready;
	uint64_t ready_at_ns;

	int active;	  /* locality, or -1 */
	uint8_t requests; /* bit per locality with requestUse pending */
	uint8_t seized;	  /* bit per locality that was seized from */
	uint64_t grant_at_ns;
	uint64_t granted_ns;	  /* the last change of locality */
	uint64_t relinquished_ns; /* the last relinquish */
	bool relinquished;

	uint64_t drained_ns; /* all bytes written so far have been taken out of the FIFO */
	uint64_t execution_ends_ns;
	uint32_t fill; /* bytes of the response in the FIFO at @fill_ns */
	uint64_t fill_ns;
	uint64_t polled_ns; /* the last read of STS */
	bool waiting;	    /* that read found the chip busy */
	uint32_t close_polls;
	uint32_t readies; /* commandReady writes that did something */
	uint64_t random;

	uint64_t executed; /* commands so far */
	uint32_t cmd_len;
	uint32_t rsp_len;
	uint32_t rsp_pos;
	uint8_t cmd[TPMB_CHIP_BUFFER_SIZE];
	uint8_t rsp[TPMB_CHIP_BUFFER_SIZE];
};

/* Powers a chip on. @profile and @ops must outlive it. */
void tpmb_chip_init(struct tpmb_chip *chip, const struct tpmb_chip_profile *profile,
		    const struct tpmb_chip_ops *ops, void *arg);
/* Cycles its power; the TPM behind it is reset too. */
void tpmb_chip_reset(struct tpmb_chip *chip);

/* False for a chip that is off the bus: it does not acknowledge, and reads are ones. */
bool tpmb_chip_present(const struct tpmb_chip *chip);

/* One byte of a register, as the profile's map has it. */
uint8_t tpmb_chip_read(struct tpmb_chip *chip, uint32_t reg);
void tpmb_chip_write(struct tpmb_chip *chip, uint32_t reg, uint8_t value);

#endif
