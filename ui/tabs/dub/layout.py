"""The layout of the tab that dubs a video."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import gradio as gr

from media.messages import said
from studio.dubbing.job import DubJob
from studio.dubbing.presets import acting_values, dub_presets
from studio.options import make_options
from studio.presets import Preset
from ui.components.addressed import AddressedVideo, UploadedFile
from ui.components.cancel_button import build_cancel_button
from ui.components.downloads import build_downloads
from ui.components.dub_words import LABELS, SYNC_MODES, acting_options
from ui.components.export_row import build_export_row
from ui.components.long_job import build_long_job
from ui.components.option_words import engine_words
from ui.components.options_form import component_for, in_words
from ui.components.preset_pictures import preset_pictures
from ui.components.progress import message_bar
from ui.components.share_row import build_share_row
from ui.element_ids import MAKES, ElementIds
from ui.i18n import say, t
from ui.page_context import PageContext
from ui.tabs.dub.handlers import connect
from ui.tabs.dub.person import still_html, video_html
from ui.tabs.dub.ready import why_html
from ui.tabs.dub.screen import (
    BY_HAND,
    DEFAULT,
    NAMES,
    POINT,
    DubOutput,
    DubScreen,
    PersonPicker,
    PresetChoice,
)
from ui.theme import script

ABOUT = (
    "Add a video of a person and a voice. You get the same video with new lips: every frame and its time "
    "stay, and outside of the mouth the picture stays the video's own."
)
READY = "Ready as soon as you add a video and a voice."


def build_dub_tab(engines: Sequence[str], context: PageContext) -> DubScreen:
    """Draw the tab inside the current Blocks and connect it."""
    names = ElementIds(NAMES)
    known = {engine: dub_presets(engine, context.settings.presets) for engine in engines}
    pictures = "".join(preset_pictures(known[engine], f"#{NAMES}-{engine}-preset") for engine in engines)
    moved = gr.HTML(
        f'<p class="about">{say(ABOUT)}</p><style>{pictures}</style>',
        js_on_load=script("by_hand.js"),
        padding=False,
    )
    with gr.Row(elem_classes=["screen", "dub-screen"], equal_height=False):
        with gr.Column(scale=4, min_width=300, elem_classes=["options-column"]):
            video, about = _video(context.settings.max_seconds, names)
            person = _person(names)
            sync_mode = gr.Radio(
                [(t("By the lengths"), DEFAULT), *((t(words), mode) for mode, words in SYNC_MODES.items())],
                value=DEFAULT,
                label=t(LABELS["sync_mode"]),
                info=t(
                    "By the lengths: back and forth under a longer voice, and silence after a shorter one."
                ),
                interactive=True,
                **names("sync-mode"),
            )
            engine = gr.Radio(
                [(engine_words(name), name) for name in engines],
                value=engines[0],
                label=t("Engine"),
                visible=len(engines) > 1,
                interactive=True,
                **names("engine"),
            )
            presets = {
                engine: _presets(engine, known[engine], shown=engine == engines[0]) for engine in engines
            }
            max_turn, fade, folds, options = _options(engines, names)
        with gr.Column(scale=5, min_width=320, elem_classes=["result-column"]):
            output = _output(context, names, engines[0])
    screen = DubScreen(
        engine, presets, moved, folds, video, about, person, sync_mode, max_turn, fade, options, output
    )
    connect(context, screen)
    return screen


def _video(longest: float, names: ElementIds) -> tuple[UploadedFile, gr.HTML]:
    # Not gr.Video: for an upload, it loads a video editor of 30 MB.
    video = UploadedFile(
        label=t(said("Video of a person, up to {minutes:g} min", minutes=longest / 60)),
        height=170,
        **names("video"),
    )
    about = gr.HTML(
        video_html(None), js_on_load=script("dub_about.js"), padding=False, **names("about", "dub-about")
    )
    return video, about


def _person(names: ElementIds) -> PersonPicker:
    who = gr.Radio(
        [(t("The largest face"), "largest"), (t("Everyone"), "all"), (t("A face that I click"), POINT)],
        value="largest",
        label=t("Who gets new lips"),
        interactive=True,
        **names("who"),
    )
    with gr.Column(visible=False) as box:
        second = gr.Slider(
            0, 1, value=0, step=0.1, label=t("Second of the still"), interactive=True, **names("second")
        )
        still = gr.HTML(
            still_html(None), js_on_load=script("dub_still.js"), padding=False, **names("still", "dub-still")
        )
    return PersonPicker(who, box, second, still, gr.State(None))


def _presets(engine: str, known: Sequence[Preset], *, shown: bool) -> PresetChoice:
    usual = acting_values(make_options(engine))
    radio = gr.Radio(
        [*((t(in_words(one.name)), one.name) for one in known), (t("Custom"), BY_HAND)],
        value=next((one.name for one in known if acting_values(one.options) == usual), BY_HAND),
        label=t("Preset"),
        visible=shown and bool(known),
        interactive=True,
        **ElementIds(f"{NAMES}-{engine}")("preset"),
    )
    return PresetChoice(radio, known)


def _options(
    engines: Sequence[str], names: ElementIds
) -> tuple[gr.Slider, gr.Slider, Mapping[str, gr.Column], Mapping[tuple[str, str], gr.components.Component]]:
    folds, shown = {}, {}
    with gr.Accordion(t("Options"), open=False, **names("options")):
        max_turn = _bounded("max_turn", 1, "max-turn", names)
        fade = _bounded("fade", 0.02, "fade", names)
        for engine in engines:
            with gr.Column(visible=engine == engines[0]) as folds[engine]:
                acting, own = acting_options(engine), ElementIds(f"{NAMES}-{engine}")
                for option in acting:
                    if not option.advanced:
                        shown[engine, option.name] = component_for(option, own)
                if any(option.advanced for option in acting):
                    with gr.Accordion(t("More options"), open=False, **own("more-options")):
                        for option in acting:
                            if option.advanced:
                                shown[engine, option.name] = component_for(option, own)
    return max_turn, fade, folds, shown


def _bounded(field: str, step: float, part: str, names: ElementIds) -> gr.Slider:
    """A slider for a number of a dub, with the range, default and help of the job itself."""
    known: dict[str, Any] = DubJob.model_json_schema()["properties"][field]
    return gr.Slider(
        known["minimum"], known["maximum"], value=known["default"], step=step, label=t(LABELS[field]),
        info=t(known["description"]), interactive=True, **names(part),
    )  # fmt: skip


def _output(context: PageContext, names: ElementIds, engine: str) -> DubOutput:
    video = AddressedVideo(
        interactive=False, label=t("Dubbed video"), height=420, buttons=[], **names("result")
    )
    live = gr.HTML("", padding=False, **names("live"))
    bar = gr.HTML(message_bar(READY), label=t("Progress"), padding=False, **names("progress"))
    with gr.Row(elem_classes=["actions", "makes"]):
        start = gr.Button(t("Dub"), variant="primary", scale=3, min_width=120, **names("start", *MAKES))
        cancel = build_cancel_button(names)
    why = gr.HTML(why_html(engine), js_on_load=script("choice.js"), padding=False, **names("why"))
    long = build_long_job(names)
    downloads = build_downloads(names, motion=False)
    share = build_share_row(context.settings, context.visitor, names)
    build_export_row(context, names, downloads, share)
    facts = gr.HTML("", label=t("Facts"), padding=False, **names("facts"))
    return DubOutput(
        start, cancel, why, long, bar, live, video, facts, downloads, share, gr.State(None), gr.State(False)
    )
