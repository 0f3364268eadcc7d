/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What the library's own files share: messages and unaligned integers. */
#ifndef TPMB_LIB_PRIVATE_H
#define TPMB_LIB_PRIVATE_H

#include <stdarg.h>
#include <string.h>

#include "tpmbatch.h"

/* The shared library exports what carries this mark; everything else is hidden. */
#define TPMB_API __attribute__((visibility("default")))

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

/* Hands one line to the message handler. Thread-safe. */
void tpmb_msg(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The u32 at @from, which need not be aligned, in the given byte order (not AUTO). */
static inline uint32_t tpmb_get_u32(const uint8_t *from, enum tpmb_order order)
{
	if (order == TPMB_ORDER_BE)
		return (uint32_t)from[0] << 24 | (uint32_t)from[1] << 16 | (uint32_t)from[2] << 8 |
		       from[3];
	return (uint32_t)from[3] << 24 | (uint32_t)from[2] << 16 | (uint32_t)from[1] << 8 | from[0];
}

static inline void tpmb_put_u32(uint8_t *to, uint32_t value, enum tpmb_order order)
{
	for (int i = 0; i < 4; i++)
		to[order == TPMB_ORDER_BE ? 3 - i : i] = (uint8_t)(value >> 8 * i);
}

/* The byte order of this machine. */
static inline enum tpmb_order tpmb_native_order(void)
{
	return __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? TPMB_ORDER_LE : TPMB_ORDER_BE;
}

#endif
