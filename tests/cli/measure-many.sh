# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# A few thousand real files, 32 at a time: the list replays to the TPM's PCR
# here and in an unmodified evmctl, and holds every file exactly once.
command -v evmctl >/dev/null || skip "no evmctl (ima-evm-utils)"
files=3000
# Names that "show" prints as they are, of files that nobody writes to.
find /usr/share /usr/bin /usr/lib -xdev -type f 2>/dev/null |
	grep -v '[^!-~]\|\\' | sort | head -n $files >paths
count=$(wc -l <paths)
[ "$count" -ge 500 ] || skip "only $count files in /usr"

measure() {
	xargs -s 1500000 -x -n $files tpmbatch measure "$@" <paths 2>summary
}

# Members, and records of their own, by name.
names() {
	tpmbatch show "$1" | awk '!/ima-batch, / { print $NF }' | sort
}

check() {
	[ "$(number summary measurements)" = "$count" ] || fail "$(cat summary)"
	[ "$(number summary 'not measured')" = 0 ] || fail "$(cat summary)"
	tpmbatch verify -q $1 --pcrs $1.pcrs
	names $1 >$1.names
	cmp paths $1.names || fail "not every file is in the list exactly once"
	pcrs_for_evmctl $1.pcrs $1.evm
	evmctl ima_measurement --pcrs sha1,$1.evm.sha1 --pcrs sha256,$1.evm.sha256 $1 >$1.log 2>&1 ||
		fail "evmctl: $(tail -n 3 $1.log)"
}

# The TPM in the process answers in microseconds, so that most find it idle; a
# slow one is played by many more tasks than there are processors.
measure -j 32 -l list --dump-pcrs list.pcrs
check list
measure -j 512 -l crowd --dump-pcrs crowd.pcrs
check crowd
batches=$(number summary records)
[ "$batches" -lt "$count" ] || fail "512 tasks never shared a record"
tpmbatch stats crowd >stats
[ "$(number stats batches)" -gt 0 ] || fail "$(cat stats)"

# evmctl can tell: with another PCR it fails.
sed -i '/PCR-16/s/: ../: 00/' crowd.evm.sha256 crowd.evm.sha1
if evmctl ima_measurement --pcrs sha1,crowd.evm.sha1 --pcrs sha256,crowd.evm.sha256 crowd >log 2>&1; then
	fail "evmctl accepts any PCR"
fi

# Unbatched: no ima-batch, one extend a file, as many tasks as there may be.
measure --serial -j 32 -l serial --dump-pcrs serial.pcrs
check serial
tpmbatch stats serial >stats
[ "$(number stats batches)" = 0 ] || fail "a serial list holds batches"
[ "$(number summary extends)" = "$count" ] || fail "$(cat summary)"

# A single caller's list, batching or not, is the same, byte for byte.
measure -j1 -l one --dump-pcrs one.pcrs
measure -j1 --serial -l one-serial --dump-pcrs one-serial.pcrs
cmp one one-serial
cmp one.pcrs one-serial.pcrs
check one-serial

# Expanded, the batches' list holds what the serial one holds.
tpmbatch expand crowd -o expanded 2>/dev/null
tpmbatch show expanded | cut -d' ' -f4- | sort >expanded.records
tpmbatch show serial | cut -d' ' -f4- | sort >serial.records
cmp expanded.records serial.records
echo "all is well"
