# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# The JSON is JSON, whole and broken lists alike, and says what the list says.
command -v python3 >/dev/null || skip "no python3"
head -c 150 "$lists/batched.list" >torn
for list in "$lists"/*.list torn /dev/null; do
	tpmbatch show --json "$list" >json 2>/dev/null || true
	python3 -c '
import json, sys
text = open("json", "rb").read().decode("utf-8", errors="strict")
records = json.loads(text)
members = [m for r in records for m in r.get("members", [r])]
print(sys.argv[1].split("/")[-1], len(records), len(members))
for m in members:
    fields = m.get("fields", {})
    if "n-ng_hex" in fields:
        print("  ", bytes.fromhex(fields["n-ng_hex"]))
    elif not fields.get("n-ng", "/").isprintable():
        print("  ", ascii(fields["n-ng"]))
' "$list"
done
