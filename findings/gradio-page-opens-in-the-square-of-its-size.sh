#!/usr/bin/env bash
# The time to open a page grows with its components times its event listeners.
#
# One would expect: a page with twice the components and twice the listeners takes about twice as long to open.
# What happens: for each component, the browser looks through the targets of every listener of the page, one by one, and
# each look goes through a reactive proxy. With 150 components and 150 listeners that is a small part of the script
# time; with 600 and 600 it takes over ten times as long and is most of it. Components that are never shown count: those in
# tabs that are closed, and the parameters of API endpoints.
# Why it matters: sliders for each option of several engines, side by side, make such a page. Fewer, larger components
# help (one `gr.HTML` with a form in it and one listener), and so does one listener for a container instead of one for
# each slider in it.
# Seen with gradio 6.31.0, playwright 1.65.2, Chromium, Linux x86-64, Python 3.11, 2026-11-30.
# Uses the Chromium at $CHROMIUM, on the PATH, or playwright's own.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q gradio==6.31.0 playwright==1.65.2
mkdir "$folder/home"
cd "$folder/home"
cat > opening.py <<'PYTHON'
import os
import shutil
import sys

import gradio as gr
from playwright.sync_api import sync_playwright


def built(components, listeners):
    """A page whose components are in a tab that is closed; its listeners never run."""
    with gr.Blocks(analytics_enabled=False) as page:
        gr.Button("Here")
        with gr.Tabs(selected="shown"):
            with gr.Tab("Shown", id="shown"):
                gr.Markdown("Nothing happens here.")
            with gr.Tab("Closed"):
                sliders = [gr.Slider(0, 1) for _ in range(components)]
        for number in range(listeners):
            sliders[number % components].release(None, None, None, js="() => {}")
    return page


def opening(page, browser):
    """Seconds of script until a page has opened and settled."""
    _, url, _ = page.launch(prevent_thread_lock=True, quiet=True)
    visitor = browser.new_page()
    session = visitor.context.new_cdp_session(visitor)
    session.send("Performance.enable")
    visitor.goto(url)
    visitor.get_by_role("button", name="Here").wait_for()
    visitor.wait_for_timeout(3000)
    metrics = session.send("Performance.getMetrics")["metrics"]
    visitor.close()
    page.close()
    return next(one["value"] for one in metrics if one["name"] == "ScriptDuration")


names = ("chromium", "chromium-browser", "google-chrome")
found = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, names)), None)
with sync_playwright() as playwright:
    browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
    opening(built(10, 0), browser)  # the first page also compiles the scripts
    more = {}
    for size in (150, 600):
        more[size] = opening(built(size, size), browser) - opening(built(size, 0), browser)
        print(f"{size} components: {1000 * more[size]:.0f} ms more of script time with {size} listeners than with none")
    browser.close()
print(f"gradio {gr.__version__}")
sys.exit(0 if more[600] > 7 * max(more[150], 0.01) else 1)
PYTHON
"$folder/venv/bin/python" opening.py
