"""Reports all missing inputs of a video at once, each marked at its place."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable

import gradio as gr

from media.errors import JoyStudioError
from studio.consent import check_consent
from ui.components.input_checks import needed_portrait, needed_voice
from ui.element_ids import PAGE
from ui.errors import READING_SPEED
from ui.i18n import message
from ui.theme import script

UNTICKED = "Tick the box to confirm that you have the right to use this face and this voice."


def mark(*parts: str) -> str:
    """JavaScript that marks missing inputs until they are added, and scrolls to the first one.

    parts: the inputs that are needed, among "portrait", "voice" and "consent".
    """
    places = [f"#{PAGE}-{part}" for part in parts]
    return f"() => ({script('missing.js').strip()})({json.dumps(places)})"


MARK = mark("portrait", "voice", "consent")
MARK_WITHOUT_VOICE = mark("portrait", "consent")


def ask_inputs(
    consent: bool,
    portrait: str | None,
    voice: str | None,
    text: str | None = None,
    *,
    voice_needed: bool = True,
) -> None:
    """Raise an error for the page that names every missing input.

    text: the text to speak if there is no voice.
    """
    checks: list[Callable[[], object]] = [lambda: needed_portrait(portrait)]
    if voice_needed:
        checks.append(lambda: needed_voice(voice or (text or "").strip()))
    ask_for(checks, consent)


def ask_for(checks: Iterable[Callable[[], object]], consent: bool) -> None:
    """The same for other inputs. checks: each raises the error about one that is missing."""
    missing = []
    for check in checks:
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
