# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# The list of a boot is kept whole, or the one before it stays; and the next boot opens its files,
# below a root that is none yet.
. "$here/premeasure-lib.sh"
PATH=$here/../../tools/systemd:$PATH
fake_kernel
mkdir tree
echo a >tree/a
echo b >'tree/b c'
tpmbatch measure -q -j1 -l one.list tree

cp one.list "$ima/binary_runtime_measurements"
try keep-list kept
cmp one.list kept
stat -c %a kept
: >"$ima/binary_runtime_measurements"
try keep-list kept
cmp one.list kept
rm "$ima/binary_runtime_measurements"
try_sh "keep-list kept 2>/dev/null"
cmp one.list kept
try_sh "keep-list 2>/dev/null"
ls kept*

try_sh 'tpmbatch premeasure --background --from-list=kept 2>&1 | grep ^opened'
try tpmbatch premeasure --root=nonexistent /a

# The list's names are those below the new root.
if [ "$(id -u)" = 0 ] && unshare -m true 2>/dev/null; then
	mkdir -p root/deep/er elsewhere
	echo x >root/deep/er/file
	ln -s /deep/er root/link
	cat >mounts <<-'END'
		mount -t tmpfs tmpfs elsewhere && cp -r root/. elsewhere || exit 9
		tpmbatch premeasure -v --root=elsewhere /link /deep/er/file /elsewhere 2>&1 |
			grep -e ^opened -e elsewhere
		tpmbatch premeasure --root=elsewhere/deep /er
		[ -d elsewhere/deep ] || echo "the caller has another root, too"
	END
	unshare -m sh mounts >new-root 2>&1
	diff - new-root <<-END || fail "a new root"
		tpmbatch: /elsewhere: No such file or directory
		opened        2, 0 of them mapped executable
		tpmbatch: elsewhere/deep: cannot become the root: moving it to / (is it a mount point?): Invalid argument
	END
fi
