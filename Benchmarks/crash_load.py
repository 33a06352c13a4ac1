"""The load of crash.py: webhooks that depend on their number only, who sends them, and who receives the alerts."""
import collections
import hashlib
import hmac
import http.client
import http.server
import json
import threading
import time

from delivery import Relay

# A stream's first instant lies an hour back, so that no webhook is ahead of the clock however many are sent.
HOUR, STEP_MILLISECONDS = 3_600_000, 20


def stamp(milliseconds):
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(milliseconds / 1000)) + f".{milliseconds % 1000:03}+0000"


def sign(secret, body):
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


PERSON = {"accountId": "712020:a", "displayName": "A. Tester", "timeZone": "Europe/Berlin"}
STATUSES = [("1", "To Do", "new"), ("3", "In Progress", "indeterminate"), ("4", "Blocked", "indeterminate")]
COMMENTS = ["Still blocked by the vendor, attempt {}.", "The blocker is gone, attempt {} worked.",
            "This is the third time, I am really fed up with attempt {}."]


def comment(number, issue, key=None, project="PAY", later=0):
    """A webhook about a comment of an issue, just written, with all that is needed to score the issue; sent so many
    milliseconds later."""
    instant = int(time.time() * 1000)
    return json.dumps({
        "timestamp": instant + later, "webhookEvent": "comment_created",
        "comment": {"id": str(100_000 + number), "author": PERSON, "created": stamp(instant), "updated": stamp(instant),
                    "body": f"Still blocked by the vendor, attempt {number}."},
        "issue": {"id": str(issue), "key": key or f"{project}-{issue}", "fields": {
            "summary": f"Refund {issue}", "project": {"key": project}, "created": stamp(instant), "updated": stamp(instant),
            "issuetype": {"name": "Task"}, "priority": {"name": "High"}, "status": {"name": "To Do"}}}}).encode()


class Stream:
    """Webhooks 0, 1, 2 … of some issues, the same whenever they are asked for. An issue's first one is late by its due date,
    which raises an alert; one issue in 25 belongs to project OPS."""

    def __init__(self, issues, began=None):
        self.issues, self.began = issues, began or int(time.time() * 1000) - HOUR

    def project(self, issue):
        return "OPS" if issue % 25 == 0 else "PAY"

    def status(self, turn):
        """The status after so many webhooks of an issue: every third one changes it."""
        return STATUSES[turn // 3 % len(STATUSES)]

    def body(self, number):
        issue, turn = number % self.issues + 1, number // self.issues
        at = self.began + number * STEP_MILLISECONDS
        project = self.project(issue)
        code, name, category = self.status(turn)
        webhook = {
            "timestamp": at, "webhookEvent": "jira:issue_created" if turn == 0 else "comment_created",
            "issue": {"id": str(10_000 + issue), "key": f"{project}-{issue}", "fields": {
                "summary": f"Refund {issue}", "project": {"id": "2" if project == "OPS" else "1", "key": project},
                "created": stamp(self.began), "updated": stamp(at), "duedate": "2020-01-01",
                "issuetype": {"name": "Task"}, "priority": {"name": "High"},
                "status": {"id": code, "name": name, "statusCategory": {"key": category}}}}}
        if turn and turn % 3 == 0:
            before = self.status(turn - 1)
            webhook["webhookEvent"] = "jira:issue_updated"
            webhook["user"] = PERSON
            webhook["changelog"] = {"id": str(500_000 + number), "items": [{
                "field": "status", "fieldId": "status", "from": before[0], "fromString": before[1], "to": code,
                "toString": name}]}
        elif turn:
            webhook["comment"] = {"id": str(100_000 + number), "author": PERSON, "created": stamp(at), "updated": stamp(at),
                                  "body": COMMENTS[turn // 3 % len(COMMENTS)].format(number)}
        return json.dumps(webhook).encode()


class Poster:
    """Sends a stream from several threads until it is stopped, each webhook until it is answered 2xx, as Jira does."""

    def __init__(self, ports, tenant, stream, threads, numbers=None):
        self.ports, self.tenant, self.stream = ports, tenant, stream
        self.numbers = iter(numbers) if numbers is not None else None
        self.lock, self.next, self.answered, self.refused, self.failures = threading.Lock(), 0, set(), 0, []
        self.stopping = threading.Event()
        self.threads = [threading.Thread(target=self.work, args=(i,)) for i in range(threads)]
        for thread in self.threads:
            thread.start()

    def take(self):
        with self.lock:
            if self.numbers is not None:
                return next(self.numbers, None)
            self.next += 1
            return self.next - 1

    def work(self, index):
        connection, turn = None, index
        while not self.stopping.is_set() and (number := self.take()) is not None:
            body = self.stream.body(number)
            headers = {"Content-Type": "application/json", "X-Atlassian-Webhook-Identifier": f"delivery-{number}",
                       "X-Hub-Signature": sign(self.tenant["webhook_secret"], body)}
            while True:
                try:
                    if connection is None:
                        turn += 1
                        connection = http.client.HTTPConnection("127.0.0.1", self.ports[turn % len(self.ports)], timeout=30)
                    connection.request("POST", f"/webhooks/jira/{self.tenant['id']}", body, headers)
                    answer = connection.getresponse()
                    answer.read()
                    with self.lock:
                        if answer.status // 100 == 2:
                            self.answered.add(number)
                            break
                        self.refused += 1
                        if answer.status not in (429, 503):
                            self.failures.append(f"webhook {number} was answered {answer.status}")
                            return
                except (OSError, http.client.HTTPException):
                    connection = None
                if self.stopping.is_set():
                    return
                time.sleep(0.02)

    def answered_now(self):
        with self.lock:
            return set(self.answered)

    def join(self):
        for thread in self.threads:
            thread.join()

    def stop(self):
        self.stopping.set()
        self.join()


class Receivers:
    """A mail relay and a Slack webhook that take everything at once. A mail names its alert in its Message-ID, a Slack
    message its issue."""

    def __init__(self):
        self.relay, self.messages = Relay(), collections.Counter()
        receivers = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                message = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                receivers.messages[self.path, message["text"].split(" ")[1]] += 1
                self.send_response(200)
                self.send_header("Content-Length", "2")
                self.end_headers()
                self.wfile.write(b"ok")

            def log_message(self, *_):
                pass

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *_):
                """That a sender was killed is no error here."""

        self.server = Server(("127.0.0.1", 0), Handler)
        self.slack = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def mails(self):
        """How often the mail of each alert came."""
        found = collections.Counter()
        for line, count in dict(self.relay.ids).items():
            found[line.split(b".")[1].decode()] += count
        return found

    def counts(self):
        return dict(self.relay.ids), dict(self.messages)

    def set(self, counts):
        """As if these had come and nothing else."""
        self.relay.ids, self.messages = map(collections.Counter, counts)

    def slacks(self, path):
        """How often a message of each issue came to a channel."""
        return collections.Counter({issue: count for (to, issue), count in dict(self.messages).items() if to == path})
