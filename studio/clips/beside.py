"""Several videos at the same time, from left to right, each under its label."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from pathlib import Path

import numpy as np

from media.errors import OptionError
from media.framing import Framing, Size, even, resized
from media.messages import OptionName
from studio.clips.edit import OPENED, Composed, EditProgress, format_of, frame_rate, opened, write
from studio.clips.events import ClipEvent
from studio.clips.fonts import Fonts, fonts_for
from studio.clips.join import check_count
from studio.clips.moviepy_package import moviepy
from studio.clips.options import GIF_FPS, GIF_WIDTH, BesideOptions, FileFormat
from studio.clips.source import ClipSource
from studio.clips.text_picture import over, text_picture
from studio.settings import Settings

PAPER = (24, 29, 37)
TALLEST, WIDEST = 720, 7680
"""Pixels: the automatic height, and the largest width that players show."""
LABEL_PART = 0.05
"""Height of a label's letters, as a fraction of the frame's height."""
SMALLEST_LETTERS = 10


def beside(
    videos: Sequence[Path],
    target: Path,
    options: BesideOptions | None = None,
    settings: Settings | None = None,
    *,
    labels: Sequence[str] = (),
    font: Path | None = None,
) -> Generator[ClipEvent, None, None]:
    """Write videos side by side. Yields progress, and an Edited at the end. Closing it leaves no file.

    labels: one for each video, or none. All videos get one height; notes name the videos that end earlier.
    Raises InputError, OptionError or OutputError.
    """
    options, settings = options or BesideOptions(), settings or Settings()
    check_count(videos, "show side by side")
    if labels and len(labels) != len(videos):
        raise OptionError(
            "There are {labels} labels for {videos} videos. Give one to each video.",
            labels=len(labels),
            videos=len(videos),
        )
    if options.sound > len(videos):
        raise OptionError(
            "The option {name} is {sound}, but there are {videos} videos.",
            name=OptionName("sound"),
            sound=options.sound,
            videos=len(videos),
        )
    format = format_of(target, videos, settings)
    moviepy()
    report = EditProgress()
    yield report.at("opening", 0.0, OPENED, 0.0)
    with opened(videos) as sources:
        fps = frame_rate(options, sources, format, GIF_FPS if format == "gif" else None)
        sizes = _sizes(sources, options, format)
        counts = [source.frames_at(fps) for source in sources]
        frames = max(counts) if options.end == "longest" else min(counts)
        fonts = fonts_for("".join(labels), font) if labels else None
        clips = [
            source.clip(fps, 0)
            .with_duration(frames / fps)
            .image_transform(_column(size, labels[number] if labels else "", fonts))
            for number, (source, size) in enumerate(zip(sources, sizes, strict=True))
        ]
        clip = moviepy().clips_array([clips], bg_color=PAPER)
        notes = [_lengths_note(sources, counts, frames, fps)]
        if options.sound and format != "gif":
            heard = sources[options.sound - 1]
            clip = clip.with_audio(heard.clip(fps, heard.channels).audio)
            if not heard.channels:
                notes.append(f"{heard.path.name} has no sound, so the video is silent.")
        edit = {"operation": "beside", "format": format, "labels": list(labels)} | options.model_dump()
        composed = Composed(clip, frames, fps, (clip.size[0], clip.size[1]), edit, notes)
        yield from write(composed, videos, target, format, options, settings, report)


def _sizes(sources: Sequence[ClipSource], options: BesideOptions, format: FileFormat) -> list[Size]:
    tallest = max(source.size[1] for source in sources)
    height = even(options.height or min(TALLEST, tallest))
    if format == "gif" and not options.height:
        total = sum(source.size[0] * height / source.size[1] for source in sources)
        height = even(min(height, height * 2 * GIF_WIDTH / total))
    sizes = [(even(source.size[0] * height / source.size[1]), height) for source in sources]
    if (width := sum(size[0] for size in sizes)) > WIDEST:
        raise OptionError(
            "The videos are {width} pixels wide together; at most {widest} are allowed. Choose a height "
            "below {height}.",
            width=width,
            widest=WIDEST,
            height=height * WIDEST // width,
        )
    return sizes


def _column(size: Size, label: str, fonts: Fonts | None) -> Framing:
    """Scales frames to a size, under a strip with their label."""
    strip = np.zeros((0, size[0], 3), np.uint8) if fonts is None else _strip(label, size, fonts)

    def framed(frame: np.ndarray) -> np.ndarray:
        return np.concatenate([strip, resized(frame, size)])

    return framed


def _strip(label: str, size: Size, fonts: Fonts) -> np.ndarray:
    letters = max(SMALLEST_LETTERS, round(LABEL_PART * size[1]))
    strip = np.empty((even(2 * letters), size[0], 3), np.uint8)
    strip[:] = PAPER
    if not label.strip():
        return strip
    picture = text_picture(label, 10**6, letters, fonts)
    while picture.shape[1] > size[0] and letters > SMALLEST_LETTERS:
        letters -= 1
        picture = text_picture(label, 10**6, letters, fonts)
    left = max(0, (size[0] - picture.shape[1]) // 2)
    return over(strip, picture, left, (strip.shape[0] - picture.shape[0]) // 2)


def _lengths_note(sources: Sequence[ClipSource], counts: Sequence[int], frames: int, fps: float) -> str:
    ends = [
        f"{source.path.name} ({count / fps:.1f} s)"
        for source, count in zip(sources, counts, strict=True)
        if count != frames
    ]
    if not ends:
        return ""
    if frames == max(counts):
        return f"These videos hold their last frame until {frames / fps:.1f} s: {', '.join(ends)}."
    return f"All videos end at {frames / fps:.1f} s, with the shortest; these are longer: {', '.join(ends)}."
