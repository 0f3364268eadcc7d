/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What the tests of sessions share: a TPM, a list, and the check that they agree. */
#ifndef TPMB_TESTS_SESSION_CHECK_H
#define TPMB_TESTS_SESSION_CHECK_H

#include "lib_private.h"

#define CHECK_PCR 16

struct fixture {
	struct tpm_transport *tpm; /* in this process */
	char dir[64];
	char list[96];
};

/* The last line of the message handler; TPMB_TEST_VERBOSE in the environment prints all. */
extern char last_message[1024];
void check_messages(void);

/* cmocka's fixtures: *state is a struct fixture. */
int check_set_up(void **state);
int check_tear_down(void **state);

int check_open(struct tpm_transport *tpm, const char *list, unsigned int flags,
	       struct tpmb_session **session);
/* Template data of measurement @number: its length. */
uint32_t check_data(unsigned int number, uint8_t *data, size_t size);
int check_measure(struct tpmb_session *session, unsigned int number);

/*
 * Replays the list without a complaint, holds it against the TPM in each bank,
 * and sees that no measurement is in it twice: returns their number.
 */
unsigned int check_list(struct fixture *f, unsigned int *records);
/* An empty list and a PCR at its start value. */
void check_start_over(struct fixture *f);

#endif
