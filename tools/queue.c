// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* A bounded queue; see queue.h. */
#include "queue.h"

#define QUEUE_SIZE (sizeof(((struct queue *)0)->path) / sizeof(char *))

void queue_init(struct queue *queue)
{
	*queue = (struct queue){
		.lock = PTHREAD_MUTEX_INITIALIZER,
		.not_full = PTHREAD_COND_INITIALIZER,
		.not_empty = PTHREAD_COND_INITIALIZER,
	};
}

void queue_push(struct queue *queue, char *path)
{
	pthread_mutex_lock(&queue->lock);
	while (queue->count == QUEUE_SIZE)
		pthread_cond_wait(&queue->not_full, &queue->lock);
	queue->path[(queue->first + queue->count++) % QUEUE_SIZE] = path;
	pthread_cond_signal(&queue->not_empty);
	pthread_mutex_unlock(&queue->lock);
}

void queue_close(struct queue *queue)
{
	pthread_mutex_lock(&queue->lock);
	queue->closed = true;
	pthread_cond_broadcast(&queue->not_empty);
	pthread_mutex_unlock(&queue->lock);
}

char *queue_pop(struct queue *queue)
{
	char *path = NULL;

	pthread_mutex_lock(&queue->lock);
	while (!queue->count && !queue->closed)
		pthread_cond_wait(&queue->not_empty, &queue->lock);
	if (queue->count) {
		path = queue->path[queue->first];
		queue->first = (queue->first + 1) % QUEUE_SIZE;
		queue->count--;
		pthread_cond_signal(&queue->not_full);
	}
	pthread_mutex_unlock(&queue->lock);
	return path;
}
