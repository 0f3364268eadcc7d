# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Without the right to read a file, to enter a folder, or to write into one.
if [ "$(id -u)" = 0 ]; then
	command -v setpriv >/dev/null || skip "root may everything, and there is no setpriv"
	nobody() { setpriv --reuid=65534 --regid=65534 --clear-groups "$@"; }
	chmod 755 .. ../bin
	nobody tpmbatch --version >/dev/null 2>&1 || skip "nobody may not run the tool from here"
	chmod 777 .
else
	nobody() { "$@"; }
fi
mkdir -p tree/closed read-only
echo a >tree/a
echo b >tree/b
echo c >tree/closed/c
chmod 0 tree/b tree/closed
chmod 555 read-only
try nobody tpmbatch measure -q -j1 -l list tree
try_sh 'tpmbatch stats list | head -1'
try nobody tpmbatch measure -q -l read-only/list tree/a
try nobody tpmbatch measure -q --dump-pcrs read-only/pcrs tree/a
try nobody tpmbatch verify tree/b --pcrs tree/a
try nobody tpmbatch expand list -o read-only/new
chmod 755 tree/closed read-only
