/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Suspends the machine while the load goes on, and keeps a trace of it. */
#ifndef TPMB_TESTS_KERNEL_SUSPEND_H
#define TPMB_TESTS_KERNEL_SUSPEND_H

#include <stdbool.h>

#define TRACE_DIR "/sys/kernel/tracing"

/* Switches the trace on: suspends and, where the kernel has it, batches. 0 or a negative errno. */
int suspend_init(void);

/*
 * Suspends, to the stages of pm_test that @stages names (commas between them)
 * in turn, "mem" being no test, as long as @going_on() says so. Returns how often; -1
 * after a message where the kernel refused.
 */
int suspend_in_turn(const char *stages, bool (*going_on)(void));

#endif
