# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# A bar on a terminal, none in a pipe, and messages in between stay whole.
command -v script >/dev/null || skip "no script (bsdutils)"
mkdir -p tree/1 tree/2 tree/3
for folder in 1 2 3; do
	echo $folder >tree/$folder/slow
done
echo x >tree/2/vanishing
command="LD_PRELOAD=$MEDDLE tpmbatch measure -j1 tree"
script -qec "stty cols 80; $command" /dev/null >terminal || true
# Each drawing begins with a carriage return and erases what was there.
tr '\r' '\n' <terminal >lines
grep -q '^.\[K\[#*\.*\] .* of 4, ' lines || fail "no bar: $(cat -v terminal)"
grep -q '^.\[Ktpmbatch: .*vanishing: not measured: it has vanished' lines || fail "$(cat -v terminal)"
grep -q '^measurements  3' lines || grep -q '^.\[Kmeasurements  3' lines || fail "$(cat -v terminal)"
grep '^.\[K\[' lines | awk 'length > 79 + 3 { exit 1 }' || fail "a bar wider than the terminal"

echo x >tree/2/vanishing
sh -c "$command" 2>pipe || true
! grep -q '\[' pipe || fail "a bar in a pipe: $(cat -v pipe)"
echo x >tree/2/vanishing
script -qec "$command -q" /dev/null >quiet || true
! grep -q '#' quiet || fail "a bar although --quiet"
echo "all is well"
