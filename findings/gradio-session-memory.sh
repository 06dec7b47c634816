#!/usr/bin/env bash
# Every session of a Gradio page keeps a copy of the whole page's configuration, also one that asks for nothing.
#
# One would expect: what the server remembers of a visit is the values of the visit's gr.State, and little else.
#
# What happens (gradio 6.31.0, 2026-11-28): the first request with a new session_hash, whatever it asks for,
# describes every component of the page anew and keeps that for links to the session (gr.DeepLinkButton), also
# on a page without such a button. That is 1 to 2 kB for each component, so 1.4 MB for a page of 830, and a
# tenth of a second of the event loop. It is kept until state_session_capacity newer sessions have come (10,000
# by default, so 14 GB for that page); neither the end of the visitor's connection nor time_to_live of a gr.State
# gives it back.
#
# Why it matters for talking-head software: its pages have a slider for every option of every engine, run for
# weeks on machines whose memory belongs to networks, and any program that calls the API makes such sessions.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check gradio==6.31.0
cat > "$folder/measure.py" <<'PYTHON'
import gc
import os
import time
import tracemalloc

os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
import gradio as gr
import httpx

SESSIONS = 20


def per_session(components: int) -> float:
    """Kilobytes that the server keeps for each session of a page of so many sliders."""
    with gr.Blocks(analytics_enabled=False) as page:
        for number in range(components):
            gr.Slider(0, 1, label=f"Option {number}")
        gr.Button().click(lambda: None, None, None, api_name="nothing")
    _, url, _ = page.launch(prevent_thread_lock=True, quiet=True, server_name="127.0.0.1")

    def ask(session: str) -> None:
        httpx.post(f"{url}gradio_api/run/nothing", json={"data": [], "session_hash": session}, timeout=300).raise_for_status()

    ask("warm")
    gc.collect()
    tracemalloc.start()
    for number in range(SESSIONS):
        ask(f"session{number}")
    # A visitor who was connected, and is gone.
    with httpx.stream("GET", f"{url}gradio_api/heartbeat/session0", timeout=60) as beats:
        next(beats.iter_bytes())
    time.sleep(3)
    gc.collect()
    kept = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    page.close(verbose=False)
    return kept / SESSIONS / 1000


small, large = per_session(50), per_session(300)
each = (large - small) / 250
print(f"gradio {gr.__version__}")
print(f"a session that asks for nothing, page of 50 sliders:  {small:7.1f} kB")
print(f"the same, page of 300 sliders:                        {large:7.1f} kB")
print(f"for each component of the page:                       {each:7.2f} kB")
changed = each < 0.5
print("The behaviour has changed." if changed else "A session grows with the page, whatever it asks for.")
raise SystemExit(changed)
PYTHON
"$folder/venv/bin/python" "$folder/measure.py"
