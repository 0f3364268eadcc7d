/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The commands of tpmbatch-bench. Each returns the exit status: 0; 1 failed; 2 and 64 misused.
 *
 * The program is two halves, each with a library of its own: one at home on
 * threads and real time, one on simulated tasks under a virtual clock
 * (libbatch/shim/). Of the second one nothing is seen but what virtual.symbols names.
 */
#ifndef TPMB_BENCH_H
#define TPMB_BENCH_H

int cmd_files(int argc, char **argv);
int cmd_latency(int argc, char **argv);
int cmd_micro(int argc, char **argv);
int cmd_run(int argc, char **argv);

/* ---- in the virtual half ---- */

int cmd_replay(int argc, char **argv);
int cmd_sim(int argc, char **argv);
/* tpmb_set_message_handler() of that half's library. */
void virtual_set_messages(void (*handler)(void *arg, const char *line));

#endif
