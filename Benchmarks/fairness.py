#!/usr/bin/python3
"""What one tenant's worst does to another tenant (P11).

    Benchmarks/fairness.py PROGRAM [--against PROGRAM] [--seconds 20] [--rate 20] [--attacks secrets,texts,noise,rules,hanging,storm]

A tenant's webhooks come at a steady rate, each of a new issue, and every fourth raises an alert by mail, on one of five
channels in turn. Measured are the time to the answer, from the instant at which the webhook was due to be sent, and the
time to the mail at the relay: first while nothing else happens, then while other tenants do one of these, as far as the
daemon's limits let them:

  secrets   400 webhook secrets; three connections that send bodies of 25 MB under a wrong signature without a pause
  texts     two webhooks a second, of 4 and 8 MB, with a summary and a description of one letter and millions of
            combining marks, each of which raises an alert on 16 mail channels
  noise     two webhooks a second, of 4 and 8 MB, whose description is text that cannot be compressed much
  rules     300 rules and 300 channels, and every five seconds a webhook that concerns all of them
  hanging   an alert on each of 1,000 Slack channels that take the connection and never answer, of one tenant or of as
            many as it takes
  storm     1,000 webhooks at once, each of which raises an alert by mail

The figure that counts is the ratio of the p99 to that of the quiet time just before, in one run on one machine. With
--against, another build does the same before. A * marks what misses its target: the answer's p99 3 times the quiet one,
the alert's p99 2 s (in a storm 100 ms), 250 MB resident. What was not there 10 s after the attack counts as that late at least.
"""
import argparse
import base64
import hashlib
import hmac
import http.client
import json
import multiprocessing
import os
import pathlib
import queue
import re
import socket
import tempfile
import threading
import time
import urllib.error

import delivery

WEBHOOK_RATIO, ALERT_SECONDS, STORM_ALERT_SECONDS, RESIDENT_MB = 3, 2, 0.1, 250
# After an attack, for what is still to come.
PATIENCE = 10
ALERT_EVERY, CHANNELS = 4, 5


def sign(secret, body):
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


class Relay(delivery.Relay):
    """When the mail of each issue of a tenant came first."""

    def __init__(self):
        super().__init__()
        self.arrived = {}

    def take(self, body):
        now = time.monotonic()
        found = re.search(rb"<issue\.([-0-9a-fA-F]+)\.(\d+)@", b"".join(body))
        if found:
            with self.lock:
                self.arrived.setdefault((found[1].decode().lower(), found[2].decode()), now)


# Processes apart, so that neither the load nor the relay delays the clock of the other. Instants are of the monotonic
# clock, which all processes share.

def own_issue(number):
    """The webhook of a new issue; every fourth belongs to a project that a rule concerns."""
    webhook = json.loads(delivery.issue(number))
    project = f"Q{number // ALERT_EVERY % CHANNELS}" if number % ALERT_EVERY == 0 else "QUIET"
    webhook["issue"]["key"] = f"{project}-{number}"
    webhook["issue"]["fields"]["project"] = {"id": f"{ord(project[1])}", "key": project}
    return json.dumps(webhook).encode()


