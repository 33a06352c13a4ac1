#!/usr/bin/env python3
"""Precision and recall of the reader of blockers, with Wilson intervals of 95 %.

    Benchmarks/quality.py LABELS STREAM [--program .build/release/reading-bench] [--errors]

LABELS is NDJSON {comment, label: open|resolved|none|null}; STREAM is NDJSON of webhooks (plain or .gz) that holds the
comments, or NDJSON {id, text}. Comments without an agreed label are left out. The labelled set is cut in two halves by
the SHA-256 of the comment's id, so that one can be kept from tuning.
"""
import argparse
import gzip
import hashlib
import json
import math
import subprocess
import sys


def lines(path):
    with (gzip.open if path.endswith(".gz") else open)(path, "rt", encoding="utf-8") as file:
        yield from (json.loads(line) for line in file if line.strip())


def texts(path):
    found = {}
    for row in lines(path):
        comment = row.get("comment")
        if isinstance(comment, dict):
            found.setdefault(comment["id"], comment["body"])
        elif "text" in row:
            found[row["id"]] = row["text"]
    return found


def share(part, whole):
    if whole == 0:
        return "-"
    z, p = 1.96, part / whole
    middle = p + z * z / (2 * whole)
    reach = z * math.sqrt(p * (1 - p) / whole + z * z / (4 * whole * whole))
    scale = 1 + z * z / whole
    return f"{p:.2f} ({(middle - reach) / scale:.2f}-{(middle + reach) / scale:.2f}) {part}/{whole}"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("labels")
    parser.add_argument("stream")
    parser.add_argument("--program", default=".build/release/reading-bench")
    parser.add_argument("--errors", action="store_true", help="list the comments that are read otherwise than labelled")
    options = parser.parse_args()
    known = texts(options.stream)
    labels = {
        row["comment"]: row["label"]
        for row in lines(options.labels) if row["label"] is not None and row["comment"] in known
    }
    given = "".join(json.dumps({"id": id, "text": known[id]}) + "\n" for id in labels)
    run = subprocess.run([options.program], input=given, capture_output=True, text=True, check=True)
    read = {row["id"]: row for row in map(json.loads, run.stdout.splitlines())}

    def print_row(name, ids):
        found = [id for id in ids if read[id]["blocker"] == "open"]
        meant = [id for id in ids if labels[id] == "open"]
        right = len(set(found) & set(meant))
        print(f"{name:>6} {len(ids):5} precision {share(right, len(found))}  recall {share(right, len(meant))}")

    for half in (0, 1):
        print_row(f"half {half}", [id for id in labels if hashlib.sha256(id.encode()).digest()[0] & 1 == half])
    print_row("all", list(labels))
    print(run.stderr.strip(), file=sys.stderr)
    if options.errors:
        for id, label in labels.items():
            if (read[id]["blocker"] == "open") != (label == "open"):
                print(id, label, read[id])


main()
