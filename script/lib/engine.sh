# shellcheck shell=bash
# Source this for install_engine: puts OpenVINO, which runs FinBERT, into the package's own folder `.engine/openvino`,
# taken out of its PyPI wheel. No root, no Python package is installed. Package.swift looks there.

engine_version=2026.4.1
engine_prefix=.engine/openvino

# Whether the engine of this version is there.
has_engine() { [ "$(cat "$engine_prefix/VERSION" 2>/dev/null)" = "$engine_version" ]; }

# Says nothing when the engine is there; 1, with the reason, where it cannot be had.
install_engine() {
    has_engine && return 0
    local platform folder
    case "$(uname -m)" in
        x86_64) platform=manylinux_2_28_x86_64 ;;
        aarch64) platform=manylinux_2_35_aarch64 ;;
        *) echo "setup: OpenVINO has no build for $(uname -m)" >&2; return 1 ;;
    esac
    echo "setup: fetching OpenVINO $engine_version, which runs FinBERT (60 MB)"
    mkdir -p .engine
    folder=$(mktemp -d .engine/fetch.XXXXXX)
    # The wheel is a container here: any CPython tag carries the same C libraries.
    if ! /usr/bin/python3 -m pip --disable-pip-version-check download --quiet --no-deps --only-binary=:all: \
        --python-version 3.11 --platform "$platform" --dest "$folder" "openvino==$engine_version" ||
        ! /usr/bin/python3 script/lib/unpack_engine.py "$folder" "$folder/openvino" "$engine_version"; then
        rm -rf "$folder"
        return 1
    fi
    rm -rf "$engine_prefix"
    mv "$folder/openvino" "$engine_prefix"
    rm -rf "$folder"
}
