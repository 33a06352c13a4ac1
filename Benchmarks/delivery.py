#!/usr/bin/python3
"""How fast alerts go out.

    Benchmarks/delivery.py PROGRAM [--against PROGRAM] [--parts mails,hanging,alone,grouped] [--mails 1000] [--channels 1,20]
                           [--seconds 60] [--hanging 40] [--alerts 100] [--grouped slack:10,webhook:1]

mails    how many mails a second go out through one mail server
hanging  how long an alert of one tenant takes while so many channels of another hang
alone    how long one alert takes that has the daemon for itself: from the answer to its webhook to its message at a
         Slack-style receiver, without a group_wait; the builds take turns
grouped  10,000 alerts in 1,000 groups of ten, one group for each project, as fast as the channels' pace allows: for each
         kind so many tenants with one channel each, which share the groups

For `mails`, queues alerts in a SQLite store, starts the daemon, and counts what a mail server on the loopback interface takes, until all
mails are there or the time is over. With --against, another build's program does the same in turns; the figure that counts
is the ratio. Every mail must have arrived, once, by the end of a run that was not cut short.
"""
import argparse
import base64
import collections
import hashlib
import hmac
import http.client
import json
import multiprocessing
import os
import pathlib
import re
import signal
import socket
import sqlite3
import subprocess
import tempfile
import threading
import time
import urllib.request
import uuid

ADMIN = "admin-token-of-the-benchmark"


class Relay:
    """Takes every mail at once; when each came, of which alert, in how many sessions."""

    def __init__(self):
        self.times, self.ids, self.sessions, self.lock = [], collections.Counter(), 0, threading.Lock()
        self.server = socket.create_server(("127.0.0.1", 0), backlog=256)
        self.port = self.server.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                connection, _ = self.server.accept()
            except OSError:
                return
            self.sessions += 1
            threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def serve(self, connection):
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        lines = connection.makefile("rb")
        try:
            connection.sendall(b"220 relay ESMTP\r\n")
            while line := lines.readline():
                command = line[:4].upper()
                if command == b"DATA":
                    connection.sendall(b"354 go on\r\n")
                    body = []
                    while (line := lines.readline()) not in (b".\r\n", b""):
                        body.append(line)
                    self.take(body)
                connection.sendall(b"221 bye\r\n" if command == b"QUIT" else b"250 OK\r\n")
        except OSError:
            pass
        finally:
            connection.close()

    def take(self, body):
        with self.lock:
            self.ids[next(line for line in body if line.startswith(b"Message-ID"))] += 1
            self.times.append(time.monotonic())


class Hook:
    """A Slack-style receiver that takes every message at once; when each came, by its path."""

    def __init__(self):
        self.times, self.lock = collections.defaultdict(list), threading.Lock()
        self.server = socket.create_server(("127.0.0.1", 0), backlog=256)
        self.port = self.server.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                connection, _ = self.server.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def serve(self, connection):
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        stream = connection.makefile("rb")
        try:
            while request := stream.readline():
                length = 0
                while (header := stream.readline()) not in (b"\r\n", b""):
                    name, _, value = header.partition(b":")
                    if name.lower() == b"content-length":
                        length = int(value)
                stream.read(length)
                now = time.monotonic()
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nok")
                with self.lock:
                    self.times[request.split()[1].decode()].append(now)
        except OSError:
            pass
        finally:
            connection.close()

    @property
    def count(self):
        with self.lock:
            return sum(map(len, self.times.values()))


