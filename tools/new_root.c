// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Another root; see new_root.h. */
#include <errno.h>
#include <sched.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include "cli.h"
#include "new_root.h"

int new_root(const char *path)
{
	const char *what = "a mount namespace";
	int ret;

	if (unshare(CLONE_NEWNS))
		goto fail;
	what = "private mounts";
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL))
		goto fail;
	what = "entering it";
	if (chdir(path))
		goto fail;
	what = "moving it to / (is it a mount point?)";
	if (mount(".", "/", NULL, MS_MOVE, NULL))
		goto fail;
	what = "chroot";
	if (chroot(".") || chdir("/"))
		goto fail;
	return 0;
fail:
	ret = -errno;
	cli_error("%s: cannot become the root: %s: %s", path, what, strerror(-ret));
	return ret;
}
