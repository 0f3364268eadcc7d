#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# bench_plot.sh BENCH SOURCE: bench/plot draws what it is given, and refuses what it cannot draw.
set -euo pipefail

export BENCH=$1
source=$2
plot=$source/bench/plot
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

command -v gnuplot >/dev/null || exit 77

fail() {
	echo "bench_plot.sh: $*" >&2
	exit 1
}

# drawn WORD...: $dir/svg is whole, and has these texts
drawn() {
	python3 -c 'import sys, xml.etree.ElementTree as tree
root = tree.parse(sys.argv[1]).getroot()
texts = " ".join("".join(e.itertext()) for e in root.iter("{http://www.w3.org/2000/svg}text"))
for word in sys.argv[2:]:
    assert word in texts, word + ": not in: " + texts' "$dir/svg" "$@" || fail "what was drawn"
	rm "$dir/svg"
}

# refused WORDS COMMAND...
refused() {
	local words=$1
	shift
	! "$plot" "$@" >"$dir/out" 2>&1 || fail "$*: is no error"
	grep -q -e "$words" "$dir/out" || fail "$*: does not say '$words': $(cat "$dir/out")"
	[ ! -e "$dir/svg" ] || fail "$*: leaves a file"
}

"$BENCH" latency -T chip=slb9670-spi -n 100 --csv "$dir/one.csv" >/dev/null
"$BENCH" latency -T chip=rig-burst64,policy=linux-4.8 -n 100 --csv "$dir/two.csv" >/dev/null
"$plot" latency "$dir/svg" "$dir/one.csv" "$dir/two.csv=another's, on 4.8"
drawn one "another's, on 4.8" 'milliseconds an extend' '% of extends'
# All of them take the same time, and one alone.
printf 'extend,start_ns,total_ns\n1,0,5000\n' >"$dir/same.csv"
"$plot" latency "$dir/svg" "$dir/same.csv"
drawn same
head -n 1 "$dir/one.csv" >"$dir/none.csv"
refused 'no extend in it' latency "$dir/svg" "$dir/none.csv"
refused 'no file of tpmbatch-bench latency' latency "$dir/svg" "$source/results/engine/engine.csv"

"$plot" tasks "$dir/svg" "$source/results/engine/engine.csv"
drawn slb9670-spi 'linux-4.8, serial' 'tpmbatch, batched' 'seconds for 63000 measurements'
"$plot" tasks "$dir/svg" "$source/results/engine/engine.csv" npct650-i2c-400k 1500
drawn npct650-i2c-400k 'seconds for 1500 measurements'
refused 'nothing of none' tasks "$dir/svg" "$source/results/engine/engine.csv" none
refused 'no file of tpmbatch-bench sim' tasks "$dir/svg" "$dir/one.csv"

"$plot" boot "$dir/svg" rig-burst64 boot-prompt
drawn rig-burst64 'linux-6.12, serial' 'both, measured ahead' 'no TPM'
refused 'none.ini' boot "$dir/svg" none
refused 'bench/plot latency OUT.svg' pie "$dir/svg"
