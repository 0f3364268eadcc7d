# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# What verify says, and its three exit codes.
cp "$lists"/*.list "$lists"/*.pcrs .

# 0: all is sound.
for list in kinds kinds-be-sha256; do
	try tpmbatch verify --unknown $list.list --pcrs $list.pcrs
done
for list in kinds-ascii legacy batched batched-ascii batched-sha384 two-pcrs; do
	try tpmbatch verify $list.list --pcrs $list.pcrs
done
try tpmbatch verify --quiet batched.list --pcrs batched.pcrs
try tpmbatch verify two-pcrs.list --pcrs two-pcrs.pcrs -p 23
try_sh 'tpmbatch verify - --pcrs batched.pcrs <batched.list'
# One bank that both have is enough.
sed '/sha1:/,/sha256:/{/sha256:/!d}' batched.pcrs >sha256.pcrs
try tpmbatch verify batched.list --pcrs sha256.pcrs

# 1: the PCR is right, and the list is not.
for list in forged-member forged-file bad-count batch-of-one nested; do
	try tpmbatch verify $list.list --pcrs $list.pcrs
	try tpmbatch verify $list.list
done

# 1: the PCR is another.
try tpmbatch verify batched.list --pcrs two-pcrs.pcrs -p 10
sed 's/: 0x../: 0x00/' batched.pcrs >other.pcrs
try tpmbatch verify batched.list --pcrs other.pcrs
sed '/sha256:/,$s/: 0x../: 0x00/' batched.pcrs >half.pcrs
try tpmbatch verify batched.list --pcrs half.pcrs
sed 's/0x.*/0x0/;s/0x0/0x0000000000000000000000000000000000000000/;/sha256/,$d' batched.pcrs >reset.pcrs
try tpmbatch verify batched.list --pcrs reset.pcrs
# More in the list than in the PCR: where they part.
cat batched.list batched.list >longer.list
try tpmbatch verify longer.list --pcrs batched.pcrs
try_sh 'tpmbatch verify - --pcrs batched.pcrs <longer.list'
# Less in the list, at a record's end and inside one.
head -c 101 batched.list >shorter.list
try tpmbatch verify shorter.list --pcrs batched.pcrs
head -c 200 batched.list >torn.list
try tpmbatch verify torn.list --pcrs batched.pcrs
try tpmbatch verify torn.list
# A torn tail is damage, though the records before it give the PCR.
{ cat batched.list && head -c 50 batched.list; } >tail.list
try tpmbatch verify tail.list --pcrs batched.pcrs

# 2: it could not tell. A template's name is in no digest; a name made up, or one of a later kernel.
try tpmbatch verify kinds.list --pcrs kinds.pcrs
cp batched.list renamed.list
printf ima-nf | dd of=renamed.list bs=1 seek=28 conv=notrunc status=none
try tpmbatch verify renamed.list --pcrs batched.pcrs
try tpmbatch verify batched.list
try tpmbatch verify nonexistent.list --pcrs batched.pcrs
try tpmbatch verify . --pcrs batched.pcrs
try tpmbatch verify /dev/null --pcrs batched.pcrs
try tpmbatch verify batched.pcrs --pcrs batched.pcrs
try tpmbatch verify batched.list --pcrs nonexistent.pcrs
try tpmbatch verify batched.list --pcrs batched.list
try tpmbatch verify batched.list --pcrs .
try tpmbatch verify batched.list --pcrs batched.pcrs -p 11
try tpmbatch verify two-pcrs.list --pcrs batched.pcrs
try tpmbatch verify batched.list -T device:/nonexistent
try tpmbatch verify batched.list -T nonsense:
printf '  sha3_256:\n    10: 0x00\n' >unknown.pcrs
try tpmbatch verify batched.list --pcrs unknown.pcrs
try_sh 'tpmbatch verify batched.list --pcrs batched.pcrs >/dev/full'
