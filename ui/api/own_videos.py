"""`/videos` and `/delete`: list and delete the videos of a program."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import gradio as gr
from gradio.components.api_component import Api

from media.errors import InputError
from studio.comparison.folders import delete_comparison, find_comparison, list_comparisons
from studio.gallery.history import HistoryEntry
from studio.gallery.videos import Gallery
from studio.settings import Settings
from ui.api.owner import OWNER, caller_of
from ui.errors import as_answer
from ui.event_settings import SILENT
from ui.server.addresses import Addresses, page_address
from ui.uploads_used import files_of_page, forget_uploads

ID: dict[str, Any] = {
    "type": "string",
    "description": "The id of a video or a comparison, from an answer or from `/videos`.",
}


def add_own_videos_api(settings: Settings, page: gr.Blocks) -> None:
    """Add both endpoints to the page that is being built; they have no visible parts."""

    def videos(owner: str, request: gr.Request = None) -> list[dict[str, Any]]:
        """List the videos and comparisons of an owner, newest first, with the addresses to fetch them.

        Args:
            owner: The owner_token that came with the first video.
        """
        try:
            return _list(owner_of(owner), settings, page_address(request))
        except Exception as error:
            raise as_answer(error) from None

    def delete(owner: str, id: str) -> dict[str, Any]:  # the name of the parameter in requests
        """Delete a video or a comparison of an owner with all its files, for good and at once.

        Args:
            owner: The owner_token that came with the first video.
            id: The id that came with the video.
        """
        try:
            _delete(owner_of(owner), id, settings)
            forget_uploads(id, settings, keep=files_of_page(page))
            return {"deleted": id}
        except Exception as error:
            raise as_answer(error) from None

    token, job_id = Api(None, OWNER, label="Owner"), Api(None, ID, label="Id")
    listed, done = gr.JSON(label="Videos", visible=False), gr.JSON(label="Deleted", visible=False)
    look: dict[str, Any] = {**SILENT, "concurrency_limit": None}
    gr.Button(visible=False).click(videos, token, listed, api_name="videos", **look)
    gr.Button(visible=False).click(delete, [token, job_id], done, api_name="delete", **look)


def owner_of(token: Any) -> str:
    """The owner of a token. Raises InputError without a token, and OptionError for an invalid one."""
    caller = caller_of(token)
    if caller.new:
        raise InputError(
            "Send the owner_token that came with the first video; without it, no video belongs to you."
        )
    return caller.owner


def _list(owner: str, settings: Settings, page: str) -> list[dict[str, Any]]:
    addresses = Addresses(settings, page)
    found = [
        (entry.created, _video(entry, addresses.video(owner, entry.result, "video")))
        for entry in Gallery(owner, settings).list()
    ]
    for made in list_comparisons(settings, owner=owner):
        when = datetime.fromtimestamp(made.created, UTC)
        files = [addresses.comparison(made, name) for name in made.names()]
        about = {"id": made.id, "kind": "comparison", "created": _iso(when), "files": files}
        found.append((when, about))
    return [about for _, about in sorted(found, key=lambda one: one[0], reverse=True)]


def _video(entry: HistoryEntry, address: str) -> dict[str, Any]:
    result = entry.result
    return {
        "id": result.job_id,
        "kind": "video",
        "created": _iso(entry.created),
        "engine": result.engine,
        "duration": result.duration,
        "files": [address],
    }


def _delete(owner: str, job_id: Any, settings: Settings) -> None:
    """Delete a comparison or a video. Raises InputError if it does not belong to the owner."""
    made = find_comparison(job_id, settings) if isinstance(job_id, str) else None
    if made is not None and made.owner == owner:
        delete_comparison(made, settings)
    else:
        Gallery(owner, settings).delete(job_id if isinstance(job_id, str) else "")


def _iso(when: datetime) -> str:
    return when.isoformat(timespec="seconds")
