#!/usr/bin/python3
"""Whether consilod stays as fast as its store grows.

    Benchmarks/growth.py [--engines sqlite,postgres] [--sizes 1000,100000,1000000] [--seconds 5] [--binary PATH]

For each size a store is generated with that many issues and ten times as many history rows, from one issue that the real
daemon has scored. Then, with the real daemon on it: the rate at which it takes webhooks for issues all over the store
(wrk, 64 connections), the rate at which it scores them afterwards, the time of a start until it answers, and the p99 of
each query of the API. The figures that count are the ratios to the smallest store.
"""
import argparse
import hashlib
import hmac
import http.client
import json
import os
import pathlib
import random
import re
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.request

import ingest
from crash_load import comment, sign
from crash_trial import ADMIN, KEY, Daemon, Postgres

ROOT = pathlib.Path(__file__).resolve().parent.parent
FIRST = 100_000
# All the load is one tenant's.
UNLIMITED = {
    "CONSILOD_HTTP_WEBHOOK_RATE": "0", "CONSILOD_ENCRYPTION_KEY": KEY, "CONSILOD_ADMIN_TOKEN": ADMIN,
    "CONSILOD_MODEL_ENABLED": "false", "CONSILOD_JIRA_ENABLED": "false",
    "CONSILOD_RESCORER_SETTLE_SECONDS": "1", "CONSILOD_RESCORER_LIVE_WINDOW_SECONDS": "604800"}


class SQLite:
    name = "sqlite"

    def __init__(self, folder):
        self.path = folder / "growth.sqlite"
        self.settings = {"CONSILOD_STORE_PATH": str(self.path)} | UNLIMITED

    def run(self, sql, *values):
        connection = sqlite3.connect(self.path)
        connection.execute("PRAGMA synchronous = OFF")
        rows = connection.execute(sql, values).fetchall()
        connection.commit()
        connection.close()
        return rows

    def series(self, count):
        return f"(WITH RECURSIVE s(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM s WHERE i < {count} - 1) SELECT i FROM s) AS s"

    def instant(self, seconds):
        return f"strftime('%Y-%m-%dT%H:%M:%S.000Z', {seconds}, 'unixepoch')"

    uuid = "printf('%08x-0000-4000-8000-%012x', i, i)"
    json, text = "{}", "CAST({} AS TEXT)"

    def finish(self):
        self.run("ANALYZE")
        self.run("PRAGMA wal_checkpoint(TRUNCATE)")
        # What the generator left in the kernel's hands is not for the daemon's first fsync to write.
        os.sync()

    def close(self):
        pass


class PostgreSQL(Postgres):
    name = "postgres"
    server_settings = ""

    def __init__(self, _):
        super().__init__(self.server_settings)
        self.settings = {"CONSILOD_STORE_URL": self.url} | UNLIMITED

    def run(self, sql, *values):
        for value in values:
            sql = sql.replace("?", "$sql$" + value + "$sql$", 1)
        done = subprocess.run(["psql", "-XAtF", "\x1f", "-v", "ON_ERROR_STOP=1", self.url], input=sql, capture_output=True,
                              text=True)
        if done.returncode:
            sys.exit(done.stderr)
        return [tuple(line.split("\x1f")) for line in done.stdout.splitlines()]

    def series(self, count):
        return f"generate_series(0::bigint, {count} - 1) AS s(i)"

    def instant(self, seconds):
        return f"to_timestamp({seconds})"

    uuid = "(lpad(to_hex(i), 8, '0') || '-0000-4000-8000-' || lpad(to_hex(i), 12, '0'))::uuid"
    json, text = "({})::jsonb", "({})::text"

    def finish(self):
        self.run("VACUUM ANALYZE")
        self.run("CHECKPOINT")
        os.sync()

    def close(self):
        self.stop()


