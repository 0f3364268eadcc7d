/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A bounded queue of paths between the walker and the tasks. Thread-safe. */
#ifndef TPMBATCH_QUEUE_H
#define TPMBATCH_QUEUE_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

struct queue {
	pthread_mutex_t lock;
	pthread_cond_t not_full;
	pthread_cond_t not_empty;
	bool closed;
	size_t first;
	size_t count;
	char *path[256]; /* far ahead of the tasks, and still less than 1 MiB of paths */
};

void queue_init(struct queue *queue);
/* Waits for room; @path, from malloc(), becomes the queue's. */
void queue_push(struct queue *queue, char *path);
/* Nothing more will come. */
void queue_close(struct queue *queue);
/* Waits for a path, which becomes the caller's; NULL once the queue is closed and empty. */
char *queue_pop(struct queue *queue);

#endif
