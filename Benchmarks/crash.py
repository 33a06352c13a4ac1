#!/usr/bin/python3
"""Kills the daemon, and on PostgreSQL the server too, at random instants under load; then compares what was answered with
what is stored.

    Benchmarks/crash.py [--cycles 20] [--engines sqlite,postgres,node,server] [--threads 16] [--seed N]

  sqlite    one node on its SQLite file: kill -9 of the daemon
  postgres  one node on PostgreSQL: kill -9 of the daemon
  node      two nodes on one PostgreSQL: kill -9 of one or the other, while both take webhooks
  server    two nodes on one PostgreSQL: kill -9 of the database server's processes
A poster on several threads sends signed webhooks of its own making and, like Jira, sends again what got no 2xx. In the
end every answered delivery must be stored, and no other than was sent; each applied once: its comment is in the tables
once, its issue is scored.
"""
import argparse
import hashlib
import hmac
import http.client
import json
import os
import pathlib
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parent.parent
ADMIN, KEY = "crash-admin-token", "cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e4="


class Daemon:
    def __init__(self, binary, folder, port, store):
        self.binary, self.folder, self.port, self.process = binary, folder, port, None
        self.environment = dict(
            PATH=os.environ["PATH"], CONSILOD_HTTP_PORT=str(port), CONSILOD_ENCRYPTION_KEY=KEY,
            CONSILOD_ADMIN_TOKEN=ADMIN, CONSILOD_RESCORER_SETTLE_SECONDS="1", CONSILOD_MODEL_ENABLED="false",
            CONSILOD_JIRA_ENABLED="false", **store)

    def start(self):
        log = open(self.folder / f"log-{self.port}", "ab")
        self.process = subprocess.Popen([self.binary, "serve"], env=self.environment, cwd=self.folder, stdout=log, stderr=log)
        for _ in range(1200):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{self.port}/ready")
                return
            except OSError:
                time.sleep(0.05)
        sys.exit(f"the daemon does not listen; its log is {self.folder}")

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def ask(self, path, token, body=None):
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}{path}", data=body and json.dumps(body).encode(),
            headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"})
        return json.load(urllib.request.urlopen(request, timeout=30))


class Poster:
    """Sends deliveries 0, 1, 2 … from several threads until it is stopped, each until it is answered 2xx."""

    def __init__(self, ports, tenant, threads, limit=None):
        self.ports, self.tenant, self.limit = ports, tenant, limit
        self.lock, self.next, self.answered, self.refused = threading.Lock(), 0, set(), 0
        self.stopping = threading.Event()
        self.threads = [threading.Thread(target=self.work, args=(i,)) for i in range(threads)]
        for thread in self.threads:
            thread.start()

    def body(self, number, issue=None, key=None, project="PAY"):
        issue = issue or number % 997 + 1
        key = key or f"PAY-{issue}"
        instant = int(time.time() * 1000)
        stamp = time.strftime("%Y-%m-%dT%H:%M:%S.000+0000", time.gmtime(instant / 1000))
        person = {"accountId": "712020:a", "displayName": "A. Tester", "timeZone": "Europe/Berlin"}
        return json.dumps({
            "timestamp": instant, "webhookEvent": "comment_created",
            "comment": {"id": str(100_000 + number), "author": person, "created": stamp, "updated": stamp,
                        "body": f"Still blocked by the vendor, attempt {number}."},
            "issue": {"id": str(issue), "key": key, "fields": {
                "summary": f"Refund {issue}", "project": {"key": project}, "created": stamp, "updated": stamp,
                "issuetype": {"name": "Task"}, "priority": {"name": "High"}, "status": {"name": "To Do"}}}}).encode()

    def work(self, index):
        connection, turn = None, index
        while not self.stopping.is_set():
            with self.lock:
                if self.next == self.limit:
                    return
                number, self.next = self.next, self.next + 1
            body = self.body(number)
            headers = {
                "Content-Type": "application/json", "X-Atlassian-Webhook-Identifier": f"delivery-{number}",
                "X-Hub-Signature": "sha256=" + hmac.new(self.tenant["webhook_secret"].encode(), body,
                                                        hashlib.sha256).hexdigest()}
            while True:
                try:
                    if connection is None:
                        turn += 1
                        connection = http.client.HTTPConnection("127.0.0.1", self.ports[turn % len(self.ports)], timeout=30)
                    connection.request("POST", f"/webhooks/jira/{self.tenant['id']}", body, headers)
                    answer = connection.getresponse()
                    answer.read()
                    if answer.status // 100 == 2:
                        with self.lock:
                            self.answered.add(number)
                        break
                    with self.lock:
                        self.refused += 1
                    if answer.status not in (429, 503):
                        sys.exit(f"delivery {number} was answered {answer.status}")
                except (OSError, http.client.HTTPException):
                    connection = None
                if self.stopping.is_set():
                    return
                time.sleep(0.02)

    def stop(self):
        self.stopping.set()
        for thread in self.threads:
            thread.join()


