"""How the button works that downloads a speech engine's weights, with its progress."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import gradio as gr

from speech import registry
from studio.settings import Settings
from studio.weight_sets import lacking
from ui.components.fetch_job import FetchLook, FetchParts, connect_fetching
from ui.components.speech_fetching_parts import SpeechFetching
from ui.event_settings import QUIET
from ui.i18n import t
from ui.page_context import PageContext


def connect_speech_fetching(context: PageContext, parts: SpeechFetching, chosen: gr.Dropdown) -> None:
    """Connect it. chosen: the voice, as in "kokoro/af_heart". The button shows while files of its speech
    engine are missing and the page may download.
    """
    settings, looks = context.settings, [parts.button, parts.cancel]

    def shown(voice: str) -> tuple[Any, ...]:
        label = fetch_label(voice, settings)
        return gr.Button(label, visible=bool(label)), gr.Button(visible=False)

    def begin() -> tuple[Any, ...]:
        return gr.Button(visible=False), gr.Button(t("Cancel"), visible=True, interactive=True)

    def end(voice: str) -> tuple[Any, ...]:
        registry.unload(_engine(voice))  # random weights may be loaded
        return shown(voice)

    def wanted(voice: str) -> Sequence[tuple[str, str]]:
        name = _engine(voice)
        return [(name, group) for group in lacking(name)]

    chosen.change(shown, chosen, looks, **QUIET)
    connect_fetching(
        context,
        "weights-speech",
        "Download a speech engine",
        parts.button,
        (wanted, [chosen]),
        FetchParts(parts.cancel, parts.bar, parts.installed),
        FetchLook(looks, begin, end, [chosen]),
    )


def fetch_label(voice: str, settings: Settings) -> str:
    """The label of the button for a voice's files, as in "Download Kokoro, 103 MB"; "" if it is not
    needed.
    """
    name = _engine(voice)
    files = [file for group in lacking(name).values() for file in group] if settings.page_may_fetch else []
    if not files:
        return ""
    words = str(t(f"Download {registry.spec_of(name).title}"))
    sizes = [file.megabytes for file in files if file.megabytes is not None]
    return f"{words}, {sum(sizes):.3g} MB" if len(sizes) == len(files) else words


def _engine(voice: str) -> str:
    return voice.partition("/")[0]
