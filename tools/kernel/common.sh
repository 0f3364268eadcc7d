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

series_dir() {
	echo "$repo/patches/linux-$1"
}