class Postgres:
    def __init__(self, settings=""):
        said = self.shell(f"start_postgres fsync=on {settings}; echo $postgres_folder; echo $postgres_url; postgres_bin")
        self.folder, self.url, self.bin = said.split()[-3:]

    def shell(self, command):
        done = subprocess.run(["bash", "-c", f"source script/lib/postgres.sh; {command}"], cwd=ROOT, capture_output=True,
                              text=True)
        if done.returncode:
            sys.exit(done.stderr)
        return done.stdout

    def kill(self):
        head = int(open(f"{self.folder}/data/postmaster.pid").readline())
        for pid in [head, *map(int, subprocess.run(["pgrep", "-P", str(head)], capture_output=True, text=True).stdout.split())]:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass

    def restart(self):
        # The killed server's processes and its lock file go a moment later.
        self.shell(
            f"cd {self.folder}; for _ in $(seq 50); do as_postgres {self.bin}/pg_ctl -D {self.folder}/data -l {self.folder}/log"
            f" -w -o \"-c listen_addresses='' -c unix_socket_directories={self.folder} -c max_connections=400\" start"
            f" && exit 0; sleep 0.1; done; exit 1")

    def rows(self, sql):
        out = subprocess.run(["psql", "-XAtF", "|", "-c", sql, self.url], check=True, capture_output=True, text=True).stdout
        return [tuple(line.split("|")) for line in out.splitlines()]

    def stop(self):
        self.shell(f"postgres_folder={self.folder}; stop_postgres")


def run(engine, cycles, threads, binary, random_):
    postgres = Postgres() if engine != "sqlite" else None
    with tempfile.TemporaryDirectory(prefix=f"consilod-crash-{engine}-") as folder:
        folder = pathlib.Path(folder)
        store = {"CONSILOD_STORE_URL": postgres.url} if postgres else {"CONSILOD_STORE_PATH": str(folder / "c.sqlite")}
        nodes = [Daemon(binary, folder, 18300 + i, store) for i in range(2 if engine in ("node", "server") else 1)]
        began, poster = time.time(), None
        try:
            for node in nodes:
                node.start()
            tenant = nodes[0].ask("/api/tenants", ADMIN, {
                "company_name": "Crash", "jira_url": "https://crash.atlassian.net", "jira_email": "it@crash.example",
                "jira_token": "token-of-the-crash-test"})
            poster = Poster([node.port for node in nodes], tenant, threads)
            for _ in range(cycles):
                time.sleep(random_.uniform(0.3, 2.0))
                if engine == "server":
                    postgres.kill()
                    time.sleep(random_.uniform(0, 1.0))
                    postgres.restart()
                else:
                    node = random_.choice(nodes)
                    node.kill()
                    node.start()
            time.sleep(1)
            poster.stop()

            def rows(sql):
                return postgres.rows(sql) if postgres else [
                    tuple(map(str, row)) for row in sqlite3.connect(folder / "c.sqlite").execute(sql)]
            deadline = time.time() + 300
            while rows("SELECT COUNT(*) FROM webhook_events WHERE state = 'pending'") != [("0",)]:
                if time.time() > deadline:
                    sys.exit(f"{engine}: webhooks are still waiting after 5 minutes")
                time.sleep(0.5)
            stored = [int(row[0].removeprefix("delivery-")) for row in rows("SELECT delivery_id FROM webhook_events")]
            comments = [int(row[0]) - 100_000 for row in rows("SELECT comment_id FROM issue_comments")]
            states = dict(rows("SELECT state, COUNT(*) FROM webhook_events GROUP BY state"))
            missing = poster.answered - set(stored)
            good = (not missing and len(stored) == len(set(stored)) and set(stored) <= set(range(poster.next))
                    and sorted(comments) == sorted(stored) and set(states) == {"applied"})
            print(f"{engine:<9} {cycles} kills in {time.time() - began:.0f} s: {len(poster.answered)} answered, "
                  f"{len(stored)} stored, {len(comments)} applied, {poster.refused} answered 503, "
                  f"{len(missing)} lost: {'good' if good else 'BAD'}", flush=True)
            if not good:
                sys.exit(1)
        finally:
            if poster:
                poster.stop()
            for node in nodes:
                if node.process:
                    node.kill()
            if postgres:
                postgres.stop()


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--cycles", type=int, default=20)
    options.add_argument("--engines", default="sqlite,postgres,node,server")
    options.add_argument("--threads", type=int, default=16)
    options.add_argument("--seed", type=int, default=random.randrange(1 << 32))
    options.add_argument("--binary", help="a built consilod; default: build one")
    options = options.parse_args()
    binary = options.binary
    if not binary:
        subprocess.run(["swift", "build", "-c", "release", "--product", "consilod"], cwd=ROOT, check=True, stdout=sys.stderr)
        binary = subprocess.run(["swift", "build", "-c", "release", "--show-bin-path"], cwd=ROOT, check=True,
                                capture_output=True, text=True).stdout.strip() + "/consilod"
    print(f"seed {options.seed}")
    random_ = random.Random(options.seed)
    for engine in options.engines.split(","):
        run(engine, options.cycles, options.threads, binary, random_)


if __name__ == "__main__":
    main()
