"""The row for the takes that a visitor has picked: compares two, and downloads several as a zip."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import gradio as gr

from media.errors import JoyStudioError
from media.messages import said
from studio.gallery.takes import take_of
from studio.gallery.videos import Gallery
from studio.gallery.zipping import MOST
from studio.settings import Settings
from ui.components.downloads import Link, links_html
from ui.element_ids import ElementIds
from ui.event_settings import QUIET
from ui.event_values import value_of
from ui.i18n import say, t
from ui.page_context import PageContext
from ui.server.addresses import Addresses

PICK = "Pick two takes to compare them, or several to download them as a zip."


@dataclass(frozen=True)
class PickedTakes:
    """Its components. ids: of the picked takes, in the order in which they were picked."""

    words: gr.HTML
    compare: gr.Button
    files: gr.HTML
    ids: gr.State


def build_picked(names: ElementIds) -> PickedTakes:
    """Draw it inside the current Blocks."""
    with gr.Row(elem_classes=["picked-row"]):
        words = gr.HTML(_words(0), padding=False, **names("picked"))
        compare = gr.Button(
            t("Compare"), interactive=False, size="sm", scale=0, min_width=90, **names("compare")
        )
        files = gr.HTML(_zip_link(None), padding=False, elem_classes=["downloads"])
    return PickedTakes(words, compare, files, gr.State([]))


def connect_picked(context: PageContext, picked: PickedTakes, takes: gr.HTML) -> None:
    """Connect it to the list, which gives all picked ids with every change."""

    def pick(owner: str, event: gr.EventData) -> list[Any]:
        return of_picked(owner, value_of(event, "picked"), context.settings)

    takes.input(
        pick,
        context.visitor,
        [picked.words, picked.compare, picked.files, picked.ids],
        trigger_mode="always_last",
        **QUIET,
    )


def of_picked(owner: str, given: Any, settings: Settings) -> list[Any]:
    """Updates for the ids that the list gives, as far as they are takes of the visitor."""
    gallery, ids = Gallery(owner, settings), list[str]()
    for one in given[:MOST] if isinstance(given, list) else ():
        try:
            ids.append(take_of(gallery, str(one)).entry.result.job_id)
        except JoyStudioError:  # deleted in another window
            continue
    address = Addresses(settings).zip(owner, ids) if ids else None
    return [_words(len(ids)), gr.Button(interactive=len(ids) == 2), _zip_link(address), ids]


def _words(count: int) -> str:
    words = said("{count} of at most {most} picked", count=count, most=MOST) if count else PICK
    return f'<p class="hint">{say(words)}</p>'


def _zip_link(address: str | None) -> str:
    return links_html([Link("gallery-zip", "Download (zip)", address)])
