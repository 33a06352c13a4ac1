#!/usr/bin/env bash
# SQLite 3.54.1: an UPDATE of one small column writes the whole row again, a large blob in its last column included, unless the new
# row is exactly as long as the old one: then it writes one page.
#
# A row that does not fit a page goes on in a chain of overflow pages. Where the length of the row changes (a NULL that becomes
# an instant, a count that needs a byte more, a longer word), the chain is freed and written again, page by page, into the log
# and later into the file. Where it stays the same ('pending' and 'applied' both have seven letters), SQLite compares page by page
# and writes those that differ. So marking a webhook of 4 MB as done costs 4 MB of log or 4 kB, by what else changes with the
# mark: here a time that was NULL before. Declaring the blob last saves reading, and not writing.
#
# Whom it matters to: those who keep an inbox or a queue in SQLite with the payload in the row whose state changes. A table of its
# own for large payloads, payloads that are compressed, or columns that have their final length from the start (a time of
# twenty-four zeros instead of NULL) save half of all that is written.
#
# Needs python3 (3.10 to 3.13) with venv and pip. Ends with 0 when it still is as described.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip --disable-pip-version-check install --quiet --only-binary=:all: apsw==3.54.1.0 >pip.log 2>&1 || {
    cat pip.log
    exit 2
}

cat >probe.py <<'PY'
import os
import sys

import apsw

SIZE = 4 << 20
CASES = [
    ("a word of the same length", "state = 'applied'"),
    ("a word and a time that was NULL", "state = 'applied', applied_at = '2026-12-01T10:00:00.000Z'"),
    ("a number that takes as many bytes", "attempts = 101"),
    ("a number that takes one byte more", "attempts = 1000"),
]

print("SQLite", apsw.sqlite_lib_version())
print("expected: a small change writes a few pages, whatever is in the columns that it does not name")
written = []
for name, change in CASES:
    for suffix in ["", "-wal", "-shm"]:
        if os.path.exists("probe.sqlite" + suffix):
            os.remove("probe.sqlite" + suffix)
    database = apsw.Connection("probe.sqlite")
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("PRAGMA wal_autocheckpoint = 0")
    database.execute(
        "CREATE TABLE inbox (id INTEGER PRIMARY KEY, state TEXT, applied_at TEXT, attempts INTEGER, body BLOB)")
    database.execute("INSERT INTO inbox VALUES (1, 'pending', NULL, 100, ?)", (os.urandom(SIZE),))
    before = os.path.getsize("probe.sqlite-wal")
    database.execute(f"UPDATE inbox SET {change} WHERE id = 1")
    written.append(os.path.getsize("probe.sqlite-wal") - before)
    print(f"seen: {name}: {written[-1]:,} bytes of log")
    database.close()
same, longer, number, wider = written
as_recorded = same < 20_000 and number < 20_000 and longer > SIZE and wider > SIZE
print("as recorded" if as_recorded else "CHANGED")
sys.exit(0 if as_recorded else 1)
PY
venv/bin/python probe.py
