#!/usr/bin/python3
"""How fast the pages of the dashboard are, and what open pages cost.

    Benchmarks/dashboard.py [--binary PATH] [--scale 100000] [--requests 100] [--no-pages] [--no-queries] [--no-live]
                            [--live 50] [--rounds 3] [--seconds 10]

Three parts. Pages: a SQLite store with that many issues and ten times as many history rows, made from one issue that the real daemon
has scored (as Benchmarks/growth.py); of each page the time of its answer and its size. The pages are those below, and those that the
navigation leads to. Queries: the statements of each page, as PostgreSQL's log has them, and the round trips that they take (statements
that do not need each other's rows are sent together), on a small store. Live: webhooks a second (wrk,
64 connections) with and without open pages, in turns; an open page reads its stream of events and loads itself at each, as its script
does. The targets are p95 <= 50 ms, <= 6 round trips, <= 100 kB, and a ratio of >= 0.95.
"""
import argparse
import hashlib
import hmac
import http.client
import os
import pathlib
import random
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse

import growth
import ingest
from crash_load import comment
from crash_trial import ADMIN, Daemon
from round_trips import Relay

PORT = 18360
PAGES = {
    "overview": "/dashboard", "issues": "/dashboard/issues", "issues of a project": "/dashboard/issues?project=P7",
    "issues from 70": "/dashboard/issues?min_score=70", "issues, finished too": "/dashboard/issues?include_done=true",
    "issue": "/dashboard/issues/BIG-@", "alerts": "/dashboard/alerts", "dead letters": "/dashboard/alerts?state=dead"}
OWNERS = {
    "operator: host": "/dashboard/operator", "operator: tenants": "/dashboard/operator/tenants",
    "operator: work": "/dashboard/operator/work", "operator: usage": "/dashboard/operator/usage"}
OPEN = {"sign-in": "/dashboard/sign-in", "reference": "/docs", "reference: issues": "/docs/issues",
        "reference: schemas": "/docs/schemas", "reference: schema": "/docs/schemas/Tenant"}


class Visitor:
    """A browser without scripts that keeps its connection and its cookie."""

    def __init__(self, key=None):
        self.connection, self.cookie = http.client.HTTPConnection("127.0.0.1", PORT, timeout=60), None
        if key:
            form = urllib.parse.urlencode({"api_key": key})
            self.connection.request("POST", "/dashboard/sign-in", form, {"Content-Type": "application/x-www-form-urlencoded"})
            answer = self.connection.getresponse()
            answer.read()
            if answer.status != 303:
                raise SystemExit(f"sign-in: {answer.status}")
            self.cookie = answer.headers["Set-Cookie"].split(";")[0]

    def get(self, path):
        """Status, seconds and bytes."""
        began = time.perf_counter()
        self.connection.request("GET", path, headers={"Cookie": self.cookie} if self.cookie else {})
        answer = self.connection.getresponse()
        body = answer.read()
        return answer.status, time.perf_counter() - began, body


def prepared(store, binary, folder, issues):
    """A store with a tenant that has that many issues, and the tenant."""
    daemon = Daemon(binary, folder, PORT, store.settings)
    daemon.start()
    tenant = daemon.ask("POST", "/api/tenants", ADMIN, {
        "company_name": "Growth", "jira_url": "https://growth.atlassian.net", "jira_email": "it@growth.example",
        "jira_token": "token-of-the-growth-test"})
    body = comment(0, 1)
    request = http.client.HTTPConnection("127.0.0.1", PORT)
    signature = hmac.new(tenant["webhook_secret"].encode(), body, hashlib.sha256).hexdigest()
    request.request("POST", f"/webhooks/jira/{tenant['id']}", body, {
        "Content-Type": "application/json", "X-Hub-Signature": f"sha256={signature}"})
    request.getresponse().read()
    while not store.run("SELECT 1 FROM issue_snapshots WHERE risk_score IS NOT NULL"):
        time.sleep(0.1)
    daemon.kill()
    state, analysis = store.run("SELECT state_json, analysis_json FROM issue_snapshots")[0]

    def marked(text):
        text = re.sub(r'("(?:id|issue_id)": ?)"1"', r'\1"@ID@"', text.replace('"PAY-1"', '"@KEY@"'))
        return re.sub(r'("risk_score": ?)\d+', r"\1@SCORE@", text)
    began = time.time()
    growth.generate(store, tenant["id"], {"state": marked(state), "analysis": marked(analysis)}, issues)
    print(f"{issues} issues and {issues * 10} history rows generated in {time.time() - began:.0f} s", file=sys.stderr)
    return tenant


