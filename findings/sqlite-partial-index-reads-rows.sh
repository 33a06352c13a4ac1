#!/usr/bin/env bash
# SQLite 3.54.1: a partial index does not answer a query by itself, although its own WHERE has settled the query's other terms,
# unless it also contains their columns.
#
# An index on (tenant, score) WHERE is_gone = 0 AND level IS NULL holds only rows for which both terms are true. A query that
# repeats the terms and reads no other column than tenant and score needs nothing else, and the planner proves just that before it
# may use the index at all. It still reads the row behind every entry, to evaluate the terms again. Where the row is large and
# the columns of the terms stand behind the large ones, as columns do that ALTER TABLE has added, every entry costs a walk through the row's
# overflow pages: the same order of work as without an index, and EXPLAIN QUERY PLAN shows it only by the absence of the word
# COVERING. An index that repeats the two columns at its end, where all entries have the same values, is covering. A term `score IS NOT
# NULL` does no harm: its column is in the index already.
#
# Whom it matters to: those who look for a few due rows among many with documents in them, by an index made for that. Add the
# columns of the index's WHERE to its columns. PostgreSQL needs that too for an index-only scan of a term that it has to check, but not
# for one that the predicate implies.
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
COLUMNS = {"without": "(tenant, score DESC)", "with": "(tenant, score DESC, is_gone, level)"}
QUERY = f"SELECT tenant, score FROM issues WHERE tenant = 1 AND {TERMS} ORDER BY score DESC"

print("SQLite", apsw.sqlite_lib_version())
print("expected: both indexes answer the query by themselves, because it needs nothing that they do not hold")
database = apsw.Connection("probe.sqlite")
database.execute("CREATE TABLE issues (id INTEGER PRIMARY KEY, tenant INTEGER, score INTEGER, document TEXT)")
database.execute("ALTER TABLE issues ADD COLUMN is_gone INTEGER NOT NULL DEFAULT 0")
database.execute("ALTER TABLE issues ADD COLUMN level TEXT")
with database:
    for number in range(500):
        database.execute(
            "INSERT INTO issues VALUES (?, 1, ?, ?, 0, NULL)", (number, number % 101, f"{number:06}" * 5000))
seen = {}
for name, columns in COLUMNS.items():
    database.execute(f"CREATE INDEX {name}_columns ON issues {columns} WHERE {TERMS}")
    [(*_, plan)] = database.execute(f"EXPLAIN QUERY PLAN {QUERY}")
    database.execute("PRAGMA shrink_memory")
    before = database.status(apsw.SQLITE_DBSTATUS_CACHE_MISS)[0]
    rows = len(list(database.execute(QUERY)))
    pages = database.status(apsw.SQLITE_DBSTATUS_CACHE_MISS)[0] - before
    print(f"seen: {name} the columns of the terms: {rows} rows, {pages} pages read, {plan}")
    seen[name] = (rows, "COVERING" in plan, pages)
    database.execute(f"DROP INDEX {name}_columns")
as_recorded = (
    seen["without"][:2] == (500, False) and seen["with"][:2] == (500, True) and seen["without"][2] > 20 * seen["with"][2])
print("as recorded" if as_recorded else "CHANGED")
sys.exit(0 if as_recorded else 1)
PY
venv/bin/python probe.py
