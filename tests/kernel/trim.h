/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Takes records out of the kernel's measurement list, as Linux 7.3 can, and keeps them. */
#ifndef TPMB_TESTS_KERNEL_TRIM_H
#define TPMB_TESTS_KERNEL_TRIM_H

#include <stdbool.h>
#include <stdint.h>

/* Banks whose lists are looked at; not each kernel, or TPM, has all of them. */
#define TRIM_BANKS 4
extern const char *const trim_banks[TRIM_BANKS];

/* Times that records were staged and deleted or cut off at the head, and how many in all. */
struct trims {
	uint32_t stages;
	uint32_t cuts;
	unsigned long staged;
	unsigned long cut;
};

/* Where the records taken from a bank's list are kept: a file's path. */
void trim_path(char *path, size_t size, size_t bank);

/*
 * Stages the list, reads and deletes it, and, unless @stage_only, reads it and
 * deletes the first two thirds of it in turn, as long as @going_on() says so. 0, or
 * -1 after a message where the kernel refused or the banks' lists differ.
 */
int trim_in_turn(bool stage_only, bool (*going_on)(void), struct trims *trims);

/* Stages the list and leaves it so. 0, or -1 after a message. */
int trim_stage(void);

#endif
