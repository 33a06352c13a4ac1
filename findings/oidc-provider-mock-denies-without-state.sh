#!/usr/bin/env bash
# oidc-provider-mock 0.3.4 (Python, a provider of OpenID Connect for tests): the redirect after the person has declined carries
# no `state`, although the request did.
#
# RFC 6749, section 4.1.2.1, requires `state` in an error response if the request had it, and the same provider sends it with a
# code, and with `login_required` after `prompt=none`. Only the answer to the button "Deny" is put together apart from the rest, and
# leaves it out.
#
# Whom it matters to: who tests a sign-in against this provider. A client that checks `state` first, as it should, sees a
# response that belongs to no request, and never its own "the person declined": that path seems broken, or is loosened to pass
# the test. Test it with a provider that sends `state`, or with `prompt=none`, and expect a refusal of the unknown response here.
#
# Needs python3 (3.10 or newer) with pip. Ends with 0 when it still is as described.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m pip --disable-pip-version-check install --quiet --only-binary=:all: --target python \
    oidc-provider-mock==0.3.4 Authlib==1.9.10 Flask==3.1.3 Werkzeug==3.1.9 >pip.log 2>&1 || { cat pip.log; exit 2; }

cat >probe.py <<'PY'
import logging
from urllib.parse import parse_qs, urlencode, urlsplit

import oidc_provider_mock
from werkzeug.test import Client

logging.disable(logging.CRITICAL)
provider = Client(oidc_provider_mock.app())
request = {"response_type": "code", "client_id": "reports", "redirect_uri": "https://reports.example/callback",
           "scope": "openid", "state": "visit-4711", "nonce": "nonce-1"}


def answer(form, **more):
    response = provider.post("/oauth2/authorize?" + urlencode(request | more), data=form)
    fields = parse_qs(urlsplit(response.headers["Location"]).query)
    outcome = fields["error"][0] if "error" in fields else "a code"
    return outcome, fields.get("state", ["no state"])[0]


answers = [answer({"sub": "ana"}), answer({}, prompt="none"), answer({"action": "deny"})]
for outcome, state in answers:
    print(f"    {outcome}: {state}")
expected = [("a code", "visit-4711"), ("login_required", "visit-4711"), ("access_denied", "no state")]
raise SystemExit(0 if answers == expected else 1)
PY
echo "oidc-provider-mock 0.3.4 on Authlib 1.9.10"
echo "expected: each redirect carries the state of its request, visit-4711"
echo "seen:"
PYTHONPATH=python python3 -W ignore probe.py
