# shellcheck shell=bash
# Source this for install_alertmanager: Debian's prometheus-alertmanager, unpacked in `.engine/alertmanager` and not installed,
# for the tests that hand alerts to it.

alertmanager_prefix=.engine/alertmanager

# 1 where it cannot be had; the tests that need it are then skipped and say so.
install_alertmanager() {
    [ -x "$alertmanager_prefix/usr/bin/prometheus-alertmanager" ] && return 0
    command -v apt-get >/dev/null || return 1
    local folder
    mkdir -p .engine
    folder=$(mktemp -d .engine/fetch.XXXXXX)
    # apt fetches as a user of its own where it can.
    chmod 755 "$folder"
    if ! (cd "$folder" && apt-get -qq download prometheus-alertmanager >log 2>&1); then
        cat "$folder/log" >&2
        rm -rf "$folder"
        return 1
    fi
    dpkg-deb -x "$folder"/*.deb "$folder/root"
    rm -rf "$alertmanager_prefix"
    mv "$folder/root" "$alertmanager_prefix"
    rm -rf "$folder"
}
