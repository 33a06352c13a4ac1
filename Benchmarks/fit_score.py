#!/usr/bin/env python3
"""Fits the points of the `standard` score to what became of real issues, and judges the score of the daemon's own code.

    pip install numpy scipy
    Benchmarks/fit_score.py STREAM.ndjson.gz [--scores SCORES.csv] [--check]

STREAM is a Jira Cloud webhook stream, one body a line. Every 28 days each open issue is looked at as it was then: what
is known of it comes from earlier webhooks, what became of it from later ones. The points are fitted on the part up to
2012-01-01, whose outcomes were known by then; what is printed of bands and ranking is of the part after it, unless a line
says otherwise.

Fitted are age, silence, progress and owner: a logistic regression on steps ("silent for more than 30 days"), no step
below zero, of "still open 30, 90 and 180 days later". The coefficients are scaled to BUDGET points and rounded so that
each factor's steps sum to its cap. Due dates, blockers, churn, upstream, sentiment and priority are not fitted: the
stream has too few of them, or measures something else (a high priority is a reason to be done sooner there).

SCORES is the output of `score-bench` for the same stream: what the daemon's code scores each open issue every seventh day,
with the word list and the default configuration.

    gunzip -c STREAM.ndjson.gz | swift run -c release score-bench > SCORES.csv

--check fails unless the table in Sources/RiskEngine/Score/FittedPoints.swift is the fitted one and,
with --scores, the daemon's points of the fitted factors are those of the table for every issue and day.
"""
import argparse
import bisect
import collections
import csv
import datetime
import gzip
import json
import pathlib
import re
import sys

import numpy as np
from scipy.optimize import minimize

DAY = 86_400_000
SPLIT = "2012-01-01"
CUTS = ("2011-01-01", "2011-07-01", "2012-01-01", "2012-07-01", "2013-01-01", "2013-07-01")
HORIZONS = (30, 90, 180)
BUDGET = 66
RIDGE = 5.0
STARTED = {"In Progress", "In Review"}
STEPS = {"age": (30, 60, 90, 180, 365, 730), "staleness": (14, 30, 90), "status": (30, 60, 365), "unstarted": (7,),
         "unassigned": (3,)}
FACTORS = {"age": ("age",), "staleness": ("staleness",), "progress": ("status", "unstarted"), "owner": ("unassigned",)}
SWIFT = pathlib.Path(__file__).resolve().parent.parent / "Sources/RiskEngine/Score/FittedPoints.swift"


def instant(text):
    return int(datetime.datetime.fromisoformat(text).replace(tzinfo=datetime.timezone.utc).timestamp() * 1000)


