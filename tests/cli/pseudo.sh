# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# File systems that show the kernel's state, mounted below what is measured.
mkdir -p tree/kernel tree/memory
echo a >tree/a
cat >mounts <<'END'
mount -t sysfs sysfs tree/kernel 2>/dev/null || mount --rbind /sys tree/kernel || exit 9
mount -t tmpfs tmpfs tree/memory || exit 9
echo b >tree/memory/b
tpmbatch measure -q -j1 -l list tree || exit 1
tpmbatch measure -q -j1 -l named tree/kernel/kernel/fscaps tree/a || exit 1
END
status=0
unshare $([ "$(id -u)" = 0 ] || echo -r) -m sh mounts >errors 2>&1 || status=$?
[ $status = 0 ] || [ $status = 1 ] || skip "nothing can be mounted here: $(cat errors)"
cat errors
tpmbatch show list | cut -d' ' -f5-
tpmbatch show named | cut -d' ' -f5-
