/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Shim: the error numbers that the core returns; the system's own header where there is one. */
#ifndef TPMB_SHIM_LINUX_ERRNO_H
#define TPMB_SHIM_LINUX_ERRNO_H

#if __has_include_next(<linux/errno.h>)
#include_next <linux/errno.h>
#else
#define EEXIST	17
#define EBADMSG 74
#endif

#endif
