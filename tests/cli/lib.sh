# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# What the cases of the command line tests share; "run" reads it first.

# Runs a command and prints it, its standard output, its standard error behind
# "! ", and its exit status.
try() {
	echo "\$ $*"
	status=0
	"$@" >stdout 2>stderr || status=$?
	cat stdout
	sed 's/^/! /' stderr
	echo "-> $status"
}

# The same for a line of shell.
try_sh() {
	echo "\$ $1"
	status=0
	sh -c "$1" >stdout 2>stderr || status=$?
	cat stdout
	sed 's/^/! /' stderr
	echo "-> $status"
}

fail() {
	echo "FAILED: $*"
	exit 1
}

skip() {
	echo "skipped: $*"
	exit 77
}

# The number behind NAME in a summary or in the output of stats.
number() {
	sed -n "s/^$2  *\([0-9][0-9]*\).*/\1/p" "$1"
}

# Values in YAML to evmctl's form, one file a bank: PREFIX.sha1, ...
pcrs_for_evmctl() {
	awk -v prefix="$2" '
		/^  [a-z]/ { sub(":", "", $1); bank = $1; next }
		{
			sub(":", " ")
			value = substr($2, 3)
			line = sprintf("PCR-%02d:", $1)
			for (i = 1; i < length(value); i += 2)
				line = line " " substr(value, i, 2)
			print line > (prefix "." bank)
		}' "$1"
}
