# shellcheck shell=bash
# Source this for install_stripe_peers: what the tests compare consilod's reading of Stripe with, from PyPI. Stripe's own SDK, which
# signs and reads events, is in `.engine/stripe`, a stateful server of its API in `.engine/localstripe`. Nothing of them is built in.

# shellcheck source=script/lib/python-package.sh
source script/lib/python-package.sh

stripe_prefix=.engine/stripe
stripe_sdk=stripe==16.1.0
# What it depends on.
stripe_constraints=(
    certifi==2026.10.19.post1 charset-normalizer==3.5.3 idna==3.20 requests==2.34.2 typing-extensions==4.16.0 urllib3==2.8.0
)

localstripe_prefix=.engine/localstripe
# The newest that is published as a wheel.
localstripe_server=localstripe==1.15.4
localstripe_constraints=(
    aiohappyeyeballs==2.7.1 aiohttp==3.14.5 aiosignal==1.4.0 attrs==26.1.0 frozenlist==1.8.0 idna==3.20 multidict==7.2.1
    propcache==0.5.4 python-dateutil==4.0.0 typing-extensions==4.16.0 tzdata==2026.6 yarl==1.25.1
)

# 1, with the reason, where they cannot be had; the tests that need them are then skipped and say so.
install_stripe_peers() {
    install_python_package "$stripe_prefix" "$stripe_sdk" "${stripe_constraints[@]}" &&
        install_python_package "$localstripe_prefix" "$localstripe_server" "${localstripe_constraints[@]}"
}
