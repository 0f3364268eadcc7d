# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Files, lists and TPMs that will not do.
mkdir tree
for name in a growing replaced settling vanishing z; do
	echo $name >tree/$name
done
mkfifo fifo
echo rewritten >tree/rewritten
touch -d '1 hour ago' tree/rewritten

meddled() {
	LD_PRELOAD="$MEDDLE" "$@"
}

# What others do to the files: the rest is measured.
try meddled tpmbatch measure -q -j1 -l list --dump-pcrs pcrs tree
tpmbatch show list | sed 's/sha1:[0-9a-f]* //'
echo settlingx | sed 's/x//' | sha256sum | cut -c1-8
sha256sum tree/settling tree/rewritten
try tpmbatch verify -q list --pcrs pcrs

try tpmbatch measure -q -l some nonexistent fifo '' tree/a/b tree/a
try_sh 'tpmbatch stats some | head -1'
# Reading gives an error in the middle.
try_sh 'tpmbatch measure -q -l some2 /proc/self/mem tree/a 2>&1 | sed "s|/[0-9]*/|/PID/|"'

# Lists.
try tpmbatch measure -q -l . tree
try tpmbatch measure -q -l /dev/full tree
try tpmbatch measure -q -l nonexistent/list tree
cp "$lists/batched.list" foreign
try tpmbatch measure -q -l foreign tree
cmp foreign "$lists/batched.list"
cp list changed
printf X | dd of=changed bs=1 seek=60 conv=notrunc status=none
try tpmbatch measure -q -l changed tree
# A list that a session has locked.
flock list -c 'tpmbatch measure -q -l list tree' 2>locked && fail "a locked list was written"
cat locked
# The disk is full after a few records: whole records stay, and an error tells.
try_sh 'trap "" XFSZ; ulimit -f 1; tpmbatch measure -q -j1 -l full tree/a tree/z "$lists"' |
	sed 's/append [0-9]* bytes at offset [0-9]*/append N bytes at offset M/; s/[a-z0-9-]*\.\(list\|pcrs\): not/FILE: not/'
try_sh 'tpmbatch verify -q full 2>&1 | sed "s/its [1-9][0-9]*/its N/"'

# TPMs.
try tpmbatch measure -q -T device:/nonexistent -l none tree
try tpmbatch measure -q -T '' -l none tree
try tpmbatch measure -q -T libtpms:/nonexistent -l none tree
test ! -e none

# PCR values that cannot be written: before, or only at the end.
try tpmbatch measure -q --dump-pcrs nonexistent/pcrs tree/a
try tpmbatch measure -q --dump-pcrs . tree/a
try tpmbatch measure -q --dump-pcrs /dev/full tree/a
try_sh 'tpmbatch measure -q --dump-pcrs - tree/a >/dev/full'
# A closed standard error does not end up in the list.
try_sh 'tpmbatch measure -j1 -l closed --dump-pcrs closed.pcrs tree/a /proc/self/mem 2>&-'
try tpmbatch verify closed --pcrs closed.pcrs
