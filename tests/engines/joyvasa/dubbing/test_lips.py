"""The voice's lips on a frame's own pose, at the time of the frame."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import pytest
import torch

from engines.base import Step
from engines.joyvasa.dubbing.course import EASE, LipCourse
from engines.joyvasa.dubbing.lips import LIPS, LipDriver, SpokenLips
from engines.joyvasa.engine import JoyVasaEngine
from engines.joyvasa.motion.pose import KEYPOINTS, HeadMotion, SourcePose
from engines.joyvasa.motion.retargeting import Retargeter, Retargeting

REST = list(set(range(KEYPOINTS)) - set(LIPS))
SILENT = SpokenLips(np.full((6, 3), 9, np.float32), np.full((6, 3), 9, np.float32), 1.0)


def motion(frames: int, seed: int) -> HeadMotion:
    drawn = np.random.default_rng(seed).normal(0, 0.05, (frames, 70)).astype(np.float32)
    drawn[:, 63] += 1  # scale
    drawn[:, 67:] *= 100  # degrees
    return HeadMotion.from_vectors(drawn)


def poses(count: int) -> list[SourcePose]:
    """Each frame of a video has a pose of its own."""
    drawn = np.random.default_rng(7).normal(0, 0.3, (KEYPOINTS, 3)).astype(np.float32)
    moves = motion(count, 8)
    return [SourcePose(drawn + np.float32(0.01 * i), moves[i : i + 1]) for i in range(count)]


def no_network(rows: np.ndarray) -> np.ndarray:
    raise AssertionError("closed lips need no network")


def closing(rows: np.ndarray) -> np.ndarray:
    return np.full((1, 63), 0.5, np.float32)


def spoken(moves: HeadMotion) -> list[SpokenLips]:
    return [SpokenLips(exp[LIPS], exp[LIPS] - moves.exp[0, LIPS], 0.0) for exp in moves.exp]


@pytest.mark.parametrize("lips", ["absolute", "relative"])
def test_each_frame_is_driven_as_a_portrait_in_the_region_lip(lips: str) -> None:
    """`Retargeter` agrees with LivePortrait's own numbers."""
    moves, sources = motion(5, 1), poses(5)
    driver = LipDriver(lips, 1.0, no_network, None)  # type: ignore[arg-type]
    driven = driver.keypoints(sources, [0.0] * 5, spoken(moves))
    settings = Retargeting(region="lip", lips=lips)  # type: ignore[arg-type]
    for i, source in enumerate(sources):
        wanted = Retargeter(source, moves[:1], settings).keypoints(moves[i : i + 1])
        assert driven[i] == pytest.approx(wanted[0], abs=1e-5)


def test_everything_but_the_lips_is_the_frames_own() -> None:
    sources = poses(3)
    driven = LipDriver("absolute", 1.0, closing, None).keypoints(sources, [0.4] * 3, spoken(motion(3, 1)))
    own = np.concatenate([source.keypoints for source in sources])
    assert driven[:, REST] == pytest.approx(own[:, REST], abs=1e-6)
    assert np.abs(driven[:, LIPS] - own[:, LIPS]).min(axis=2).max() > 0


@pytest.mark.parametrize("lips", ["absolute", "relative"])
def test_in_silence_the_frames_own_lips_are_closed(lips: str) -> None:
    (source,) = poses(1)
    driver = LipDriver(lips, 1.0, closing, None)  # type: ignore[arg-type]
    shut = driver.keypoints([source], [0.0], [SILENT])
    assert shut == pytest.approx(source.keypoints, abs=1e-6)
    closed = driver.keypoints([source], [0.4], [SILENT])
    assert closed == pytest.approx(source.keypoints + 0.5, abs=1e-5)  # the network may move every keypoint


def test_the_mouth_opening_scales_the_way_from_the_rest() -> None:
    (source,) = poses(1)
    none, half, whole = (
        LipDriver("absolute", opening, closing, None).keypoints([source], [0.4], spoken(motion(1, 1)))
        for opening in (0.0, 0.5, 1.0)
    )
    assert half == pytest.approx((none + whole) / 2, abs=1e-5)
    assert none == pytest.approx(
        LipDriver("absolute", 1.0, closing, None).keypoints([source], [0.4], [SILENT]), abs=1e-5
    )


def test_each_frame_is_stitched_to_its_own_keypoints() -> None:
    seen = []

    def stitch(pairs: np.ndarray) -> np.ndarray:
        seen.append(pairs)
        return np.concatenate([np.zeros((len(pairs), 63)), np.tile([1.0, 2.0], (len(pairs), 1))], axis=1)

    sources, said = poses(3), spoken(motion(3, 1))
    free = LipDriver("absolute", 1.0, no_network, None).keypoints(sources, [0.0] * 3, said)
    stitched = LipDriver("absolute", 1.0, no_network, stitch).keypoints(sources, [0.0] * 3, said)
    assert stitched - free == pytest.approx(np.broadcast_to([1.0, 2.0, 0.0], free.shape), abs=1e-6)
    assert np.array_equal(seen[0][:, :63], np.concatenate([s.keypoints for s in sources]).reshape(3, 63))


