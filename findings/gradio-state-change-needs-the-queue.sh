#!/usr/bin/env bash
# A State that is set without the queue changes, but its `change` event never comes.
#
# One would expect: `state.change` runs whenever an event has set the State, as `change` of every other component
# does. `queue=False` only makes an event quicker: the answer comes with the request instead of over the queue.
# What happens: the browser hears only over the queue which States have changed. An event with queue=False sets the
# value on the server, and the next queued event reads it there, but `change` does not run: no request, no message.
# Why it matters: a page that finds a running render again after a reload keeps the number of its job in a State, and
# starts to follow the job when that changes. If a quick handler sets it, the page shows nothing while the job runs.
# Seen with gradio 6.31.0, playwright 1.65.2, Chromium, Linux x86-64, Python 3.11, 2026-11-29.
# Uses the Chromium at $CHROMIUM, on the PATH, or playwright's own.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q gradio==6.31.0 playwright==1.65.2
mkdir "$folder/home"
cd "$folder/home"
cat > state.py <<'PYTHON'
import os
import shutil
import sys

import gradio as gr
from playwright.sync_api import expect, sync_playwright


def add(number):
    return number + 1, f"set to {number + 1}"


with gr.Blocks(analytics_enabled=False) as page:
    state, news, seen = gr.State(0), gr.Textbox(label="News"), gr.Textbox(label="Seen")
    gr.Button("Direct").click(add, state, [state, news], queue=False)
    gr.Button("Queued").click(add, state, [state, news])
    state.change(lambda number: f"changed to {number}", state, seen)

_, url, _ = page.launch(prevent_thread_lock=True, quiet=True)
names = ("chromium", "chromium-browser", "google-chrome")
found = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, names)), None)
with sync_playwright() as playwright:
    browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
    visitor = browser.new_page()
    visitor.goto(url)
    heard = []
    visitor.on("request", lambda request: heard.append(request.url))

    def press(name, news):
        heard.clear()
        visitor.get_by_role("button", name=name, exact=True).click()
        expect(visitor.get_by_label("News")).to_have_value(news)

    press("Direct", "set to 1")
    visitor.wait_for_timeout(3000)  # for what does not come
    asked = [address for address in heard if "/run/" in address or "queue/join" in address]
    direct = visitor.get_by_label("Seen").input_value()
    print(f"without the queue: {len(asked)} request, 'Seen' is {direct!r}")
    press("Queued", "set to 2")
    expect(visitor.get_by_label("Seen")).not_to_have_value("")
    queued = visitor.get_by_label("Seen").input_value()
    print(f"over the queue: 'Seen' is {queued!r}")
    browser.close()
page.close()
print(f"gradio {gr.__version__}")
sys.exit(0 if (len(asked), direct, queued) == (1, "", "changed to 2") else 1)
PYTHON
"$folder/venv/bin/python" state.py
