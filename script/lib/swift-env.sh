# shellcheck shell=bash
# Source this to have a Swift toolchain on PATH that can build consilod. It looks on PATH first, then where toolchains
# are usually unpacked, last where script/setup unpacks one. Where there is none, PATH stays as it is.

swift_minimum=6.2
swift_prefix=${XDG_DATA_HOME:-${HOME:-/root}/.local/share}/consilod/swift

# Whether the `swift` of this folder runs and is new enough.
swift_is_usable() { # folder
    local version
    [ -x "$1/swift" ] || return 1
    version=$("$1/swift" --version 2>/dev/null | sed -nE 's/.*Swift version ([0-9]+\.[0-9]+).*/\1/p')
    [ -n "$version" ] && printf '%s\n' "$swift_minimum" "$version" | sort -CV
}

# Puts the first usable toolchain on PATH; 1 where there is none.
find_swift() {
    local folder
    folder=$(dirname "$(command -v swift || echo /nowhere/swift)")
    if swift_is_usable "$folder"; then return 0; fi
    for folder in /opt/swift/usr/bin "${HOME:-/root}/.local/share/swiftly/bin" "$swift_prefix/usr/bin"; do
        if swift_is_usable "$folder"; then
            export PATH="$folder:$PATH"
            return 0
        fi
    done
    return 1
}

find_swift || true
