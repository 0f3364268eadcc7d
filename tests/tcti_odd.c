// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * A TCTI module that behaves badly, loaded by tpm2-tss as "odd:BEHAVIOUR":
 *
 *   good      answers every command with success
 *   silent    never answers; cancelling has no effect
 *   cancel    answers TPM_RC_CANCELED once it is cancelled
 *   stuck     never answers; cancelling does not return
 *   pieces    says "try again" nine times before it answers
 *   broken    receiving fails
 *   deaf      sending fails
 *   blind     as "silent", with nothing to poll
 *   large     answers more than there is room for
 *
 * All of them answer the first command, which asks whether there is a TPM.
 */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <tss2/tss2_tcti.h>

#define MAGIC 0x6f6464u

const TSS2_TCTI_INFO *Tss2_Tcti_Info(void);

struct odd {
	TSS2_TCTI_CONTEXT_COMMON_V2 common;
	char behaviour[16];
	unsigned int commands;
	unsigned int receives;
	int pipe[2]; /* readable when there is an answer */
	bool cancelled;
};

static struct odd *odd_of(TSS2_TCTI_CONTEXT *context)
{
	return (struct odd *)(void *)context;
}

static bool is(const struct odd *o, const char *behaviour)
{
	return o->commands > 1 && !strcmp(o->behaviour, behaviour);
}

static TSS2_RC odd_transmit(TSS2_TCTI_CONTEXT *context, size_t size, const uint8_t *command)
{
	struct odd *o = odd_of(context);

	(void)size;
	(void)command;
	o->commands++;
	o->receives = 0;
	if (is(o, "deaf"))
		return TSS2_TCTI_RC_IO_ERROR;
	if (!is(o, "silent") && !is(o, "cancel") && !is(o, "stuck") && !is(o, "blind") &&
	    write(o->pipe[1], "", 1) != 1)
		return TSS2_TCTI_RC_IO_ERROR;
	return 0;
}

static TSS2_RC odd_receive(TSS2_TCTI_CONTEXT *context, size_t *size, uint8_t *response,
			   int32_t timeout)
{
	static const uint8_t good[10] = {0x80, 0x01, 0, 0, 0, 10};
	static const uint8_t canceled[10] = {0x80, 0x01, 0, 0, 0, 10, 0, 0, 0x09, 0x09};
	struct odd *o = odd_of(context);
	char ch;

	(void)timeout;
	if (is(o, "broken"))
		return TSS2_TCTI_RC_IO_ERROR;
	if (is(o, "blind"))
		return TSS2_TCTI_RC_TRY_AGAIN;
	if (is(o, "pieces") && o->receives++ < 9) {
		*size = 0;
		return TSS2_TCTI_RC_TRY_AGAIN;
	}
	if (is(o, "large")) {
		*size = 5000;
		return TSS2_TCTI_RC_INSUFFICIENT_BUFFER;
	}
	if (read(o->pipe[0], &ch, 1) != 1)
		return TSS2_TCTI_RC_IO_ERROR;
	memcpy(response, o->cancelled ? canceled : good, 10);
	o->cancelled = false;
	*size = 10;
	return 0;
}

static void odd_finalize(TSS2_TCTI_CONTEXT *context)
{
	struct odd *o = odd_of(context);

	close(o->pipe[0]);
	close(o->pipe[1]);
}

static TSS2_RC odd_cancel(TSS2_TCTI_CONTEXT *context)
{
	struct odd *o = odd_of(context);

	if (is(o, "stuck"))
		for (;;)
			pause();
	if (!is(o, "cancel"))
		return 0;
	o->cancelled = true;
	return write(o->pipe[1], "", 1) == 1 ? 0 : TSS2_TCTI_RC_IO_ERROR;
}

static TSS2_RC odd_poll_handles(TSS2_TCTI_CONTEXT *context, TSS2_TCTI_POLL_HANDLE *handles,
				size_t *count)
{
	struct odd *o = odd_of(context);

	if (!strcmp(o->behaviour, "blind"))
		return TSS2_TCTI_RC_NOT_IMPLEMENTED;
	if (handles) {
		handles->fd = o->pipe[0];
		handles->events = POLLIN;
	}
	*count = 1;
	return 0;
}

static TSS2_RC odd_init(TSS2_TCTI_CONTEXT *context, size_t *size, const char *conf)
{
	struct odd *o = odd_of(context);

	if (!context) {
		*size = sizeof(*o);
		return 0;
	}
	memset(o, 0, sizeof(*o));
	snprintf(o->behaviour, sizeof(o->behaviour), "%s", conf ? conf : "");
	if (pipe(o->pipe))
		return TSS2_TCTI_RC_IO_ERROR;
	o->common.v1.magic = MAGIC;
	o->common.v1.version = 2;
	o->common.v1.transmit = odd_transmit;
	o->common.v1.receive = odd_receive;
	o->common.v1.finalize = odd_finalize;
	o->common.v1.cancel = odd_cancel;
	o->common.v1.getPollHandles = odd_poll_handles;
	return 0;
}

__attribute__((visibility("default"))) const TSS2_TCTI_INFO *Tss2_Tcti_Info(void)
{
	static const TSS2_TCTI_INFO info = {
		.version = 2,
		.name = "tcti-odd",
		.description = "misbehaves",
		.config_help = "see its source",
		.init = odd_init,
	};

	return &info;
}
