#!/bin/sh
# Makes .venv with the first Python 3.11 or 3.12 there is; PYTHON=/path/to/python chooses one.
set -eu
fits() {
    # A pyenv shim can be there and still not run, so the answer is what it does, not where it is.
    "$1" -c 'import sys, venv; sys.exit(sys.version_info[:2] not in ((3, 11), (3, 12)))' 2>/dev/null
}
[ -x .venv/bin/python ] && fits .venv/bin/python && .venv/bin/python -m pip --version >/dev/null 2>&1 && exit 0
for python in ${PYTHON:+"$PYTHON"} python3.12 python3.11 python3 python; do
    fits "$python" || continue
    rm -rf .venv
    echo "Making .venv with $("$python" --version)"
    # Debian's Python comes without ensurepip; its pip can still install into a folder without one.
    "$python" -m venv .venv >/dev/null 2>&1 || {
        "$python" -m venv --clear --without-pip .venv
        "$python" -m pip --python .venv/bin/python install --quiet pip
    }
    exit 0
done
echo "JoyStudio needs Python 3.11 or 3.12, and found neither. Install one, or say make PYTHON=/path/to/python." >&2
exit 1
