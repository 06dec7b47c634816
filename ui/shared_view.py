"""The view behind a shared link: the video, its settings, and a button to make your own."""

from __future__ import annotations

from typing import Any

import gradio as gr

from media.errors import JoyStudioError
from studio.events import Result
from studio.gallery.sharing import shared
from studio.gallery.tracks import track_of
from ui.components.filled import filled
from ui.components.mark_track_events import tell_of_all
from ui.components.result import facts_html
from ui.components.settings_table import settings_table
from ui.element_ids import ElementIds
from ui.errors import as_toast
from ui.event_settings import QUIET, SPOKEN
from ui.i18n import say, t
from ui.page_context import PageContext
from ui.reopen import reopen, reopen_targets
from ui.server.addresses import shared_address, shared_track
from ui.theme import script

HEAD = """<script>
if (new URLSearchParams(location.search).has("run")) document.documentElement.classList.add("shared");
</script>
<style>
  .shared-view { display: none !important; }
  .shared .shared-view { display: flex !important; }
  .shared .studio { display: none !important; }
</style>"""
"""For the page's head, so that the tabs do not appear before the video.

The rules are not in the style sheet, which Gradio limits to its own element.
"""

OWN, OWN_VIDEO = "Try it with your own portrait", "Try it with your own video"

LEAVE = """() => {
  document.documentElement.classList.remove("shared");
  document.querySelectorAll(".shared-view video").forEach((video) => video.pause());
  history.replaceState(null, "", location.pathname);
}"""


def build_shared_view(names: ElementIds) -> dict[str, Any]:
    """Draw the view above the tabs; either the view or the tabs are visible."""
    with gr.Column(elem_classes=["shared-view"]):
        said = gr.HTML(f'<p class="hint">{say("Opening the video.")}</p>', padding=False, **names("said"))
        video = gr.HTML("", js_on_load=script("play.js"), padding=False, **names("result"))
        own = gr.Button(t(OWN), variant="primary", **names("own"))
        facts = gr.HTML("", padding=False, **names("facts"))
        table = gr.HTML("", padding=False, **names("settings"))
    return {"said": said, "video": video, "own": own, "facts": facts, "table": table}


def connect_shared_view(context: PageContext, parts: dict[str, Any]) -> None:
    """Show the video that the page's address names, and connect the button to its engine's tab."""
    shown = [parts["said"], parts["video"], parts["facts"], parts["table"], parts["own"]]
    token = gr.State(None)

    def player_html(asked: str, result: Result) -> str:
        return filled(
            "shared_player.html",
            video=shared_address(asked, result, "video"),
            poster=shared_address(asked, result, "poster"),
            track=shared_track(asked) if track_of(result.path) else "",
            width=result.size[0],
            height=result.size[1],
        )

    def show(request: gr.Request) -> tuple[Any, ...]:
        asked = request.query_params.get("run")
        if not asked:
            return (*[gr.skip()] * len(shown), None)
        try:
            result = shared(asked, context.settings).result
        except JoyStudioError as error:
            return f'<p class="hint problem">{say(str(error))}</p>', "", "", "", gr.skip(), None
        video = player_html(asked, result)
        said = f'<p class="hint">{say("A video made with JoyStudio. It is AI-generated.")}</p>'
        button = gr.skip() if result.dub is None else gr.Button(t(OWN_VIDEO))
        table = settings_table(result, context.settings.presets)
        return said, video, facts_html(result), table, button, asked

    def own(asked: str | None) -> dict[Any, Any]:
        if not asked:
            return {context.tabs: gr.skip()}
        try:
            return reopen(context, shared(asked, context.settings).result)
        except JoyStudioError as error:
            raise as_toast(error) from None

    context.page.load(show, None, [*shown, token], **QUIET)
    parts["own"].click(None, None, None, js=LEAVE, **QUIET)
    tell_of_all(context, parts["own"].click(own, token, reopen_targets(context), **SPOKEN))
