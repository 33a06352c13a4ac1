# shellcheck shell=bash
# Source this to have a Swift toolchain on PATH that can build consilod. It looks on PATH first, then where toolchains
# are usually unpacked, last where script/setup unpacks one. If there is no toolchain, PATH is not changed.

swift_minimum=6.3
swift_prefix=${XDG_DATA_HOME:-${HOME:-/root}/.local/share}/consilod/swift

# Prints the version, as in `6.3.1`, of the `swift` of a folder, or without one of that on PATH; 1 where none runs.
swift_version_of() { # [folder]
    local swift version
    if [ $# -gt 0 ]; then swift=$1/swift; else swift=$(command -v swift) || return 1; fi
    [ -x "$swift" ] || return 1
    version=$("$swift" --version 2>/dev/null | sed -nE 's/.*Swift version ([0-9]+(\.[0-9]+)+).*/\1/p')
    [ -n "$version" ] && printf '%s\n' "$version"
}

# Whether the `swift` of this folder runs and is new enough.
swift_is_usable() { # folder
    local version
    version=$(swift_version_of "$1") && printf '%s\n' "$swift_minimum" "$version" | sort -CV
}

# Puts the first usable toolchain on PATH; 1 if there is no toolchain.
find_swift() {
    local folder
    folder=$(dirname "$(command -v swift || echo /nowhere/swift)")
    if swift_is_usable "$folder"; then return 0; fi
    # A pattern that matches nothing stays as it is, and no toolchain is found under that name.
    for folder in /opt/swift/usr/bin /usr/libexec/swift/*/usr/bin "${HOME:-/root}/.local/share/swiftly/bin" \
        "$swift_prefix/usr/bin"; do
        if swift_is_usable "$folder"; then
            export PATH="$folder:$PATH"
            return 0
        fi
    done
    return 1
}

find_swift || true
