// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Somebody else who wants the chip: firmware at another locality of a TIS, played
 * from user space with the chip's registers in /dev/mem.
 *
 *   locality [-s] LOCALITY TIMES PAUSE_US USE_US
 *
 * Asks for the locality, waits until it is granted, keeps it for USE_US, gives it
 * back, pauses; TIMES times. With -s it does not ask, but seizes. Prints how long the grants took.
 * Exit status 1 where one took longer than a second. See the TCG PC Client Platform TPM
 * Profile, 6.5.2.4, "Access register".
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <sys/mman.h>

#define TIS_BASE 0xfed40000
#define PAGE	 0x1000
#define USE	 0x02 /* requestUse */
#define SEIZE	 0x08 /* requestUse that takes it from a lower one */
#define ACTIVE	 0x20 /* activeLocality; written: given back */
#define TOO_LONG 1000000

static uint64_t now_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000 + (uint64_t)ts.tv_nsec / 1000;
}

static int compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

int main(int argc, char **argv)
{
	volatile uint8_t *access;
	uint8_t how = USE;
	uint64_t *took, begun;
	long locality, times, i;
	int fd;

	if (argc > 1 && !strcmp(argv[1], "-s")) {
		how = SEIZE;
		argc--;
		argv++;
	}
	if (argc != 5)
		return 2;
	locality = atol(argv[1]);
	times = atol(argv[2]);
	fd = open("/dev/mem", O_RDWR | O_SYNC);
	if (fd < 0 || locality < 1 || locality > 4 || times < 1)
		return 2;
	access = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd,
		      TIS_BASE + locality * PAGE);
	took = calloc((size_t)times, sizeof(*took));
	if (access == MAP_FAILED || !took)
		return 2;
	for (i = 0; i < times; i++) {
		usleep((useconds_t)atol(argv[3]));
		begun = now_us();
		*access = how;
		while (!(*access & ACTIVE)) {
			if (now_us() - begun > TOO_LONG) {
				printf("locality %ld request %ld not granted, access 0x%02x\n",
				       locality, i, *access);
				*access = ACTIVE;
				return 1;
			}
			usleep(50);
		}
		took[i] = now_us() - begun;
		usleep((useconds_t)atol(argv[4]));
		*access = ACTIVE;
	}
	qsort(took, (size_t)times, sizeof(*took), compare);
	printf("locality %ld grants %ld min_us %llu p50_us %llu p90_us %llu max_us %llu\n",
	       locality, times, (unsigned long long)took[0], (unsigned long long)took[times / 2],
	       (unsigned long long)took[times * 9 / 10], (unsigned long long)took[times - 1]);
	return 0;
}
