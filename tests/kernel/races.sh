#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# races.sh
#
# Which of KCSAN's reports tests/kernel/races takes for IMA's and the TPM drivers'.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
command -v cc >/dev/null && command -v nm >/dev/null || { echo "no compiler"; exit 77; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
echo 'int ima_batch_commit(int n) { return n; } int tpm_transmit(int n) { return n; }' |
	cc -x c -c - -o "$work/ours.o"

# report TITLE STACK STACK: functions of a stack are words, innermost first
report() {
	local stack name kind="write"

	echo "[    1.000000] =================================================================="
	echo "[    1.000001] BUG: KCSAN: data-race in $1"
	shift
	for stack; do
		echo
		echo "[    1.000002] $kind to 0xff6f787a4023f620 of 8 bytes by task 69 on cpu 1:"
		for name in $stack; do
			echo "[    1.000003]  $name+0x1cc/0x5d0"
		done
		kind="read"
	done
	echo
	echo "[    1.000004] Reported by Kernel Concurrency Sanitizer on:"
	echo "[    1.000005] =================================================================="
}

# expect OURS OTHERS NAME: what the console in the standard input comes to
expect() {
	local said status=0

	cat >"$work/console"
	said=$("$here/races" "$work/console" "$work/ours.o") || status=$?
	[[ $(tail -n 1 <<<"$said") == "$1 of IMA or the TPM drivers, $2 others" && $status == $(($1 > 0)) ]] ||
		{ echo "$3: exit $status, $said"; exit 1; }
}

expect 0 0 "a quiet console" <<<"[    0.1] nothing"
report 'ima_batch_commit / ima_batch_commit' 'ima_batch_commit.isra.0 vfs_read' 'ima_batch_commit vfs_read' |
	expect 1 0 "an access of ours"
report 'memcpy / other' 'memcpy crypto_update ima_batch_commit' 'other vfs_read' |
	expect 1 0 "an access by what we call"
report 'other / tpm_transmit' 'other vfs_read' 'tpm_transmit ima_batch_commit' |
	expect 1 0 "one of two accesses"
report 'ima_batch_commit' 'ima_batch_commit vfs_read' |
	expect 1 0 "one stack only"
report 'ticks / other' 'ticks asm_sysvec_apic_timer_interrupt ima_batch_commit' 'other vfs_read' |
	expect 0 1 "what an interrupt came upon"
report 'ima_batch_commit / other' 'ima_batch_commit asm_sysvec_apic_timer_interrupt vfs_read' 'other' |
	expect 1 0 "an access of ours in an interrupt"
report 'hrtimer_wakeup / schedule_hrtimeout_range_clock' 'hrtimer_wakeup __hrtimer_run_queues' \
	'schedule_hrtimeout_range_clock usleep_range_state tpm_transmit ima_batch_commit' |
	expect 0 1 "a timer's own books"
report '__mutex_lock / __mutex_unlock_slowpath' '__mutex_lock.constprop.0 ima_batch_commit' \
	'__mutex_unlock_slowpath.constprop.0 tpm_transmit' |
	expect 0 1 "a lock's own books"
report 'other / tpm_transmit' 'schedule usleep_range_state tpm_transmit' 'tpm_transmit ima_batch_commit' |
	expect 1 0 "a sleep against an access of ours"
{
	report 'a / b' 'a vfs_read' 'b vfs_read'
	report 'c / ima_batch_commit' 'c' 'ima_batch_commit'
	report 'a / b' 'a vfs_read' 'b vfs_read'
} | expect 1 2 "several"
echo "OK"
