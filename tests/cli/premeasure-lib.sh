# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# What the cases about premeasure share: a securityfs of a kernel that batches.
export TPMBATCH_SECURITYFS=$PWD/securityfs
ima=$TPMBATCH_SECURITYFS/integrity/ima

# counters RECORDS BATCHES MEMBERS EXISTS
counters() {
	cat >"$ima/batch" <<-END
		batch_max_bytes 4096
		records $1
		batches $2
		members $3
		exists $4
		tpm_errors 0
		size 1-1 12
		wait_extends 1 34
	END
	echo "$1" >"$ima/runtime_measurements_count"
}

fake_kernel() {
	mkdir -p "$ima"
	counters 1000 20 600 7
}

# How many were skipped for the reason $2, by the summary $1.
skipped_for() {
	sed -n "s/^  \([0-9][0-9]*\)  *$2\$/\1/p" "$1"
}
