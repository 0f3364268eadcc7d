/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Shim: the error numbers the core returns, with Linux's values (errno(3)). */
#ifndef TPMB_SHIM_LINUX_ERRNO_H
#define TPMB_SHIM_LINUX_ERRNO_H

#ifndef ENOENT
#define ENOENT 2
#endif
#ifndef EAGAIN
#define EAGAIN 11
#endif
#ifndef EEXIST
#define EEXIST 17
#endif
#ifndef EINVAL
#define EINVAL 22
#endif
#ifndef ENOSPC
#define ENOSPC 28
#endif
#ifndef EBADMSG
#define EBADMSG 74
#endif
#ifndef EOVERFLOW
#define EOVERFLOW 75
#endif

#endif
