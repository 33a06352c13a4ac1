# shellcheck shell=bash
# Source this for build_release: a release build whose progress is one line that moves. Needs `swift` on PATH.

# Builds a product and prints nothing on standard output; what the compiler says is shown where the build fails. On a
# terminal its progress is one line, elsewhere a line a minute.
build_release() { # product, further options of swift build
    local product=$1 log status=0
    shift
    log=$(mktemp)
    swift build -c release --product "$product" "$@" 2>&1 | tee "$log" | build_progress || status=$?
    if [ $status -ne 0 ]; then
        grep -E '(error|fatal error): ' "$log" | sort -u | head -n 40 >&2 || true
        tail -n 20 "$log" >&2
        echo "the build of $product failed; what the compiler printed is in $log" >&2
        return $status
    fi
    rm -f "$log"
}

# The newest line of standard input. `[12/900] Compiling X` moves on; the warnings of packages are left out.
build_progress() {
    local line width shown=0
    width=$(tput cols 2>/dev/null || echo 80)
    while IFS= read -r line; do
        case $line in
            '['*/*']'*) ;;
            Fetching* | Fetched* | Computing* | Creating\ working* | Building*) ;;
            *) continue ;;
        esac
        if [ -t 2 ]; then
            printf '\r\033[K%s' "${line:0:$((width - 1))}" >&2
        elif ((SECONDS - shown >= 60)); then
            printf '%s\n' "$line" >&2
            shown=$SECONDS
        fi
    done
    if [ -t 2 ]; then printf '\r\033[K' >&2; fi
}
