"""`/curves`: the curves of one of a program's own videos, for other programs."""

from __future__ import annotations

from collections.abc import AsyncIterator, Generator
from contextlib import aclosing, closing
from typing import Any

import gradio as gr
from gradio.components.api_component import Api

from media.performance.formats import FORMATS, format_named
from studio.admission import Line
from studio.gallery.export_bounds import check_bounds
from studio.gallery.exported_curves import export_curves
from studio.gallery.videos import Gallery
from studio.settings import Settings
from ui.api.own_videos import ID, owner_of
from ui.api.owner import OWNER
from ui.errors import as_answer
from ui.event_settings import SILENT
from ui.in_turn import LastValue, in_turn, visitor_of
from ui.server.addresses import Addresses, page_address

FORMAT: dict[str, Any] = {
    "type": "string",
    "enum": [one.name for one in FORMATS],
    "description": "The format: for Unreal and Blender live-link-face, for VTuber programs vrma.",
}
Answer = dict[str, Any]


def add_own_curves_api(settings: Settings, line: Line) -> None:
    """Add the endpoint to the page that is being built; it has no visible parts."""

    def work(owner: str, id: str, name: str, page: str) -> Generator[Answer | LastValue[Answer], None, None]:
        gallery = Gallery(owner, settings)
        result = gallery.get(id).result
        check_bounds(gallery, result)
        with closing(export_curves(result, format_named(name), settings)) as steps:
            while True:
                try:
                    yield {"fraction": round(next(steps), 3)}
                except StopIteration as end:
                    written = end.value
                    break
        about = written.as_json()
        about["file"] = Addresses(settings, page).export(owner, result, written.path.name)
        del about["path"]
        yield LastValue(about)

    async def curves(owner: str, id: str, format: str, request: gr.Request = None) -> AsyncIterator[Answer]:
        """Write the curves of the voice of one of your videos, to move a character in another program.

        Args:
            owner: The owner_token that came with the first video.
            id: The id that came with the video.
            format: The format, such as live-link-face.
        """
        try:
            token = owner_of(owner)
            wanted = work(token, str(id), str(format), page_address(request))
            waits = {"stage": "waiting"}
            answers = in_turn(
                line, visitor_of(request, token, settings), lambda ahead: {**waits, "ahead": ahead}, wanted
            )
            async with aclosing(answers):
                async for answer in answers:
                    yield answer
        except Exception as error:
            raise as_answer(error) from None

    given = [Api(None, OWNER, label="Owner"), Api(None, ID, label="Id"), Api(None, FORMAT, label="Format")]
    written = gr.JSON(label="Curves", visible=False)
    settings_of_call: dict[str, Any] = {**SILENT, "concurrency_limit": None}  # the page's own line decides
    gr.Button(visible=False).click(curves, given, written, api_name="curves", **settings_of_call)
