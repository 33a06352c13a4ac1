#!/usr/bin/env bash
# SQLite 3.54.1: the plan of a query says USING INDEX, not USING COVERING INDEX, for a partial index that answers the query
# by itself: no row of the table is read.
#
# An index on (tenant, score) WHERE is_gone = 0 AND level IS NULL holds only rows for which both terms are true. A query that repeats
# the terms, as it must for the planner to use the index, and needs only tenant and score besides, has all it needs. SQLite
# sees that when it makes the program: the terms are left out, and the seek into the table is deferred until a column is
# wanted, which never happens. But whether an index is called covering is decided before, by the columns that the query
# names. So EXPLAIN QUERY PLAN looks as if every entry cost a row, and an index that repeats the two columns (in which all its
# entries are the same) looks like a great gain. It is larger, and reads not one page less.
#
# Whom it matters to: those who tune an index for a few due rows among many with large documents in them, or let a test look for the
# word COVERING. Count the pages that are read (SQLITE_DBSTATUS_CACHE_MISS), or look for a Column opcode on the table in
# EXPLAIN, before columns are added to such an index.
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
import sys

import apsw

TERMS = "is_gone = 0 AND level IS NULL"
QUERY = f"SELECT tenant, score FROM issues INDEXED BY due WHERE tenant = 1 AND {TERMS} ORDER BY score DESC"
# For comparison, one column that no index has: it stands behind the document.
WIDER = QUERY.replace("tenant, score", "tenant, score, note")
CASES = [
    ("two columns", "(tenant, score DESC)", QUERY),
    ("four columns", "(tenant, score DESC, is_gone, level)", QUERY),
    ("two columns, and a column of the row", "(tenant, score DESC)", WIDER),
]

print("SQLite", apsw.sqlite_lib_version())
print("expected: where the plan does not say COVERING, the rows are read, and so many pages more than where it does")
database = apsw.Connection("probe.sqlite")
database.execute(
    "CREATE TABLE issues (id INTEGER PRIMARY KEY, tenant INTEGER, score INTEGER, document TEXT,"
    " is_gone INTEGER, level TEXT, note TEXT)")
with database:
    for number in range(500):
        database.execute(
            "INSERT INTO issues VALUES (?, 1, ?, ?, 0, NULL, 'x')", (number, number % 101, f"{number:06}" * 5000))
seen = []
for name, columns, query in CASES:
    database.execute(f"CREATE INDEX due ON issues {columns} WHERE {TERMS}")
    # With nothing in its cache.
    database.close()
    database = apsw.Connection("probe.sqlite")
    [(*_, plan)] = database.execute(f"EXPLAIN QUERY PLAN {query}")
    before = database.status(apsw.SQLITE_DBSTATUS_CACHE_MISS)[0]
    rows = len(list(database.execute(query)))
    pages = database.status(apsw.SQLITE_DBSTATUS_CACHE_MISS)[0] - before
    print(f"seen: {name}: {rows} rows, {pages} pages read, {plan}")
    seen.append((rows, "COVERING" in plan, pages))
    database.execute("DROP INDEX due")
(two, four, wider) = seen
as_recorded = (
    two[:2] == (500, False) and four[:2] == (500, True) and two[2] <= four[2] and wider[2] > 20 * four[2])
print("as recorded" if as_recorded else "CHANGED")
sys.exit(0 if as_recorded else 1)
PY
venv/bin/python probe.py
