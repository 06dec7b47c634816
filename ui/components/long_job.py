"""The question before a video that takes more than half an hour."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import gradio as gr

from media.errors import JoyStudioError
from studio.estimate import COSTING, estimate
from studio.long_jobs import long_job_words
from studio.options import make_options
from studio.settings import Settings
from studio.voice_view import view_voice
from ui.components.inputs import Inputs
from ui.components.voice_facts import KnownVoice
from ui.element_ids import MAKES, ElementIds
from ui.event_settings import QUIET
from ui.i18n import say, t
from ui.viewing import ViewingGate


@dataclass(frozen=True)
class LongJob:
    """The expected time of the video, and the button that starts it anyway; shown only when needed.

    asked: whether the last click was answered with the question.
    """

    box: gr.Column
    words: gr.HTML
    start: gr.Button
    asked: gr.State


def build_long_job(names: ElementIds) -> LongJob:
    """Draw it inside the current Blocks, hidden."""
    with gr.Column(visible=False, elem_classes=["long-job"]) as box:
        words = gr.HTML("", padding=False, **names("long"))
        start = gr.Button(t("Start anyway"), size="sm", **names("start-long", *MAKES))
    return LongJob(box, words, start, gr.State(False))


def ask_before_long(
    long: LongJob,
    after: Any,
    engine: str,
    settings: Settings,
    gate: ViewingGate,
    inputs: Inputs,
    options: Mapping[str, Any],
) -> Any:
    """Events that follow `after` and succeed only if the job may start. A longer job gets the question.

    options: the components of the engine's options.
    """
    costing = {name: options[name] for name in COSTING if name in options}

    def weigh(
        known: KnownVoice, voice: str | None, portrait: str | None, *values: Any
    ) -> tuple[Any, str, bool]:
        if not voice:
            return unasked()
        try:
            # A fast visitor clicks before the voice has been examined.
            facts = known.facts
            seconds = facts.seconds if facts else view_voice(voice, settings=settings).duration
        except JoyStudioError:
            return unasked()
        chosen = make_options(engine, dict(zip(costing, values, strict=True)))
        found = estimate(engine, chosen, seconds, portrait=portrait, settings=settings)
        words = "" if found.practical else f'<p class="hint problem">{say(long_job_words(found))}</p>'
        return gr.Column(visible=bool(words)), words, bool(words)

    def unasked(*_: Any) -> tuple[Any, str, bool]:
        """No question; the job reports what is wrong with the voice."""
        return gr.Column(visible=False), "", False

    def stop(asked: bool) -> None:
        if asked:
            raise gr.Error("", visible=False, print_exception=False)

    given = [inputs.known_voice, inputs.voice, inputs.portrait, *costing.values()]
    weighed = after.success(gate.guard(weigh, unasked), given, [long.box, long.words, long.asked], **QUIET)
    return weighed.success(stop, long.asked, None, **QUIET)
