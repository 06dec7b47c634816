"""An engine that breaks the contract of dubbing ends its own job, with a message that says how."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from fractions import Fraction
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from engines.base import EngineOptions, Step
from engines.dubbing import READ_AHEAD, Shot, Shots
from media.dubbing.values import PaintedPatch
from media.errors import EngineError, VideoError
from studio.dubbing.painting import DubPainting, PaintedFrame

FRAMES, SIZE = 40, (12, 20)


def patch(x: int = 2, y: int = 3, size: tuple[int, int] = (4, 6), alpha: float = 0.5) -> PaintedPatch:
    return PaintedPatch(x, y, np.full((*size, 3), 200, np.uint8), np.full(size, alpha, np.float32))


def painting(fails_at: int = FRAMES, closed: threading.Event | None = None) -> DubPainting:
    """Forty grey frames, without files.

    fails_at: the frame that cannot be read. closed: set when no more are read.
    """
    frames = [SimpleNamespace(number=n, picture=np.full((*SIZE, 3), 100, np.uint8)) for n in range(FRAMES)]

    def played(_: object) -> Iterator[tuple[Any, Any]]:
        try:
            for frame in frames[:fails_at]:
                yield frame, SimpleNamespace(time=Fraction(frame.number, 25), duration=Fraction(1, 25))
            if fails_at < FRAMES:
                raise VideoError("The decoder crashed.")
        finally:
            if closed is not None:
                closed.set()

    faces = SimpleNamespace(face_in=lambda _: (), reason=lambda _: "no_face")
    return DubPainting(SimpleNamespace(played=played), faces, SimpleNamespace())  # type: ignore[arg-type]


def work_of(each: Callable[[Shot], Any]) -> list[PaintedFrame | Step]:
    """The job of an engine that answers each shot so."""

    def dub(shots: Shots, *_: object) -> Iterator[Any]:
        return (each(shot) for shot in shots.frames)

    engine: Any = SimpleNamespace(dub=dub)
    return list(painting().painted(engine, None, EngineOptions(), 0))  # type: ignore[arg-type]


def test_patches_within_the_frame_are_blended_and_empty_ones_are_none() -> None:
    answers = {0.0: (patch(), patch(14, 8)), 0.04: (patch(size=(0, 5)),)}
    done = [one for one in work_of(lambda shot: answers.get(shot.time, ())) if isinstance(one, PaintedFrame)]
    assert [len(one.patches) for one in done] == [2] + [0] * (FRAMES - 1)
    assert done[0].picture()[4, 4].tolist() == [150] * 3


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (patch(x=-1), "at -1, 3 in a frame of 20x12"),
        (patch(y=9), "6x4 at 2, 9"),
        (patch(alpha=1.5), "outside of 0 to 1"),
        (patch(alpha=float("nan")), "outside of 0 to 1"),
        (PaintedPatch(0, 0, np.zeros((4, 6, 3)), np.zeros((4, 6), np.float32)), "pixels float64"),
        (
            PaintedPatch(0, 0, np.zeros((4, 5, 3), np.uint8), np.zeros((4, 6), np.float32)),
            r"\(4, 5, 3\) with",
        ),
    ],
)
def test_a_patch_that_cannot_be_blended_is_named(answer: PaintedPatch, reason: str) -> None:
    with pytest.raises(EngineError, match=reason):
        work_of(lambda _: (answer,))


def test_an_answer_that_is_no_tuple_is_named() -> None:
    with pytest.raises(EngineError, match="a frame list instead of a tuple"):
        work_of(lambda _: [patch()])


def test_an_engine_cannot_write_into_the_picture() -> None:
    def write(shot: Shot) -> tuple[()]:
        shot.picture[:] = 0
        return ()

    with pytest.raises(ValueError, match="read-only"):
        work_of(write)


@pytest.mark.parametrize(
    ("dub", "reason"),
    [
        (lambda shots, *_: ([*shots.frames], ()), f"more than {READ_AHEAD} frames ahead"),
        (lambda shots, *_: ((), next(iter(shots.frames))), "more frames than it read"),
        (lambda shots, *_: (() for _ in range(3) if next(iter(shots.frames))), "ended after 3 frames, and"),
    ],
)
def test_an_engine_that_answers_the_wrong_number_of_frames_is_named(dub: Any, reason: str) -> None:
    engine: Any = SimpleNamespace(dub=dub)
    with pytest.raises(EngineError, match=reason):
        list(painting().painted(engine, None, EngineOptions(), 0))  # type: ignore[arg-type]


def answered() -> Any:
    """An engine that paints nothing."""

    def dub(shots: Shots, *_: object) -> Iterator[tuple[()]]:
        return (() for _ in shots.frames)

    return SimpleNamespace(dub=dub)


def test_frames_before_one_that_cannot_be_read_are_painted_and_the_error_follows() -> None:
    work = painting(fails_at=7).painted(answered(), None, EngineOptions(), 0)  # type: ignore[arg-type]
    assert len([next(work) for _ in range(7)]) == 7
    with pytest.raises(VideoError, match="crashed"):
        next(work)


def test_a_stopped_job_reads_no_further() -> None:
    closed, before = threading.Event(), set(threading.enumerate())
    job = painting(closed=closed)
    with closing(job.painted(answered(), None, EngineOptions(), 0)) as work:  # type: ignore[arg-type]
        next(work)
    assert closed.is_set()
    assert job.frames < FRAMES
    assert set(threading.enumerate()) <= before
