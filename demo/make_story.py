#!/usr/bin/env python3
"""Prints the demo's story: one Jira Cloud webhook body a line, in the order of time, always the same.

    demo/make_story.py > story.ndjson
    demo/make_story.py --end 1767225600000 > story.ndjson    # the last event at this epoch millisecond

The story itself is in story.py, the site that tells it in jira_site.py.
"""

import argparse
import json
import sys

from jira_site import JiraSite
from story import BOARD_ID, play


def tell(end=None):
    """The bodies of the story; with `end`, every time in it is moved so that the last event is at `end`."""
    site = JiraSite(BOARD_ID)
    play(site)
    if end is not None:
        site = JiraSite(BOARD_ID, shift=end - site.sent[-1]["timestamp"])
        play(site)
    return site.sent


def main():
    parser = argparse.ArgumentParser(description="Prints the demo's Jira webhooks, one JSON body a line.")
    parser.add_argument("--end", type=int, metavar="MS", help="when the last event is (milliseconds since the epoch)")
    for body in tell(parser.parse_args().end):
        json.dump(body, sys.stdout, ensure_ascii=False, separators=(",", ":"))
        sys.stdout.write("\n")


if __name__ == "__main__":
    main()
