# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Trees that are there to make a program hang, follow, leak or swell: HOSTILE_ENTRIES
# files in one folder (100,000 by default), and one of everything that is no file.
. "$here/premeasure-lib.sh"
fake_kernel
entries=${HOSTILE_ENTRIES:-100000}
"$MAKE_HOSTILE" tree "$entries" 2>/dev/null || fail "make_hostile: status $?"
if [ "$(id -u)" = 0 ]; then
	command -v setpriv >/dev/null || skip "root may everything, and there is no setpriv"
	nobody="setpriv --reuid=65534 --regid=65534 --clear-groups"
	chmod 755 .. ../bin
	$nobody tpmbatch --version >/dev/null 2>&1 || skip "nobody may not run the tool from here"
	chmod 777 .
else
	nobody=
fi
special=$(find tree/special ! -type d | wc -l)

# Ends, with as many descriptors as at its start and little memory.
# ahead SUMMARY "PREFIX" ARGUMENT...
ahead() {
	summary=$1
	prefix=$2
	shift 2
	rm -f report
	# shellcheck disable=SC2086 # the prefix is words
	timeout 900 $prefix env MEDDLE_REPORT=report LD_PRELOAD="$MEDDLE" tpmbatch premeasure "$@" 2>"$summary" ||
		fail "status $?: $(tail -n 20 "$summary")"
	[ "$(number report start)" = "$(number report end)" ] || fail "descriptors: $(cat report)"
	# Two threads' arenas and the scan's levels; under a sanitizer memory says nothing.
	[ -n "${SANITIZED-}" ] || [ "$(number report kib)" -lt 49152 ] || fail "memory: $(cat report)"
}
expect() {
	[ "$1" = "$2" ] || fail "$3: $1, expected $2: $(cat summary)"
}

ahead summary "$nobody" -j64 tree
# In tree/names 7; the file at the end of the deep chain, 1,200 folders down, is out of reach.
expect "$(number summary opened)" $((entries + 7)) opened
expect "$(skipped_for summary 'a symbolic link')" 8 links
expect "$(skipped_for summary 'a FIFO, socket or device')" "$special" "FIFOs and the like"
expect "$(skipped_for summary 'larger than --max-size')" 1 "the sparse file"
expect "$(skipped_for summary 'not permitted')" 2 "what is closed"
expect "$(skipped_for summary 'too deep, or the path too long')" 2 "long chains"

# The huge sparse file is only opened: nothing reads it but the kernel.
ahead summary "$nobody" --max-size=0 tree/sparse
expect "$(number summary opened)" 1 opened

# Named with names that cannot write to a terminal, and one a line.
ahead named "$nobody" -v --how=exec tree/names tree/links tree/special
! LC_ALL=C grep -q '[^ -~]' named || fail "bytes for a terminal: $(cat -v named)"
for name in loop-a loop-b self up root dangling outside secret; do
	grep -q "^tpmbatch: .*/links/$name: skipped: a symbolic link$" named || fail "$name: $(cat named)"
done

# All of /proc, of /sys and of /dev; as whoever we are.
ahead summary "" /proc /sys /dev
[ "$(skipped_for summary "the kernel's state, no file")" -ge 2 ] || fail "$(cat summary)"

# With few descriptors, with one task, with a thousand.
(
	ulimit -n 320
	ahead summary "" -j1024 tree/names
)
expect "$(number summary tasks)" 16 tasks
expect "$(number summary opened)" 7 opened
ahead summary "" -j1 tree/names
expect "$(number summary opened)" 7 opened
ahead summary "" -j1024 tree/names
expect "$(number summary opened)" 7 opened

# Mounts: the kernel's state below the tree, the tree below itself, another file system.
if [ "$(id -u)" = 0 ] && unshare -m true 2>/dev/null; then
	mkdir -p tree/mounts/proc tree/mounts/again tree/mounts/memory
	cat >mounts <<-'END'
		mount --rbind /proc tree/mounts/proc || exit 9
		mount -t tmpfs tmpfs tree/mounts/memory || exit 9
		echo b >tree/mounts/memory/b
		mount --bind tree/mounts tree/mounts/again || exit 9
		tpmbatch premeasure -v tree/mounts || exit 1
		echo one file system
		tpmbatch premeasure -x tree/mounts || exit 1
	END
	unshare -m sh mounts >mounted 2>&1 || fail "mounts: $(cat mounted)"
	grep -q 'mounts/proc: skipped: the kernel' mounted || fail "$(cat mounted)"
	grep -q 'mounts/again: skipped: a folder that holds itself' mounted || fail "$(cat mounted)"
	expect "$(grep -c '^opened        1,' mounted)" 1 "opened on the other file system"
	expect "$(grep -c '^opened        0,' mounted)" 1 "opened without it"
	expect "$(sed -n '/^one/,$s/^  \([0-9]*\) *another file system$/\1/p' mounted)" 2 "other file systems"
fi

# Files that become FIFOs, links out of the tree, folders, or nothing, while they are opened.
"$MAKE_HOSTILE" churn 2>churned &
churner=$!
tries=0
while [ $tries -lt 100 ]; do
	tpmbatch premeasure -q -j8 tree/churn 2>summary || fail "status $?: $(cat summary)"
	[ ! -s summary ] || fail "$(cat summary)"
	tries=$((tries + 1))
done
kill $churner 2>/dev/null || true
wait $churner || fail "$(cat churned)"

# Ctrl-C, in the middle of it: the files under way, and no more.
cat >dpkg-query <<-END
	#!/bin/sh
	kill -INT \$PPID
	echo "$PWD/tree/names/-rf"
END
chmod +x dpkg-query
status=0
TPMBATCH_DPKG_QUERY=$PWD/dpkg-query tpmbatch premeasure --package=any tree 2>summary || status=$?
[ $status = 130 ] && grep -q 'stopped: Interrupt' summary || fail "status $status: $(cat summary)"
expect "$(number summary opened)" 0 opened
chmod 755 tree/closed-folder
echo "all is well"
