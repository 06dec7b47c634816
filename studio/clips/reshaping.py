"""Decides how the frames of a video are fitted into another shape."""

from __future__ import annotations

from collections.abc import Generator

from media.framing import Framing, Size, bordered, colour_of, cropped, cut_for, head_of, scaled
from media.messages import said
from studio.clips.edit import EditProgress
from studio.clips.events import ClipProgress
from studio.clips.face_search import FaceBounds, search_face
from studio.clips.options import FittedOptions
from studio.clips.source import ClipSource

NOTHING = (0, 0, 0)
"""The colour and the opacity of a transparent border."""
SAME_SHAPE = 0.01
"""Shapes that differ by less are treated as equal, because sizes are rounded to even numbers."""


def reshape(
    source: ClipSource,
    target: Size,
    options: FittedOptions,
    report: EditProgress,
    low: float,
    high: float,
    *,
    clear: bool = False,
) -> Generator[ClipProgress, None, tuple[Framing, str]]:
    """Return the framing, and a note or "". The search for the face reports progress from `low` to `high`.

    clear: whether the background becomes transparent, so that a border is black and nothing is blurred.
    """
    size = source.size
    if abs(size[0] / size[1] / (target[0] / target[1]) - 1) < SAME_SHAPE:
        return scaled(target), ""
    if clear and options.fit != "crop":
        return bordered(size, target, NOTHING), ""
    if options.fit != "crop":
        return bordered(size, target, colour_of(options.border) if options.fit == "plain" else None), ""
    seen = FaceBounds(None, 0, 0)
    for news in search_face(source):
        if isinstance(news, FaceBounds):
            seen = news
        else:
            yield report.at("searching", low, high, news)
    name = source.path.name
    head = head_of(seen.box, size) if seen.box is not None else None
    cut = cut_for(size, target, head) if head is not None else None
    if clear and cut is None:
        return bordered(size, target, NOTHING), said(
            "A crop of {name} would not hold the head in every frame, so the whole frame is shown.", name=name
        )
    if head is None:
        return bordered(size, target, None), (
            said(
                "No face was found in 1 frame of {name}, so the whole frame is shown, on a blurred "
                "background."
                if seen.looked == 1
                else "No face was found in {count} frames of {name}, so the whole frame is shown, on a "
                "blurred background.",
                count=seen.looked,
                name=name,
            )
        )
    if cut is None:
        room = cut_for(size, target, None)
        assert room is not None
        return bordered(size, target, None), (
            said(
                "The head in {name} takes {head_width:.0f}x{head_height:.0f} pixels during the video, and "
                "the crop has {width}x{height}. So the whole frame is shown, on a blurred background.",
                name=name,
                head_width=head[2] - head[0],
                head_height=head[3] - head[1],
                width=room.width,
                height=room.height,
            )
        )
    return cropped(cut, target), ""
