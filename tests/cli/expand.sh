# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Members become records, everything else stays, and nothing is lost on the way.
cp "$lists"/*.list "$lists"/*.pcrs .

for list in batched batched-ascii batched-sha384; do
	try tpmbatch expand $list.list -o $list.new
	try tpmbatch show $list.new
	# Each record belongs to its digest, and the list no longer to the PCR.
	try_sh "tpmbatch verify --quiet $list.new"
	try_sh "tpmbatch verify --quiet $list.new --pcrs $list.pcrs 2>&1 | wc -l"
	try_sh "tpmbatch stats $list.new | sed -n 1,3p"
done
# Without batches it is the same, byte for byte.
for list in kinds-be-sha256 legacy; do
	try tpmbatch expand $list.list -o $list.new
	cmp $list.list $list.new
done
# Expanding what is expanded changes nothing; nor does a pipe.
tpmbatch expand batched.new -o again 2>/dev/null
cmp batched.new again
tpmbatch expand - -o - <batched.list 2>/dev/null | cmp - batched.new
tpmbatch expand kinds.list -o kinds.new 2>/dev/null
tpmbatch show kinds.list | sed -n 's/^ *[0-9.]* \(PCR 10 sha1:[0-9a-f]* \)*//p' | grep -v ^ima-batch >before
tpmbatch show kinds.new | sed -n 's/^ *[0-9.]* \(PCR 10 sha1:[0-9a-f]* \)*//p' >after
cmp before after

# A forgery is not made to look sound.
echo untouched >target
for list in forged-member bad-count nested; do
	try tpmbatch expand $list.list -o target
done
head -c 200 batched.list >torn
try tpmbatch expand torn -o target
try cat target

# Where it writes, and where it does not.
try tpmbatch expand batched.list -o batched.list
ln -s batched.list link
try tpmbatch expand batched.list -o link
ln batched.list hard
try tpmbatch expand batched.list -o hard
try_sh 'tpmbatch expand batched.list -o - >>batched.list'
cmp batched.list "$lists/batched.list"
ln -s target to-target
tpmbatch expand batched.list -o to-target 2>/dev/null
cmp target batched.new
test -L to-target
try tpmbatch expand batched.list -o /dev/null
test -c /dev/null
try tpmbatch expand batched.list -o /dev/full
try_sh 'tpmbatch expand batched.list -o - >/dev/full'
try tpmbatch expand batched.list -o .
try tpmbatch expand batched.list -o nonexistent/new
try tpmbatch expand nonexistent -o new
try tpmbatch expand . -o new
try_sh 'ls new *.?????? 2>/dev/null'
