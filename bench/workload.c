// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Runs a workload; see workload.h. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "bank.h"
#include "record.h"
#include "swtpm.h"
#include "timed_transport.h"
#include "tpm.h"
#include "tpm_under_test.h"
#include "transport.h"
#include "workload.h"

#define PCR_DEFAULT 16

/* One measurement of the workload. */
struct item {
	uint8_t *data; /* ima-ng template data */
	uint32_t len;
	int result;
	int64_t start_ns, end_ns; /* of tpmb_measure() */
};

struct run {
	const struct workload *workload;
	struct item *items;
	struct swtpm swtpm;
	struct tpm_under_test named; /* where the workload names a TPM */
	struct tpm_transport *tpm;   /* times what goes through it */
	uint32_t pcr;
	struct tpmb_session *session;
	char list[4096];
	size_t next; /* atomic: the first item that no task has taken */
	pthread_barrier_t start;
};

/* ---- preparing ---- */

static int make_items(struct run *run)
{
	const struct workload *w = run->workload;
	const struct file_set *set = w->files;

	run->items = calloc(w->count, sizeof(*run->items));
	if (!run->items)
		return -ENOMEM;
	for (size_t i = 0; i < w->count; i++) {
		const struct file *file = &set->files[i * set->count / w->count];
		size_t room = 64 + sizeof("sha256") + FILES_DIGEST + strlen(file->path);
		int len;

		run->items[i].data = malloc(room);
		if (!run->items[i].data)
			return -ENOMEM;
		len = tpmb_ima_ng("sha256", file->digest, FILES_DIGEST, file->path,
				  run->items[i].data, room);
		if (len < 0)
			return len;
		run->items[i].len = (uint32_t)len;
	}
	return 0;
}

static int by_size_down(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x < y) - (x > y);
}

/* May the largest measurements that all tasks can have queued exceed one record? */
static bool cap_can_bind(const struct run *run)
{
	const struct workload *w = run->workload;
	uint64_t total = TPMB_BATCH_OVERHEAD;
	uint32_t *sizes = calloc(w->count, sizeof(*sizes));

	if (!sizes)
		return true;
	for (size_t i = 0; i < w->count; i++)
		sizes[i] = tpmb_member_size((uint32_t)strlen("ima-ng"), run->items[i].len);
	qsort(sizes, w->count, sizeof(*sizes), by_size_down);
	for (size_t i = 0; i < w->count && i < w->tasks; i++)
		total += sizes[i];
	free(sizes);
	return total > (w->batch_max ? w->batch_max : TPMB_BATCH_MAX_DEFAULT);
}

static int open_tpm(struct run *run)
{
	const struct workload *w = run->workload;
	char exec_us[64];
	const char *env[] = {exec_us, NULL};
	struct swtpm_options options = {.preload = w->preload, .env = env};
	struct tpm_transport *tpm = NULL;
	int ret = 0;

	run->pcr = w->tcti ? w->pcr : PCR_DEFAULT;
	snprintf(exec_us, sizeof(exec_us), "TPMB_EXEC_US=%u", w->exec_us);
	if (w->tcti) {
		ret = tpm_under_test_open(&run->named, w->tcti, w->pcr, false);
		tpm = run->named.transport;
	} else if (w->exec_us) {
		ret = swtpm_start(&run->swtpm, &options);
	}
	if (!ret && !w->tcti)
		ret = tpmb_transport_open(w->exec_us ? run->swtpm.tcti : "libtpms:", &tpm);
	if (ret)
		return ret;
	ret = timed_transport(tpm, w->count + 1, &run->tpm);
	if (ret && !w->tcti)
		tpmb_transport_close(tpm);
	return ret;
}

static int close_tpm(struct run *run)
{
	struct tpm_transport *tpm = run->tpm ? timed_unwrap(run->tpm) : NULL;
	int ret = 0;

	if (run->workload->tcti)
		ret = tpm_under_test_close(&run->named);
	else
		tpmb_transport_close(tpm);
	swtpm_stop(&run->swtpm);
	return ret;
}

