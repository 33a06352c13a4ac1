"""A Jira Cloud site on a free loopback port: what a backfill asks of one, and nothing else."""
import http.server
import json
import threading
import urllib.parse


class Jira:
    """Serves these REST issues, each with its comments (at most 20) and its changelog."""

    def __init__(self, issues):
        self.issues = {issue["id"]: issue for issue in issues}
        self.calls = 0
        jira = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self):
                jira.calls += 1
                size = int(self.headers.get("Content-Length") or 0)
                asked = json.loads(self.rfile.read(size) or b"{}")
                status, found = jira.reply(urllib.parse.urlsplit(self.path).path, asked)
                body = (found if isinstance(found, str) else json.dumps(found)).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            do_GET = do_POST = answer

            def log_message(self, *_):
                pass

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *_):
                """That a caller was killed is no error here."""

        self.server = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def reply(self, path, asked):
        if path == "/rest/api/3/search/jql":
            # Pages of 50, so that a listing takes several calls.
            ids = sorted(self.issues, key=int)
            start = int(asked.get("nextPageToken") or 0)
            page = ids[start:start + 50]
            wanted = asked.get("fields") or []
            answer = {"issues": [self.listed(self.issues[id], wanted) for id in page], "isLast": start + 50 >= len(ids)}
            if not answer["isLast"]:
                answer["nextPageToken"] = str(start + 50)
            return 200, answer
        asked_for = [self.issues[id] for id in asked.get("issueIdsOrKeys", []) if id in self.issues]
        if path == "/rest/api/3/issue/bulkfetch":
            return 200, {"issues": [{name: issue[name] for name in ("id", "key", "fields")} for issue in asked_for],
                         "issueErrors": []}
        if path == "/rest/api/3/changelog/bulkfetch":
            return 200, {"issueChangeLogs": [
                {"issueId": issue["id"], "changeHistories": issue["changelog"]} for issue in asked_for]}
        if path == "/rest/api/3/field":
            return 200, []
        if path == "/rest/api/3/myself":
            return 200, {"accountId": "712020:bot", "displayName": "Bot"}
        return 404, {"errorMessages": [f"null for uri: {path}"]}

    def listed(self, issue, wanted):
        if not set(wanted) - {"id"}:
            return {"id": issue["id"]}
        return {"id": issue["id"], "key": issue["key"],
                "fields": {name: value for name, value in issue["fields"].items() if name in wanted}}

    def stop(self):
        self.server.shutdown()
        self.server.server_close()
