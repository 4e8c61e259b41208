#!/bin/sh
# The browser tests need a Chromium. Install Debian's, without its windows, where that is allowed;
# else say what is skipped.
command -v chromium-headless-shell >/dev/null 2>&1 && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "installing Debian's chromium-headless-shell for the browser tests"
    if apt-get update -qq &&
        DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium-headless-shell >/dev/null; then
        exit 0
    fi
fi
for name in chromium chromium-browser google-chrome; do
    command -v "$name" >/dev/null 2>&1 && exit 0
done
echo "no Chromium here: the browser tests (tests/browser) are skipped; install chromium to run them"
