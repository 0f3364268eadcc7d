/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The files of a Debian package. */
#ifndef TPMBATCH_PACKAGE_FILES_H
#define TPMBATCH_PACKAGE_FILES_H

/* Not 0: no more files. @path lasts for the call. */
typedef int (*package_file_fn)(void *arg, const char *path);

/*
 * Asks dpkg-query (TPMBATCH_DPKG_QUERY in the environment names another
 * program) what the package @name installed, folders and links included, diverted files
 * where they are. Links to the folders are resolved, so that paths are the kernel's
 * (/lib became /usr/lib).
 * What @fn returned, 0, or a negative errno after a message: -ESRCH where dpkg-query failed.
 */
int package_files(const char *name, package_file_fn fn, void *arg);

#endif
