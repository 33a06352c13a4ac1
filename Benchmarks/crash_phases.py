"""When crash.py kills: one class for each phase. A cycle ends with the daemon running again."""
import copy
import json
import pathlib
import random
import shutil
import sqlite3
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.parse

from crash_load import PERSON, Poster, Receivers, Stream, stamp
from crash_trial import ADMIN, NO_JIRA, Bad, Trial, number

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "peer"))
from jira import Jira


class Steady:
    """Under load."""

    is_history_kept, calls_jira = True, False

    def __init__(self, trial):
        self.trial, self.random = trial, trial.random
        self.hits = 0
        self.prepare()

    def prepare(self):
        self.trial.begin()

    def cycle(self):
        trial = self.trial
        time.sleep(self.random.uniform(0.2, 1.2))
        if trial.engine == "server":
            trial.postgres.kill()
            trial.kills += 1
            time.sleep(self.random.uniform(0, 1.0))
            trial.postgres.restart()
        else:
            trial.kill().start()

    def settle(self):
        """What is left to be done before the load ends."""

    def undisturbed(self, folder, stored):
        """The same webhooks in a store of their own, and nothing else."""
        other = Trial(self.trial.binary, folder, "postgres" if self.trial.postgres else "sqlite", self.trial.options,
                      random.Random(0), Receivers(), self.trial.stream, self.calls_jira)
        self.begin_undisturbed(other)
        other.post(stored)
        other.poster.join()
        if missing := set(stored) - other.poster.answered:
            raise Bad(f"the undisturbed run did not take {len(missing)} webhooks")
        other.drain()
        return other

    def begin_undisturbed(self, other):
        other.daemon.start()
        other.tenant = other.add_tenant("crash", NO_JIRA)

    def compare(self, other):
        """What this phase alone promises; a note for the line."""
        return ""


class Start(Steady):
    """Between the start of the process and its readiness, and a moment after."""

    def cycle(self):
        trial = self.trial
        time.sleep(self.random.uniform(0, 0.5))
        trial.kill().spawn()
        time.sleep(self.random.uniform(0, 1.2 * trial.start_seconds))
        trial.kill()
        trial.start_seconds = trial.daemon.start()


class Shutdown(Steady):
    """After SIGTERM: most of the time before the process has ended by itself."""

    seconds = 0.5

    def cycle(self):
        trial = self.trial
        time.sleep(self.random.uniform(0.2, 0.8))
        trial.daemon.terminate()
        began = time.monotonic()
        limit = self.random.uniform(0, 1.2 * self.seconds)
        while time.monotonic() - began < limit and trial.daemon.process.poll() is None:
            time.sleep(0.002)
        if trial.daemon.process.poll() is None:
            self.hits += 1
        else:
            self.seconds = time.monotonic() - began
        trial.kill().start()

    def compare(self, other):
        return f"; {self.hits} before the end of the shutdown"


