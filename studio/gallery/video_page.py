"""A finished video as one HTML file that plays without a network: the video, its first frame, its subtitles.

The video is in the page as base64, from which the page makes a blob: a `data:` address would be refused by
Firefox from 32 MB, and Safari would not seek in it.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from media.documents.templates import rendered
from media.errors import InputError
from studio.downloads import GONE, download_name, poster
from studio.events import Result
from studio.gallery.tracks import track_cues

TYPE = "text/html"
PIECE = 3 << 18
"""Bytes of the video that are encoded at a time: a multiple of three, so that only the last one is padded."""
_MARK = "JOYSTUDIO-VIDEO-HERE"


@dataclass(frozen=True)
class VideoPage:
    """The parts of the file before and after the video's bytes. size: of the whole file."""

    name: str
    video: Path
    before: bytes
    after: bytes
    size: int

    def pieces(self, look: Callable[[], object]) -> Iterator[bytes]:
        """The file. look: called before each piece; raises InputError once the video may not be read."""
        yield self.before
        try:
            with self.video.open("rb") as file:
                while piece := file.read(PIECE):
                    look()
                    yield base64.b64encode(piece)
        except OSError as error:
            raise InputError(GONE) from error
        yield self.after


def page_name(result: Result) -> str:
    """The file's name."""
    return f"{download_name(result, 'video').removesuffix('.mp4')}.html"


def video_page(result: Result) -> VideoPage:
    """The page of a video, without anything that says whose it is. Raises InputError if it cannot be read."""
    html = rendered(
        "studio.gallery",
        "video_page.html",
        poster=base64.b64encode(poster(result)).decode(),
        width=result.size[0],
        height=result.size[1],
        cues=track_cues(result.path),
        random_weights=result.random_weights,
        video=_MARK,
    )
    # The last one: subtitles, which may contain the same text, come before it.
    before, _, after = html.encode().rpartition(_MARK.encode())
    try:
        length = result.path.stat().st_size
    except OSError as error:
        raise InputError(GONE) from error
    size = len(before) + 4 * -(-length // 3) + len(after)
    return VideoPage(page_name(result), result.path, before, after, size)
