#!/usr/bin/python3
"""Kills the daemon at random instants under load, or cuts its power, and compares what was promised with what there is.

    Benchmarks/crash.py [--engines sqlite,power,postgres,node,server] [--phases steady,start,shutdown,backup,retention,
                        removal,backfill,migration] [--cycles 20] [--binary PROGRAM] [--before PROGRAM] [--seed N]

Engines, that is what is killed and how:
  sqlite    one node on its SQLite file: kill -9
  power     the same, and what was not synced is lost, wholly or in part, as by a power cut (power_cut.c)
  postgres  one node on PostgreSQL: kill -9 of the daemon
  node      two nodes on one PostgreSQL: kill -9 of one or the other, while both take webhooks
  server    two nodes on one PostgreSQL: kill -9 of the database server's processes
Phases, that is when (node and server know only steady; postgres all but backup, retention and migration):
  steady     under load
  start      between the start of the process and its readiness, and a moment after
  shutdown   after SIGTERM
  backup     during `consilod store backup`, the backup too; a backup that is there afterwards is whole
  retention  while bodies of webhooks expire
  removal    while a tenant is removed; a removal that was answered 2xx leaves nothing
  backfill   while issues are fetched from a simulated Jira, of a new tenant each time
  migration  while a store of an older build (--before) is brought to the newest schema
A poster sends signed webhooks on several threads and, like Jira, sends again what got no 2xx. After each kill:
  P1  every webhook that was answered 2xx is stored, in a file that passes `PRAGMA integrity_check` (SQLite)
and in the end:
  P2  each is stored once and applied once; no comment is there twice
  P7  each alert came to the mail relay or the Slack receiver; again at most as often as kills can cause it, which
      is 4 times a kill, the deliveries under way for one tenant (16 with several tenants)
      state and score of each issue, its alerts and the history of its score are those of an undisturbed run of the same
      webhooks in a store of its own (after retention and migration without the history)
A run begins a new store every 20 cycles. --weaken -wal has the power engine ignore syncs of the log: losses must show.
"""
import argparse
import pathlib
import random
import subprocess
import sys
import tempfile
import time

import crash_phases
import power_cut
from crash_trial import ROOT, UNDER_WAY, UNDER_WAY_TO_ALL, Bad, Trial

CYCLES_OF_A_STORE = 20
PHASES = {"node": ["steady"], "server": ["steady"], "postgres": ["steady", "start", "shutdown", "removal", "backfill"]}


class Sums:
    """What the runs of one engine and phase add up to."""

    def __init__(self):
        self.kills = self.answered = self.stored = self.lost = self.refused = self.unsynced = self.written = 0
        self.issues = self.alerts = self.missed = self.doubled = self.bound = 0

    def line(self, seconds):
        power = f" (of {self.unsynced} unsynced sectors {self.written} written)" if self.unsynced else ""
        return (f"{self.kills} kills{power} in {seconds:.0f} s: {self.answered} answered, {self.stored} stored, "
                f"{self.refused} put off, {self.lost} lost; {self.issues} issues as undisturbed; {self.alerts} alerts, "
                f"{self.missed} not delivered, {self.doubled} doubled (at most {self.bound})")


def run(engine, phase, cycles, options, random_, work, sums):
    """One store: so many kills, then the comparison."""
    kind = crash_phases.PHASES[phase]
    trial = Trial(options.binary, work / "run", engine, options, random_, calls_jira=kind.calls_jira)
    other, notes = None, ""
    try:
        step = kind(trial)
        for _ in range(cycles):
            step.cycle()
        time.sleep(0.5)
        step.settle()
        stored = trial.finish()
        other = step.undisturbed(work / "undisturbed", stored)
        issues, alerts = trial.compare(other, is_history_kept=step.is_history_kept)
        notes = step.compare(other)
        expected, missed, doubled = trial.deliveries()
        sums.issues, sums.alerts = sums.issues + issues, sums.alerts + expected
        sums.missed, sums.doubled = sums.missed + missed, sums.doubled + doubled
        sums.bound += trial.kills * min(UNDER_WAY_TO_ALL, UNDER_WAY * max(1, len(trial.tenants)))
        sums.stored += len(stored)
    finally:
        if trial.poster:
            sums.answered, sums.refused = sums.answered + len(trial.poster.answered), sums.refused + trial.poster.refused
        sums.kills, sums.lost = sums.kills + trial.kills, sums.lost + len(trial.lost)
        if trial.disk:
            sums.unsynced, sums.written = sums.unsynced + trial.disk.unsynced, sums.written + trial.disk.written
        for part in filter(None, (trial, other)):
            part.close()
    return notes


def judge(engine, phase, options, random_, work):
    """All stores of one engine and phase; prints its line and returns whether it is good."""
    sums, began, faults, notes = Sums(), time.monotonic(), [], ""
    for first in range(0, options.cycles, CYCLES_OF_A_STORE):
        folder = pathlib.Path(tempfile.mkdtemp(prefix=f"{engine}-{phase}-", dir=work))
        try:
            notes = run(engine, phase, min(CYCLES_OF_A_STORE, options.cycles - first), options, random_, folder, sums) or notes
        except Bad as fault:
            faults.append(str(fault))
            break
    if sums.lost:
        faults.append(f"{sums.lost} answered webhooks are lost")
    if sums.missed:
        faults.append(f"{sums.missed} alerts were not delivered")
    if sums.doubled > sums.bound:
        faults.append("too many deliveries were doubled")
    print(f"{engine:<8} {phase:<9} {sums.line(time.monotonic() - began)}{notes}: "
          + (f"BAD: {'; '.join(faults)}" if faults else "good"), flush=True)
    return not faults


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--engines", default="sqlite,power,postgres,node,server")
    options.add_argument("--phases", default=",".join(crash_phases.PHASES))
    options.add_argument("--cycles", type=int, default=20)
    options.add_argument("--threads", type=int, default=8)
    options.add_argument("--issues", type=int, default=200)
    options.add_argument("--seed", type=int, default=random.randrange(1 << 32))
    options.add_argument("--binary", help="a built consilod; default: build one")
    options.add_argument("--before", metavar="PROGRAM", help="a consilod with an older schema, for the phase migration")
    options.add_argument("--weaken", metavar="PART", help="a part of the names of files whose syncs do nothing (engine power)")
    options.add_argument("--keep", action="store_true", help="leave the stores, for a look at what went wrong")
    options = options.parse_args()
    if not options.binary:
        subprocess.run(["swift", "build", "-c", "release", "--product", "consilod"], cwd=ROOT, check=True, stdout=sys.stderr)
        options.binary = subprocess.run(["swift", "build", "-c", "release", "--show-bin-path"], cwd=ROOT, check=True,
                                        capture_output=True, text=True).stdout.strip() + "/consilod"
    print(f"seed {options.seed}")
    random_, is_good = random.Random(options.seed), True
    work = tempfile.mkdtemp(prefix="consilod-crash-")
    options.library = power_cut.compiled(work) if "power" in options.engines else None
    for engine in options.engines.split(","):
        for phase in options.phases.split(","):
            if phase not in PHASES.get(engine, crash_phases.PHASES):
                continue
            if phase == "migration" and not options.before:
                print(f"{engine:<8} migration left out: no --before", flush=True)
                continue
            is_good = judge(engine, phase, options, random_, work) and is_good
    sys.exit(0 if is_good else 1)


if __name__ == "__main__":
    main()
