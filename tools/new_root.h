/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A root file system that is mounted, and not the root yet. */
#ifndef TPMBATCH_NEW_ROOT_H
#define TPMBATCH_NEW_ROOT_H

/*
 * Makes the mount point @path this process's root, in a mount namespace of its
 * own, by moving it to / as switch_root(8) does: chroot(2) would leave @path in
 * the names that IMA lists. Before other threads start; needs root. 0, or a negative
 * errno after a message.
 */
int new_root(const char *path);

#endif
