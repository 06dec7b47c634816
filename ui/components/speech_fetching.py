"""The button that downloads a speech engine's weights, with its progress."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from typing import Any

import gradio as gr

from speech import registry
from studio.settings import Settings
from studio.weight_sets import lacking
from studio.weights_fetch import fetch_group
from ui.components.cancel_button import connect_cancel
from ui.components.progress import waiting_bar
from ui.components.weights_fetching import fetching_bar
from ui.element_ids import ElementIds
from ui.errors import as_toast
from ui.event_settings import QUIET, SILENT
from ui.i18n import message, t


def build_speech_fetching(settings: Settings, names: ElementIds, chosen: gr.Dropdown) -> None:
    """Draw the button inside the current Blocks and connect it.

    chosen: the voice, as in "kokoro/af_heart". The button shows while files of its speech engine are missing
    and the page may download.
    """
    with gr.Row(elem_classes=["text-row"]):
        button = gr.Button("", size="sm", visible=False, min_width=190, **names("text-fetch"))
        cancel = gr.Button(t("Cancel"), size="sm", min_width=80, visible=False, **names("text-fetch-cancel"))
    bar = gr.HTML("", visible=False, padding=False, **names("text-fetch-progress"))
    parts = [button, cancel, bar]

    def shown(voice: str) -> tuple[Any, ...]:
        label = fetch_label(voice, settings)
        return gr.Button(label, visible=bool(label)), gr.Button(visible=False), gr.HTML("", visible=False)

    def begin() -> tuple[Any, ...]:
        running = gr.Button(t("Cancel"), visible=True, interactive=True)
        return gr.Button(visible=False), running, gr.HTML(waiting_bar(), visible=True)

    def fetch(voice: str) -> Iterator[str]:
        if not settings.page_may_fetch:
            return
        name = voice.partition("/")[0]
        try:
            for group in lacking(name):
                with closing(fetch_group(name, group)) as news:
                    for one in news:
                        yield fetching_bar(one)
            registry.unload(name)  # random weights may be loaded
            gr.Info(message("The weights are installed."), duration=5)
        except Exception as error:
            raise as_toast(error) from None

    chosen.change(shown, chosen, parts, **QUIET)
    run = button.click(begin, None, parts, **QUIET).then(
        fetch,
        chosen,
        bar,
        api_visibility="private",
        **SILENT,
        concurrency_limit=1,
        concurrency_id="weights",
    )
    run.success(shown, chosen, parts, **QUIET)
    run.failure(shown, chosen, parts, **QUIET)
    connect_cancel(cancel, [run])


def fetch_label(voice: str, settings: Settings) -> str:
    """The label of the button for a voice's files, as in "Download Kokoro, 103 MB"; "" if it is not
    needed.
    """
    name = voice.partition("/")[0]
    files = [file for group in lacking(name).values() for file in group] if settings.page_may_fetch else []
    if not files:
        return ""
    words = str(t(f"Download {registry.spec_of(name).title}"))
    sizes = [file.megabytes for file in files if file.megabytes is not None]
    return f"{words}, {sum(sizes):.3g} MB" if len(sizes) == len(files) else words
