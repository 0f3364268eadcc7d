/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The commands of tpmbatch-bench. Each returns the exit status: 0, 1 failed, 2 and 64 misused. */
#ifndef TPMB_BENCH_H
#define TPMB_BENCH_H

int cmd_files(int argc, char **argv);
int cmd_latency(int argc, char **argv);

#endif
