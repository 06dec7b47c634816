"""One finished video in another shape or file type, with or without subtitles."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path

from media.errors import OptionError
from media.framing import Size, even
from studio.clips.cutout import Cutout, cutout_of
from studio.clips.edit import OPENED, SEARCHED, Composed, EditProgress, format_of, frame_rate, opened, write
from studio.clips.events import ClipEvent
from studio.clips.moviepy_package import moviepy
from studio.clips.options import ASPECTS, FULL_WIDTH, GIF_FPS, GIF_WIDTH, ExportOptions, FileFormat
from studio.clips.reshaping import reshape
from studio.clips.subtitle_track import SubtitleTrack, open_subtitles, too_late
from studio.settings import Settings


def export(
    video: Path,
    target: Path,
    options: ExportOptions | None = None,
    settings: Settings | None = None,
    *,
    subtitles: Path | None = None,
    font: Path | None = None,
) -> Generator[ClipEvent, None, None]:
    """Write a video again. Yields progress, and an Edited at the end. Closing the generator leaves no file.

    target: its ending decides the file type: .mp4, .webm or .gif. subtitles: a SubRip or WebVTT file, drawn
    on the frames. font: a font file for them; by default one of this machine's. Raises InputError,
    OptionError or OutputError, and PortraitError if there is no person to keep.
    """
    options, settings = options or ExportOptions(), settings or Settings()
    format = format_of(target, (video,), settings)
    clear = options.background == "transparent"
    if clear and format != "webm":
        raise OptionError(
            "Only a .webm file can have a transparent background, but the output is called {name!r}. Change "
            "its ending, or keep the background.",
            name=target.name,
        )
    moviepy()
    report = EditProgress()
    yield report.at("opening", 0.0, OPENED, 0.0)
    with opened((video,)) as (source,):
        fps = frame_rate(options, (source,), format, GIF_FPS if format == "gif" else None)
        size = size_of(source.size, options, format)
        texts = open_subtitles(subtitles, font) if subtitles is not None else None
        framing, note = yield from reshape(source, size, options, report, OPENED, SEARCHED, clear=clear)
        if clear:
            for news in cutout_of(source, framing):
                if isinstance(news, Cutout):
                    framing = news
                else:
                    yield report.at("searching", OPENED, SEARCHED, news)
        clip = source.clip(fps, 0 if format == "gif" else source.channels).image_transform(framing)
        notes = [note]
        frames = source.frames_at(fps)
        if texts is not None:
            clip = SubtitleTrack(texts[0], size, options.subtitle_size, texts[1]).on(clip)
            notes.append(too_late(texts[0], frames / fps))
        edit = {
            "operation": "export",
            "format": format,
            "subtitles": texts is not None,
        } | options.model_dump()
        composed = Composed(clip, frames, fps, size, edit, notes, clear)
        yield from write(composed, (video,), target, format, options, settings, report)


def size_of(size: Size, options: ExportOptions, format: FileFormat) -> Size:
    """(width, height) of the exported frames, both even."""
    aspect = ASPECTS[options.shape] or size
    usual = size[0] if options.shape == "original" else FULL_WIDTH
    if format == "gif":
        usual = min(usual, size[0], GIF_WIDTH)
    width = options.width or usual
    return even(width), even(width * aspect[1] / aspect[0])
