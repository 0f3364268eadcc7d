/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Shim: the few calls of the kernel's circular doubly linked list that the core makes. */
#ifndef TPMB_SHIM_LINUX_LIST_H
#define TPMB_SHIM_LINUX_LIST_H

#include <linux/types.h>

#ifndef container_of
#define container_of(ptr, type, member) ((type *)((char *)(ptr)-offsetof(type, member)))
#endif

#define LIST_HEAD(name) struct list_head name = {&(name), &(name)}

static inline void INIT_LIST_HEAD(struct list_head *list)
{
	list->next = list;
	list->prev = list;
}

static inline bool list_empty(const struct list_head *list)
{
	return list->next == list;
}

static inline void list_add_tail(struct list_head *entry, struct list_head *list)
{
	struct list_head *last = list->prev;

	entry->next = list;
	entry->prev = last;
	last->next = entry;
	list->prev = entry;
}

static inline void list_del_init(struct list_head *entry)
{
	entry->prev->next = entry->next;
	entry->next->prev = entry->prev;
	INIT_LIST_HEAD(entry);
}

static inline void list_move_tail(struct list_head *entry, struct list_head *list)
{
	list_del_init(entry);
	list_add_tail(entry, list);
}

/* Appends all of @from to @to, in order; @from is empty afterwards. */
static inline void list_splice_tail_init(struct list_head *from, struct list_head *to)
{
	if (list_empty(from))
		return;
	from->next->prev = to->prev;
	to->prev->next = from->next;
	from->prev->next = to;
	to->prev = from->prev;
	INIT_LIST_HEAD(from);
}

#define list_entry(ptr, type, member)	      container_of(ptr, type, member)
#define list_first_entry(list, type, member)  list_entry((list)->next, type, member)
#define list_next_entry(pos, member)	      list_entry((pos)->member.next, __typeof__(*(pos)), member)
#define list_entry_is_head(pos, list, member) (&(pos)->member == (list))

#define list_for_each_entry(pos, list, member)                       \
	for (pos = list_first_entry(list, __typeof__(*pos), member); \
	     !list_entry_is_head(pos, list, member); pos = list_next_entry(pos, member))

#define list_for_each_entry_safe(pos, after, list, member)           \
	for (pos = list_first_entry(list, __typeof__(*pos), member), \
	    after = list_next_entry(pos, member);                    \
	     !list_entry_is_head(pos, list, member);                 \
	     pos = after, after = list_next_entry(after, member))

#endif
