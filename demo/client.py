#!/usr/bin/python3
"""The demo's client of the query API: makes a tenant, waits, and shows what came out.

    client.py create URL WORK SLACK_PORT     writes WORK/{api-key,webhook-secret,webhook-url}
    client.py wait URL WORK
    client.py show URL WORK
"""
import email
import email.policy
import json
import os
import pathlib
import sys
import textwrap
import time
import urllib.request

BAND = {"high": "🔴", "medium": "🟡", "low": "🟢"}


def call(url, token, method="GET", body=None):
    request = urllib.request.Request(url, method=method, headers={"Authorization": f"Bearer {token}"})
    if body is not None:
        request.data = json.dumps(body).encode()
        request.add_header("Content-Type", "application/json")
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)


def private(path, text):
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(text)


def create(url, work, slack_port):
    tenant = call(f"{url}/api/tenants", (work / "credentials/admin-token").read_text().strip(), "POST", {
        "company_name": "Demo Team", "jira_url": "https://demo-team.atlassian.net",
        "jira_email": "lead@demo.example", "jira_token": "not-a-real-token"})
    private(work / "api-key", tenant["api_key"])
    private(work / "webhook-secret", tenant["webhook_secret"])
    private(work / "webhook-url", tenant["webhook_url"])
    for channel in (
        {"kind": "slack", "name": "#delivery", "target": f"http://127.0.0.1:{slack_port}/services/demo"},
        {"kind": "email", "name": "leads", "target": "lead@demo.example"},
    ):
        call(f"{url}/api/alert-channels", tenant["api_key"], "POST", channel)
    call(f"{url}/api/alert-rules", tenant["api_key"], "POST", {
        "name": "Worth a look", "kind": "threshold", "raise_at": 45, "clear_below": 35})
    print(f"tenant {tenant['id']}, webhooks to {tenant['webhook_url']}")


def wait(url, work):
    key = (work / "api-key").read_text()
    started = time.time()
    while time.time() - started < 120:
        figures = call(f"{url}/health", key)["figures"]
        issues = call(f"{url}/api/issues?include_done=true&limit=200", key)
        # An issue is settled when its analysis speaks of now instead of its last event.
        settled = sum(issue["as_of"] > time.strftime("%Y-%m-%dT%H:%M", time.gmtime(started - 60)) for issue in issues)
        line = f"{settled} of {len(issues)} issues scored as of now, {figures['queued_deliveries']} alerts queued"
        print(f"\r{line:<70}" if sys.stdout.isatty() else line, end="" if sys.stdout.isatty() else "\n", flush=True)
        if issues and settled == len(issues) and not figures["pending_events"] and not figures["queued_deliveries"]:
            print()
            return
        time.sleep(1)
    sys.exit("\nthe demo did not come to rest within two minutes")


def show(url, work):
    key = (work / "api-key").read_text()

    def title(text):
        print(f"\n\033[1m== {text}\033[0m")

    print(f"\nComments: {call(f'{url}/health', key)['components']['model']['detail']}")
    issues = call(f"{url}/api/issues?limit=5", key)
    title("The riskiest open issues, and why")
    for issue in issues:
        print(f"{BAND[issue['band']]} {issue['risk_score']:>3}  {issue['issue_key']:<8} {issue['summary']}")
        print(f"         {issue['status']}, {issue['assignee'] or 'unassigned'}, due {issue['due_date'] or 'never'}")
        for reason in issue["reasons"][:4]:
            print(f"         +{reason['points']:<3} {reason['factor']}: {reason['explanation']}")

    top = issues[0]["issue_key"]
    title(f"How the risk of {top} came about")
    history = call(f"{url}/api/analyze/history/{top}?limit=200", key)
    last = None
    for row in reversed(history):
        if row["risk_score"] != last:
            print(f"  {row['analyzed_at'][:16].replace('T', ' ')}  {row['risk_score']:>3}  {'█' * (row['risk_score'] // 2)}")
        last = row["risk_score"]
    print(f"  trend: {call(f'{url}/api/analyze/trends/{top}', key)['trend_direction']}")

    title("Alerts that were raised, and the notifications that carried them")
    alerts = call(f"{url}/api/alerts?limit=200", key)
    numbers = {}
    for alert in alerts[:20]:
        carried = []
        for delivery in alert["deliveries"]:
            number = numbers.setdefault(delivery["id"], len(numbers) + 1)
            carried.append(f"{delivery['channel_name']} {delivery['state']} in no. {number}")
        print(f"{BAND[alert['band']]} {alert['headline']}  [{alert['rule_name']}; {', '.join(carried)}]")

    messages = sorted((work / "sinks/slack").glob("*"))
    mails = sorted((work / "sinks/mail").glob("*.eml"))
    print(f"\n{len(alerts)} alerts were raised; {len(messages)} Slack messages and {len(mails)} mails arrived.")
    if mails:
        mail = email.message_from_bytes(mails[0].read_bytes(), policy=email.policy.default)
        title(f"One of the mails: {mail['Subject']}")
        print(textwrap.indent(mail.get_body(("plain",)).get_content().strip(), "  | "))

    kept = call(f"{url}/api/webhook-events?state=rejected", key)
    title(f"Kept although not understood: {len(kept)}")
    for event in kept:
        print(f"  {event['event']}: {event['error']}")


if __name__ == "__main__":
    command, url, work = sys.argv[1], sys.argv[2], pathlib.Path(sys.argv[3])
    if command == "create":
        create(url, work, sys.argv[4])
    else:
        {"wait": wait, "show": show}[command](url, work)
