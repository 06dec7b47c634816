"""The addresses of visitors' files, and the page's own address in the visitor's browser."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote, urlsplit

import gradio as gr
from gradio.route_utils import get_root_url

from studio.comparison.folders import ComparisonFolder
from studio.downloads import DownloadKind, download_name
from studio.events import Result
from studio.gallery.tracks import NAME as TRACK_NAME
from studio.gallery.video_page import page_name
from studio.settings import Settings
from studio.video_keys import Keys

VIDEOS, COMPARISONS, SHARED = "joystudio/videos", "joystudio/comparisons", "joystudio/shared"
EXPORTS, ZIPS, PAGES = "joystudio/exports", "joystudio/zips", "joystudio/pages"
EXAMPLES, SCRIPTS = "joystudio/examples", "joystudio/scripts"
COMPARISON, EXPORT, ZIP, PAGE_FILE = "comparison", "export", "zip", "page"
"""The kinds of keys for comparisons and for a video's exports, which open all their files, for zips and for
pages with a video inside."""
TRACK = "subtitles"
"""The kind of a video's subtitles, in addresses and keys."""


class Addresses:
    """Makes addresses of single files.

    page: the page's address with a slash at its end, for full addresses. Without it, addresses are relative,
    without a leading slash, so that they also work behind a proxy's path. Raises OutputError if the history
    cannot be used.
    """

    def __init__(self, settings: Settings, page: str = "") -> None:
        self._keys, self._page = Keys(settings), page

    def video(self, owner: str, result: Result, kind: DownloadKind) -> str:
        """The address of a file of a finished video, for its owner."""
        key = self._keys.key(owner, result.job_id, kind)
        return f"{self._page}{VIDEOS}/{result.job_id}/{kind}/{key}/{quote(download_name(result, kind))}"

    def export(self, owner: str, result: Result, name: str) -> str:
        """The address of an export of a finished video, for its owner."""
        key = self._keys.key(owner, result.job_id, EXPORT)
        return f"{self._page}{EXPORTS}/{result.job_id}/{key}/{quote(name, safe='')}"

    def page_file(self, owner: str, result: Result) -> str:
        """The address of the HTML file with a finished video inside, for its owner."""
        key = self._keys.key(owner, result.job_id, PAGE_FILE)
        return f"{self._page}{PAGES}/{result.job_id}/{key}/{quote(page_name(result))}"

    def track(self, owner: str, result: Result) -> str:
        """The address of a finished video's subtitles, for its owner."""
        key = self._keys.key(owner, result.job_id, TRACK)
        return f"{self._page}{VIDEOS}/{result.job_id}/{TRACK}/{key}/{TRACK_NAME}"

    def zip(self, owner: str, ids: Sequence[str]) -> str:
        """The address of a zip of some finished videos, for their owner."""
        together = ".".join(ids)
        key = self._keys.key(owner, together, ZIP)
        return f"{self._page}{ZIPS}/{together}/{key}/joystudio-{len(ids)}-takes.zip"

    def comparison(self, made: ComparisonFolder, name: str) -> str:
        """The address of a file of a comparison, for its owner."""
        key = self._keys.key(made.owner, made.id, COMPARISON)
        return f"{self._page}{COMPARISONS}/{made.id}/{key}/{quote(name, safe='')}"


def shared_address(token: str, result: Result, kind: DownloadKind, page: str = "") -> str:
    """The address of a video's file for those who have its link; its name does not reveal the portrait's."""
    name = download_name(result, kind, named=False)
    return f"{page}{SHARED}/{quote(token, safe='')}/{kind}/{quote(name)}"


def shared_track(token: str, page: str = "") -> str:
    """The address of a shared video's subtitles."""
    return f"{page}{SHARED}/{quote(token, safe='')}/{TRACK}/{TRACK_NAME}"


def page_address(request: gr.Request) -> str:
    """The page's address in the visitor's browser, up to its last slash.

    A browser sends it in the header Referer, with a proxy's path. It is used only if it names the host of the
    request, because an address with a key must never lead anywhere else.
    """
    inner = request.request
    assert inner is not None  # only Gradio's own examples have none
    root = get_root_url(inner, inner.url.path, inner.scope.get("root_path"))
    referrer = urlsplit(request.headers.get("referer") or "")
    if referrer.scheme in ("http", "https") and referrer.netloc == urlsplit(root).netloc:
        return f"{referrer.scheme}://{referrer.netloc}{referrer.path.rpartition('/')[0]}/"
    return f"{root}/"
