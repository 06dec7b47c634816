"""Events of the voice: a new recording, or an option that changes how long its video takes."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import gradio as gr

from media.errors import JoyStudioError
from studio.estimate import estimate
from studio.options import make_options
from studio.voice_from_video import take_sound
from studio.voice_view import view_voice
from ui.components.inputs import Inputs
from ui.components.portrait_preview import PortraitPreview
from ui.components.share_row import QUIET
from ui.components.voice_hint import voice_hint_html
from ui.errors import as_toast
from ui.viewing import BUSY


class VoiceFacts(NamedTuple):
    """A voice that was listened to: its seconds, and the notes about it."""

    seconds: float
    notes: tuple[str, ...]


class Taken(NamedTuple):
    """The sound that was taken out of a video: its file, and the notes about the video."""

    voice: str
    notes: tuple[str, ...]


def connect_voice(inputs: Inputs, preview: PortraitPreview) -> None:
    """Say below the voice how long it is and, for a tab with one engine, how long its video will take."""
    given = [inputs.portrait, *preview.costing.values()]

    def cost(facts: VoiceFacts, portrait: str | None, *values: Any) -> str:
        if not preview.engine:
            return voice_hint_html(facts.seconds, notes=facts.notes)
        options = make_options(preview.engine, dict(zip(preview.costing, values, strict=True)))
        expected = estimate(
            preview.engine, options, facts.seconds, portrait=portrait, settings=preview.settings
        )
        return voice_hint_html(facts.seconds, expected, notes=facts.notes)

    def cost_again(facts: VoiceFacts | None, *values: Any) -> Any:
        # Without a voice, or before it has been listened to, the hint is that of `listen`: it may end first.
        return gr.skip() if facts is None else cost(facts, *values)

    def listen(voice: str | None, taken: Taken | None, *values: Any) -> tuple[VoiceFacts | None, str]:
        if not voice:
            return None, voice_hint_html()
        try:
            view = view_voice(voice, settings=preview.settings)
            before = taken.notes if taken is not None and Path(taken.voice) == Path(voice) else ()
            facts = VoiceFacts(view.duration, (*before, *view.notes))
            return facts, cost(facts, *values)
        except JoyStudioError as error:
            # Where it stays; a toast follows if a video is asked for all the same.
            return None, voice_hint_html(problem=str(error))
        except Exception as error:
            raise as_toast(error) from None

    def take(video: str | None) -> tuple[Any, Taken | None, str]:
        if not video:
            return gr.skip(), None, voice_hint_html()
        try:
            source = Path(video)
            taken = take_sound(source, source.parent, preview.settings)
            return str(taken.path), Taken(str(taken.path), taken.notes), voice_hint_html()
        except JoyStudioError as error:
            return None, None, voice_hint_html(problem=str(error))
        except Exception as error:
            raise as_toast(error) from None

    def cannot_take(video: str | None) -> tuple[Any, Taken | None, str]:
        return gr.skip(), None, voice_hint_html(problem=BUSY if video else "")

    def too_many(voice: str | None, *_: Any) -> tuple[VoiceFacts | None, str]:
        return None, voice_hint_html(problem=BUSY if voice else "")

    inputs.voice.change(
        preview.gate.guard(listen, too_many),
        [inputs.voice, inputs.voice_taken, *given],
        [inputs.voice_seconds, inputs.voice_hint],
        trigger_mode="always_last",
        **QUIET,
    )
    inputs.voice_video.upload(
        preview.gate.guard(take, cannot_take),
        inputs.voice_video,
        [inputs.voice, inputs.voice_taken, inputs.voice_hint],
        trigger_mode="always_last",
        **QUIET,
    )
    if preview.engine:
        changes: list[Any] = [component.change for component in given]
        gr.on(
            changes,
            preview.gate.guard(cost_again, lambda *_: gr.skip()),
            [inputs.voice_seconds, *given],
            inputs.voice_hint,
            trigger_mode="always_last",
            **QUIET,
        )
