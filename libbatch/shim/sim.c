// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The shims' second home; see sim.h. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <ucontext.h>

#include <linux/bug.h>
#include <linux/completion.h>
#include <linux/llist.h>
#include <linux/mutex.h>
#include <linux/spinlock.h>

#include "sim.h"

/* AddressSanitizer has to be told of each change of stack. */
#if defined(__SANITIZE_ADDRESS__)
#define HAVE_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define HAVE_ASAN 1
#endif
#endif
#ifdef HAVE_ASAN
#include <sanitizer/common_interface_defs.h>
#endif

enum task_state {
	RUNNABLE,
	ASLEEP,
	WAITING,
	FINISHED
};

struct task {
	ucontext_t context;
	void *stack;
	void *asan_stack;
	void (*run)(void *arg);
	void *arg;
	enum task_state state;
	uint64_t wake_ns;
	uint64_t wake_order;  /* among those that wake at the same time */
	uint32_t next_waiter; /* of the same lock; task number + 1 */
};

/* A lock's waiters, in the shims' room for it. */
struct sim_lock {
	uint32_t held;
	uint32_t first_waiter, last_waiter; /* task number + 1; 0: none */
};

_Static_assert(sizeof(struct sim_lock) <= sizeof(((struct mutex *)0)->home), "room for a lock");

static struct {
	uint64_t seed;
	uint64_t random;
	uint64_t now_ns;
	uint64_t order;
	uint32_t switch_rate; /* of 256 shim calls, how many hand over */
	enum sim_schedule schedule;
	size_t stack_size;
	struct task **tasks;
	uint32_t task_count, task_room;
	uint32_t finished;
	uint32_t last_one; /* waits for all others; task number + 1 */
	uint32_t *ready;   /* runnable tasks but the running one; a ring when in order */
	uint32_t ready_first, ready_count;
	uint32_t *sleepers; /* a binary heap by wake_ns, wake_order */
	uint32_t sleeper_count;
	uint32_t running;
	ucontext_t outside;
	const void *outside_stack;
	size_t outside_stack_size;
	void *outside_asan_stack;
	void (*added)(struct llist_node *node);
} sim;

void tpmb_shim_bug(const char *condition, const char *file, int line)
{
	fprintf(stderr, "tpmbatch: %s:%d: broken invariant: %s (seed %llu, task %u, %llu ns)\n",
		file, line, condition, (unsigned long long)sim.seed, sim.running,
		(unsigned long long)sim.now_ns);
	abort();
}

/* splitmix64: one word of state, and any seed is a good one. */
uint64_t sim_random(void)
{
	uint64_t z = sim.random += 0x9e3779b97f4a7c15u;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return z ^ z >> 31;
}

uint64_t sim_random_below(uint64_t below)
{
	return sim_random() % below;
}

uint64_t sim_now_ns(void)
{
	return sim.now_ns;
}

void sim_on_llist_add(void (*added)(struct llist_node *node))
{
	sim.added = added;
}

/* ---- ready tasks ---- */

static void make_ready(uint32_t number)
{
	sim.tasks[number]->state = RUNNABLE;
	sim.ready[(sim.ready_first + sim.ready_count) % sim.task_room] = number;
	sim.ready_count++;
}

static uint32_t take_ready(void)
{
	uint32_t *first = &sim.ready[sim.ready_first];
	uint32_t number;

	if (sim.schedule == SIM_SEEDED) {
		uint64_t pick = sim.ready_first + sim_random_below(sim.ready_count);
		uint32_t *other = &sim.ready[pick % sim.task_room];

		number = *other;
		*other = *first;
	} else {
		number = *first;
	}
	sim.ready_first = (sim.ready_first + 1) % sim.task_room;
	sim.ready_count--;
	return number;
}

/* ---- sleeping tasks ---- */

static bool wakes_before(uint32_t a, uint32_t b)
{
	const struct task *x = sim.tasks[a], *y = sim.tasks[b];

	if (x->wake_ns != y->wake_ns)
		return x->wake_ns < y->wake_ns;
	return x->wake_order < y->wake_order;
}

static void push_sleeper(uint32_t number)
{
	uint32_t at = sim.sleeper_count++;

	while (at && wakes_before(number, sim.sleepers[(at - 1) / 2])) {
		sim.sleepers[at] = sim.sleepers[(at - 1) / 2];
		at = (at - 1) / 2;
	}
	sim.sleepers[at] = number;
}

static uint32_t pop_sleeper(void)
{
	uint32_t top = sim.sleepers[0], last = sim.sleepers[--sim.sleeper_count];
	uint32_t at = 0;

	for (;;) {
		uint32_t child = 2 * at + 1;

		if (child >= sim.sleeper_count)
			break;
		if (child + 1 < sim.sleeper_count &&
		    wakes_before(sim.sleepers[child + 1], sim.sleepers[child]))
			child++;
		if (!wakes_before(sim.sleepers[child], last))
			break;
		sim.sleepers[at] = sim.sleepers[child];
		at = child;
	}
	sim.sleepers[at] = last;
	return top;
}

