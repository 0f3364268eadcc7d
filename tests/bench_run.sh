#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# bench_run.sh BENCH DELAY RESULTS: `tpmbatch-bench`, by chips, policies, workloads, tasks and
# modes; its virtual figures are those committed in RESULTS.
set -euo pipefail

# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/swtpm.sh"

bench=$1
delay=$2
results=$3
dir=$(mktemp -d)
swtpm=
trap '[ -z "$swtpm" ] || kill "$swtpm" 2>/dev/null || true; rm -rf "$dir"' EXIT
export XDG_CACHE_HOME=$dir/cache

fail() {
	echo "bench_run.sh: $*" >&2
	cat "$dir/out" "$dir/err" >&2 2>/dev/null || true
	exit 1
}

run() {
	"$bench" "$@" >"$dir/out" 2>"$dir/err"
}

# refused STATUS WORDS OPTION...
refused() {
	local status=0 want=$1 words=$2
	shift 2
	run "$@" || status=$?
	[ "$status" = "$want" ] || fail "$*: exit status $status, expected $want"
	grep -q -e "$words" "$dir/err" || fail "$*: does not say '$words'"
}

# counter NAME FIELD: of the run NAME in the JSON
counter() {
	python3 -c 'import json, sys
for run in json.load(open(sys.argv[1], encoding="utf-8"))["benchmarks"]:
    if run["run_type"] == "iteration" and run["name"].startswith(sys.argv[2] + "/"):
        print(run[sys.argv[3]])' "$dir/json" "$1" "$2"
}

# committed CHIP POLICY MODE TASKS: total_ns and extends of 1,500 measurements, caps of 4,096 bytes
committed() {
	awk -F, -v key="$1,$2,$3,1500,$4" \
		'index($0, key ",") == 1 && ($6 == 0 || $6 == 4096) { print $8, $7 }' "$results/engine/engine.csv"
}

# ---- simulated chips ----
run --chip slb9670-spi,npct650-i2c-400k --json "$dir/json" || fail "simulated chips"
[ "$(grep -c -E '^(slb|npct)' "$dir/out")" = 16 ] || fail "expected 16 lines"
compared=0
for chip in slb9670-spi npct650-i2c-400k; do
	for policy in linux-6.12 tpmbatch; do
		for mode in serial batched; do
			name=virtual/$chip/$policy/1500/$mode/tasks:64
			read -r total_ns extends < <(committed $chip $policy $mode 64) || fail "$name: nothing committed"
			counter "$name" real_time >"$dir/seconds"
			awk -v ns="$total_ns" '{ exit $1 * 1e9 < ns - 1 || $1 * 1e9 > ns + 1 }' "$dir/seconds" ||
				fail "$name: $(cat "$dir/seconds") s, committed $total_ns ns"
			[ "$(counter "$name" extends)" = "$extends.0" ] || fail "$name: extends"
			compared=$((compared + 1))
		done
	done
done
[ "$compared" = 8 ] || fail "compared $compared runs"
# The table has the same.
read -r total_ns extends < <(committed slb9670-spi linux-6.12 batched 64)
grep -q -E "^slb9670-spi +linux-6.12 +1500 +64 batched +1500 +$extends +$(awk -v ns="$total_ns" 'BEGIN { printf "%.3f", ns / 1e9 }') +[0-9.]+x" \
	"$dir/out" || fail "the table is not the committed result"
grep -q -E '^slb9670-spi +tpmbatch +1500 +64 serial .* 1\.1x ' "$dir/out" || fail "faster than what?"

# ---- recorded workloads ----
run --workload boot-prompt --mode all --policy linux-6.12 --json "$dir/json" || fail "boot-prompt"
for mode in serial batched digest-lists; do
	want=$(awk -F, -v key="boot-prompt,slb9670-spi,linux-6.12,$mode" \
		'index($0, key ",") == 1 && ($5 == 0 || $5 == 4096) && $6 == 0 { print $12 }' "$results/workloads/workloads.csv")
	[ "$want" ] || fail "$mode: nothing committed"
	counter virtual/slb9670-spi/linux-6.12/boot-prompt/$mode real_time |
		awk -v ns="$want" '{ found = 1; bad = $1 * 1e9 < ns - 1 || $1 * 1e9 > ns + 1 } END { exit bad || !found }' ||
		fail "boot-prompt, $mode: not the committed $want ns"
