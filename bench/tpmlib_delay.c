// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * A preloaded module around TPMLIB_Process: gives a swtpm, which links libtpms
 * dynamically, a real chip's latency, and faults for tests.
 *
 *   LD_PRELOAD=.../libtpmlib_delay.so TPMB_EXEC_US=5000 swtpm socket --tpm2 ...
 *
 * Environment, read once when swtpm starts; numbers may be hexadecimal (0x).
 *
 *   TPMB_EXEC_US=US       TPM2_PCR_Extend takes this many microseconds in all, or
 *                         what libtpms needs where that is longer; at most
 *                         100000000. Without it nothing is delayed.
 *   TPMB_EXEC_ALL=1       so does every other command.
 *   TPMB_FAIL=PLACE:RC,.. the command at PLACE is not executed but answered with the
 *                         response code RC. PLACE N is the Nth command from 1 on,
 *                         swtpm's own TPM2_Startup included; eN is the Nth
 *                         TPM2_PCR_Extend. At most 64 of them. Faults take no time.
 *   TPMB_RETRY_STORM=N[:RC]
 *                         each TPM2_PCR_Extend is executed at its attempt N + 1 only;
 *                         the first N are answered TPM_RC_RETRY, or RC.
 *
 * A bad value ends the program with exit status 2 and a message on stderr.
 *
 * The sleep is absolute on CLOCK_MONOTONIC, with the timer slack set to
 * 1 ns: its default of 50 us would show in a 5 ms extend.
 */
#include <dlfcn.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#include <libtpms/tpm_error.h>
#include <libtpms/tpm_library.h>
#include <libtpms/tpm_memory.h>

#define CC_PCR_EXTEND	 0x00000182 /* TPM 2.0 Part 2, TPM_CC */
#define RC_RETRY	 0x00000922
#define HEADER_SIZE	 10
#define RESPONSE_ROOM	 4096
#define EXEC_US_MAX	 100000000ul
#define FAULTS_MAX	 64
#define NSEC_PER_SEC	 1000000000l
#define STORM_LENGTH_MAX 1000000ul

struct fault {
	bool extends; /* @place counts extends, not commands */
	unsigned long place;
	uint32_t rc;
};

static TPM_RESULT (*next_process)(unsigned char **, uint32_t *, uint32_t *, unsigned char *,
				  uint32_t);
static unsigned long exec_us;
static bool exec_all;
static struct fault faults[FAULTS_MAX];
static size_t fault_count;
static unsigned long storm_length;
static uint32_t storm_rc = RC_RETRY;

static unsigned long commands;
static unsigned long extends;
static unsigned long storm_pos;

static void die(const char *name, const char *value, const char *expected)
{
	fprintf(stderr, "tpmlib_delay: %s=%s: expected %s\n", name, value, expected);
	_exit(2);
}

/* A number up to @max, which ends at one of @ends or at the end of the string. */
static unsigned long number(const char *from, char **end, unsigned long max, const char *ends,
			    bool *ok)
{
	unsigned long value;

	*ok = false;
	if (*from < '0' || *from > '9') /* strtoul() takes signs and blanks */
		return 0;
	errno = 0;
	value = strtoul(from, end, 0);
	*ok = !errno && value <= max && (!**end || strchr(ends, **end));
	return value;
}

static unsigned long env_number(const char *name, unsigned long max, const char *expected)
{
	const char *value = getenv(name);
	unsigned long result;
	char *end;
	bool ok;

	if (!value)
		return 0;
	result = number(value, &end, max, "", &ok);
	if (!ok)
		die(name, value, expected);
	return result;
}

static void read_faults(void)
{
	static const char expected[] = "PLACE:RC,... with PLACE a number from 1, or e and a number";
	const char *value = getenv("TPMB_FAIL");
	const char *pos = value;
	char *end;
	bool ok;

	while (pos) {
		struct fault *fault = &faults[fault_count];

		if (fault_count == FAULTS_MAX)
			die("TPMB_FAIL", value, "at most 64 faults");
		fault->extends = *pos == 'e';
		fault->place = number(pos + fault->extends, &end, (unsigned long)-1, ":", &ok);
		if (!ok || *end != ':' || !fault->place)
			die("TPMB_FAIL", value, expected);
		fault->rc = (uint32_t)number(end + 1, &end, UINT32_MAX, ",", &ok);
		if (!ok || !fault->rc)
			die("TPMB_FAIL", value, expected);
		fault_count++;
		pos = *end ? end + 1 : NULL;
	}
}

