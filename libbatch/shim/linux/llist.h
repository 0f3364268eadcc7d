/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Shim: the kernel's lock-free list, newest first. Any number of adders may
 * run against one llist_del_all(); an addition is visible whole or not at
 * all, so whoever detaches never waits for a preempted adder.
 */
#ifndef TPMB_SHIM_LINUX_LLIST_H
#define TPMB_SHIM_LINUX_LLIST_H

#include <linux/list.h>

struct llist_node {
	struct llist_node *next;
};

struct llist_head {
	struct llist_node *first;
};

void init_llist_head(struct llist_head *list);

/* True when the list was empty. Orders the caller's earlier writes before the addition. */
bool llist_add(struct llist_node *node, struct llist_head *list);

/* The whole list, newest first, or NULL. Orders the caller's later reads after it. */
struct llist_node *llist_del_all(struct llist_head *list);

/* Turns a detached list round: oldest first. */
static inline struct llist_node *llist_reverse_order(struct llist_node *newest)
{
	struct llist_node *oldest = NULL;

	while (newest) {
		struct llist_node *next = newest->next;

		newest->next = oldest;
		oldest = newest;
		newest = next;
	}
	return oldest;
}

#define llist_entry(ptr, type, member) container_of(ptr, type, member)

#endif
