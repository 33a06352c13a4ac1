#!/usr/bin/python3
"""How many signed webhooks a second the door takes with durable commits.

    Benchmarks/ingest.py [--bodies FILE.ndjson[.gz]] [--connections 1,16,64,256] [--seconds 5] [--rounds 3]
                         [--sides no-op,sqlite,postgres,fastapi] [--program INGEST-SERVER] [--against INGEST-SERVER]

Four sides, with the same signed bodies under fresh identifiers, in turns within one run:
  no-op     a route of the same server that reads the body and answers
  sqlite    consilod's door on its SQLite store, every commit synced to disk
  postgres  the same on PostgreSQL, with its defaults (fsync, synchronous_commit)
  fastapi   FastAPI, uvicorn and SQLAlchemy on the same PostgreSQL: Benchmarks/peer/fastapi_peer.py
With --against, another build's ingest-server runs its SQLite and PostgreSQL sides in the same turns, as `sqlite-before` and
`postgres-before`. The figures that count are their ratios. Afterwards every 2xx must stand in the stores, once. Needs wrk as the load
generator, PostgreSQL's server, and for the peer a Python environment that script/bench-peers makes.
"""
import argparse
import gzip
import hashlib
import hmac
import os
import pathlib
import re
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parent.parent
PEERS = ROOT / ".engine/bench-peers"

LUA = """
local requests = {}
local n = 0
function init(args)
  for line in io.lines("%(table)s") do
    local signature, body = line:match("^(%%x+) (.*)$")
    requests[#requests + 1] = {signature, body}
  end
end
function request()
  n = n + 1
  local r = requests[(n - 1) %% #requests + 1]
  return wrk.format("POST", "%(path)s", {
    ["Content-Type"] = "application/json", ["X-Hub-Signature"] = "sha256=" .. r[1],
    ["X-Atlassian-Webhook-Identifier"] = "%(run)s-" .. n}, r[2])
end
"""


def load(url, script, connections, seconds):
    """Requests a second, p50 and p99 in milliseconds, number of answers, number of those that were not 2xx."""
    done = subprocess.run(
        ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--latency", "-s", script, url],
        capture_output=True, text=True, check=True).stdout

    def percentile(name):
        value, unit = re.search(name + r"%\s+([\d.]+)(us|ms|s)", done).groups()
        return float(value) * {"us": 0.001, "ms": 1, "s": 1000}[unit]

    bad = re.search(r"Non-2xx or 3xx responses: (\d+)", done)
    return (float(re.search(r"Requests/sec:\s+([\d.]+)", done).group(1)), percentile("50"), percentile("99"),
            int(re.search(r"(\d+) requests in", done).group(1)), int(bad.group(1)) if bad else 0)


def cpu_seconds(pids):
    def of(pid):
        try:
            fields = open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()
        except OSError:
            return 0
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return sum(map(of, pids))


def resident(pid):
    return next(int(line.split()[1]) for line in open(f"/proc/{pid}/status") if line.startswith("VmRSS")) / 1024


class Postgres:
    """A throw-away server with durable commits."""

    def __init__(self):
        said = self.shell("start_postgres fsync=on max_wal_size=4GB shared_buffers=256MB; echo $postgres_folder; echo $postgres_url")
        self.folder, self.url = said.split()[-2:]

    def shell(self, command):
        return subprocess.run(["bash", "-c", f"source script/lib/postgres.sh; {command}"], cwd=ROOT, check=True,
                              capture_output=True, text=True).stdout

    def pids(self):
        head = int(open(f"{self.folder}/data/postmaster.pid").readline())
        children = subprocess.run(["pgrep", "-P", str(head)], capture_output=True, text=True).stdout.split()
        return [head, *map(int, children)]

    def value(self, sql):
        return subprocess.run(["psql", "-XAt", "-c", sql, self.url], check=True, capture_output=True, text=True).stdout.strip()

    def stop(self):
        self.shell(f"postgres_folder={self.folder}; stop_postgres")


class Side:
    def __init__(self, name, process, url, path, stored, database=lambda: []):
        self.name, self.process, self.url, self.path = name, process, url, path
        self.stored, self.database, self.answered, self.figures = stored, database, 0, {}


