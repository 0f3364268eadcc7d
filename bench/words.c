// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "words.h"

bool words_add(struct words *words, const char *word)
{
	if (words->count == WORDS_MAX)
		return false;
	words->word[words->count++] = word;
	return true;
}

bool words_take(struct words *words, char *text)
{
	char *state = NULL;

	words->count = 0;
	for (char *word = strtok_r(text, ",", &state); word; word = strtok_r(NULL, ",", &state))
		if (!words_add(words, word))
			return false;
	return words->count;
}

bool words_have(const struct words *words, const char *word)
{
	for (size_t i = 0; i < words->count; i++)
		if (!strcmp(words->word[i], word))
			return true;
	return false;
}

bool number_take(const char *text, unsigned long least, unsigned long most, unsigned long *number)
{
	char *end;

	if (*text < '0' || *text > '9') /* strtoul() takes signs and blanks */
		return false;
	errno = 0;
	*number = strtoul(text, &end, 10);
	return !*end && !errno && *number >= least && *number <= most;
}
