#!/usr/bin/env bash
# A click that starts a job again is lost while Gradio still waits for the answer to its cancellation.
#
# One would expect: a job that is cancelled with `cancels=` may be started again at once; a page enables its "Start"
# button in the handler of "Cancel".
# What happens: the browser asks the server to cancel and does not wait with the other handlers of the click, but it
# counts the job as running until the answer comes. With the default trigger_mode "once" a click on "Start" meanwhile
# is dropped: no request, no event, no message, although the button is enabled. The `failure` event of the job is
# what comes after the answer; enabling the button there is safe.
# Why it matters: the answer comes when the work has stopped, which for a renderer is after a diffusion step or the
# encoder's flush, a second or more. Who cancels, moves a slider and starts again waits for a video that nothing makes.
# Seen with gradio 6.31.0, playwright 1.65.2, Chromium, Linux x86-64, Python 3.11, 2026-11-29.
# Uses the Chromium at $CHROMIUM, on the PATH, or playwright's own.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q gradio==6.31.0 playwright==1.65.2
mkdir "$folder/home"
cd "$folder/home"
cat > lost.py <<'PYTHON'
import asyncio
import os
import shutil
import sys

import gradio as gr
from playwright.sync_api import expect, sync_playwright

starts = []


async def work():
    starts.append(1)
    for number in range(600):
        yield f"job {len(starts)} runs"
        await asyncio.sleep(0.1)


with gr.Blocks(analytics_enabled=False) as page:
    start, cancel, news = gr.Button("Start"), gr.Button("Cancel"), gr.Textbox(label="News")
    ended, said = gr.Button("Ended"), gr.Textbox(label="Said")
    job = start.click(work, None, news)
    cancel.click(lambda: "cancelled", None, said, cancels=[job], queue=False)
    job.failure(lambda: gr.Button("Ended yes"), None, ended, queue=False)

_, url, _ = page.launch(prevent_thread_lock=True, quiet=True)
names = ("chromium", "chromium-browser", "google-chrome")
found = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, names)), None)
with sync_playwright() as playwright:
    browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
    visitor = browser.new_page()
    visitor.goto(url)
    waiting, asked = [], []
    visitor.on("request", lambda request: asked.append(request.url) if "queue/join" in request.url else None)
    visitor.route("**/cancel", lambda route: waiting.append(route))

    def press(name):
        visitor.get_by_role("button", name=name, exact=True).click()

    press("Start")
    expect(visitor.get_by_label("News")).to_have_value("job 1 runs")
    press("Cancel")
    expect(visitor.get_by_label("Said")).to_have_value("cancelled")
    before = len(asked)
    press("Start")
    visitor.wait_for_timeout(1000)
    lost = len(asked) == before
    for route in waiting:
        route.continue_()
    expect(visitor.get_by_role("button", name="Ended yes")).to_be_visible()
    visitor.wait_for_timeout(1000)
    lost = lost and len(asked) == before
    press("Start")
    expect(visitor.get_by_label("News")).to_have_value("job 2 runs")
    print("A click on Start while the cancellation is under way:", "lost" if lost else "starts a job")
    print("A click on Start after the job's failure event: starts a job")
    browser.close()
print("gradio", gr.__version__)
page.close()
sys.exit(0 if lost else 1)
PYTHON
"$folder/venv/bin/python" lost.py 2>/dev/null
