# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
try tpmbatch stats "$lists/kinds.list"
try tpmbatch stats "$lists/batched-ascii.list"
try tpmbatch stats "$lists/two-pcrs.list"
try tpmbatch stats "$lists/legacy.list"
try tpmbatch stats /dev/null
try tpmbatch stats "$lists/nested.list"
try tpmbatch stats "$lists/bad-count.list"
head -c 150 "$lists/batched.list" >torn
try tpmbatch stats torn
try tpmbatch stats /nonexistent
try tpmbatch stats .
