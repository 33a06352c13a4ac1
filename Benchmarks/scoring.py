#!/usr/bin/python3
"""How many webhooks a second are applied: folded, scored and committed.

    Benchmarks/scoring.py PROGRAM [--against PROGRAM] [--engines sqlite,postgres] [--shapes distinct,busy] [--rounds 3]
                          [--seconds 2]

Two shapes of load, each on an empty store: `distinct` has one webhook for each of many issues, `busy` has 900 issues with as many
webhooks as come. wrk posts for some seconds; measured are the time from the first webhook to the last one applied, and the
processor's time of the daemon, both for each webhook that was accepted. With --against another build's program does the same
in turns; the figures that count are the ratios of the medians. Every webhook that was answered 2xx must be applied in the end.
"""
import argparse
import hashlib
import hmac
import os
import pathlib
import statistics
import sys
import tempfile
import time

import ingest
from crash_load import comment
from crash_trial import ADMIN, Daemon
from growth import SQLite, PostgreSQL

PORT = 18360
ISSUES = {"distinct": 60_000, "busy": 900}


def requests(path, secret, shape):
    """A table of signed bodies for wrk. Bodies that were sent before would be recognised, so no two are the same."""
    issues = ISSUES[shape]
    with open(path, "w") as out:
        for number in range(60_000):
            issue = number % issues
            body = comment(number, 1000 + issue, f"PAY-{issue}", later=number // issues)
            out.write(hmac.new(secret.encode(), body, hashlib.sha256).hexdigest() + " " + body.decode() + "\n")


def run(program, engine, shape, seconds):
    """Webhooks applied a second, and the processor's milliseconds for each."""
    with tempfile.TemporaryDirectory(prefix="consilod-scoring-") as folder:
        folder = pathlib.Path(folder)
        store = {"sqlite": SQLite, "postgres": PostgreSQL}[engine](folder)
        daemon = Daemon(program, folder, PORT, store.settings)
        try:
            daemon.start()
            tenant = daemon.ask("POST", "/api/tenants", ADMIN, {
                "company_name": "Scoring", "jira_url": "https://scoring.atlassian.net", "jira_email": "it@scoring.example",
                "jira_token": "token-of-the-scoring-test"})
            requests(folder / "requests", tenant["webhook_secret"], shape)
            script = folder / "load.lua"
            script.write_text(ingest.LUA % {
                "table": folder / "requests", "path": f"/webhooks/jira/{tenant['id']}", "run": "s"})
            began, before = time.monotonic(), ingest.cpu_seconds([daemon.process.pid])
            _, _, _, answered, bad = ingest.load(f"http://127.0.0.1:{PORT}", str(script), 16, seconds)
            if bad:
                sys.exit(f"{bad} answers were not 2xx")
            while daemon.ask("GET", "/health", "")["figures"]["pending_events"]:
                time.sleep(0.05)
            took, used = time.monotonic() - began, ingest.cpu_seconds([daemon.process.pid]) - before
            daemon.terminate()
            daemon.process.wait()
            applied = int(store.run("SELECT COUNT(*) FROM webhook_events WHERE state = 'applied'")[0][0])
            if applied < answered:
                sys.exit(f"{answered} webhooks were accepted, {applied} applied")
            return applied / took, used / applied * 1000
        finally:
            daemon.kill()
            store.close()


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("program")
    options.add_argument("--against")
    options.add_argument("--engines", default="sqlite,postgres")
    options.add_argument("--shapes", default="distinct,busy")
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--seconds", type=int, default=2)
    options = options.parse_args()
    sides = {"this": os.path.abspath(options.program)}
    if options.against:
        sides["against"] = os.path.abspath(options.against)
    for engine in options.engines.split(","):
        for shape in options.shapes.split(","):
            figures = {side: [] for side in sides}
            for round_ in range(options.rounds):
                for side in sorted(sides, reverse=round_ % 2 == 1):
                    figures[side].append(run(sides[side], engine, shape, options.seconds))
                    print(f"{engine} {shape} {side}: {figures[side][-1][0]:.0f}/s, {figures[side][-1][1]:.2f} ms each",
                          file=sys.stderr)
            medians = {side: [statistics.median(column) for column in zip(*values)] for side, values in figures.items()}
            line = f"{engine} {shape}: {medians['this'][0]:.0f} webhooks/s, {medians['this'][1]:.2f} ms of processor each"
            if options.against:
                line += (f"; {medians['this'][0] / medians['against'][0]:.2f} of {medians['against'][0]:.0f}/s, "
                         f"{medians['this'][1] / medians['against'][1]:.2f} of {medians['against'][1]:.2f} ms")
            print(line, flush=True)


if __name__ == "__main__":
    main()