def moment(text):
    return int(datetime.datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%f%z").timestamp() * 1000)


class State:
    """One issue as of the webhooks so far."""

    def __init__(self, at, fields):
        self.created = min(at, moment(fields["created"]))
        self.project = fields["project"]["key"]
        self.in_status = self.created
        self.category, self.started, self.last = None, False, at

    def take(self, event):
        self.last = max(self.last, event["timestamp"])
        if not event["webhookEvent"].startswith("jira:issue"):
            return
        fields = event["issue"]["fields"]
        self.assigned = bool(fields.get("assignee"))
        self.category = fields["status"]["statusCategory"]["key"]
        self.due = instant(fields["duedate"][:10]) + DAY if fields.get("duedate") else np.inf
        for item in (event.get("changelog") or {}).get("items", []):
            if item["field"] == "status":
                self.in_status = event["timestamp"]
                self.started |= bool({item.get("fromString"), item.get("toString")} & STARTED)
        self.started |= self.category == "indeterminate"


def samples(path, every=28):
    """One row for each issue that is open at each instant."""
    with gzip.open(path, "rt") as lines:
        events = sorted((json.loads(line) for line in lines), key=lambda event: event["timestamp"])
    done_at, category = collections.defaultdict(list), {}
    for event in events:
        if event["webhookEvent"].startswith("jira:issue"):
            key, now = event["issue"]["id"], event["issue"]["fields"]["status"]["statusCategory"]["key"]
            if now == "done" != category.get(key):
                done_at[key].append(event["timestamp"])
            category[key] = now
    states, leads, rows, next_event = {}, collections.defaultdict(list), [], 0
    end, at = events[-1]["timestamp"], (events[0]["timestamp"] // DAY + 60) * DAY
    while at <= end:
        while next_event < len(events) and events[next_event]["timestamp"] <= at:
            event = events[next_event]
            next_event += 1
            key = event["issue"]["id"]
            if event["webhookEvent"] == "jira:issue_created":
                states[key] = State(event["timestamp"], event["issue"]["fields"])
            if key not in states:
                continue
            state = states[key]
            before = state.category
            state.take(event)
            if state.category == "done" != before:
                leads[state.project].append((event["timestamp"], (event["timestamp"] - state.created) / DAY))
        usual = pace(leads, at)
        for key, state in states.items():
            if state.category != "done":
                later = bisect.bisect_right(done_at[key], at)
                rows.append(row(key, state, at, usual(state.project),
                                done_at[key][later] if later < len(done_at[key]) else np.inf))
        at += every * DAY
    return {name: np.array([row[name] for row in rows]) for name in rows[0]}, end


def pace(leads, at):
    """Project -> what eight and nine in ten of its issues take, by the last year; all of it, or all projects, if few."""
    everywhere = [lead for of in leads.values() for when, lead in of if when > at - 365 * DAY]
    known = {}

    def usual(project):
        if project not in known:
            own = [lead for when, lead in leads[project] if when > at - 365 * DAY]
            own = own if len(own) >= 20 else [lead for _, lead in leads[project]]
            own = own if len(own) >= 20 else everywhere or [lead for of in leads.values() for _, lead in of] or [30.0]
            known[project] = np.percentile(own, (80, 90))
        return known[project]
    return usual


def row(key, state, at, usual, done):
    def days(since):
        return (at - since) // DAY
    return {
        "issue": key, "project": state.project, "at": at, "done": done, "created": state.created,
        "usual": state.created + usual[0] * DAY, "due": state.due, "slow": state.created + usual[1] * DAY,
        "age": days(state.created), "staleness": days(state.last), "status": days(state.in_status),
        "unstarted": -1 if state.started else days(state.created),
        "unassigned": -1 if state.assigned else days(state.created),
    }


def design(data):
    names = [(name, days) for name, steps in STEPS.items() for days in steps]
    return names, np.stack([(data[name] > days) for name, days in names], 1).astype(float)


def fit(data, chosen, matrix):
    """Coefficients of the steps, none below zero, of what was known at `chosen` (an instant or a mask and an instant)."""
    mask, known = chosen
    index = [np.where(mask & (data["at"] + days * DAY <= known))[0] for days in HORIZONS]
    late = np.concatenate([data["done"][i] > data["at"][i] + days * DAY for i, days in zip(index, HORIZONS)])
    index = np.concatenate(index)
    _, inverse, counts = np.unique(data["issue"], return_inverse=True, return_counts=True)
    weight = (1 / np.sqrt(counts))[inverse][index]      # an issue that stays open for years must not decide alone
    weight /= weight.mean()
    x = matrix[index]

    def loss(p):
        z = p[0] + x @ p[1:]
        gradient = weight * (1 / (1 + np.exp(-z)) - late)
        return ((weight * (np.logaddexp(0, z) - late * z)).sum() + RIDGE * (p[1:] ** 2).sum(),
                np.r_[gradient.sum(), x.T @ gradient + 2 * RIDGE * p[1:]])
    bounds = [(None, None)] + [(0, None)] * x.shape[1]
    return minimize(loss, np.zeros(x.shape[1] + 1), jac=True, method="L-BFGS-B", bounds=bounds).x[1:]


def integers(coefficients):
    """Whole points that sum to BUDGET, by the cumulative sum, so that no step is off by more than one."""
    edges = np.rint(np.cumsum(coefficients) / coefficients.sum() * BUDGET).astype(int)
    return np.diff(np.r_[0, edges])


def auc(label, score):
    order = np.argsort(score, kind="stable")
    values, first, counts = np.unique(score[order], return_index=True, return_counts=True)
    ranks = np.empty(len(score))
    ranks[order] = np.repeat(first + (counts + 1) / 2, counts)
    positive = label.sum()
    return (ranks[label].sum() - positive * (positive + 1) / 2) / (positive * (len(label) - positive))


def protocol(data, end):
    """Samples whose answer to "longer than the team's usual?" is open at the instant and known at the end."""
    at, limit = data["at"], data["usual"]
    mask = (at < limit) & (limit <= end) & (at > instant(CUTS[0])) & (at <= instant(CUTS[-1]) + 184 * DAY)
    return mask, data["done"] > limit


def strict(data, end):
    """(known, already late, ends late): late for its due date, or slower than nine in ten of the project."""
    limit = np.minimum(data["due"], data["slow"])
    return limit <= end, limit <= data["at"], data["done"] > limit


def bands(data, end, scores, title):
    known, already, late = strict(data, end)
    part = known & (data["at"] > instant(SPLIT))
    for what, mask in (("all open issues", part), ("not late yet", part & ~already)):
        base = late[mask].mean()
        print(f"  {title}, {what}: {mask.sum()} samples, {base:.1%} end late")
        for name, low, high in (("high", 70, 101), ("medium", 40, 70), ("low", 0, 40)):
            band = mask & (scores >= low) & (scores < high)
            rate = late[band].mean() if band.any() else float("nan")
            print(f"    {name:6} {band.sum():6} {band.sum() / mask.sum():6.1%}  late {rate:6.1%}  lift {rate / base:.2f}")


def ranking(data, end, scores, title):
    mask, late = protocol(data, end)
    after = mask & (data["at"] > instant(SPLIT))
    text = f"  {title:34} {auc(late[mask], scores[mask]):.3f}   {auc(late[after], scores[after]):.3f}  "
    for project in ("FCREPO", "ISLANDORA", "DURACLOUD"):
        own = after & (data["project"] == project)
        if own.any() and 0 < late[own].mean() < 1:
            text += f"  {project} {auc(late[own], scores[own]):.3f}"
    print(text)


def spread(scores, mask):
    counts = np.histogram(scores[mask], bins=range(0, 101, 10))[0] / mask.sum()
    return " ".join(f"{low}-{share:.1%}" for low, share in zip(range(0, 100, 10), counts))


def print_table(names, points):
    print("fitted points (more than so many days: points of the step):")
    for factor, parts in FACTORS.items():
        cap = sum(int(p) for (name, _), p in zip(names, points) if name in parts)
        print(f"  {factor} (cap {cap})")
        for part in parts:
            print("    " + part + ": " + ", ".join(f">{days} +{p}" for (name, days), p in zip(names, points) if name == part))
    print("expert points, not fitted: blockers, due_date, churn, priority, upstream, sentiment")


def check(names, points):
    text = SWIFT.read_text()
    problems = []
    for part in STEPS:
        found = re.search(rf"static let {part}: \[Step\] = \[(.*?)\]", text, re.S)
        swift = [tuple(map(int, step)) for step in re.findall(r"\((\d+), (\d+)\)", found.group(1))] if found else None
        mine = [(days, int(p)) for (name, days), p in zip(names, points) if name == part]
        if swift != mine:
            problems.append(f"{part}: {SWIFT.name} has {swift}, the fit gives {mine}")
    return problems


def alerts(path, stream):
    """Alerts of the default rules a week after the split, by the scores of every seventh day.

    The threshold rule raises at 70 and clears below 60. A rise of 20 points from one week to the next counts as a spike,
    although the rule looks at one day: the figure is an upper bound.
    """
    active = collections.defaultdict(set)
    with gzip.open(stream, "rt") as lines:
        for event in map(json.loads, lines):
            assignee = (event["issue"]["fields"].get("assignee") or {}).get("accountId")
            if assignee and event["webhookEvent"] == "jira:issue_updated":
                active[event["timestamp"] // (28 * DAY)].add(assignee)
    scores = collections.defaultdict(dict)
    with open(path) as lines:
        for row in csv.DictReader(lines):
            scores[row["issue"]][int(row["at"])] = int(row["standard"])
    rung, weeks = collections.Counter(), set()
    for issue, of in scores.items():
        firing, before = False, None
        for at, score in sorted(of.items()):
            later = at > instant(SPLIT)
            weeks |= {at} if later else set()
            if later and score >= 70 and not firing:
                rung["threshold"] += 1
            if later and before is not None and score - before >= 20:
                rung["spike"] += 1
            firing, before = score >= 70 or (firing and score >= 60), score
    people = np.mean([len(active[at // (28 * DAY)]) for at in weeks])
    print(f"  alerts in {len(weeks)} weeks, {people:.1f} assignees of changed issues in 28 days: " + ", ".join(
        f"{kind} {count} ({count / len(weeks):.2f} a week, {count / len(weeks) / people * 10:.2f} for ten people)"
        for kind, count in sorted(rung.items())))


def judge(path, data, end, names, points, matrix):
    """Ranking and bands by the scores of the daemon's code; returns the samples whose fitted factors differ."""
    with open(path) as lines:
        scored = {(row["issue"], int(row["at"])): row for row in csv.DictReader(lines)}
    rows = [scored.get((issue, int(at))) for issue, at in zip(data["issue"], data["at"])]
    if missing := sum(row is None for row in rows):
        sys.exit(f"{path} lacks {missing} of {len(rows)} samples")

    def column(name):
        return np.array([float(row[name]) for row in rows])
    # Where 100 cuts factors, or an open blocker counts instead of the standstill, the points are not those of the table.
    plain, differing = (column("standard") < 100) & (column("blockers") == 0), 0
    for factor, parts in FACTORS.items():
        mine = matrix @ np.array([p if name in parts else 0 for (name, _), p in zip(names, points)])
        off = int((column(factor) != mine)[plain].sum())
        # The stream sends a comment that was edited later with the time of its edit: a few samples in ten thousand.
        differing += off if off > plain.sum() / 1000 else 0
        print(f"  {factor}: {plain.sum() - off} of {plain.sum()} samples without a blocker are equal to the table")
    for name in ("standard", "classic"):
        scores = column(name)
        ranking(data, end, scores, f"{name} (the daemon's code)")
        bands(data, end, scores, name)
        print("    spread:", spread(scores, data["at"] > instant(SPLIT)))
    return differing


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("stream")
    parser.add_argument("--scores")
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    data, end = samples(options.stream)
    names, matrix = design(data)
    split = instant(SPLIT)
    points = integers(fit(data, (data["at"] <= split, split), matrix))
    scores = matrix @ points
    print_table(names, points)
    mask, late = protocol(data, end)
    print(f"ranking of issues that take longer than usual ({mask.sum()} samples, {late[mask].mean():.0%} do):")
    print("  AUC                                all     after the split")
    ranking(data, end, scores, "fitted points")
    early = instant(CUTS[0])
    ranking(data, end, matrix @ fit(data, (data["at"] <= early, early), matrix), f"the same, fitted to {CUTS[0]}")
    ranking(data, end, data["age"], "age in days")
    of_usual = (data["at"] - data["created"]) / np.maximum(1, data["usual"] - data["created"])
    ranking(data, end, of_usual, "age against the project's usual")
    rolling = np.zeros(len(scores))
    for cut in CUTS:
        fold = (data["at"] > instant(cut)) & (data["at"] <= instant(cut) + 184 * DAY)
        known = instant(cut)
        rolling[fold] = matrix[fold] @ fit(data, (data["at"] <= known, known), matrix)
    ranking(data, end, rolling, "refitted every half-year")
    print("without one project, of that project:")
    for project in ("FCREPO", "ISLANDORA", "DURACLOUD"):
        other = data["project"] != project
        own = mask & ~other
        p = matrix @ integers(fit(data, (other & (data["at"] <= split), split), matrix))
        print(f"  {project}: {auc(late[own], p[own]):.3f} (with it {auc(late[own], scores[own]):.3f}, "
              f"age {auc(late[own], data['age'][own]):.3f})")
    problems = check(names, points) if options.check else []
    if options.scores:
        print("the daemon's scores:")
        alerts(options.scores, options.stream)
        if judge(options.scores, data, end, names, points, matrix):
            problems.append("the daemon's fitted factors differ from the table")
    if options.check and problems:
        sys.exit("\n".join(problems))


if __name__ == "__main__":
    main()
