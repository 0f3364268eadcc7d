// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Underscores to spaces; see unfold.h. */
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "unfold.h"

static bool stands_for(const char *folded, const char *name)
{
	for (; *folded && *name; folded++, name++)
		if (*folded != *name && !(*folded == '_' && *name == ' '))
			return false;
	return *folded == *name;
}

/* Puts what @folded stands for in the folder @fd into @name. */
static bool find(int fd, const char *folded, char name[NAME_MAX + 1], int64_t *budget)
{
	int dir_fd = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = dir_fd < 0 ? NULL : fdopendir(dir_fd);
	struct dirent *entry;
	bool found = false;

	if (!dir) {
		if (dir_fd >= 0)
			close(dir_fd);
		return false;
	}
	while (!found && __atomic_sub_fetch(budget, 1, __ATOMIC_RELAXED) > 0 &&
	       (entry = readdir(dir))) {
		found = stands_for(folded, entry->d_name);
		if (found)
			memcpy(name, entry->d_name, strlen(folded) + 1); /* the same length */
	}
	closedir(dir);
	return found;
}

/* One component: the name that is there in @fd. */
static bool resolve(int fd, const char *component, char name[NAME_MAX + 1], int64_t *budget)
{
	struct stat stat;

	if (strlen(component) > NAME_MAX)
		return false;
	memcpy(name, component, strlen(component) + 1);
	if (!fstatat(fd, component, &stat, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT))
		return true;
	return strchr(component, '_') && find(fd, component, name, budget);
}

char *unfold(const char *path, int64_t *budget)
{
	char *copy = strdup(path), *rest = copy + 1, *component;
	char name[NAME_MAX + 1], *result = NULL;
	size_t len = 0;
	bool found = copy && *path == '/' && strchr(path, '_') &&
		     __atomic_load_n(budget, __ATOMIC_RELAXED) > 0;
	int fd = -1, next;

	if (!found)
		goto out;
	result = malloc(strlen(path) + 1); /* names found have their component's length */
	fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	found = result && fd >= 0;
	while (found && (component = strsep(&rest, "/"))) {
		found = resolve(fd, component, name, budget);
		if (!found)
			break;
		result[len++] = '/';
		memcpy(result + len, name, strlen(name) + 1);
		len += strlen(name);
		next = rest ? openat(fd, name, O_PATH | O_NOFOLLOW | O_DIRECTORY | O_CLOEXEC) : -1;
		found = !rest || next >= 0;
		close(fd);
		fd = next;
	}
out:
	if (fd >= 0)
		close(fd);
	free(copy);
	if (found)
		return result;
	free(result);
	return NULL;
}
