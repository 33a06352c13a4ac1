#!/usr/bin/env bash
# Alertmanager 0.25: a POST of several alerts that is answered 400 has been taken all the same, but for the alerts that
# were at fault.
#
# A client error that names one alert reads as "nothing was stored, send it again without that one". But where an alert
# is well formed and invalid (a hyphen in a label's name, no labels, an end before its start), /api/v2/alerts stores the
# others of the request, sends them on, and answers 400. The text names what is wrong, and neither which alert it is nor
# that the rest was taken. Where the JSON itself is not as the API describes it (a number for a label's value, a
# generatorURL that is no URL), with 400 or 422, nothing is stored. The status does not tell the two apart.
#
# Whom it matters to: programs that send alerts in batches. One that gives up a batch answered 400, or reports it as not
# delivered, is wrong about the alerts that were delivered. Send one alert a request, or check the labels' names
# ([a-zA-Z_][a-zA-Z0-9_]*) before; a repetition does no harm, as equal labels are one alert.
#
# Needs Debian's or Ubuntu's apt, python3 (3.8 or newer), and root or user namespaces. Ends with 0 when it still is as
# described.
set -euo pipefail

folder=$(mktemp -d)
trap 'kill "${alertmanager:-}" 2>/dev/null || true; rm -rf "$folder"' EXIT
cd "$folder"

# Unpacked and not installed. It reads a template from /usr/share: the package's own, in a name space of its own.
apt-get -qq download prometheus-alertmanager=0.25.0-1+b4 >apt.log 2>&1 || { cat apt.log; exit 2; }
dpkg-deb -x ./*.deb root
space=(unshare --mount)
if [ "$(id -u)" -ne 0 ]; then space=(unshare --map-root-user --mount); fi
"${space[@]}" true || { echo 'No name space can be made.'; exit 2; }

cat >probe.py <<'PY'
import http.server
import json
import sys
import threading
import time
import urllib.error
import urllib.request

port, hook_port = map(int, sys.argv[1:])
api = f"http://127.0.0.1:{port}/api/v2/alerts"
received = set()


class Receiver(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        message = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        received.update(alert["labels"].get("alertname") for alert in message["alerts"])
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_):
        pass


receiver = http.server.ThreadingHTTPServer(("127.0.0.1", hook_port), Receiver)
threading.Thread(target=receiver.serve_forever, daemon=True).start()
opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def post(alerts):
    request = urllib.request.Request(api, json.dumps(alerts).encode(), {"Content-Type": "application/json"})
    try:
        return opener.open(request).status
    except urllib.error.HTTPError as error:
        return error.code


for attempt in range(100):
    try:
        opener.open(api).close()
        break
    except OSError:
        time.sleep(0.1)

cases = {
    "nothing": dict(labels=dict(alertname="second")),
    "a hyphen in the name of a label": {"labels": {"alertname": "second", "project-key": "X"}},
    "no labels": dict(labels={}),
    "an end before the start": dict(
        labels=dict(alertname="second"), startsAt="2026-01-02T00:00:00Z", endsAt="2026-01-01T00:00:00Z"),
    "a number as the value of a label": dict(labels=dict(alertname="second", points=3)),
    "a generatorURL that is no URL": dict(labels=dict(alertname="second"), generatorURL="no URL"),
}
answers = []
for number, (name, second) in enumerate(cases.items()):
    first = f"first {number}"
    answers.append((name, post([second, dict(labels=dict(alertname=first))]), first))
stored = {alert["labels"].get("alertname") for alert in json.load(opener.open(api))}
time.sleep(4)  # a group waits for one second
for name, status, first in answers:
    print(f"{name:<34} {status}    {'yes' if first in stored else 'no':<10} {'yes' if first in received else 'no'}")
PY

free() { python3 -c 'import socket; print(socket.create_server(("127.0.0.1", 0)).getsockname()[1])'; }
port=$(free)
hook=$(free)
cat >alertmanager.yml <<YAML
route: {receiver: probe, group_by: [alertname], group_wait: 1s}
receivers:
  - name: probe
    webhook_configs: [{url: "http://127.0.0.1:$hook/"}]
YAML
# shellcheck disable=SC2016 # the inner shell's arguments
"${space[@]}" sh -c 'mount --bind root/usr/share /usr/share && exec "$@"' sh root/usr/bin/prometheus-alertmanager \
    --config.file alertmanager.yml --storage.path data --cluster.listen-address= \
    --web.listen-address "127.0.0.1:$port" >alertmanager.log 2>&1 &
alertmanager=$!
seen=$(python3 probe.py "$port" "$hook") || { cat alertmanager.log; exit 2; }

line() { printf '%-34s %-6s %-10s %s\n' "$@"; }
heading=$(line 'wrong with the second' status stored 'sent on')
answers() { # whether the first alert is taken where the second is invalid
    line nothing 200 yes yes
    line 'a hyphen in the name of a label' 400 "$1" "$1"
    line 'no labels' 400 "$1" "$1"
    line 'an end before the start' 400 "$1" "$1"
    line 'a number as the value of a label' 400 no no
    line 'a generatorURL that is no URL' 422 no no
}
expected=$(answers no)
recorded=$(answers yes)

version=$(root/usr/bin/prometheus-alertmanager --version 2>&1 | sed -n 's/^alertmanager, version \([^ ]*\).*/\1/p')
printf '== Alertmanager %s: what becomes of the first of two alerts\n' "$version"
printf '\n== expected\n%s\n%s\n\n== seen\n%s\n%s\n\n' "$heading" "$expected" "$heading" "$seen"
[ "$seen" = "$recorded" ] || { echo 'This is not what was recorded.'; exit 1; }
echo 'As recorded: with 400 the other alerts were taken.'
