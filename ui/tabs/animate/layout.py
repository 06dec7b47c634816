"""The tab that makes a video: the layout of one engine's screen."""

from __future__ import annotations

import gradio as gr

from engines import registry
from studio.options import make_options
from studio.presets import list_presets
from studio.settings import Settings
from ui.components.cancel_button import build_cancel_button
from ui.components.downloads import build_downloads
from ui.components.export_row import build_export_row
from ui.components.live_video import live_video
from ui.components.long_job import build_long_job
from ui.components.options_form import build_options_form, in_words
from ui.components.portrait_preview import PortraitPreview
from ui.components.preset_pictures import preset_pictures
from ui.components.progress import idle_bar
from ui.components.ready_examples import made_example_html
from ui.components.recorded_performance import build_recorded_performance
from ui.components.share_row import build_share_row
from ui.components.weights_panel import build_weights_panel
from ui.element_ids import MAKES, ElementIds
from ui.i18n import say, t
from ui.page_context import PageContext
from ui.tabs.animate.handlers import connect
from ui.tabs.animate.ready import connect_ready
from ui.tabs.animate.screen import BY_HAND, QUICK_ENGINE, AnimateOutput, AnimateScreen, Settable
from ui.theme import script

AGAIN = "Renders the last video's motion with the current sliders, without generating new motion."


def build_animate_tab(engine: str, context: PageContext, *, about: str = "") -> AnimateScreen:
    """Draw one engine's screen inside the current Blocks and connect it."""
    settings, names = context.settings, ElementIds(engine)
    pictures = preset_pictures(list_presets(engine, settings.presets), f"#{engine}-preset")
    about = f'<p class="about">{say(about)}</p>' if about else ""
    top = gr.HTML(f"{about}<style>{pictures}</style>", js_on_load=script("by_hand.js"), padding=False)
    weights = build_weights_panel(engine, context, names)
    with gr.Row(elem_classes=["screen"], equal_height=False):
        with gr.Column(scale=4, min_width=300, elem_classes=["options-column"]):
            settable = _settable(engine, settings, names, top)
            spec = registry.spec_of(engine)
            performance = (
                build_recorded_performance(names, templates=spec.follows_templates) if spec.performs else None
            )
        with gr.Column(scale=5, min_width=320, elem_classes=["result-column"]):
            output = _output(
                context, names, keeps_motion=settable.form.keeps_motion, quick=engine != QUICK_ENGINE
            )
    screen = AnimateScreen(
        engine,
        settings,
        context.gate,
        context.jobs,
        context.visitor,
        context.inputs,
        settable,
        output,
        weights,
        context.line,
        context.running,
        context.tray.found_job(),
        context.tray,
        performance,
    )
    context.found[engine] = screen.found
    connect(screen)
    connect_ready(engine, context.page, output.generate, output.why, weights)
    context.views[engine] = PortraitPreview.of(settable.form)
    return screen


def _settable(engine: str, settings: Settings, names: ElementIds, moved: gr.HTML) -> Settable:
    presets = list_presets(engine, settings.presets)
    like_defaults = (preset.name for preset in presets if preset.options == make_options(engine))
    initial_preset = next(like_defaults, BY_HAND)
    choices = [(t(in_words(preset.name)), preset.name) for preset in presets]
    preset = gr.Radio(
        [*choices, (t("Custom"), BY_HAND)],
        value=initial_preset,
        label=t("Preset"),
        interactive=True,
        **names("preset"),
    )
    applied_preset = gr.State(None)
    form = build_options_form(engine, names)
    return Settable(preset, initial_preset, applied_preset, form, moved)


def _output(context: PageContext, names: ElementIds, *, keeps_motion: bool, quick: bool) -> AnimateOutput:
    video = live_video(label=t("Video"), autoplay=True, height=420, buttons=[], **names("result"))
    bar = gr.HTML(idle_bar(), label=t("Progress"), padding=False, **names("progress"))
    with gr.Row(elem_classes=["actions", "makes"]):
        generate = gr.Button(
            t("Generate"), variant="primary", scale=3, min_width=120, **names("generate", *MAKES)
        )
        preview = gr.Button(t("Preview"), visible=quick, scale=1, min_width=80, **names("preview", *MAKES))
        cancel = build_cancel_button(names)
    why = gr.HTML("", padding=False, **names("why"))
    long = build_long_job(names)
    downloads = build_downloads(names, motion=keeps_motion)
    share = build_share_row(context.settings, context.visitor, names)
    build_export_row(context, names, downloads, share)
    with gr.Row(visible=keeps_motion, elem_classes=["again-row"]):
        again = gr.Button(t("Render again"), interactive=False, scale=0, min_width=130, **names("again"))
        gr.HTML(f'<p class="hint">{say(AGAIN)}</p>', padding=False)
    # A job empties it first, so that an example never stands where the visitor's own video is.
    facts = gr.HTML(
        "" if quick else made_example_html(),
        label=t("Facts"),
        js_on_load=script("live.js"),
        padding=False,
        **names("facts"),
    )
    return AnimateOutput(
        generate,
        preview,
        cancel,
        long,
        why,
        again,
        bar,
        video,
        facts,
        downloads,
        share,
        gr.State(None),
        gr.State(None),
    )
