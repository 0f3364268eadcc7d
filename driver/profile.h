/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A chip profile: a text file that describes one TPM and the bus it sits on.
 * driver/profiles/README.md explains the keys; a user adds a chip by adding
 * a file.
 */
#ifndef TPMB_PROFILE_H
#define TPMB_PROFILE_H

#include "chip.h"
#include "sim_phy.h"

struct tpmb_profile {
	char name[64];
	struct tpmb_chip_profile chip;
	struct tpmb_bus bus;
};

/*
 * Reads the profile in the file @path.
 *
 * -EINVAL    an unknown section or key, a value that is no number or out of
 *            range, a key twice or missing, values that contradict each other:
 *            a message names the file, the line and the key
 * and errors of open(2) and read(2).
 */
int tpmb_profile_load(const char *path, struct tpmb_profile *profile);

/* Where profiles lie that are named without a path; see below. */
const char *tpmb_profile_folder(void);

/*
 * Finds a profile by name: with a slash in it it is a path; otherwise NAME.ini
 * in the directory that the environment variable TPMBATCH_CHIPS names, else in
 * the installed one. -ENOENT, with a message that says where it was looked for.
 */
int tpmb_profile_find(const char *name, struct tpmb_profile *profile);

#endif
