#!/usr/bin/env bash
# A handler that skips a component makes Gradio forget what was set on it, for one visitor.
#
# One would expect: gr.skip() leaves a component alone, so that a component whose `preprocess` was replaced, to get
# an upload's path without Gradio opening the file, goes on giving the path.
# What happens: an update without any change in it is an update. Gradio makes a new component for this visitor's
# session from the class and the arguments of the old one; what was set on the object is lost, for this visitor
# only. The next call decodes the upload in the server's process. A subclass survives; it needs
# `is_template = True` to be shown as its parent.
# Why it matters: a page for portraits and voices often wants the file as it came, with its profile and rotation,
# and a refusal in its own words. One button that skips the portrait (a "Delete?" that asks first) changes what the
# next job gets, for one visitor, and no test that opens a fresh page sees it.
# Seen with gradio 6.31.0, Linux x86-64, Python 3.11, 2026-11-29.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q gradio==6.31.0 httpx
mkdir "$folder/home"
cd "$folder/home"
cat > skipped.py <<'PYTHON'
import sys

import gradio as gr
import httpx


class Path(gr.Image):
    """The same as a class."""

    is_template = True

    def preprocess(self, payload):
        return payload.path if payload else None


with gr.Blocks(analytics_enabled=False) as page:
    replaced, inherited, said = gr.Image(type="filepath"), Path(type="filepath"), gr.Textbox()
    replaced.preprocess = lambda payload: payload.path if payload else None
    for name, image in (("replaced", replaced), ("inherited", inherited)):
        gr.Button().click(gr.skip, None, image, api_name=f"skip-{name}", queue=False)
        gr.Button().click(lambda path: path, image, said, api_name=f"tell-{name}", queue=False)

numbers = {function.api_name: number for number, function in page.fns.items()}
_, url, _ = page.launch(prevent_thread_lock=True, quiet=True)
with httpx.Client(base_url=f"{url}gradio_api/", timeout=60) as visitor:
    text = {"files": ("face.png", b"no image at all: opening it fails")}
    path = visitor.post("upload", files=text).json()[0]
    file = {"path": path, "meta": {"_type": "gradio.FileData"}}

    def call(name, given):
        asked = {"fn_index": numbers[name], "data": given, "session_hash": "one"}
        return visitor.post("run/predict", json=asked).status_code

    codes = {}
    for name in ("replaced", "inherited"):
        before = call(f"tell-{name}", [file])
        call(f"skip-{name}", [])
        codes[name] = before, call(f"tell-{name}", [file])
        print(f"preprocess {name}: status before gr.skip() {codes[name][0]}, after {codes[name][1]}")
print("gradio", gr.__version__)
page.close()
sys.exit(0 if codes == {"replaced": (200, 500), "inherited": (200, 200)} else 1)
PYTHON
"$folder/venv/bin/python" skipped.py 2>/dev/null
