"""Writes the curves of a voice, without a portrait: for Unreal, Blender, VTuber programs, Moho and others."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from media.documents.paths import given_path
from media.errors import OptionError, OutputError
from media.output_file import OutputFile, explain_output_error
from media.performance.formats import PerformanceFormat, format_for, format_named
from media.performance.performance import PerformanceHead
from studio.decoding import decoding_for
from studio.destination import same_file
from studio.job import checked_seed
from studio.options import make_options
from studio.settings import Settings

if TYPE_CHECKING:
    from media.performance.visemes import VisemeCue
    from media.voice import Voice

ENGINE = "preview"
"""The engine whose motion is written."""
USUAL_FPS = 30
MOHO_FPS = 24


@dataclass(frozen=True)
class CurveRequest:
    """What is wanted.

    voice: a sound or video file. kind: the format. options: of the preview engine, with `fps`. fps: frames
    per second of the file. seed: the same one gives the same curves. track: as in `media.voice.open_voice`.
    sound: the voice's name in the file; "" is its own. longest: seconds after which the voice is cut; sound
    in a video lasts a little longer than its frames.
    """

    voice: Path
    kind: PerformanceFormat
    options: Any
    fps: int
    seed: int = 0
    track: int | None = None
    sound: str = ""
    longest: float | None = None


@dataclass(frozen=True)
class WrittenCurves:
    """A finished file. frames: of blend shapes; cues: mouth shapes; one of the two is 0."""

    path: Path
    kind: PerformanceFormat
    fps: int
    duration: float
    frames: int
    cues: int
    notes: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The facts as plain values."""
        return {
            "path": str(self.path),
            "format": self.kind.name,
            "fps": self.fps,
            "duration": round(self.duration, 3),
            "frames": self.frames,
            "cues": self.cues,
            "notes": list(self.notes),
        }


def curve_request(
    voice: str | Path,
    output: Path,
    *,
    format: str | None = None,
    fps: int | str | None = None,
    options: dict[str, Any] | None = None,
    seed: int | str | None = None,
    track: int | None = None,
) -> CurveRequest:
    """Check everything that can be checked before the voice is opened. Raises OptionError."""
    kind = format_named(format) if format else format_for(output)
    lowest, highest = kind.rates
    usual = usual_fps(kind)
    try:
        wanted = usual if fps is None else int(str(fps))
    except ValueError:
        wanted = -1
    if not lowest <= wanted <= highest:
        raise OptionError(
            "The frame rate of {format} is {fps}, but takes {lowest} to {highest} whole frames per second.",
            format=kind.name,
            fps=str(fps)[:20],
            lowest=lowest,
            highest=highest,
        )
    values = (options or {}) | ({"fps": wanted} if kind.frames is not None else {})
    number = int(seed) if isinstance(seed, str) and seed.isdecimal() and len(seed) < 20 else seed
    return CurveRequest(
        given_path(voice), kind, make_options(ENGINE, values), wanted, checked_seed(number), track
    )


def usual_fps(kind: PerformanceFormat) -> int:
    """Frames per second of a format where none are asked for."""
    return MOHO_FPS if kind.name == "moho" else USUAL_FPS


def write_curves(
    request: CurveRequest, target: Path, settings: Settings
) -> Generator[float, None, WrittenCurves]:
    """Write the file step by step: yields the finished fraction.

    The file gets its name at the end of the generator; closing it earlier leaves no file. Raises VoiceError
    for an unusable voice, and OutputError.
    """
    from media.voice import open_voice

    if same_file(target, request.voice):
        raise OutputError(
            "The output {path} is the {what} itself. Choose another name.", path=target, what="voice"
        )
    file = OutputFile(target)
    try:
        speech = open_voice(
            request.voice,
            max_seconds=settings.max_seconds,
            decoding=decoding_for(settings),
            track=request.track,
        )
        if request.longest is not None and speech.duration > request.longest:
            samples = speech.samples[: round(request.longest * speech.SAMPLE_RATE)]
            speech = replace(speech, samples=samples, duration=request.longest)
        counted = _Counted()
        with file.path.open("r+b") as stream, closing(_written(request, speech, stream, counted)) as work:
            yield from work
        file.keep()
    except OSError as error:
        raise explain_output_error(error, target) from None
    finally:
        file.discard()
    return WrittenCurves(
        target, request.kind, request.fps, speech.duration, counted.frames, counted.cues, speech.notes
    )


@dataclass
class _Counted:
    frames: int = 0
    cues: int = 0


def _written(
    request: CurveRequest, speech: Voice, stream: BinaryIO, counted: _Counted
) -> Generator[float, None, None]:
    from engines import registry
    from engines.preview.curves import cue_stream, curve_blocks
    from engines.preview.engine import PreviewEngine

    engine = registry.load(ENGINE)
    assert isinstance(engine, PreviewEngine)
    kind, sound = request.kind, request.sound or request.voice.name
    head = PerformanceHead(Fraction(request.fps), speech.frames(request.fps), sound)
    if kind.frames is None:
        assert kind.cues is not None
        if kind.name != "moho":  # its times are in hundredths of a second, whatever the frame rate
            head = PerformanceHead(Fraction(100), max(1, round(100 * speech.duration)), sound)

        def cues() -> Iterator[VisemeCue]:
            for cue in cue_stream(engine, speech):
                counted.cues += 1
                yield cue

        yield 0.0
        kind.cues(stream, cues(), head)
        yield 1.0
        return
    writer = kind.frames(stream, head)
    try:
        with closing(curve_blocks(engine, speech, request.options, request.seed)) as blocks:
            for values, rotations in blocks:
                writer.add(values, rotations)
                counted.frames += len(values)
                yield counted.frames / head.frames
        writer.finish()
    finally:
        writer.close()