class Daemon:
    def __init__(self, program, folder, relay, more={}):
        self.log = open(folder / "log", "a")
        key = base64.urlsafe_b64encode(hashlib.sha256(b"benchmark").digest()).decode()
        self.file = folder / "store.sqlite"
        environment = {
            "PATH": os.environ["PATH"], "CONSILOD_ENCRYPTION_KEY": key,
            "CONSILOD_ADMIN_TOKEN": ADMIN, "CONSILOD_STORE_PATH": str(self.file), "CONSILOD_JIRA_ENABLED": "false",
            "CONSILOD_SMTP_HOST": "127.0.0.1", "CONSILOD_SMTP_PORT": str(relay.port), "CONSILOD_SMTP_SECURITY": "none",
            "CONSILOD_SMTP_FROM": "alerts@example.com", "CONSILOD_ALERTS_ALLOW_PLAIN_HTTP": "true",
            "CONSILOD_ALERTS_ALLOWED_HOSTS": "127.0.0.1", "CONSILOD_SHUTDOWN_TIMEOUT_SECONDS": "2",
            # Each alert at once and alone, as programs before 0.2 send them; those do not know the settings.
            "CONSILOD_ALERTS_GROUP_WAIT_SECONDS": "0", "CONSILOD_ALERTS_GROUP_INTERVAL_SECONDS": "0", **more}
        empty = folder / "empty.yaml"
        empty.write_text("")
        with socket.create_server(("127.0.0.1", 0)) as probe:
            self.port = probe.getsockname()[1]
        environment["CONSILOD_HTTP_PORT"] = str(self.port)
        self.process = subprocess.Popen([program, "serve", "--config", str(empty)], env=environment, stdout=self.log,
                                        stderr=self.log)
        while True:
            if self.process.poll() is not None:
                raise SystemExit((folder / "log").read_text()[-2000:])
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{self.port}/ready").read()
                return
            except OSError:
                time.sleep(0.02)

    def call(self, path, body, token=None, headers={}, method=None):
        headers = {"Content-Type": "application/json", **headers}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}{path}", body.encode() if body else None, headers, method=method)
        with urllib.request.urlopen(request) as answer:
            return json.loads(answer.read() or b"null")

    def add_tenant(self, name):
        return self.call("/api/tenants", json.dumps({
            "company_name": name, "jira_url": f"https://{name}.atlassian.net", "jira_email": f"it@{name}.example",
            "jira_token": "token-of-the-benchmark"}), ADMIN)

    def resident(self):
        """MB."""
        lines = open(f"/proc/{self.process.pid}/status").read()
        return int(re.search(r"VmRSS:\s+(\d+)", lines)[1]) / 1024

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait()


def signed(tenant, body):
    digest = hmac.new(tenant["webhook_secret"].encode(), body, hashlib.sha256).hexdigest()
    return {"Content-Type": "application/json", "X-Hub-Signature": f"sha256={digest}"}


def issue(number):
    now = int(time.time() * 1000)
    stamp = time.strftime("%Y-%m-%dT%H:%M:%S.000+0000", time.gmtime(now / 1000))
    return json.dumps({
        "timestamp": now, "webhookEvent": "jira:issue_created",
        "issue": {"id": f"{10000 + number}", "key": f"ENG-{number}", "fields": {
            "summary": "A benchmark", "created": stamp, "updated": stamp, "duedate": "2020-01-01",
            "project": {"id": "1", "key": "ENG"}, "issuetype": {"name": "Task"},
            "status": {"id": "1", "name": "Open", "statusCategory": {"key": "new"}}}}})


def raise_alert(daemon, name, channels):
    """Makes a tenant with these channels, and sends the webhook of an issue that raises an alert on each."""
    tenant = daemon.add_tenant(name)
    for number, (kind, target) in enumerate(channels):
        daemon.call("/api/alert-channels", json.dumps({"kind": kind, "name": f"c{number}", "target": target}),
                    tenant["api_key"])
    daemon.call("/api/alert-rules", json.dumps({"name": "Any", "kind": "threshold", "raise_at": 1}), tenant["api_key"])
    body = issue(1)
    daemon.call(f"/webhooks/jira/{tenant['id']}", body, headers=signed(tenant, body.encode()))
    return tenant


