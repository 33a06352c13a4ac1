# shellcheck shell=bash
# Source this for install_webhook_verifier: svix from PyPI, which verifies Standard Webhooks as receivers do, in
# `.engine/webhooks`. Nothing of it is built in.

# shellcheck source=script/lib/python-package.sh
source script/lib/python-package.sh

webhooks_prefix=.engine/webhooks
webhooks_verifier=svix==2.9.1
# What it depends on.
webhooks_constraints=(
    annotated-types==0.8.0 anyio==4.16.0 attrs==26.1.0 certifi==2026.10.19.post1 Deprecated==1.3.1 h11==0.16.0
    httpcore==1.0.9 httpx==0.28.1 idna==3.20 pydantic==2.14.4 pydantic-core==2.50.5 python-dateutil==4.0.0
    standardwebhooks==1.1.0 typing-extensions==4.16.0 typing-inspection==0.4.5 tzdata==2026.6 wrapt==2.5.2
)

# 1, with the reason, where it cannot be had; the tests that need it are then skipped and say so.
install_webhook_verifier() { install_python_package "$webhooks_prefix" "$webhooks_verifier" "${webhooks_constraints[@]}"; }
