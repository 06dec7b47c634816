#!/bin/sh
# The lip-sync benchmark's voices: espeak-ng comes in a wheel, flite from the system.
set -eu
command -v flite >/dev/null && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    apt-get update -qq && apt-get install -y -qq --no-install-recommends flite && exit 0
fi
echo "flite is not installed (apt-get install flite); its voices are left out of the lip-sync figures." >&2
