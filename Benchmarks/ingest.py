#!/usr/bin/python3
"""How many signed webhooks a second the door takes with durable commits, beside a no-op route of the same server.

    Benchmarks/ingest.py [--bodies FILE.ndjson[.gz]] [--connections 64] [--seconds 5] [--rounds 3]

Needs wrk (apt-get install wrk) as the load generator. Both sides get the same bodies in the same run, in turns; the
figure that counts is their ratio. Afterwards every 2xx must stand in the store, once.
"""
import argparse
import gzip
import hashlib
import hmac
import json
import pathlib
import re
import sqlite3
import statistics
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent

LUA = """
local requests = {}
local n = 0
local thread_id = 0
function setup(thread) thread:set("id", thread_count or 0); thread_count = (thread_count or 0) + 1 end
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
    ["X-Atlassian-Webhook-Identifier"] = "%(run)s-" .. id .. "-" .. n}, r[2])
end
"""


def load(url, script, connections, seconds):
    """Requests a second, p99 in milliseconds, number of answers, number of those that were not 2xx."""
    done = subprocess.run(
        ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--latency", "-s", script, url],
        capture_output=True, text=True, check=True).stdout
    p99 = re.search(r"99%\s+([\d.]+)(us|ms|s)", done)
    scale = {"us": 0.001, "ms": 1, "s": 1000}[p99.group(2)]
    bad = re.search(r"Non-2xx or 3xx responses: (\d+)", done)
    return (float(re.search(r"Requests/sec:\s+([\d.]+)", done).group(1)), float(p99.group(1)) * scale,
            int(re.search(r"(\d+) requests in", done).group(1)), int(bad.group(1)) if bad else 0)


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--bodies")
    options.add_argument("--connections", type=int, default=64)
    options.add_argument("--seconds", type=int, default=5)
    options.add_argument("--rounds", type=int, default=3)
    options = options.parse_args()

    subprocess.run(["swift", "build", "-c", "release", "--product", "ingest-server"], cwd=ROOT, check=True,
                   stdout=sys.stderr)
    binaries = subprocess.run(["swift", "build", "-c", "release", "--show-bin-path"], cwd=ROOT, check=True,
                              capture_output=True, text=True).stdout.strip()
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
        server = subprocess.Popen([f"{binaries}/ingest-server", work / "bench.sqlite"], stdout=subprocess.PIPE,
                                  stderr=subprocess.DEVNULL, text=True)
        try:
            port, tenant = server.stdout.readline().split()
            sides = {"no-op": "/noop", "durable": f"/webhooks/jira/{tenant}"}
            rates, tails, answered = {side: [] for side in sides}, {side: [] for side in sides}, 0
            for turn in range(options.rounds):
                for side, path in sides.items():
                    script = work / f"{side}.lua"
                    script.write_text(LUA % {"table": table, "path": path, "run": f"{side}{turn}"})
                    rate, p99, count, bad = load(f"http://127.0.0.1:{port}", script, options.connections,
                                                 options.seconds)
                    if bad:
                        sys.exit(f"{side}: {bad} of {count} answers were not 2xx")
                    rates[side].append(rate)
                    tails[side].append(p99)
                    answered += count if side == "durable" else 0
            rss = next(int(line.split()[1]) for line in open(f"/proc/{server.pid}/status")
                       if line.startswith("VmRSS")) / 1024
        finally:
            server.terminate()
            server.wait()
        stored, = sqlite3.connect(work / "bench.sqlite").execute(
            "SELECT COUNT(DISTINCT delivery_id) FROM webhook_events").fetchone()

    for side in sides:
        print(f"{side:<8} {statistics.median(rates[side]):>8.0f} /s (median of {', '.join(f'{r:.0f}' for r in rates[side])})"
              f"   p99 {statistics.median(tails[side]):.1f} ms")
    print(f"ratio    {statistics.median(rates['durable']) / statistics.median(rates['no-op']):.2f}   "
          f"{options.connections} connections, bodies of {size:.0f} bytes (median), server RSS {rss:.0f} MB")
    # wrk cuts connections at the end: what was in flight may be stored without having been counted as answered.
    surplus = stored - answered
    print(f"answered {answered}, stored {stored}")
    if not 0 <= surplus <= options.connections * options.rounds:
        sys.exit("an answered webhook is missing in the store, or one was stored twice")


if __name__ == "__main__":
    main()
