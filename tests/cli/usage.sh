# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Arguments that are missing, unknown, or out of range; verify answers 2, the others 64.
try tpmbatch
try tpmbatch --help
try_sh 'tpmbatch --version | sed "s/ [0-9.]*$/ VERSION/"'
try tpmbatch nothing
try tpmbatch --nothing
for command in measure verify expand show stats premeasure; do
	try_sh "tpmbatch $command --help | head -2"
	try tpmbatch $command --nothing
	try tpmbatch $command
done
try tpmbatch measure -p 24 .
try tpmbatch measure -p -1 .
try tpmbatch measure -p 1x .
try tpmbatch measure -p 4294967312 .
try tpmbatch measure -j 0 .
try tpmbatch measure -j 1025 .
try tpmbatch measure --batch-max 1048577 .
try tpmbatch measure -l a -l b .
try tpmbatch verify a b
try tpmbatch verify -p 99 a
try tpmbatch verify a --pcrs b -T c
try tpmbatch expand a
try tpmbatch show a b
try tpmbatch premeasure -j 1025 .
try tpmbatch premeasure --how=write .
try tpmbatch premeasure --max-size=-1 .
try tpmbatch premeasure --package= .
try tpmbatch premeasure --root=a --root=b .
