/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Shim: the three memory functions the core calls; every C environment, freestanding too, has them.
 */
#ifndef TPMB_SHIM_LINUX_STRING_H
#define TPMB_SHIM_LINUX_STRING_H

#include <stddef.h>

int memcmp(const void *a, const void *b, size_t len);
void *memcpy(void *restrict to, const void *restrict from, size_t len);
void *memset(void *to, int byte, size_t len);

#endif
