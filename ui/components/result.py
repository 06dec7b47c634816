"""The facts and download addresses of a finished video."""

from __future__ import annotations

from dataclasses import dataclass

from media.errors import OutputError
from media.messages import said
from studio.events import Result
from studio.gallery.history import History
from studio.settings import Settings
from ui.components.dub_words import report_words
from ui.components.filled import filled
from ui.components.option_words import engine_words
from ui.server.addresses import Addresses

UNKNOWN = (
    "The video is finished but cannot be shown, because the history could not be written. Ask the "
    "owner of this machine for it."
)
TIMES = "\N{MULTIPLICATION SIGN}"


def facts_html(result: Result) -> str:
    """Engine, time, speed and size of a finished video, its job's notes, and a mark on random weights."""
    speed = 1 / result.realtime_factor if result.realtime_factor else 0.0
    width, height = result.size
    facts = (
        (engine_words(result.engine), "Engine"),
        (said("{seconds:.1f} s", seconds=result.seconds), "processing time"),
        (f"{speed:.1f} {TIMES}" if speed >= 1 else f"{speed:.2g} {TIMES}", "real-time factor"),
        (said("{duration:.1f} s", duration=result.duration), "length"),
        (f"{width} {TIMES} {height}", said("{fps} frames/s", fps=result.fps)),
    )
    notes = (*report_words(result), *result.notes)
    return filled("facts.html", facts=facts, notes=notes, random_weights=result.random_weights)


@dataclass(frozen=True)
class DownloadFiles:
    """The addresses of a finished video and its files, and its id in the history.

    player: the video's full address, for the player. The others are relative. page_file: an HTML file with
    the video inside. motion: None if none was saved.
    """

    job_id: str
    player: str
    video: str
    page_file: str
    preset: str
    settings: str
    motion: str | None


def download_files(result: Result, owner: str, settings: Settings, page: str) -> DownloadFiles:
    """The addresses of a finished video's files, for its owner only. Nothing is copied.

    owner: as in `studio.gallery.visitors`. page: the page's full address. Raises OutputError if the history
    cannot be used or does not list the video: only listed videos are served, so that deleted ones are gone.
    """
    if History(settings.history).find(result.job_id) is None:
        raise OutputError(UNKNOWN)
    relative, whole = Addresses(settings), Addresses(settings, page)
    kept = result.motion is not None and result.motion.is_file()
    return DownloadFiles(
        result.job_id,
        whole.video(owner, result, "video"),
        relative.video(owner, result, "video"),
        relative.page_file(owner, result),
        relative.video(owner, result, "preset"),
        relative.video(owner, result, "settings"),
        relative.video(owner, result, "motion") if kept else None,
    )