def generate(store, tenant, template, issues):
    """Fills the tables from one scored issue: its row of issue_snapshots, with the ids in its JSON marked."""
    now = int(time.time())
    number, key = store.text.format(f"{FIRST} + i"), "'BIG-' || " + store.text.format("i")
    project = "'P' || " + store.text.format("i % 40")
    score = "(i * 7919) % 101"

    def filled(name):
        expression = "?"
        for mark, value in (("@ID@", number), ("@KEY@", key), ("@SCORE@", store.text.format(score))):
            expression = f"replace({expression}, '{mark}', {value})"
        return store.json.format(expression)
    tenant = f"'{tenant}'"
    store.run(f"""
        INSERT INTO issue_snapshots (tenant_id, issue_id, issue_key, project_key, summary, issue_type, status, priority,
            created, updated, comment_count, is_done, is_deleted, risk_score, own_score, analyzed_at, scorer_id, model_id,
            state_json, analysis_json)
        SELECT t.tenant_id, {number}, {key}, {project}, 'Refund ' || {store.text.format('i % 977')} || ' of an order', 'Task',
            'To Do', 'High', {store.instant(f'{now} - 3600 - i')}, {store.instant(f'{now} - 3600 - i')}, 1, t.is_done,
            t.is_deleted, {score}, {score}, t.analyzed_at, t.scorer_id, t.model_id, {filled('state')}, {filled('analysis')}
        FROM {store.series(issues)}, issue_snapshots AS t WHERE t.issue_id = '1'""", template["state"], template["analysis"])
    store.run(f"""
        INSERT INTO issue_keys (tenant_id, issue_key, issue_id)
        SELECT {tenant}, {key}, {number} FROM {store.series(issues)}""")
    store.run(f"""
        INSERT INTO issue_comments (tenant_id, issue_id, comment_id, body, created, updated)
        SELECT {tenant}, {number}, {store.text.format('500000000 + i')}, 'Waiting for the vendor since Monday.',
            {store.instant(f'{now} - 3600 - i')}, {store.instant(f'{now} - 3600 - i')} FROM {store.series(issues)}""")
    store.run(f"""
        INSERT INTO issue_queue (tenant_id, issue_id, due_at)
        SELECT {tenant}, {number}, {store.instant(f'{now} + 86400 + i % 86400')} FROM {store.series(issues)}""")
    store.run(f"""
        INSERT INTO webhook_events (tenant_id, delivery_id, part, event, issue_id, sent_at, received_at, retry_count, state,
            applied_at, body)
        SELECT {tenant}, 'old-' || {store.text.format('i')}, 0, 'jira:issue_updated', {number}, {store.instant(f'{now} - 9000')},
            {store.instant(f'{now} - 9000')}, 0, 'applied', {store.instant(f'{now} - 8999')}, t.body
        FROM {store.series(issues)}, (SELECT body FROM webhook_events ORDER BY id LIMIT 1) AS t""")
    # Ten rows of an issue, an hour apart.
    of_issue = f"i % {issues}"
    store.run(f"""
        INSERT INTO analysis_history (id, tenant_id, issue_id, issue_key, project_key, risk_score, daily_cost, blocker_count,
            sentiment_negative_pct, age_days, assignee, assignee_role, total_estimated_cost, analysis_json, analyzed_at,
            recorded_at, scorer_id, model_id)
        SELECT {store.uuid}, {tenant}, {store.text.format(f'{FIRST} + {of_issue}')}, 'BIG-' || {store.text.format(of_issue)},
            'P' || {store.text.format(f'({of_issue}) % 40')}, {score}, 2500, 1, 50, 3, 'A. Tester', 'Engineer', 7500,
            {store.json.format("'{}'")}, {store.instant(f'{now} - 36000 + 3600 * (i / {issues})')},
            {store.instant(f'{now} - 36000 + 3600 * (i / {issues})')}, 's', 'm' FROM {store.series(issues * 10)}""")
    store.finish()


def post(tenant, body):
    request = urllib.request.Request(f"http://127.0.0.1:18350/webhooks/jira/{tenant['id']}", data=body, headers={
        "Content-Type": "application/json", "X-Hub-Signature": sign(tenant["webhook_secret"], body)})
    urllib.request.urlopen(request, timeout=30).read()


