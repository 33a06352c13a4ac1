# shellcheck shell=bash
# Source this for install_containers: what makes an OCI image without a container engine and runs it (mmdebstrap, umoci,
# podman, crun), Debian's packages, unpacked in `.engine/containers` and not installed. container_tools has the folder of
# their programs, empty where the system has them all.

containers_prefix=.engine/containers
container_programs=(mmdebstrap umoci podman crun conmon)

# 1 where they cannot be had.
install_containers() {
    local name missing=()
    for name in "${container_programs[@]}"; do command -v "$name" >/dev/null || missing+=("$name"); done
    [ ${#missing[@]} -gt 0 ] || return 0
    [ ! -e "$containers_prefix/complete" ] || return 0
    command -v apt-get >/dev/null && [ "$(id -u)" -eq 0 ] || return 1
    local folder
    mkdir -p .engine
    folder=$(mktemp -d .engine/fetch.XXXXXX)
    mkdir -p "$folder/debs/partial" "$folder/root"
    # Those and what they need of what this machine lacks.
    if ! apt-get -qq -o Dir::Cache::archives="$PWD/$folder/debs" -o Debug::NoLocking=1 -o APT::Sandbox::User=root \
        --no-install-recommends --download-only -y install "${missing[@]}" >"$folder/log" 2>&1; then
        cat "$folder/log" >&2
        rm -rf "$folder"
        return 1
    fi
    for name in "$folder"/debs/*.deb; do dpkg-deb -x "$name" "$folder/root"; done
    touch "$folder/root/complete"
    rm -rf "$containers_prefix"
    mv "$folder/root" "$containers_prefix"
    rm -rf "$folder"
}

# Runs a command that finds the programs and their libraries.
with_containers() { # command…
    local root=$PWD/$containers_prefix
    env PATH="$root/usr/sbin:$root/usr/bin:$PATH" LD_LIBRARY_PATH="$(printf '%s:' "$root"/usr/lib/*-linux-gnu)" "$@"
}
