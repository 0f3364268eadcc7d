/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What the running kernel says about IMA in securityfs: counters, policy, list.
 * TPMBATCH_SECURITYFS in the environment names another folder than
 * /sys/kernel/security. Read-only and thread-safe once open.
 */
#ifndef TPMBATCH_IMA_KERNEL_H
#define TPMBATCH_IMA_KERNEL_H

#include <stdbool.h>
#include <stdint.h>

struct ima_kernel {
	int dir; /* IMA's folder; -1: there is none */
};

struct ima_counts {
	bool has_records;
	uint64_t records; /* runtime_measurements_count: batches count as one */
	/*
	 * The file "batch" (patches/, Documentation/ABI/testing/securityfs-ima-batch), there
	 * where the kernel batches.
	 */
	bool has_batch;
	uint64_t batch_max_bytes;
	uint64_t extends; /* its "records": each was one extend */
	uint64_t batches, members, exists;
};

enum {
	IMA_MEASURES_READ = 1 << 0, /* files opened for reading */
	IMA_MEASURES_EXEC = 1 << 1, /* files mapped executable */
};

/* 0; -ENOENT where the kernel shows no IMA; or what open(2) says. */
int ima_kernel_open(struct ima_kernel *kernel);
void ima_kernel_close(struct ima_kernel *kernel);

/* -ENOENT where the kernel does not batch, -EACCES where that is hidden, or 0. */
int ima_kernel_batches(const struct ima_kernel *kernel);
/* Zeros for what cannot be read. */
void ima_kernel_counts(const struct ima_kernel *kernel, struct ima_counts *counts);
/*
 * What the policy's rules ask for, a mask, conditions such as uid= apart;
 * -EACCES and the like where the policy cannot be read.
 */
int ima_kernel_policy(const struct ima_kernel *kernel);
/* The binary measurement list, opened for reading, or a negative errno. */
int ima_kernel_list(const struct ima_kernel *kernel);

#endif
