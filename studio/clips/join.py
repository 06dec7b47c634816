"""Several takes, one after the other, in one video."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from pathlib import Path
from typing import Any

from media.errors import OptionError
from media.framing import Size, even
from studio.clips.edit import OPENED, SEARCHED, Composed, EditProgress, format_of, frame_rate, opened, write
from studio.clips.events import ClipEvent
from studio.clips.moviepy_package import moviepy
from studio.clips.options import GIF_FPS, GIF_WIDTH, MOST_VIDEOS, FileFormat, JoinOptions
from studio.clips.reshaping import reshape
from studio.clips.source import ClipSource
from studio.settings import Settings


def join(
    videos: Sequence[Path],
    target: Path,
    options: JoinOptions | None = None,
    settings: Settings | None = None,
) -> Generator[ClipEvent, None, None]:
    """Write takes one after the other. Yields progress, and an Edited at the end. Closing it leaves no file.

    The first take decides the size, and the highest frame rate is used; notes say what changes for the
    others. Raises InputError, OptionError or OutputError.
    """
    options, settings = options or JoinOptions(), settings or Settings()
    check_count(videos, "join")
    format = format_of(target, videos, settings)
    moviepy()
    report = EditProgress()
    yield report.at("opening", 0.0, OPENED, 0.0)
    with opened(videos) as sources:
        fps = frame_rate(options, sources, format, GIF_FPS if format == "gif" else None)
        size = _size(sources[0].size, format)
        notes = [_sizes_note(sources, size), _rates_note(sources, fps)]
        channels = 0 if format == "gif" else max(source.channels for source in sources)
        if channels:
            notes.append(_silent_note(sources))
        if options.crossfade:
            _check_crossfade(sources, options.crossfade)
            channels = 2 if channels else 0  # MoviePy fades two channels, or none
        clips: list[Any] = []
        for number, source in enumerate(sources):
            step = (SEARCHED - OPENED) / len(sources)
            low = OPENED + number * step
            framing, note = yield from reshape(source, size, options, report, low, low + step)
            notes.append(note)
            clips.append(source.clip(fps, channels).image_transform(framing))
        overlap = round(options.crossfade * fps) / fps
        frames = sum(source.frames_at(fps) for source in sources) - round(overlap * fps) * (len(sources) - 1)
        edit = {"operation": "join", "format": format} | options.model_dump()
        composed = Composed(_joined(clips, overlap), frames, fps, size, edit, notes)
        yield from write(composed, videos, target, format, options, settings, report)


def check_count(videos: Sequence[Path], what: str) -> None:
    """Raise OptionError for too few or too many videos."""
    if not 2 <= len(videos) <= MOST_VIDEOS:
        raise OptionError(
            "Name 2 to {most} videos to {what}; {count} given.",
            most=MOST_VIDEOS,
            what=what,
            count=len(videos),
        )


def _joined(clips: Sequence[Any], overlap: float) -> Any:
    """One moviepy.VideoClip. overlap: seconds in which each take fades into the next."""
    package = moviepy()
    if not overlap:
        return package.concatenate_videoclips(list(clips), method="chain")
    faded = []
    for number, clip in enumerate(clips):
        sound = clip.audio
        if sound is not None and number:
            sound = sound.with_effects([package.afx.AudioFadeIn(overlap)])
        if sound is not None and number < len(clips) - 1:
            sound = sound.with_effects([package.afx.AudioFadeOut(overlap)])
        clip = clip.with_audio(sound)
        faded.append(clip.with_effects([package.vfx.CrossFadeIn(overlap)]) if number else clip)
    return package.concatenate_videoclips(faded, method="compose", padding=-overlap, bg_color=(0, 0, 0))


def _size(first: Size, format: FileFormat) -> Size:
    width = min(first[0], GIF_WIDTH) if format == "gif" else first[0]
    return even(width), even(width * first[1] / first[0])


def _check_crossfade(sources: Sequence[ClipSource], seconds: float) -> None:
    """Check that each take is longer than the fades at its ends."""
    shortest = min(sources, key=lambda source: source.file.duration)
    longest_fade = shortest.file.duration / 2
    if seconds >= longest_fade:
        raise OptionError(
            "The crossfade of {seconds:g} s is too long for {name}, which lasts {duration:.2f} s. Choose "
            "less than {longest_fade:.2f} s.",
            seconds=seconds,
            name=shortest.path.name,
            duration=shortest.file.duration,
            longest_fade=longest_fade,
        )


def _sizes_note(sources: Sequence[ClipSource], size: Size) -> str:
    other = [f"{s.path.name} ({s.size[0]}x{s.size[1]})" for s in sources if s.size != sources[0].size]
    if not other:
        return ""
    names = ", ".join(other)
    return f"All takes have the size of the first now, {size[0]}x{size[1]}; these had others: {names}."


def _rates_note(sources: Sequence[ClipSource], fps: float) -> str:
    other = [f"{s.path.name} ({s.fps:.4g})" for s in sources if abs(s.fps - fps) > 0.01]
    if not other:
        return ""
    return f"All takes have {fps:g} frames per second now; these had others: {', '.join(other)}."


def _silent_note(sources: Sequence[ClipSource]) -> str:
    silent = [source.path.name for source in sources if not source.channels]
    return f"These takes have no sound and are silent: {', '.join(silent)}." if silent else ""