static int open_session(struct run *run)
{
	const struct workload *w = run->workload;
	struct tpmb_session_options options = {
		.size = sizeof(options),
		.transport = run->tpm,
		.list = run->list,
		.pcr = run->pcr,
		.batch_max = w->batch_max,
		.flags = w->serial ? TPMB_SERIAL : 0,
	};
	const char *tmp = getenv("TMPDIR");
	int fd;

	if (w->keep_path) {
		snprintf(run->list, sizeof(run->list), "%s.list", w->keep_path);
		unlink(run->list);
	} else {
		snprintf(run->list, sizeof(run->list), "%s/tpmb-bench-XXXXXX", tmp ? tmp : "/tmp");
		fd = mkstemp(run->list);
		if (fd < 0)
			return -errno;
		close(fd);
	}
	return tpmb_session_open(&options, &run->session);
}

/* ---- running ---- */

static int64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static void measure_item(struct run *run, struct item *item)
{
	struct tpmb_measurement m = {
		.pcr = -1,
		.template_name = "ima-ng",
		.data = item->data,
		.data_len = item->len,
	};

	item->start_ns = now_ns();
	item->result = tpmb_measure(run->session, &m);
	item->end_ns = now_ns();
}

static void *task(void *arg)
{
	struct run *run = arg;
	const struct workload *w = run->workload;
	size_t i;

	pthread_barrier_wait(&run->start);
	while ((i = __atomic_fetch_add(&run->next, 1, __ATOMIC_RELAXED)) < w->count) {
		measure_item(run, &run->items[i]);
		if (w->bursts)
			pthread_barrier_wait(&run->start);
	}
	return NULL;
}

static int run_tasks(struct run *run)
{
	unsigned int tasks = run->workload->tasks, started = 0;
	pthread_t *threads = calloc(tasks, sizeof(*threads));
	int ret;

	if (!threads)
		return -ENOMEM;
	ret = -pthread_barrier_init(&run->start, NULL, tasks);
	if (ret)
		goto out;
	while (!ret && started < tasks) {
		ret = -pthread_create(&threads[started], NULL, task, run);
		started += !ret;
	}
	if (ret) {
		/* The others wait at the barrier for ever: there is no way back from here. */
		fprintf(stderr, "tpmbatch-bench: %u tasks: only %u can be started: %s\n", tasks,
			started, strerror(-ret));
		exit(2);
	}
	while (started)
		pthread_join(threads[--started], NULL);
	pthread_barrier_destroy(&run->start);
out:
	free(threads);
	return ret;
}

/* ---- what came of it ---- */

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* Sorts @values. */
static void take_spread(double *values, size_t count, struct spread *spread)
{
	if (!count)
		return;
	qsort(values, count, sizeof(*values), by_value);
	spread->p50 = values[count / 2];
	spread->p99 = values[count - 1 - count / 100];
	spread->max = values[count - 1];
}

