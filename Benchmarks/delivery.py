#!/usr/bin/python3
"""How many mails a second go out through one mail server.

    Benchmarks/delivery.py PROGRAM [--against PROGRAM] [--mails 1000] [--channels 1,20] [--seconds 60] [--hanging 40]

And how long an alert of one tenant takes while another's channels hang: --hanging CHANNELS (40; 0 leaves it out).

Queues alerts in a SQLite store, starts the daemon, and counts what a mail server on the loopback interface takes, until all
mails are there or the time is over. With --against, another build's program does the same in turns; the figure that counts
is the ratio. Every mail must have arrived, once, by the end of a run that was not cut short.
"""
import argparse
import base64
import collections
import hashlib
import hmac
import json
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


class Daemon:
    def __init__(self, program, folder, relay):
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
            "CONSILOD_ALERTS_GROUP_WAIT_SECONDS": "0", "CONSILOD_ALERTS_GROUP_INTERVAL_SECONDS": "0"}
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

    def call(self, path, body, token=None, headers={}):
        headers = {"Content-Type": "application/json", **headers}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", body.encode(), headers)
        with urllib.request.urlopen(request) as answer:
            return json.loads(answer.read() or b"null")

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait()


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
    tenant = daemon.call("/api/tenants", json.dumps({
        "company_name": name, "jira_url": f"https://{name}.atlassian.net", "jira_email": f"it@{name}.example",
        "jira_token": "token-of-the-benchmark"}), ADMIN)
    for number, (kind, target) in enumerate(channels):
        daemon.call("/api/alert-channels", json.dumps({"kind": kind, "name": f"c{number}", "target": target}),
                    tenant["api_key"])
    daemon.call("/api/alert-rules", json.dumps({"name": "Any", "kind": "threshold", "raise_at": 1}), tenant["api_key"])
    body = issue(1)
    digest = hmac.new(tenant["webhook_secret"].encode(), body.encode(), hashlib.sha256).hexdigest()
    daemon.call(f"/webhooks/jira/{tenant['id']}", body, headers={"X-Hub-Signature": f"sha256={digest}"})


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


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("program")
    options.add_argument("--against", metavar="PROGRAM")
    options.add_argument("--mails", type=int, default=1000)
    options.add_argument("--channels", default="1,20")
    options.add_argument("--seconds", type=int, default=60)
    options.add_argument("--hanging", type=int, default=40)
    options = options.parse_args()
    sides = [(side, program) for side, program in (("before", options.against), ("now", options.program)) if program]
    print("| channels | side | mails/s | of before | mails | sessions |")
    print("|---|---|---|---|---|---|")
    for channels in map(int, options.channels.split(",")):
        before = None
        for side, program in sides:
            rate, count, sessions = run(program, options.mails, channels, options.seconds)
            before = before or (rate if side == "before" else None)
            ratio = f"{rate / before:.1f}" if before else ""
            print(f"| {channels} | {side} | {rate:.1f} | {ratio} | {count} | {sessions} |", flush=True)
    if options.hanging:
        print(f"\nan alert of another tenant, while {options.hanging} channels hang: " + ", ".join(
            f"{latency(program, options.hanging):.2f} s {side}" for side, program in sides))


if __name__ == "__main__":
    main()
