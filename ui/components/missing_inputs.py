"""Reports all missing inputs of a video at once, each marked at its place."""

from __future__ import annotations

import gradio as gr

from media.errors import JoyStudioError
from studio.consent import check_consent
from ui.components.input_checks import needed_portrait, needed_voice
from ui.errors import READING_SPEED
from ui.i18n import message
from ui.theme import script

UNTICKED = "Tick the box to confirm that you have the right to use this face and this voice."
MARK = script("missing.js")
"""JavaScript that marks missing inputs until they are added, and scrolls to the first one."""


def ask_inputs(consent: bool, portrait: str | None, voice: str | None, text: str | None) -> None:
    """Raise an error for the page that names every missing input.

    text: the text to speak if there is no voice.
    """
    missing = []
    for check in (lambda: needed_portrait(portrait), lambda: needed_voice(voice or (text or "").strip())):
        try:
            check()
        except JoyStudioError as error:
            missing.append(str(error))
    try:
        check_consent(consent)
    except JoyStudioError:
        missing.append(UNTICKED)
    if missing:
        seconds = max(8.0, sum(map(len, missing)) / READING_SPEED)
        words = "<br>".join(map(message, missing))
        raise gr.Error(words, title="Something is missing", duration=seconds, print_exception=False)
