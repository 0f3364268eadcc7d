/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Shim: explicit byte order. */
#ifndef TPMB_SHIM_ASM_BYTEORDER_H
#define TPMB_SHIM_ASM_BYTEORDER_H

#include <linux/types.h>

#if __has_include_next(<asm/byteorder.h>)
#include_next <asm/byteorder.h>
#endif

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define cpu_to_le32(value) ((__le32)(value))
#define le32_to_cpu(value) ((u32)(value))
#else
#define cpu_to_le32(value) ((__le32)__builtin_bswap32(value))
#define le32_to_cpu(value) ((u32)__builtin_bswap32(value))
#endif

#endif
