#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# model_check.sh SOURCE/bench BENCH: bench/model passes on the project's recordings, and fails
# where a recording is not what its TPM and its think times give.
set -euo pipefail

folder=$1
bench=$2
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

fail() {
	echo "model_check.sh: $*" >&2
	cat "$dir/out" >&2
	exit 1
}

model() {
	python3 "$folder/model" --bench "$bench" "$@" >"$dir/out" 2>&1
}

# edited NAME SED: the recording with another text, as $dir/NAME.zst
edited() {
	zstd -q -d -c "$folder/workloads/$1.zst" | sed -e "$2" >"$dir/$1"
	zstd -q -f "$dir/$1" -o "$dir/$1.zst" # of a pipe it would not know the size
}

# recordings_of SYSTEM COUNT FILE...: those of one system predict each other. Those of another do other work.
recordings_of() {
	local system=$1 count=$2

	shift 2
	model "$@" || fail "fails on the recordings of the $system system"
	cat "$dir/out"
	[ $# = "$count" ] && [ "$(grep -c ' %$' "$dir/out")" = $((count * count)) ] ||
		fail "expected $count recordings of the $system system that predict each other"
}

recordings_of small 4 "$folder"/workloads/{apps,boot,premeasure}-*.zst
recordings_of desktop 2 "$folder"/workloads/desktop-*.zst
[ "$(ls "$folder"/workloads/*.zst | wc -l)" = 6 ] || fail "a recording is not checked"

# Another TPM than the recorded one: by itself, and as what others predict, and only there.
edited boot-5ms 's/^occupied_ns .*/occupied_ns 1000000/'
! model "$folder/workloads/apps-0ms.zst" "$dir/boot-5ms.zst" || fail "takes a TPM of 1 ms for one of 6.9"
grep -q '^boot-5ms  *1.000 .*FAILED$' "$dir/out" || fail "its replay is not seen to be too short"
grep -q '^apps-0ms  *boot-5ms .*FAILED$' "$dir/out" || fail "its prediction is not seen to be too short"
[ "$(grep -c FAILED "$dir/out")" = 2 ] || fail "blames something else"

# Everything as it was, but the prompt came later.
edited boot-5ms 's/^prompt_ns .*/prompt_ns 14500000000/'
! model "$folder/workloads/apps-0ms.zst" "$dir/boot-5ms.zst" || fail "a prompt 15 % later is not seen"
grep -q '^apps-0ms  *boot-5ms .*FAILED$' "$dir/out" || fail "the late prompt is not named"

# No work in common.
edited boot-5ms 's/\t\([mv]\)\t/\t\1\t\/other/'
! model "$folder/workloads/apps-0ms.zst" "$dir/boot-5ms.zst" || fail "compares hosts without common work"
grep -q 'pairs of files in common' "$dir/out" || fail "does not say that nothing is in common"
! model "$dir/none.zst" || fail "a file that is not there is no error"
grep -q "^tpmbatch-bench: $dir/none.zst: No such file" "$dir/out" || fail "the missing file is not named"
