"""The layout of the tab with the finished videos of this browser."""

from __future__ import annotations

import gradio as gr

from media.messages import said
from studio.gallery.takes import LONGEST_NAME
from studio.gallery.zipping import MOST
from studio.settings import Settings
from ui.components.addressed import AddressedVideo
from ui.components.downloads import build_downloads
from ui.components.export_row import build_export_row
from ui.components.share_panel import duration
from ui.components.share_row import build_share_row
from ui.element_ids import ElementIds
from ui.event_settings import QUIET
from ui.i18n import say, t
from ui.page_context import PageContext
from ui.tabs.gallery.handlers import connect
from ui.tabs.gallery.interrupted_jobs import build_notice, connect_notice
from ui.tabs.gallery.picked import build_picked, connect_picked
from ui.tabs.gallery.screen import CHOOSE, GALLERY, NOTHING, GalleryTab, hint_html
from ui.tabs.gallery.searching import LONGEST_SEARCH
from ui.tabs.gallery.side_by_side import build_side_by_side, connect_side_by_side
from ui.theme import script


def build_gallery_tab(context: PageContext, tab: gr.Tab) -> None:
    """Draw the tab inside the current Blocks and connect it; the engines' tabs are already drawn."""
    names = ElementIds(GALLERY)
    side = build_side_by_side(names)
    with gr.Row(elem_classes=["screen"], equal_height=False):
        with gr.Column(scale=6, min_width=320):
            notice = build_notice(names)
            hint = gr.HTML(hint_html(NOTHING), padding=False, **names("hint"))
            gr.HTML(f'<p class="hint">{say(kept_for(context.settings))}</p>', padding=False, **names("kept"))
            search = gr.Textbox(
                label=t("Search"), show_label=False, container=False, max_lines=1, max_length=LONGEST_SEARCH,
                placeholder=t("Search file names, take names, engines and options"), **names("search"),
            )  # fmt: skip
            kind = gr.Radio(
                [(t("Videos"), "takes"), (t("Comparisons"), "comparisons")], value="takes",
                label=t("Show"), show_label=False, container=False, **names("kind"),
            )  # fmt: skip
            picked = build_picked(names)
            takes = gr.HTML(
                "", js_on_load=f"const MOST = {MOST};\n{script('takes.js')}", padding=False,
                **names("stills", "take-list"),
            )  # fmt: skip
        with gr.Column(scale=5, min_width=320, elem_classes=["result-column"]):
            video = AddressedVideo(
                interactive=False, label=t("Video"), height=420, buttons=[], **names("result")
            )
            with gr.Row(elem_classes=["name-row"]):
                name = gr.Textbox(
                    label=t("Name"), show_label=False, container=False, max_lines=1, interactive=False,
                    placeholder=t("Name this take"), max_length=LONGEST_NAME, scale=3, min_width=120,
                    **names("name"),
                )  # fmt: skip
                rename = gr.Button(t("Rename"), size="sm", interactive=False, min_width=80, **names("rename"))
            with gr.Row(elem_classes=["actions"]):
                again = gr.Button(
                    t("Open these settings"), variant="primary", interactive=False, scale=3, **names("open")
                )
                delete = gr.Button(t("Delete"), interactive=False, scale=1, min_width=80, **names("delete"))
            with gr.Row():
                delete_project = gr.Button(
                    t("Delete all takes"), size="sm", interactive=False, **names("delete-project")
                )
            downloads = build_downloads(names, motion=None)
            share = build_share_row(context.settings, context.visitor, names)
            build_export_row(context, names, downloads, share)
            facts = gr.HTML("", padding=False, **names("facts"))
            table = gr.HTML(hint_html(CHOOSE), padding=False, **names("settings"))
    parts = GalleryTab(
        search, kind, takes, hint, gr.State(0), video, name, rename, facts, table, again, delete,
        delete_project, downloads, share, gr.State(""),
    )  # fmt: skip
    connect_picked(context, picked, takes)
    deleted = connect_side_by_side(context, side, takes, picked.compare, picked.ids)
    look = connect(context, parts, tab, side)
    deleted.success(look, [context.visitor, *parts.looked_for], parts.listing, **QUIET)
    connect_notice(context, notice, tab).then(
        look, [context.visitor, *parts.looked_for], parts.listing, **QUIET
    )


def kept_for(settings: Settings) -> str:
    """A sentence on how long videos, portraits and voices stay."""
    if settings.keep_days is not None:
        after = duration(24 * settings.keep_days)
        if settings.keep_gb is None:
            return said(
                "Videos are deleted after {after}, and a portrait and a voice with the last video made from "
                "them.",
                after=after,
            )
        return said(
            "Videos are deleted after {after}, and a portrait and a voice with the last video made from "
            "them. If they take too much space, the oldest are deleted earlier.",
            after=after,
        )
    if settings.keep_gb:
        return (
            "If the videos take too much space, the oldest are deleted, and a portrait and a voice with the "
            "last video made from them."
        )
    return "Portrait and voice stay with their videos until you delete the last of them."
