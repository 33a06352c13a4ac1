"""A Jira Cloud site in miniature: it keeps the state of its issues and sends the webhooks that Jira would send.

Every payload is rendered from the state after the change, so that `updated`, changelog, links and sprints always
agree with each other. Nothing here is random; ids are counted up.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone

SITE = "https://example.atlassian.net"
DAY = 86_400_000

STATUSES = {
    "To Do": ("10000", 2, "new", "blue-gray", "To Do"),
    "In Progress": ("3", 4, "indeterminate", "yellow", "In Progress"),
    "Blocked": ("10003", 4, "indeterminate", "yellow", "In Progress"),
    "In Review": ("10001", 4, "indeterminate", "yellow", "In Progress"),
    "Done": ("10002", 3, "done", "green", "Done"),
}
PRIORITIES = {"Highest": "1", "High": "2", "Medium": "3", "Low": "4", "Lowest": "5"}
ISSUE_TYPES = {"Epic": "10000", "Story": "10001", "Task": "10002", "Bug": "10004"}


@dataclass(frozen=True)
class Person:
    account_id: str
    name: str
    time_zone: str
    utc_offset: float
    """Hours; the time zones of the story do not change their offset during it."""


@dataclass(frozen=True)
class Project:
    id: str
    key: str
    name: str


@dataclass
class Sprint:
    id: int
    name: str
    goal: str
    starts: int
    ends: int
    state: str = "future"
    completed: int | None = None


@dataclass
class Comment:
    id: str
    author: Person
    body: object
    created: int
    updated: int
    editor: Person


@dataclass
class Issue:
    id: str
    key: str
    project: Project
    type: str
    summary: str
    description: object
    reporter: Person
    created: int
    updated: int
    priority: str = "Medium"
    status: str = "To Do"
    assignee: Person | None = None
    due: str | None = None
    points: float | None = None
    sprints: list[int] = field(default_factory=list)
    labels: list[str] = field(default_factory=list)
    parent: str | None = None
    resolved: int | None = None
    seconds_spent: int = 0
    comments: list[Comment] = field(default_factory=list)


@dataclass
class Link:
    id: str
    blocker: str
    blocked: str


class JiraSite:
    """Changes go in through the methods, webhook bodies come out in `sent`, both in the order of time."""

    def __init__(self, board_id, shift=0):
        self.sent = []
        self.issues = {}
        self.sprints = {}
        self.links = []
        self._board_id = board_id
        self._shift = shift
        self._last_ids = {"changelog": 41200, "comment": 20300, "worklog": 9100, "link": 10480}

    # What happens

    def import_issue(self, issue):
        """An issue from before the story, whose webhooks were not received."""
        self.issues[issue.key] = issue

    def create_issue(self, at, by, issue):
        self.issues[issue.key] = issue
        self._send(at, "jira:issue_created", issue_event_type_name="issue_created", user=self._person(by),
                   issue=self._issue(issue))

    def delete_issue(self, at, by, key):
        issue = self.issues.pop(key)
        self._send(at, "jira:issue_deleted", issue_event_type_name="issue_deleted", user=self._person(by),
                   issue=self._issue(issue))

    def change(self, at, by, key, **fields):
        """Changes fields of an issue in one edit: one changelog entry with an item for each."""
        issue = self.issues[key]
        items = []
        for name, value in fields.items():
            before = getattr(issue, name)
            setattr(issue, name, value)
            items.append(self._change_item(name, before, value))
            if name == "status" and "Done" in (before, value):
                items.append(self._resolution_item(issue, at, is_done=value == "Done"))
        issue.updated = at
        if set(fields) == {"assignee"}:
            kind = "issue_assigned"
        else:
            kind = "issue_generic" if "status" in fields else "issue_updated"
        self._send_update(at, by, issue, kind, items)

    def comment(self, at, by, key, body):
        issue = self.issues[key]
        comment = Comment(self._next_id("comment"), by, body, at, at, by)
        issue.comments.append(comment)
        self._send_comment(at, "comment_created", issue, comment)

    def edit_comment(self, at, by, key, index, body):
        issue = self.issues[key]
        comment = issue.comments[index]
        comment.body, comment.updated, comment.editor = body, at, by
        self._send_comment(at, "comment_updated", issue, comment)

    def delete_comment(self, at, by, key, index):
        issue = self.issues[key]
        self._send_comment(at, "comment_deleted", issue, issue.comments.pop(index))

    def log_work(self, at, by, key, minutes, text):
        """Jira reports logged work twice: as a worklog, and as an update of the issue."""
        issue = self.issues[key]
        worklog_id = self._next_id("worklog")
        before, issue.seconds_spent = issue.seconds_spent, issue.seconds_spent + minutes * 60
        issue.updated = at
        worklog = {
            "self": f"{SITE}/rest/api/2/issue/{issue.id}/worklog/{worklog_id}", "id": worklog_id, "issueId": issue.id,
            "author": self._person(by), "updateAuthor": self._person(by), "comment": text,
            "created": self._instant(at), "updated": self._instant(at), "started": self._instant(at - minutes * 60_000),
            "timeSpent": f"{minutes}m", "timeSpentSeconds": minutes * 60,
        }
        self._send(at, "worklog_created", worklog=worklog)
        spent = (str(before) if before else None, str(issue.seconds_spent))
        self._send_update(at + 40, by, issue, "issue_work_logged", [
            item("timespent", "jira", "timespent", spent[0], spent[0], spent[1], spent[1]),
            item("WorklogId", "jira", "WorklogId", None, None, worklog_id, worklog_id),
        ])

    def link(self, at, blocker, blocked):
        """`blocker` blocks `blocked`. The webhook names both by their ids only."""
        link = Link(self._next_id("link"), blocker, blocked)
        self.links.append(link)
        self._send(at, "issuelink_created", issueLink={
            "id": int(link.id), "sourceIssueId": int(self.issues[blocker].id),
            "destinationIssueId": int(self.issues[blocked].id), "issueLinkType": self._link_type("outwardName"),
            "systemLink": False,
        })

    def create_sprint(self, at, sprint):
        self.sprints[sprint.id] = sprint
        self._send(at, "sprint_created", sprint=self._sprint(sprint, for_event=True))

    def start_sprint(self, at, sprint_id):
        self.sprints[sprint_id].state = "active"
        self._send(at, "sprint_started", sprint=self._sprint(self.sprints[sprint_id], for_event=True))

    def close_sprint(self, at, by, sprint_id, next_id):
        """Closes a sprint; what is not done goes over to the next one."""
        sprint = self.sprints[sprint_id]
        sprint.state, sprint.completed = "closed", at
        self._send(at, "sprint_closed", sprint=self._sprint(sprint, for_event=True))
        for issue in sorted(self.issues.values(), key=lambda issue: int(issue.id)):
            if sprint_id in issue.sprints and issue.status != "Done":
                at += 180
                self.change(at, by, issue.key, sprints=[*issue.sprints, next_id])

    def send_raw(self, at, event, **body):
        """An event that touches no issue."""
        self._send(at, event, **body)

    # How it is told

    def _send(self, at, event, **body):
        self.sent.append({"timestamp": at + self._shift, "webhookEvent": event, **body})

    def _send_update(self, at, by, issue, kind, items):
        self._send(at, "jira:issue_updated", issue_event_type_name=kind, user=self._person(by),
                   issue=self._issue(issue), changelog={"id": self._next_id("changelog"), "items": items})

    def _send_comment(self, at, event, issue, comment):
        issue.updated = at
        fields = ("summary", "issuetype", "project", "assignee", "priority", "status")
        thin = self._issue(issue)
        thin["fields"] = {name: thin["fields"][name] for name in fields}
        self._send(at, event, issue=thin, comment={
            "self": f"{SITE}/rest/api/2/issue/{issue.id}/comment/{comment.id}", "id": comment.id,
            "author": self._person(comment.author), "body": comment.body, "updateAuthor": self._person(comment.editor),
            "created": self._instant(comment.created), "updated": self._instant(comment.updated), "jsdPublic": True,
        })

    def _change_item(self, name, before, after):
        match name:
            case "status":
                return item("status", "jira", "status", STATUSES[before][0], before, STATUSES[after][0], after)
            case "assignee":
                return item("assignee", "jira", "assignee", before and before.account_id, before and before.name,
                            after and after.account_id, after and after.name)
            case "due":
                before, after = self._date(before), self._date(after)
                return item("duedate", "jira", "duedate", before, before and f"{before} 00:00:00.0",
                            after, after and f"{after} 00:00:00.0")
            case "priority":
                return item("priority", "jira", "priority", PRIORITIES[before], before, PRIORITIES[after], after)
            case "points":
                return item("Story point estimate", "custom", "customfield_10016", None, number(before), None,
                            number(after))
            case "sprints":
                return item("Sprint", "custom", "customfield_10020", *self._sprint_list(before),
                            *self._sprint_list(after))
            case "labels":
                return item("labels", "jira", "labels", None, " ".join(before), None, " ".join(after))
            case "summary":
                return item("summary", "jira", "summary", None, before, None, after)
        raise ValueError(f"a change of {name} is not modelled")

    def _resolution_item(self, issue, at, is_done):
        issue.resolved = at if is_done else None
        done = ("10000", "Done")
        before, after = ((None, None), done) if is_done else (done, (None, None))
        return item("resolution", "jira", "resolution", *before, *after)

    def _sprint_list(self, ids):
        return ", ".join(map(str, ids)), ", ".join(self.sprints[id].name for id in ids)

    def _issue(self, issue):
        project = issue.project
        return {
            "id": issue.id, "self": f"{SITE}/rest/api/2/issue/{issue.id}", "key": issue.key,
            "fields": {
                "summary": issue.summary,
                "description": issue.description,
                "issuetype": {
                    "self": f"{SITE}/rest/api/2/issuetype/{ISSUE_TYPES[issue.type]}", "id": ISSUE_TYPES[issue.type],
                    "name": issue.type, "subtask": False, "hierarchyLevel": 1 if issue.type == "Epic" else 0,
                },
                "project": {
                    "self": f"{SITE}/rest/api/2/project/{project.id}", "id": project.id, "key": project.key,
                    "name": project.name, "projectTypeKey": "software", "simplified": False,
                },
                "priority": self._priority(issue),
                "status": self._status(issue),
                "resolution": issue.resolved and {
                    "self": f"{SITE}/rest/api/2/resolution/10000", "id": "10000", "name": "Done"},
                "resolutiondate": self._instant(issue.resolved),
                "created": self._instant(issue.created),
                "updated": self._instant(issue.updated),
                "duedate": self._date(issue.due),
                "assignee": self._person(issue.assignee),
                "reporter": self._person(issue.reporter),
                "creator": self._person(issue.reporter),
                "labels": issue.labels,
                "components": [],
                "fixVersions": [],
                "versions": [],
                "issuelinks": [
                    self._link(link, issue) for link in self.links if issue.key in (link.blocker, link.blocked)],
                "subtasks": [],
                **self._parent(issue),
                "timeoriginalestimate": None,
                "timeestimate": None,
                "timespent": issue.seconds_spent or None,
                "environment": None,
                "customfield_10016": issue.points,
                "customfield_10020": [self._sprint(self.sprints[id]) for id in issue.sprints] or None,
            },
        }

    def _parent(self, issue):
        if issue.parent is None:
            return {}
        return {"parent": self._reference(self.issues[issue.parent])}

    def _reference(self, issue):
        return {
            "id": issue.id, "key": issue.key, "self": f"{SITE}/rest/api/2/issue/{issue.id}",
            "fields": {"summary": issue.summary, "status": self._status(issue), "priority": self._priority(issue)},
        }

    def _link(self, link, issue):
        is_blocker = issue.key == link.blocker
        other = self.issues[link.blocked if is_blocker else link.blocker]
        return {
            "id": link.id, "self": f"{SITE}/rest/api/2/issueLink/{link.id}", "type": self._link_type("outward"),
            "outwardIssue" if is_blocker else "inwardIssue": self._reference(other),
        }

    @staticmethod
    def _link_type(outward):
        # Issues say `outward` and `inward`, link webhooks `outwardName` and `inwardName`.
        words = {"outward": "blocks", "inward": "is blocked by"}
        suffix = outward.removeprefix("outward")
        return {"id": "10000", "name": "Blocks", **{name + suffix: text for name, text in words.items()}}

    @staticmethod
    def _status(issue):
        id, category, key, color, name = STATUSES[issue.status]
        return {
            "self": f"{SITE}/rest/api/2/status/{id}", "id": id, "name": issue.status, "description": "",
            "statusCategory": {
                "self": f"{SITE}/rest/api/2/statuscategory/{category}", "id": category, "key": key,
                "colorName": color, "name": name,
            },
        }

    @staticmethod
    def _priority(issue):
        id = PRIORITIES[issue.priority]
        return {"self": f"{SITE}/rest/api/2/priority/{id}", "id": id, "name": issue.priority}

    @staticmethod
    def _person(person):
        return person and {
            "self": f"{SITE}/rest/api/2/user?accountId={person.account_id}", "accountId": person.account_id,
            "displayName": person.name, "active": True, "timeZone": person.time_zone, "accountType": "atlassian",
        }

    def _sprint(self, sprint, for_event=False):
        board = {"originBoardId": self._board_id} if for_event else {"boardId": self._board_id}
        times = {"startDate": sprint.starts, "endDate": sprint.ends, "completeDate": sprint.completed}
        return {
            "id": sprint.id, "name": sprint.name, "state": sprint.state, "goal": sprint.goal, **board,
            **{name: self._instant(at) for name, at in times.items() if at is not None},
        }

    def _instant(self, at):
        if at is None:
            return None
        moment = datetime.fromtimestamp((at + self._shift) / 1000, timezone.utc)
        return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{(at + self._shift) % 1000:03d}+0000"

    def _date(self, day):
        """A day of the story, moved by the shift in whole days."""
        if day is None:
            return None
        return (datetime.fromisoformat(day) + timedelta(days=round(self._shift / DAY))).strftime("%Y-%m-%d")

    def _next_id(self, kind):
        self._last_ids[kind] += 1
        return str(self._last_ids[kind])


def item(field, fieldtype, field_id, from_id, from_string, to_id, to_string):
    return {
        "field": field, "fieldtype": fieldtype, "fieldId": field_id, "from": from_id, "fromString": from_string,
        "to": to_id, "toString": to_string,
    }


def number(value):
    return "" if value is None else f"{value:g}"
