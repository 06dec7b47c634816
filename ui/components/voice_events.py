"""Events of the voice: a new recording, or an option that changes how long its video takes."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import gradio as gr

from media.errors import JoyStudioError
from studio.voice_from_video import take_sound
from studio.voice_view import view_voice
from ui.components.portrait_preview import TabViews
from ui.components.second_voice import seconds_and_faces
from ui.components.voice_facts import KnownVoice, VoiceFacts
from ui.components.voice_hint import voice_hint_html
from ui.errors import as_toast
from ui.event_settings import QUIET
from ui.page_context import PageContext
from ui.viewing import BUSY


class ExtractedVoice(NamedTuple):
    """The sound extracted from a video: its file, and the notes about the video."""

    voice: str
    notes: tuple[str, ...]


def connect_voice(context: PageContext, views: TabViews, selected: gr.Textbox, turned: Any) -> None:
    """Show below the voice its length and, in a tab with one engine, how long its video will take.

    turned: the event after which `selected` is another tab.
    """
    inputs, settings, gate = context.inputs, context.settings, context.gate
    given = [inputs.portrait, selected, *inputs.second.given, *views.components]

    def seconds_of(file: str) -> float:
        return view_voice(file, settings=settings).duration

    def cost(
        known: KnownVoice,
        facts: VoiceFacts,
        portrait: str | None,
        tab: str,
        who: str | None,
        second: str | None,
        start: float | None,
        _face: int | str | None,
        *values: Any,
    ) -> str:
        view, chosen = views.at(tab, values)
        seconds, faces = seconds_and_faces(
            who, second, start, facts.seconds, lambda file: known.second(file, seconds_of)
        )
        expected = view.cost(seconds, portrait, chosen, settings, faces=faces)
        return voice_hint_html(facts.seconds, expected, notes=facts.notes)

    def cost_again(known: KnownVoice, *values: Any) -> Any:
        # Without a voice, or before it has been examined, the hint comes from `listen`, which may end first.
        facts = known.facts
        if facts is None:
            return gr.skip()
        hint = cost(known, facts, *values)
        return hint if known.facts is facts else gr.skip()

    def listen(voice: str | None, known: KnownVoice, taken: ExtractedVoice | None, *values: Any) -> Any:
        this = known.begin()
        if not voice:
            return voice_hint_html()
        try:
            view = view_voice(voice, settings=settings)
            before = taken.notes if taken is not None and Path(taken.voice) == Path(voice) else ()
            facts = VoiceFacts(view.duration, (*before, *view.notes))
            hint = cost(known, facts, *values)
        except JoyStudioError as error:
            # Shown below the voice; generating shows it again as a toast.
            facts, hint = None, voice_hint_html(problem=str(error))
        except Exception as error:
            raise as_toast(error) from None
        return hint if known.finish(this, facts) else gr.skip()

    def take(video: str | None) -> tuple[Any, ExtractedVoice | None, str]:
        if not video:
            return gr.skip(), None, voice_hint_html()
        try:
            source = Path(video)
            taken = take_sound(source, source.parent, settings)
            return str(taken.path), ExtractedVoice(str(taken.path), taken.notes), voice_hint_html()
        except JoyStudioError as error:
            return None, None, voice_hint_html(problem=str(error))
        except Exception as error:
            raise as_toast(error) from None

    def cannot_take(video: str | None) -> tuple[Any, ExtractedVoice | None, str]:
        return gr.skip(), None, voice_hint_html(problem=BUSY if video else "")

    def too_many(voice: str | None, known: KnownVoice, *_: Any) -> str:
        known.begin()
        return voice_hint_html(problem=BUSY if voice else "")

    inputs.voice.change(
        gate.guard(listen, too_many),
        [inputs.voice, inputs.known_voice, inputs.voice_taken, *given],
        inputs.voice_hint,
        trigger_mode="always_last",
        **QUIET,
    )
    inputs.voice_video.upload(
        gate.guard(take, cannot_take),
        inputs.voice_video,
        [inputs.voice, inputs.voice_taken, inputs.voice_hint],
        trigger_mode="always_last",
        **QUIET,
    )
    # For trim.js: every click from now on uses the new voice.
    tell = "() => { window.dispatchEvent(new Event('voicechange')); }"
    inputs.voice.change(None, None, None, js=tell, **QUIET)
    parts = (inputs.portrait, *inputs.second.given, *views.parts(crops=False))
    changes: list[Any] = [part.change for part in parts]
    again = gate.guard(cost_again, lambda *_: gr.skip())
    known = [inputs.known_voice, *given]
    gr.on(changes, again, known, inputs.voice_hint, trigger_mode="always_last", **QUIET)
    turned.then(again, known, inputs.voice_hint, **QUIET)
