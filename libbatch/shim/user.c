// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The shims' first home: threads of a process.
 *
 * The list is liburcu's lock-free stack. Its wait-free stack would do but for
 * one thing: between the two stores of a push a popper has to wait, and
 * liburcu (0.13) waits in sleeps of 10 ms, longer than an extend. A push of the
 * lock-free stack is one compare-and-swap, as the kernel's llist_add() is.
 */
#include <limits.h>
#include <linux/futex.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <urcu/lfstack.h>

#include <linux/bug.h>
#include <linux/completion.h>
#include <linux/llist.h>
#include <linux/mutex.h>
#include <linux/spinlock.h>

/* liburcu's atomics are assembler, of which ThreadSanitizer sees nothing: tell it what they order.
 */
#if defined(__SANITIZE_THREAD__)
#define HAVE_TSAN 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define HAVE_TSAN 1
#endif
#endif
#ifdef HAVE_TSAN
#include <sanitizer/tsan_interface.h>
#define ordered_before(address) __tsan_release(address)
#define ordered_after(address)	__tsan_acquire(address)
#else
#define ordered_before(address) ((void)(address))
#define ordered_after(address)	((void)(address))
#endif

void tpmb_shim_bug(const char *condition, const char *file, int line)
{
	fprintf(stderr, "tpmbatch: %s:%d: broken invariant: %s\n", file, line, condition);
	abort();
}

/* ---- llist ---- */

_Static_assert(sizeof(struct llist_head) == sizeof(struct __cds_lfs_stack) &&
		       sizeof(struct llist_node) == sizeof(struct cds_lfs_node),
	       "llist is liburcu's stack under the kernel's names");

static struct __cds_lfs_stack *stack_of(struct llist_head *list)
{
	return (struct __cds_lfs_stack *)(void *)list;
}

void init_llist_head(struct llist_head *list)
{
	__cds_lfs_init(stack_of(list));
}

bool llist_add(struct llist_node *node, struct llist_head *list)
{
	ordered_before(list);
	return !cds_lfs_push(stack_of(list), (struct cds_lfs_node *)(void *)node);
}

struct llist_node *llist_del_all(struct llist_head *list)
{
	struct cds_lfs_head *all = __cds_lfs_pop_all(stack_of(list));

	ordered_after(list);
	return (struct llist_node *)(void *)all;
}

/* ---- locks: a preempted spinner would spin for a time slice, so both sleep ---- */

_Static_assert(sizeof(((struct mutex *)0)->home) >= sizeof(pthread_mutex_t), "room for a mutex");

static void lock_init(void *home)
{
	pthread_mutex_init(home, NULL);
}

static void lock_take(void *home)
{
	int ret = pthread_mutex_lock(home);

	WARN_ON_ONCE(ret);
}

static void lock_drop(void *home)
{
	int ret = pthread_mutex_unlock(home);

	WARN_ON_ONCE(ret);
}

void mutex_init(struct mutex *lock)
{
	lock_init(lock->home);
}

void mutex_lock(struct mutex *lock)
{
	lock_take(lock->home);
}

void mutex_unlock(struct mutex *lock)
{
	lock_drop(lock->home);
}

void spin_lock_init(spinlock_t *lock)
{
	lock_init(lock->home);
}

void spin_lock(spinlock_t *lock)
{
	lock_take(lock->home);
}

void spin_unlock(spinlock_t *lock)
{
	lock_drop(lock->home);
}

/* ---- completion: a futex word ---- */

enum {
	NOT_DONE,
	DONE,
	SLEEPING
};

static void futex(u32 *word, int operation, u32 value)
{
	syscall(SYS_futex, word, operation | FUTEX_PRIVATE_FLAG, value, NULL, NULL, 0);
}

void init_completion(struct completion *x)
{
	__atomic_store_n(&x->done, NOT_DONE, __ATOMIC_RELAXED);
}

/*
 * After the exchange the sleeper may have returned and reused its stack. A wake
 * on that address then reaches nobody, or a sleeper that looks and sleeps on.
 */
void complete(struct completion *x)
{
	if (__atomic_exchange_n(&x->done, DONE, __ATOMIC_RELEASE) == SLEEPING)
		futex(&x->done, FUTEX_WAKE, 1);
}

void wait_for_completion(struct completion *x)
{
	u32 seen = __atomic_load_n(&x->done, __ATOMIC_ACQUIRE);

	while (seen != DONE) {
		if (seen == NOT_DONE &&
		    !__atomic_compare_exchange_n(&x->done, &seen, SLEEPING, false, __ATOMIC_ACQUIRE,
						 __ATOMIC_ACQUIRE))
			continue;
		futex(&x->done, FUTEX_WAIT, SLEEPING);
		seen = __atomic_load_n(&x->done, __ATOMIC_ACQUIRE);
	}
	__atomic_store_n(&x->done, NOT_DONE, __ATOMIC_RELAXED);
}
