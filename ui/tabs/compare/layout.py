"""The layout of the tab that makes one video in several ways and plays them in sync."""

from __future__ import annotations

from collections.abc import Sequence
from typing import get_args

import gradio as gr

from engines.base import AnimationMode
from evaluation.catalogue import MEASURERS
from ui.components.cancel_button import build_cancel_button
from ui.components.long_job import build_long_job
from ui.components.progress import message_bar
from ui.components.synced_videos import build_synced_videos
from ui.element_ids import MAKES, ElementIds
from ui.i18n import say, t
from ui.page_context import PageContext
from ui.tabs.compare.api import add_compare_api
from ui.tabs.compare.columns import build_card, first_columns
from ui.tabs.compare.delete import connect_delete
from ui.tabs.compare.handlers import connect
from ui.tabs.compare.option_forms import forms_html
from ui.tabs.compare.screen import COMPARE, CompareOutput, CompareTab, downloads_html

ABOUT = (
    "Make two to four versions with the same portrait and voice: different engines, presets, or values "
    "of an option. The page makes them one after the other and plays them in sync."
)
FEWEST, MOST = 2, 4
READY = "Ready as soon as you add a portrait and a voice."
SCORES = {
    "sync": "Lip sync (SyncNet)",
    "brisque": "Image quality (BRISQUE)",
    "iqa": "Image quality (Q-Align)",
    "vqa": "Video quality (Q-Align)",
    "smooth": "Smoothness (AMT-S)",
    "subject": "Same subject (DINO)",
    "background": "Same background (CLIP)",
    "identity": "Likeness to the portrait (ArcFace)",
}
SCORES_INFO = (
    "The page always scores mouth, head, blinks and image quality. The metrics below need weights, and "
    "time or a GPU. If weights are missing, the table says “not measured” and which."
)


def build_compare_tab(context: PageContext, opened: gr.Tab, engines: Sequence[str]) -> CompareTab:
    """Draw the tab inside the current Blocks and connect it."""
    names, presets = ElementIds(COMPARE), context.settings.presets
    columns = first_columns(engines, MOST, presets)
    gr.HTML(f'<p class="about">{say(ABOUT)}</p>', padding=False)
    with gr.Column(elem_classes=["compare-column"]):
        with gr.Row(elem_classes=["compare-what"], equal_height=True):
            count, mode = _what(names)
        gr.HTML(forms_html(engines, presets), padding=False)
        with gr.Row(elem_classes=["cards"], equal_height=False):
            cards = [
                build_card(number, column, engines, presets, names, visible=number < FEWEST)
                for number, column in enumerate(columns)
            ]
        with gr.Accordion(t("More scores"), open=False, **names("scores-fold")):
            offered = [name for name in MEASURERS if name != "builtin"]
            metrics = gr.CheckboxGroup(
                [(t(SCORES.get(name, name)), name) for name in offered],
                value=[], show_label=False, info=t(SCORES_INFO), **names("scores"),
            )  # fmt: skip
        output = _output(names, [column.title for column in columns])
    tab = CompareTab(context.inputs, mode, metrics, count, engines, cards, output)
    connect(context, tab, opened)
    connect_delete(context, tab, opened)
    add_compare_api(context.settings, context.line)
    return tab


def _what(names: ElementIds) -> tuple[gr.Radio, gr.Radio]:
    count = gr.Radio(
        [str(number) for number in range(FEWEST, MOST + 1)], value=str(FEWEST), label=t("Columns"),
        interactive=True, min_width=150, **names("count"),
    )  # fmt: skip
    modes: tuple[AnimationMode, ...] = get_args(AnimationMode)
    mode = gr.Radio(
        [(t(mode.capitalize()), mode) for mode in modes], value=modes[0], label=t("The portrait shows"),
        interactive=True, min_width=150, **names("mode"),
    )  # fmt: skip
    return count, mode


def _output(names: ElementIds, titles: Sequence[str]) -> CompareOutput:
    bar = gr.HTML(message_bar(READY), label=t("Progress"), padding=False, **names("progress"))
    with gr.Row(elem_classes=["actions", "makes"]):
        start = gr.Button(t("Compare"), variant="primary", scale=3, min_width=120, **names("start", *MAKES))
        cancel = build_cancel_button(names)
        delete = gr.Button(t("Delete"), interactive=False, scale=1, min_width=80, **names("delete"))
    long = build_long_job(names)
    stage = build_synced_videos(names, titles, FEWEST)
    downloads = gr.HTML(downloads_html(), padding=False, elem_classes=["downloads"])
    table = gr.HTML("", padding=False, **names("table", "compare-table"))
    return CompareOutput(start, cancel, delete, gr.State(False), long, bar, stage, table, downloads)