def probe(port, tenant, first, seconds, rate, results):
    """Sends webhooks at a steady rate on four connections; puts (issue, due, answered or None) for each."""
    work, began = queue.Queue(), time.monotonic() + 0.2
    count = int(seconds * rate)
    for number in range(count):
        work.put((number, began + number / rate))

    def send():
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        while True:
            try:
                number, due = work.get_nowait()
            except queue.Empty:
                return
            time.sleep(max(0, due - time.monotonic()))
            if time.monotonic() > began + seconds + PATIENCE:
                results.put((str(first + number), due, None))
                continue
            body = own_issue(first + number - 10_000)
            try:
                connection.request("POST", f"/webhooks/jira/{tenant['id']}", body, {
                    "Content-Type": "application/json", "X-Hub-Signature": sign(tenant["webhook_secret"], body)})
                answer = connection.getresponse()
                answer.read()
                results.put((str(first + number), due, time.monotonic() if answer.status == 202 else None))
            except (OSError, http.client.HTTPException):
                connection.close()
                results.put((str(first + number), due, None))

    threads = [threading.Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def post(port, tenant, body, signature=None):
    """One webhook; the status of its answer, None where the connection broke."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    try:
        connection.request("POST", f"/webhooks/jira/{tenant['id']}", body, {
            "Content-Type": "application/json",
            "X-Hub-Signature": signature or sign(tenant["webhook_secret"], body)})
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()


def forged(port, tenant, until):
    body = b'{"webhookEvent": "' + b"x" * 26_000_000 + b'"}'
    while time.monotonic() < until:
        post(port, tenant, body, "sha256=" + "0" * 64)


def marked(port, tenant, until, start):
    number = start
    while time.monotonic() < until:
        webhook = json.loads(delivery.issue(number))
        marks = "a" + "\u0301" * (1_000_000 if number % 2 else 2_000_000)
        webhook["issue"]["fields"].update(summary=marks, description=marks)
        post(port, tenant, json.dumps(webhook, ensure_ascii=False).encode())
        number += 2
        time.sleep(1)


def noisy(port, tenant, until, start):
    number, noise = start, base64.b64encode(os.urandom(3_000_000)).decode()
    while time.monotonic() < until:
        webhook = json.loads(delivery.issue(number))
        # Not twice the same.
        text = (noise[number:] + noise[:number]) * (1 if number % 2 else 2)
        webhook["issue"]["fields"].update(summary="Attachment", description=text)
        post(port, tenant, json.dumps(webhook).encode())
        number += 2
        time.sleep(1)


def seldom(port, tenant, until):
    number = 1
    while time.monotonic() < until:
        post(port, tenant, delivery.issue(number).encode())
        number += 1
        time.sleep(5)


def once(port, tenant, until):
    post(port, tenant, delivery.issue(1).encode())


def burst(port, tenant, until, start):
    for number in range(start, 1000, 8):
        post(port, tenant, delivery.issue(number).encode())


class Side:
    """A daemon of one build, the tenant that is measured, and those that attack."""

    def __init__(self, program, folder, options):
        self.options, self.relay, self.folder = options, Relay(), folder
        self.daemon = delivery.Daemon(program, folder, self.relay)
        self.silent = socket.create_server(("127.0.0.1", 0), backlog=4096)
        self.tenant = self.add_tenant("quiet")
        for number in range(CHANNELS):
            channel = self.daemon.call("/api/alert-channels", json.dumps(
                {"kind": "email", "name": f"c{number}", "target": f"lead{number}@example.com"}), self.tenant["api_key"])
            self.add(self.tenant, "/api/alert-rules", {
                "name": f"Any {number}", "kind": "threshold", "raise_at": 1, "project_keys": [f"Q{number}"],
                "channel_ids": [channel["id"]]})
        self.next, self.attackers, self.peak = 20_000, [], 0
        threading.Thread(target=self.watch, daemon=True).start()

    def watch(self):
        while True:
            try:
                lines = open(f"/proc/{self.daemon.process.pid}/status").read()
                self.peak = max(self.peak, int(re.search(r"VmRSS:\s+(\d+)", lines)[1]) / 1024)
            except (OSError, TypeError):
                return
            time.sleep(0.05)

    def add_tenant(self, name):
        return self.daemon.call("/api/tenants", json.dumps({
            "company_name": name, "jira_url": f"https://{name}.atlassian.net", "jira_email": f"it@{name}.example",
            "jira_token": "token-of-the-benchmark"}), delivery.ADMIN)

    def add(self, tenant, path, what):
        """False when a limit refuses it."""
        try:
            self.daemon.call(path, json.dumps(what), tenant["api_key"])
            return True
        except urllib.error.HTTPError as refusal:
            if refusal.code != 409:
                raise SystemExit(f"{path}: {refusal.code} {refusal.read()[:200]}")
            return False

    def fill(self, tenant, path, most, make):
        """Adds as many as wanted or allowed; how many those are."""
        return next((number for number in range(most) if not self.add(tenant, path, make(number))), most)

    def attacker(self):
        tenant = self.add_tenant(f"loud{len(self.attackers)}-{int(time.monotonic() * 1000)}")
        self.attackers.append(tenant)
        return tenant

    # What each attack adds, and its processes: (function, arguments before the end).

    def secrets(self):
        tenant = self.attacker()
        count = 1 + self.fill(tenant, f"/api/tenants/{tenant['id']}/webhook-secrets", 399, lambda number: {})
        return f"{count} secrets", [(forged, (tenant,), ())] * 3

    def texts(self):
        tenant = self.attacker()
        self.fill(tenant, "/api/alert-channels", 16,
                  lambda number: {"kind": "email", "name": f"c{number}", "target": f"lead{number}@example.com"})
        self.add(tenant, "/api/alert-rules", {"name": "Any", "kind": "threshold", "raise_at": 1})
        return "2 connections", [(marked, (tenant,), (start,)) for start in (1, 2)]

    def noise(self):
        tenant = self.attacker()
        return "2 connections", [(noisy, (tenant,), (start,)) for start in (1, 2)]

    def rules(self):
        tenant = self.attacker()
        channels = self.fill(tenant, "/api/alert-channels", 300, lambda number: {
            "kind": "email", "name": f"c{number}", "target": f"lead{number}@example.com"})
        rules = self.fill(tenant, "/api/alert-rules", 300,
                          lambda number: {"name": f"r{number}", "kind": "threshold", "raise_at": 1 + number % 50})
        return f"{rules} rules, {channels} channels", [(seldom, (tenant,), ())]

    def hanging(self):
        address, left, tenants = f"http://127.0.0.1:{self.silent.getsockname()[1]}", 1000, []
        while left:
            tenants.append(self.attacker())
            left -= self.fill(tenants[-1], "/api/alert-channels", left, lambda number: {
                "kind": "slack", "name": f"c{number}", "target": f"{address}/{number}"})
            self.add(tenants[-1], "/api/alert-rules", {"name": "Any", "kind": "threshold", "raise_at": 1})
        return f"1000 channels, {len(tenants)} tenants", [(once, (tenant,), ()) for tenant in tenants]

    def storm(self):
        tenant = self.attacker()
        self.add(tenant, "/api/alert-channels", {"kind": "email", "name": "mail", "target": "lead@example.com"})
        self.add(tenant, "/api/alert-rules", {"name": "Any", "kind": "threshold", "raise_at": 1})
        return "1000 alerts", [(burst, (tenant,), (start,)) for start in range(8)]

    def measure(self, seconds, attack=()):
        """Latencies of answers and alerts over some seconds, while these processes run beside."""
        results, first, until = multiprocessing.SimpleQueue(), self.next, time.monotonic() + seconds
        self.next += int(seconds * self.options.rate)
        prober = multiprocessing.Process(
            target=probe, args=(self.daemon.port, self.tenant, first, seconds, self.options.rate, results), daemon=True)
        others = [multiprocessing.Process(target=work, args=(self.daemon.port, *who, until, *rest), daemon=True)
                  for work, who, rest in attack]
        found = []
        reader = threading.Thread(target=lambda: found.extend(iter(results.get, None)))
        reader.start()
        for process in [*others, prober]:
            process.start()
        prober.join()
        results.put(None)
        reader.join()
        for process in others:
            process.terminate()
            process.join()
        end = time.monotonic() + PATIENCE
        mine = self.tenant["id"].lower()
        raised = [(issue, due) for issue, due, _ in found if int(issue) % ALERT_EVERY == 0]
        while time.monotonic() < end and any((mine, issue) not in self.relay.arrived for issue, _ in raised):
            time.sleep(0.05)
        now = time.monotonic()
        answers = [(answered or now) - due for _, due, answered in found]
        alerts = [self.relay.arrived.get((mine, issue), now) - due for issue, due in raised]
        missing = sum((mine, issue) not in self.relay.arrived for issue, _ in raised)
        return answers, alerts, sum(answered is None for _, _, answered in found), missing

    def calm(self):
        """Removes the attackers and waits until a webhook is answered at once."""
        for tenant in self.attackers:
            request = delivery.urllib.request.Request(
                f"http://127.0.0.1:{self.daemon.port}/api/tenants/{tenant['id']}", method="DELETE",
                headers={"Authorization": f"Bearer {delivery.ADMIN}"})
            try:
                delivery.urllib.request.urlopen(request, timeout=120).read()
            except OSError:
                pass
        self.attackers = []
        for _ in range(100):
            began = time.monotonic()
            self.next += 1
            post(self.daemon.port, self.tenant, own_issue(self.next - 10_000))
            if time.monotonic() - began < 0.2:
                break
            time.sleep(1)
        time.sleep(1)

    def attack(self, name):
        quiet = self.measure(self.options.seconds)
        size, processes = getattr(self, name)()
        self.peak = 0
        loud = self.measure(self.options.seconds, processes)
        peak = self.peak
        self.calm()
        return size, quiet, loud, peak

    def stop(self):
        self.daemon.process.kill()
        self.daemon.process.wait()
        self.relay.server.close()
        self.silent.close()


def percentile(values, part):
    return sorted(values)[min(len(values) - 1, int(len(values) * part))]


def line(side, name, size, quiet, loud, peak):
    before, after = percentile(quiet[0], 0.99), percentile(loud[0], 0.99)
    alert, limit = percentile(loud[1], 0.99), STORM_ALERT_SECONDS if name == "storm" else ALERT_SECONDS

    def judged(text, is_missed):
        return text + (" *" if is_missed else "")
    return "| " + " | ".join((
        name, side, size, f"{before * 1000:.1f}",
        f"{percentile(loud[0], 0.5) * 1000:.1f}, {after * 1000:.1f}",
        judged(f"{after / before:.1f}", after > WEBHOOK_RATIO * before),
        f"{percentile(quiet[1], 0.5) * 1000:.0f}, {percentile(quiet[1], 0.99) * 1000:.0f}",
        judged(f"{percentile(loud[1], 0.5) * 1000:.0f}, {alert * 1000:.0f}", alert > limit),
        f"{loud[2]}, {loud[3]}", judged(f"{peak:.0f}", peak > RESIDENT_MB))) + " |"


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("program")
    options.add_argument("--against", metavar="PROGRAM")
    options.add_argument("--attacks", default="secrets,texts,noise,rules,hanging,storm")
    options.add_argument("--seconds", type=float, default=20)
    options.add_argument("--rate", type=float, default=20)
    options = options.parse_args()
    sides = [(side, program) for side, program in (("before", options.against), ("now", options.program)) if program]
    print(f"{options.seconds:.0f} s each, {options.rate:.0f} webhooks/s, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}; "
          "milliseconds\n")
    print("| attack | side | as far as allowed | quiet webhook p99 | webhook p50, p99 | of quiet | quiet alert p50, p99 | "
          "alert p50, p99 | unanswered, without alert | MB resident |")
    print("|---|---|---|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as work:
        running = []
        try:
            for side, program in sides:
                folder = pathlib.Path(work) / side
                folder.mkdir()
                running.append((side, Side(program, folder, options)))
            for name in options.attacks.split(","):
                for side, tried in running:
                    print(line(side, name, *tried.attack(name)), flush=True)
        finally:
            for _, tried in running:
                tried.stop()


if __name__ == "__main__":
    main()
