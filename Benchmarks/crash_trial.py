"""One run of crash.py: a store, the daemons on it, the load, and the comparison with an undisturbed run."""
import json
import os
import pathlib
import shutil
import signal
import sqlite3
import subprocess
import time
import urllib.error
import urllib.request

from crash_load import Poster, Receivers, Stream
from power_cut import Disk

ROOT = pathlib.Path(__file__).resolve().parent.parent
ADMIN, KEY = "crash-admin-token", "cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e4="
# Deliveries of one tenant, and to the two receivers, that are under way at once, all of which a kill can double
# (docs/decisions/0029-deliveries.md).
UNDER_WAY, UNDER_WAY_TO_ALL = 4, 16
# A port on which nothing listens.
NO_JIRA = "http://127.0.0.1:9"


class Bad(Exception):
    """A promise that did not hold."""


class Daemon:
    def __init__(self, binary, folder, port, environment):
        self.binary, self.port, self.process = binary, port, None
        self.environment = dict(environment, PATH=os.environ["PATH"], CONSILOD_HTTP_PORT=str(port))
        self.log, self.configuration = folder / f"log-{port}", folder / "empty.yaml"
        self.configuration.touch()

    def spawn(self):
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen([self.binary, "serve", "--config", self.configuration], env=self.environment,
                                            stdout=log, stderr=log)

    def wait(self):
        """Until it is ready; the seconds that took."""
        began = time.monotonic()
        while time.monotonic() - began < 60:
            if self.process.poll() is not None:
                raise Bad(f"the daemon ended with {self.process.returncode}: " + self.log.read_text()[-1500:])
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{self.port}/ready", timeout=5).read()
                return time.monotonic() - began
            except OSError:
                time.sleep(0.02)
        raise Bad("the daemon is not ready after a minute: " + self.log.read_text()[-1500:])

    def start(self):
        self.spawn()
        return self.wait()

    def kill(self):
        if self.process:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()

    def terminate(self):
        self.process.send_signal(signal.SIGTERM)

    def ask(self, method, path, token, body=None):
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}{path}", method=method, data=body and json.dumps(body).encode(),
            headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"})
        return json.loads(urllib.request.urlopen(request, timeout=30).read() or b"null")


class Postgres:
    def __init__(self, settings=""):
        said = self.shell(f"start_postgres fsync=on {settings}; echo $postgres_folder; echo $postgres_url; postgres_bin")
        self.folder, self.url, self.bin = said.split()[-3:]

    def shell(self, command):
        done = subprocess.run(["bash", "-c", f"source script/lib/postgres.sh; {command}"], cwd=ROOT, capture_output=True,
                              text=True)
        if done.returncode:
            raise SystemExit(done.stderr)
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


