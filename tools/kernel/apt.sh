# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=bash
# Packages of this and the next Debian release, through lists and a state of
# apt's in the cache: /etc/apt and apt's own state are not touched, and root is
# not needed. Sourced after common.sh, never run.
# shellcheck disable=SC2154

apt=$cache/apt

# Mirror of Debian or of Debian's security archive, as this machine has it.
mirror() {
	# shellcheck disable=SC2016 # apt-get's own notation
	apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Origin: Debian' \
		"Label: $1" | head -n 1
}

# Options by a file of their own: apt's configuration of the machine (proxy,
# authentication) stays in force.
private_apt() {
	apt-get -q -o Dir::Etc::SourceList="$apt/etc/sources.list" -o Dir::Etc::SourceParts=- \
		-o Dir::State::Lists="$apt/lists" -o Dir::Cache="$apt" \
		-o Dir::Cache::Archives="$apt/archives" -o APT::Sandbox::User= \
		-o APT::Get::List-Cleanup=true -o Acquire::Languages=none "$@"
}

# source_line deb|deb-src MIRROR SUITE: a line of a sources.list
source_line() {
	echo "$1 [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $2 $3 main"
}

# Fetches the lists of the releases that kernels come from, or of what LINEs of a
# sources.list name.
update_lists() {
	local main security suite

	mkdir -p "$apt"/{lists/partial,archives/partial,etc}
	main=$(mirror Debian)
	security=$(mirror Debian-Security)
	[[ $main ]] || unavailable "apt knows no Debian mirror on this machine; run apt-get update, or give the other" \
		"scripts a tree of your own with --tree"
	if (($#)); then
		printf '%s\n' "$@"
	else
		for suite in bookworm bookworm-updates trixie trixie-updates trixie-backports; do
			source_line deb "$main" "$suite"
		done
		[[ -z $security ]] || for suite in bookworm-security trixie-security; do
			source_line deb "$security" "$suite"
		done
	fi >"$apt/etc/sources.list"
	say "reading package lists"
	private_apt update >"$apt/update.log" 2>&1 || {
		tail -n 5 "$apt/update.log" >&2
		unavailable "apt-get update failed, see $apt/update.log"
	}
}
