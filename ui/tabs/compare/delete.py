"""Lets a visitor delete their comparisons before they expire."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import gradio as gr

from media.errors import JoyStudioError
from studio.comparison.folders import ComparisonFolder, delete_comparison, list_comparisons
from studio.in_use import in_use
from studio.settings import Settings
from ui.components.progress import message_bar
from ui.components.synced_videos import ColumnContent, emptied
from ui.errors import as_toast
from ui.event_settings import QUIET, SPOKEN
from ui.i18n import t
from ui.page_context import PageContext
from ui.tabs.compare.screen import CompareTab, downloads_html
from ui.uploads_used import files_of_page, forget_uploads


def finished_comparisons(owner: str | None, settings: Settings) -> list[ComparisonFolder]:
    """An owner's comparisons that no job is working on. Raises OutputError."""
    found = list_comparisons(settings, owner=owner) if owner else []
    return [made for made in found if not in_use(made.path)]


def delete_all(owner: str, settings: Settings, keep: frozenset[str]) -> tuple[int, frozenset[str]]:
    """Delete an owner's comparisons and their uploads.

    keep: files that the page itself needs. Returns the number of comparisons, and the deleted uploads. Raises
    OutputError.
    """
    gone: frozenset[str] = frozenset()
    found = finished_comparisons(owner, settings)
    for made in found:
        delete_comparison(made, settings)
        gone |= forget_uploads(made.id, settings, keep=keep)
    return len(found), gone


def rest(interactive: bool) -> list[Any]:
    """Updates of the button and of whether it was clicked: as before the first click."""
    return [gr.Button(t("Delete"), variant="secondary", interactive=interactive), False]


def connect_delete(context: PageContext, tab: CompareTab, opened: gr.Tab) -> None:
    """Connect the button: the second click deletes. opened: the tab itself."""
    output, settings = tab.output, context.settings
    inputs = [tab.inputs.portrait, tab.inputs.voice]
    shown = [*output.stage.pictures, *output.stage.plots, output.table, output.downloads, output.bar]

    def look(owner: str) -> list[Any]:
        try:
            return rest(bool(list_comparisons(settings, owner=owner)))
        except JoyStudioError as error:
            raise as_toast(error) from None

    # Not "delete": Gradio names calls after their functions, and programs know another call by that name.
    def delete_made(owner: str, asked: bool, columns: Sequence[ColumnContent], *files: Any) -> list[Any]:
        if not asked:
            confirm = gr.Button(t("Delete permanently?"), variant="stop")
            return [confirm, True, *[gr.skip()] * (len(shown) + len(files))]
        try:
            count, gone = delete_all(owner, settings, files_of_page(context.page))
        except JoyStudioError as error:
            raise as_toast(error) from None
        if not count:
            bar = message_bar("A comparison is still running. Cancel it before you delete it.", "stopped")
            return [*rest(True), *[gr.skip()] * (len(shown) - 1), bar, *[gr.skip()] * len(files)]
        plots = [""] * len(output.stage.plots)
        words = message_bar("All your comparisons have been deleted.", "stopped")
        empty = [*emptied(columns), *plots, "", downloads_html(), words]
        return [*rest(False), *empty, *[None if path in gone else gr.skip() for path in files]]

    button = [output.delete, output.asked]
    opened.select(look, context.visitor, button, **QUIET)
    output.delete.click(
        delete_made,
        [context.visitor, output.asked, output.stage.columns, *inputs],
        [*button, *shown, *inputs],
        **SPOKEN,
    )