class Trial:
    """A store and its daemons in a folder of their own."""

    first_port = 18300

    def __init__(self, binary, folder, engine, options, random_, receivers=None, stream=None,
                 calls_jira=False):
        self.binary, self.folder, self.engine, self.options, self.random = binary, folder, engine, options, random_
        self.store_folder = folder / "store"
        self.store_folder.mkdir(parents=True)
        self.file = self.store_folder / "consilod.sqlite"
        self.postgres = Postgres() if engine in ("postgres", "node", "server") else None
        self.disk = Disk(self.store_folder, options.library, options.weaken) if engine == "power" else None
        self.receivers, self.stream = receivers or Receivers(), stream or Stream(options.issues)
        self.poster, self.cycles, self.kills, self.lost = None, 0, 0, set()
        self.is_whole = True
        # Those whose deliveries are counted, if not the one tenant only; whether Jira is called.
        self.tenants, self.calls_jira = [], calls_jira
        count = 2 if engine in ("node", "server") else 1
        self.nodes = [Daemon(binary, folder, self.first_port + i, self.environment()) for i in range(count)]
        Trial.first_port += count

    def environment(self):
        store = {"CONSILOD_STORE_URL": self.postgres.url} if self.postgres else {"CONSILOD_STORE_PATH": str(self.file)}
        return dict(
            CONSILOD_ENCRYPTION_KEY=KEY, CONSILOD_ADMIN_TOKEN=ADMIN, CONSILOD_RESCORER_SETTLE_SECONDS="1",
            CONSILOD_RESCORER_LIVE_WINDOW_SECONDS="604800", CONSILOD_MODEL_ENABLED="false", CONSILOD_HTTP_WEBHOOK_RATE="0",
            CONSILOD_JIRA_ENABLED=str(self.calls_jira).lower(), CONSILOD_JIRA_ALLOWED_HOSTS="127.0.0.1",
            CONSILOD_ALERTS_ALLOW_PLAIN_HTTP="true",
            CONSILOD_ALERTS_GROUP_WAIT_SECONDS="0", CONSILOD_ALERTS_GROUP_INTERVAL_SECONDS="0",
            CONSILOD_ALERTS_ALLOWED_HOSTS="127.0.0.1", CONSILOD_SMTP_HOST="127.0.0.1",
            CONSILOD_SMTP_PORT=str(self.receivers.relay.port), CONSILOD_SMTP_SECURITY="none",
            CONSILOD_SMTP_FROM="alerts@example.com", CONSILOD_SHUTDOWN_TIMEOUT_SECONDS="5",
            CONSILOD_TENANTS_DELETION_DAYS="0",
            **(self.disk.environment if self.disk else {}), **store)

    @property
    def daemon(self):
        return self.nodes[0]

    # Tenants and load

    def add_tenant(self, name, url=None):
        """A tenant with a rule for mail and one for Slack, which only its project OPS concerns."""
        tenant = self.daemon.ask("POST", "/api/tenants", ADMIN, {
            "company_name": name, "jira_url": url or f"https://{name}.atlassian.net", "jira_email": f"it@{name}.example",
            "jira_token": "token-of-the-crash-test"})
        key = tenant["api_key"]
        for rule in self.daemon.ask("GET", "/api/alert-rules", key):
            self.daemon.ask("DELETE", f"/api/alert-rules/{rule['id']}", key)
        tenant["name"] = name
        tenant["slack"] = f"/{tenant['id']}"
        for kind, target, projects in (("email", "lead@example.com", []),
                                       ("slack", self.receivers.slack + tenant["slack"], ["OPS"])):
            channel = self.daemon.ask("POST", "/api/alert-channels", key, {"kind": kind, "name": kind, "target": target})
            self.daemon.ask("POST", "/api/alert-rules", key, {
                "name": kind, "kind": "threshold", "raise_at": 1, "project_keys": projects, "channel_ids": [channel["id"]]})
        return tenant

    def begin(self):
        for node in self.nodes:
            self.start_seconds = node.start()
        self.tenant = self.add_tenant("crash", NO_JIRA)
        self.post()

    def post(self, numbers=None):
        self.poster = Poster([node.port for node in self.nodes], self.tenant, self.stream, self.options.threads, numbers)

    # Kills

    def kill(self, *others):
        """Kills a daemon and other programs at once; or cuts the power of all. Then looks into the store."""
        node = self.random.choice(self.nodes)
        for program in others:
            program.send_signal(signal.SIGKILL)
        node.kill()
        for program in others:
            program.wait()
        self.kills += 1
        answered = self.poster.answered_now() if self.poster else set()
        if self.disk:
            self.disk.cut(self.random)
        self.look(answered)
        return node

    def steps(self):
        """Steps of the schema that the store has, while a daemon may be using it."""
        try:
            return int(self.rows("SELECT COUNT(*) FROM schema_migrations")[0][0])
        except sqlite3.OperationalError:
            return 0

    def look(self, answered):
        """What was answered must be stored, in a file without damage. A copy of the store is looked at."""
        if self.postgres:
            return
        with self.copied() as store:
            damage = store.execute("PRAGMA integrity_check").fetchall()
            if damage != [("ok",)]:
                raise Bad(f"the file is damaged: {damage[:3]}")
            if not store.execute("SELECT 1 FROM sqlite_master WHERE name = 'webhook_events'").fetchone():
                self.lost |= answered
                return
            stored = {number(row[0]) for row in store.execute("SELECT delivery_id FROM webhook_events")}
        self.lost |= answered - stored

    def copied(self):
        return Copied(self.file)

    # What is stored

    def rows(self, sql):
        if self.postgres:
            return self.postgres.rows(sql)
        store = sqlite3.connect(f"file:{self.file}?mode=ro", uri=True, timeout=30)
        try:
            return [tuple("" if value is None else str(value) for value in row) for row in store.execute(sql)]
        finally:
            store.close()

    def drain(self, seconds=120):
        """Until nothing is pending, due or queued; the first tenant's Jira is never there."""
        later = "now() + interval '5 seconds'" if self.postgres else "strftime('%Y-%m-%dT%H:%M:%fZ', 'now', '+5 seconds')"
        self.wait({
            "webhooks": "SELECT COUNT(*) FROM webhook_events WHERE state = 'pending'",
            "fetches": "SELECT COUNT(*) FROM issue_fetches "
                       f"WHERE tenant_id <> '{self.tenant['id']}' AND parked_at IS NULL",
            "backfills": "SELECT COUNT(*) FROM backfills WHERE state = 'running'",
            "issues": f"SELECT COUNT(*) FROM issue_queue WHERE lease_token IS NOT NULL OR due_at < {later}",
            "deliveries": "SELECT COUNT(*) FROM notifications WHERE state = 'queued'"}, seconds)

    def drain_issues(self):
        """Until no webhook is pending."""
        self.wait({"webhooks": "SELECT COUNT(*) FROM webhook_events WHERE state = 'pending'"}, 120)

    def wait(self, counts, seconds):
        deadline = time.monotonic() + seconds
        while left := {name: count for name, sql in counts.items() if (count := int(self.rows(sql)[0][0]))}:
            if time.monotonic() > deadline:
                raise Bad(f"still waiting after {seconds} s: {left}")
            time.sleep(0.3)

    def states(self, tenant, is_history_kept, is_fetched):
        """The final state and score of each issue, its comments, its alerts and the history of its score."""
        of = f"WHERE tenant_id = '{tenant['id']}'"
        issues = {
            row[0]: ((without_times if is_fetched else dict)(json.loads(row[1])), *row[2:]) for row in self.rows(
                f"SELECT issue_id, state_json, risk_score, own_score, comment_count FROM issue_snapshots {of}")}
        comments = sorted(self.rows(f"SELECT issue_id, comment_id, body FROM issue_comments {of}"))
        alerts = sorted(self.rows(
            f"SELECT issue_id, event, (SELECT name FROM alert_rules WHERE id = rule_id) FROM alerts {of}"))
        history = sorted(self.rows(f"SELECT issue_id, analyzed_at, risk_score FROM analysis_history {of}"))
        return {"issues": issues, "comments": comments, "alerts": alerts, **({"history": history} if is_history_kept else {})}

    # The end

    def finish(self):
        """Stops the load, waits for the rest of the work and returns the numbers of the stored webhooks."""
        self.poster.stop()
        if self.poster.failures:
            raise Bad(self.poster.failures[0])
        self.drain()
        stored = [number(row[0]) for row in self.rows(
            f"SELECT delivery_id FROM webhook_events WHERE tenant_id = '{self.tenant['id']}' AND part = 0 "
            "AND delivery_id LIKE 'delivery-%'")]
        self.lost |= self.poster.answered - set(stored)
        if len(stored) != len(set(stored)):
            raise Bad(f"{len(stored) - len(set(stored))} webhooks are stored twice")
        refused = self.rows("SELECT state, COUNT(*) FROM webhook_events WHERE state NOT IN ('applied', 'ignored') GROUP BY state")
        if refused:
            raise Bad(f"webhooks that were not applied: {refused}")
        return sorted(stored)

    def compare(self, other, tenant=None, others=None, is_history_kept=True, is_fetched=False):
        mine = self.states(tenant or self.tenant, is_history_kept, is_fetched)
        theirs = other.states(others or other.tenant, is_history_kept, is_fetched)
        for part, value in mine.items():
            if value == theirs[part]:
                continue
            if isinstance(value, dict):
                name = next(name for name in {**value, **theirs[part]} if value.get(name) != theirs[part].get(name))
                words = difference(value.get(name), theirs[part].get(name), f"issue {name}")
            else:
                words = sorted(set(value) ^ set(theirs[part]))[:4]
            raise Bad(f"{part} differ from those of the undisturbed run: {words}")
        return len(mine["issues"]), len(mine["alerts"])

    def deliveries(self):
        """How many alerts were for a receiver, came to none or became dead letters, and came more often than once."""
        expected = lost = doubled = 0
        mails = self.receivers.mails()
        for tenant in self.tenants or [self.tenant]:
            alerts = self.rows(
                "SELECT a.id, a.issue_key, r.name FROM alerts a JOIN alert_rules r ON r.id = a.rule_id "
                f"WHERE a.tenant_id = '{tenant['id']}'")
            messages = self.receivers.slacks(tenant["slack"])
            for alert, key, rule in alerts:
                count = mails[alert.lower()] if rule == "email" else messages[key]
                expected, lost, doubled = expected + 1, lost + (count == 0), doubled + max(0, count - 1)
        dead = int(self.rows("SELECT COUNT(*) FROM notifications WHERE state = 'dead'")[0][0])
        return expected, lost + dead, doubled

    def close(self):
        if self.poster:
            self.poster.stop()
        for node in self.nodes:
            node.kill()
        if self.postgres:
            self.postgres.stop()
        if not self.options.keep:
            shutil.rmtree(self.folder, ignore_errors=True)


