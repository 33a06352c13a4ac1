#!/usr/bin/env bash
# PostgreSQL 15: to_tsvector splits a word that is nothing but letters and digits if it begins like 4e5, also with the
# configuration 'simple'.
#
# 'simple' has a dictionary that makes letters small and no more, so it is taken for a splitter at spaces and signs,
# whose words are the lexemes. But the parser in front of it knows numbers with an exponent, and takes one off the
# beginning of a word: the abbreviated commit 4e5f6a7b is indexed as '4e5' and 'f6a7b'. Its neighbour a4e5f6b7, which
# begins with a letter, stays whole, and so do 12ab34, 3rd and 1e5 itself. Of 100 hexadecimal hashes 7 begin with
# digits, an e and a digit; so do some part numbers and fingerprints of errors. A search that makes its lexeme itself
# ('4e5f6a7b'::tsquery) does not find the very text that holds the word, while SQLite's FTS5 does. Nothing fails; one
# hash in fifteen is not found.
#
# Whom it matters to: programs that fold words themselves and give them to to_tsvector, and searches for hashes. Let the
# same parser read the search: phraseto_tsquery('simple', word) finds a word that was split as the phrase that it was
# split into. array_to_tsvector keeps words as they are, but without positions there are no weights.
#
# Needs PostgreSQL's server installed (uses none that runs), and python3 with SQLite's FTS5. Ends with 0 when it still
# is as described.
set -euo pipefail

bin=$(printf '%s\n' /usr/lib/postgresql/*/bin | sort -V | tail -n 1)
[ -x "$bin/initdb" ] || { echo "PostgreSQL's server is not installed."; exit 2; }
folder=$(mktemp -d)
unprivileged() { if [ "$(id -u)" -eq 0 ]; then runuser -u postgres -- "$@"; else "$@"; fi; }
cleanup() {
    (cd "$folder" && unprivileged "$bin/pg_ctl" -D "$folder/data" -m immediate stop) >/dev/null 2>&1 || true
    rm -rf "$folder"
}
trap cleanup EXIT
cd "$folder"
if [ "$(id -u)" -eq 0 ]; then chown postgres: .; fi
unprivileged "$bin/initdb" -D data -U probe -A trust -E UTF8 --locale=C >initdb.log 2>&1 ||
    { cat initdb.log; exit 2; }
unprivileged "$bin/pg_ctl" -D data -l server.log -w start \
    -o "-c listen_addresses='' -c unix_socket_directories=$folder" >start.log 2>&1 ||
    { cat start.log server.log; exit 2; }
ask() { unprivileged "$bin/psql" -X -q -A -t -F ' ' -v ON_ERROR_STOP=1 -h "$folder" -U probe -d postgres -c "$1"; }

words='a4e5f6b7 4e5f6a7b 9e107d9d 1e5 12ab34 7e10 2e3x 3rd'
in_postgresql() {
    ask "SELECT word,
            CASE WHEN search @@ quote_literal(word)::tsquery THEN 'found' ELSE 'not' END,
            CASE WHEN search @@ phraseto_tsquery('simple', word) THEN 'found' ELSE 'not' END,
            replace(search::text, ' ', ',')
        FROM regexp_split_to_table('$words', ' ') WITH ORDINALITY AS given (word, number),
            to_tsvector('simple', word) AS search ORDER BY number"
}
in_sqlite() {
    python3 - "$words" <<'PY' || exit 2
import sqlite3
import sys

database = sqlite3.connect(":memory:")
database.execute("CREATE VIRTUAL TABLE texts USING fts5 (text)")
for word in sys.argv[1].split():
    database.execute("DELETE FROM texts")
    database.execute("INSERT INTO texts VALUES (?)", [word])
    found = database.execute("SELECT 1 FROM texts WHERE texts MATCH ?", [f'"{word}"']).fetchone()
    print("found" if found else "not")
PY
}
# Ten thousand hashes of 40 digits.
share=$(ask "SELECT round(100.0 * count(*) FILTER (WHERE length(to_tsvector('simple', hash)) > 1) / count(*))
    FROM generate_series(1, 10000) AS number, substr(encode(sha256(number::text::bytea), 'hex'), 1, 40) AS hash")
in_postgresql >postgresql
in_sqlite >sqlite

line() { printf '%-10s %-7s %-9s %-18s %s\n' "$@"; }
heading=$(line word FTS5 ::tsquery phraseto_tsquery lexemes)
seen=$(paste -d ' ' sqlite postgresql | while read -r sqlite word lexeme phrase vector; do
    line "$word" "$sqlite" "$lexeme" "$phrase" "$vector"
done; echo "of 100 hashes split: $share")
whole() { line "$1" found found found "'$1':1"; }
expected=$(for word in $words; do whole "$word"; done; echo 'of 100 hashes split: 0')
recorded=$(
    whole a4e5f6b7
    line 4e5f6a7b found not found "'4e5':1,'f6a7b':2"
    line 9e107d9d found not found "'9e107':1,'d9d':2"
    whole 1e5
    whole 12ab34
    whole 7e10
    line 2e3x found not found "'2e3':1,'x':2"
    whole 3rd
    echo 'of 100 hashes split: 7'
)

printf '== PostgreSQL %s; SQLite %s\n' "$("$bin/postgres" --version | cut -d' ' -f3)" \
    "$(python3 -c 'import sqlite3; print(sqlite3.sqlite_version)')"
printf '\n== expected\n%s\n%s\n\n== seen\n%s\n%s\n\n' "$heading" "$expected" "$heading" "$seen"
[ "$seen" = "$recorded" ] || { echo 'This is not what was recorded.'; exit 1; }
echo 'As recorded: a word that begins like a number with an exponent is two lexemes.'
