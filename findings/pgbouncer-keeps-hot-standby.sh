#!/usr/bin/env bash
# PgBouncer 1.18: a standby that was promoted is still announced as a standby to every new client, so libpq's
# target_session_attrs=read-write (or primary) refuses it, although it takes writes.
#
# When a client connects, PgBouncer itself announces the server's parameters, as it learned them when it connected to
# the server: in_hot_standby among them. It goes on announcing "on" after the promotion. libpq 14 and later decide by
# this announcement where the server is 14 or later, and do not ask. Pooled or direct, the same server at the same
# moment is "on" for one and "off" for the other; SHOW transaction_read_only through the pooler is right. RECONNECT at
# PgBouncer's console cures it.
#
# Whom it matters to: programs that name several hosts or set target_session_attrs so that a fail-over is followed,
# when one of the hosts is a pooler. Let libpq take any session and ask the server: SHOW transaction_read_only, or
# pg_is_in_recovery().
#
# Needs Debian's or Ubuntu's apt, python3 with pip, and PostgreSQL's server (14 or later) installed; uses none that
# runs. Ends with 0 when it still is as described.
set -euo pipefail

bin=$(printf '%s\n' /usr/lib/postgresql/*/bin | sort -V | tail -n 1)
[ -x "$bin/initdb" ] || { echo "PostgreSQL's server is not installed."; exit 2; }
folder=$(mktemp -d)
unprivileged() { if [ "$(id -u)" -eq 0 ]; then runuser -u postgres -- "$@"; else "$@"; fi; }
stop() { (cd "$folder" && unprivileged "$bin/pg_ctl" -D "$folder/$1" -m immediate stop) >/dev/null 2>&1 || true; }
cleanup() {
    if [ -f "$folder/pgbouncer.pid" ]; then kill "$(cat "$folder/pgbouncer.pid")" || true; fi
    stop standby
    stop primary
    rm -rf "$folder"
}
trap cleanup EXIT
cd "$folder"

apt-get -qq download pgbouncer=1.18.0-1+deb12u1 libc-ares2 >apt.log 2>&1 || { cat apt.log; exit 2; }
for package in ./*.deb; do dpkg-deb -x "$package" root; done
/usr/bin/python3 -m pip --disable-pip-version-check install --quiet --root-user-action ignore --no-deps \
    --only-binary=:all: --target python psycopg2-binary==2.9.11
cat >pgbouncer.ini <<INI
[databases]
postgres = host=$folder port=5433
[pgbouncer]
pool_mode = session
unix_socket_dir = $folder
listen_port = 6432
auth_type = trust
auth_file = $folder/users
admin_users = probe
pidfile = $folder/pgbouncer.pid
logfile = $folder/pgbouncer.log
INI
echo '"probe" ""' >users
chmod 755 .
if [ "$(id -u)" -eq 0 ]; then chown -R postgres: .; fi

start() { # data folder, port
    unprivileged "$bin/pg_ctl" -D "$1" -l "$1.log" -w start \
        -o "-c listen_addresses='' -c unix_socket_directories=$folder -c port=$2" >start.log 2>&1 ||
        { cat start.log "$1.log"; exit 2; }
}
unprivileged "$bin/initdb" -D primary -U probe -A trust >initdb.log 2>&1 || { cat initdb.log; exit 2; }
start primary 5432
unprivileged "$bin/pg_basebackup" -D standby -R -c fast -h "$folder" -p 5432 -U probe
start standby 5433
libraries=$(dirname "$(find root -name 'libcares.so.2')")
unprivileged env LD_LIBRARY_PATH="$folder/$libraries" root/usr/sbin/pgbouncer -q -d pgbouncer.ini

cat >probe.py <<'PY'
import sys
import psycopg2

folder = sys.argv[1]

def probe(name, port):
    def connect(target):
        return psycopg2.connect(
            dbname="postgres", user="probe", host=folder, port=port, target_session_attrs=target)
    connection = connect("any")
    cursor = connection.cursor()
    cursor.execute("SHOW transaction_read_only")
    read_only, = cursor.fetchone()
    reported = connection.info.parameter_status("in_hot_standby")
    connection.close()
    try:
        connect("read-write").close()
        taken = "connects"
    except psycopg2.OperationalError:
        taken = "refused"
    print(f"  {name:<10} in_hot_standby {reported:<4} SHOW transaction_read_only {read_only:<4} read-write {taken}")

when = sys.argv[2]
print(when)
probe("direct", 5433)
probe("PgBouncer", 6432)
PY
probe() { PYTHONPATH=python /usr/bin/python3 probe.py "$folder" "$1"; }
console() { PYTHONPATH=python /usr/bin/python3 - "$folder" "$1" <<'PY'
import sys
import psycopg2
connection = psycopg2.connect(dbname="pgbouncer", user="probe", host=sys.argv[1], port=6432)
connection.autocommit = True
connection.cursor().execute(sys.argv[2])
PY
}
seen=$(probe 'while it is a standby')
unprivileged "$bin/pg_ctl" -D standby -w promote >/dev/null
seen+=$'\n'$(probe 'after its promotion')
console RECONNECT
seen+=$'\n'$(probe 'after RECONNECT')

line() { printf '  %-10s in_hot_standby %-4s SHOW transaction_read_only %-4s read-write %s\n' "$@"; }
standby=$(echo 'while it is a standby'; line direct on on refused; line PgBouncer on on refused)
cured=$(echo 'after RECONNECT'; line direct off off connects; line PgBouncer off off connects)
expected=$(echo "$standby"; echo 'after its promotion'
    line direct off off connects; line PgBouncer off off connects; echo "$cured")
recorded=$(echo "$standby"; echo 'after its promotion'
    line direct off off connects; line PgBouncer on off refused; echo "$cured")

printf '== %s; PostgreSQL %s; psycopg2-binary 2.9.11\n' \
    "$(LD_LIBRARY_PATH=$libraries root/usr/sbin/pgbouncer --version | head -n 1)" \
    "$("$bin/postgres" --version | cut -d' ' -f3)"
printf '\n== expected\n%s\n\n== seen\n%s\n\n' "$expected" "$seen"
[ "$seen" = "$recorded" ] || { echo 'This is not what was recorded.'; exit 1; }
echo 'As recorded: a promoted server is a standby behind PgBouncer until RECONNECT.'
