"""The layout of the tab that goes live: the picture with its buttons, and what can be chosen."""

from __future__ import annotations

from collections.abc import Sequence

import gradio as gr

from engines import registry
from studio.consent import STATEMENT
from studio.live.machine_speed import offered
from studio.live.marked import marks
from studio.options import list_options
from ui.components.examples import example_voices
from ui.components.filled import filled
from ui.components.options_form import component_for
from ui.element_ids import ElementIds
from ui.i18n import say, t
from ui.page_context import PageContext
from ui.tabs.live.handlers import connect
from ui.tabs.live.screen import EXAMPLE, FILE, LIVE, MICROPHONE, LiveScreen
from ui.tabs.live.words import BUTTONS, DONE, HEADPHONES, MARKED, PROBLEMS, STATES, UNMARKED
from ui.theme import script

ABOUT = "The portrait speaks while you speak. Nothing is stored, unless you record it."
LOOK_AHEADS = {
    40: "40 ms: soonest",
    80: "80 ms: balanced",
    220: "220 ms: better lips",
    300: "300 ms: the lips of a video",
}
PARTS = "socket webrtc delay player sound session inputs window full screen"
SCRIPTS = tuple(f"live_{part}.js" for part in PARTS.split())


def build_live_tab(context: PageContext, engines: Sequence[str]) -> LiveScreen:
    """Draw the tab inside the current Blocks and connect it. engines: those that can go live, by name; those
    that the machine is too slow for are left out.
    """
    engines = [name for name in engines if offered(name, context.settings.device)]
    names = ElementIds(LIVE)
    gr.HTML(f'<p class="about">{say(ABOUT)}</p>', padding=False)
    with gr.Row(elem_classes=["live-row"], equal_height=False):
        with gr.Column(scale=5, min_width=320, elem_classes=["live-column"]):
            stage = gr.HTML(
                filled(
                    "live.html",
                    hints=(HEADPHONES, MARKED if marks(context.settings) else UNMARKED),
                    statement=STATEMENT,
                    records=context.settings.live_record_minutes > 0,
                    words=list((STATES | PROBLEMS | DONE | BUTTONS).items()),
                ),
                js_on_load="\n".join(map(script, SCRIPTS)),
                padding=False,
                **names("stage"),
            )
        with gr.Column(scale=4, min_width=300, elem_classes=["live-choices"]):
            source = gr.Radio(
                [
                    (t("Microphone"), MICROPHONE),
                    (t("Your voice file or text"), FILE),
                    *((t(voice.label), EXAMPLE + voice.path.stem) for voice in example_voices()),
                ],
                value=MICROPHONE,
                label=t("The voice comes from"),
                interactive=True,
                **names("source"),
            )
            engine = gr.Radio(
                [(t(registry.spec_of(name).title), name) for name in engines],
                value=engines[0],
                label=t("Engine"),
                interactive=True,
                visible=len(engines) > 1,
                **names("engine"),
            )
            folds, options = _options(engines)
            look_ahead = gr.Radio(
                [(t(label), milliseconds) for milliseconds, label in LOOK_AHEADS.items()],
                value=80,
                label=t("Look-ahead"),
                info=t(
                    "How much sound the lips wait for: more makes them better and the portrait later. It "
                    "counts from the next start."
                ),
                interactive=True,
                **names("look-ahead"),
            )
    ticket = gr.Textbox(visible="hidden", show_label=False, container=False, **names("ticket"))
    screen = LiveScreen(context.inputs, source, engine, look_ahead, folds, options, stage, ticket)
    connect(context, screen)
    return screen


def _options(
    engines: Sequence[str],
) -> tuple[dict[str, gr.Accordion], dict[tuple[str, str], gr.components.Component]]:
    """A fold for each engine, and in it the options that may change in flight."""
    folds, parts = {}, {}
    for engine in engines:
        names = ElementIds(f"{LIVE}-{engine}")
        with gr.Accordion(t("Options"), visible=engine == engines[0], **names("options")) as fold:
            for option in list_options(engine):
                if option.live:
                    parts[engine, option.name] = component_for(option, names)
        folds[engine] = fold
    return folds, parts
