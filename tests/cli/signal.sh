# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Ctrl-C: the measurements under way are finished, and the list is whole.
mkdir -p tree/1 tree/2 tree/3 tree/4
for folder in 1 2 3 4; do
	echo $folder >tree/$folder/slow
done
status=0
# A shell lets its background commands ignore Ctrl-C.
env --default-signal=INT LD_PRELOAD="$MEDDLE" tpmbatch measure -j1 -l list \
	--dump-pcrs pcrs tree 2>errors &
tries=0
until [ -s list ]; do
	tries=$((tries + 1))
	[ $tries -lt 300 ] || fail "nothing was measured in 30 s"
	sleep 0.1
done
kill -INT $!
wait $! || status=$?
[ $status = 130 ] || fail "status $status: $(cat errors)"
grep -q 'stopped: Interrupt' errors || fail "$(cat errors)"
tpmbatch verify -q list --pcrs pcrs
tpmbatch stats list >stats
records=$(number stats records)
[ "$records" -ge 1 ] && [ "$records" -lt 4 ] || fail "$(cat stats)"
echo "all is well"
