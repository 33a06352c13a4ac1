#!/usr/bin/python3
"""What becomes of the answers to webhooks while FinBERT reads.

    Benchmarks/reading.py MODEL [--precision auto] [--connections 1,16,64] [--seconds 5] [--rounds 3] [--binary PATH]

MODEL is a model's folder, such as the one Benchmarks/finbert.py makes. One daemon takes signed webhooks (wrk), in turns
while nothing is to be read and while hundreds of comments of 60 to 120 words wait to be. The figures that count are the
ratios of the two; windows/s is what the model reads meanwhile, and at rest what it reads when nothing else is asked.
"""
import argparse
import hashlib
import hmac
import json
import pathlib
import random
import re
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request

import ingest
from crash_load import comment
from crash_trial import ADMIN, KEY, ROOT
from crash_trial import Daemon as CrashDaemon

WORDS = """the a of to and release build deploy customer vendor broken fixed waiting test login payment server since monday
review late error works again merged branch timeout we they nobody somebody should could never always data missing""".split()


class Daemon(CrashDaemon):
    def metric(self, name):
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}/metrics",
                                         headers={"Authorization": f"Bearer {ADMIN}"})
        text = urllib.request.urlopen(request, timeout=30).read().decode()
        return float(re.search(rf"^{name} (\S+)", text, re.M).group(1))

    def windows(self):
        return self.metric("consilod_model_windows_read_total")


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("model", type=pathlib.Path)
    options.add_argument("--precision", default="auto")
    options.add_argument("--connections", default="1,16,64")
    options.add_argument("--seconds", type=int, default=5)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--binary")
    options = options.parse_args()
    binary = options.binary
    if not binary:
        subprocess.run(["swift", "build", "-c", "release", "--product", "consilod"], cwd=ROOT, check=True,
                       stdout=sys.stderr)
        binary = subprocess.run(["swift", "build", "-c", "release", "--show-bin-path"], cwd=ROOT, check=True,
                                capture_output=True, text=True).stdout.strip() + "/consilod"
    chosen, number = random.Random(1), 0
    with tempfile.TemporaryDirectory(prefix="consilod-reading-") as folder:
        folder = pathlib.Path(folder)
        daemon = Daemon(binary, folder, 18370, {
            "CONSILOD_STORE_PATH": str(folder / "c.sqlite"), "CONSILOD_HTTP_WEBHOOK_RATE": "0",
            "CONSILOD_ENCRYPTION_KEY": KEY, "CONSILOD_ADMIN_TOKEN": ADMIN,
            "CONSILOD_RESCORER_SETTLE_SECONDS": "1", "CONSILOD_RESCORER_LIVE_WINDOW_SECONDS": "604800"})
        daemon.environment |= {"CONSILOD_MODEL_ENABLED": "true", "CONSILOD_MODEL_PATH": str(options.model.resolve()),
                               "CONSILOD_MODEL_PRECISION": options.precision}
        daemon.start()
        try:
            if not daemon.metric("consilod_model_loaded"):
                sys.exit(f"the model was not loaded: {(folder / 'log-18370').read_text()}")
            tenant = daemon.ask("POST", "/api/tenants", ADMIN, {
                "company_name": "acme", "jira_url": "https://acme.atlassian.net", "jira_email": "it@acme.example",
                "jira_token": "0123456789abcdefghij"})
            path, secret = f"/webhooks/jira/{tenant['id']}", tenant["webhook_secret"].encode()

            def sign(body):
                return hmac.new(secret, body, hashlib.sha256).hexdigest()
            # They concern no issue, and leave the model alone.
            table = folder / "requests"
            bodies = [json.dumps({"webhookEvent": "user_updated", "user": {"accountId": str(i)}, "pad": "x" * 1500})
                      for i in range(500)]
            table.write_text("".join(f"{sign(body.encode())} {body}\n" for body in bodies))

            def post(body):
                request = urllib.request.Request(f"http://127.0.0.1:{daemon.port}{path}", data=body, headers={
                    "Content-Type": "application/json", "X-Hub-Signature": "sha256=" + sign(body)})
                urllib.request.urlopen(request, timeout=30).read()

            def bring_comments(count):
                nonlocal number
                for _ in range(count):
                    number += 1
                    body = json.loads(comment(number, number))
                    body["comment"]["body"] = " ".join(chosen.choices(WORDS, k=chosen.randint(60, 120))) + "."
                    post(json.dumps(body).encode())

            def is_reading():
                before = daemon.windows()
                time.sleep(0.7)
                return daemon.windows() > before

            def until(wanted):
                for _ in range(600):
                    if is_reading() == wanted:
                        return
                sys.exit(f"the model is {'not reading' if wanted else 'reading still'}")

            bring_comments(100)
            until(True)
            began, before = time.monotonic(), daemon.windows()
            time.sleep(3)
            print(f"read at rest: {(daemon.windows() - before) / (time.monotonic() - began):.1f} windows/s\n")
            print("| connections | the model | webhooks/s | p50 ms | p99 ms | windows/s |\n|---|---|---|---|---|---|")
            for connections in map(int, options.connections.split(",")):
                figures = {}
                for turn in range(options.rounds):
                    for side in ("rests", "reads"):
                        if side == "reads":
                            bring_comments(300)
                        until(side == "reads")
                        script = folder / "load.lua"
                        script.write_text(ingest.LUA % {"table": table, "path": path,
                                                        "run": f"{side}-{connections}-{turn}"})
                        before = daemon.windows()
                        rate, p50, p99, _, bad = ingest.load(
                            f"http://127.0.0.1:{daemon.port}", script, connections, options.seconds)
                        if bad:
                            sys.exit(f"{bad} answers were not 2xx")
                        figures.setdefault(side, []).append(
                            (rate, p50, p99, (daemon.windows() - before) / options.seconds))
                        if side == "reads" and not is_reading():
                            sys.exit("the comments were read before the measurement was over")
                medians = {side: [statistics.median(column) for column in zip(*rows)] for side, rows in figures.items()}
                for side, (rate, p50, p99, windows) in medians.items():
                    print(f"| {connections} | {side} | {rate:.0f} | {p50:.2f} | {p99:.1f} | {windows:.1f} |", flush=True)
                rest, read = medians["rests"], medians["reads"]
                print(f"| {connections} | ratio | {read[0] / rest[0]:.2f} | {read[1] / rest[1]:.2f} | "
                      f"{read[2] / rest[2]:.2f} | |", flush=True)
        finally:
            daemon.process.terminate()
            daemon.process.wait()


if __name__ == "__main__":
    main()
