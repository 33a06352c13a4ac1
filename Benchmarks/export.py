#!/usr/bin/python3
"""How fast a long history leaves the API as one CSV file, beside paging its JSON, and what the daemon holds meanwhile.

    Benchmarks/export.py [--engines sqlite,postgres] [--rows 1000000] [--pages 500] [--rounds 3] [--binary PATH]

A store of one tenant is generated with that many history rows, each with 1.8 kB of JSON that lists do not show, of one issue for
every ten. Then, with the real daemon on it, in turns: `GET /api/analyze/history?format=csv` to its end, and that many pages of the
same list as JSON (limit=200, one connection, the body not parsed). Medians of the rounds. Memory is the most that was resident (VmHWM)
of a daemon that answered nothing but one such file.

Targets: CSV rows a second at least 5 times those of JSON; at most 100 MB resident. Status 1 where one is missed.
"""
import argparse
import http.client
import os
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile
import time

import growth
from crash_trial import ADMIN, Daemon

ROOT = pathlib.Path(__file__).resolve().parent.parent
PORT = 18360
LEAST_RATIO, MOST_MEGABYTES = 5, 100


def generate(store, tenant, rows):
    now, issue = int(time.time()), f"i % {max(1, rows // 10)}"
    store.run(f"""
        INSERT INTO analysis_history (id, tenant_id, issue_id, issue_key, project_key, risk_score, daily_cost, blocker_count,
            sentiment_negative_pct, age_days, assignee, assignee_role, total_estimated_cost, analysis_json, analyzed_at,
            recorded_at, scorer_id, model_id)
        SELECT {store.uuid}, '{tenant}', {store.text.format(f'{growth.FIRST} + {issue}')}, 'BIG-' || {store.text.format(issue)},
            'BIG', (i * 7919) % 101, 2500.5, 1, 50, 3, 'A. Tester', 'Engineer', 7500,
            {store.json.format("'" + '{"text":"' + 'x' * 1800 + '"}' + "'")}, {store.instant(f'{now} - i')},
            {store.instant(f'{now} - i')}, 's', 'm' FROM {store.series(rows)}""")
    store.finish()


def get(connection, path, key):
    connection.request("GET", path, headers={"Authorization": f"Bearer {key}"})
    answer = connection.getresponse()
    if answer.status != 200:
        sys.exit(f"{path}: {answer.status} {answer.read()[:500]}")
    return answer


def file_rate(key, rows):
    """Rows a second of the whole file, and its bytes."""
    connection = http.client.HTTPConnection("127.0.0.1", PORT)
    began, lines, size = time.perf_counter(), 0, 0
    answer = get(connection, "/api/analyze/history?format=csv", key)
    while part := answer.read1(1 << 20):
        lines, size = lines + part.count(b"\n"), size + len(part)
    connection.close()
    if lines != rows + 1:
        sys.exit(f"the file has {lines} lines, and not {rows + 1}")
    return rows / (time.perf_counter() - began), size


def page_rate(key, pages):
    """Rows a second of so many pages, or of all."""
    connection = http.client.HTTPConnection("127.0.0.1", PORT)
    path, read, began = "/api/analyze/history?limit=200", 0, time.perf_counter()
    while path and read < pages:
        answer = get(connection, path, key)
        answer.read()
        link = re.match(r'<([^>]+)>; rel="next"', answer.getheader("Link") or "")
        path, read = link and link[1], read + 1
    connection.close()
    return read * 200 / (time.perf_counter() - began)


def most_resident(pid):
    return next(int(line.split()[1]) for line in open(f"/proc/{pid}/status") if line.startswith("VmHWM")) / 1024


def measure(store, binary, folder, options):
    daemon = Daemon(binary, folder, PORT, store.settings)
    daemon.start()
    tenant = daemon.ask("POST", "/api/tenants", ADMIN, {
        "company_name": "Export", "jira_url": "https://export.atlassian.net", "jira_email": "it@export.example",
        "jira_token": "token-of-the-export-test"})
    daemon.kill()
    began = time.time()
    generate(store, tenant["id"], options.rows)
    print(f"{store.name}: {options.rows} history rows generated in {time.time() - began:.0f} s", file=sys.stderr)
    key, figures = tenant["api_key"], {"csv": [], "json": []}
    try:
        daemon.start()
        idle = most_resident(daemon.process.pid)
        _, size = file_rate(key, options.rows)
        figures |= {"resident": most_resident(daemon.process.pid), "idle": idle, "size": size}
        for _ in range(options.rounds):
            figures["csv"].append(file_rate(key, options.rows)[0])
            figures["json"].append(page_rate(key, options.pages))
    finally:
        daemon.kill()
    return figures


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--engines", default="sqlite,postgres")
    options.add_argument("--rows", type=int, default=1_000_000)
    options.add_argument("--pages", type=int, default=500)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--binary")
    options = options.parse_args()
    binary = options.binary and os.path.abspath(options.binary)
    if not binary:
        subprocess.run(["swift", "build", "-c", "release", "--product", "consilod"], cwd=ROOT, check=True, stdout=sys.stderr)
        binary = subprocess.run(["swift", "build", "-c", "release", "--show-bin-path"], cwd=ROOT, check=True,
                                capture_output=True, text=True).stdout.strip() + "/consilod"
    print("| engine | rows | CSV rows/s | JSON rows/s | ratio | file, MB | most resident, MB (at rest) |\n|---|---|---|---|---|---|---|")
    is_met = True
    for engine in options.engines.split(","):
        with tempfile.TemporaryDirectory(prefix="consilod-export-") as folder:
            folder = pathlib.Path(folder)
            store = {"sqlite": growth.SQLite, "postgres": growth.PostgreSQL}[engine](folder)
            try:
                figures = measure(store, binary, folder, options)
            finally:
                store.close()
        csv, json = statistics.median(figures["csv"]), statistics.median(figures["json"])
        is_met = is_met and csv / json >= LEAST_RATIO and figures["resident"] <= MOST_MEGABYTES
        print(f"| {engine} | {options.rows:,} | {csv:,.0f} | {json:,.0f} | {csv / json:.1f} | {figures['size'] / 1e6:.0f} "
              f"| {figures['resident']:.0f} ({figures['idle']:.0f}) |", flush=True)
    sys.exit(0 if is_met else 1)


if __name__ == "__main__":
    main()
