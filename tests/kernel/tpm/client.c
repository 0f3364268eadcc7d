// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * A user of the TPM that knows what each answer must be.
 *
 *   client [-k] [-g] [-x] [-p US] [-l FILE] DEVICE PCR COUNT
 *
 * Sends COUNT commands, in turn: an extend of PCR (SHA-256 bank), a read of it, a
 * property, random bytes. A read must give what the extends before it make; a
 * property does not change; random bytes are as many as asked for, and never the
 * same twice. COUNT 0: until SIGTERM.
 *
 *   -k       go on after an error; where the TPM executed an extend though its
 *            answer did not arrive, the next read shows it, and is believed
 *   -g       with a key loaded: /dev/tpmrm0 then loads and saves its context
 *            around each command
 *   -x       instead of those four, hashes: a command that nobody else sends
 *   -p US    pause between commands
 *   -l FILE  a line per command: its number, kind, when it began in us
 *            (CLOCK_MONOTONIC) and how long it took in us
 *
 * Prints one line. Exit status 1 where anything was wrong. The digest of extend n
 * (from 0) is 31 bytes of PCR and a last one of n: whoever knows COUNT knows the PCR.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <openssl/sha.h>

#define HEADER_SIZE 10
#define DIGEST_SIZE SHA256_DIGEST_LENGTH
#define RANDOM_SIZE 16

enum kind {
	EXTEND,
	READ,
	PROPERTY,
	RANDOM,
	KINDS,
	HASH = KINDS,
};

static const char *const kind_names[] = {"extend", "read", "property", "random", "hash"};

static volatile sig_atomic_t stop;
static int device;
static unsigned int pcr;
static bool keep_going;
static unsigned long extends, failures, unclear;
static uint8_t expected[DIGEST_SIZE];
/* What PCR is where the last extend was executed though it failed. */
static uint8_t maybe[DIGEST_SIZE];
static bool in_doubt;
static uint8_t answer[4096];
static uint8_t first_property[4096];
static ssize_t first_property_len;

static void on_term(int signal)
{
	(void)signal;
	stop = 1;
}

static uint64_t now_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000 + (uint64_t)ts.tv_nsec / 1000;
}

