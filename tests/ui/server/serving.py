"""A small page on a free port, served as ours is."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import gradio as gr

from studio.settings import Settings
from ui.app import launch_options


def small_page() -> gr.Blocks:
    """A page with one thing to ask for."""
    with gr.Blocks(analytics_enabled=False) as page:
        text = gr.Textbox(label="Text", elem_id="text")
        gr.Button("Say", elem_id="say").click(lambda said: f"{said}!", text, text, api_name="echo")
    return page


@contextmanager
def serving(settings: Settings | None = None, page: gr.Blocks | None = None, **more: Any) -> Iterator[str]:
    """The address of that page, or another one. more: arguments of `Blocks.launch`."""
    page = page or small_page()
    options = launch_options(settings or Settings(port=0), page)
    _, url, _ = page.launch(prevent_thread_lock=True, quiet=True, **(options | more))
    try:
        yield url
    finally:
        page.close(verbose=False)
