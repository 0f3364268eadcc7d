// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* A TPM behind any TCTI of tpm2-tss: swtpm:, device:, mssim:, tabrmd:, ... */
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include <tss2/tss2_rc.h>
#include <tss2/tss2_tcti.h>
#include <tss2/tss2_tctildr.h>

#include "lib_private.h"
#include "open.h"
#include "tcti.h"
#include "tpm.h"
#include "transport.h"

/* How long a cancelled command may take to say so: a discrete TPM looks between two steps. */
#define CANCEL_MS 1000
/* Between two receives of a TCTI that offers nothing to poll and does not wait. */
#define PAUSE_US 100
/* PC Client TPMs answer on one file descriptor; a resource manager may use two. */
#define POLL_HANDLES_MAX 4

struct tcti_transport {
	struct tpm_transport base;
	TSS2_TCTI_CONTEXT *tcti;
	uint32_t timeout_ms;
	bool lost; /* out of step: an answer of an earlier command may still come */
	pthread_mutex_t cancel_lock; /* for the next three */
	pthread_cond_t cancel_done;
	bool cancelling; /* a thread is in Tss2_Tcti_Cancel() */
	TSS2_RC cancel_rc;
	char name[]; /* base.name */
};

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int tcti_errno(TSS2_RC rc)
{
	switch (rc & 0xffff) {
	case TSS2_BASE_RC_MEMORY:
		return -ENOMEM;
	case TSS2_BASE_RC_INSUFFICIENT_BUFFER:
		return -EMSGSIZE;
	case TSS2_BASE_RC_MALFORMED_RESPONSE:
		return -EPROTO;
	default:
		return -EIO;
	}
}

static int tss_failed(struct tcti_transport *tt, const char *what, TSS2_RC rc)
{
	tpmb_msg("%s: %s fails: %s (0x%08x)", tt->name, what, Tss2_RC_Decode(rc), rc);
	tt->lost = true;
	return tcti_errno(rc);
}

/*
 * Waits until there is something to receive, at most until @deadline: 1, 0 when
 * the time is up, or a negative errno. Not every TCTI keeps the time-out that
 * it is given, so it is kept here where there are file descriptors to poll.
 * swtpm: and mssim: of tpm2-tss 3.2 have neither: they wait for ever.
 */
static int wait_readable(struct tcti_transport *tt, int64_t deadline)
{
	TSS2_TCTI_POLL_HANDLE handles[POLL_HANDLES_MAX];
	size_t count = 0;

	/* The first call asks how many there are. */
	if (Tss2_Tcti_GetPollHandles(tt->tcti, NULL, &count) || !count ||
	    count > POLL_HANDLES_MAX || Tss2_Tcti_GetPollHandles(tt->tcti, handles, &count))
		return 1;
	/* tpm2-tss 3.2 also asks for POLLOUT, which a socket always has. */
	for (size_t i = 0; i < count; i++)
		handles[i].events = POLLIN;
	for (;;) {
		int64_t left = deadline - now_ms();
		int n = poll(handles, (nfds_t)count, left > 0 ? (int)left : 0);

		if (n > 0)
			return 1;
		if (!n)
			return 0;
		if (errno != EINTR)
			return -errno;
	}
}

/* Receives one whole response until @deadline; -ETIMEDOUT without a message. */
static int receive(struct tcti_transport *tt, uint8_t *rsp, size_t *rsp_len, int64_t deadline)
{
	const struct timespec pause = {.tv_nsec = PAUSE_US * 1000};
	size_t room = *rsp_len;
	TSS2_RC rc;

	for (;;) {
		int64_t left = deadline - now_ms();
		int ret = wait_readable(tt, deadline);

		if (ret < 0) {
			tpmb_msg("%s: poll: %s", tt->name, strerror(-ret));
			tt->lost = true;
			return ret;
		}
		if (!ret)
			return -ETIMEDOUT;
		*rsp_len = room;
		rc = Tss2_Tcti_Receive(tt->tcti, rsp_len, rsp, left > 0 ? (int32_t)left : 0);
		if (!rc)
			return 0;
		/* Part of a response has come, or none: the TCTI keeps what it has. */
		if (rc != TSS2_TCTI_RC_TRY_AGAIN)
			return tss_failed(tt, "receiving the response", rc);
		if (left <= 0)
			return -ETIMEDOUT;
		clock_nanosleep(CLOCK_MONOTONIC, 0, &pause, NULL);
	}
}

static void *cancel_thread(void *arg)
{
	struct tcti_transport *tt = arg;
	TSS2_RC rc = Tss2_Tcti_Cancel(tt->tcti);

	pthread_mutex_lock(&tt->cancel_lock);
	tt->cancel_rc = rc;
	tt->cancelling = false;
	pthread_cond_signal(&tt->cancel_done);
	pthread_mutex_unlock(&tt->cancel_lock);
	return NULL;
}