static uint32_t be32(const uint8_t *at)
{
	return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static void put32(uint8_t *at, uint32_t value)
{
	at[0] = (uint8_t)(value >> 24);
	at[1] = (uint8_t)(value >> 16);
	at[2] = (uint8_t)(value >> 8);
	at[3] = (uint8_t)value;
}

/* The answer's length; a negative errno; or, above 0x10000, 0x10000 and the response code. */
static long transmit(const uint8_t *command, size_t len)
{
	ssize_t n;

	if (write(device, command, len) != (ssize_t)len)
		return -errno;
	n = read(device, answer, sizeof(answer));
	if (n < 0)
		return -errno;
	if (n < HEADER_SIZE || be32(answer + 2) != (uint32_t)n)
		return -EBADMSG;
	return be32(answer + 6) ? 0x10000 + (long)be32(answer + 6) : n;
}

static bool failed(unsigned long number, enum kind kind, const char *what, long value)
{
	failures++;
	if (failures <= 5)
		fprintf(stderr, "client: PCR %u: command %lu (%s): %s %ld\n", pcr, number,
			kind_names[kind], what, value);
	return false;
}

/* TPM2_PCR_Extend, _PCR_Read, _GetCapability, _GetRandom, _Hash: TPM 2.0 Part 3. */
static size_t build(enum kind kind, uint8_t *command, const uint8_t *digest)
{
	static const uint8_t extend[33] = {0x80, 2, 0, 0, 0, 65, 0, 0,	  1, 0x82, 0,
					   0,	 0, 0, 0, 0, 0,	 9, 0x40, 0, 0,	   9,
					   0,	 0, 0, 0, 0, 0,	 0, 0,	  1, 0,	   0x0b};
	static const uint8_t get[20] = {0x80, 1, 0, 0, 0, 20, 0,    0, 1,
					0x7e, 0, 0, 0, 1, 0,  0x0b, 3};
	static const uint8_t property[22] = {0x80, 1, 0, 0, 0, 22, 0, 0, 1, 0x7a, 0,
					     0,	   0, 6, 0, 0, 1,  0, 0, 0, 0,	  8};
	static const uint8_t hash[21] = {0x80, 1,   0,	 0,   0, 21,   0,    0, 1, 0x7d, 0,
					 3,    'a', 'b', 'c', 0, 0x0b, 0x40, 0, 0, 7};
	static const uint8_t chance[12] = {0x80, 1, 0, 0, 0, 12, 0, 0, 1, 0x7b, 0, RANDOM_SIZE};

	switch (kind) {
	case EXTEND:
		memcpy(command, extend, sizeof(extend));
		put32(command + HEADER_SIZE, pcr);
		memcpy(command + sizeof(extend), digest, DIGEST_SIZE);
		return sizeof(extend) + DIGEST_SIZE;
	case READ:
		memcpy(command, get, sizeof(get));
		command[17 + pcr / 8] = (uint8_t)(1u << pcr % 8);
		return sizeof(get);
	case PROPERTY:
		memcpy(command, property, sizeof(property));
		return sizeof(property);
	case HASH:
		memcpy(command, hash, sizeof(hash));
		return sizeof(hash);
	default:
		memcpy(command, chance, sizeof(chance));
		return sizeof(chance);
	}
}

static bool check_read(unsigned long number, long len)
{
	/* Header, update counter, a selection of one bank, one digest. */
	const uint8_t *value = answer + HEADER_SIZE + 4 + 4 + 6 + 4 + 2;

	if (len != value - answer + DIGEST_SIZE)
		return failed(number, READ, "a response of length", len);
	if (in_doubt && !memcmp(value, maybe, DIGEST_SIZE))
		memcpy(expected, maybe, DIGEST_SIZE);
	in_doubt = false;
	if (memcmp(value, expected, DIGEST_SIZE)) {
		memcpy(expected, value, DIGEST_SIZE);
		return failed(number, READ, "not the PCR of so many extends:", (long)extends);
	}
	return true;
}

static bool one(unsigned long number, enum kind kind)
{
	static uint8_t last_random[RANDOM_SIZE];
	uint8_t command[128], digest[DIGEST_SIZE];
	long ret;

	memset(digest, (int)pcr, sizeof(digest));
	digest[DIGEST_SIZE - 1] = (uint8_t)extends;
	ret = transmit(command, build(kind, command, digest));
	if (kind == EXTEND) {
		uint8_t both[2 * DIGEST_SIZE];

		memcpy(both, expected, DIGEST_SIZE);
		memcpy(both + DIGEST_SIZE, digest, DIGEST_SIZE);
		SHA256(both, sizeof(both), maybe);
		in_doubt = ret < 0 || ret >= 0x10000;
		unclear += in_doubt;
		if (!in_doubt)
			memcpy(expected, maybe, DIGEST_SIZE);
		extends++;
	}
	if (ret < 0)
		return failed(number, kind, "errno", -ret);
	if (ret >= 0x10000)
		return failed(number, kind, "response code", ret - 0x10000);
	switch (kind) {
	case EXTEND:
		return ret == 19 || failed(number, kind, "a response of length", ret);
	case READ:
		return check_read(number, ret);
	case HASH:
		SHA256((const uint8_t *)"abc", 3, digest);
		if (ret < HEADER_SIZE + 2 + DIGEST_SIZE ||
		    memcmp(answer + HEADER_SIZE + 2, digest, DIGEST_SIZE))
			return failed(number, kind, "not the hash, length", ret);
		return true;
	case PROPERTY:
		if (!first_property_len) {
			first_property_len = ret;
			memcpy(first_property, answer, (size_t)ret);
		}
		if (ret != first_property_len || memcmp(first_property, answer, (size_t)ret))
			return failed(number, kind, "not what it was, length", ret);
		return true;
	default:
		if (ret != HEADER_SIZE + 2 + RANDOM_SIZE)
			return failed(number, kind, "a response of length", ret);
		if (!memcmp(last_random, answer + HEADER_SIZE + 2, RANDOM_SIZE))
			return failed(number, kind, "the same random bytes, length", ret);
		memcpy(last_random, answer + HEADER_SIZE + 2, RANDOM_SIZE);
		return true;
	}
}

/* Where the PCR is now; not counted as one of the commands. A TPM that errs now and then may do so
 * here. */
static int read_start(void)
{
	uint8_t command[128];
	long ret = -1;

	for (int i = 0; i < (keep_going ? 5 : 1) && (ret < HEADER_SIZE || ret >= 0x10000); i++)
		ret = transmit(command, build(READ, command, NULL));
	if (ret < HEADER_SIZE || ret >= 0x10000)
		return -1;
	memcpy(expected, answer + HEADER_SIZE + 4 + 4 + 6 + 4 + 2, DIGEST_SIZE);
	return 0;
}

/* TPM2_CreatePrimary of an ECC signing key; it stays loaded until the device is closed. */
static int load_key(void)
{
	static const uint8_t create[] = {0x80, 2, 0,	0, 0, 65, 0,	0, 1, 0x31, 0x40, 0,
					 0,    1, 0,	0, 0, 9,  0x40, 0, 0, 9,    0,	  0,
					 0,    0, 0,	0, 4, 0,  0,	0, 0, 0,    24,	  0,
					 0x23, 0, 0x0b, 0, 5, 4,  0x72, 0, 0, 0,    0x10, 0,
					 0x18, 0, 0x0b, 0, 3, 0,  0x10, 0, 0, 0,    0,	  0,
					 0,    0, 0,	0, 0};
	long ret = transmit(create, sizeof(create));

	return ret < HEADER_SIZE || ret >= 0x10000 ? -1 : 0;
}

int main(int argc, char **argv)
{
	unsigned long count, pause_us = 0, i;
	uint64_t begun, took, worst = 0, sum = 0;
	bool key = false, hashes = false, good = true;
	FILE *log = NULL;
	int option;

	while ((option = getopt(argc, argv, "kgxp:l:")) != -1) {
		switch (option) {
		case 'k':
			keep_going = true;
			break;
		case 'g':
			key = true;
			break;
		case 'x':
			hashes = true;
			break;
		case 'p':
			pause_us = strtoul(optarg, NULL, 0);
			break;
		case 'l':
			log = fopen(optarg, "w");
			break;
		default:
			return 2;
		}
	}
	if (argc - optind != 3)
		return 2;
	signal(SIGTERM, on_term);
	device = open(argv[optind], O_RDWR | O_CLOEXEC);
	pcr = (unsigned int)strtoul(argv[optind + 1], NULL, 0);
	count = strtoul(argv[optind + 2], NULL, 0);
	if (device < 0 || pcr > 23 || (!hashes && read_start()) || (key && load_key())) {
		fprintf(stderr, "client: %s, PCR %u: no start: %s\n", argv[optind], pcr,
			strerror(errno));
		return 1;
	}
	for (i = 0; (!count || i < count) && !stop && (good || keep_going); i++) {
		enum kind kind = hashes ? HASH : (enum kind)(i % KINDS);

		begun = now_us();
		good = one(i, kind);
		took = now_us() - begun;
		sum += took;
		if (took > worst)
			worst = took;
		if (log)
			fprintf(log, "%lu %s %llu %llu\n", i, kind_names[kind],
				(unsigned long long)begun, (unsigned long long)took);
		if (pause_us)
			usleep((useconds_t)pause_us);
	}
	if (log)
		fclose(log);
	printf("client %s pcr %u commands %lu extends %lu failures %lu unclear %lu mean_us %llu "
	       "max_us %llu value ",
	       argv[optind], pcr, i, extends, failures, unclear,
	       (unsigned long long)(i ? sum / i : 0), (unsigned long long)worst);
	for (i = 0; i < DIGEST_SIZE; i++)
		printf("%02x", expected[i]);
	putchar('\n');
	return failures ? 1 : 0;
}