def ingest_server(binary, place):
    process = subprocess.Popen([binary, place], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    port, tenant = process.stdout.readline().split()
    return process, f"http://127.0.0.1:{port}", f"/webhooks/jira/{tenant}"


def fastapi(postgres):
    python = PEERS / "bin/python"
    if not python.exists():
        print("no .engine/bench-peers (script/bench-peers makes it): the FastAPI side is left out", file=sys.stderr)
        return None
    environment = dict(os.environ, PEER_DATABASE=f"postgresql+asyncpg://consilod@/consilod?host={postgres.folder}")
    process = subprocess.Popen(
        [python, "-m", "uvicorn", "--app-dir", "Benchmarks/peer", "fastapi_peer:app", "--port", "18231", "--loop", "uvloop",
         "--http", "httptools", "--no-access-log", "--log-level", "error"], cwd=ROOT, env=environment)
    for _ in range(200):
        try:
            urllib.request.urlopen("http://127.0.0.1:18231/docs")
            break
        except OSError:
            time.sleep(0.05)
    return process, "http://127.0.0.1:18231", "/webhooks/jira/4dd1a3a0-96ef-4f27-8df2-0d9e7c7ec09b"


def built_server():
    subprocess.run(["swift", "build", "-c", "release", "--product", "ingest-server"], cwd=ROOT, check=True,
                   stdout=sys.stderr)
    binaries = subprocess.run(["swift", "build", "-c", "release", "--show-bin-path"], cwd=ROOT, check=True,
                              capture_output=True, text=True).stdout.strip()
    return f"{binaries}/ingest-server"


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--bodies")
    options.add_argument("--connections", default="1,16,64,256")
    options.add_argument("--seconds", type=int, default=5)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--sides", default="no-op,sqlite,postgres,fastapi")
    options.add_argument("--program", metavar="INGEST-SERVER", help="without it, it is built")
    options.add_argument("--against", metavar="INGEST-SERVER")
    options = options.parse_args()
    wanted = options.sides.split(",")

    program = options.program or built_server()
    if options.bodies:
        opened = gzip.open(options.bodies, "rt") if options.bodies.endswith(".gz") else open(options.bodies)
        bodies = [line.rstrip("\n") for _, line in zip(range(2000), opened)]
    else:
        story = subprocess.run(["/usr/bin/python3", "demo/make_story.py"], cwd=ROOT, check=True, capture_output=True,
                               text=True).stdout
        bodies = story.splitlines()
    size = statistics.median(len(body.encode()) for body in bodies)

    with tempfile.TemporaryDirectory() as work:
        work = pathlib.Path(work)
        table = work / "requests"
        table.write_text("".join(
            f"{hmac.new(b'benchmark', body.encode(), hashlib.sha256).hexdigest()} {body}\n" for body in bodies))
        binary, sides = program, []
        postgres = Postgres() if {"postgres", "fastapi"} & set(wanted) else None
        before = Postgres() if options.against and "postgres" in wanted else None

        def sqlite_side(name, binary, file):
            def stored():
                return sqlite3.connect(file).execute(
                    "SELECT COUNT(DISTINCT delivery_id) FROM webhook_events").fetchone()[0]
            return Side(name, *ingest_server(binary, file), stored)

        def postgres_side(name, binary, server):
            return Side(name, *ingest_server(binary, server.url),
                        lambda: int(server.value("SELECT COUNT(DISTINCT delivery_id) FROM webhook_events")), server.pids)
        try:
            if {"no-op", "sqlite"} & set(wanted):
                side = sqlite_side("sqlite", binary, work / "bench.sqlite")
                if "no-op" in wanted:
                    sides.append(Side("no-op", side.process, side.url, "/noop", None))
                if "sqlite" in wanted:
                    sides.append(side)
                if options.against:
                    sides.append(sqlite_side("sqlite-before", options.against, work / "before.sqlite"))
            if "postgres" in wanted:
                sides.append(postgres_side("postgres", binary, postgres))
                if before:
                    sides.append(postgres_side("postgres-before", options.against, before))
            peer = fastapi(postgres) if "fastapi" in wanted else None
            if peer:
                sides.append(Side("fastapi", *peer,
                                  lambda: int(postgres.value("SELECT COUNT(DISTINCT delivery_id) FROM peer_webhook_events")),
                                  postgres.pids))
            for connections in map(int, options.connections.split(",")):
                for turn in range(options.rounds):
                    for side in sides:
                        script = work / "load.lua"
                        script.write_text(LUA % {"table": table, "path": side.path,
                                                 "run": f"{side.name}-{connections}-{turn}"})
                        spent = cpu_seconds([side.process.pid]), cpu_seconds(side.database())
                        rate, p50, p99, count, bad = load(side.url, script, connections, options.seconds)
                        if bad:
                            sys.exit(f"{side.name}: {bad} of {count} answers were not 2xx")
                        side.answered += count
                        side.figures.setdefault(connections, []).append(
                            (rate, p50, p99, (cpu_seconds([side.process.pid]) - spent[0]) / options.seconds,
                             (cpu_seconds(side.database()) - spent[1]) / options.seconds))
            memory = {side.name: resident(side.process.pid) for side in sides}
            counts = {side.name: (side.answered, side.stored()) for side in sides if side.stored}
        finally:
            for side in sides:
                side.process.terminate()
                side.process.wait()
            for server in filter(None, [postgres, before]):
                server.stop()

    print(f"bodies of {size:.0f} bytes (median), {options.rounds} rounds of {options.seconds} s, {os.cpu_count()} cores; "
          "medians\n")
    print("| connections | side | webhooks/s | of no-op | of fastapi | p50 ms | p99 ms | CPU server + database |")
    print("|---|---|---|---|---|---|---|---|")
    for connections in map(int, options.connections.split(",")):
        medians = {side.name: [statistics.median(column) for column in zip(*side.figures[connections])] for side in sides}

        def ratio(name, other):
            return f"{medians[name][0] / medians[other][0]:.2f}" if other in medians else ""
        for name, (rate, p50, p99, cpu, database) in medians.items():
            print(f"| {connections} | {name} | {rate:.0f} | {ratio(name, 'no-op')} | {ratio(name, 'fastapi')} | {p50:.1f} | "
                  f"{p99:.1f} | {cpu:.2f} + {database:.2f} |")
    print("\nresident afterwards: " + ", ".join(f"{name} {value:.0f} MB" for name, value in memory.items()))
    for name, (answered, stored) in counts.items():
        # wrk cuts connections at the end: what was in flight may be stored without having been counted as answered.
        print(f"{name}: answered {answered}, stored {stored}")
        limit = sum(map(int, options.connections.split(","))) * options.rounds
        if not 0 <= stored - answered <= limit:
            sys.exit("an answered webhook is missing in the store, or one was stored twice")


if __name__ == "__main__":
    main()