/*
 * Cancels the command that is under way: true when the TCTI has done so in
 * time. TCTIs of sockets wait for an answer on a second connection without
 * limit, hence the thread.
 */
static bool cancel(struct tcti_transport *tt)
{
	int64_t end_ms = now_ms() + CANCEL_MS;
	struct timespec end = {.tv_sec = end_ms / 1000, .tv_nsec = end_ms % 1000 * 1000000};
	pthread_t thread;
	bool done = false;

	pthread_mutex_lock(&tt->cancel_lock);
	tt->cancelling = !pthread_create(&thread, NULL, cancel_thread, tt);
	if (tt->cancelling) {
		pthread_detach(thread);
		while (tt->cancelling && !pthread_cond_clockwait(&tt->cancel_done, &tt->cancel_lock,
								 CLOCK_MONOTONIC, &end))
			;
		done = !tt->cancelling && !tt->cancel_rc;
	}
	pthread_mutex_unlock(&tt->cancel_lock);
	return done;
}

static int tcti_transmit(struct tpm_transport *t, const uint8_t *cmd, size_t cmd_len, uint8_t *rsp,
			 size_t *rsp_len)
{
	struct tcti_transport *tt = (struct tcti_transport *)t;
	size_t room = *rsp_len;
	bool cancelled;
	TSS2_RC rc;
	int ret;

	if (tt->lost) {
		tpmb_msg("%s: given up after an earlier error", tt->name);
		return -ENOTCONN;
	}
	rc = Tss2_Tcti_Transmit(tt->tcti, cmd_len, cmd);
	if (rc)
		return tss_failed(tt, "sending the command", rc);
	ret = receive(tt, rsp, rsp_len, now_ms() + tt->timeout_ms);
	if (ret != -ETIMEDOUT)
		return ret;
	/*
	 * A response that the cancellation brings forth says for certain whether the
	 * command was executed. Without one the connection is of no more use.
	 */
	cancelled = cancel(tt);
	if (cancelled) {
		*rsp_len = room;
		ret = receive(tt, rsp, rsp_len, now_ms() + CANCEL_MS);
		if (ret != -ETIMEDOUT)
			return ret;
	}
	tt->lost = true;
	tpmb_msg("%s: no response in %u ms, %s", tt->name, tt->timeout_ms,
		 cancelled ? "nor when cancelled" : "and it cannot be cancelled");
	return -ETIMEDOUT;
}

static void tcti_close(struct tpm_transport *t)
{
	struct tcti_transport *tt = (struct tcti_transport *)t;
	bool cancelling;

	pthread_mutex_lock(&tt->cancel_lock);
	cancelling = tt->cancelling;
	pthread_mutex_unlock(&tt->cancel_lock);
	if (cancelling)
		return; /* left behind: the thread may come back to it */
	Tss2_TctiLdr_Finalize(&tt->tcti);
	pthread_cond_destroy(&tt->cancel_done);
	pthread_mutex_destroy(&tt->cancel_lock);
	free(tt);
}

static const struct tpm_transport_ops tcti_ops = {
	.transmit = tcti_transmit,
	.close = tcti_close,
};

/* TCTIs that lead to a simulator; all others may lead to the machine's own TPM. */
static bool is_simulator(const char *name)
{
	return !strncmp(name, "swtpm", 5) || !strncmp(name, "mssim", 5);
}

int tcti_transport_open_timeout(const char *name, uint32_t timeout_ms,
				struct tpm_transport **transport)
{
	size_t size = strlen(name) + 1;
	struct tcti_transport *tt = calloc(1, sizeof(*tt) + size);
	TSS2_RC rc;
	int ret;

	if (!tt)
		return -ENOMEM;
	memcpy(tt->name, name, size);
	tt->base.ops = &tcti_ops;
	tt->base.name = tt->name;
	tt->base.own = is_simulator(name);
	tt->timeout_ms = timeout_ms;
	pthread_mutex_init(&tt->cancel_lock, NULL);
	pthread_cond_init(&tt->cancel_done, NULL);
	rc = Tss2_TctiLdr_Initialize(name, &tt->tcti);
	if (rc) {
		tpmb_msg("%s: no TPM: tpm2-tss says %s (0x%08x)", name, Tss2_RC_Decode(rc), rc);
		free(tt);
		return rc == TSS2_TCTI_RC_MEMORY ? -ENOMEM : -ENXIO;
	}
	ret = tpm_probe(&tt->base);
	if (ret) {
		/* A TPM that answers an error is there; anything else is none to work with. */
		if (ret != -EREMOTEIO && ret != -ENOMEM) {
			tpmb_msg("%s: no TPM 2.0 answers", name);
			ret = -ENXIO;
		}
		tcti_close(&tt->base);
		return ret;
	}
	*transport = &tt->base;
	return 0;
}

int tcti_transport_open(const char *name, const char *conf, struct tpm_transport **transport)
{
	(void)conf;
	return tcti_transport_open_timeout(name, TCTI_TIMEOUT_MS, transport);
}
