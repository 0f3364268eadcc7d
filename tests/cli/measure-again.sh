# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Going on with a list on a TPM that keeps its state, and what opening refuses.
mkdir tree state
echo a >tree/a
echo b >tree/b
export T=libtpms:state

try tpmbatch measure -q -j1 -T $T -l list tree
echo c >tree/c
try_sh 'tpmbatch measure -j1 -T $T -l list tree 2>&1 | sed -n 1,5p'
try tpmbatch verify list -T $T
try_sh 'tpmbatch stats list | head -1'

# A torn record of a process that was killed is cut; a whole one is extended.
cp list whole
head -c 40 whole >>list
echo d >tree/d
try tpmbatch measure -q -j1 -T $T -l list tree | sed 's/offset [0-9]*/offset N/'
try tpmbatch verify -q list -T $T

# A second list cannot explain what the first has extended.
try_sh 'tpmbatch measure -q -T $T -l second tree 2>&1 | sed "s/[0-9a-f]\{40\}/HASH/g"'
# With the PCR reset it can; but a list that holds records is not made worthless so.
try tpmbatch measure -q -T $T --reset-pcr -l list tree
try tpmbatch measure -q -T $T --reset-pcr -p 7 -l seven tree
cp -r state state2
try tpmbatch measure -q -j1 -T libtpms:state2 --reset-pcr -l second tree
try tpmbatch verify second -T libtpms:state2
# Neither can a list that is older, or a fresh TPM.
try_sh 'tpmbatch measure -q -T $T -l whole tree 2>&1 | sed "s/[0-9a-f]\{40\}/HASH/g"'
try tpmbatch measure -q -l list tree
mkdir fresh
try tpmbatch measure -q -T libtpms:fresh -l list tree
try_sh 'tpmbatch verify list -T libtpms:fresh 2>&1 | sed "s/[0-9a-f]\{40,\}/HASH/g"'
