"""The tab that makes a video: layout of one engine's screen."""

from __future__ import annotations

from dataclasses import dataclass

import gradio as gr

from studio.options import make_options
from studio.presets import list_presets
from studio.settings import Settings
from ui.examples import Example, example_portraits, example_voices
from ui.options_form import OptionsForm, build_options_form
from ui.portrait_picker import hint_html
from ui.progress import idle_bar
from ui.theme import script

SEED_LIMIT = 2**32 - 1
BY_HAND = "by hand"
"""What the preset list says once an option was moved; a space keeps it apart from every file's name."""


@dataclass(frozen=True)
class Inputs:
    """What the visitor brings: components, and the examples behind the two galleries."""

    portrait: gr.Image
    overlay: gr.HTML
    hint: gr.HTML
    reset_picks: gr.Button
    picked: gr.State
    voice: gr.Audio
    portraits: list[Example]
    voices: list[Example]
    portrait_examples: gr.Dataset | None
    voice_examples: gr.Dataset | None


@dataclass(frozen=True)
class Settable:
    """What the visitor can set."""

    preset: gr.Dropdown
    initial_preset: str
    applied_preset: gr.State
    form: OptionsForm
    seed: gr.Number
    dice: gr.Button
    defaults: gr.Button


@dataclass(frozen=True)
class Output:
    """Where the work is started, watched and received."""

    generate: gr.Button
    cancel: gr.Button
    bar: gr.HTML
    video: gr.Video
    facts: gr.HTML
    download: gr.DownloadButton
    file: gr.State


def build_animate_tab(engine: str, settings: Settings) -> None:
    """Draw one engine's screen inside the current Blocks and make it work."""
    from ui.animate_events import connect

    with gr.Row(elem_classes=["screen"], equal_height=False):
        with gr.Column(scale=4, min_width=300, elem_classes=["inputs-column"]):
            inputs = _inputs(settings)
        with gr.Column(scale=4, min_width=300, elem_classes=["options-column"]):
            settable = _settable(engine, settings)
        with gr.Column(scale=5, min_width=320, elem_classes=["result-column"]):
            output = _output()
    connect(engine, settings, inputs, settable, output)


def _inputs(settings: Settings) -> Inputs:
    portraits, voices = example_portraits(), example_voices()
    with gr.Column(elem_id="portrait-stage"):
        portrait = gr.Image(
            label="Portrait",
            sources=["upload", "webcam", "clipboard"],
            type="filepath",
            image_mode=None,
            height=330,
            buttons=[],
            elem_id="portrait",
            placeholder="Drop a picture of a face here",
        )
        # The picture goes to the job as it was uploaded; the job opens it, and refuses it in one voice
        # for the page, the command line and the API.
        portrait.preprocess = lambda payload: payload.path if payload else None
        overlay = gr.HTML("", elem_id="portrait-overlay", js_on_load=script("overlay.js"), padding=False)
    with gr.Row(elem_classes=["hint-row"]):
        hint = gr.HTML(hint_html(None), elem_id="portrait-hint", padding=False)
        reset_picks = gr.Button("Reset points", size="sm", visible=False, elem_id="reset-picks", min_width=60)
    picked = gr.State(None)
    portrait_examples = _gallery("portrait-examples", "Example portraits", portraits, gr.Image(visible=False))
    voice = gr.Audio(
        label=f"Voice, up to {settings.max_seconds / 60:g} min",
        sources=["upload", "microphone"],
        type="filepath",
        format=None,
        editable=True,
        buttons=[],
        elem_id="voice",
        waveform_options={"show_recording_waveform": True},
    )
    voice_examples = _gallery("voice-examples", "Example voices", voices, gr.Audio(visible=False))
    return Inputs(
        portrait=portrait,
        overlay=overlay,
        hint=hint,
        reset_picks=reset_picks,
        picked=picked,
        voice=voice,
        portraits=portraits,
        voices=voices,
        portrait_examples=portrait_examples,
        voice_examples=voice_examples,
    )


def _gallery(
    elem_id: str, label: str, examples: list[Example], kind: gr.Image | gr.Audio
) -> gr.Dataset | None:
    if not examples:
        return None
    return gr.Dataset(
        label=label,
        components=[kind],
        samples=[[str(example.path)] for example in examples],
        sample_labels=[example.label for example in examples] if isinstance(kind, gr.Audio) else None,
        type="index",
        samples_per_page=24,
        elem_id=elem_id,
    )


def _settable(engine: str, settings: Settings) -> Settable:
    presets = list_presets(engine, settings.presets)
    like_defaults = (preset.name for preset in presets if preset.options == make_options(engine))
    initial_preset = next(like_defaults, BY_HAND)
    choices = [(preset.name.replace("_", " ").capitalize(), preset.name) for preset in presets]
    with gr.Group(), gr.Row(elem_classes=["beside"], equal_height=True):
        preset = gr.Dropdown(
            [*choices, ("Set by hand", BY_HAND)],
            value=initial_preset,
            label="Preset",
            elem_id="preset",
            min_width=120,
            interactive=True,
        )
        defaults = gr.Button("Reset to defaults", size="sm", elem_id="defaults", scale=0, min_width=130)
    applied_preset = gr.State(None)
    form = build_options_form(engine)
    with gr.Group(), gr.Row(elem_classes=["beside"], equal_height=True):
        seed = gr.Number(
            0,
            label="Seed",
            info="The same seed and inputs give the same video.",
            minimum=0,
            maximum=SEED_LIMIT,
            precision=0,
            elem_id="seed",
            min_width=120,
            interactive=True,
        )
        dice = gr.Button("Random", size="sm", elem_id="dice", scale=0, min_width=80)
    return Settable(preset, initial_preset, applied_preset, form, seed, dice, defaults)


def _output() -> Output:
    video = gr.Video(
        label="Video",
        interactive=False,
        autoplay=True,
        height=420,
        buttons=[],
        elem_id="result",
    )
    bar = gr.HTML(idle_bar(), label="Progress", elem_id="progress", padding=False)
    with gr.Row(elem_classes=["actions"]):
        generate = gr.Button("Generate", variant="primary", elem_id="generate", scale=3, min_width=120)
        cancel = gr.Button("Cancel", interactive=False, elem_id="cancel", scale=1, min_width=80)
        download = gr.DownloadButton(
            "Download", interactive=False, elem_id="download", scale=1, min_width=110
        )
    facts = gr.HTML("", label="Facts", elem_id="facts", padding=False)
    return Output(generate, cancel, bar, video, facts, download, gr.State(None))
