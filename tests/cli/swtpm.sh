# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Through a TCTI: a TPM of another process, which may also go away.
command -v swtpm >/dev/null || skip "no swtpm"
command -v tpm2_pcrread >/dev/null || skip "no tpm2-tools"
# Not those of tests/swtpm.sh, and below those that the kernel hands out.
port=$((14000 + $$ % 3000 * 2))
mkdir state tree
swtpm socket --tpm2 --tpmstate dir=state --flags startup-clear,not-need-init \
	--server type=tcp,port=$port --ctrl type=tcp,port=$((port + 1)) >swtpm.log 2>&1 &
swtpm=$!
trap 'kill $swtpm 2>/dev/null || true' EXIT
export T=swtpm:host=localhost,port=$port
for i in 1 2 3 4 5 6 7 8 9 10; do
	tpm2_pcrread -T $T sha1:16 >/dev/null 2>&1 && break
	sleep 0.1
done
i=0
while [ $i -lt 400 ]; do
	echo $i >tree/file-$i
	i=$((i + 1))
done

tpmbatch measure -T $T -l list tree 2>summary || fail "$(cat summary)"
tpmbatch stats list >stats
[ "$(number stats measurements)" = 400 ] || fail "$(cat stats)"
[ "$(number stats batches)" -gt 0 ] || fail "32 tasks never shared a record"
[ "$(number summary extends)" = "$(number stats records)" ] || fail "$(cat summary)"
tpmbatch verify -q list -T $T
# What tpm2_pcrread prints is what --pcrs reads, and what --dump-pcrs writes.
tpm2_pcrread -T $T >pcrs
tpmbatch verify -q list --pcrs pcrs
tpmbatch measure -q -T $T -l list --dump-pcrs dumped tree
diff pcrs dumped

# PCR 16 is taken: another list begins with its reset.
! tpmbatch measure -q -T $T -l fresh tree 2>/dev/null || fail "a list that cannot explain the PCR"
tpmbatch measure -q -T $T --reset-pcr -l fresh tree
tpmbatch verify -q fresh -T $T

# A TPM that may be the machine's own: its PCRs 0 to 15 are protected.
real="cmd:tpm2_send -T $T"
try tpmbatch measure -q -T "$real" -p 7 -l seven tree | sed "s/port=$port/port=PORT/g"
try tpmbatch measure -q -T "$real" -p 7 --force -l seven tree/file-1 | sed "s/port=$port/port=PORT/g"
tpmbatch verify -q seven -T $T

# The TPM goes away: an error for those who wait, and nothing is lost but what was under way.
kill $swtpm
wait $swtpm 2>/dev/null || true
try tpmbatch verify list -T $T | sed "s/port=$port/port=PORT/g; s/tpm2-tss says .*/tpm2-tss says .../"
