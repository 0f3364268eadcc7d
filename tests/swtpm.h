/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A private swtpm for a test. A supervisor process stands between the two: it
 * ends swtpm and removes its temporary directory when the test ends, in
 * whatever way.
 */
#ifndef TPMB_TESTS_SWTPM_H
#define TPMB_TESTS_SWTPM_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct swtpm_options {
	const char *dir;	/* keeps the TPM's state; NULL: temporary */
	const char *preload;	/* a module for LD_PRELOAD, or NULL */
	const char *const *env; /* "NAME=VALUE", ends with NULL; or NULL */
	bool no_startup;	/* leave the first TPM2_Startup to the test */
	bool tpm12;		/* a TPM 1.2 */
};

struct swtpm {
	char tcti[160]; /* the TCTI string that reaches it; over a Unix socket */
	char dir[96];
	pid_t pid; /* swtpm's; not the test's child, and gone after swtpm_stop() */
	/* private */
	pid_t supervisor;
	int life; /* the supervisor stays while this end of a pipe is open */
	int status;
};

/*
 * Starts an swtpm that accepts commands when this returns. @options may be
 * NULL. 0, or a negative errno after swtpm's own words on stderr.
 */
int swtpm_start(struct swtpm *swtpm, const struct swtpm_options *options);
/*
 * Ends it, as a TPM loses power: PCRs are gone, non-volatile state stays if the directory does.
 * Starting one with the same directory continues from there. An empty (zeroed) @swtpm is ignored.
 */
void swtpm_stop(struct swtpm *swtpm);

/* Removes a directory and all it holds. */
void remove_tree(const char *path);

#endif
