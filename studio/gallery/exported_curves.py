"""The curves of a visitor's finished video: they lie among its exports."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path
from typing import TYPE_CHECKING

from engines.registry import options_of
from media.errors import InputError
from media.performance.formats import PerformanceFormat
from studio.curves import ENGINE, CurveRequest, WrittenCurves, usual_fps, write_curves
from studio.downloads import GONE, download_name
from studio.gallery.exports import delete_exports, make_exports_folder
from studio.given_performance import KEY as PERFORMANCE
from studio.in_use import holding
from studio.options import make_options
from studio.provenance.inspection import inspect_video

if TYPE_CHECKING:
    from studio.events import Result
    from studio.settings import Settings

PERFORMED = "This video follows a recorded performance. Use that file."


def curves_name(result: Result, kind: PerformanceFormat) -> str:
    """The file's name; it says the format, and new curves of the same format replace the file."""
    return f"{download_name(result, 'video').removesuffix('.mp4')}.{kind.mark}{kind.ending}"


def curves_of(result: Result, kind: PerformanceFormat) -> CurveRequest:
    """The curves of a video's voice, with its seed and, if the format allows it, its frame rate.

    A video of the preview engine also gives its options, so that the curves move as the video does. Raises
    InputError for a video that followed a recorded performance, whose movement is not its voice's.
    """
    if _followed_performance(result.path):
        raise InputError(PERFORMED)
    lowest, highest = kind.rates
    fps = result.fps if lowest <= result.fps <= highest else usual_fps(kind)
    known = options_of(ENGINE).model_fields if result.engine == ENGINE else {}
    values = {name: value for name, value in result.options.items() if name in known}
    options = make_options(ENGINE, values | ({"fps": fps} if kind.frames is not None else {}))
    sound = Path(result.speech).name
    return CurveRequest(result.path, kind, options, fps, result.seed, sound=sound, longest=result.duration)


def _followed_performance(video: Path) -> bool:
    """Whether the video's own metadata names a performance; a video without metadata names none."""
    try:
        return bool((inspect_video(video).facts or {}).get(PERFORMANCE))
    except InputError:
        return False


def export_curves(
    result: Result, kind: PerformanceFormat, settings: Settings
) -> Generator[float, None, WrittenCurves]:
    """Write the curves into the video's folder of exports, as `studio.curves.write_curves` does."""
    target = make_exports_folder(result.path) / curves_name(result, kind)
    with holding(result.path):
        written = yield from write_curves(curves_of(result, kind), target, settings)
        if not result.path.is_file():
            delete_exports(result.path)  # its video was deleted in the meantime
            raise InputError(GONE)
    return written
