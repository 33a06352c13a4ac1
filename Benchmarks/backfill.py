#!/usr/bin/python3
"""How long the backfill of a big site takes, from the request to the last score.

    Benchmarks/backfill.py PROGRAM [--against PROGRAM] [--engines sqlite,postgres] [--issues 100000] [--rounds 3]
                           [--model FOLDER]

A simulated Jira Cloud site has that many issues, each with two comments and four changes; a third of them is finished. Measured
are the issues scored a second, the processor's time for each and the most memory that the daemon had. With --against another
build's program does the same in turns; the figures that count are the ratios of the medians. With --model the comments are read
by that model, and else by the built-in reader. Every issue must have a score in the end.
"""
import argparse
import os
import pathlib
import random
import statistics
import sys
import tempfile
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "peer"))

import ingest
from crash_trial import ADMIN, Daemon
from growth import PostgreSQL, SQLite
from jira import Jira

PORT = 18380
DAY = 86_400
WORDS = """the export job waits for a review of the new schema and it was not looked at since Monday we are blocked by the
vendor who promised a fix for the timeout last week it works on staging now and the customer is happy with the result please have a
look at the log of the gateway before the release tests pass again after the rollback of the cache layer""".split()


def stamp(seconds):
    return time.strftime("%Y-%m-%dT%H:%M:%S.000+0000", time.gmtime(seconds))


def person(number):
    return (f'{{"accountId":"712020:{number % 40}","displayName":"Person {number % 40}","active":true,"accountType":"atlassian",'
            '"timeZone":"Europe/Berlin"}')


def paragraph(text):
    return ('{"type":"doc","version":1,"content":[{"type":"paragraph","content":[{"type":"text","text":"%s"}]}]}' % text)


class BigSite(Jira):
    """A site whose issues are made as they are asked for, as text: what Python takes for JSON would be much of the time."""

    def __init__(self, count, now):
        self.count, self.now, self.lock, self.fetched = count, now, threading.Lock(), 0
        super().__init__([])

    def made(self, number):
        created = self.now - 60 * DAY - number % 200 * DAY
        return random.Random(number), created, number % 3 == 0

    def text(self, generator):
        return " ".join(generator.choices(WORDS, k=generator.randint(6, 40)))

    def issue(self, number):
        generator, created, is_done = self.made(number)
        status = '{"id":"%s","name":"%s","statusCategory":{"key":"%s"}}' % (
            ("5", "Done", "done") if is_done else ("3", "In Progress", "indeterminate"))
        comments = ",".join(
            '{"id":"%d","author":%s,"updateAuthor":%s,"created":"%s","updated":"%s","body":%s,"jsdPublic":true}' % (
                10_000_000 + number * 2 + place, person(number + place), person(number + place),
                stamp(created + (place + 1) * DAY), stamp(created + (place + 1) * DAY), paragraph(self.text(generator)))
            for place in range(2))
        due = '"2026-12-24"' if number % 4 == 0 else "null"
        return (
            f'{{"id":"{number}","key":"BIG-{number}","fields":{{"summary":"{self.text(generator)}","status":{status},'
            f'"issuetype":{{"id":"1","name":"Task","subtask":false}},"priority":{{"id":"3","name":"Medium"}},'
            f'"project":{{"id":"100","key":"BIG","name":"Big"}},"assignee":{person(number)},"reporter":{person(number + 1)},'
            f'"created":"{stamp(created)}","updated":"{stamp(created + 30 * DAY)}","duedate":{due},"labels":["team-{number % 9}"],'
            f'"description":{paragraph(self.text(generator))},"resolution":null,"issuelinks":[],"subtasks":[],"components":[],'
            f'"comment":{{"comments":[{comments}],"total":2,"maxResults":20,"startAt":0}}}}}}')

    def changes(self, number):
        _, created, is_done = self.made(number)
        steps = [("status", "1", "To Do", "3", "In Progress"), ("assignee", "", "", "712020:1", "Person 1"),
                 ("priority", "4", "Low", "3", "Medium"),
                 ("status", "3", "In Progress", "5", "Done") if is_done else ("labels", "", "", "", f"team-{number % 9}")]
        histories = ",".join(
            '{"id":"%d","author":%s,"created":%d,"items":[{"field":"%s","fieldtype":"jira","fieldId":"%s","from":"%s",'
            '"fromString":"%s","to":"%s","toString":"%s"}]}' % (
                20_000_000 + number * 4 + place, person(number), (created + (place + 2) * DAY) * 1000, step[0], *step)
            for place, step in enumerate(steps))
        return f'{{"issueId":"{number}","changeHistories":[{histories}]}}'

    def reply(self, path, asked):
        if path == "/rest/api/3/search/jql":
            start = int(asked.get("nextPageToken") or 0)
            end = min(start + int(asked.get("maxResults") or 50), self.count)
            found = ",".join(
                '{"id":"%d","key":"BIG-%d","fields":{"updated":"%s"}}' % (
                    number, number, stamp(self.made(number)[1] + 30 * DAY)) for number in range(start + 1, end + 1))
            more = f'"isLast":false,"nextPageToken":"{end}"' if end < self.count else '"isLast":true'
            return 200, f'{{"issues":[{found}],{more}}}'
        numbers = [int(id) for id in asked.get("issueIdsOrKeys", [])]
        if path == "/rest/api/3/issue/bulkfetch":
            with self.lock:
                self.fetched += len(numbers)
            return 200, f'{{"issues":[{",".join(map(self.issue, numbers))}],"issueErrors":[]}}'
        if path == "/rest/api/3/changelog/bulkfetch":
            return 200, f'{{"issueChangeLogs":[{",".join(map(self.changes, numbers))}]}}'
        return super().reply(path, asked)


