# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Standard output that is full, or closed, or whose reader has gone.
try_sh 'tpmbatch show "$lists/kinds.list" >/dev/full'
try_sh 'tpmbatch show --json "$lists/kinds.list" >/dev/full'
try_sh 'tpmbatch stats "$lists/kinds.list" >/dev/full'
try_sh 'tpmbatch show "$lists/kinds.list" >&-'
try_sh 'tpmbatch stats "$lists/kinds.list" >&-'
try_sh '{ sleep 0.2; tpmbatch show "$lists/kinds.list"; echo "status $?" >&2; } | :'
try_sh 'tpmbatch --version >/dev/full'
