# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=bash
# What IMA can measure besides files, and what its policies can ask for; suspend.
# Sourced by tests/kernel/run, whose names these functions use.
# shellcheck disable=SC2154

# Every kind of measurement, three PCRs, four templates.
all_policy="$mixed_policy;measure,func=KEY_CHECK,pcr=12"
all_policy+=';measure,func=CRITICAL_DATA,label=device-mapper,pcr=11'

# compare_sets NAME WHAT: the run NAME-on has the measurements of NAME-base
compare_sets() {
	local said

	if said=$("$here/compare-measurements" "$runs/$1-base" "$runs/$1-on" 2>&1); then
		row "$2: measurements of unpatched and batched" "the same" "$said"
	else
		fail "$2: measurements of unpatched and batched" "$said"
	fi
}

# causes NAME CAUSE: how often appraisal denied for that reason
causes() {
	grep -ac "op=appraise_data cause=$2 " "$runs/$1/console" || true
}

# appraised NAME FILES POLICY boot's options...: unpatched and batched; a quarter is denied
appraised() {
	local name=$1 files=$2 policy=$3 kernel

	shift 3
	for kernel in base on; do
		boot_verify "$name-$kernel" "$kernel" "$files" --exec-us "$exec_us" --give "$runs/given-$name" \
			TPMB_TASKS=32 TPMB_DENY=1 "TPMB_POLICY=$policy" "$@" || return
		if (($(value "$name-$kernel" denied) == files / 4 && $(value "$name-$kernel" failures) == 0)); then
			row "$files files, a quarter denied: $kernel" "$(value "$name-$kernel" seconds) s" \
				"$(<"$runs/$name-$kernel/verified"); no signature $(causes "$name-$kernel" \
					IMA-signature-required), wrong signature $(causes "$name-$kernel" invalid-signature)"
		else
			fail "denied: $kernel" "$(<"$runs/$name-$kernel/results")"
		fi
	done
	compare_sets "$name" "$name"
}

scenario_signed() {
	local files=800

	[[ ! $quick ]] || files=160
	"$here/given" "$runs/given-signed" signatures "$files"
	appraised signed "$files" "$read_policy,template=ima-sig;appraise,func=FILE_CHECK,mask=MAY_READ,fsname=tmpfs,fowner=1000,appraise_type=imasig" \
		TPMB_SIGNED=1
}

scenario_modsig() {
	local files=400

	[[ ! $quick ]] || files=80
	"$here/given" "$runs/given-modsig" modules "$files" "$version"
	appraised modsig "$files" 'measure,func=MODULE_CHECK,template=ima-modsig;appraise,func=MODULE_CHECK,appraise_type=imasig|modsig' \
		TPMB_USE=module
}

# Keys and critical data are ima-buf; in pairs, so that everything is measured twice at once.
scenario_kinds() {
	local files=1500 kernel

	[[ ! $quick ]] || files=150
	"$here/given" "$runs/given-keys" keys 0
	for kernel in base on; do
		boot_verify "kinds-$kernel" "$kernel" "$files" --exec-us "$exec_us" --give "$runs/given-keys" \
			TPMB_TASKS=32 TPMB_TWICE=1 TPMB_USE=all TPMB_EVENTS=1 "TPMB_POLICY=$all_policy" || return
		if (($(value "kinds-$kernel" failures) == 0)); then
			row "files, keys, devices, violations, twice: $kernel" "$(value "kinds-$kernel" seconds) s" \
				"$(<"$runs/kinds-$kernel/verified")"
		else
			fail "files, keys, devices, violations, twice: $kernel" "$(<"$runs/kinds-$kernel/results")"
		fi
	done
	(($(value kinds-on exists) > 0)) || fail "duplicates" "none met another: nothing was tested"
	row "batched: worst wait, duplicates" "$(value kinds-on exists)" "$(worst_wait kinds-on)"
	compare_sets kinds kinds
}

scenario_suspend() {
	local files=12000 kernel some said real

	[[ ! $quick ]] || files=6000
	for kernel in base on; do
		some=$files
		[[ $kernel == on ]] || some=$((files / 8)) # takes longer, without batches
		boot_verify "suspend-$kernel" "$kernel" "$some" --exec-us "$exec_us" --memory 2048 --serial \
			TPMB_TASKS=64 TPMB_SUSPEND=freezer,devices,platform,mem "TPMB_POLICY=$read_policy" || return
		real=$(grep -ac 'Low-level resume complete' "$runs/suspend-$kernel/console" || true)
		if (($(value "suspend-$kernel" suspends) > 0 && $(value "suspend-$kernel" failures) == 0)); then
			row "suspended under load: $kernel" "$(value "suspend-$kernel" suspends) times" \
				"$real to RAM (S3), the others pm_test; $(<"$runs/suspend-$kernel/verified")"
		else
			fail "suspended under load: $kernel" "$(<"$runs/suspend-$kernel/results")"
		fi
	done
	if said=$("$here/check-suspend" "$runs/suspend-on/trace" 2>&1); then
		row "flushed before tasks are frozen" "yes" "$said"
	else
		fail "flushed before tasks are frozen" "$said"
	fi
}

# check_waits NAME LIMIT: no caller of the run waited for more than LIMIT extends
#
# The kernel counts the extends that end from when a caller comes to when its own
# has ended. Where a caller, or the emulated CPU below it, is put aside before it is in
# the queue, that is one too many; seen with 1 of 5,500. One in a thousand is let pass.
check_waits() {
	local seen

	seen=$(awk -v limit="$2" '/^wait_extends/ { all += $3; if ($2 + 0 > limit) over += $3
			if ($2 + 0 > limit + 1) far += $3 }
		END { printf "%d of %d", over, all; exit !(all && over <= all / 1000 && !far) }' "$runs/$1/batch") && {
		row "callers that waited for more than $2 extends" "$seen" "$(worst_wait "$1")"
		return
	}
	fail "callers that waited for more than $2 extends" "$seen; $(worst_wait "$1")"
}

# Everything that can be queued fits one record: nobody waits for more than two extends.
scenario_waits() {
	local files=5500

	[[ ! $quick ]] || files=600
	boot_verify waits on $files --append "ima_batch=on ima_batch_max=65536" --exec-us "$exec_us" TPMB_TASKS=64 \
		"TPMB_POLICY=$read_policy" || return
	check_waits waits 2
}