/* Nothing can run: lets time pass. All that wake at one instant become ready together. */
static void advance_clock(void)
{
	if (!sim.sleeper_count)
		return;
	sim.now_ns = sim.tasks[sim.sleepers[0]]->wake_ns;
	while (sim.sleeper_count && sim.tasks[sim.sleepers[0]]->wake_ns == sim.now_ns)
		make_ready(pop_sleeper());
}

/* ---- changing tasks ---- */

static void switch_to_task(ucontext_t *from, void **asan_stack, struct task *to)
{
#ifdef HAVE_ASAN
	__sanitizer_start_switch_fiber(asan_stack, to->stack, sim.stack_size);
#endif
	swapcontext(from, &to->context);
#ifdef HAVE_ASAN
	__sanitizer_finish_switch_fiber(asan_stack ? *asan_stack : NULL, NULL, NULL);
#endif
	(void)asan_stack;
}

/* Leaves the running task, which is in some queue or finished, for the next; NULL target: outside.
 */
static void run_another(void)
{
	struct task *self = sim.tasks[sim.running];

	if (!sim.ready_count)
		advance_clock();
	if (!sim.ready_count) {
#ifdef HAVE_ASAN
		__sanitizer_start_switch_fiber(self->state == FINISHED ? NULL : &self->asan_stack,
					       sim.outside_stack, sim.outside_stack_size);
#endif
		swapcontext(&self->context, &sim.outside);
		abort(); /* nobody returns to a task that nobody could wake */
	}
	sim.running = take_ready();
	if (sim.tasks[sim.running] != self)
		switch_to_task(&self->context, self->state == FINISHED ? NULL : &self->asan_stack,
			       sim.tasks[sim.running]);
}

void sim_point(void)
{
	if (!sim.switch_rate || !sim.ready_count || sim_random() % 256 >= sim.switch_rate)
		return;
	make_ready(sim.running);
	run_another();
}

void sim_sleep_ns(uint64_t ns)
{
	struct task *self = sim.tasks[sim.running];

	/* Nobody else can run before: time passes without a change of task. */
	if (!sim.ready_count &&
	    (!sim.sleeper_count || sim.tasks[sim.sleepers[0]]->wake_ns > sim.now_ns + ns)) {
		sim.now_ns += ns;
		return;
	}
	self->state = ASLEEP;
	self->wake_ns = sim.now_ns + ns;
	self->wake_order = sim.order++;
	push_sleeper(sim.running);
	run_another();
}

static void wait_to_be_woken(void)
{
	sim.tasks[sim.running]->state = WAITING;
	run_another();
}

void sim_wait_for_others(void)
{
	if (sim.finished + 1 == sim.task_count)
		return;
	WARN_ON_ONCE(sim.last_one);
	sim.last_one = sim.running + 1;
	wait_to_be_woken();
}

/* ---- a run ---- */

void sim_begin(uint64_t seed, enum sim_schedule schedule, size_t stack_size)
{
	memset(&sim, 0, sizeof(sim));
	sim.seed = seed;
	sim.random = seed;
	sim.schedule = schedule;
	sim.stack_size = stack_size;
	if (schedule == SIM_SEEDED)
		sim.switch_rate = 1 + (uint32_t)sim_random_below(256);
}

static void task_main(unsigned int number)
{
	struct task *self = sim.tasks[number];

#ifdef HAVE_ASAN
	if (!sim.outside_stack)
		__sanitizer_finish_switch_fiber(NULL, &sim.outside_stack, &sim.outside_stack_size);
	else
		__sanitizer_finish_switch_fiber(NULL, NULL, NULL);
#endif
	self->run(self->arg);
	self->state = FINISHED;
	sim.finished++;
	if (sim.last_one && sim.finished + 1 == sim.task_count)
		make_ready(sim.last_one - 1);
	run_another();
}

static void make_context(struct task *task, uint32_t number)
{
	getcontext(&task->context);
	task->context.uc_stack.ss_sp = task->stack;
	task->context.uc_stack.ss_size = sim.stack_size;
	makecontext(&task->context, (void (*)(void))task_main, 1, number);
}

static int make_room(void)
{
	uint32_t room = sim.task_room ? 2 * sim.task_room : 16;
	struct task **tasks = realloc(sim.tasks, room * sizeof(*tasks));
	uint32_t *ready, *sleepers;

	if (!tasks)
		return -ENOMEM;
	sim.tasks = tasks;
	sleepers = realloc(sim.sleepers, room * sizeof(*sleepers));
	if (!sleepers)
		return -ENOMEM;
	sim.sleepers = sleepers;
	ready = malloc(room * sizeof(*ready));
	if (!ready)
		return -ENOMEM;
	for (uint32_t i = 0, from = sim.ready_first; i < sim.ready_count; i++, from++) {
		if (from == sim.task_room)
			from = 0;
		ready[i] = sim.ready[from];
	}
	free(sim.ready);
	sim.ready = ready;
	sim.ready_first = 0;
	sim.task_room = room;
	return 0;
}