/* Extends that had ended by @time_ns. */
static size_t ended_by(const struct timed_extend *extends, size_t count, int64_t time_ns)
{
	size_t low = 0, high = count;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (extends[middle].end_ns <= time_ns)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* One in ten sorted values is quicker: others on the machine have hardly disturbed this one. */
static double quick(const double *sorted, size_t count)
{
	return sorted[count / 10];
}

/* Items of a burst lie side by side. */
static double take_bursts(const struct run *run, double quick_round_trip_us, double *values)
{
	size_t tasks = run->workload->tasks, bursts = run->workload->count / tasks;

	for (size_t i = 0; i < bursts; i++) {
		const struct item *item = &run->items[i * tasks];
		int64_t first_ns = INT64_MAX, last_ns = 0;

		for (size_t t = 0; t < tasks; t++) {
			if (item[t].start_ns < first_ns)
				first_ns = item[t].start_ns;
			if (item[t].end_ns > last_ns)
				last_ns = item[t].end_ns;
		}
		values[i] = (double)(last_ns - first_ns) / 1e3;
	}
	qsort(values, bursts, sizeof(*values), by_value);
	return quick(values, bursts) / quick_round_trip_us;
}

static int take_times(const struct run *run, struct workload_result *result)
{
	size_t items = run->workload->count, extends;
	const struct timed_extend *extend = timed_extends(run->tpm, &extends);
	size_t room = items > extends ? items : extends;
	double *values = calloc(room, sizeof(*values));
	int64_t first_ns = INT64_MAX, last_ns = 0;

	if (!values)
		return -ENOMEM;
	for (size_t i = 0; i < items; i++) {
		if (run->items[i].start_ns < first_ns)
			first_ns = run->items[i].start_ns;
		if (run->items[i].end_ns > last_ns)
			last_ns = run->items[i].end_ns;
	}
	result->seconds = (double)(last_ns - first_ns) / 1e9;
	for (size_t i = 0; i < extends; i++) {
		values[i] = (double)(extend[i].end_ns - extend[i].start_ns) / 1e3;
		result->round_trip_mean_us += values[i] / (double)extends;
	}
	take_spread(values, extends, &result->round_trip_us);
	if (run->workload->bursts)
		result->burst_round_trips = take_bursts(run, quick(values, extends), values);
	for (size_t i = 0; i < items; i++)
		values[i] = (double)(run->items[i].end_ns - run->items[i].start_ns) / 1e3;
	take_spread(values, items, &result->wait_us);
	for (size_t i = 0; i < items; i++)
		values[i] = (double)(ended_by(extend, extends, run->items[i].end_ns) -
				     ended_by(extend, extends, run->items[i].start_ns));
	take_spread(values, items, &result->extends_waited);
	free(values);
	return 0;
}

/* ---- does the list hold each measurement once, and explain the PCR? ---- */

struct digest {
	uint8_t value[FILES_DIGEST];
};

struct digests {
	struct digest *digests;
	size_t count, room;
};

static int by_digest(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct digest));
}

static int note(struct digests *to, struct tpmb_hash *hash, const void *data, size_t len)
{
	if (to->count == to->room)
		return -EOVERFLOW;
	return tpmb_hash_bytes(hash, TPMB_BANK_SHA256, data, len, to->digests[to->count++].value);
}

static int note_record(struct digests *to, struct tpmb_hash *hash, const struct tpmb_record *record)
{
	struct tpmb_member_iter iter;
	struct tpmb_member member;
	int ret;

	if (!tpmb_record_is_batch(record))
		return note(to, hash, record->data, record->data_len);
	ret = tpmb_members(record, &iter);
	while (ret >= 0 && tpmb_member_next(&iter, &member))
		ret = note(to, hash, member.data, member.data_len);
	return ret < 0 ? ret : 0;
}

/* Replays the list, and collects what it holds. */
static int read_list(const struct run *run, struct tpmb_replay *replay, struct tpmb_hash *hash,
		     struct digests *listed)
{
	struct tpmb_list_reader *reader;
	struct tpmb_record record;
	int ret = tpmb_list_reader_open(run->list, NULL, &reader);

	if (ret)
		return ret;
	while ((ret = tpmb_list_read(reader, &record)) > 0) {
		ret = tpmb_replay_add(replay, &record);
		if (!ret)
			ret = note_record(listed, hash, &record);
		if (ret)
			break;
	}
	tpmb_list_reader_close(reader);
	return ret;
}

static bool same_pcr(const struct tpmb_pcrs *tpm, const struct tpmb_pcrs *list, unsigned int banks,
		     uint32_t pcr)
{
	int bank;

	tpmb_for_each_bank(bank, banks) {
		if (!(tpm->set[bank] & list->set[bank] & 1u << pcr) ||
		    memcmp(tpm->value[bank][pcr], list->value[bank][pcr],
			   tpmb_bank_size((enum tpmb_bank)bank)))
			return false;
	}
	return true;
}

