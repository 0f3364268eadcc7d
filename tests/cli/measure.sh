# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# What is measured, in which order, under which name, and what is left out.
mkdir -p tree/sub/deep tree/empty other
echo a >tree/a
echo b >'tree/sub/b c'
echo c >tree/sub/deep/c
: >tree/zero
echo B >tree/B
ln -s a tree/link
ln -s sub tree/folder-link
ln -s ../other tree/outside
echo o >other/o
mkfifo tree/fifo

# Number, file digest and name; the template digest depends on where this runs.
contents() {
	tpmbatch show "$1" | sed 's/sha1:[0-9a-f]* //'
}

try tpmbatch measure -q -j1 -l list --dump-pcrs pcrs tree
contents list
sha256sum tree/a tree/zero
try tpmbatch verify list --pcrs pcrs

# One caller's list is what unbatched IMA writes, with or without batching.
try tpmbatch measure -q -j1 --serial -l serial --dump-pcrs serial.pcrs tree
cmp list serial
cmp pcrs serial.pcrs

# The summary, but for the time it took.
try_sh 'tpmbatch measure -j1 -l summary tree 2>&1 | grep -v -e ^seconds -e "^worst wait"'
# Every way to name the same file is the same file.
try_sh 'tpmbatch measure -j1 -l same tree/a ./tree/../tree/a tree/link tree/folder-link/../a 2>&1 | head -2'
contents same
# Named files, one after the other, in the order of the arguments.
try tpmbatch measure -q -j1 -l named tree/zero tree/a tree/folder-link
contents named
# The list is not measured into itself.
try tpmbatch measure -q -j1 -l tree/list tree/sub tree/list
contents tree/list
rm tree/list
try tpmbatch measure -q -j1 -l tree/list tree
contents tree/list
rm tree/list

# Pseudo file systems are left out, unless they are named.
try tpmbatch measure -q -j1 -l proc /proc/sys/kernel/ostype
tpmbatch show proc | cut -d' ' -f5-

# No list, and PCR values on standard output; PCRs of the process's own TPM are free.
try_sh 'tpmbatch measure -q -j1 -p 3 --dump-pcrs - tree/a | sed -n "/:$/p;/^ *[34] *:/p" | sed "s/: 0x0*$/: zero/;s/: 0x.*/: extended/"'
