# shellcheck shell=bash
# Source this for install_identity_peers: what the tests compare consilod's reading of tokens with, and sign in at, from PyPI.
# Clerk's SDK is in `.engine/clerk`, a provider of OpenID Connect in `.engine/openid`. Nothing of them is built in.

# shellcheck source=script/lib/python-package.sh
source script/lib/python-package.sh

clerk_prefix=.engine/clerk
clerk_sdk=clerk-backend-api==7.0.0
# What it depends on.
clerk_constraints=(
    annotated-types==0.8.0 anyio==4.16.0 certifi==2026.10.19.post1 cffi==2.1.1 cryptography==50.0.2 h11==0.16.0
    httpcore==1.0.9 httpx==0.28.1 idna==3.20 pycparser==3.12 pydantic==2.14.4 pydantic-core==2.50.5 PyJWT==2.15.1
    typing-extensions==4.16.0 typing-inspection==0.4.5
)

openid_prefix=.engine/openid
openid_provider=oidc-provider-mock==0.3.4
openid_constraints=(
    annotated-types==0.8.0 anyio==4.16.0 Authlib==1.9.10 blinker==1.9.0 certifi==2026.10.19.post1 cffi==2.1.1
    click==8.5.1 cryptography==50.0.2 Flask==3.1.3 h11==0.16.0 htpy==26.5.1 httpcore==1.0.9 httpx==0.28.1 idna==3.20
    itsdangerous==2.2.0 Jinja2==3.1.6 joserfc==1.8.0 MarkupSafe==3.0.4 pycparser==3.12 pydantic==2.14.4
    pydantic-core==2.50.5 typing-extensions==4.16.0 typing-inspection==0.4.5 uvicorn==0.54.0 Werkzeug==3.1.9
)

# 1, with the reason, where they cannot be had; the tests that need them are then skipped and say so.
install_identity_peers() {
    install_python_package "$clerk_prefix" "$clerk_sdk" "${clerk_constraints[@]}" &&
        install_python_package "$openid_prefix" "$openid_provider" "${openid_constraints[@]}"
}
