# shellcheck shell=bash
# Source this for install_prometheus: Debian's prometheus with its promtool, unpacked in `.engine/prometheus` and not
# installed, for the tests that scrape a daemon and try the alert rules.

prometheus_prefix=.engine/prometheus

# 1 where it cannot be had; the tests that need it are then skipped and say so.
install_prometheus() {
    [ -x "$prometheus_prefix/usr/bin/promtool" ] && return 0
    command -v apt-get >/dev/null || return 1
    local folder
    mkdir -p .engine
    folder=$(mktemp -d .engine/fetch.XXXXXX)
    # apt fetches as a user of its own where it can.
    chmod 755 "$folder"
    if ! (cd "$folder" && apt-get -qq download prometheus >log 2>&1); then
        cat "$folder/log" >&2
        rm -rf "$folder"
        return 1
    fi
    dpkg-deb -x "$folder"/*.deb "$folder/root"
    rm -rf "$prometheus_prefix"
    mv "$folder/root" "$prometheus_prefix"
    rm -rf "$folder"
}
