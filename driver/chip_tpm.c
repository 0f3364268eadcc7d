// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <libtpms/tpm_error.h>
#include <libtpms/tpm_library.h>
#include <libtpms/tpm_memory.h>

#include "chip_tpm.h"
#include "lib_private.h"

#define BLOBS 4

/* libtpms keeps its state in static variables and calls back without an argument. */
static struct {
	bool on;
	uint8_t locality;
	struct {
		char name[32];
		uint8_t *data;
		uint32_t len;
	} blobs[BLOBS];
	uint8_t *response;
	uint32_t room;
	uint8_t command[TPMB_CHIP_BUFFER_SIZE];
} tpm;

static TPM_RESULT nvram_init(void)
{
	return TPM_SUCCESS;
}

static int blob(const char *name, bool add)
{
	for (int i = 0; i < BLOBS; i++) {
		if (!strcmp(tpm.blobs[i].name, name))
			return i;
		if (!tpm.blobs[i].name[0]) {
			if (!add || strlen(name) >= sizeof(tpm.blobs[i].name))
				return -1;
			strcpy(tpm.blobs[i].name, name);
			return i;
		}
	}
	return -1;
}

static TPM_RESULT nvram_load(unsigned char **data, uint32_t *length, uint32_t number,
			     const char *name)
{
	int i = blob(name, false);

	(void)number;
	if (i < 0 || !tpm.blobs[i].data)
		return TPM_RETRY; /* libtpms' word for "none" */
	if (TPM_Malloc(data, tpm.blobs[i].len))
		return TPM_FAIL;
	memcpy(*data, tpm.blobs[i].data, tpm.blobs[i].len);
	*length = tpm.blobs[i].len;
	return TPM_SUCCESS;
}

static TPM_RESULT nvram_store(const unsigned char *data, uint32_t length, uint32_t number,
			      const char *name)
{
	int i = blob(name, true);
	uint8_t *copy = malloc(length ? length : 1);

	(void)number;
	if (i < 0 || !copy) {
		free(copy);
		return TPM_FAIL;
	}
	memcpy(copy, data, length);
	free(tpm.blobs[i].data);
	tpm.blobs[i].data = copy;
	tpm.blobs[i].len = length;
	return TPM_SUCCESS;
}

static TPM_RESULT nvram_delete(uint32_t number, const char *name, TPM_BOOL must_exist)
{
	int i = blob(name, false);

	(void)number;
	if (i < 0 || !tpm.blobs[i].data)
		return must_exist ? TPM_FAIL : TPM_SUCCESS;
	free(tpm.blobs[i].data);
	tpm.blobs[i].data = NULL;
	return TPM_SUCCESS;
}

static TPM_RESULT io_init(void)
{
	return TPM_SUCCESS;
}

static TPM_RESULT io_locality(TPM_MODIFIER_INDICATOR *locality, uint32_t number)
{
	(void)number;
	*locality = tpm.locality;
	return TPM_SUCCESS;
}

static TPM_RESULT io_presence(TPM_BOOL *presence, uint32_t number)
{
	(void)number;
	*presence = FALSE;
	return TPM_SUCCESS;
}

static uint32_t execute(void *arg, uint8_t locality, const uint8_t *cmd, uint32_t cmd_len,
			uint8_t *rsp)
{
	uint32_t len = 0;

	(void)arg;
	if (cmd_len > sizeof(tpm.command))
		return 0;
	tpm.locality = locality;
	memcpy(tpm.command, cmd, cmd_len);
	if (TPMLIB_Process(&tpm.response, &len, &tpm.room, tpm.command, cmd_len) ||
	    len > TPMB_CHIP_BUFFER_SIZE)
		return 0;
	memcpy(rsp, tpm.response, len);
	return len;
}

static void reset(void *arg)
{
	(void)arg;
	TPMLIB_Terminate();
	if (TPMLIB_MainInit())
		tpmb_msg("libtpms: does not start again after a reset");
}

int tpmb_chip_tpm_on(bool tpm2, struct tpmb_chip_exec *exec)
{
	static struct libtpms_callbacks callbacks = {
		.sizeOfStruct = sizeof(callbacks),
		.tpm_nvram_init = nvram_init,
		.tpm_nvram_loaddata = nvram_load,
		.tpm_nvram_storedata = nvram_store,
		.tpm_nvram_deletename = nvram_delete,
		.tpm_io_init = io_init,
		.tpm_io_getlocality = io_locality,
		.tpm_io_getphysicalpresence = io_presence,
	};
	TPM_RESULT result;

	if (tpm.on) {
		tpmb_msg("libtpms: this process's TPM is in use; there is one at a time");
		return -EBUSY;
	}
	TPMLIB_SetDebugLevel(0);
	result = TPMLIB_ChooseTPMVersion(tpm2 ? TPMLIB_TPM_VERSION_2 : TPMLIB_TPM_VERSION_1_2);
	if (!result)
		result = TPMLIB_RegisterCallbacks(&callbacks);
	if (!result)
		result = TPMLIB_MainInit();
	if (result) {
		tpmb_msg("libtpms: TPM %s does not start: 0x%x", tpm2 ? "2.0" : "1.2", result);
		return -EIO;
	}
	tpm.on = true;
	*exec = (struct tpmb_chip_exec){.execute = execute, .reset = reset};
	return 0;
}

void tpmb_chip_tpm_off(void)
{
	if (!tpm.on)
		return;
	TPMLIB_Terminate();
	TPM_Free(tpm.response);
	for (int i = 0; i < BLOBS; i++)
		free(tpm.blobs[i].data);
	memset(&tpm, 0, sizeof(tpm));
}
