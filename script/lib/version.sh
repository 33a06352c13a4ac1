# shellcheck shell=bash
# Sourced from the root of the repository.

# Prints the version, which is that of Version.current; fails when debian/changelog does not begin with it.
consilod_version() {
    local version packaged
    version=$(sed -nE 's/^ *static let current = "([^"]+)"$/\1/p' Sources/consilod/Consilod.swift)
    packaged=$(sed -nE '1s/^consilod \(([^)]+)\).*/\1/p' debian/changelog)
    if [ -z "$version" ] || [ "$version" != "$packaged" ]; then
        echo "version: debian/changelog begins with '$packaged', Sources/consilod/Consilod.swift says '$version'" >&2
        return 1
    fi
    printf '%s\n' "$version"
}
