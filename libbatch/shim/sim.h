/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The shims' second home: cooperative tasks of one thread under a virtual
 * clock. Each shim call is a point where the seed may choose another task to
 * run; time stands still while any task can run and then jumps to the next
 * sleeper. A run is a function of its seed.
 *
 * There is one simulation at a time in a process.
 */
#ifndef TPMB_SHIM_SIM_H
#define TPMB_SHIM_SIM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct llist_node;

/* How often a shim call hands over to another task. */
enum sim_schedule {
	SIM_SEEDED,   /* the seed draws a rate for the run */
	SIM_IN_ORDER, /* only where a task has to wait; first come, first served */
};

/* Starts a simulation at virtual time 0. @stack_size: bytes for each task. */
void sim_begin(uint64_t seed, enum sim_schedule schedule, size_t stack_size);
/* Adds a task; callable before and during the run. Returns 0 or -ENOMEM. */
int sim_spawn(void (*run)(void *arg), void *arg);
/* Runs until every task has returned: 0, or -EDEADLK when tasks are left that nobody will wake. */
int sim_run(void);
/* Frees everything; after -EDEADLK too. */
void sim_end(void);

/* ---- for tasks ---- */

uint64_t sim_now_ns(void);
void sim_sleep_ns(uint64_t ns);
/* Sleeps until all but the caller have returned. One task of a run may do so. */
void sim_wait_for_others(void);
/* A point where another task may run. */
void sim_point(void);
/* Draws from the run's seed. After the run it proves that two runs were one: the unseed. */
uint64_t sim_random(void);
/* 0 to @below - 1. */
uint64_t sim_random_below(uint64_t below);

/* Called at the instant a node has been added to any llist; NULL for none. */
void sim_on_llist_add(void (*added)(struct llist_node *node));

#endif
