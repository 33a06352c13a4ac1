#!/usr/bin/env bash
# standardwebhooks 1.1.0 (Python): sign() takes the clock time of a datetime for UTC, whatever its zone, so a message
# signed at 14:00+02:00 has the signature of one sent two hours later, and verify() of the same library refuses it.
#
# sign(msg_id, timestamp, data) leaves the headers to its caller, who writes int(timestamp.timestamp()) into
# webhook-timestamp. Inside, the zone is replaced by UTC instead of being converted to it. For an instant with another
# zone, and for datetime.now() without one where the host's clock is not on UTC, what is signed is not what the header
# says. The header is right and recent, the secret and the body are right, and every verifier answers "No matching
# signature found". A container usually runs on UTC, so a test passes there and fails at a desk. The Webhook of svix
# 2.9.1 hands sign() on to this one.
#
# Whom it matters to: Python programs that send Standard Webhooks, and tests of a receiver, in whatever language, that
# use the library as the sender. Give sign() datetime.now(timezone.utc), or convert with astimezone(timezone.utc). Who
# only verifies is not concerned.
#
# Needs python3 (3.9 or newer) with pip. Ends with 0 when it still is as described.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m pip --disable-pip-version-check install --quiet --no-deps --only-binary=:all: --target python \
    standardwebhooks==1.1.0 >pip.log 2>&1 || { cat pip.log; exit 2; }

cat >probe.py <<'PY'
import base64
import hashlib
import hmac
import os
import time
from datetime import datetime, timedelta, timezone

from standardwebhooks import Webhook, WebhookVerificationError

key = bytes(range(32))
secret = "whsec_" + base64.b64encode(key).decode()


def signed_as(signature, instant, body):
    """The difference, in hours, of the time that was signed to the one that was given."""
    for hours in range(-12, 15):
        message = f"msg_1.{instant + 3600 * hours}.{body}".encode()
        if signature == "v1," + base64.b64encode(hmac.digest(key, message, hashlib.sha256)).decode():
            return f"{hours:+d} h" if hours else "the time given"
    return "none of the hours"


def probe(name, moment, host="UTC0"):
    os.environ["TZ"] = host
    time.tzset()
    now, body = moment(), '{"type":"alert.raised"}'
    instant = int(now.timestamp())
    webhook = Webhook(secret)
    signature = webhook.sign("msg_1", now, body)
    headers = {"webhook-id": "msg_1", "webhook-timestamp": str(instant), "webhook-signature": signature}
    try:
        webhook.verify(body, headers)
        verdict = "accepted"
    except WebhookVerificationError as error:
        verdict = str(error)
    print(f"{name:<42} {signed_as(signature, instant, body):<16} {verdict}")


def at(hours):
    return lambda: datetime.now(timezone(timedelta(hours=hours)))


probe("datetime.now(timezone.utc)", at(0))
probe("the same instant with the zone +02:00", at(2))
probe("the same instant with the zone -05:00", at(-5))
probe("datetime.now(), the host on UTC", datetime.now)
probe("datetime.now(), the host two hours east", datetime.now, "EAST-2")  # POSIX counts to the west
PY
seen=$(PYTHONPATH=python python3 probe.py)

line() { printf '%-42s %-16s %s\n' "$@"; }
heading=$(line 'given to sign()' 'what is signed' 'verify()')
answers() { # for +02:00, -05:00 and a host two hours east
    line 'datetime.now(timezone.utc)' 'the time given' accepted
    line 'the same instant with the zone +02:00' "$1" "$4"
    line 'the same instant with the zone -05:00' "$2" "$4"
    line 'datetime.now(), the host on UTC' 'the time given' accepted
    line 'datetime.now(), the host two hours east' "$3" "$4"
}
expected=$(answers 'the time given' 'the time given' 'the time given' accepted)
recorded=$(answers '+2 h' '-5 h' '+2 h' 'No matching signature found')

printf '== standardwebhooks 1.1.0; %s\n' "$(python3 --version)"
printf '\n== expected\n%s\n%s\n\n== seen\n%s\n%s\n\n' "$heading" "$expected" "$heading" "$seen"
[ "$seen" = "$recorded" ] || { echo 'This is not what was recorded.'; exit 1; }
echo 'As recorded: the hour is signed as it stands, whatever its zone.'