static int save_pcrs(const struct run *run, const struct tpmb_pcrs *pcrs)
{
	char path[4096];
	int fd, ret;

	if (!run->workload->keep_path)
		return 0;
	snprintf(path, sizeof(path), "%s.pcrs", run->workload->keep_path);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (fd < 0)
		return -errno;
	ret = tpmb_pcrs_save(fd, pcrs);
	close(fd);
	return ret;
}

static int verify(const struct run *run, char *verdict, size_t size)
{
	size_t count = run->workload->count;
	struct digests listed = {.room = count}, wanted = {.room = count};
	struct tpmb_pcrs tpm_pcrs, list_pcrs;
	struct tpmb_replay *replay = NULL;
	struct tpmb_hash *hash = NULL;
	unsigned int banks;
	int ret = -ENOMEM;

	listed.digests = calloc(count, sizeof(struct digest));
	wanted.digests = calloc(count, sizeof(struct digest));
	if (listed.digests && wanted.digests)
		ret = tpmb_hash_new(&hash);
	if (!ret)
		ret = tpm_pcr_banks(run->tpm, run->pcr, &banks);
	if (!ret)
		ret = tpmb_pcr_read(run->tpm, 1u << run->pcr, &tpm_pcrs);
	if (!ret)
		ret = save_pcrs(run, &tpm_pcrs);
	if (!ret)
		ret = tpmb_replay_new(banks, &replay);
	for (size_t i = 0; !ret && i < count; i++)
		ret = note(&wanted, hash, run->items[i].data, run->items[i].len);
	if (ret)
		goto out;

	ret = read_list(run, replay, hash, &listed);
	if (ret) {
		snprintf(verdict, size, "the list cannot be replayed: %s", strerror(-ret));
		ret = 0;
		goto out;
	}
	tpmb_replay_pcrs(replay, &list_pcrs);
	qsort(listed.digests, listed.count, sizeof(struct digest), by_digest);
	qsort(wanted.digests, wanted.count, sizeof(struct digest), by_digest);
	if (!same_pcr(&tpm_pcrs, &list_pcrs, banks, run->pcr))
		snprintf(verdict, size, "the replay does not give the PCR");
	else if (listed.count != count)
		snprintf(verdict, size, "%zu measurements in the list, not %zu", listed.count,
			 count);
	else if (memcmp(listed.digests, wanted.digests, count * sizeof(struct digest)))
		snprintf(verdict, size, "the list holds other measurements");
	else
		snprintf(verdict, size, "ok");
out:
	tpmb_replay_free(replay);
	tpmb_hash_free(hash);
	free(wanted.digests);
	free(listed.digests);
	return ret;
}

static int clean_up(struct run *run)
{
	int ret = close_tpm(run);

	if (!run->workload->keep_path && run->list[0])
		unlink(run->list);
	for (size_t i = 0; run->items && i < run->workload->count; i++)
		free(run->items[i].data);
	free(run->items);
	return ret;
}

int workload_run(const struct workload *workload, struct workload_result *result)
{
	struct run run = {.workload = workload};
	struct tpmb_session_stats stats;
	int ret, error;

	memset(result, 0, sizeof(*result));
	ret = make_items(&run);
	if (ret)
		goto out;
	result->cap_can_bind = cap_can_bind(&run);
	ret = open_tpm(&run);
	if (!ret)
		ret = open_session(&run);
	if (!ret)
		ret = run_tasks(&run);
	for (size_t i = 0; !ret && i < workload->count; i++)
		ret = run.items[i].result;
	if (run.session) {
		tpmb_session_stats(run.session, &stats);
		result->measurements = stats.measurements;
		result->records = stats.records;
		result->extends = stats.extends;
		error = tpmb_session_close(run.session);
		if (!ret)
			ret = error;
	}
	if (!ret)
		ret = take_times(&run, result);
	if (!ret)
		ret = verify(&run, result->verdict, sizeof(result->verdict));
out:
	error = clean_up(&run);
	return ret ? ret : error;
}
