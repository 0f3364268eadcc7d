/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The micro-benchmarks, by file, and what they share. */
#ifndef TPMB_MICRO_H
#define TPMB_MICRO_H

#include <stddef.h>
#include <stdint.h>

/* Room for the template data that make_ima_ng() makes. */
#define IMA_NG_SIZE 128

/*
 * ima-ng template data of a file with a path of 48 bytes, which is the mean of
 * /usr on Debian 12. Different numbers give different measurements. Returns its length.
 */
uint32_t make_ima_ng(uint64_t number, uint8_t data[IMA_NG_SIZE]);
/* Another number for data that make_ima_ng() has made; costs a nanosecond. */
void renumber_ima_ng(uint64_t number, uint8_t data[IMA_NG_SIZE]);

void register_submit(void);
/* @delay_module: bench/tpmlib_delay.c's module for swtpm. */
void register_tpm(const char *delay_module);
void register_records(void);

/* ---- pair.c: what one thing costs over another ---- */

/* Both sides of a pair do the same work @n times; a negative errno ends the benchmark. */
struct pair {
	const char *name;	  /* of the benchmark */
	const char *what;	  /* for the table */
	int (*open)(void *arg);	  /* before, or NULL; close() is called even where it fails */
	void (*close)(void *arg); /* after, or NULL */
	int (*base)(void *arg, unsigned int n);
	int (*tested)(void *arg, unsigned int n);
	void *arg;
	unsigned int block;  /* times of one side before it is the other's turn */
	unsigned int blocks; /* of each side */
};

/* Registers a pair, which stays the caller's. At most 8. */
void register_pair(const struct pair *pair);
/* Prints the differences of the pairs that have run. */
void print_pairs(void);

#endif
