// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* A TCTI context over struct tpm_transport (TCG TSS 2.0 TCTI specification, 3.2). */
#include <errno.h>
#include <string.h>

#include "lib_private.h"
#include "tcti_export.h"
#include "transport.h"

#define MAGIC	    UINT64_C(0x74706d6261746368) /* "tpmbatch" */
#define HEADER_SIZE 10

struct tcti_export {
	TSS2_TCTI_CONTEXT_COMMON_V2 common;
	struct tpm_transport *transport;
	bool owned;
	bool answered; /* a response waits to be received */
	size_t rsp_len;
	uint8_t rsp[TPMB_TPM_BUFFER_SIZE];
};

size_t tcti_export_size(void)
{
	return sizeof(struct tcti_export);
}

/* The context behind a pointer from outside, or NULL. */
static struct tcti_export *export_of(TSS2_TCTI_CONTEXT *context)
{
	struct tcti_export *e = (struct tcti_export *)(void *)context;

	return e && e->common.v1.magic == MAGIC ? e : NULL;
}

static TSS2_RC transport_rc(int error)
{
	switch (error) {
	case 0:
		return TSS2_RC_SUCCESS;
	case -ENOMEM:
		return TSS2_TCTI_RC_MEMORY;
	case -EMSGSIZE:
		return TSS2_TCTI_RC_INSUFFICIENT_BUFFER;
	case -ENOTCONN:
		return TSS2_TCTI_RC_NO_CONNECTION;
	default:
		return TSS2_TCTI_RC_IO_ERROR;
	}
}

static TSS2_RC export_transmit(TSS2_TCTI_CONTEXT *context, size_t size, const uint8_t *command)
{
	struct tcti_export *e = export_of(context);
	int ret;

	if (!context || !command)
		return TSS2_TCTI_RC_BAD_REFERENCE;
	if (!e)
		return TSS2_TCTI_RC_BAD_CONTEXT;
	if (e->answered)
		return TSS2_TCTI_RC_BAD_SEQUENCE;
	if (size < HEADER_SIZE || size > TPMB_TPM_BUFFER_SIZE)
		return TSS2_TCTI_RC_BAD_VALUE;
	e->rsp_len = sizeof(e->rsp);
	ret = e->transport->ops->transmit(e->transport, command, size, e->rsp, &e->rsp_len);
	e->answered = !ret;
	return transport_rc(ret);
}

static TSS2_RC export_receive(TSS2_TCTI_CONTEXT *context, size_t *size, uint8_t *response,
			      int32_t timeout)
{
	struct tcti_export *e = export_of(context);
	size_t room;

	if (!context || !size)
		return TSS2_TCTI_RC_BAD_REFERENCE;
	if (!e)
		return TSS2_TCTI_RC_BAD_CONTEXT;
	if (timeout < TSS2_TCTI_TIMEOUT_BLOCK)
		return TSS2_TCTI_RC_BAD_VALUE;
	if (!e->answered)
		return TSS2_TCTI_RC_BAD_SEQUENCE;
	room = *size;
	*size = e->rsp_len;
	if (!response)
		return TSS2_RC_SUCCESS;
	if (room < e->rsp_len)
		return TSS2_TCTI_RC_INSUFFICIENT_BUFFER;
	memcpy(response, e->rsp, e->rsp_len);
	e->answered = false;
	return TSS2_RC_SUCCESS;
}

static void export_finalize(TSS2_TCTI_CONTEXT *context)
{
	struct tcti_export *e = export_of(context);

	if (!e)
		return;
	if (e->owned)
		tpmb_transport_close(e->transport);
	memset(e, 0, sizeof(*e)); /* a later call finds no magic */
}

static TSS2_RC export_cancel(TSS2_TCTI_CONTEXT *context)
{
	struct tcti_export *e = export_of(context);

	if (!context)
		return TSS2_TCTI_RC_BAD_REFERENCE;
	if (!e)
		return TSS2_TCTI_RC_BAD_CONTEXT;
	return e->answered ? TSS2_TCTI_RC_NOT_SUPPORTED : TSS2_TCTI_RC_BAD_SEQUENCE;
}

static TSS2_RC export_poll_handles(TSS2_TCTI_CONTEXT *context, TSS2_TCTI_POLL_HANDLE *handles,
				   size_t *count)
{
	(void)handles;
	if (!context || !count)
		return TSS2_TCTI_RC_BAD_REFERENCE;
	return export_of(context) ? TSS2_TCTI_RC_NOT_IMPLEMENTED : TSS2_TCTI_RC_BAD_CONTEXT;
}

static TSS2_RC export_set_locality(TSS2_TCTI_CONTEXT *context, uint8_t locality)
{
	struct tcti_export *e = export_of(context);

	if (!context)
		return TSS2_TCTI_RC_BAD_REFERENCE;
	if (!e)
		return TSS2_TCTI_RC_BAD_CONTEXT;
	if (e->answered)
		return TSS2_TCTI_RC_BAD_SEQUENCE;
	return locality ? TSS2_TCTI_RC_NOT_SUPPORTED : TSS2_RC_SUCCESS;
}

static TSS2_RC export_make_sticky(TSS2_TCTI_CONTEXT *context, TPM2_HANDLE *handle, uint8_t sticky)
{
	(void)handle;
	(void)sticky;
	if (!context)
		return TSS2_TCTI_RC_BAD_REFERENCE;
	return export_of(context) ? TSS2_TCTI_RC_NOT_IMPLEMENTED : TSS2_TCTI_RC_BAD_CONTEXT;
}

void tcti_export_init(TSS2_TCTI_CONTEXT *context, struct tpm_transport *transport, bool owned)
{
	struct tcti_export *e = (struct tcti_export *)(void *)context;

	memset(e, 0, sizeof(*e));
	e->common.v1.magic = MAGIC;
	e->common.v1.version = 2;
	e->common.v1.transmit = export_transmit;
	e->common.v1.receive = export_receive;
	e->common.v1.finalize = export_finalize;
	e->common.v1.cancel = export_cancel;
	e->common.v1.getPollHandles = export_poll_handles;
	e->common.v1.setLocality = export_set_locality;
	e->common.makeSticky = export_make_sticky;
	e->transport = transport;
	e->owned = owned;
}
