# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=bash
# Kernels that look for bugs, and bugs for them to find. Sourced by
# tests/kernel/run, whose names these functions use.
# shellcheck disable=SC2154

# all_kinds NAME KERNEL FILES SECONDS [boot's options...]: whatever IMA measures, in pairs
all_kinds() {
	local name=$1 kernel=$2 files=$3 seconds=$4

	shift 4
	"$here/given" "$runs/given-keys" keys 0
	boot_verify "$name" "$kernel" "$files" --exec-us 1200 --memory 3072 --timeout 3000 \
		--give "$runs/given-keys" TPMB_TASKS=32 "TPMB_SECONDS=$seconds" TPMB_TWICE=1 TPMB_USE=all \
		TPMB_EVENTS=1 "TPMB_POLICY=$all_policy" "$@" -- --rounds 0
}

# has_all IMAGE CONFIG: is what the fragment switches on in the kernel's configuration?
has_all() {
	local missing

	missing=$(grep '^CONFIG.*=y$' "$kernel_tools/config/$2.config" | grep -vxFf "$1.config" | paste -sd' ')
	[[ ! $missing ]] || fail "$2 kernel" "cannot be had: $missing"
	[[ ! $missing ]]
}

# Every 100th access of a task is watched, not every 4,000th: an increment without a lock, planted
# in each measurement, was not seen in 600 of them and twice in 6,000 so.
watch_often=kcsan.skip_watch=100

# stress [boot's options...]: the kernel with config/SCENARIO.config, for ten minutes
stress() {
	local files=1500 seconds=600 failed

	[[ ! $quick ]] || files=100 seconds=1
	patched=$("$kernel_tools/build" "$version" --commit "$commit" --config "$scenario") || {
		fail "build" "no kernel"
		return 1
	}
	has_all "$patched" "$scenario" || return
	all_kinds "$scenario" on "$files" "$seconds" "$@" || return
	failed=$(awk '{ for (i = 1; i < NF; i++) if ($i == "failures") sum += $(i + 1) } END { print sum + 0 }' \
		"$runs/$scenario/results")
	((failed == 0)) || fail "uses that failed" "$failed"
	row "all kinds of measurements, $seconds s: rounds of $files" "$(grep -c '^round' "$runs/$scenario/results")" \
		"$(<"$runs/$scenario/verified")"
	row "duplicates that met, longest wait" "$(value "$scenario" exists)" "$(worst_wait "$scenario")"
}

# races NAME: do IMA and the TPM drivers have none? The kernel has some of its own.
races() {
	local objects

	mapfile -t objects < <(find "$cache/build/linux-$version-kcsan/"{security/integrity,drivers/char/tpm} -name '*.o')
	"$here/races" "$runs/$1/console" "${objects[@]}" >"$runs/$1/races"
}

scenario_debug() {
	stress
}

scenario_kcsan() {
	stress --append "$watch_often" --allow 'BUG: KCSAN' || return
	if races kcsan; then
		row "data races of IMA or the TPM drivers" "none" "$(tail -n 1 "$runs/kcsan/races")"
	else
		fail "data races" "$(tail -n 1 "$runs/kcsan/races"); $runs/kcsan/races"
	fi
}

# Sorts of bugs in planted-bugs.patch, and what the console has to say of each.
planted_bugs='
debug lock possible circular locking
debug sleep sleeping function called from invalid context
debug rcu suspicious RCU usage
debug free KASAN: slab-use-after-free
debug leak kmemleak found something
kcsan race KCSAN: data-race
'

scenario_planted() {
	local planted config bug says name files words

	planted=$(planted_commit) || {
		fail "planted-bugs.patch" "does not apply"
		return
	}
	while read -r config bug says; do
		[[ $config ]] || continue
		patched=$("$kernel_tools/build" "$version" --commit "$planted" --config "$config" \
			--as "linux-$version-$config-planted") || {
			fail "build" "no kernel"
			return
		}
		name=planted-$bug
		files=600
		words="ima_batch=on ima_batch_bug=$bug"
		if [[ $config == kcsan ]]; then
			files=6000
			words+=" $watch_often"
		fi
		# boot's verdict on the console, not that on the lists, is what is wanted.
		if "$kernel_tools/boot" --image "$patched" --out "$runs/$name" --append "$words" \
			--exec-us 1200 --memory 3072 --timeout 600 "TPMB_FILES=$files" TPMB_TASKS=32 TPMB_USE=mixed \
			"TPMB_POLICY=$mixed_policy" >"$runs/$name.boot" 2>&1; then
			fail "planted: $bug" "nobody noticed"
		elif [[ $config == kcsan ]] && races "$name"; then
			fail "planted: $bug" "not seen: $(tail -n 1 "$runs/$name/races")"
		elif grep -aq "$says" "$runs/$name.boot" "$runs/$name/console"; then
			row "planted: $bug" "noticed" "$(grep -hasm1 "$says" "$runs/$name/races" "$runs/$name.boot" "$runs/$name/console" |
				head -n 1 | sed 's/^\[[^]]*\] *//' | cut -c1-100)"
		else
			fail "planted: $bug" "something else: $(tail -n 1 "$runs/$name.boot" | cut -c1-120)"
		fi
	done <<<"$planted_bugs"
	planted_flush "$planted"
}

# A suspend that does not wait for what is under way.
planted_flush() {
	local said

	patched=$("$kernel_tools/build" "$version" --commit "$1" --as "linux-$version-planted") || {
		fail "build" "no kernel"
		return
	}
	boot_verify planted-flush on 10000 --append 'ima_batch=on ima_batch_bug=flush' --exec-us "$exec_us" \
		--memory 2048 TPMB_TASKS=64 TPMB_SUSPEND=freezer "TPMB_POLICY=$read_policy" || return
	if said=$("$here/check-suspend" "$runs/planted-flush/trace" 2>&1); then
		fail "planted: flush" "nobody noticed: $said"
	else
		row "planted: flush" "noticed" "$(cut -c1-110 <<<"$said")"
	fi
}

# The series and planted-bugs.patch as a commit, without touching the branch.
planted_commit() {
	local tree index

	tree=$(version_tree "$version")
	index=$(mktemp)
	GIT_INDEX_FILE=$index git -C "$tree" read-tree "$commit" &&
		GIT_INDEX_FILE=$index git -C "$tree" apply --cached "$here/planted-bugs.patch" &&
		git -C "$tree" -c user.name=tpmbatch -c user.email=tpmbatch@localhost commit-tree \
			-p "$commit" -m "Planted bugs" "$(GIT_INDEX_FILE=$index git -C "$tree" write-tree)"
	rm -f "$index"
}
