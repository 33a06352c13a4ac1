#!/usr/bin/env bash
# clerk-backend-api 7.0.0 (Python): a session token whose `iat` lies ahead is refused with the reason of one whose `nbf` lies
# ahead, token-not-active-yet. The reason made for it, token-iat-in-the-future, is never given for such a token.
#
# The networkless check (`authenticate_request` with a PEM key) leaves the claims to PyJWT, which raises the same exception for
# both claims, ImmatureSignatureError. The SDK turns that exception into token-not-active-yet; token-iat-in-the-future stands for
# another exception, which PyJWT raises for an `iat` that is no number. The verdict is right in every case.
#
# Whom it matters to: who counts refusals by reason, to tell a host whose clock is behind (which sees future `iat`s) from tokens
# that are used before their time; and who translates the SDK's reasons for another implementation. Look at the claims, not at
# the reason.
#
# Needs python3 (3.9 or newer) with pip. Ends with 0 when it still is as described.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m pip --disable-pip-version-check install --quiet --only-binary=:all: --target python \
    clerk-backend-api==7.0.0 PyJWT==2.15.1 cryptography==50.0.2 >pip.log 2>&1 || { cat pip.log; exit 2; }

cat >probe.py <<'PY'
import time

import jwt
from clerk_backend_api.security import AuthenticateRequestOptions, authenticate_request
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
public = key.public_key().public_bytes(
    serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo).decode()
now = int(time.time())


class Request:
    def __init__(self, token):
        self.headers = {"Authorization": f"Bearer {token}"}


def probe(name, **claims):
    times = {"iat": now - 5, "nbf": now - 5, "exp": now + 600}
    token = jwt.encode(
        {"iss": "https://clerk.example.com", "sub": "user_1", "sid": "sess_1"} | times | claims, key, algorithm="RS256",
        headers={"kid": "one"})
    state = authenticate_request(
        Request(token), AuthenticateRequestOptions(jwt_key=public, clock_skew_in_ms=5000))
    print(f"{name:<28} {'accepted' if state.is_signed_in else state.reason.value[0]}")


probe("times around now")
probe("nbf in ten minutes", nbf=now + 600)
probe("iat in ten minutes", iat=now + 600)
PY
seen=$(PYTHONPATH=python python3 probe.py)

line() { printf '%-28s %s\n' "$@"; }
answers() { # for an iat that lies ahead
    line 'times around now' accepted
    line 'nbf in ten minutes' token-not-active-yet
    line 'iat in ten minutes' "$1"
}
expected=$(answers token-iat-in-the-future)
recorded=$(answers token-not-active-yet)

printf '== clerk-backend-api 7.0.0, PyJWT 2.15.1; %s\n' "$(python3 --version)"
printf '\n== expected\n%s\n\n== seen\n%s\n\n' "$expected" "$seen"
[ "$seen" = "$recorded" ] || { echo 'This is not what was recorded.'; exit 1; }
echo 'As recorded: a future iat has the reason of a future nbf.'
