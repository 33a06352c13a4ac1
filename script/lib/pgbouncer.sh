# shellcheck shell=bash
# Source this for install_pgbouncer: Debian's PgBouncer, unpacked in `.engine/pgbouncer` and not installed, for the tests
# that run behind a pooler.

pgbouncer_prefix=.engine/pgbouncer

# 1 where it cannot be had; the tests that need it are then skipped and say so.
install_pgbouncer() {
    [ -x "$pgbouncer_prefix/usr/sbin/pgbouncer" ] && return 0
    command -v apt-get >/dev/null || return 1
    local folder
    mkdir -p .engine
    folder=$(mktemp -d .engine/fetch.XXXXXX)
    # apt fetches as a user of its own where it can.
    chmod 755 "$folder"
    # The second is the name of libevent's package since 64-bit times.
    if ! (cd "$folder" && { apt-get -qq download pgbouncer libc-ares2 libevent-2.1-7 >log 2>&1 ||
        apt-get -qq download pgbouncer libc-ares2 libevent-2.1-7t64 >log 2>&1; }); then
        cat "$folder/log" >&2
        rm -rf "$folder"
        return 1
    fi
    local package
    for package in "$folder"/*.deb; do dpkg-deb -x "$package" "$folder/root"; done
    rm -rf "$pgbouncer_prefix"
    mv "$folder/root" "$pgbouncer_prefix"
    rm -rf "$folder"
}