def latency(program, hanging):
    """Seconds from one tenant's webhook to its mail, while so many channels of another take connections and say nothing."""
    with tempfile.TemporaryDirectory() as folder, socket.create_server(("127.0.0.1", 0), backlog=1024) as silent:
        folder, relay = pathlib.Path(folder), Relay()
        daemon = Daemon(program, folder, relay)
        address = f"http://127.0.0.1:{silent.getsockname()[1]}"
        raise_alert(daemon, "silent", [("slack", f"{address}/{number}") for number in range(hanging)])
        time.sleep(3)
        start = time.monotonic()
        raise_alert(daemon, "acme", [("email", "lead@example.com")])
        while not relay.times:
            time.sleep(0.005)
        daemon.process.kill()
        daemon.process.wait()
        return relay.times[0] - start


def prepare(program, folder, relay, mails, channels):
    """A store with so many mails queued, made of one real alert; and the ids of its deliveries."""
    daemon = Daemon(program, folder, relay)
    raise_alert(daemon, "acme", [("email", f"lead{number}@example.com") for number in range(channels)])
    while len(relay.times) < channels:
        time.sleep(0.05)
    daemon.stop()
    store = sqlite3.connect(daemon.file)
    copies = {}
    for table in ("alerts", "notifications", "notification_alerts"):
        cursor = store.execute(f"SELECT * FROM {table}")
        names = [column[0] for column in cursor.description]
        copies[table] = [dict(zip(names, row)) for row in cursor]

    def insert(table, row):
        store.execute(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({', '.join('?' * len(row))})", list(row.values()))
    for number in range(mails):
        alert, delivery, link = (dict(copies[table][number % len(copies[table])]) for table in copies)
        alert = dict(copies["alerts"][0])
        old, alert["id"], delivery["id"] = alert["id"], str(uuid.uuid4()), str(uuid.uuid4())
        alert["alert_json"] = re.sub(old, alert["id"], alert["alert_json"], flags=re.I)
        delivery.update(state="queued", attempts=0, delivered_at=None, lease_token=None, leased_until=None)
        if "recipient_encrypted" in delivery:
            delivery["recipient_encrypted"] = None
        link.update(notification_id=delivery["id"], alert_id=alert["id"])
        for table, row in (("alerts", alert), ("notifications", delivery), ("notification_alerts", link)):
            insert(table, row)
    store.commit()
    store.close()


def run(program, mails, channels, seconds):
    with tempfile.TemporaryDirectory() as folder:
        folder, relay = pathlib.Path(folder), Relay()
        prepare(program, folder, relay, mails, channels)
        time.sleep(0.5)
        relay.times.clear()
        relay.ids.clear()
        relay.sessions = 0
        daemon = Daemon(program, folder, relay)
        end = time.monotonic() + seconds
        while len(relay.times) < mails and time.monotonic() < end:
            time.sleep(0.02)
        times, doubled = list(relay.times), [name for name, count in relay.ids.items() if count > 1]
        daemon.stop()
        relay.server.close()
        if len(times) >= mails and (doubled or len(relay.ids) != mails):
            raise SystemExit(f"{len(relay.ids)} of {mails} mails arrived, {len(doubled)} of them more than once")
        return (len(times) - 1) / (times[-1] - times[0]), len(times), relay.sessions


# Seconds between two alerts of a channel: more than its pace.
PAUSE = 1.3


class Alone:
    """A daemon with one tenant that has one Slack channel, which may have its next message at once."""

    def __init__(self, program, folder):
        folder.mkdir()
        self.relay, self.hook, self.seconds = Relay(), Hook(), []
        self.daemon = Daemon(program, folder, self.relay)
        self.tenant = raise_alert(self.daemon, "acme", [("slack", f"http://127.0.0.1:{self.hook.port}/")])
        self.connection = http.client.HTTPConnection("127.0.0.1", self.daemon.port)
        while not self.hook.count:
            time.sleep(0.05)
        # The first alert holds the channel as any other does: without this the first one that is measured waits for the rest of a second.
        time.sleep(PAUSE)

    def raise_one(self, number):
        """Notes the time from the answer to the message."""
        before, body = self.hook.count, issue(number).encode()
        self.connection.request("POST", f"/webhooks/jira/{self.tenant['id']}", body, signed(self.tenant, body))
        self.connection.getresponse().read()
        answered = time.monotonic()
        end = answered + 20
        while self.hook.count == before and time.monotonic() < end:
            time.sleep(0.001)
        if self.hook.count == before:
            raise SystemExit("an alert did not arrive within 20 s")
        self.seconds.append(self.hook.times["/"][before] - answered)

    def stop(self):
        self.daemon.process.kill()
        self.daemon.process.wait()
        self.relay.server.close()
        self.hook.server.close()


def percentile(values, part):
    return sorted(values)[min(len(values) - 1, int(len(values) * part))]


def alone(sides, alerts):
    """Both builds run all the time, and take turns; a channel has more than its pace from one alert to the next."""
    with tempfile.TemporaryDirectory() as folder:
        running = [(side, Alone(program, pathlib.Path(folder) / side)) for side, program in sides]
        for number in range(alerts):
            for _, one in running:
                began = time.monotonic()
                one.raise_one(2 + number)
                time.sleep(max(0, began + PAUSE / len(running) - time.monotonic()))
        before = None
        print("\n| an alert alone | p50 ms | of before | p90 ms | p99 ms | alerts |")
        print("|---|---|---|---|---|---|")
        for side, one in running:
            middle = percentile(one.seconds, 0.5)
            before = before or (middle if side == "before" else None)
            ratio = f"{middle / before:.2f}" if before else ""
            rest = [f"{1000 * percentile(one.seconds, part):.2f}" for part in (0.9, 0.99)]
            print(f"| {side} | {1000 * middle:.2f} | {ratio} | {' | '.join(rest)} | {len(one.seconds)} |", flush=True)
            one.stop()


GROUPS, ALERTS_OF_GROUP, GROUP_WAIT = 1000, 10, 60
PACE = {"slack": 1, "teams": 1, "webhook": 0.1}


def add_grouping_tenant(daemon, name, kind, target):
    """A tenant with one channel, one rule, and one group for each project."""
    tenant = daemon.add_tenant(name)
    key = tenant["api_key"]
    for rule in daemon.call("/api/alert-rules", None, key):
        daemon.call(f"/api/alert-rules/{rule['id']}", None, key, method="DELETE")
    daemon.call("/api/alert-rules", json.dumps({"name": "Any", "kind": "threshold", "raise_at": 1}), key)
    daemon.call("/api/alert-channels", json.dumps({"kind": kind, "name": "team", "target": target}), key)
    daemon.call("/api/alert-routes", json.dumps({"group_by": "project", "group_wait_seconds": GROUP_WAIT}), key, method="PUT")
    return tenant


def post_issues(port, work):
    """Sends the webhooks of a list of (tenant, body) on one connection."""
    connection = http.client.HTTPConnection("127.0.0.1", port)
    for tenant, body in work:
        connection.request("POST", f"/webhooks/jira/{tenant['id']}", body, signed(tenant, body))
        answer = connection.getresponse()
        answer.read()
        if answer.status != 202:
            raise SystemExit(f"a webhook was answered {answer.status}")


def grouping_work(tenants):
    work, template = [], json.loads(issue(1))
    for number in range(GROUPS * ALERTS_OF_GROUP):
        group = number % GROUPS
        key = f"G{group}"
        template["issue"].update(id=f"{10000 + number}", key=f"{key}-{number}")
        template["issue"]["fields"]["project"] = {"id": f"{group}", "key": key}
        work.append((tenants[group % len(tenants)], json.dumps(template).encode()))
    return work


def grouped(program, kind, channels):
    with tempfile.TemporaryDirectory() as folder:
        folder, relay, hook = pathlib.Path(folder), Relay(), Hook()
        daemon = Daemon(program, folder, relay, {"CONSILOD_HTTP_WEBHOOK_RATE": "0"})
        tenants = [add_grouping_tenant(daemon, f"t{number}", kind, f"http://127.0.0.1:{hook.port}/{number}")
                   for number in range(channels)]
        work, began = grouping_work(tenants), time.monotonic()
        posts = [multiprocessing.Process(target=post_issues, args=(daemon.port, work[start::4])) for start in range(4)]
        for process in posts:
            process.start()
        for process in posts:
            process.join()
        while not hook.count:
            time.sleep(0.01)
        store = sqlite3.connect(f"file:{daemon.file}?mode=ro", uri=True)
        raised = store.execute("SELECT COUNT(*), MAX(created_at) FROM alerts").fetchone()
        first = time.monotonic()
        sizes, limit = [daemon.resident()], PACE[kind] * (GROUPS / channels) * 1.5 + 10
        while hook.count < GROUPS and time.monotonic() < first + limit:
            time.sleep(0.25)
            sizes.append(daemon.resident())
        ways = [max(times) - min(times) for times in hook.times.values()]
        allowed = PACE[kind] * (GROUPS / channels - 1)
        # The last outcome is written after the answer.
        time.sleep(1)
        states = store.execute("SELECT state, COUNT(*) FROM notifications GROUP BY state").fetchall()
        carried = store.execute("SELECT COUNT(*), COUNT(DISTINCT alert_id) FROM notification_alerts").fetchone()
        store.close()
        daemon.stop()
        expected = GROUPS * ALERTS_OF_GROUP
        if hook.count != GROUPS or states != [("delivered", GROUPS)] or carried != (expected, expected):
            raise SystemExit(f"{hook.count} messages, {states}, {carried} alerts of {raised} raised")
        print(f"| {kind} | {channels} | {hook.count} | {carried[1]} | {allowed:.1f} | {max(ways):.1f} | "
              f"{max(ways) / allowed:.3f} | {sizes[0]:.0f} | {max(sizes):.0f} | {sizes[-1]:.0f} |", flush=True)


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("program")
    options.add_argument("--against", metavar="PROGRAM")
    options.add_argument("--mails", type=int, default=1000)
    options.add_argument("--channels", default="1,20")
    options.add_argument("--seconds", type=int, default=60)
    options.add_argument("--hanging", type=int, default=40)
    options.add_argument("--alerts", type=int, default=100)
    options.add_argument("--grouped", default="slack:10,webhook:1")
    options.add_argument("--parts", default="mails,hanging,alone,grouped")
    options = options.parse_args()
    sides = [(side, program) for side, program in (("before", options.against), ("now", options.program)) if program]
    parts = options.parts.split(",")
    if "mails" in parts:
        show_mails(sides, options)
    if "hanging" in parts and options.hanging:
        print(f"\nan alert of another tenant, while {options.hanging} channels hang: " + ", ".join(
            f"{latency(program, options.hanging):.2f} s {side}" for side, program in sides))
    if "alone" in parts:
        alone(sides, options.alerts)
    if "grouped" in parts:
        print("\n| kind | channels | messages | alerts | allowed s | took s | of allowed | MB at first | most | at last |")
        print("|---|---|---|---|---|---|---|---|---|---|")
        for kind, channels in (part.split(":") for part in options.grouped.split(",")):
            grouped(options.program, kind, int(channels))


def show_mails(sides, options):
    print("| channels | side | mails/s | of before | mails | sessions |")
    print("|---|---|---|---|---|---|")
    for channels in map(int, options.channels.split(",")):
        before = None
        for side, program in sides:
            rate, count, sessions = run(program, options.mails, channels, options.seconds)
            before = before or (rate if side == "before" else None)
            ratio = f"{rate / before:.1f}" if before else ""
            print(f"| {channels} | {side} | {rate:.1f} | {ratio} | {count} | {sessions} |", flush=True)


if __name__ == "__main__":
    main()
