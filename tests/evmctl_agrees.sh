#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# evmctl_agrees.sh GEN_LIST REPLAY_LIST [timed]
#
# An unmodified evmctl reaches the same PCRs from lists of every kind that it
# reads, batched ones among them. With "timed", replaying 63,000 records in
# two banks takes at most half of evmctl's time, and less than 16 MiB.
set -euo pipefail

gen_list=$1 replay_list=$2 timed=${3:-}

command -v evmctl >/dev/null || { echo "evmctl is not installed (ima-evm-utils)"; exit 77; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# evmctl takes violations as ones in every bank only with --ignore-violations.
evmctl_replays() {
	evmctl ima_measurement --ignore-violations --pcrs "sha1,$1.sha1" \
		--pcrs "sha256,$1.sha256" "$1" >"$work/evmctl" 2>&1 &&
		grep -q "Matched per TPM bank" "$work/evmctl"
}

agree() { # NAME GEN_LIST_OPTION...
	local list=$work/$1
	shift
	"$gen_list" "$@" "$list"
	"$replay_list" "$list" evmctl 2>/dev/null
	evmctl_replays "$list" || { echo "evmctl disagrees: $*"; cat "$work/evmctl"; exit 1; }
	# It does notice: another PCR value is refused.
	sed -i 's/^PCR-10: ../PCR-10: 5A/' "$list.sha256" "$list.sha1"
	if evmctl_replays "$list"; then echo "evmctl agrees to anything: $*"; exit 1; fi
	echo "agrees: $*"
}

agree ng -n 500
agree templates -n 500 -t ima-ng,ima-ngv2,ima-sig,ima-sigv2,ima-buf
agree violations -n 500 -v 50
agree batches -n 100 -b 20
agree mixed -n 300 -b 7 -e 3 -v 20 -t ima-ng,ima-sig

[ "$timed" = timed ] || exit 0

# The better of five runs each, taking turns.
best() { # FILE
	sort -n "$1" | head -1
}

run_us() {
	local begin end
	begin=$(date +%s%N)
	"$@" >/dev/null 2>"$work/stderr" || true
	end=$(date +%s%N)
	echo $(((end - begin) / 1000))
}

list=$work/large
"$gen_list" -n 63000 "$list"
"$replay_list" "$list" evmctl 2>/dev/null
for _ in 1 2 3 4 5; do
	run_us evmctl ima_measurement --pcrs "sha1,$list.sha1" --pcrs "sha256,$list.sha256" \
		"$list" >>"$work/evmctl_us"
	run_us "$replay_list" "$list" >>"$work/replay_us"
done
memory=$(tail -1 "$work/stderr")
evmctl_us=$(best "$work/evmctl_us") replay_us=$(best "$work/replay_us")
echo "63000 records: evmctl $evmctl_us us, replay $replay_us us, $memory"
[ $((2 * replay_us)) -le "$evmctl_us" ] || { echo "more than half of evmctl's time"; exit 1; }
[ "${memory% KiB}" -lt 16384 ] || { echo "16 MiB or more"; exit 1; }
