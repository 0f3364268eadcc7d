// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Mutated lists through the commands that read lists: none may crash, hang or
 * read out of bounds (build with sanitizers), and verify may accept only what
 * replays to the PCR. Whether it does is worked out here, by a replay of its
 * own that shares nothing with the library.
 *
 *   mutate FOLDER-OF-MAKE_LISTS COUNT [SEED]
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <openssl/evp.h>

#include "cli.h"

#define SIZE_MAX_MUTANT 16384
#define DIGEST_MAX	32

static const struct seed_list {
	const char *name;
	size_t digest_size; /* of the digest column; 0: ASCII, of SHA-1 */
	bool big_endian;
} seed_lists[] = {
	{"kinds", 20, false},	    {"kinds-be-sha256", 32, true}, {"kinds-ascii", 0, false},
	{"batched", 20, false},	    {"batched-ascii", 0, false},   {"two-pcrs", 20, false},
	{"forged-file", 20, false}, {"nested", 20, false},
};

#define SEED_LISTS (sizeof(seed_lists) / sizeof(seed_lists[0]))

struct mutant {
	uint8_t bytes[SIZE_MAX_MUTANT];
	size_t len;
};

static uint64_t random_state;

/* splitmix64: the same everywhere, and any seed will do. */
static uint64_t draw(void)
{
	uint64_t z = (random_state += UINT64_C(0x9e3779b97f4a7c15));

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

static size_t draw_below(size_t limit)
{
	return limit ? (size_t)(draw() % limit) : 0;
}

/* ---- mutating ---- */

static void remove_range(struct mutant *m)
{
	size_t at = draw_below(m->len), len = draw_below(m->len - at) + 1;

	if (draw() % 2 && len > 8)
		len = draw_below(8) + 1;
	if (at + len > m->len)
		return;
	memmove(m->bytes + at, m->bytes + at + len, m->len - at - len);
	m->len -= len;
}

/* Copies a range to somewhere else in between: repeats a record, shifts a field. */
static void repeat_range(struct mutant *m)
{
	size_t from = draw_below(m->len), len = draw_below(m->len - from), to = draw_below(m->len);
	uint8_t copy[SIZE_MAX_MUTANT];

	if (draw() % 2 && len > 8)
		len = draw_below(8);
	if (m->len + len > sizeof(m->bytes))
		return;
	memcpy(copy, m->bytes + from, len);
	memmove(m->bytes + to + len, m->bytes + to, m->len - to);
	memcpy(m->bytes + to, copy, len);
	m->len += len;
}

static void set_u32(struct mutant *m)
{
	static const uint32_t values[] = {0,   1,   2,	    3,		20,	    24,
					  255, 256, 0x1000, 0x7fffffff, 0x80000000, 0xffffffff};
	size_t at = draw_below(m->len);
	uint32_t value = values[draw_below(sizeof(values) / sizeof(values[0]))];

	if (m->len - at >= sizeof(value))
		memcpy(m->bytes + at, &value, sizeof(value));
}

static void mutate(struct mutant *m)
{
	if (!m->len)
		return;
	switch (draw_below(8)) {
	case 0:
	case 1:
		m->bytes[draw_below(m->len)] ^= (uint8_t)(1u << draw_below(8));
		break;
	case 2:
		m->bytes[draw_below(m->len)] = (uint8_t)draw();
		break;
	case 3:
		m->bytes[draw_below(m->len)]++;
		break;
	case 4:
		set_u32(m);
		break;
	case 5:
		remove_range(m);
		break;
	case 6:
		repeat_range(m);
		break;
	default:
		m->len = draw_below(m->len);
	}
}

/* ---- a replay of its own ---- */

struct pcr_values {
	uint8_t value[24][DIGEST_MAX];
	uint32_t named;
};

static void extend(struct pcr_values *pcrs, const EVP_MD *md, uint32_t pcr, const uint8_t *digest)
{
	size_t size = (size_t)EVP_MD_get_size(md);
	uint8_t both[2 * DIGEST_MAX];
	bool violation = true;

	for (size_t i = 0; i < size; i++)
		violation = violation && !digest[i];
	memcpy(both, pcrs->value[pcr], size);
	if (violation)
		memset(both + size, 0xff, size);
	else
		memcpy(both + size, digest, size);
	if (!EVP_Digest(both, 2 * size, pcrs->value[pcr], NULL, md, NULL))
		errx(1, "libcrypto fails");
	pcrs->named |= 1u << pcr;
}

static bool take_u32(const struct mutant *m, size_t *at, bool big_endian, uint32_t *value)
{
	const uint8_t *b = m->bytes + *at;

	if (m->len - *at < 4)
		return false;
	*value = big_endian
			 ? (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3]
			 : (uint32_t)b[3] << 24 | (uint32_t)b[2] << 16 | (uint32_t)b[1] << 8 | b[0];
	*at += 4;
	return true;
}

static bool replay_binary(const struct mutant *m, const struct seed_list *seed, const EVP_MD *md,
			  struct pcr_values *pcrs)
{
	size_t at = 0;

	while (at < m->len) {
		uint32_t pcr, name_len, data_len;
		const uint8_t *digest;

		if (!take_u32(m, &at, seed->big_endian, &pcr) || pcr >= 24 ||
		    m->len - at < seed->digest_size)
			return false;
		digest = m->bytes + at;
		at += seed->digest_size;
		if (!take_u32(m, &at, seed->big_endian, &name_len) || m->len - at < name_len)
			return false;
		at += name_len;
		if (!take_u32(m, &at, seed->big_endian, &data_len) || m->len - at < data_len)
			return false;
		at += data_len;
		extend(pcrs, md, pcr, digest);
	}
	return true;
}

static bool replay_ascii(const struct mutant *m, const EVP_MD *md, struct pcr_values *pcrs)
{
	size_t at = 0;

	while (at < m->len) {
		const uint8_t *end = memchr(m->bytes + at, '\n', m->len - at);
		char line[64] = {0}, hex[41];
		uint8_t digest[20];
		unsigned int pcr;

		if (!end)
			return false;
		memcpy(line, m->bytes + at,
		       (size_t)(end - m->bytes) - at < sizeof(line) - 1
			       ? (size_t)(end - m->bytes) - at
			       : sizeof(line) - 1);
		if (sscanf(line, "%2u %40[0-9a-f] ", &pcr, hex) != 2 || pcr >= 24 ||
		    strlen(hex) != 40)
			return false;
		for (size_t i = 0; i < 20; i++)
			sscanf(hex + 2 * i, "%2hhx", &digest[i]);
		extend(pcrs, md, pcr, digest);
		at = (size_t)(end - m->bytes) + 1;
	}
	return true;
}

/* Every PCR that the mutant names has the value that the unchanged list gives it. */
static bool replays(const struct mutant *m, const struct mutant *original,
		    const struct seed_list *seed)
{
	const EVP_MD *md = seed->digest_size == 32 ? EVP_sha256() : EVP_sha1();
	struct pcr_values want = {0}, have = {0};
	bool whole;

	if (seed->digest_size) {
		whole = replay_binary(m, seed, md, &have);
		replay_binary(original, seed, md, &want);
	} else {
		whole = replay_ascii(m, md, &have);
		replay_ascii(original, md, &want);
	}
	if (!whole || !have.named || have.named & ~want.named)
		return false;
	for (uint32_t pcr = 0; pcr < 24; pcr++)
		if (have.named >> pcr & 1 && memcmp(have.value[pcr], want.value[pcr], DIGEST_MAX))
			return false;
	return true;
}

/* ---- running the commands ---- */

static int run(int (*command)(int, char **), const char *name, const char *list, const char *option,
	       const char *value)
{
	/* argp reorders them. */
	char *argv[] = {(char *)(uintptr_t)name, (char *)(uintptr_t)list, (char *)(uintptr_t)option,
			(char *)(uintptr_t)value, NULL};
	int argc = 0;

	while (argv[argc])
		argc++;
	return command(argc, argv);
}

static struct mutant load(const char *folder, const char *name)
{
	struct mutant m = {.len = 0};
	char path[4096];
	ssize_t got;
	int fd;

	snprintf(path, sizeof(path), "%s/%s.list", folder, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	got = fd < 0 ? -1 : read(fd, m.bytes, sizeof(m.bytes));
	if (got <= 0 || got > SIZE_MAX_MUTANT / 2)
		err(1, "%s", path);
	close(fd);
	m.len = (size_t)got;
	return m;
}

/* Replaces standard output and standard error; the old standard error is returned. */
static FILE *silence(void)
{
	FILE *tell = fdopen(dup(STDERR_FILENO), "w");
	int null = open("/dev/null", O_WRONLY | O_CLOEXEC);

	if (!tell || null < 0 || dup2(null, STDOUT_FILENO) < 0 || dup2(null, STDERR_FILENO) < 0)
		err(1, "/dev/null");
	return tell;
}

int main(int argc, char **argv)
{
	uint64_t count, accepted = 0, rejected = 0, unknown = 0, seed = 1;
	struct mutant original[SEED_LISTS];
	char list[32], pcrs[4096];
	FILE *tell;
	int fd;

	if (argc < 3)
		errx(2, "usage: mutate FOLDER COUNT [SEED]");
	count = strtoull(argv[2], NULL, 10);
	if (argc > 3)
		seed = strtoull(argv[3], NULL, 10);
	for (size_t i = 0; i < SEED_LISTS; i++)
		original[i] = load(argv[1], seed_lists[i].name);
	fd = memfd_create("mutant", MFD_CLOEXEC);
	if (fd < 0)
		err(1, "memfd_create");
	snprintf(list, sizeof(list), "/proc/self/fd/%d", fd);
	tell = silence();
	cli_show_messages();

	for (uint64_t i = 0; i < count; i++, seed++) {
		size_t which;
		struct mutant m;
		int status;

		random_state = seed;
		which = draw_below(SEED_LISTS);
		m = original[which];
		for (size_t changes = draw_below(3) + 1; changes; changes--)
			mutate(&m);
		if (ftruncate(fd, 0) || pwrite(fd, m.bytes, m.len, 0) != (ssize_t)m.len)
			err(1, "the mutant is not written");
		snprintf(pcrs, sizeof(pcrs), "%s/%s.pcrs", argv[1], seed_lists[which].name);

		status = run(cmd_verify, "verify", list, "--pcrs", pcrs);
		accepted += status == 0;
		rejected += status == 1;
		unknown += status == 2;
		if (status < 0 || status > 2 ||
		    (status == 0 && !replays(&m, &original[which], &seed_lists[which]))) {
			fprintf(tell, "seed %" PRIu64 ", %s: verify answers %d\n", seed,
				seed_lists[which].name, status);
			return 1;
		}
		run(cmd_show, "show", list, NULL, NULL);
		run(cmd_show, "show", list, "--json", NULL);
		run(cmd_stats, "stats", list, NULL, NULL);
		run(cmd_expand, "expand", list, "-o", "/dev/null");
	}
	fprintf(tell,
		"%" PRIu64 " mutants: verify accepted %" PRIu64
		", which replay to the PCR; %" PRIu64 " rejected, %" PRIu64 " not told\n",
		count, accepted, rejected, unknown);
	/* Both sides have to occur, or this has tested nothing. */
	return accepted && rejected && unknown ? 0 : 1;
}
