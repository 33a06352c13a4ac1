# shellcheck shell=bash
# Source this for start_postgres: a throw-away PostgreSQL server for tests and benchmarks, reachable through a socket in
# a folder of its own, gone with stop_postgres. Nothing of a server that may run on this machine is touched.

# The newest installed server's programs.
postgres_bin() {
    local bin
    bin=$(printf '%s\n' /usr/lib/postgresql/*/bin | sort -V | tail -n 1)
    [ -x "$bin/initdb" ] && printf '%s\n' "$bin"
}

# PostgreSQL refuses to run as root.
as_postgres() {
    if [ "$(id -u)" -eq 0 ]; then runuser -u postgres -- "$@"; else "$@"; fi
}

# Sets postgres_folder, and prints nothing but a failure's log. Arguments are settings, as fsync=on.
start_postgres() { # [setting…]
    local bin setting options=''
    bin=$(postgres_bin) || { echo "PostgreSQL's server is not installed" >&2; return 1; }
    postgres_folder=$(mktemp -d /tmp/consilod-pg.XXXXXX)
    if [ "$(id -u)" -eq 0 ]; then chown postgres: "$postgres_folder"; fi
    for setting in fsync=off max_connections=1000 "$@"; do options+=" -c $setting"; done
    # In its folder: the present one may not be the server's to read.
    if ! (cd "$postgres_folder" &&
        as_postgres "$bin/initdb" -D "$postgres_folder/data" -U consilod -A trust -E UTF8 --locale C.UTF-8 &&
        as_postgres "$bin/pg_ctl" -D "$postgres_folder/data" -l "$postgres_folder/log" -w start \
            -o "-c listen_addresses='' -c unix_socket_directories=$postgres_folder$options" &&
        as_postgres "$bin/createdb" -h "$postgres_folder" -U consilod consilod) >"$postgres_folder.out" 2>&1; then
        cat "$postgres_folder.out" "$postgres_folder/log" >&2
        rm -f "$postgres_folder.out"
        return 1
    fi
    rm -f "$postgres_folder.out"
    postgres_url="postgresql:///consilod?host=$postgres_folder&user=consilod"
}

stop_postgres() {
    [ -n "${postgres_folder:-}" ] || return 0
    (cd "$postgres_folder" && as_postgres "$(postgres_bin)/pg_ctl" -D "$postgres_folder/data" -m immediate stop) \
        >/dev/null 2>&1 || true
    rm -rf "$postgres_folder"
    postgres_folder=''
}
