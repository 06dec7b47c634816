"""The question before a job that takes more than half an hour."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gradio as gr

from media.errors import JoyStudioError
from studio.dubbing.job import DubJob
from studio.estimate import COSTING
from studio.job import Job
from studio.long_jobs import expected_together, long_words
from studio.settings import Settings
from studio.spoken_text import SpokenText
from ui.components.input_checks import needed_portrait, portrait_and_sound
from ui.components.inputs import Inputs
from ui.components.recorded_performance import taken_performance
from ui.components.second_voice import SecondVoice, second_voice
from ui.components.typed_text import SpokenFile, typed_text
from ui.components.voice_facts import KnownVoice
from ui.element_ids import MAKES, ElementIds
from ui.event_settings import QUIET
from ui.i18n import say, t
from ui.viewing import ViewingGate

Weighed = Callable[..., Sequence[Job | DubJob]]
"""Makes the jobs of a click from portrait, sound and the values of further components, for their time only.
Raises JoyStudioError for those that cannot be made, which report it themselves.
"""


@dataclass(frozen=True)
class LongJob:
    """The expected time of the work, and the button that starts it anyway; shown only when needed.

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


def one_video(
    engine: str, options: Mapping[str, Any], second: SecondVoice, performance: Mapping[str, Any]
) -> tuple[Callable[..., Sequence[Job]], list[Any]]:
    """The job of an engine's tab, and the components that decide about its time.

    options: the components of the engine's options. second: those of a second voice. performance: those of a
    recorded performance; empty where there are none.
    """
    costing = {name: options[name] for name in COSTING if name in options}

    def jobs(
        portrait: Any,
        sound: Any,
        who: str | None,
        file: str | None,
        start: float | None,
        face: int | str | None,
        *values: Any,
    ) -> Sequence[Job]:
        named = dict(zip((*costing, *performance), values, strict=True))
        recorded = taken_performance(named)
        kind = "spoken" if isinstance(sound, SpokenText) else "voice"
        voices = {kind: sound, **second_voice(who, file, start, face)}
        return [Job(engine=engine, portrait=portrait, options=named, performance=recorded, **voices)]

    return jobs, [*second.given, *costing.values(), *performance.values()]


def ask_before_long(
    long: LongJob,
    after: Any,
    settings: Settings,
    gate: ViewingGate,
    inputs: Inputs,
    weighed: tuple[Weighed, Sequence[Any]],
    *,
    picture: Any = None,
    alone: bool = False,
) -> Any:
    """Events that follow `after` and succeed only if the work may start. Longer work gets the question.

    weighed: makes the jobs, and the components whose values it takes after portrait and sound. picture: in
    the place of the portrait, the component of a video. alone: whether something else than a voice, such as
    a performance, may move the face; `weighed` then gets None as the sound.
    """
    make, more = weighed

    def weigh(
        known: KnownVoice,
        portrait: str | None,
        voice: str | None,
        spoken: SpokenFile | None,
        text: str | None,
        language: str | None,
        speaker: str,
        speed: float,
        *values: Any,
    ) -> tuple[Any, str, bool]:
        try:
            typed = typed_text(text, language, speaker, speed)
            if alone and voice is None and typed is None:
                source, sound = needed_portrait(portrait), None
            else:
                source, sound = portrait_and_sound(portrait, voice, spoken, typed)
            jobs = make(source, sound, *values)
            # Without the facts of a fast visitor's voice, it is opened once more.
            seconds = known.facts.seconds if known.facts and isinstance(sound, Path) else None
            found = expected_together(jobs, settings, seconds)
        except JoyStudioError:
            return unasked()
        if found is None or found.practical:
            return unasked()
        words = f'<p class="hint problem">{say(long_words(jobs, found))}</p>'
        return gr.Column(visible=True), words, True

    def unasked(*_: Any) -> tuple[Any, str, bool]:
        """No question; the job reports what is wrong with its inputs."""
        return gr.Column(visible=False), "", False

    def stop(asked: bool) -> None:
        if asked:
            raise gr.Error("", visible=False, print_exception=False)

    seen = inputs.portrait if picture is None else picture
    given = [inputs.known_voice, seen, inputs.voice, inputs.text.spoken, *inputs.text.given, *more]
    asked = after.success(gate.guard(weigh, unasked), given, [long.box, long.words, long.asked], **QUIET)
    return asked.success(stop, long.asked, None, **QUIET)
