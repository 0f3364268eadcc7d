/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Words and numbers of a command line, separated by commas. */
#ifndef TPMB_WORDS_H
#define TPMB_WORDS_H

#include <stdbool.h>
#include <stddef.h>

#define WORDS_MAX 64

/* Zeroed it is empty. Words point into what was taken. */
struct words {
	const char *word[WORDS_MAX];
	size_t count;
};

/* Takes @text apart, which it writes to and which must last. False: there are too many, or none. */
bool words_take(struct words *words, char *text);
bool words_add(struct words *words, const char *word);
bool words_have(const struct words *words, const char *word);

/* Digits alone, from @least to @most. False: it is another thing. */
bool number_take(const char *text, unsigned long least, unsigned long most, unsigned long *number);

#endif
