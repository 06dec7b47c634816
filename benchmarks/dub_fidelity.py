"""Measures what a dub leaves of its source: frames, times, and the picture outside of the mouth.

The video is that of `benchmarks.dub_torture`, written at odd rates, with variable times, turned, and in
10 bit.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any, Literal

import av
import cv2
import numpy as np

from benchmarks.dub_torture import example_persons, torture
from benchmarks.figures import EXAMPLES, Figure
from engines.registry import load
from media.dubbing.following import FollowingOptions, follow_video
from media.dubbing.lengths import DubSchedule
from media.dubbing.readers import reader_of
from media.dubbing.source import DecodedFrame, DubSource, open_source
from media.dubbing.writer import DubWriter
from media.errors import JoyStudioError
from media.voice import Voice, open_voice
from studio.dubbing.job import DubJob
from studio.dubbing.painting import DubPainting, PaintedFrame

VOICE = EXAMPLES / "voices" / "english-woman.wav"
LEAST = 45.0
"""dB."""
LEFT = [0, -(1 << 16), 0, 1 << 16, 0, 0, 0, 0, 1 << 30]
"""FFmpeg's display matrix of a quarter turn to the left."""


@dataclass(frozen=True)
class StoredKind:
    """How the frames are stored. ticks: of the frames on `clock`; None for one tick each. turns: quarter
    turns to the left that players make.
    """

    name: str
    clock: Fraction
    ticks: Sequence[int] | None = None
    pixels: str = "yuv420p"
    turns: Literal[0, 1] = 0


def kinds(frames: int) -> list[StoredKind]:
    """Every way in which the video is written."""
    uneven = np.cumsum(np.random.default_rng(1).integers(15, 90, frames)).tolist()
    return [
        StoredKind("25", Fraction(1, 25)),
        StoredKind("23.976", Fraction(1001, 24000)),
        StoredKind("29.97", Fraction(1001, 30000)),
        StoredKind("59.94", Fraction(1001, 60000)),
        StoredKind("variable", Fraction(1, 1000), [tick - uneven[0] for tick in uneven]),
        StoredKind("turned by 90 degrees", Fraction(1, 25), turns=1),
        StoredKind("10 bit", Fraction(1, 25), pixels="yuv420p10le"),
    ]


def fidelity_figures(folder: Path) -> Iterator[Figure]:
    """For each kind of file: whether it is dubbed, frames and times kept, and PSNR outside of the mouth."""
    frames = torture(*example_persons()).frames
    speech = open_voice(VOICE)
    for kind in kinds(len(frames)):
        source = written(folder / "torture.mp4", frames, kind)
        try:
            found = _dubbed(source, folder / "dubbed.mp4", speech)
        except JoyStudioError as error:
            yield Figure(f"{kind.name}: dubs that end with an error ({error})", 1, "", 0, at_least=False)
            continue
        yield Figure(
            f"{kind.name}: frames lost or added", abs(found.frames - len(frames)), "", 0, at_least=False
        )
        yield Figure(f"{kind.name}: frames at another time", found.moved, "", 0, at_least=False)
        yield Figure(f"{kind.name}: PSNR of frames that pass ({found.passed})", min(found.whole), "dB", LEAST)
        yield Figure(f"{kind.name}: PSNR outside of the mouth", min(found.outside), "dB", LEAST)


@dataclass
class KeptFrames:
    """frames: read from the dub. moved: of them, at a time other than in the source. passed: without a
    patch. whole, outside: PSNR in dB of each frame that passes, and of the rest of each one that is painted.
    """

    frames: int = 0
    moved: int = 0
    passed: int = 0
    whole: list[float] = field(default_factory=list)
    outside: list[float] = field(default_factory=list)


def _dubbed(path: Path, output: Path, speech: Voice) -> KeptFrames:
    """Dub a file as `studio.dubbing.run` does, and compare it with its source frame by frame."""
    source = open_source(path, reader=reader_of(path))
    painted: list[np.ndarray] = []
    with follow_video(source.frames(), output.parent, FollowingOptions(person="all")) as faces:
        schedule = DubSchedule(source.times, source.times.duration, "silence")
        work = DubPainting(source, faces, schedule)
        engine = load("preview", "cpu")
        options = DubJob(video=path, voice=VOICE).options
        with (
            DubWriter(output, source, schedule, speech) as writer,
            contextlib.closing(work.painted(engine, speech, options, 0)) as pieces,
        ):
            for piece in pieces:
                assert isinstance(piece, PaintedFrame)
                writer.write(piece.frame, piece.moment, piece.patches)
                mask = np.zeros(piece.frame.picture.shape[:2], bool)
                for patch in piece.patches:
                    rows, columns = patch.alpha.shape
                    mask[patch.y : patch.y + rows, patch.x : patch.x + columns] |= patch.alpha > 0
                # Chroma has one sample for four pixels: beside a painted one, it changes, too.
                painted.append(cv2.dilate(mask.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0)
    return _compared(source, open_source(output, reader=reader_of(output)), painted)


def _compared(source: DubSource, dub: DubSource, painted: Sequence[np.ndarray]) -> KeptFrames:
    """Compare the stored planes of every frame. painted: (H, W) bool for each, upright."""
    kept = KeptFrames()
    for before, after, mask in zip(source.frames(), dub.frames(), painted, strict=False):
        kept.frames += 1
        kept.moved += before.time != after.time
        outside = ~np.rot90(mask, -source.facts.quarter_turns)
        psnr = _psnr(before, after, outside)
        (kept.outside if mask.any() else kept.whole).append(psnr)
        kept.passed += not mask.any()
    return kept


def _psnr(before: DecodedFrame, after: DecodedFrame, outside: np.ndarray) -> float:
    """Over the samples of Y, U and V together, in dB. outside: (H, W) bool of the stored picture."""
    layout = before.layout
    planes = zip(layout.planes(before.stored), layout.planes(after.stored), strict=True)
    across, down = layout.steps
    errors, samples = 0.0, 0
    for number, (old, new) in enumerate(planes):
        mask = outside[::down, ::across] if number else outside
        apart = old[mask].astype(np.float64) - new[mask]
        errors += float(np.square(apart).sum())
        samples += apart.size
    largest = 2**layout.depth - 1
    return 10 * float(np.log10(largest**2 * samples / max(errors, 1e-9)))


def written(path: Path, frames: Sequence[np.ndarray], kind: StoredKind) -> Path:
    """Write the frames as a video of that kind."""
    with av.open(str(path), "w") as out:
        stream: Any = out.add_stream(
            "libx264", rate=1 / kind.clock, options={"crf": "18", "preset": "veryfast"}
        )
        stream.height, stream.width = np.rot90(frames[0], -kind.turns).shape[:2]
        stream.pix_fmt, stream.time_base = kind.pixels, kind.clock
        stream.codec_context.time_base = kind.clock
        if kind.turns:
            stream.set_display_matrix(LEFT)
        for number, picture in enumerate(frames):
            frame = av.VideoFrame.from_ndarray(np.rot90(picture, -kind.turns).copy(), "rgb24")
            frame.pts = number if kind.ticks is None else kind.ticks[number]
            frame.time_base = kind.clock
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return path
