// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <linux/dm-ioctl.h>
#include <linux/keyctl.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>

#include "uses.h"

#define CERT_MAX 4096
/*
 * Where an X.509 certificate has its serial number: behind two sequences with
 * lengths of two bytes, the version, and the head of an integer of eight bytes.
 */
#define SERIAL_HEAD 13
#define SERIAL_AT   (SERIAL_HEAD + 2)
#define SERIAL_LEN  8

/* Any certificate that is not its own issuer: nobody checks its signature. */
static uint8_t cert[CERT_MAX];
static size_t cert_len;
static unsigned int dm_major;

enum use use_of(const char *use, long number)
{
	static const struct {
		const char *name;
		enum use use;
	} single[] = {
		{"mmap", USE_MMAP}, {"exec", USE_EXEC},	    {"key", USE_KEY},
		{"dm", USE_DM},	    {"module", USE_MODULE},
	};
	size_t i;

	if (!strcmp(use, "mixed"))
		return (enum use)(number % (USE_EXEC + 1));
	if (!strcmp(use, "all"))
		return (enum use)(number % (USE_DM + 1));
	for (i = 0; i < sizeof(single) / sizeof(single[0]); i++)
		if (!strcmp(use, single[i].name))
			return single[i].use;
	return USE_READ;
}

bool use_has_file(enum use use)
{
	return use != USE_KEY && use != USE_DM;
}

static long add_key(const char *type, const char *name, const void *data, size_t len, long ring)
{
	return syscall(SYS_add_key, type, name, data, len, ring);
}

static ssize_t load(const char *path, void *data, size_t room)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return -errno;
	n = read(fd, data, room);
	if (n < 0)
		n = -errno;
	close(fd);
	return n;
}

/* The device mapper's number among block devices, as /proc/devices has it. */
static int find_dm(void)
{
	unsigned int number;
	char text[8192], *at;
	ssize_t n = load("/proc/devices", text, sizeof(text) - 1);

	if (n < 0)
		return (int)n;
	text[n] = 0;
	at = strstr(text, " device-mapper\n");
	if (!at)
		return 0; /* no such kernel, no such use */
	while (at > text && at[-1] != '\n')
		at--;
	if (sscanf(at, "%u", &number) != 1)
		return -EBADMSG;
	dm_major = number;
	return 0;
}

int uses_init(void)
{
	uint8_t signer[CERT_MAX];
	ssize_t n;
	long ring;

	n = load("/given/key.der", cert, sizeof(cert));
	if (n > 0) {
		if (n < SERIAL_AT + SERIAL_LEN || cert[SERIAL_HEAD] != 2 ||
		    cert[SERIAL_HEAD + 1] != SERIAL_LEN)
			return -EBADMSG;
		cert_len = (size_t)n;
	}
	n = load("/given/signer.der", signer, sizeof(signer));
	if (n > 0) {
		ring = add_key("keyring", "_ima", NULL, 0, KEY_SPEC_USER_KEYRING);
		if (ring < 0 || add_key("asymmetric", "", signer, (size_t)n, ring) < 0)
			return -errno;
	}
	return find_dm();
}

static bool use_key(const char *path, long number)
{
	uint8_t own[CERT_MAX];
	long ring;
	int i;

	if (!cert_len) {
		errno = ENOKEY;
		return false;
	}
	memcpy(own, cert, cert_len);
	for (i = 1; i < SERIAL_LEN; i++)
		own[SERIAL_AT + i] = (uint8_t)(number >> 8 * (SERIAL_LEN - 1 - i));
	ring = add_key("keyring", path, NULL, 0, KEY_SPEC_PROCESS_KEYRING);
	if (ring < 0 || add_key("asymmetric", "", own, cert_len, ring) < 0)
		return false;
	return !syscall(SYS_keyctl, KEYCTL_UNLINK, ring, KEY_SPEC_PROCESS_KEYRING);
}

/* A request with room for a table of one target. */
struct dm_request {
	struct dm_ioctl head;
	struct dm_target_spec target;
	char arguments[32];
};

static int dm(int fd, unsigned long what, const char *name, long number, uint32_t flags)
{
	struct dm_request request;

	memset(&request, 0, sizeof(request));
	request.head.version[0] = 4;
	request.head.data_size = sizeof(request);
	request.head.data_start = sizeof(request.head);
	request.head.flags = flags;
	snprintf(request.head.name, sizeof(request.head.name), "%s", name);
	if (what == DM_DEV_CREATE) {
		/* A number of its own choice, so that the same file gives the same measurement. */
		request.head.dev = makedev(dm_major, (unsigned int)number);
	} else if (what == DM_TABLE_LOAD) {
		request.head.target_count = 1;
		request.target.length = 8;
		request.target.next = sizeof(request) - sizeof(request.head);
		strcpy(request.target.target_type, "linear");
		strcpy(request.arguments, "/dev/ram0 0");
	}
	return ioctl(fd, what, &request);
}

static bool use_dm(const char *path, long number)
{
	const char *name = strrchr(path, '/') + 1;
	int fd = open("/dev/mapper/control", O_RDWR | O_CLOEXEC);
	bool good;

	good = fd >= 0 && !dm(fd, DM_DEV_CREATE, name, number, DM_PERSISTENT_DEV_FLAG) &&
	       !dm(fd, DM_TABLE_LOAD, name, number, 0) && !dm(fd, DM_DEV_SUSPEND, name, number, 0);
	if (fd >= 0) {
		good = !dm(fd, DM_DEV_REMOVE, name, number, 0) && good;
		close(fd);
	}
	return good;
}

static bool use_module(const char *path, long number)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), error;
	char name[32];
	bool good;

	if (fd < 0)
		return false;
	snprintf(name, sizeof(name), "tpmb_load_%06ld", number);
	good = !syscall(SYS_finit_module, fd, "", 0);
	error = errno;
	close(fd);
	if (good && syscall(SYS_delete_module, name, O_NONBLOCK))
		return false;
	errno = error;
	return good;
}

static bool use_exec(const char *path)
{
	volatile int error = 0; /* the child's: they share their memory */
	int status;
	pid_t pid;

	pid = vfork();
	if (!pid) {
		execl(path, path, (char *)NULL);
		error = errno;
		_exit(127);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return false;
	errno = error;
	return !status;
}

bool use_file(const char *path, long number, enum use use)
{
	char data[64];
	bool good;
	void *map;
	int fd;

	switch (use) {
	case USE_EXEC:
		return use_exec(path);
	case USE_KEY:
		return use_key(path, number);
	case USE_DM:
		return use_dm(path, number);
	case USE_MODULE:
		return use_module(path, number);
	default:
		break;
	}
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	if (use == USE_MMAP) {
		map = mmap(NULL, 64, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0);
		good = map != MAP_FAILED;
		if (good)
			munmap(map, 64);
	} else {
		good = read(fd, data, sizeof(data)) > 0;
	}
	close(fd);
	return good;
}
