"""A frame that is a mixture of two shots gets no mouth, and each shot has its own face."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import pytest

from benchmarks.dub_torture import example_persons, faded, flashed, framed, title
from media.dubbing.following import FollowingOptions, follow_video
from media.dubbing.following_cuts import Changes, SceneChanges
from media.dubbing.values import SourceFrame

Shot = list[np.ndarray]


@pytest.fixture(scope="module")
def shots() -> tuple[Shot, Shot]:
    """60 frames each of two persons who talk, elsewhere in the frame."""
    a, b = example_persons()
    return (
        [framed(frame, 300, (240, 160), (70, 82, 60)) for frame in a[:60]],
        [framed(frame, 270, (200, 170), (140, 90, 60)) for frame in b[:60]],
    )


def dissolved(a: Shot, b: Shot, start: int, length: int) -> Shot:
    """The first shot, which fades into the second one."""
    shares = np.clip((np.arange(len(a)) - start + 1) / (length + 1), 0, 1)
    mixed = [x * (1 - share) + y * share for x, y, share in zip(a, b, shares, strict=True)]
    return [np.rint(one).astype(np.uint8) for one in mixed]


def changes(frames: Sequence[np.ndarray]) -> Changes:
    scene = SceneChanges()
    for number, frame in enumerate(frames):
        scene.add(frame, number / 25)
    return scene.changes()


@pytest.mark.parametrize(("start", "length"), [(25, 8), (22, 15), (12, 36)])
def test_a_dissolve_of_any_length_is_found_and_is_a_cut(
    shots: tuple[Shot, Shot], start: int, length: int
) -> None:
    found = changes(dissolved(*shots, start, length))
    ((first, end),) = found.dissolves
    assert abs(first - start) <= max(2, length // 5)
    assert abs(end - start - length) <= max(2, length // 5)
    assert found.cuts == ((first + end) // 2,)


MOVES: dict[str, Callable[[Shot, Shot], Shot]] = {
    "speech": lambda a, _: a,
    "cut": lambda a, b: a[:30] + b[30:],
    "fade to black": lambda a, _: [faded(one, abs(1 - n / 20)) for n, one in enumerate(a[:41])],
    "flash": lambda a, _: [flashed(one, max(0.0, 0.9 - abs(n - 30) / 4)) for n, one in enumerate(a)],
    "pan": lambda a, b: [np.concatenate([x, y], axis=1)[:, 8 * n : 8 * n + 480] for n, (x, y) in enumerate(
        zip(a, b, strict=True))],
    "light": lambda a, _: [faded(one, 0.6 + 0.4 * np.cos(n / 6)) for n, one in enumerate(a)],
    "zoom": lambda a, _: [cv2.resize(one[2 * n : 320 - 2 * n, 3 * n : 480 - 3 * n], (480, 320)) for n, one in
        enumerate(a)],
    "focus": lambda a, _: [cv2.GaussianBlur(one, (0, 0), 0.1 + n / 8) for n, one in enumerate(a)],
    "title over a dark shot": lambda a, _: [
        np.maximum(faded(one, 0.7), faded(title("Ada")[:, :], min(1.0, n / 20))) for n, one in enumerate(a)],
}  # fmt: skip


@pytest.mark.parametrize("move", MOVES)
def test_what_moves_or_changes_its_light_is_none(shots: tuple[Shot, Shot], move: str) -> None:
    assert changes(MOVES[move](*shots)).dissolves == ()


def test_mixed_faces_pass_through_and_both_shots_are_dubbed(tmp_path: Path, shots: tuple[Shot, Shot]) -> None:
    pictures = dissolved(*shots, 14, 12)[:42]
    frames = [SourceFrame(n, Fraction(n, 25), picture) for n, picture in enumerate(pictures)]
    with follow_video(frames, tmp_path, FollowingOptions(fade=0)) as video:
        reasons = [video.reason(n) for n in range(video.frames)]
        assert reasons[:12] == [None] * 12
        assert reasons[15:25] == ["dissolve"] * 10
        assert reasons[30:] == [None] * 12
        assert {face.track for n in range(12) for face in video.face_in(n)}.isdisjoint(
            face.track for n in range(30, 42) for face in video.face_in(n)
        )