def measure(store, binary, folder, issues, seconds, tenant):
    daemon = Daemon(binary, folder, 18350, store.settings)
    began = time.time()
    daemon.start()
    figures = {"start": time.time() - began}
    try:
        chosen = random.Random(1)
        # As many different ones in every store: what waits for one issue is scored together.
        numbers = chosen.sample(range(issues), 18000)
        requests = folder / "requests"
        with open(requests, "w") as out:
            # A body that was sent before would be recognised, and not be folded.
            for sent in range(len(numbers)):
                count = sent % len(numbers)
                number = numbers[count]
                body = comment(count, FIRST + number, f"BIG-{number}", f"P{number % 40}", later=sent // len(numbers))
                out.write(hmac.new(tenant["webhook_secret"].encode(), body, hashlib.sha256).hexdigest() + " "
                          + body.decode() + "\n")
        script = folder / "load.lua"
        script.write_text(ingest.LUA % {"table": requests, "path": f"/webhooks/jira/{tenant['id']}", "run": f"g{issues}"})
        rate, _, p99, _, bad = ingest.load("http://127.0.0.1:18350", str(script), 64, seconds)
        if bad:
            sys.exit(f"{bad} answers were not 2xx")
        figures["ingest/s"], figures["ingest p99"] = rate, p99

        def waiting():
            return daemon.ask("GET", "/health", "")["figures"]["pending_events"]
        left, began = waiting(), time.time()
        while waiting():
            time.sleep(0.05)
        figures["scored events/s"] = left / (time.time() - began)

        connection = http.client.HTTPConnection("127.0.0.1", 18350)
        key = f"BIG-{issues // 2}"
        for name, path in {
            "issues": "/api/issues?limit=50", "issues of a project": "/api/issues?project=P7&limit=20",
            "issues from 40": "/api/issues?min_score=40&limit=50&include_done=true",
            "raw": f"/api/analyze/issue/{key}/raw", "history": f"/api/analyze/history/{key}", "trends": f"/api/analyze/trends/{key}",
            "alerts": "/api/alerts?limit=50", "events": "/api/webhook-events?limit=50",
            "rejected events": "/api/webhook-events?state=rejected", "pending events": "/api/webhook-events?state=pending",
            "parked": "/api/issues/parked", "usage": f"/api/tenants/{tenant['id']}/usage", "health": "/health",
        }.items():
            times = []
            for _ in range(200):
                began = time.perf_counter()
                connection.request("GET", path, headers={"Authorization": f"Bearer {tenant['api_key']}"})
                answer = connection.getresponse()
                answer.read()
                if answer.status != 200:
                    sys.exit(f"{path}: {answer.status}")
                times.append(time.perf_counter() - began)
            figures[name] = sorted(times)[197] * 1000
        figures["resident MB"] = ingest.resident(daemon.process.pid)
    finally:
        daemon.kill()
    return figures


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--engines", default="sqlite,postgres")
    options.add_argument("--sizes", default="1000,100000,1000000")
    options.add_argument("--seconds", type=int, default=5)
    options.add_argument("--binary")
    options.add_argument("--postgres-settings", default="", help="of the server: 'shared_buffers=2GB wal_compression=on'")
    options = options.parse_args()
    PostgreSQL.server_settings = options.postgres_settings
    binary = options.binary and os.path.abspath(options.binary)
    if not binary:
        subprocess.run(["swift", "build", "-c", "release", "--product", "consilod"], cwd=ROOT, check=True, stdout=sys.stderr)
        binary = subprocess.run(["swift", "build", "-c", "release", "--show-bin-path"], cwd=ROOT, check=True,
                                capture_output=True, text=True).stdout.strip() + "/consilod"
    sizes = [int(size) for size in options.sizes.split(",")]
    for engine in options.engines.split(","):
        columns = {}
        for size in sizes:
            with tempfile.TemporaryDirectory(prefix="consilod-growth-") as folder:
                folder = pathlib.Path(folder)
                store = {"sqlite": SQLite, "postgres": PostgreSQL}[engine](folder)
                try:
                    daemon = Daemon(binary, folder, 18350, store.settings)
                    daemon.start()
                    tenant = daemon.ask("POST", "/api/tenants", ADMIN, {
                        "company_name": "Growth", "jira_url": "https://growth.atlassian.net", "jira_email": "it@growth.example",
                        "jira_token": "token-of-the-growth-test"})
                    post(tenant, comment(0, 1))
                    while not store.run("SELECT 1 FROM issue_snapshots WHERE risk_score IS NOT NULL"):
                        time.sleep(0.1)
                    daemon.kill()
                    state, analysis = store.run("SELECT state_json, analysis_json FROM issue_snapshots")[0]
                    began = time.time()

                    def marked(text):
                        text = text.replace('"PAY-1"', '"@KEY@"')
                        text = re.sub(r'("(?:id|issue_id)": ?)"1"', r'\1"@ID@"', text)
                        return re.sub(r'("risk_score": ?)\d+', r"\1@SCORE@", text)
                    generate(store, tenant["id"], {"state": marked(state), "analysis": marked(analysis)}, size)
                    print(f"{engine}: {size} issues and {size * 10} history rows generated in {time.time() - began:.0f} s",
                          file=sys.stderr)
                    columns[size] = measure(store, binary, folder, size, options.seconds, tenant)
                finally:
                    store.close()
        print(f"\n{engine}: rates in 1/s, start in s, the rest p99 in ms; in brackets the ratio to {sizes[0]} issues\n")
        print("| | " + " | ".join(f"{size:,} issues" for size in sizes) + " |")
        print("|---|" + "---|" * len(sizes))
        for name, first in columns[sizes[0]].items():
            print(f"| {name} | " + " | ".join(
                f"{columns[size][name]:.{0 if '/s' in name or 'MB' in name else 1}f} ({columns[size][name] / first:.2f})"
                for size in sizes) + " |", flush=True)


if __name__ == "__main__":
    main()
