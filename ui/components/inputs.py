"""The page's inputs, which every tab uses: portrait with its faces, voice, seed, consent, and examples."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import gradio as gr

from media.messages import said
from media.picture_kinds import MIME_BY_SUFFIX
from media.voice_kinds import SUFFIXES
from ui.components.addressed import UploadedImage
from ui.components.consent import build_consent
from ui.components.examples import Example, example_portraits, example_voices
from ui.components.mark_track import build_mark_track
from ui.components.portrait_choice import PortraitChoice
from ui.components.portrait_picker import hint_html
from ui.components.ready_examples import build_ready_examples
from ui.components.second_voice import SecondVoice, build_second_voice
from ui.components.seed import Seed, build_seed
from ui.components.steps import build_step
from ui.components.text_voice import Texts, TextVoice, build_text_voice
from ui.components.voice_facts import KnownVoice
from ui.components.voice_hint import voice_hint_html
from ui.element_ids import PAGE, ElementIds
from ui.i18n import t
from ui.theme import script


@dataclass(frozen=True)
class Inputs:
    """The components of the inputs, and the examples behind the two galleries.

    choice: holds a `PortraitChoice`. known_voice: holds a `KnownVoice`.
    """

    portrait: UploadedImage
    overlay: gr.HTML
    hint: gr.HTML
    accept_points: gr.Button
    another_proposal: gr.Button
    is_animal: gr.Button
    reset_picks: gr.Button
    desk: gr.HTML
    choice: gr.State
    voice: gr.Audio
    voice_video: gr.UploadButton
    voice_taken: gr.State
    voice_hint: gr.HTML
    text: TextVoice
    known_voice: gr.State
    marks: gr.HTML | None
    second: SecondVoice
    seed: Seed
    consent: gr.Checkbox
    portraits: list[Example]
    voices: list[Example]
    portrait_examples: gr.HTML | None
    voice_examples: gr.Dataset | None

    @property
    def needed(self) -> list[Any]:
        """The components for `ask_inputs`, in its order."""
        return [self.consent, self.portrait, self.voice, self.text.text]

    @property
    def given(self) -> list[Any]:
        """The inputs of a job, in the order of the handlers of "Generate"."""
        return [self.portrait, self.voice, self.seed.number, self.choice, self.text.spoken, *self.text.given]


def build_inputs(texts: Texts, tabs: Sequence[str]) -> Inputs:
    """Draw them inside the current Blocks; `ui.components.inputs_events` connects them.

    tabs: the ids of the tabs that follow.
    """
    settings, names = texts.settings, ElementIds(PAGE)
    portraits, voices = example_portraits(), example_voices()
    build_step("portrait")
    with gr.Column(**names("portrait-stage")):
        portrait = UploadedImage(
            label=t("Portrait"),
            sources=["upload", "webcam", "clipboard"],
            type="filepath",
            image_mode=None,
            height=330,
            buttons=[],
            placeholder=t("Drop a portrait here"),
            **names("portrait"),
        )
        overlay = gr.HTML("", js_on_load=_portrait_scripts(), padding=False, **names("portrait-overlay"))
    with gr.Row(elem_classes=["hint-row"]):
        hint = gr.HTML(hint_html(None), padding=False, **names("portrait-hint"))
        accept_points = gr.Button(
            t("Accept the points"),
            size="sm",
            variant="primary",
            visible=False,
            min_width=60,
            **names("portrait-accept-points", "pick-button"),
        )
        another_proposal = gr.Button(
            t("Another proposal"),
            size="sm",
            visible=False,
            min_width=60,
            **names("portrait-another-proposal", "pick-button"),
        )
        is_animal = gr.Button(
            t("It is an animal"),
            size="sm",
            visible=False,
            min_width=60,
            **names("portrait-is-animal", "pick-button"),
        )
        reset_picks = gr.Button(
            t("Reset points"), size="sm", visible=False, min_width=60, **names("reset-picks", "pick-button")
        )
    desk = gr.HTML("", js_on_load=script("desk.js"), padding=False, **names("portrait-desk"))
    choice = gr.State(PortraitChoice())
    portrait_examples = build_ready_examples(portraits, voices, names)
    build_step("voice")
    with gr.Column(**names("voice-stage")):
        voice = gr.Audio(
            label=t(said("Voice, up to {max_seconds:g} min", max_seconds=settings.max_seconds / 60)),
            sources=["upload", "microphone"],
            type="filepath",
            format=None,
            editable=True,
            buttons=[],
            waveform_options={"show_recording_waveform": True},
            **names("voice"),
        )
        marks = build_mark_track(tabs, names)
        # Gradio puts the input of an upload button outside the button's own element.
        with gr.Row(**names("voice-video", "voice-video", "hint-row")):
            voice_video = gr.UploadButton(t("Use the sound of a video"), size="sm", min_width=60)
        voice_hint = gr.HTML(
            voice_hint_html(), js_on_load=_voice_script(), padding=False, **names("voice-hint")
        )
        text = build_text_voice(texts, names, voice)
    known_voice, voice_taken = gr.State(KnownVoice()), gr.State(None)
    voice_examples = _voices(voices, names)
    second = build_second_voice(names)
    consent = build_consent(names)
    seed = build_seed(names)
    return Inputs(
        portrait=portrait,
        overlay=overlay,
        hint=hint,
        accept_points=accept_points,
        another_proposal=another_proposal,
        is_animal=is_animal,
        reset_picks=reset_picks,
        desk=desk,
        choice=choice,
        voice=voice,
        voice_video=voice_video,
        voice_taken=voice_taken,
        voice_hint=voice_hint,
        text=text,
        known_voice=known_voice,
        marks=marks,
        second=second,
        seed=seed,
        consent=consent,
        portraits=portraits,
        voices=voices,
        portrait_examples=portrait_examples,
        voice_examples=voice_examples,
    )


def _portrait_scripts() -> str:
    constants = {"TYPES": MIME_BY_SUFFIX, "ACCEPTED": _accepted(("image/*",), MIME_BY_SUFFIX)}
    marks = "\n".join(map(script, ("overlay.js", "points.js", "frame.js")))
    return "\n".join(f"{{\n{each}\n}}" for each in (marks, _script("portrait.js", constants)))


def _voice_script() -> str:
    constants = {"ACCEPTED": _accepted(("audio/*", "video/*"), SUFFIXES)}
    return "\n".join(f"{{\n{each}\n}}" for each in (_script("voice.js", constants), script("trim.js")))


def _accepted(types: Iterable[str], suffixes: Iterable[str]) -> str:
    """The file types that a file picker offers, for HTML's `accept`."""
    return ",".join((*types, *(f".{suffix}" for suffix in suffixes)))


def _script(name: str, constants: Mapping[str, Any]) -> str:
    lines = [f"const {constant} = {json.dumps(value)};" for constant, value in constants.items()]
    return "\n".join((*lines, script(name)))


def _voices(voices: list[Example], names: ElementIds) -> gr.Dataset | None:
    if not voices:
        return None
    return gr.Dataset(
        label=t("Example voices"),
        components=[gr.Audio(visible=False)],
        samples=[[str(voice.path)] for voice in voices],
        sample_labels=[voice.label for voice in voices],
        type="index",
        samples_per_page=24,
        **names("voice-examples"),
    )