def peak_megabytes(pid):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1000
    return 0


def wait(daemon, store, tenant, count):
    """Until the backfill is done and every issue has a score; the seconds until the last issue was fetched."""
    began, fetched = time.monotonic(), None
    while True:
        if daemon.process.poll() is not None:
            sys.exit("the daemon ended: " + daemon.log.read_text()[-1500:])
        scored = int(store.run("SELECT COUNT(*) FROM issue_snapshots WHERE risk_score IS NOT NULL")[0][0])
        if fetched is None:
            state, error = store.run("SELECT state, COALESCE(error, '') FROM backfills")[0]
            if error:
                sys.exit(f"the backfill failed: {error}")
            fetched = time.monotonic() - began if state == "done" else None
        if scored >= count:
            return fetched
        time.sleep(0.5)


def run(program, engine, options):
    """Issues a second, the processor's milliseconds for each, the most memory in MB, and the share of the time that the
    fetching took."""
    with tempfile.TemporaryDirectory(prefix="consilod-backfill-") as folder:
        folder = pathlib.Path(folder)
        store = {"sqlite": SQLite, "postgres": PostgreSQL}[engine](folder)
        site = BigSite(options.issues, int(time.time()))
        settings = store.settings | {"CONSILOD_JIRA_ENABLED": "true", "CONSILOD_JIRA_ALLOWED_HOSTS": "127.0.0.1",
                                     "CONSILOD_JIRA_SWEEP_MINUTES": "1440"}
        if options.model:
            settings |= {"CONSILOD_MODEL_ENABLED": "true", "CONSILOD_MODEL_PATH": os.path.abspath(options.model)}
        daemon = Daemon(program, folder, PORT, settings)
        try:
            daemon.start()
            tenant = daemon.ask("POST", "/api/tenants", ADMIN, {
                "company_name": "Backfill", "jira_url": site.url, "jira_email": "it@backfill.example",
                "jira_token": "token-of-the-backfill-test"})
            began, before = time.monotonic(), ingest.cpu_seconds([daemon.process.pid])
            daemon.ask("POST", f"/api/tenants/{tenant['id']}/backfills", tenant["api_key"], {"jql": "project = BIG"})
            fetched = wait(daemon, store, tenant, options.issues)
            took, used = time.monotonic() - began, ingest.cpu_seconds([daemon.process.pid]) - before
            memory = peak_megabytes(daemon.process.pid)
            return options.issues / took, used / options.issues * 1000, memory, (fetched or took) / took
        finally:
            daemon.kill()
            site.stop()
            store.close()


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("program")
    options.add_argument("--against")
    options.add_argument("--engines", default="sqlite,postgres")
    options.add_argument("--issues", type=int, default=100_000)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--model")
    options = options.parse_args()
    sides = {"this": os.path.abspath(options.program)}
    if options.against:
        sides["against"] = os.path.abspath(options.against)
    for engine in options.engines.split(","):
        figures = {side: [] for side in sides}
        for round_ in range(options.rounds):
            for side in sorted(sides, reverse=round_ % 2 == 1):
                figures[side].append(run(sides[side], engine, options))
                print("{} {}: {:.0f} issues/s, {:.2f} ms each, at most {:.0f} MB, fetched after {:.2f} of the time".format(
                    engine, side, *figures[side][-1]), file=sys.stderr)
        medians = {side: [statistics.median(column) for column in zip(*values)] for side, values in figures.items()}
        line = "{}: {:.0f} issues/s, {:.2f} ms of processor each, at most {:.0f} MB".format(engine, *medians["this"])
        if options.against:
            line += "; {:.2f} of {:.0f}/s, {:.2f} of {:.2f} ms, {:.2f} of {:.0f} MB".format(*(
                part for place in range(3)
                for part in (medians["this"][place] / medians["against"][place], medians["against"][place])))
        print(line, flush=True)


if __name__ == "__main__":
    main()
