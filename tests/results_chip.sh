#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# results_chip.sh SOURCE BUILD DELAY: tools/results-chip over an swtpm with a chip's latency; what
# it writes stands its own check, and what is missing from a result is seen.
set -euo pipefail

# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/swtpm.sh"

source=$1
export BUILD=$2
delay=$3
dir=$(mktemp -d)
swtpm=
trap '[ -z "$swtpm" ] || kill "$swtpm" 2>/dev/null || true; rm -rf "$dir"' EXIT
export XDG_CACHE_HOME=$dir/cache

fail() {
	echo "results_chip.sh: $*" >&2
	cat "$dir/out" >&2 || true
	exit 1
}

# chip OPTION...
chip() {
	"$source/tools/results-chip" "$@" >"$dir/out" 2>&1
}

# broken WORDS: the result is refused, with these words
broken() {
	! chip --check "$dir/broken" || fail "passes though: $1"
	grep -q -e "$1" "$dir/out" || fail "does not say '$1'"
	rm -rf "$dir/broken"
	cp -r "$dir/swtpm-2ms" "$dir/broken"
}

command -v gnuplot >/dev/null || exit 77
start_swtpm "$dir" "$delay" 2000
tpm2_pcrread -T $T >"$dir/before"

! chip -T $T "$dir/swtpm-2ms" || fail "a result without a bus"
grep -q 'bus is missing' "$dir/out" || fail "does not say that the bus is missing"
[ ! -e "$dir/swtpm-2ms" ] || fail "writes something all the same"
chip -T $T --bus "none, a program" --chip "swtpm 0.7" "$dir/swtpm-2ms" || fail "over swtpm"
tpm2_pcrread -T $T | cmp -s - "$dir/before" || fail "PCRs are not as they were"
chip --check "$dir/swtpm-2ms" || fail "its own result does not stand its check"
for line in '- chip: swtpm 0.7' '- bus: none, a program' "- kernel: $(uname -r)"; do
	grep -x -q -e "$line" "$dir/swtpm-2ms/README.md" || fail "README.md has no line '$line'"
done
grep -q '^-  *-  *200  *64 batched' "$dir/swtpm-2ms/README.md" || fail "README.md has no table"
[ "$(grep -c . "$dir/swtpm-2ms/latency.csv")" = 1001 ] || fail "latency.csv"

cp -r "$dir/swtpm-2ms" "$dir/broken"
for fact in chip firmware bus kernel driver CPU revision; do
	sed -i "/^- $fact:/d" "$dir/broken/README.md"
	broken "does not name the $fact"
done
sed -i 's/^- bus: .*/- bus: /' "$dir/broken/README.md"
broken "does not name the bus"
sed -i '$d' "$dir/broken/latency.csv"
broken "not of one run"
# A member of the list that the TPM never saw.
sed -i 's|/files/1\b|/files/x|' "$dir/broken/batched.list"
broken "batched.list: does not explain"
chip --check "$dir/swtpm-2ms" "$dir/broken" || fail "the whole one is broken by now"

kill $swtpm
wait $swtpm 2>/dev/null || true
swtpm=
! chip -T $T --bus x "$dir/none" || fail "a TPM that is not there is no error"
[ ! -e "$dir/none" ] || fail "writes a result without a TPM"