static void read_storm(void)
{
	static const char expected[] = "N or N:RC, N at most 1000000";
	const char *value = getenv("TPMB_RETRY_STORM");
	char *end;
	bool ok;

	if (!value)
		return;
	storm_length = number(value, &end, STORM_LENGTH_MAX, ":", &ok);
	if (!ok)
		die("TPMB_RETRY_STORM", value, expected);
	if (!*end)
		return;
	storm_rc = (uint32_t)number(end + 1, &end, UINT32_MAX, "", &ok);
	if (!ok || !storm_rc)
		die("TPMB_RETRY_STORM", value, expected);
}

__attribute__((constructor)) static void set_up(void)
{
	*(void **)&next_process = dlsym(RTLD_NEXT, "TPMLIB_Process");
	/* Shells and tools that a script starts with the same environment have no TPM. */
	if (!next_process)
		return;
	exec_us = env_number("TPMB_EXEC_US", EXEC_US_MAX, "microseconds, at most 100000000");
	exec_all = env_number("TPMB_EXEC_ALL", 1, "0 or 1") == 1;
	read_faults();
	read_storm();
	/* Here, since swtpm's seccomp profile kills for prctl() later; threads inherit it. */
	if (exec_us)
		prctl(PR_SET_TIMERSLACK, 1ul, 0ul, 0ul, 0ul);
}

static void put_be32(unsigned char *to, uint32_t value)
{
	for (int i = 0; i < 4; i++)
		to[i] = (unsigned char)(value >> (24 - 8 * i));
}

/* An error response without sessions (TPM 2.0 Part 1, "Response Header"). */
static TPM_RESULT answer(unsigned char **rsp, uint32_t *rsp_len, uint32_t *room, uint32_t rc)
{
	if (*room < HEADER_SIZE) {
		TPM_RESULT result = TPM_Realloc(rsp, RESPONSE_ROOM);

		if (result)
			return result;
		*room = RESPONSE_ROOM;
	}
	(*rsp)[0] = 0x80;
	(*rsp)[1] = 0x01;
	put_be32(*rsp + 2, HEADER_SIZE);
	put_be32(*rsp + 6, rc);
	*rsp_len = HEADER_SIZE;
	return TPM_SUCCESS;
}

/* The response code that a fault wants for this command; 0: execute it. */
static uint32_t fault_for(bool extend)
{
	commands++;
	extends += extend;
	for (size_t i = 0; i < fault_count; i++)
		if (faults[i].place == (faults[i].extends ? extends : commands) &&
		    (extend || !faults[i].extends))
			return faults[i].rc;
	if (extend && storm_length) {
		if (storm_pos++ < storm_length)
			return storm_rc;
		storm_pos = 0;
	}
	return 0;
}

static void sleep_until(const struct timespec *start, unsigned long us)
{
	struct timespec end = *start;

	end.tv_sec += (time_t)(us / 1000000);
	end.tv_nsec += (long)(us % 1000000) * 1000;
	if (end.tv_nsec >= NSEC_PER_SEC) {
		end.tv_nsec -= NSEC_PER_SEC;
		end.tv_sec++;
	}
	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &end, NULL) == EINTR)
		;
}

__attribute__((visibility("default"))) TPM_RESULT TPMLIB_Process(unsigned char **rsp,
								 uint32_t *rsp_len, uint32_t *room,
								 unsigned char *cmd,
								 uint32_t cmd_len)
{
	bool extend = cmd_len >= HEADER_SIZE && ((uint32_t)cmd[6] << 24 | (uint32_t)cmd[7] << 16 |
						 (uint32_t)cmd[8] << 8 | cmd[9]) == CC_PCR_EXTEND;
	uint32_t rc = fault_for(extend);
	struct timespec start;
	TPM_RESULT result;

	if (rc)
		return answer(rsp, rsp_len, room, rc);
	clock_gettime(CLOCK_MONOTONIC, &start);
	result = next_process(rsp, rsp_len, room, cmd, cmd_len);
	if (exec_us && (extend || exec_all))
		sleep_until(&start, exec_us);
	return result;
}
