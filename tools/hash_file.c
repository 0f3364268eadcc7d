// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The SHA-256 of a file; see hash_file.h. */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/evp.h>

#include "hash_file.h"

#define BUFFER_SIZE (128 * 1024)
/*
 * Files of /proc say that they are empty and are not; one that grows while it
 * is read may never end. No file of /proc is as large as this.
 */
#define SIZELESS_MAX ((off_t)64 * 1024 * 1024)
/* A file that is being written is left alone after this many attempts. */
#define ATTEMPTS 3

struct hasher {
	EVP_MD *md;
	EVP_MD_CTX *ctx;
	uint8_t buffer[BUFFER_SIZE];
};

int hasher_new(struct hasher **hasher)
{
	struct hasher *h = calloc(1, sizeof(*h));
	int ret = -ENOMEM;

	*hasher = NULL;
	if (!h)
		return ret;
	h->ctx = EVP_MD_CTX_new();
	if (!h->ctx)
		goto out;
	ret = -EIO;
	h->md = EVP_MD_fetch(NULL, "SHA2-256", NULL);
	if (!h->md)
		goto out;
	*hasher = h;
	return 0;
out:
	hasher_free(h);
	return ret;
}

void hasher_free(struct hasher *hasher)
{
	if (!hasher)
		return;
	EVP_MD_free(hasher->md);
	EVP_MD_CTX_free(hasher->ctx);
	free(hasher);
}

static bool same_time(struct timespec a, struct timespec b)
{
	return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
}

/* -EAGAIN where the file changed meanwhile. */
static int hash_once(struct hasher *h, int fd, uint8_t *digest, uint64_t *bytes)
{
	struct stat before, after;
	off_t at = 0, most;
	ssize_t got;

	if (fstat(fd, &before))
		return -errno;
	if (!S_ISREG(before.st_mode))
		return -EMEDIUMTYPE;
	most = before.st_size ? before.st_size : SIZELESS_MAX;
	if (EVP_DigestInit_ex2(h->ctx, h->md, NULL) != 1)
		return -EIO;
	while ((got = pread(fd, h->buffer, sizeof(h->buffer), at)) != 0) {
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			/* No file that is worth a digest says "nothing yet". */
			return errno == EAGAIN ? -EIO : -errno;
		if (EVP_DigestUpdate(h->ctx, h->buffer, (size_t)got) != 1)
			return -EIO;
		at += got;
		*bytes += (uint64_t)got;
		if (at > most)
			return -EAGAIN;
	}
	if (EVP_DigestFinal_ex(h->ctx, digest, NULL) != 1)
		return -EIO;
	if (fstat(fd, &after))
		return -errno;
	if (before.st_size != after.st_size || !same_time(before.st_mtim, after.st_mtim))
		return -EAGAIN;
	return 0;
}

int hash_file(struct hasher *hasher, const char *path, uint8_t digest[FILE_DIGEST_SIZE],
	      uint64_t *bytes)
{
	int fd, ret = -EAGAIN;

	/* O_NONBLOCK: what was a file may be a FIFO by now. */
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NOFOLLOW | O_NONBLOCK);
	if (fd < 0) {
		switch (errno) {
		case ENOTDIR: /* so has its folder */
			return -ENOENT;
		case ELOOP:
		case ENXIO:
			return -EMEDIUMTYPE;
		default:
			return -errno;
		}
	}
	for (int i = 0; i < ATTEMPTS && ret == -EAGAIN; i++)
		ret = hash_once(hasher, fd, digest, bytes);
	close(fd);
	return ret;
}
