"""What happens when a voice is given, or when it becomes more or less work to make it speak."""

from __future__ import annotations

from typing import Any

import gradio as gr

from media.errors import JoyStudioError
from studio.estimate import estimate
from studio.options import make_options
from studio.voice_view import view_voice
from ui.components.inputs import Inputs
from ui.components.share_row import QUIET
from ui.components.sight import Sight
from ui.components.voice_hint import voice_hint_html
from ui.errors import as_toast
from ui.viewing import BUSY


def connect_voice(inputs: Inputs, sight: Sight) -> None:
    """Say below the voice how long it is and, for a tab with one engine, how long its video will take."""
    given = [inputs.portrait, *sight.costing.values()]

    def cost(seconds: float | None, portrait: str | None, *values: Any) -> str:
        if seconds is None or not sight.engine:
            return voice_hint_html(seconds)
        options = make_options(sight.engine, dict(zip(sight.costing, values, strict=True)))
        told = estimate(sight.engine, options, seconds, portrait=portrait, settings=sight.settings)
        return voice_hint_html(seconds, told)

    def listen(voice: str | None, *values: Any) -> tuple[float | None, str]:
        if not voice:
            return None, voice_hint_html()
        try:
            seconds = view_voice(voice, settings=sight.settings).duration
            return seconds, cost(seconds, *values)
        except JoyStudioError as error:
            # Where it stays; a toast follows if a video is asked for all the same.
            return None, voice_hint_html(problem=str(error))
        except Exception as error:
            raise as_toast(error) from None

    def too_many(voice: str | None, *_: Any) -> tuple[float | None, str]:
        return None, voice_hint_html(problem=BUSY if voice else "")

    inputs.voice.change(
        sight.gate.guard(listen, too_many),
        [inputs.voice, *given],
        [inputs.voice_seconds, inputs.voice_hint],
        trigger_mode="always_last",
        **QUIET,
    )
    if sight.engine:
        changes: list[Any] = [component.change for component in given]
        gr.on(
            changes,
            sight.gate.guard(cost, lambda *_: gr.skip()),
            [inputs.voice_seconds, *given],
            inputs.voice_hint,
            trigger_mode="always_last",
            **QUIET,
        )
