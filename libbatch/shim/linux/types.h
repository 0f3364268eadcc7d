/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Shim: the kernel's integer types. Headers under shim/ name everything that
 * engine.c and record.c need from their surroundings, and nothing else; they
 * include compiler headers only. Two homes implement them: user.c (threads,
 * liburcu, futex) and sim.c (cooperative tasks under a virtual clock). Which
 * one a program gets is decided when it is linked.
 */
#ifndef TPMB_SHIM_LINUX_TYPES_H
#define TPMB_SHIM_LINUX_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int32_t s32;
typedef int64_t s64;

#ifndef U32_MAX
#define U32_MAX UINT32_MAX
#endif

/* The system's header of this name, where there is one, is what libc's own headers expect. */
#if __has_include_next(<linux/types.h>)
#include_next <linux/types.h>
#else
typedef uint32_t __le32;
#endif

struct list_head {
	struct list_head *next;
	struct list_head *prev;
};

#endif
