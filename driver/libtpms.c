// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The TPM in the process, its state in memory or in a directory, and the transport "libtpms:". */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <libtpms/tpm_error.h>
#include <libtpms/tpm_library.h>
#include <libtpms/tpm_memory.h>
#include <libtpms/tpm_nvfilename.h>

#include "lib_private.h"
#include "libtpms.h"
#include "open.h"
#include "tpm.h"
#include "transport.h"

/* libtpms' blobs stay below 200 KiB in all versions so far; what is larger is not state. */
#define BLOB_MAX (4 * 1024 * 1024)

enum blob_kind {
	BLOB_PERMANENT,
	BLOB_VOLATILE,
	BLOB_SAVED, /* TPM 1.2's TPM_SaveState */
	BLOB_COUNT,
};

/* libtpms' names, and the suffixes of the files. */
static const char *const blob_names[BLOB_COUNT] = {
	TPM_PERMANENT_ALL_NAME,
	TPM_VOLATILESTATE_NAME,
	TPM_SAVESTATE_NAME,
};
static const char *const blob_suffixes[BLOB_COUNT] = {"permanent", "volatile", "saved"};

struct blob {
	uint8_t *data; /* from malloc(); NULL: there is none */
	uint32_t len;
};

struct libtpms {
	const char *version_name; /* start of the file names */
	int dir_fd;		  /* locked; -1: state lives in memory alone */
	char *dir;		  /* for messages */
	struct blob blobs[BLOB_COUNT];
	TPM_MODIFIER_INDICATOR locality;
	int log_fd;	   /* /dev/null */
	int store_error;   /* the first error of a write that libtpms asked for */
	bool running;	   /* between TPMLIB_MainInit() and TPMLIB_Terminate() */
	uint8_t *response; /* libtpms' buffer, kept from command to command */
	uint32_t room;
	uint8_t command[TPMB_TPM_BUFFER_SIZE];
};

/* Set while the process's only TPM is handed out; libtpms' callbacks have no argument. */
static atomic_flag in_use = ATOMIC_FLAG_INIT;
static struct libtpms the_tpm;

/* ---- state files ---------------------------------------------------------- */

static void blob_name(const struct libtpms *tpm, enum blob_kind kind, const char *ending,
		      char name[64])
{
	snprintf(name, 64, "%s.%s%s", tpm->version_name, blob_suffixes[kind], ending);
}