class Copied:
    """A copy of a SQLite store, opened."""

    def __init__(self, file):
        self.file, self.place = file, file.parent.with_name("copy")

    def __enter__(self):
        shutil.rmtree(self.place, ignore_errors=True)
        self.place.mkdir()
        for suffix in ("", "-wal"):
            if pathlib.Path(f"{self.file}{suffix}").exists():
                shutil.copyfile(f"{self.file}{suffix}", f"{self.place / self.file.name}{suffix}")
        self.store = sqlite3.connect(self.place / self.file.name)
        return self.store

    def __exit__(self, *_):
        self.store.close()
        shutil.rmtree(self.place)


def difference(one, other, path):
    """Where two values differ first, in words."""
    if isinstance(one, dict) and isinstance(other, dict):
        name = next(name for name in {**one, **other} if one.get(name) != other.get(name))
        return difference(one.get(name), other.get(name), f"{path}.{name}")
    if isinstance(one, (list, tuple)) and isinstance(other, (list, tuple)) and len(one) == len(other):
        at = next(at for at in range(len(one)) if one[at] != other[at])
        return difference(one[at], other[at], f"{path}[{at}]")
    return f"{path}: {str(one)[:200]} and {str(other)[:200]}"


def without_times(state):
    """The state of a fetched issue without the instants at which it was fetched."""
    if isinstance(state, dict):
        return {name: value["value"] if name == "presence" else without_times(value)
                for name, value in state.items() if name != "sentAt"}
    return [without_times(value) for value in state] if isinstance(state, list) else state


def number(delivery):
    return int(delivery.removeprefix("delivery-")) if delivery.startswith("delivery-") else -1
