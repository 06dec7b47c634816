#!/bin/sh
# Finds a Chromium for the tests of the page, or fetches one: playwright's first, the system's if we are root.
set -eu
starts() {
    .venv/bin/python - <<'PYTHON'
import os, shutil
from playwright.sync_api import sync_playwright

names = ("chromium", "chromium-browser", "google-chrome")
found = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, names)), None)
with sync_playwright() as playwright:
    playwright.chromium.launch(executable_path=found, args=["--no-sandbox"]).close()
PYTHON
}
starts >/dev/null 2>&1 && exit 0
echo "Fetching a Chromium for the tests of the page"
.venv/bin/playwright install chromium && starts && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium && starts && exit 0
fi
echo "No Chromium starts here. Install one (apt-get install chromium), or set CHROMIUM to its path." >&2
exit 1
