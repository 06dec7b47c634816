"""The addresses at which visitors' files are served, and the page's own address as the visitor has it."""

from __future__ import annotations

from urllib.parse import quote, urlsplit

import gradio as gr
from gradio.route_utils import get_root_url

from studio.comparison.folders import ComparisonFolder
from studio.downloads import DownloadKind, download_name
from studio.events import Result
from studio.settings import Settings
from studio.video_keys import Keys

VIDEOS, COMPARISONS, SHARED = "joystudio/videos", "joystudio/comparisons", "joystudio/shared"
EXPORTS = "joystudio/exports"
COMPARISON, EXPORT = "comparison", "export"
"""The kinds that the keys of a comparison and of a video's exports are for; each opens all its files."""


class Addresses:
    """Makes addresses that lead to one file each.

    page: the page's address with a slash at its end, for readers who need whole addresses. Without it they
    are relative, with no slash before them, so that they hold behind a proxy's path, too. Raises OutputError
    when the history cannot be used.
    """

    def __init__(self, settings: Settings, page: str = "") -> None:
        self._keys, self._page = Keys(settings), page

    def video(self, owner: str, result: Result, kind: DownloadKind) -> str:
        """Where the owner of a finished video finds one of its files."""
        key = self._keys.key(owner, result.job_id, kind)
        return f"{self._page}{VIDEOS}/{result.job_id}/{kind}/{key}/{quote(download_name(result, kind))}"

    def export(self, owner: str, result: Result, name: str) -> str:
        """Where the owner of a finished video finds one of its exports."""
        key = self._keys.key(owner, result.job_id, EXPORT)
        return f"{self._page}{EXPORTS}/{result.job_id}/{key}/{quote(name, safe='')}"

    def comparison(self, made: ComparisonFolder, name: str) -> str:
        """Where the owner of a comparison finds one of its files."""
        key = self._keys.key(made.owner, made.id, COMPARISON)
        return f"{self._page}{COMPARISONS}/{made.id}/{key}/{quote(name, safe='')}"


def shared_address(token: str, result: Result, kind: DownloadKind, page: str = "") -> str:
    """The address of a video's file for those who have its link; its name does not reveal the portrait's."""
    name = download_name(result, kind, named=False)
    return f"{page}{SHARED}/{quote(token, safe='')}/{kind}/{quote(name)}"


def page_address(request: gr.Request) -> str:
    """The page's address as the visitor has it, up to its last slash.

    A browser tells it in the header Referer, with a proxy's path; that counts only where it names the host
    that was asked, because an address with a key in it must never lead anywhere else.
    """
    inner = request.request
    assert inner is not None  # only Gradio's own examples have none
    root = get_root_url(inner, inner.url.path, inner.scope.get("root_path"))
    referrer = urlsplit(request.headers.get("referer") or "")
    if referrer.scheme in ("http", "https") and referrer.netloc == urlsplit(root).netloc:
        return f"{referrer.scheme}://{referrer.netloc}{referrer.path.rpartition('/')[0]}/"
    return f"{root}/"
