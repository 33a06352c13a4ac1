# shellcheck shell=bash
# Source this for install_mail_servers: Debian's Postfix, Exim, OpenSMTPD and notmuch, unpacked in `.engine/mailservers` and
# not installed, for the tests that relay mail through them.

mail_servers_prefix=.engine/mailservers

# 1 where they cannot be had; the tests that need them are then skipped and say so.
install_mail_servers() {
    [ -x "$mail_servers_prefix/usr/bin/notmuch" ] && return 0
    command -v apt-get >/dev/null || return 1
    local folder
    mkdir -p .engine
    folder=$(mktemp -d .engine/fetch.XXXXXX)
    # apt fetches as a user of its own where it can.
    chmod 755 "$folder"
    # With the libraries that a system without a mail server may not have.
    if ! (cd "$folder" && apt-get -qq download postfix exim4-daemon-light opensmtpd notmuch libassuan0 libdb5.3 \
        libevent-2.1-7 libgmime-3.0-0 libgnutls-dane0 libgpgme11 libidn12 libnotmuch5 libnsl2 libsexp1 libtalloc2 \
        libunbound8 libxapian30 >log 2>&1); then
        cat "$folder/log" >&2
        rm -rf "$folder"
        return 1
    fi
    local package place
    for package in "$folder"/*.deb; do dpkg-deb -x "$package" "$folder/root"; done
    # Over a system whose /lib is a link to /usr/lib.
    for place in bin lib sbin; do
        [ -d "$folder/root/$place" ] || continue
        mkdir -p "$folder/root/usr/$place"
        cp -a "$folder/root/$place/." "$folder/root/usr/$place"
        rm -rf "${folder:?}/root/$place"
    done
    rm -rf "$folder/root/usr/share/doc" "$folder/root/usr/share/man" "$mail_servers_prefix"
    mv "$folder/root" "$mail_servers_prefix"
    rm -rf "$folder"
}
