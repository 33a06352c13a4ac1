#!/usr/bin/env bash
# PgBouncer 1.18 in session mode: the backend PID that libpq has is not that of the backend, so a session cannot tell
# its own notifications from those of others.
#
# In session mode a client keeps one server connection for as long as it is connected, which is why LISTEN/NOTIFY and
# advisory locks work there. But the key that PgBouncer sends to the client when it connects is its own, made for
# cancel requests: PQbackendPID() (psycopg2's get_backend_pid) gives a number that no backend has. A notification
# carries the PID of the real backend. So the documented way to leave out one's own notifications, comparing their PID
# with PQbackendPID(), never leaves one out, and what looks for the number in pg_stat_activity or pg_locks, or gives
# it to pg_terminate_backend, finds nothing. SELECT pg_backend_pid() gives the right number.
#
# Whom it matters to: programs that wake their processes by LISTEN/NOTIFY and may run behind PgBouncer. Each process
# wakes itself by what it sends.
#
# Needs Debian's or Ubuntu's apt, python3 with pip, and PostgreSQL's server installed; uses none that runs. Ends with
# 0 when it still is as described.
set -euo pipefail

bin=$(printf '%s\n' /usr/lib/postgresql/*/bin | sort -V | tail -n 1)
[ -x "$bin/initdb" ] || { echo "PostgreSQL's server is not installed."; exit 2; }
folder=$(mktemp -d)
unprivileged() { if [ "$(id -u)" -eq 0 ]; then runuser -u postgres -- "$@"; else "$@"; fi; }
cleanup() {
    if [ -f "$folder/pgbouncer.pid" ]; then kill "$(cat "$folder/pgbouncer.pid")" || true; fi
    (cd "$folder" && unprivileged "$bin/pg_ctl" -D "$folder/data" -m immediate stop) >/dev/null 2>&1 || true
    rm -rf "$folder"
}
trap cleanup EXIT
cd "$folder"

# PgBouncer and one library of it, unpacked and not installed.
apt-get -qq download pgbouncer=1.18.0-1+deb12u1 libc-ares2 >apt.log 2>&1 || { cat apt.log; exit 2; }
for package in ./*.deb; do dpkg-deb -x "$package" root; done
/usr/bin/python3 -m pip --disable-pip-version-check install --quiet --root-user-action ignore --no-deps \
    --only-binary=:all: --target python psycopg2-binary==2.9.11
cat >pgbouncer.ini <<INI
[databases]
postgres = host=$folder port=5432
[pgbouncer]
pool_mode = session
unix_socket_dir = $folder
listen_port = 6432
auth_type = trust
auth_file = $folder/users
pidfile = $folder/pgbouncer.pid
logfile = $folder/pgbouncer.log
INI
echo '"probe" ""' >users
chmod 755 .
if [ "$(id -u)" -eq 0 ]; then chown -R postgres: .; fi

unprivileged "$bin/initdb" -D data -U probe -A trust >initdb.log 2>&1 || { cat initdb.log; exit 2; }
unprivileged "$bin/pg_ctl" -D data -l server.log -w start \
    -o "-c listen_addresses='' -c unix_socket_directories=$folder -c port=5432" >start.log 2>&1 ||
    { cat start.log server.log; exit 2; }
libraries=$(dirname "$(find root -name 'libcares.so.2')")
unprivileged env LD_LIBRARY_PATH="$folder/$libraries" root/usr/sbin/pgbouncer -q -d pgbouncer.ini

cat >probe.py <<'PY'
import select
import sys
import psycopg2

folder = sys.argv[1]

def probe(name, port):
    connection = psycopg2.connect(dbname="postgres", user="probe", host=folder, port=port)
    connection.autocommit = True
    cursor = connection.cursor()
    cursor.execute("SELECT pg_backend_pid()")
    real, = cursor.fetchone()
    cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE pid = %s", [connection.get_backend_pid()])
    found, = cursor.fetchone()
    cursor.execute("LISTEN wake")
    cursor.execute("NOTIFY wake")
    while not connection.notifies:
        if not select.select([connection], [], [], 10)[0]:
            sys.exit("no notification")
        connection.poll()
    own = connection.notifies.pop().pid
    print(name)
    print("  PQbackendPID is pg_backend_pid()            ", connection.get_backend_pid() == real)
    print("  PQbackendPID is in pg_stat_activity         ", found == 1)
    print("  own NOTIFY carries pg_backend_pid()         ", own == real)
    print("  own NOTIFY carries PQbackendPID             ", own == connection.get_backend_pid())

probe("direct", 5432)
probe("PgBouncer, session mode", 6432)
PY
seen=$(PYTHONPATH=python /usr/bin/python3 probe.py "$folder")

answers() { # heading, then what the four lines say
    printf '%s\n' "$1"
    printf '  PQbackendPID is pg_backend_pid()             %s\n' "$2"
    printf '  PQbackendPID is in pg_stat_activity          %s\n' "$3"
    printf '  own NOTIFY carries pg_backend_pid()          %s\n' "$4"
    printf '  own NOTIFY carries PQbackendPID              %s\n' "$5"
}
direct=$(answers direct True True True True)
expected=$(printf '%s\n' "$direct"; answers 'PgBouncer, session mode' True True True True)
recorded=$(printf '%s\n' "$direct"; answers 'PgBouncer, session mode' False False True False)

printf '== %s; PostgreSQL %s; psycopg2-binary 2.9.11\n' \
    "$(LD_LIBRARY_PATH=$libraries root/usr/sbin/pgbouncer --version | head -n 1)" \
    "$("$bin/postgres" --version | cut -d' ' -f3)"
printf '\n== expected\n%s\n\n== seen\n%s\n\n' "$expected" "$seen"
[ "$seen" = "$recorded" ] || { echo 'This is not what was recorded.'; exit 1; }
echo 'As recorded: libpq has a PID that no backend has.'
