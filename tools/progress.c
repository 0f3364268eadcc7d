// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* A progress bar; see progress.h. */
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "progress.h"

#define REDRAW_MS    100
#define DUMB_COLUMNS 80

static struct {
	pthread_mutex_t lock;
	bool on;
	bool drawn;
	const char *what;
	uint64_t total;
	uint64_t done; /* atomic */
	void (*note)(void *arg, char *text, size_t size);
	void *note_arg;
	int64_t started_ms;
	int64_t next_ms; /* atomic: no redraw before */
} bar = {.lock = PTHREAD_MUTEX_INITIALIZER};

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

bool progress_wanted(void)
{
	return isatty(STDERR_FILENO);
}

void progress_start(const char *what, uint64_t total)
{
	if (!progress_wanted())
		return;
	pthread_mutex_lock(&bar.lock);
	bar.on = true;
	bar.what = what;
	bar.total = total;
	bar.done = 0;
	bar.started_ms = now_ms();
	bar.next_ms = bar.started_ms + REDRAW_MS;
	pthread_mutex_unlock(&bar.lock);
}

void progress_note(void (*note)(void *arg, char *text, size_t size), void *arg)
{
	pthread_mutex_lock(&bar.lock);
	bar.note = note;
	bar.note_arg = arg;
	pthread_mutex_unlock(&bar.lock);
}

static int columns(void)
{
	struct winsize size;

	if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) || !size.ws_col)
		return DUMB_COLUMNS;
	return size.ws_col;
}

/* Under the lock. */
static void draw(uint64_t done, int64_t now)
{
	int64_t elapsed_ms = now - bar.started_ms;
	uint64_t rate = elapsed_ms > 0 ? done * 1000 / (uint64_t)elapsed_ms : 0;
	char line[512], text[128], note[64] = "";
	int width, room, full;

	if (bar.note)
		bar.note(bar.note_arg, note, sizeof(note));
	if (!bar.total) {
		fprintf(stderr, "\r\033[K%s: %" PRIu64 "%s", bar.what, done, note);
		goto out;
	}
	/* Files may have come since they were counted. */
	if (done > bar.total)
		bar.total = done;
	width = snprintf(text, sizeof(text),
			 " %3" PRIu64 " %%  %" PRIu64 " of %" PRIu64 ", %" PRIu64 " a second%s",
			 done * 100 / bar.total, done, bar.total, rate, note);
	room = columns() - 1 - width - 2;
	if (room > 40)
		room = 40;
	if (room < 4) {
		fprintf(stderr, "\r\033[K%" PRIu64 " %%", done * 100 / bar.total);
		goto out;
	}
	full = (int)(done * (uint64_t)room / bar.total);
	memset(line, '#', (size_t)full);
	memset(line + full, '.', (size_t)(room - full));
	line[room] = 0;
	fprintf(stderr, "\r\033[K[%s]%s", line, text);
out:
	fflush(stderr);
	bar.drawn = true;
}

void progress_step(void)
{
	uint64_t done;
	int64_t now;

	if (!__atomic_load_n(&bar.on, __ATOMIC_RELAXED))
		return;
	done = __atomic_add_fetch(&bar.done, 1, __ATOMIC_RELAXED);
	now = now_ms();
	if (now < __atomic_load_n(&bar.next_ms, __ATOMIC_RELAXED))
		return;
	if (pthread_mutex_trylock(&bar.lock))
		return;
	if (bar.on) {
		__atomic_store_n(&bar.next_ms, now + REDRAW_MS, __ATOMIC_RELAXED);
		draw(done, now);
	}
	pthread_mutex_unlock(&bar.lock);
}

static void erase(void)
{
	if (bar.drawn) {
		fputs("\r\033[K", stderr);
		fflush(stderr);
	}
	bar.drawn = false;
}

void progress_pause(void)
{
	pthread_mutex_lock(&bar.lock);
	erase();
}

void progress_resume(void)
{
	pthread_mutex_unlock(&bar.lock);
}

void progress_end(void)
{
	pthread_mutex_lock(&bar.lock);
	erase();
	bar.note = NULL;
	__atomic_store_n(&bar.on, false, __ATOMIC_RELAXED);
	pthread_mutex_unlock(&bar.lock);
}
