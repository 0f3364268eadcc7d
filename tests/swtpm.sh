# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=bash
# Tests of programs that want a TPM of another process. Sourced, never run.

# start_swtpm FOLDER DELAY EXEC_US: an swtpm whose extend takes EXEC_US more, by DELAY, the library of
# bench/tpmlib_delay.c. Its state and log go to FOLDER. Sets T, its TCTI, and swtpm, its process.
start_swtpm() {
	# Two ports, which no other test's process has.
	local folder=$1 port=$((20000 + $$ % 6000 * 2))

	mkdir "$folder/state"
	env LD_PRELOAD="$2" TPMB_EXEC_US="$3" swtpm socket --tpm2 --tpmstate dir="$folder/state" \
		--flags startup-clear,not-need-init --server type=tcp,port=$port \
		--ctrl type=tcp,port=$((port + 1)) >"$folder/swtpm.log" 2>&1 &
	# shellcheck disable=SC2034 # the test's
	swtpm=$!
	T=swtpm:host=localhost,port=$port
	for _ in $(seq 50); do
		tpm2_pcrread -T "$T" sha256:16 >/dev/null 2>&1 && break
		sleep 0.1
	done
}
