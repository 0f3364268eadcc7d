# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=bash
# What the scripts of tools/kernel share. Sourced, never run.

set -euo pipefail

kernel_tools=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# Names of this file's are used by the scripts that source it.
# shellcheck disable=SC2034
repo=$(cd "$kernel_tools/../.." && pwd)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/tpmbatch
# shellcheck disable=SC2034
versions="6.1 6.12 7.3"

die() {
	echo "${0##*/}: $*" >&2
	exit 1
}

# What has to come from elsewhere and cannot be had now: tools/test counts it as skipped.
unavailable() {
	echo "${0##*/}: $*" >&2
	exit 77
}

say() {
	echo "${0##*/}: $*" >&2
}

# Prints the head comment of the script that calls, without its first two lines.
usage() {
	sed -n '3,/^$/{s/^# \{0,1\}//p}' "$0"
}

need() {
	local tool

	for tool in "$@"; do
		command -v "$tool" >/dev/null || die "$tool is missing; tools/kernel/README.md names the packages"
	done
}

check_version() {
	case $1 in
	6.1 | 6.12 | 7.3) ;;
	*) die "no series for version '$1'; there are: $versions" ;;
	esac
}

# The version, X.Y, of a kernel tree: 6.12.117 has the series of 6.12.
tree_version() {
	local makefile=$1/Makefile

	[[ -f $makefile && -d $1/security/integrity/ima ]] ||
		die "$1 is not a kernel source tree: no Makefile or no security/integrity/ima"
	sed -n 's/^VERSION = //p; s/^PATCHLEVEL = //p' "$makefile" | paste -sd. -
}

version_tree() {
	echo "$cache/linux-$1"
}

# Where the patches of $1 lie: IMA's, or with $2 = tpm the drivers'.
series_dir() {
	echo "$repo/patches/linux-$1$([[ ${2-ima} == ima ]] || echo "/$2")"
}

# Paths of the patches of version $1, in the order in which they are applied. $2 is
# which: tpm, the drivers'; ima; or all, the drivers' before IMA's.
series_patches() {
	local part dir

	for part in tpm ima; do
		[[ ${2-all} == all || $2 == "$part" ]] || continue
		dir=$(series_dir "$1" "$part")
		[[ -f $dir/series ]] || die "no series in ${dir#"$repo"/}"
		sed -n "/^[^#]/s|^|$dir/|p" "$dir/series"
	done
}

# A commit on top of base with the patches of this checkout; no branch and no file of
# the tree is touched. The same patches make the same commit.
series_commit() {
	local tree index list id

	tree=$(version_tree "$1")
	list=$(series_patches "$1" "$2") || return
	index=$(mktemp)
	if GIT_INDEX_FILE=$index git -C "$tree" read-tree base &&
		GIT_INDEX_FILE=$index xargs -d '\n' git -C "$tree" apply --cached <<<"$list"; then
		id=$(GIT_INDEX_FILE=$index git -C "$tree" write-tree)
	fi
	rm -f "$index"
	[[ ${id-} ]] || die "the patches of $1 do not apply to $tree"
	GIT_AUTHOR_NAME=tpmbatch GIT_AUTHOR_EMAIL=tpmbatch@localhost GIT_AUTHOR_DATE='@0 +0000' \
		GIT_COMMITTER_NAME=tpmbatch GIT_COMMITTER_EMAIL=tpmbatch@localhost \
		GIT_COMMITTER_DATE='@0 +0000' git -C "$tree" commit-tree -p base -m "patches of $2" "$id"
}

check_part() {
	case $1 in
	tpm | ima | all) ;;
	*) die "no series named '$1'; there are tpm, ima, and all for both" ;;
	esac
}

# One kernel is built at a time on a machine; the lock goes with the script.
lock_builds() {
	mkdir -p "$cache"
	exec 9>"$cache/build.lock"
	flock -n 9 || {
		say "waiting for another kernel build"
		flock 9
	}
}

# make in $tree with objects in $out, the calling script's.
# shellcheck disable=SC2154
run_make() {
	local cc=gcc

	if command -v ccache >/dev/null; then
		cc="ccache gcc"
		# The objects do not depend on where tree and objects lie.
		export CCACHE_BASEDIR=$cache CCACHE_NOHASHDIR=1
	fi
	KBUILD_BUILD_TIMESTAMP=@0 KBUILD_BUILD_USER=tpmbatch KBUILD_BUILD_HOST=tpmbatch \
		nice -n 19 make -C "$tree" O="$out" CC="$cc" HOSTCC="$cc" -j"${JOBS:-$(nproc)}" -s "$@"
}

# Configures $out: tinyconfig and the fragments given. Anew only where what is
# wanted changed: a new .config rebuilds little, but not nothing.
configure_kernel() {
	cat "$@" >"$out/wanted.config"
	if ! cmp -s "$out/wanted.config" "$out/built.config" || [[ ! -f $out/.config ]]; then
		rm -f "$out/built.config"
		run_make tinyconfig >"$out/config.log" 2>&1 || die "tinyconfig failed, see $out/config.log"
		(cd "$out" && "$tree/scripts/kconfig/merge_config.sh" -m -O "$out" .config \
			"$out/wanted.config") >>"$out/config.log" 2>&1
		run_make olddefconfig >>"$out/config.log" 2>&1 ||
			die "olddefconfig failed, see $out/config.log"
		cp "$out/wanted.config" "$out/built.config"
	else
		run_make olddefconfig >>"$out/config.log" 2>&1 ||
			die "olddefconfig failed, see $out/config.log"
	fi
}

# What a kernel in order does not print.
# shellcheck disable=SC2034
bad_lines='BUG[: ]|WARNING:|possible recursive locking|possible circular locking|inconsistent lock state|suspicious RCU|possible irq lock|KASAN|KCSAN:|UBSAN|Oops|general protection|Kernel panic|Call Trace|blocked for more than|rcu:.*(stall|self-detected)|soft lockup|hard LOCKUP|scheduling while atomic|sleeping function called|unreferenced object|refcount_t:|not ok '

# start_swtpm FOLDER LOG [NAME=VALUE...]: a software TPM with its state in FOLDER and its control socket
# at FOLDER/swtpm, which ends when that is closed; its process in $swtpm. The settings are those
# of bench/tpmlib_delay.c; without any it is as fast as it can be.
start_swtpm() {
	local folder=$1 log=$2 rig=$cache/rig delay=${TPMB_DELAY_SOURCE:-$repo/bench/tpmlib_delay.c} preload shim=() i

	shift 2
	need swtpm gcc
	if (($#)); then
		[[ -f $delay ]] || die "$delay is missing"
		mkdir -p "$rig"
		# Named after its source: several checkouts may share the cache.
		preload=$rig/delay-$(sha256sum <"$delay" | head -c 16).so
		if [[ ! -f $preload ]]; then
			gcc -shared -fPIC -O2 -D_GNU_SOURCE -o "$preload.$$" "$delay" -ldl
			mv "$preload.$$" "$preload"
		fi
		shim=(env "LD_PRELOAD=$preload" "$@")
	fi
	mkdir -p "$folder/tpm"
	"${shim[@]}" swtpm socket --tpm2 --tpmstate "dir=$folder/tpm" \
		--ctrl "type=unixio,path=$folder/swtpm" --terminate >"$log" 2>&1 &
	# shellcheck disable=SC2034 # its callers end it
	swtpm=$!
	for ((i = 0; i < 100; i++)); do
		[[ ! -S $folder/swtpm ]] || return 0
		sleep 0.1
	done
	kill "$swtpm" 2>/dev/null || true
	die "swtpm did not start, see $log"
}
