/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Shim: assertions. In the kernel a broken invariant warns and goes on; here
 * it ends the process, so that no record is written after one.
 */
#ifndef TPMB_SHIM_LINUX_BUG_H
#define TPMB_SHIM_LINUX_BUG_H

#include <linux/types.h>

void tpmb_shim_bug(const char *condition, const char *file, int line) __attribute__((noreturn));

#define WARN_ON_ONCE(condition)                                        \
	({                                                             \
		bool tpmb_warned = !!(condition);                      \
                                                                       \
		if (__builtin_expect(tpmb_warned, 0))                  \
			tpmb_shim_bug(#condition, __FILE__, __LINE__); \
		tpmb_warned;                                           \
	})

#endif