class Backup(Steady):
    """During a backup. Killed are the daemon, the backup or both; the power is cut for both."""

    seconds, wholes = 1.0, 0

    def cycle(self):
        trial = self.trial
        time.sleep(self.random.uniform(0.1, 0.4))
        # Beside the store, on the same disk.
        file = trial.store_folder / "backup.sqlite"
        answered = trial.poster.answered_now()
        began = time.monotonic()
        backup = subprocess.Popen(
            [trial.binary, "store", "backup", str(file), "--store", str(trial.file)], env=trial.daemon.environment,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        limit = self.random.uniform(0, 1.3 * self.seconds)
        while time.monotonic() - began < limit and backup.poll() is None:
            time.sleep(0.002)
        if backup.poll() is None:
            self.hits += 1
        else:
            self.seconds = time.monotonic() - began
        is_done = backup.poll() == 0
        if trial.disk or self.random.random() < 0.5:
            trial.kill(backup)
        else:
            backup.kill()
            backup.wait()
            trial.kills += 1
        self.check(file, answered, is_done)
        if trial.disk:
            trial.disk.settle()
        if trial.daemon.process.poll() is not None:
            trial.daemon.start()

    def check(self, file, answered, is_done):
        """A backup that has its name is whole; one that has reported success has its name."""
        if not file.exists():
            if is_done:
                raise Bad("a finished backup is not there")
        else:
            self.wholes += 1
            store = sqlite3.connect(file)
            damage = store.execute("PRAGMA integrity_check").fetchall()
            stored = {number(row[0]) for row in store.execute("SELECT delivery_id FROM webhook_events")}
            store.close()
            if damage != [("ok",)] or answered - stored:
                raise Bad(f"a backup is not whole: {damage[:2]}, {len(answered - stored)} webhooks are missing")
        for rest in self.trial.store_folder.glob("*backup*"):
            rest.unlink()

    def compare(self, other):
        return f"; {self.hits} kills before the backup's end, {self.wholes} whole backups"


class Retention(Steady):
    """While bodies of webhooks expire: between two starts the arrival of the applied ones is put back by forty days, and so that
    a pass takes a while 5,000 more of that age are added."""

    is_history_kept = False
    added, aged, gone = 5000, 0, 0

    def cycle(self):
        trial = self.trial
        time.sleep(self.random.uniform(0.2, 0.6))
        trial.kill()
        self.age()
        trial.daemon.start()
        time.sleep(self.random.uniform(0, 0.8))
        trial.kill()
        with trial.copied() as store:
            left, gone, added = store.execute(
                "SELECT COALESCE(SUM(body_removed_at IS NULL), 0), COALESCE(SUM(body_removed_at IS NOT NULL), 0), "
                "COUNT(*) FROM webhook_events WHERE delivery_id LIKE 'aged-%'").fetchone()
        if added != self.aged * self.added:
            raise Bad(f"of {self.aged * self.added} webhooks whose bodies expired {added} are there")
        self.hits, self.gone = self.hits + (left > 0 and gone > self.gone), gone
        trial.daemon.start()

    def age(self):
        self.aged += 1
        store = sqlite3.connect(self.trial.file)
        store.execute(
            "UPDATE webhook_events SET received_at = strftime('%Y-%m-%dT%H:%M:%fZ', received_at, '-40 days') "
            f"WHERE state = 'applied' AND body_removed_at IS NULL AND received_at > {self.days(2)}")
        store.execute(
            "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?) "
            "INSERT INTO webhook_events (tenant_id, delivery_id, part, event, received_at, retry_count, state, body) "
            f"SELECT ?, 'aged-{self.aged}-' || i, 0, 'user_updated', {self.days(40)}, 0, 'ignored', randomblob(1000) FROM n",
            (self.added, self.trial.tenant["id"]))
        store.commit()
        store.close()
        if self.trial.disk:
            self.trial.disk.settle()

    @staticmethod
    def days(ago):
        return f"strftime('%Y-%m-%dT%H:%M:%fZ', 'now', '-{ago} days')"

    def settle(self):
        # A pass without load beside it, which has half of the disk's time.
        self.trial.poster.stop()
        deadline = time.monotonic() + 180
        while int(self.trial.rows("SELECT COUNT(*) FROM webhook_events WHERE body_removed_at IS NULL AND "
                                  f"state IN ('applied', 'ignored') AND received_at < {self.days(35)}")[0][0]):
            if time.monotonic() > deadline:
                raise Bad("expired bodies are still there after three minutes")
            time.sleep(0.2)

    def compare(self, other):
        early = int(self.trial.rows("SELECT COUNT(*) FROM webhook_events WHERE body_removed_at IS NOT NULL AND "
                                    f"received_at > {self.days(2)}")[0][0])
        if early:
            raise Bad(f"{early} bodies were removed that had not expired")
        return f"; {self.aged * self.added} bodies expired, {self.hits} kills within a pass"


class Removal(Steady):
    """While another tenant with 50 issues is removed."""

    seconds, removed, webhooks = 0.3, 0, 150

    def prepare(self):
        super().prepare()
        self.victim, self.is_answered = None, False

    def cycle(self):
        trial = self.trial
        if self.victim is None:
            self.victim, self.is_answered = trial.add_tenant(f"leaving{trial.kills}"), False
            Poster([trial.daemon.port], self.victim, Stream(50), 4, range(self.webhooks)).join()
        request = threading.Thread(target=self.remove)
        began = time.monotonic()
        request.start()
        time.sleep(self.random.uniform(0, 1.3 * self.seconds))
        self.hits += request.is_alive()
        trial.kill()
        request.join()
        if self.is_answered:
            self.seconds = 0.7 * self.seconds + 0.3 * (self.answered_at - began)
        trial.daemon.start()
        self.check()

    def remove(self):
        try:
            name = urllib.parse.quote(self.victim["name"])
            self.trial.daemon.ask("DELETE", f"/api/tenants/{self.victim['id']}?company_name={name}", ADMIN)
            self.is_answered, self.answered_at = True, time.monotonic()
        except (OSError, urllib.error.HTTPError, json.JSONDecodeError):
            pass
        except Exception as fault:
            if "RemoteDisconnected" not in type(fault).__name__ and "IncompleteRead" not in type(fault).__name__:
                raise

    def check(self):
        """After the restart the tenant is there with everything, or it is gone."""
        try:
            self.trial.daemon.ask("GET", f"/api/tenants/{self.victim['id']}", ADMIN)
        except urllib.error.HTTPError as answer:
            if answer.code != 404:
                raise Bad(f"a removed tenant is answered {answer.code}")
            self.removed, self.victim = self.removed + 1, None
            return
        if self.is_answered:
            raise Bad("a tenant whose removal was answered is back")
        stored = int(self.trial.rows(
            f"SELECT COUNT(*) FROM webhook_events WHERE tenant_id = '{self.victim['id']}'")[0][0])
        if stored < self.webhooks:
            raise Bad(f"of {self.webhooks} webhooks of a tenant that was not removed {stored} are left")

    def settle(self):
        if self.victim:
            self.remove()
        self.trial.poster.stop()
        # What a kill left is removed by the pass that begins with the next start.
        self.trial.daemon.terminate()
        self.trial.daemon.process.wait()
        self.trial.daemon.start()
        deadline = time.monotonic() + 60
        while rest := self.rests():
            if time.monotonic() > deadline:
                raise Bad(f"rows of removed tenants are left: {rest}")
            time.sleep(0.3)

    def rests(self):
        names = self.trial.rows(
            "SELECT table_name FROM information_schema.columns WHERE column_name = 'tenant_id' AND table_schema = 'public'"
            if self.trial.postgres else
            "SELECT m.name FROM sqlite_master m JOIN pragma_table_info(m.name) c ON c.name = 'tenant_id' WHERE m.type = 'table'"
            " AND m.sql NOT LIKE 'CREATE VIRTUAL%'")
        keep = self.trial.tenant["id"]
        found = {name: int(self.trial.rows(f"SELECT COUNT(*) FROM {name} WHERE tenant_id <> '{keep}'")[0][0])
                 for (name,) in names}
        found["tenants"] = int(self.trial.rows(f"SELECT COUNT(*) FROM tenants WHERE id <> '{keep}'")[0][0])
        return {name: count for name, count in found.items() if count}

    def compare(self, other):
        return f"; {self.removed} tenants removed, {self.hits} kills before the answer"


class Backfill(Steady):
    """While issues are fetched from a simulated Jira, for a new tenant each time."""

    calls_jira = True

    def prepare(self):
        self.sites, self.clients = [], []
        stream = self.trial.stream
        self.issues = [self.issue(stream, index) for index in range(150)]
        super().prepare()

    def issue(self, stream, index):
        """The issue as Jira has it after some webhooks."""
        last = json.loads(stream.body(stream.issues * (index % 6) + index))["issue"]
        bodies = [json.loads(stream.body(stream.issues * turn + index)) for turn in range(index % 6 + 1)]
        comments = [body["comment"] for body in bodies if "comment" in body]
        last["fields"]["comment"] = {"comments": comments, "total": len(comments), "maxResults": 20, "startAt": 0}
        last["changelog"] = [{"id": body["changelog"]["id"], "author": PERSON, "created": stamp(body["timestamp"]),
                              "items": body["changelog"]["items"]} for body in bodies if "changelog" in body]
        return last

    def begin_one(self, trial):
        site = Jira(copy.deepcopy(self.issues))
        self.sites.append(site)
        client = trial.add_tenant(f"site{len(self.sites)}", site.url)
        trial.daemon.ask("POST", f"/api/tenants/{client['id']}/backfills", client["api_key"], {"jql": "project in (PAY, OPS)"})
        return client

    def cycle(self):
        trial = self.trial
        self.clients.append(self.begin_one(trial))
        time.sleep(self.random.uniform(0, 1.5))
        running = int(trial.rows("SELECT COUNT(*) FROM backfills WHERE state = 'running'")[0][0])
        self.hits += running > 0
        trial.kill().start()

    def begin_undisturbed(self, other):
        super().begin_undisturbed(other)
        self.model = self.begin_one(other)

    def compare(self, other):
        failed = self.trial.rows("SELECT error FROM backfills WHERE state <> 'done'")
        if failed:
            raise Bad(f"backfills failed: {failed[:3]}")
        for client in self.clients:
            issues, _ = self.trial.compare(other, client, self.model, is_history_kept=False, is_fetched=True)
            if issues != len(self.issues):
                raise Bad(f"of {len(self.issues)} issues of a site {issues} are there")
        self.trial.tenants = [self.trial.tenant, *self.clients]
        for site in self.sites:
            site.stop()
        return f"; {len(self.clients)} backfills of {len(self.issues)} issues, {self.hits} running at the kill"


class Migration(Steady):
    """While a store of an older build is brought to the newest schema, each time from a copy of it: in one
    transaction, so that a kill leaves the old one or the new one."""

    is_history_kept = False
    webhooks, later, more = 800, 200, 60_000

    def prepare(self):
        trial = self.trial
        trial.daemon.binary = trial.options.before
        trial.daemon.start()
        trial.tenant = trial.add_tenant("crash", NO_JIRA)
        trial.post(range(self.webhooks))
        trial.poster.join()
        trial.drain_issues()
        trial.daemon.kill()
        trial.daemon.binary = trial.binary
        self.add_rows()
        self.old, self.received = trial.folder / "old", trial.receivers.counts()
        shutil.copytree(trial.store_folder, self.old)
        # How long it takes from the start of the process to the commit.
        self.before, began = trial.steps(), time.monotonic()
        trial.daemon.spawn()
        while trial.steps() == self.before and trial.daemon.process.poll() is None:
            time.sleep(0.001)
        self.seconds = time.monotonic() - began
        trial.daemon.wait()
        self.after = trial.steps()
        if self.after == self.before:
            raise Bad("the older build has the same schema: nothing to migrate")

    def add_rows(self):
        """Applied webhooks of no issue, so that the migration takes a while."""
        store = sqlite3.connect(self.trial.file)
        store.execute(
            "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?) "
            "INSERT INTO webhook_events (tenant_id, delivery_id, part, event, issue_id, received_at, retry_count, state, body) "
            "SELECT ?, 'old-' || i, 0, 'user_updated', 'none-' || (i % 1000), strftime('%Y-%m-%dT%H:%M:%fZ', 'now'), 0, "
            "'applied', X'7B7D' FROM n", (self.more, self.trial.tenant["id"]))
        store.commit()
        store.close()
        if self.trial.disk:
            self.trial.disk.settle()

    def put_back(self, trial):
        """The old store, and receivers that got what it has delivered."""
        trial.daemon.kill()
        shutil.rmtree(trial.store_folder)
        shutil.copytree(self.old, trial.store_folder)
        trial.receivers.set(self.received)
        if trial.disk:
            trial.disk.settle()

    def cycle(self):
        trial = self.trial
        self.put_back(trial)
        trial.daemon.spawn()
        time.sleep(self.random.uniform(0.2, 1.1) * self.seconds)
        trial.kill()
        with trial.copied() as store:
            done = store.execute("SELECT COUNT(*) FROM schema_migrations").fetchone()[0]
        if done not in (self.before, self.after):
            raise Bad(f"the schema has {done} steps, neither {self.before} nor {self.after}")
        self.hits += done == self.before
        trial.daemon.start()
        trial.look(trial.poster.answered_now())

    def settle(self):
        # The last store goes on under load, numbered behind what it has.
        first = self.trial.poster
        self.trial.post(range(self.webhooks, self.webhooks + self.later))
        self.trial.poster.join()
        self.trial.poster.answered |= first.answered

    def begin_undisturbed(self, other):
        """The same old store, migrated without a kill; its webhooks are known as duplicates."""
        self.put_back(other)
        other.tenant = self.trial.tenant
        other.daemon.start()

    def compare(self, other):
        return f"; {self.hits} kills before the commit of {self.after - self.before} steps"


PHASES = {"steady": Steady, "start": Start, "shutdown": Shutdown, "backup": Backup, "retention": Retention,
          "removal": Removal, "backfill": Backfill, "migration": Migration}