done

# ---- what is chosen ----
run --list || fail "--list"
for word in slb9670-spi quirk-st-ones linux-4.8 boot-1500 premeasured \
	virtual/slb9670-spi/tpmbatch/1500/batched/tasks:64; do
	grep -q -w -e "$word" "$dir/out" || fail "--list does not have $word"
done
! grep -q infineon-tpm12 "$dir/out" || fail "--list has a chip of TPM 1.2"
run --list --chip all --policy all --workload all --mode all || fail "--list of everything"
[ "$(grep -c ^virtual/ "$dir/out")" -gt 300 ] || fail "everything: $(grep -c ^virtual/ "$dir/out") runs"
[ "$(grep ^virtual/ "$dir/out" | sort | uniq -d | wc -l)" = 0 ] || fail "a run twice"
[ "$(grep -c -E '^virtual/boot-1500/none$' "$dir/out")" = 1 ] || fail "the floor is no chip's"
run --filter 'tpmbatch/.*/serial/tasks:1$' || fail "--filter"
[ "$(grep -c '^slb9670' "$dir/out")" = 1 ] || fail "--filter lets through more than it should"
refused 2 'nothing to run' --filter no-such
refused 64 'Unmatched' --filter '('
refused 64 'no workload' --workload boot-1
refused 64 'number of tasks' --tasks 0
refused 64 'number of tasks' --tasks 1,x
refused 64 'no mode' --mode parallel
refused 64 'expected 1 to' --batch-max 0
refused 64 'no such command' latencies
refused 64 'expected 16 or 23' -T libtpms: -p 10
refused 64 'one of the two' -T libtpms: --chip slb9670-spi
refused 1 'none.ini' --chip none
grep -q '^none .*No such file' "$dir/out" || fail "a chip that is not there: not in the table"
refused 1 'no such policy' --policy linux-1.0
refused 1 'no/folder/apps-0ms.zst' --workload boot-1500 --folder "$dir/no/folder"
"$bench" --help | grep -q 'tpmbatch-bench latency -T /dev/tpmrm0' || fail "--help"
if [ -e /dev/full ]; then
	status=0
	"$bench" --list >/dev/full 2>"$dir/err" || status=$?
	[ "$status" = 1 ] || fail "a full disk: exit status $status"
fi

# ---- a TPM in real time ----
start_swtpm "$dir" "$delay" 2000
tpm2_pcrread -T $T >"$dir/before"
run -T $T --workload 60 --tasks 1,16 --json "$dir/json" --repetitions 2 || fail "swtpm"
[ "$(grep -c '^-  *-  *60 ' "$dir/out")" = 4 ] || fail "expected a line for each of 4 runs"
[ "$(counter tpm/60/serial/tasks:1 real_time | wc -l)" = 2 ] || fail "expected each repetition in the JSON"
tpm2_pcrread -T $T | cmp -s - "$dir/before" || fail "PCRs are not as they were"
for name in serial/tasks:1 batched/tasks:1 serial/tasks:16; do
	[ "$(counter tpm/60/$name extends | sort -u)" = 60.0 ] || fail "$name: extends"
	counter tpm/60/$name real_time | awk '$1 < 0.120 { exit 1 }' || fail "$name: extends take no 2 ms"
done
counter tpm/60/batched/tasks:16 extends | awk '$1 >= 30 { exit 1 }' || fail "16 tasks share no extend"
# What somebody left in the PCR is told, and gone before the run.
tpm2_pcrextend -T $T "23:sha256=$(printf '%064d' 7)"
run -T $T -p 23 --workload 5 --tasks 2 --mode batched || fail "PCR 23"
grep -q 'PCR 23 held a value: it is reset' "$dir/err" || fail "does not tell that PCR 23 was in use"
tpm2_pcrread -T $T | cmp -s - "$dir/before" || fail "PCR 23 is not as it was"
kill $swtpm
wait $swtpm 2>/dev/null || true
swtpm=
refused 1 "$T: no TPM" -T $T --workload 5