int sim_spawn(void (*run)(void *arg), void *arg)
{
	struct task *task = calloc(1, sizeof(*task));
	int ret = -ENOMEM;

	if (!task)
		goto out;
	if (sim.task_count == sim.task_room && make_room())
		goto out;
	task->stack = malloc(sim.stack_size);
	if (!task->stack)
		goto out;
	task->run = run;
	task->arg = arg;
	make_context(task, sim.task_count);
	sim.tasks[sim.task_count] = task;
	make_ready(sim.task_count++);
	task = NULL;
	ret = 0;
out:
	free(task);
	return ret;
}

int sim_run(void)
{
	if (!sim.ready_count)
		return 0;
	sim.running = take_ready();
	switch_to_task(&sim.outside, &sim.outside_asan_stack, sim.tasks[sim.running]);
	return sim.finished == sim.task_count ? 0 : -EDEADLK;
}

void sim_end(void)
{
	for (uint32_t i = 0; i < sim.task_count; i++) {
		free(sim.tasks[i]->stack);
		free(sim.tasks[i]);
	}
	free(sim.tasks);
	free(sim.ready);
	free(sim.sleepers);
	memset(&sim, 0, sizeof(sim));
}

/* ---- llist: an addition is one instant, between two points ---- */

void init_llist_head(struct llist_head *list)
{
	list->first = NULL;
}

bool llist_add(struct llist_node *node, struct llist_head *list)
{
	bool was_empty;

	sim_point();
	was_empty = !list->first;
	node->next = list->first;
	list->first = node;
	if (sim.added)
		sim.added(node);
	sim_point();
	return was_empty;
}

struct llist_node *llist_del_all(struct llist_head *list)
{
	struct llist_node *all;

	sim_point();
	all = list->first;
	list->first = NULL;
	sim_point();
	return all;
}

/* ---- locks ---- */

static void wait_for_lock(struct sim_lock *lock)
{
	uint32_t self = sim.running + 1;

	sim.tasks[sim.running]->next_waiter = 0;
	if (lock->first_waiter)
		sim.tasks[lock->last_waiter - 1]->next_waiter = self;
	else
		lock->first_waiter = self;
	lock->last_waiter = self;
	wait_to_be_woken();
}

static void wake_first_waiter(struct sim_lock *lock)
{
	uint32_t number = lock->first_waiter - 1;

	lock->first_waiter = sim.tasks[number]->next_waiter;
	make_ready(number);
}

static void lock_take(struct sim_lock *lock)
{
	sim_point();
	if (lock->held && sim.schedule == SIM_IN_ORDER) {
		wait_for_lock(lock); /* until it is handed over */
		return;
	}
	while (lock->held)
		wait_for_lock(lock);
	lock->held = 1;
	sim_point();
}

/*
 * In order, the lock goes to whoever has waited longest. Otherwise all waiters
 * wake: which of them, or which newcomer, gets it is the seed's choice.
 */
static void lock_drop(struct sim_lock *lock)
{
	sim_point();
	WARN_ON_ONCE(!lock->held);
	if (lock->first_waiter && sim.schedule == SIM_IN_ORDER) {
		wake_first_waiter(lock);
		return;
	}
	lock->held = 0;
	while (lock->first_waiter)
		wake_first_waiter(lock);
	sim_point();
}

void mutex_init(struct mutex *lock)
{
	memset(lock, 0, sizeof(*lock));
}

void mutex_lock(struct mutex *lock)
{
	lock_take((struct sim_lock *)(void *)lock->home);
}

void mutex_unlock(struct mutex *lock)
{
	lock_drop((struct sim_lock *)(void *)lock->home);
}

void spin_lock_init(spinlock_t *lock)
{
	memset(lock, 0, sizeof(*lock));
}

void spin_lock(spinlock_t *lock)
{
	lock_take((struct sim_lock *)(void *)lock->home);
}

void spin_unlock(spinlock_t *lock)
{
	lock_drop((struct sim_lock *)(void *)lock->home);
}

/* ---- completion ---- */

void init_completion(struct completion *x)
{
	memset(x, 0, sizeof(*x));
}

void complete(struct completion *x)
{
	uint32_t waiter;

	sim_point();
	WARN_ON_ONCE(x->done);
	waiter = x->waiter;
	x->waiter = 0;
	x->done = 1; /* the last touch: at the next point the sleeper may return */
	if (waiter)
		make_ready(waiter - 1);
	sim_point();
}

void wait_for_completion(struct completion *x)
{
	sim_point();
	while (!x->done) {
		WARN_ON_ONCE(x->waiter);
		x->waiter = sim.running + 1;
		wait_to_be_woken();
	}
	x->done = 0;
	sim_point();
}