static int read_all(int fd, uint8_t *data, size_t len)
{
	while (len) {
		ssize_t n = read(fd, data, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (!n)
			return -EBADMSG;
		data += n;
		len -= (size_t)n;
	}
	return 0;
}

static int write_all(int fd, const uint8_t *data, size_t len)
{
	while (len) {
		ssize_t n = write(fd, data, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		data += n;
		len -= (size_t)n;
	}
	return 0;
}

/* Reads a state file into memory; a missing one is no error. */
static int blob_load(struct libtpms *tpm, enum blob_kind kind)
{
	struct blob *blob = &tpm->blobs[kind];
	struct stat st;
	char name[64];
	int fd;
	int ret = 0;

	blob_name(tpm, kind, "", name);
	fd = openat(tpm->dir_fd, name, O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		if (errno == ENOENT)
			return 0;
		ret = -errno;
		goto message;
	}
	if (fstat(fd, &st)) {
		ret = -errno;
	} else if (!S_ISREG(st.st_mode) || st.st_size <= 0 || st.st_size > BLOB_MAX) {
		ret = -EBADMSG;
	} else {
		blob->data = malloc((size_t)st.st_size);
		blob->len = (uint32_t)st.st_size;
		ret = blob->data ? read_all(fd, blob->data, blob->len) : -ENOMEM;
	}
	close(fd);
message:
	if (ret == -EBADMSG)
		tpmb_msg("%s/%s: expected a regular file of 1 to %d bytes of TPM state", tpm->dir,
			 name, BLOB_MAX);
	else if (ret)
		tpmb_msg("%s/%s: %s", tpm->dir, name, strerror(-ret));
	return ret;
}

/* Writes a state file so that there is the old or the new one, whatever happens. */
static int blob_save(struct libtpms *tpm, enum blob_kind kind)
{
	const struct blob *blob = &tpm->blobs[kind];
	char name[64];
	char temporary[64];
	int fd;
	int ret;

	blob_name(tpm, kind, "", name);
	blob_name(tpm, kind, ".new", temporary);
	fd = openat(tpm->dir_fd, temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0) {
		ret = -errno;
		goto out;
	}
	ret = write_all(fd, blob->data, blob->len);
	if (!ret && fsync(fd))
		ret = -errno;
	if (close(fd) && !ret)
		ret = -errno;
	if (!ret && renameat(tpm->dir_fd, temporary, tpm->dir_fd, name))
		ret = -errno;
	if (!ret && fsync(tpm->dir_fd))
		ret = -errno;
	if (ret)
		unlinkat(tpm->dir_fd, temporary, 0);
out:
	if (ret)
		tpmb_msg("%s/%s: TPM state not written: %s", tpm->dir, name, strerror(-ret));
	return ret;
}

static int blob_remove(struct libtpms *tpm, enum blob_kind kind)
{
	char name[64];
	int ret;

	blob_name(tpm, kind, "", name);
	if (unlinkat(tpm->dir_fd, name, 0))
		return errno == ENOENT ? 0 : -errno;
	ret = fsync(tpm->dir_fd) ? -errno : 0;
	return ret;
}

static void blob_free(struct blob *blob)
{
	free(blob->data);
	blob->data = NULL;
	blob->len = 0;
}

/* ---- libtpms' callbacks ------------------------------------------------------ */

static struct blob *blob_by_name(const char *name, enum blob_kind *kind)
{
	for (int i = 0; i < BLOB_COUNT; i++)
		if (!strcmp(name, blob_names[i])) {
			*kind = (enum blob_kind)i;
			return &the_tpm.blobs[i];
		}
	return NULL;
}

static TPM_RESULT nvram_init(void)
{
	return TPM_SUCCESS;
}

static TPM_RESULT nvram_load(unsigned char **data, uint32_t *length, uint32_t tpm_number,
			     const char *name)
{
	enum blob_kind kind;
	const struct blob *blob = blob_by_name(name, &kind);

	(void)tpm_number;
	if (!blob)
		return TPM_FAIL;
	if (!blob->data)
		return TPM_RETRY; /* "no such state" in libtpms' contract */
	if (TPM_Malloc(data, blob->len))
		return TPM_FAIL;
	memcpy(*data, blob->data, blob->len);
	*length = blob->len;
	return TPM_SUCCESS;
}

static TPM_RESULT nvram_store(const unsigned char *data, uint32_t length, uint32_t tpm_number,
			      const char *name)
{
	enum blob_kind kind;
	struct blob *blob = blob_by_name(name, &kind);
	uint8_t *copy;
	int ret;

	(void)tpm_number;
	if (!blob || length > BLOB_MAX)
		return TPM_FAIL;
	copy = malloc(length ? length : 1);
	if (!copy)
		return TPM_FAIL;
	memcpy(copy, data, length);
	blob_free(blob);
	blob->data = copy;
	blob->len = length;
	if (the_tpm.dir_fd < 0)
		return TPM_SUCCESS;
	ret = blob_save(&the_tpm, kind);
	if (ret && !the_tpm.store_error)
		the_tpm.store_error = ret;
	return ret ? TPM_FAIL : TPM_SUCCESS;
}

static TPM_RESULT nvram_delete(uint32_t tpm_number, const char *name, TPM_BOOL must_exist)
{
	enum blob_kind kind;
	struct blob *blob = blob_by_name(name, &kind);

	(void)tpm_number;
	if (!blob || (must_exist && !blob->data))
		return TPM_FAIL;
	blob_free(blob);
	if (the_tpm.dir_fd >= 0 && blob_remove(&the_tpm, kind))
		return TPM_FAIL;
	return TPM_SUCCESS;
}

static TPM_RESULT io_init(void)
{
	return TPM_SUCCESS;
}

static TPM_RESULT io_locality(TPM_MODIFIER_INDICATOR *locality, uint32_t tpm_number)
{
	(void)tpm_number;
	*locality = the_tpm.locality;
	return TPM_SUCCESS;
}

static TPM_RESULT io_physical_presence(TPM_BOOL *presence, uint32_t tpm_number)
{
	(void)tpm_number;
	*presence = FALSE;
	return TPM_SUCCESS;
}

/* ---- the bare TPM --------------------------------------------------------------- */

static int open_dir(struct libtpms *tpm, const char *dir)
{
	tpm->dir = strdup(dir);
	if (!tpm->dir)
		return -ENOMEM;
	tpm->dir_fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (tpm->dir_fd < 0) {
		int ret = -errno;

		tpmb_msg("%s: directory of the TPM's state: %s", dir, strerror(-ret));
		return ret;
	}
	if (flock(tpm->dir_fd, LOCK_EX | LOCK_NB)) {
		int ret = errno == EWOULDBLOCK ? -EBUSY : -errno;

		tpmb_msg("%s: %s", dir,
			 ret == -EBUSY ? "another process's TPM uses this state" : strerror(-ret));
		return ret;
	}
	return 0;
}

static int main_init(struct libtpms *tpm)
{
	TPM_RESULT result = TPMLIB_MainInit();

	if (result) {
		TPMLIB_Terminate();
		tpmb_msg("libtpms: TPMLIB_MainInit fails with 0x%x%s%s", result,
			 tpm->blobs[BLOB_PERMANENT].data ? ": it does not accept the state" : "",
			 tpm->dir ? tpm->dir : "");
		return tpm->store_error			 ? tpm->store_error
		       : tpm->blobs[BLOB_PERMANENT].data ? -EBADMSG
							 : -EIO;
	}
	tpm->running = true;
	return 0;
}

static void release(struct libtpms *tpm)
{
	if (tpm->running)
		TPMLIB_Terminate();
	TPM_Free(tpm->response);
	for (int i = 0; i < BLOB_COUNT; i++)
		blob_free(&tpm->blobs[i]);
	if (tpm->dir_fd >= 0)
		close(tpm->dir_fd); /* and with it the lock */
	free(tpm->dir);
	TPMLIB_SetDebugFD(-1);
	if (tpm->log_fd >= 0)
		close(tpm->log_fd);
	memset(tpm, 0, sizeof(*tpm));
	atomic_flag_clear(&in_use);
}

int libtpms_power_on(enum libtpms_version version, const char *dir, struct libtpms **handle,
		     int *resumed)
{
	static struct libtpms_callbacks callbacks = {
		.sizeOfStruct = sizeof(callbacks),
		.tpm_nvram_init = nvram_init,
		.tpm_nvram_loaddata = nvram_load,
		.tpm_nvram_storedata = nvram_store,
		.tpm_nvram_deletename = nvram_delete,
		.tpm_io_init = io_init,
		.tpm_io_getlocality = io_locality,
		.tpm_io_getphysicalpresence = io_physical_presence,
	};
	struct libtpms *tpm = &the_tpm;
	bool had_volatile;
	int ret = 0;

	*handle = NULL;
	if (atomic_flag_test_and_set(&in_use)) {
		tpmb_msg("libtpms: this process's TPM is in use; there is one at a time");
		return -EBUSY;
	}
	memset(tpm, 0, sizeof(*tpm));
	tpm->dir_fd = -1;
	tpm->version_name = version == LIBTPMS_TPM12 ? "tpm12" : "tpm20";
	/* libtpms writes its errors to stderr at any debug level; they also arrive as codes. */
	tpm->log_fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
	TPMLIB_SetDebugFD(tpm->log_fd);
	TPMLIB_SetDebugLevel(0);
	if (TPMLIB_ChooseTPMVersion(version == LIBTPMS_TPM12 ? TPMLIB_TPM_VERSION_1_2
							     : TPMLIB_TPM_VERSION_2) ||
	    TPMLIB_RegisterCallbacks(&callbacks)) {
		tpmb_msg("libtpms: no %s in this build of it",
			 version == LIBTPMS_TPM12 ? "TPM 1.2" : "TPM 2.0");
		ret = -EIO;
	}
	if (!ret && dir)
		ret = open_dir(tpm, dir);
	for (int i = 0; !ret && dir && i < BLOB_COUNT; i++)
		ret = blob_load(tpm, (enum blob_kind)i);
	if (ret)
		goto err;
	had_volatile = tpm->blobs[BLOB_VOLATILE].data != NULL;
	ret = main_init(tpm);
	if (ret)
		goto err;
	if (had_volatile) {
		/* Resumed once: what happens from here on must not be undone by resuming again. */
		blob_free(&tpm->blobs[BLOB_VOLATILE]);
		ret = blob_remove(tpm, BLOB_VOLATILE);
		if (ret) {
			tpmb_msg("%s: volatile state not removed: %s", dir, strerror(-ret));
			goto err;
		}
	}
	if (resumed)
		*resumed = had_volatile;
	*handle = tpm;
	return 0;
err:
	release(tpm);
	return ret;
}

int libtpms_execute(struct libtpms *tpm, const uint8_t *cmd, size_t cmd_len, uint8_t *rsp,
		    size_t *rsp_len)
{
	uint32_t len = 0;
	TPM_RESULT result;

	if (!tpm->running)
		return -EIO;
	if (cmd_len > sizeof(tpm->command)) {
		tpmb_msg("libtpms: command of %zu bytes: expected at most %zu", cmd_len,
			 sizeof(tpm->command));
		return -EMSGSIZE;
	}
	/* libtpms decrypts parameters where they are. */
	memcpy(tpm->command, cmd, cmd_len);
	result = TPMLIB_Process(&tpm->response, &len, &tpm->room, tpm->command, (uint32_t)cmd_len);
	if (result) {
		tpmb_msg("libtpms: TPMLIB_Process fails with 0x%x", result);
		return -EIO;
	}
	if (len > *rsp_len) {
		tpmb_msg("libtpms: response of %u bytes: expected at most %zu", len, *rsp_len);
		return -EMSGSIZE;
	}
	memcpy(rsp, tpm->response, len);
	*rsp_len = len;
	return 0;
}

void libtpms_set_locality(struct libtpms *tpm, uint8_t locality)
{
	tpm->locality = locality;
}

int libtpms_reset(struct libtpms *tpm)
{
	if (!tpm->running)
		return -EIO;
	TPMLIB_Terminate();
	tpm->running = false;
	/* Terminating may have stored it; power loss forgets it. */
	blob_free(&tpm->blobs[BLOB_VOLATILE]);
	return main_init(tpm);
}

int libtpms_suspend(struct libtpms *tpm)
{
	struct blob *blob = &tpm->blobs[BLOB_VOLATILE];
	unsigned char *data = NULL;
	uint32_t len = 0;
	int ret = tpm->store_error;

	if (tpm->dir_fd >= 0 && tpm->running && !ret) {
		if (TPMLIB_VolatileAll_Store(&data, &len)) {
			tpmb_msg("%s: libtpms gives no volatile state", tpm->dir);
			ret = -EIO;
		} else {
			blob_free(blob);
			blob->data = data;
			blob->len = len;
			ret = blob_save(tpm, BLOB_VOLATILE);
		}
	}
	release(tpm);
	return ret;
}

void libtpms_power_off(struct libtpms *tpm)
{
	release(tpm);
}

/* ---- the transport ------------------------------------------------------------------ */

struct libtpms_transport {
	struct tpm_transport base;
	struct libtpms *tpm;
	char name[]; /* base.name */
};

static int transport_transmit(struct tpm_transport *t, const uint8_t *cmd, size_t cmd_len,
			      uint8_t *rsp, size_t *rsp_len)
{
	struct libtpms_transport *lt = (struct libtpms_transport *)t;

	return libtpms_execute(lt->tpm, cmd, cmd_len, rsp, rsp_len);
}

static void transport_close(struct tpm_transport *t)
{
	struct libtpms_transport *lt = (struct libtpms_transport *)t;

	libtpms_suspend(lt->tpm); /* has said what went wrong */
	free(lt);
}

static const struct tpm_transport_ops transport_ops = {
	.transmit = transport_transmit,
	.close = transport_close,
};

int libtpms_transport_open(const char *name, const char *conf, struct tpm_transport **transport)
{
	size_t size = strlen(name) + 1;
	struct libtpms_transport *lt = calloc(1, sizeof(*lt) + size);
	int resumed;
	int ret;

	if (!lt)
		return -ENOMEM;
	memcpy(lt->name, name, size);
	lt->base.ops = &transport_ops;
	lt->base.name = lt->name;
	lt->base.own = true;
	ret = libtpms_power_on(LIBTPMS_TPM20, *conf ? conf : NULL, &lt->tpm, &resumed);
	if (ret)
		goto err;
	ret = resumed ? 0 : tpm_startup(&lt->base);
	if (ret) {
		libtpms_power_off(lt->tpm);
		goto err;
	}
	*transport = &lt->base;
	return 0;
err:
	free(lt);
	return ret;
}
