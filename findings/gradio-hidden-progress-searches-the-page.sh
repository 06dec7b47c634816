#!/usr/bin/env bash
# An event whose progress is hidden makes the browser search the whole page, again at every later event.
#
# One would expect: `show_progress="hidden"` costs nothing, because nothing is shown.
# What happens: the browser keeps a status, a hidden one, for each output of every event that has run, and gives all of
# them to their components whenever any event begins or ends; each is searched in the tree of all components. On a
# page with 300 outputs of one event that ran at the start, a click on a button that changes one number takes 30 times
# the script time. `show_progress_on=[]` names no component for the status and ends it.
# Why it matters: a page with the options of several engines has hundreds of outputs. Half of the browser's time went
# there, at each step of the progress of a video, too.
# Seen with gradio 6.31.0, playwright 1.65.2, Chromium, Linux x86-64, Python 3.11, 2026-11-29.
# Uses the Chromium at $CHROMIUM, on the PATH, or playwright's own.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q gradio==6.31.0 playwright==1.65.2
mkdir "$folder/home"
cd "$folder/home"
cat > hidden.py <<'PYTHON'
import os
import shutil
import sys

import gradio as gr
from playwright.sync_api import expect, sync_playwright

OUTPUTS, CLICKS = 300, 20


def built(**silent):
    with gr.Blocks(analytics_enabled=False) as page:
        number = gr.Number(0, label="Number")
        gr.Button("Add").click(lambda n: n + 1, number, number, **silent)
        boxes = [gr.Textbox("") for _ in range(OUTPUTS)]
        page.load(lambda: [gr.skip()] * OUTPUTS, None, boxes, **silent)
    return page


def script_seconds(page, browser):
    _, url, _ = page.launch(prevent_thread_lock=True, quiet=True)
    visitor = browser.new_page()
    session = visitor.context.new_cdp_session(visitor)
    session.send("Performance.enable")
    visitor.goto(url)
    visitor.get_by_role("button", name="Add").wait_for()
    visitor.wait_for_timeout(3000)  # until the page has settled

    def spent():
        metrics = session.send("Performance.getMetrics")["metrics"]
        return next(one["value"] for one in metrics if one["name"] == "ScriptDuration")

    before = spent()
    for count in range(1, CLICKS + 1):
        visitor.get_by_role("button", name="Add").click()
        expect(visitor.get_by_label("Number")).to_have_value(str(count))
    seconds = spent() - before
    visitor.close()
    page.close()
    return seconds


names = ("chromium", "chromium-browser", "google-chrome")
found = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, names)), None)
with sync_playwright() as playwright:
    browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
    hidden = script_seconds(built(show_progress="hidden"), browser)
    none = script_seconds(built(show_progress="hidden", show_progress_on=[]), browser)
    browser.close()
print(f"{CLICKS} clicks beside {OUTPUTS} outputs of an event that has run once: {hidden / none:.1f} times the script time")
print(f"gradio {gr.__version__}")
sys.exit(0 if hidden > 2 * none else 1)
PYTHON
"$folder/venv/bin/python" hidden.py
