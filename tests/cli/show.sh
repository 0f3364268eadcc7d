# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Every template, for people and as JSON, in both byte orders and forms.
try tpmbatch show "$lists/kinds.list"
try tpmbatch show --json "$lists/kinds.list"
try tpmbatch show "$lists/kinds-be-sha256.list"
try tpmbatch show "$lists/legacy.list"
try tpmbatch show --json "$lists/legacy.list"

# The ASCII form holds the same records; only offsets differ.
tpmbatch show "$lists/batched.list" >binary
tpmbatch show "$lists/batched-ascii.list" >ascii
cmp binary ascii
tpmbatch show - <"$lists/batched.list" | cmp - binary

# In a UTF-8 locale what is printable stays readable, and what is not does not.
try_sh 'LC_ALL=C.UTF-8 tpmbatch show "$lists/kinds.list" | cut -d" " -f7 | sed -n 2,4p'
try_sh 'LC_ALL=C.UTF-8 tpmbatch show "$lists/kinds.list" | LC_ALL=C grep -c "[[:cntrl:]]"'

# What is damaged is shown for what it is.
try tpmbatch show "$lists/forged-member.list"
try tpmbatch show --json "$lists/forged-file.list"
try tpmbatch show "$lists/bad-count.list"
try tpmbatch show --json "$lists/bad-count.list"
head -c 150 "$lists/batched.list" >torn
try tpmbatch show torn
try tpmbatch show --json torn
try tpmbatch show --json /dev/null
