# shellcheck shell=bash
# Source this for what the checks of packages in a box share. It needs `work`, a folder, `load`, the process of a load or
# nothing, and CONSILOD_BOX; `here` is the folder of these scripts.

box() { "$here/box" "$@"; }
inside() { "$here/box" exec "$@"; }
clean_up() {
    box down
    [ -z "$load" ] || wait "$load" 2>/dev/null || true
    rm -rf "$work"
}
fail() {
    echo "${0##*/}: $*" >&2
    inside journalctl -q -u consilod -u consilod.socket --no-pager | tail -n 20 >&2 || true
    exit 1
}
# Says what holds, or ends.
holds() { # what command…
    local what=$1
    shift
    "$@" || fail "it does not hold that $what"
    echo "  $what"
}
active() { [ "$(inside systemctl is-active "$1")" = active ]; }
property() { inside systemctl show --value -p "$2" "$1"; }
there() { inside test -e "$1"; }
not() { ! "$@"; }
eventually() { # command…
    for _ in $(seq 600); do
        if "$@"; then return; fi
        sleep 0.1
    done
    return 1
}
answered() { [ "$(inside cat /root/answered 2>/dev/null || echo 0)" -ge "$1" ]; }
# An install whose output is only shown where it fails.
install_package() { # file in the box
    inside dpkg -i --force-downgrade "$1" >"$work/log" 2>&1 || { tail -n 20 "$work/log" >&2; fail "dpkg -i $1 failed"; }
}
# Boots it, where packages may start services, and no more webhooks come than the daemon takes.
boot() {
    box check
    box up $$
    # A machine without an init of its own may forbid packages to start services; the box has one.
    inside rm -f /usr/sbin/policy-rc.d
    # More webhooks than one Jira sends.
    printf '[Service]\nEnvironment=CONSILOD_HTTP_WEBHOOK_RATE=0\n' >"$work/rate.conf"
    box put "$work/rate.conf" /etc/systemd/system/consilod.service.d/rate.conf
}
# Installs a package while webhooks come; `$work/outcome` says what became of them. Needs load.py in /root and a tenant.
upgrade_under_load() { # file in the box
    inside /usr/bin/python3 /root/load.py /root "/webhooks/jira/$(cat "$work/id")" 4 >"$work/outcome" &
    load=$!
    eventually answered 100 || fail "no webhook was answered"
    install_package "$1"
    local before
    before=$(inside cat /root/answered)
    eventually answered $((before + 100)) || fail "no webhook was answered after the upgrade"
    inside touch /root/stop
    wait "$load"
    load=''
}
# Creates a tenant: `$work/id`, `$work/api-key` and, in the box, /root/secret and /root/api-key.
create_tenant() {
    inside sh -c '{ printf "Authorization: Bearer "; cat /etc/consilod/credentials/admin-token; } |
        curl -fsS -X POST http://127.0.0.1:8080/api/tenants -H @- -H "Content-Type: application/json" -d "$1"' sh \
        '{"company_name": "acme", "jira_url": "https://acme.atlassian.net", "jira_email": "it@acme.example",
          "jira_token": "0123456789abcdefghij"}' >"$work/tenant"
    /usr/bin/python3 - "$work" <<'PY'
import json
import pathlib
import sys

work = pathlib.Path(sys.argv[1])
tenant = json.loads((work / "tenant").read_text())
for name, field in (("id", "id"), ("secret", "webhook_secret"), ("api-key", "api_key")):
    (work / name).write_text(tenant[field])
PY
    box put "$work/secret" /root/secret 0600
    box put "$work/api-key" /root/api-key 0600
}
