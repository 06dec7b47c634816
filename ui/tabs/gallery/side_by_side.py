"""Two takes, or a finished comparison, side by side on one time line; nothing is rendered again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import gradio as gr

from media.errors import InputError, JoyStudioError
from studio.comparison.finished import FinishedComparison, find_finished
from studio.comparison.folders import delete_comparison
from studio.gallery.takes import Take, take_of
from studio.gallery.videos import Gallery
from ui.components.downloads import Link, links_html
from ui.components.synced_videos import SyncedVideos, build_synced_videos, playing_html, standing_html
from ui.element_ids import ElementIds
from ui.errors import as_toast
from ui.event_settings import QUIET, SPOKEN
from ui.event_values import value_of
from ui.i18n import say, t
from ui.page_context import PageContext
from ui.server.addresses import Addresses
from ui.tabs.gallery.take_list import name_of_take
from ui.uploads_used import files_of_page, forget_uploads

MOST = 4
"""Columns of a comparison made on the page."""
SHOW = "() => document.querySelector('.side-by-side')?.scrollIntoView({ block: 'start' })"
FILES = (
    ("side-by-side.mp4", "Side by side (mp4)"),
    ("comparison.csv", "Table (csv)"),
    ("comparison.zip", "Everything (zip)"),
)
"""The files of a comparison that it offers."""


@dataclass(frozen=True)
class SideBySide:
    """Its components. comparison: the id of the comparison that is shown, or ""."""

    whole: gr.Column
    title: gr.HTML
    stage: SyncedVideos
    files: gr.HTML
    delete: gr.Button
    close: gr.Button
    comparison: gr.State
    asked: gr.State

    @property
    def components(self) -> list[Any]:
        """The components that `showing` and `closed` update, in their order."""
        shown = [*self.stage.boxes, *self.stage.pictures]
        return [self.whole, self.title, *shown, self.files, self.delete, self.comparison, self.asked]


def build_side_by_side(names: ElementIds) -> SideBySide:
    """Draw it inside the current Blocks, hidden."""
    with gr.Column(visible=False, **names("side-by-side", "side-by-side", "compare-column")) as whole:
        with gr.Row(elem_classes=["name-row"]):
            title = gr.HTML("", padding=False, **names("side-title"))
            small: dict[str, Any] = {"size": "sm", "scale": 0, "min_width": 80}
            delete = gr.Button(t("Delete"), visible=False, **small, **names("side-delete"))
            close = gr.Button(t("Close"), **small, **names("side-close"))
        stage = build_synced_videos(names, [""] * MOST, 2)
        files = gr.HTML("", padding=False, elem_classes=["downloads"], elem_id=f"{names.engine}-side-files")
    return SideBySide(whole, title, stage, files, delete, close, gr.State(""), gr.State(False))


def connect_side_by_side(
    context: PageContext, side: SideBySide, takes: gr.HTML, compare: gr.Button, picked: gr.State
) -> Any:
    """Connect it. takes: the list, whose event "expand" opens a comparison. compare: the button for the
    picked takes. Returns the event after which a comparison was deleted.
    """
    settings = context.settings

    def show_takes(owner: str, ids: Sequence[str]) -> list[Any]:
        gallery = Gallery(owner, settings)
        try:
            if len(ids) != 2:
                raise InputError("Select 2 takes to compare them; {count} are selected.", count=len(ids))
            return showing(side, gallery, [take_of(gallery, one) for one in ids])
        except JoyStudioError as error:
            raise as_toast(error) from None

    def show_comparison(owner: str, event: gr.EventData) -> list[Any]:
        try:
            made = find_finished(owner, str(value_of(event, "comparison")), settings)
            return showing_comparison(side, made, Addresses(settings))
        except JoyStudioError as error:
            raise as_toast(error) from None

    def delete_shown(owner: str, comparison: str, asked: bool) -> list[Any]:
        if not asked:
            kept = [gr.skip()] * len(side.components)
            kept[side.components.index(side.delete)] = gr.Button(t("Delete permanently?"), variant="stop")
            kept[side.components.index(side.asked)] = True
            return kept
        try:
            made = find_finished(owner, comparison, settings)
            delete_comparison(made.folder, settings)
            forget_uploads(made.folder.id, settings, keep=files_of_page(context.page))
            return closed(side)
        except JoyStudioError as error:
            raise as_toast(error) from None

    for event in (
        compare.click(show_takes, [context.visitor, picked], side.components, **SPOKEN),
        takes.expand(show_comparison, context.visitor, side.components, **SPOKEN),
    ):
        event.success(None, None, None, js=SHOW, **QUIET)
    side.close.click(lambda: closed(side), None, side.components, **SPOKEN)
    return side.delete.click(
        delete_shown, [context.visitor, side.comparison, side.asked], side.components, **SPOKEN
    )


def showing(side: SideBySide, gallery: Gallery, takes: Sequence[Take]) -> list[Any]:
    """Updates that show some takes; the first one is heard."""
    addresses = Addresses(gallery.settings)
    columns = [
        playing_html(
            name_of_take(take),
            addresses.video(gallery.owner, take.entry.result, "video"),
            heard=number == 0,
        )
        for number, take in enumerate(takes)
    ]
    names = " + ".join(dict.fromkeys(take.entry.result.portrait for take in takes))
    return _shown(side, names, columns)


def showing_comparison(side: SideBySide, made: FinishedComparison, addresses: Addresses) -> list[Any]:
    """Updates that show a finished comparison again."""
    columns, heard = [], True
    for one in made.columns[:MOST]:
        if one.video is None:
            columns.append(standing_html(one.title, one.error, "failed"))
            continue
        columns.append(playing_html(one.title, addresses.comparison(made.folder, one.video), heard=heard))
        heard = False
    there = made.folder.names()
    links = [
        Link(f"gallery-side-{name.replace('.', '-')}", label, addresses.comparison(made.folder, name))
        for name, label in FILES
        if name in there
    ]
    return _shown(side, f"{made.portrait} + {made.voice}", columns, links_html(links), made.folder.id)


def closed(side: SideBySide) -> list[Any]:
    """Updates that hide it and stop its videos."""
    return [gr.Column(visible=False), "", *side.stage.shown(2), *[""] * MOST, "", *_rest(""), False]


def _shown(
    side: SideBySide, title: str, columns: Sequence[str], files: str = "", comparison: str = ""
) -> list[Any]:
    rest = [""] * (MOST - len(columns))
    heading = f'<h3 class="side-title">{say(title)}</h3>'
    boxes = side.stage.shown(len(columns))
    return [gr.Column(visible=True), heading, *boxes, *columns, *rest, files, *_rest(comparison), False]


def _rest(comparison: str) -> list[Any]:
    return [gr.Button(t("Delete"), variant="secondary", visible=bool(comparison)), comparison]
