# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# What is opened, how, and what is not, by the word of a kernel that is none.
. "$here/premeasure-lib.sh"
mkdir -p tree/sub outside
echo a >tree/a
echo '#!/bin/sh' >tree/script
chmod 755 tree/script
cp /usr/bin/true tree/sub/binary
chmod 644 tree/sub/binary
echo 'b c' >'tree/sub/b c'
ln -s a tree/link
ln -s ../outside tree/outside
echo o >outside/o
mkfifo tree/fifo

# The summary, but for the time it took.
ahead() {
	try_sh "tpmbatch premeasure $* 2>&1 | grep -v ^seconds"
}

# The same with each file that is skipped, which come in any order.
ahead_naming() {
	try_sh "tpmbatch premeasure -v $* 2>&1 | grep -v ^seconds | LC_ALL=C sort -u"
}

# Kernels that would not gain by it.
try tpmbatch premeasure tree
mkdir -p "$ima"
echo 12 >"$ima/runtime_measurements_count"
try tpmbatch premeasure tree
ahead --anyway tree
fake_kernel
echo 'dont_measure fsmagic=0x9fa0
measure func=MODULE_CHECK
appraise func=FILE_CHECK' >"$ima/policy"
try tpmbatch premeasure tree

# What the policy measures: files read, files mapped, both, or nobody may know.
echo 'measure func=FILE_CHECK mask=^MAY_READ euid=0' >"$ima/policy"
ahead_naming tree
echo 'measure func=FILE_CHECK mask=MAY_EXEC
measure func=BPRM_CHECK mask=MAY_EXEC
measure func=MMAP_CHECK mask=MAY_EXEC' >"$ima/policy"
ahead tree
echo 'measure fowner=0' >"$ima/policy"
ahead tree
rm "$ima/policy"
ahead tree
ahead --how=read tree
ahead --how=exec tree
ahead -q tree

# Sizes, the pseudo file systems, what is named and is not there or no file.
truncate -s 2M tree/large
ahead --max-size=1 tree
ahead --max-size=2 tree
ahead --max-size=0 tree
rm tree/large
ahead_naming /proc /proc/sys/kernel/ostype tree/fifo tree/link
try tpmbatch premeasure -q nonexistent '' tree/a/b
try_sh 'tpmbatch premeasure nonexistent tree 2>&1 | grep -e nonexistent -e ^opened'

# Packages: folders are left out, links to folders resolved, diverted files found.
ln -s tree/sub lib
cat >dpkg-query <<END
#!/bin/sh
[ "\$*" = "--listfiles -- odd" ] || { echo "no package: \$*" >&2; exit 1; }
echo "$PWD"
echo "$PWD/lib/binary"
echo "$PWD/tree/link"
echo "$PWD/tree/gone"
echo "diverted by other to: $PWD/tree/a"
echo "package diverts others to: nonsense"
# Meanwhile the kernel is at work.
. "$here/premeasure-lib.sh"
counters 1012 30 950 9
END
chmod +x dpkg-query
export TPMBATCH_DPKG_QUERY="$PWD/dpkg-query"
ahead_naming --package=odd
fake_kernel
ahead_naming --package=odd --package=nothing tree/a
try env TPMBATCH_DPKG_QUERY=$PWD/tree/a tpmbatch premeasure -q --package=odd
fake_kernel

# A list has underscores for spaces, in folders as well.
mkdir -p 'spaces/a b/c_d' 'spaces/a_b'
echo x >'spaces/a b/c_d/e f_g'
echo x >'spaces/a_b/h i'
tpmbatch measure -q -j1 -l spaces.list spaces
rm -r spaces/a_b
ahead_naming --from-list=spaces.list

# Lists: made from the tree, batched and not; the order is the list's.
tpmbatch measure -q -j1 -l one.list tree outside
tpmbatch show one.list >one.txt
try tpmbatch premeasure -q --from-list=one.list
ahead --from-list=one.list
ahead --from-list=one.list tree
ahead --from-list=- '<one.list'
ahead_naming "--from-list=$lists/kinds.list"
for list in batched batched-ascii; do
	try_sh "tpmbatch premeasure -q -v -j1 --from-list=$lists/$list.list 2>&1 | grep gone"
done
head -c 300 one.list >torn.list
try_sh 'tpmbatch premeasure --from-list=torn.list 2>&1 | grep -v ^seconds'
try tpmbatch premeasure -q --from-list=nonexistent tree

# What the running list holds: by path and digest for a list, by path for a folder.
cp one.list "$ima/binary_runtime_measurements"
ahead --from-list=one.list
ahead tree
echo changed >tree/a
tpmbatch measure -q -j1 -l two.list tree
ahead_naming --from-list=two.list
