"""The steps of all edits: choose the file, write the clip, label and sign it, and report progress."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from media.errors import OptionError, OutputError
from studio.clips.encoders import encoding_for
from studio.clips.events import ClipProgress, ClipStage, Edited
from studio.clips.gif_colours import held, palette_of
from studio.clips.options import FORMATS, GIF_SECONDS, MOST_GIF_FPS, ClipOptions, FileFormat
from studio.clips.source import ClipSource, open_source
from studio.clips.writing import ClipWriter
from studio.destination import prepare_place, same_file, unless_interrupted
from studio.progress import TimeLeft
from studio.provenance.edited import EditSigner, provenance_of
from studio.settings import Settings

UNSIGNED = (
    "A WebM file cannot carry a signed manifest: its metadata says what the video's metadata says. Export an "
    "mp4 to keep a signature."
)
OPENED, SEARCHED, WRITTEN = 0.02, 0.12, 0.97
"""Progress of the whole edit after each stage."""
SMALLEST_FPS = 1.0


@dataclass(eq=False)
class Composed:
    """The clip to write. clip: a moviepy.VideoClip. edit: for the metadata, as JSON values. clear: whether
    its frames are (H, W, 4), with an opacity.
    """

    clip: Any
    frames: int
    fps: float
    size: tuple[int, int]
    edit: Mapping[str, Any]
    notes: list[str] = field(default_factory=list)
    clear: bool = False

    @property
    def seconds(self) -> float:
        """Length of the video."""
        return self.frames / self.fps


class EditProgress:
    """Converts the progress of a stage to progress of the whole edit."""

    def __init__(self) -> None:
        self._pace = TimeLeft()

    def at(self, stage: ClipStage, low: float, high: float, part: float) -> ClipProgress:
        """Progress of a stage that lasts from `low` to `high` of the whole and is done to the fraction
        `part`.
        """
        return ClipProgress(stage, *self._pace.at(low + (high - low) * part))


def format_of(target: Path, sources: Sequence[Path], settings: Settings) -> FileFormat:
    """The file type by the output's ending. Raises OutputError if the file cannot be written."""
    ending = target.suffix.lower().lstrip(".")
    for format in FORMATS:
        if ending == format:
            for source in sources:
                if same_file(target, source):
                    raise OutputError(
                        "The output {target} is the video itself. Choose another name.", target=target
                    )
            prepare_place(target, settings)
            return format
    raise OutputError(
        "Videos are exported as .mp4, .webm or .gif, but the output is called {name!r}. Change its ending.",
        name=target.name,
    )


@contextmanager
def opened(paths: Sequence[Path]) -> Iterator[list[ClipSource]]:
    """The videos, closed at the end of the block. Raises InputError for a file that is not a video."""
    with ExitStack() as stack:
        sources = []
        for path in paths:
            source = open_source(path)
            stack.callback(source.close)
            sources.append(source)
        yield sources


def frame_rate(
    options: ClipOptions, sources: Sequence[ClipSource], format: FileFormat, usual: int | None
) -> float:
    """Frames per second of the edit: the option, else `usual`, else the highest of the sources.

    In hundredths: MoviePy gives FFmpeg that precision, and both must agree. Raises OptionError.
    """
    highest = max(source.fps for source in sources)
    fps = float(options.fps or min(usual or 60, max(SMALLEST_FPS, highest)))
    if format == "gif" and fps > MOST_GIF_FPS:
        if options.fps:
            raise OptionError(
                "A GIF has at most {most} frames per second, not {fps}; lower fps.",
                most=MOST_GIF_FPS,
                fps=options.fps,
            )
        fps = MOST_GIF_FPS
    return round(fps, 2)


def write(
    composed: Composed,
    sources: Sequence[Path],
    target: Path,
    format: FileFormat,
    options: ClipOptions,
    settings: Settings,
    report: EditProgress,
) -> Generator[ClipProgress | Edited, None, None]:
    """Write, label and sign; the last event is the finished file. Closing it leaves no file."""
    if format == "gif" and composed.seconds > GIF_SECONDS:
        raise OptionError(
            "The video lasts {seconds:.1f} s, and a GIF at most {longest:.0f} s. Export it as .webm or .mp4.",
            seconds=composed.seconds,
            longest=GIF_SECONDS,
        )
    provenance = provenance_of(sources, composed.edit)
    with ExitStack() as stack:
        palette = (
            stack.enter_context(palette_of(composed.clip, composed.seconds)) if format == "gif" else None
        )
        encoding = encoding_for(format, options.quality, palette, clear=composed.clear)
        tags = {} if format == "gif" else provenance.tags
        clip = held(composed.clip) if format == "gif" else composed.clip
        writer = ClipWriter(clip, composed.frames, composed.fps, target, encoding, tags)
        try:
            with closing(writer.write()) as parts:
                for part in parts:
                    yield report.at("writing", SEARCHED, WRITTEN, part)
            yield report.at("finishing", WRITTEN, 1.0, 0.0)
            if format == "gif" and "comment" in provenance.tags:
                from media.gif_file import add_comment

                add_comment(writer.file.path, provenance.tags["comment"])
            signer = EditSigner(provenance, settings, sources, encoding.media_type)
            notes = list(composed.notes)
            if format != "webm":
                signer(writer.file.path)
            elif settings.sign and provenance.generated:
                notes.append(UNSIGNED)
        except BaseException:
            writer.discard()
            raise
        writer.keep()
    with unless_interrupted(target):
        yield Edited(
            path=target,
            size=composed.size,
            fps=composed.fps,
            frames=composed.frames,
            duration=composed.seconds,
            bytes=target.stat().st_size,
            notes=tuple(filter(None, [*notes, signer.note])),
            signed=signer.done,
            incomplete=("signature",) if signer.failed else (),
        )