def pages_of(tenant):
    """What there is, by name: visitor and path."""
    visitor, owner, stranger = Visitor(tenant["api_key"]), Visitor(), Visitor()
    found = {name: (visitor, path) for name, path in PAGES.items()}
    navigation = re.search(r"<nav.*?</nav>", visitor.get("/dashboard")[2].decode(), re.S).group(0)
    for path in re.findall(r'href="([^"]+)"', navigation):
        if path not in PAGES.values():
            found[path.removeprefix("/dashboard/")] = (visitor, path)
    if stranger.get("/dashboard/operator")[0] != 404:
        owner = Visitor(ADMIN)
        found |= {name: (owner, path) for name, path in OWNERS.items()}
    return found | {name: (stranger, path) for name, path in OPEN.items()}


def measure_pages(binary, options):
    with tempfile.TemporaryDirectory(prefix="consilod-dashboard-") as folder:
        folder = pathlib.Path(folder)
        store = growth.SQLite(folder)
        tenant = prepared(store, binary, folder, options.scale)
        daemon = Daemon(binary, folder, PORT, store.settings)
        daemon.start()
        chosen, rows = random.Random(1), []
        try:
            for name, (visitor, path) in pages_of(tenant).items():
                times, size = [], 0
                for _ in range(options.requests):
                    status, seconds, body = visitor.get(path.replace("@", str(chosen.randrange(options.scale))))
                    if status != 200:
                        print(f"{path}: {status}", file=sys.stderr)
                        break
                    times.append(seconds * 1000)
                    size = max(size, len(body))
                else:
                    times.sort()
                    rows.append((name, times[len(times) // 2], times[len(times) * 95 // 100], size / 1000))
        finally:
            daemon.kill()
    print(f"\n{options.scale:,} issues, {options.scale * 10:,} history rows, SQLite, {options.requests} requests a page\n")
    print("| page | p50 ms | p95 ms | kB |\n|---|---|---|---|")
    for name, p50, p95, size in rows:
        print(f"| {name} | {p50:.1f} | {p95:.1f}{' !' if p95 > 50 else ''} | {size:.1f}{' !' if size > 100 else ''} |", flush=True)


def measure_queries(binary):
    """The statements of each page, and their round trips: the least of several times, for the workers look at the store
    meanwhile."""
    with tempfile.TemporaryDirectory(prefix="consilod-dashboard-") as folder:
        folder = pathlib.Path(folder)
        store = growth.PostgreSQL(folder)
        try:
            tenant = prepared(store, binary, folder, 500)
            store.run("ALTER SYSTEM SET log_statement = 'all'")
            store.run("SELECT pg_reload_conf()")
            relay = Relay(folder, store.folder)
            through = store.url.replace(store.folder, str(folder))
            daemon = Daemon(binary, folder, PORT, store.settings | {"CONSILOD_STORE_URL": through})
            daemon.start()
            log = pathlib.Path(store.folder) / "log"

            def statements(visitor, path):
                before, trips = log.stat().st_size, relay.trips
                visitor.get(path.replace("@", "7"))
                with open(log, "rb") as file:
                    file.seek(before)
                    return relay.trips - trips, len(
                        re.findall(rb"execute [^:]*: (?:SELECT|WITH|INSERT|UPDATE|DELETE)", file.read()))
            print("\n| page | round trips | statements |\n|---|---|---|")
            try:
                for name, (visitor, path) in pages_of(tenant).items():
                    counts = [statements(visitor, path) for _ in range(10)]
                    trips = min(trips for trips, _ in counts)
                    print(f"| {name} | {trips}{' !' if trips > 6 else ''} | {min(count for _, count in counts)} |", flush=True)
            finally:
                daemon.kill()
                relay.close()
        finally:
            store.close()


class OpenPage(threading.Thread):
    """Reads the stream of events and loads the page at each, as the script does."""

    def __init__(self, tenant, path):
        super().__init__(daemon=True)
        self.visitor, self.path, self.loaded, self.isOpen = Visitor(tenant["api_key"]), path, 0, True
        self.stream = http.client.HTTPConnection("127.0.0.1", PORT, timeout=120)
        self.stream.request("GET", "/dashboard/events", headers={"Cookie": self.visitor.cookie})
        self.answer = self.stream.getresponse()
        if self.answer.status != 200:
            raise SystemExit(f"/dashboard/events: {self.answer.status}")
        # The first one tells how things stand.
        while not self.answer.readline().startswith(b"data:"):
            pass

    def run(self):
        try:
            while self.isOpen:
                line = self.answer.readline()
                if not line:
                    return
                if line.startswith(b"data:"):
                    self.visitor.get(self.path)
                    self.loaded += 1
        except (OSError, ValueError, AttributeError) as error:
            # As when it is closed while it waits.
            if self.isOpen:
                print(f"an open page failed: {error!r}", file=sys.stderr)

    def close(self):
        self.isOpen = False
        if self.stream.sock:
            self.stream.sock.shutdown(2)


def measure_live(binary, options):
    with tempfile.TemporaryDirectory(prefix="consilod-dashboard-") as folder:
        folder = pathlib.Path(folder)
        store = growth.SQLite(folder)
        tenant = prepared(store, binary, folder, 10_000)
        daemon = Daemon(binary, folder, PORT, store.settings)
        daemon.start()
        rates = {False: [], True: []}
        try:
            if Visitor().get("/dashboard/events")[0] != 401:
                return print("\nthis program has no stream of events", file=sys.stderr)
            requests = folder / "requests"
            chosen = random.Random(1).sample(range(10_000), 900)
            with open(requests, "w") as out:
                for sent in range(40 * len(chosen)):
                    number = chosen[sent % len(chosen)]
                    body = comment(sent % len(chosen), growth.FIRST + number, f"BIG-{number}", f"P{number % 40}",
                                   later=sent // len(chosen))
                    out.write(hmac.new(tenant["webhook_secret"].encode(), body, hashlib.sha256).hexdigest() + " "
                              + body.decode() + "\n")
            loaded = 0
            for turn in range(options.rounds * 2):
                isLive = turn % 2 == 1
                pages = [OpenPage(tenant, "/dashboard") for _ in range(options.live if isLive else 0)]
                for page in pages:
                    page.start()
                script = folder / "load.lua"
                script.write_text(ingest.LUA % {
                    "table": requests, "path": f"/webhooks/jira/{tenant['id']}", "run": f"turn-{turn}"})
                rate, *_, bad = ingest.load(f"http://127.0.0.1:{PORT}", str(script), 64, options.seconds)
                if bad:
                    raise SystemExit(f"{bad} answers were not 2xx")
                rates[isLive].append(rate)
                loaded += sum(page.loaded for page in pages)
                for page in pages:
                    page.close()
                # Scoring goes on after the last webhook; each turn begins when that of the one before has ended.
                deadline = time.time() + 60
                while daemon.ask("GET", "/health", "")["figures"]["pending_events"] and time.time() < deadline:
                    time.sleep(0.2)
        finally:
            daemon.kill()
    without, live = statistics.median(rates[False]), statistics.median(rates[True])
    print(f"\nwebhooks/s without open pages {without:.0f}, with {options.live} {live:.0f}: {live / without:.2f}"
          f" ({loaded} pages loaded; turns {', '.join(f'{rate:.0f}' for pair in zip(rates[False], rates[True]) for rate in pair)})")


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--binary")
    options.add_argument("--scale", type=int, default=100_000)
    options.add_argument("--requests", type=int, default=100)
    options.add_argument("--live", type=int, default=50)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--seconds", type=int, default=10)
    for part in ["pages", "queries", "live"]:
        options.add_argument(f"--no-{part}", action="store_true")
    options = options.parse_args()
    binary = options.binary and os.path.abspath(options.binary)
    if not binary:
        subprocess.run(
            ["swift", "build", "-c", "release", "--product", "consilod"], cwd=growth.ROOT, check=True, stdout=sys.stderr)
        binary = subprocess.run(["swift", "build", "-c", "release", "--show-bin-path"], cwd=growth.ROOT, check=True,
                                capture_output=True, text=True).stdout.strip() + "/consilod"
    if not options.no_pages:
        measure_pages(binary, options)
    if not options.no_queries:
        measure_queries(binary)
    if not options.no_live:
        measure_live(binary, options)


if __name__ == "__main__":
    main()
