/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What driver/ asks of the C library, for the kernel. */
#include <linux/errno.h>