class Voice:
    """Motion in windows of 10 frames, with steps between, of which it counts what was asked for."""

    def __init__(self, frames: int) -> None:
        self.motion, self.windows = motion(frames, 3), 0
        self.active = np.linspace(0, 1, frames).astype(np.float32)

    def pieces(self) -> Iterator[HeadMotion | Step]:
        for start in range(0, len(self.motion), 10):
            self.windows += 1
            yield Step(start / len(self.motion))
            yield self.motion[start : start + 10]

    def course(self, closes: float = 0.0) -> LipCourse:
        return LipCourse(self.pieces(), self.active, len(self.motion) / 25, closes)


def asked(course: LipCourse, time: float) -> SpokenLips:
    list(course.reach(time))
    return course.at(time)


def test_the_lips_are_asked_at_any_time_and_lie_between_the_motions_frames() -> None:
    voice = Voice(40)
    course, steady = voice.course(), voice.course()
    for number in range(40):
        assert asked(steady, number / 25).lips == pytest.approx(voice.motion.exp[number, LIPS], abs=1e-4)
    times = np.cumsum(np.random.default_rng(0).uniform(0.005, 0.09, 30))
    for time in times:
        before = int(time * 25)
        one, other = voice.motion.exp[[before, min(before + 1, 39)]][:, LIPS]
        wanted = one + (time * 25 - before) * (other - one)
        lips = asked(course, time)
        assert lips.lips == pytest.approx(wanted, abs=1e-5)
        assert lips.change == pytest.approx(wanted - voice.motion.exp[0, LIPS], abs=1e-5)
        again = course.at(time)  # another face in the same frame
        assert np.array_equal(again.lips, lips.lips)


def test_windows_are_sampled_when_they_are_needed_and_forgotten() -> None:
    voice = Voice(1000)
    course = voice.course()
    assert [type(step) for step in course.reach(0.0)] == [Step]
    assert voice.windows == 1
    for number in range(0, 1000, 3):
        asked(course, number / 25)
        assert voice.windows <= number // 10 + 2
        assert len(course._rows) <= 12  # memory does not grow with the voice


def test_outside_of_the_voice_the_lips_come_to_rest_softly() -> None:
    course = Voice(40).course()
    times = np.arange(-1.0, 3.0, 0.02)
    shut = {float(time): asked(course, time).shut for time in times}
    assert all(value == 1 for time, value in shut.items() if not -EASE <= time <= 1.6 + EASE)
    assert all(value == 0 for time, value in shut.items() if 0 <= time <= 1.6)
    assert max(abs(b - a) for a, b in pairwise(shut.values())) < 0.13


def test_the_lips_close_in_pauses_as_far_as_the_option_says() -> None:
    voice = Voice(40)
    course = voice.course(closes=0.6)
    for number in range(40):
        wanted = 0.6 * (1 - voice.active[number])
        assert asked(course, number / 25).shut == pytest.approx(wanted, abs=1e-4)


@pytest.mark.parametrize("lips", ["absolute", "relative"])
def test_a_silent_voice_keeps_every_frame_at_rest_whatever_the_motion_says(lips: str) -> None:
    """The keypoints' lip leak: how far lips are from rest under motion that never rests, in any frame."""
    voice = Voice(50)
    voice.active[:] = 0
    course = voice.course()
    driver = LipDriver(lips, 1.0, closing, None)  # type: ignore[arg-type]
    sources = poses(30)
    said = [asked(course, number / 15) for number in range(30)]
    talking = [number % 3 / 4 for number in range(30)]  # the old mouth
    driven = driver.keypoints(sources, talking, said)
    for keypoints, source, ratio in zip(driven, sources, talking, strict=True):
        assert keypoints == pytest.approx(source.keypoints[0] + 0.5 * (ratio > 0), abs=1e-5)


def test_a_long_pause_is_a_rest_and_a_short_one_is_left_to_the_motion() -> None:
    voice = Voice(100)
    voice.active[:] = 1
    voice.active[20:32] = 0  # 0.48 s
    voice.active[50:80] = 0
    shut = np.array([asked(voice.course(), number / 25).shut for number in range(100)])
    assert not shut[:50].any()
    assert not shut[80:].any()
    assert (shut[54:76] == 1).all()
    assert np.abs(np.diff(shut)).max() <= 0.26


def test_frames_with_sources_of_their_own_are_rendered_as_one_by_one(engine: JoyVasaEngine) -> None:
    assert engine._networks is not None
    mode = engine._networks.mode(animal=False)
    renderer = mode.renderer(torch.float32)
    generator = torch.Generator().manual_seed(0)
    with torch.inference_mode():
        features = mode.appearance(torch.rand((2, 3, 256, 256), generator=generator))
    still, driving = (torch.randn((2, 21, 3), generator=generator) * 0.3 for _ in "ab")
    together = renderer.render_each(features, still, driving)
    for i in range(2):
        alone = renderer.render(renderer.prepare(features[i : i + 1], still[i : i + 1]), driving[i : i + 1])
        torch.testing.assert_close(together[i], alone[0], atol=1e-4, rtol=1e-4)
