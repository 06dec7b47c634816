"""Events of the gallery's list and buttons."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import gradio as gr

from media.errors import JoyStudioError
from studio.gallery.takes import Take, delete_project, page_of_takes, rename, take_of
from studio.gallery.videos import Gallery
from ui.components.mark_track_events import tell_of_all
from ui.components.portrait_choice import PortraitChoice
from ui.components.result import download_files, facts_html
from ui.components.settings_table import settings_table
from ui.errors import as_toast
from ui.event_settings import QUIET, SPOKEN
from ui.event_values import value_of
from ui.given_inputs import given_of
from ui.i18n import t
from ui.page_context import PageContext
from ui.reopen import reopen, reopen_targets
from ui.server.addresses import page_address
from ui.tabs.gallery.comparison_list import compared, comparison_list, not_compared
from ui.tabs.gallery.screen import CHOOSE, NOT_FOUND, NOTHING, GalleryTab, hint_html
from ui.tabs.gallery.searching import finder
from ui.tabs.gallery.side_by_side import SideBySide, closed
from ui.tabs.gallery.take_list import take_list
from ui.uploads_used import files_of_page, forget_uploads

FARTHEST = 10**9
"""The number of a video at which a page may start; more cannot be in a history."""


def connect(context: PageContext, parts: GalleryTab, tab: gr.Tab, side: SideBySide) -> Callable[..., Any]:
    """Connect the tab. Returns the function that lists the first videos again.

    side: closed when a take is deleted.
    """
    settings, job_id = context.settings, parts.share.job_id

    def look(owner: str, search: str | None, kind: str, start: int = 0) -> list[Any]:
        try:
            # The box has no text yet where its tab was not drawn.
            return _listing(Gallery(owner, settings), search or "", kind, start)
        except JoyStudioError as error:
            raise as_toast(error) from None

    def turn(owner: str, search: str, kind: str, event: gr.EventData) -> list[Any]:
        start = value_of(event, "start")
        return look(owner, search, kind, min(max(0, start), FARTHEST) if isinstance(start, int) else 0)

    def choose(owner: str, event: gr.EventData, request: gr.Request) -> list[Any]:
        gallery = Gallery(owner, settings)
        try:
            return _detail(parts, gallery, take_of(gallery, str(value_of(event, "take"))), request)
        except JoyStudioError as error:
            raise as_toast(error) from None

    def open_settings(owner: str, job_id: str | None, choice: PortraitChoice) -> dict[Any, Any]:
        try:
            result = Gallery(owner, settings).get(job_id or "").result
            return reopen(context, result, given_of(result, settings), choice)
        except JoyStudioError as error:
            raise as_toast(error) from None

    def give_name(owner: str, job_id: str | None, name: str, search: str, kind: str, start: int) -> list[Any]:
        gallery = Gallery(owner, settings)
        try:
            return [rename(gallery, job_id or "", name or ""), *_listing(gallery, search, kind, start)]
        except JoyStudioError as error:
            raise as_toast(error) from None

    # As one event, so that the answer to an earlier search cannot arrive after that to a later one. Gradio
    # calls a text's "input" only for keys that give a character, not when a text is pasted or composed.
    gr.on(
        [tab.select, parts.takes.select, parts.search.change, parts.kind.input],
        turn,
        [context.visitor, *parts.looked_for],
        parts.listing,
        trigger_mode="always_last",
        **QUIET,
    )
    # On a slow network, the tab may be open before the visitor is known.
    context.known.then(look, [context.visitor, *parts.looked_for], parts.listing, **QUIET)
    parts.takes.click(choose, context.visitor, parts.detail, **SPOKEN)
    inputs = [context.visitor, job_id, context.inputs.choice]
    tell_of_all(context, parts.open.click(open_settings, inputs, reopen_targets(context), **SPOKEN))
    gr.on(
        [parts.rename.click, parts.name.submit],
        give_name,
        [context.visitor, job_id, parts.name, *parts.looked_for, parts.start],
        [parts.name, *parts.listing],
        **SPOKEN,
    )
    _connect_deletion(context, parts, side)
    return look


def _connect_deletion(context: PageContext, parts: GalleryTab, side: SideBySide) -> None:
    """Connect the two buttons that delete; the second click on the same one deletes."""
    given = [context.inputs.portrait, context.inputs.voice, context.inputs.second.file]
    given += [screen.performance.file for screen in context.screens.values() if screen.performance]
    given += [screen.video for screen in context.dub.values()]

    def deleter(what: str, delete: Callable[[Gallery, str], list[str]]) -> Callable[..., list[Any]]:
        def delete_chosen(
            owner: str,
            job_id: str | None,
            asked: str,
            search: str,
            kind: str,
            start: int,
            *files: str | None,
        ) -> list[Any]:
            skipped = [gr.skip()] * (len(parts.listing) + len(side.components))
            if asked != what:
                kept = [gr.skip()] * len(parts.detail)
                for part, value in zip(parts.deleting, _rest(what), strict=True):
                    kept[parts.detail.index(part)] = value
                return [*skipped, *kept, *[gr.skip()] * len(files)]
            gallery = Gallery(owner, context.settings)
            try:
                gone: frozenset[str] = frozenset()
                deleted = delete(gallery, job_id or "")
                for one in deleted:
                    gone |= forget_uploads(one, context.settings, keep=files_of_page(context.page))
                emptied = [None if path in gone else gr.skip() for path in files]
                listed = _listing(gallery, search, kind, start, deleted)
                return [*listed, *closed(side), *_nothing(parts), *emptied]
            except JoyStudioError as error:
                raise as_toast(error) from None

        return delete_chosen

    asked = [context.visitor, parts.share.job_id, parts.asked, *parts.looked_for, parts.start, *given]
    changed = [*parts.listing, *side.components, *parts.detail, *given]
    parts.delete.click(deleter("take", _delete_take), asked, changed, **SPOKEN)
    parts.delete_project.click(deleter("project", delete_project), asked, changed, **SPOKEN)


def _delete_take(gallery: Gallery, job_id: str) -> list[str]:
    gallery.delete(job_id)
    return [job_id]


def _rest(asked: str = "", *, interactive: bool = True) -> list[Any]:
    """Updates of the two buttons that delete, and of which one was clicked."""

    def button(what: str, words: str) -> gr.Button:
        sure = asked == what
        return gr.Button(
            t("Delete permanently?" if sure else words),
            variant="stop" if sure else "secondary",
            interactive=interactive,
        )

    return [button("take", "Delete"), button("project", "Delete all takes"), asked]


def _listing(gallery: Gallery, search: str, kind: str, start: int, gone: Sequence[str] = ()) -> list[Any]:
    """The list, the hint, and where the page starts: the first one if there is nothing left on this one."""
    settings, searching = gallery.settings, bool((search or "").strip())
    if kind == "comparisons":
        found = comparison_list(gallery.owner, search, start, settings)
        if not found and start:
            start, found = 0, comparison_list(gallery.owner, search, 0, settings)
        empty = NOT_FOUND if searching else not_compared(settings)
        return [found, hint_html(compared(settings) if found else empty), start]
    page = page_of_takes(gallery, start, finder(search))
    if not page.takes and start:
        start, page = 0, page_of_takes(gallery, 0, finder(search))
    empty = NOT_FOUND if searching else NOTHING
    return [take_list(page, start, settings, gone), hint_html(CHOOSE if page.takes else empty), start]


def _detail(parts: GalleryTab, gallery: Gallery, take: Take, request: gr.Request) -> list[Any]:
    result = take.entry.result
    out = download_files(result, gallery.owner, gallery.settings, page_address(request))
    return [
        out.player,
        gr.Textbox(take.name, interactive=True),
        gr.Button(interactive=True),
        facts_html(result),
        settings_table(result, gallery.settings.presets),
        gr.Button(interactive=True),
        *_rest(),
        parts.downloads.value(out),
        *parts.share.of_video(out, gallery, request),
    ]


def _nothing(parts: GalleryTab) -> list[Any]:
    return [
        None,
        gr.Textbox("", interactive=False),
        gr.Button(interactive=False),
        "",
        "",
        gr.Button(interactive=False),
        *_rest(interactive=False),
        parts.downloads.value(None),
        *parts.share.of_video(None),
    ]
