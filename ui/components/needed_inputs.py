"""The check of a click on Generate that nothing is missing, with or without a recorded performance."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import gradio as gr

from ui.components.missing_inputs import MARK, MARK_WITHOUT_VOICE, ask_inputs
from ui.components.recorded_performance import RecordedPerformance, mark_without_voice, needs_voice
from ui.event_settings import QUIET, SPOKEN


def ask_for_inputs(button: gr.Button, needed: Sequence[Any], recorded: RecordedPerformance | None) -> Any:
    """The event of a click that succeeds if nothing is missing; else a message names all that is.

    needed: the components for `ask_inputs`. recorded: with a performance that moves the mouth, a voice may be
    missing.
    """
    if recorded is None:
        asked = button.click(ask_inputs, list(needed), None, **SPOKEN)
        asked.failure(None, None, None, js=MARK, **QUIET)
        return asked

    def ask(
        consent: bool, portrait: str | None, voice: str | None, text: str | None, file: str | None, mouth: str
    ) -> None:
        ask_inputs(consent, portrait, voice, text, voice_needed=needs_voice(file, mouth))

    given = [recorded.file, recorded.mouth]
    asked = button.click(ask, [*needed, *given], None, **SPOKEN)
    asked.failure(None, given, None, js=mark_without_voice(MARK_WITHOUT_VOICE, MARK), **QUIET)
    return asked
