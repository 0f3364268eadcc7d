#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# bench.sh BENCH: runs each benchmark for a moment; none may fail, and the
# JSON must hold what the tables are made of.
set -euo pipefail

bench=$1
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
export XDG_CACHE_HOME=$dir/cache

mkdir -p "$dir/files/a folder"
for i in $(seq 60); do
	echo "file $i" >"$dir/files/a folder/$i"
done

fail() {
	echo "bench.sh: $*" >&2
	exit 1
}

# NAME: a counter's value in each run of the workloads, one a line.
counter() {
	sed -n "s/^ *\"$1\": *\([-+.e0-9]*\),\{0,1\}\$/\1/p" "$dir/json"
}

"$bench" files --root="$dir/files" --sizes=50,100 --tasks=1,16 --exec-us=2000 --keep="$dir" \
	--benchmark_out="$dir/json" | tee "$dir/table"
[ "$(grep -c '  ok$' "$dir/table")" -eq 18 ] || fail "expected 18 lists that verify"
grep -q '^This machine has no more: 40 of 100 ' "$dir/table" || fail "repeated files are not told"
[ "$(counter measurements | wc -l)" -eq 18 ] || fail "expected 18 runs in the JSON"
[ "$(counter measurements | awk '{ print $1 + 0 }' | sort -nu | xargs)" = "50 100" ] ||
	fail "measurements: $(counter measurements | xargs)"
for name in records extends round_trip_mean_us wait_p50_round_trips wait_p99_round_trips \
	wait_max_round_trips; do
	counter "$name" | awk -v name="$name" '
		$1 <= 0 { print "bench.sh: " name ": " $1; bad = 1 }
		END { exit bad || NR != 18 }' || fail "$name: expected 18 positive numbers"
done
[ "$(find "$dir" -name '*.list' | wc -l)" -eq 18 ] || fail "expected 18 lists kept"
[ "$(find "$dir" -name '*.pcrs' | wc -l)" -eq 18 ] || fail "expected PCR values of 18 runs"
[ "$(wc -l <"$dir/cache/tpmbatch/digests")" -eq 61 ] || fail "expected 60 digests cached"

# A file that has changed is hashed again, and no other.
echo changed >"$dir/files/a folder/7"
"$bench" files --root="$dir/files" --sizes=60 --tasks=1 --tpm=libtpms 2>&1 >"$dir/table" |
	grep -q '^Hashing 1 files' || fail "a changed file is not hashed again, or others are"

# Bursts: an extend for whoever comes first, one for all others; 16 of them serially.
"$bench" files --root="$dir/files" --sizes=60 --tasks=16 --tpm=swtpm --exec-us=2000 --bursts \
	--benchmark_out="$dir/json" >"$dir/table"
[ "$(counter measurements | awk '{ print $1 + 0 }' | sort -nu | xargs)" = 48 ] ||
	fail "bursts: expected whole ones: $(counter measurements | xargs)"
counter burst_round_trips | awk '
	NR == 1 && $1 < 15.9 { print "serially: " $1; bad = 1 }
	NR > 1 && ($1 < 0.9 || $1 > 8) { print "in batches: " $1; bad = 1 }
	END { exit bad || NR != 3 }' || fail "bursts: expected 16 round trips, and about 2"

# A run that fails is a failure.
! "$bench" files --root="$dir/nothing" --sizes=5 --tasks=1 2>"$dir/err" >"$dir/table" ||
	fail "a folder that is not there is no error"
! TPMB_FAIL=e3:0x101 "$bench" files --root="$dir/files" --sizes=5 --tasks=1 --tpm=swtpm \
	--exec-us=1 >"$dir/table" 2>&1 || fail "a TPM that fails is no error"
grep -q TPM2_PCR_Extend "$dir/table" || fail "the failing command is not named"

"$bench" micro --benchmark_min_time=0.001 --benchmark_repetitions=1 \
	--benchmark_filter='record|hash|list|replay|pair/(submit|extend/libtpms)|threads:(1|8)$' \
	--benchmark_out="$dir/json" | tee "$dir/table"
! grep -q '"error_occurred": true' "$dir/json" || fail "a micro-benchmark failed"
grep -q '^engine over a bare extend, one caller, libtpms' "$dir/table" ||
	fail "the difference of contract C4 is not printed"
