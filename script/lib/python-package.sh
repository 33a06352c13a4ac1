# shellcheck shell=bash
# Source this for install_python_package: a package from PyPI, with all that it needs, in a folder of its own.

# 1, with the reason, where it cannot be had. Constraints keep what it depends on as it is, so that what it finds changes only
# with the script that names them.
install_python_package() { # folder, package==version, constraint…
    local prefix=$1 package=$2 folder
    shift 2
    [ "$(cat "$prefix/version" 2>/dev/null)" = "$package" ] && return 0
    mkdir -p .engine
    folder=$(mktemp -d .engine/fetch.XXXXXX)
    if ! /usr/bin/python3 -m pip --disable-pip-version-check install --quiet --root-user-action ignore \
        --only-binary=:all: --target "$folder/package" --constraint <(printf '%s\n' "$@") "$package"; then
        rm -rf "$folder"
        return 1
    fi
    echo "$package" >"$folder/package/version"
    rm -rf "$prefix"
    mv "$folder/package" "$prefix"
    rm -rf "$folder"
}
