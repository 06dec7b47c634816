from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engines.preview.blinks import Blinker
from engines.preview.motion import LIMITS, MOTION_CHANNELS, HeadMovement
from engines.preview.springs import Spring, Wander

HEAD = slice(0, 5)
LIDS = slice(5, 7)
BROW, SMILE = 7, 8
FACE = slice(7, 9)
EYES = slice(9, 11)
BODY = slice(11, 13)


def speech(fps: int, seconds: float, seed: int = 0, talk: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    """Invented prosody (k, 4) and mouth (k, 7): phrases of 2.5 s, pauses of 0.8 s, a stress every 0.4 s."""
    rng = np.random.default_rng(seed)
    t = np.arange(int(fps * seconds)) / fps
    voice = ((t % 3.3 < 2.5) & (talk > 0)).astype(np.float32)
    stress = np.zeros(len(t))
    stress[:: max(1, int(0.4 * fps))] = rng.uniform(0.3, 1.0, len(stress[:: max(1, int(0.4 * fps))]))
    loudness = voice * (0.6 + 0.3 * np.sin(2 * np.pi * 4 * t))
    pitch = voice * 4 * np.sin(2 * np.pi * 0.9 * t)
    prosody = np.stack([loudness, pitch, voice, stress * voice], axis=1).astype(np.float32)
    mouth = np.zeros((len(t), 7), np.float32)
    mouth[:, 5] = voice
    return prosody, mouth


@cache
def move(
    fps: int = 25, seconds: float = 10, seed: int = 1, talk: float = 1.0, **strengths: float
) -> np.ndarray:
    """The movement with an invented voice, made once for each set of arguments; it cannot be changed."""
    movement = HeadMovement(fps, np.random.default_rng(seed), **strengths)
    tracks = movement.step(*speech(fps, seconds, talk=talk))
    tracks.flags.writeable = False
    return tracks


def blink_frames(tracks: np.ndarray) -> np.ndarray:
    shut = tracks[:, 5] > 0.95
    return np.flatnonzero(shut & ~np.concatenate([[False], shut[:-1]]))


@given(
    st.lists(st.integers(0, 30), min_size=1, max_size=8),
    st.sampled_from([12, 25, 30, 60]),
    st.integers(0, 2**32),
)
@settings(max_examples=12, deadline=None)
def test_the_cut_does_not_matter(cuts: list[int], fps: int, seed: int) -> None:
    prosody, mouth = speech(fps, 1 + sum(cuts) / fps)
    prosody, mouth = prosody[: sum(cuts)], mouth[: sum(cuts)]
    whole = HeadMovement(fps, np.random.default_rng(seed)).step(prosody, mouth)
    motion = HeadMovement(fps, np.random.default_rng(seed))
    ends = np.cumsum(cuts)
    pieces = [motion.step(prosody[b - n : b], mouth[b - n : b]) for n, b in zip(cuts, ends, strict=True)]
    np.testing.assert_array_equal(whole, np.concatenate(pieces))
    assert whole.shape == (sum(cuts), len(MOTION_CHANNELS))
    assert whole.dtype == np.float32


def test_same_seed_same_motion_and_another_seed_another() -> None:
    np.testing.assert_array_equal(move(seed=4), move.__wrapped__(seed=4))
    for a, b in ((4, 5), (5, 6)):
        difference = np.abs(move(seed=a) - move(seed=b)).max(axis=0)
        assert (difference[:7] > 1e-4).all()


def test_the_global_generator_is_left_alone() -> None:
    np.random.seed(3)
    before = np.random.get_state()[1].copy()  # type: ignore[index]
    move(seconds=2)
    np.testing.assert_array_equal(before, np.random.get_state()[1])  # type: ignore[index]


@pytest.mark.parametrize("seed", range(8))
def test_it_starts_as_the_portrait_is(seed: int) -> None:
    tracks = move(seed=seed, head_motion=2, blink_rate=3, expression=2)
    assert (tracks[0] == 0).all()
    assert np.abs(tracks[:3, :3]).max() < 0.1
    assert (tracks[: int(0.7 * 25), LIDS] == 0).all()


@pytest.mark.parametrize("fps", [12, 25, 60])
@pytest.mark.parametrize("seed", range(2))
def test_the_head_moves_as_much_as_a_head_and_without_a_jerk(fps: int, seed: int) -> None:
    tracks = move(fps, 60, seed).astype(float)
    assert (np.abs(tracks[:, HEAD]) <= LIMITS).all()
    spread = tracks[:, HEAD].std(axis=0)
    assert (spread > [0.5, 0.4, 0.25, 0.0012, 0.0008]).all()
    assert (spread < [2.5, 1.6, 1.2, 0.007, 0.006]).all()
    velocity = np.diff(tracks[:, :3], axis=0) * fps
    acceleration = np.diff(velocity, axis=0) * fps
    assert np.abs(velocity).max() < 30  # degrees per second
    assert np.abs(acceleration).max() < 500
    if fps == 60:
        # Smooth: nothing of the movement changes direction from one frame to the next.
        assert np.abs(np.diff(velocity, axis=0)).max() < 6


def test_the_head_is_alive_but_calmer_in_silence() -> None:
    silent = np.concatenate([move(25, 40, seed, talk=0)[50:] for seed in range(3)])
    spoken = np.concatenate([move(25, 40, seed)[50:] for seed in range(3)])
    assert (silent[:, :3].std(axis=0) < 0.6 * spoken[:, :3].std(axis=0)).all()
    for start in range(0, len(silent) - 50, 50):
        assert np.ptp(silent[start : start + 50, 0]) > 0.03


def test_a_stress_is_answered_by_a_nod_that_dies_away() -> None:
    fps, at = 50, 150
    prosody, mouth = np.zeros((300, 4), np.float32), np.zeros((300, 7), np.float32)
    mouth[:, 5] = 1
    pairs = []
    for seed in range(12):
        plain = HeadMovement(fps, np.random.default_rng(seed)).step(prosody, mouth)[:, 1]
        stressed = prosody.copy()
        stressed[at, 3] = 1
        pairs.append(HeadMovement(fps, np.random.default_rng(seed)).step(stressed, mouth)[:, 1] - plain)
    answers = np.array(pairs)
    assert (answers[:, :at] == 0).all()
    nods = answers.max(axis=1)
    assert (nods > 0.5).sum() >= 6  # most stresses, not all
    assert nods.max() < 3
    arrival = answers[np.argmax(nods)].argmax() - at
    assert 0.05 < arrival / fps < 0.35
    assert np.abs(answers[:, at + 100 :]).max() < 0.1


def test_no_loop_can_be_seen() -> None:
    yaw = move(25, 240, 2, talk=0)[50:, 0].astype(float)
    yaw -= yaw.mean()
    auto = np.correlate(yaw, yaw, "full")[len(yaw) - 1 :] / (yaw @ yaw)
    assert np.abs(auto[25 * 15 :]).max() < 0.55  # never near 1, as a loop would have it


@pytest.mark.parametrize("fps", [12, 15, 24, 25, 30, 60])
def test_a_blink_shuts_both_eyes_and_is_quick(fps: int) -> None:
    lids = move(fps, 60, blink_rate=2.0)[:, LIDS]
    lids = np.concatenate([lids, np.zeros((1, 2))])
    assert np.abs(lids[:, 0] - lids[:, 1]).max() < 0.25
    closing = (lids > 0.1).all(axis=1)
    edges = np.flatnonzero(np.diff(closing.astype(int)))
    durations = (edges[1::2] - edges[::2]) / fps
    for a, b in zip(edges[::2], edges[1::2], strict=True):
        assert (lids[a + 1 : b + 1].max(axis=0) > 0.95).all()
    assert 0.06 <= np.median(durations) <= 0.17
    assert durations.max() <= 0.2 + 1 / fps


def test_lids_fall_faster_than_they_rise() -> None:
    lids = move(60, 60, blink_rate=2.0)[:, 5]
    falling, rising = (np.diff(lids) > 0.02).sum(), (np.diff(lids) < -0.02).sum()
    assert rising > 1.15 * falling


def test_blinks_come_at_a_human_rate() -> None:
    minutes = 2
    counts: list[float] = []
    gaps: list[float] = []
    for seed in range(6):
        frames = blink_frames(move(25, 60 * minutes, seed))
        counts.append(len(frames) / minutes)
        gaps += list(np.diff(frames) / 25)
    assert 12 < np.mean(counts) < 20
    assert np.std(gaps) / np.mean(gaps) > 0.4  # irregular
    assert np.min(gaps) > 0.2
    assert np.max(gaps) < 20
    assert 0.01 < np.mean(np.array(gaps) < 0.5) < 0.2  # doubles happen, seldom


@pytest.mark.parametrize("talk", [0.0, 1.0])
def test_a_clip_of_three_seconds_has_a_blink(talk: float) -> None:
    for seed in range(20):
        frames = blink_frames(move(25, 3, seed, talk))
        assert len(frames) >= 1
        assert frames[0] >= 0.7 * 25


def test_blinks_gather_after_phrases() -> None:
    in_pause = 0
    total = 0
    for seed in range(5):
        times = blink_frames(move(25, 100, seed)) / 25 % 3.3
        in_pause += int(((times > 2.5) & (times < 3.3)).sum())
        total += len(times)
    assert in_pause / total > 1.4 * 0.8 / 3.3


@pytest.mark.parametrize("rate", [0.3, 2.0, 3.0])
def test_blink_rate_scales_the_count(rate: float) -> None:
    def count(value: float) -> int:
        strengths = {} if value == 1 else {"blink_rate": value}
        return sum(len(blink_frames(move(25, 100, seed, **strengths))) for seed in range(2))

    ratio = count(rate) / count(1)
    assert 0.6 * rate < ratio < 1.4 * rate


def test_strengths_are_linear_and_apart_from_each_other() -> None:
    plain = move()
    double = move(head_motion=2.0, expression=0.5)
    np.testing.assert_allclose(double[:, HEAD], 2 * plain[:, HEAD], rtol=1e-5)
    np.testing.assert_allclose(double[:, FACE], 0.5 * plain[:, FACE], rtol=1e-5)
    np.testing.assert_array_equal(double[:, LIDS], plain[:, LIDS])
    np.testing.assert_array_equal(move(blink_rate=2.0)[:, HEAD], plain[:, HEAD])


@pytest.mark.parametrize(
    ("option", "channels"),
    [
        ("head_motion", HEAD),
        ("blink_rate", LIDS),
        ("expression", FACE),
        ("eye_motion", EYES),
        ("breathing", BODY),
    ],
)
def test_zero_is_exactly_zero(option: str, channels: slice) -> None:
    tracks = HeadMovement(25, np.random.default_rng(1), **{option: 0.0}).step(*speech(25, 20))
    assert (tracks[:, channels] == 0).all()
    assert np.abs(np.delete(tracks, np.r_[channels], axis=1)).max() > 0.1


def test_expression_stays_light() -> None:
    tracks = move(25, 90)
    assert 0.1 < tracks[:, BROW].max() <= 0.6
    assert tracks[:, BROW].min() > -0.1
    assert 0.03 < tracks[:, SMILE].max() <= 0.4
    assert np.abs(np.diff(tracks[:, SMILE])).max() * 25 < 0.3
    silent = move(25, 20, talk=0)
    assert np.abs(silent[:, FACE]).max() < 1e-6


def test_lengths_that_differ_are_refused() -> None:
    prosody, mouth = speech(25, 1)
    with pytest.raises(ValueError, match="25 frames of prosody but 24"):
        HeadMovement(25, np.random.default_rng(0)).step(prosody, mouth[:-1])


@pytest.mark.parametrize("damping", [0.5, 1.0, 1.5])
def test_a_spring_moves_alike_at_every_frame_rate(damping: float) -> None:
    at_one_second = []
    for fps in (12, 60, 600):
        spring = Spring(1.3, damping, 1 / fps)
        for _ in range(fps):
            spring.step(1.0)
        at_one_second.append(spring.position)
    np.testing.assert_allclose(at_one_second, at_one_second[-1], atol=1e-6)


def test_wandering_has_unit_variance_at_every_frame_rate() -> None:
    for fps in (12, 60):
        rng = np.random.default_rng(0)
        wander = Wander(200, 0.5, 1 / fps)
        track = np.array([wander.step(rng.standard_normal(200)) for _ in range(20 * fps)])
        assert track[5 * fps :].std() == pytest.approx(1.0, abs=0.05)


def test_blinks_without_a_rate_draw_nothing() -> None:
    blinks = Blinker(25, np.random.default_rng(0), 0.0)
    assert max(blinks.step(5.0).max() for _ in range(500)) == 0


@pytest.mark.parametrize("rate", [0.0, 0.05])
def test_rare_blinks_become_usual_ones_when_the_rate_rises(rate: float) -> None:
    for seed in range(5):
        blinks = Blinker(25, np.random.default_rng(seed), rate)
        assert max(blinks.step(1.0).max() for _ in range(250)) == 0
        blinks.change(1.0)
        closures = np.array([blinks.step(1.0)[0] for _ in range(25 * 30)])
        assert closures[:10].max() == 0, "none at once"
        assert 3 <= np.count_nonzero(np.diff((closures > 0.95).astype(int)) == 1) <= 15


def test_the_first_blink_comes_in_time_although_the_rate_moves() -> None:
    for seed in range(5):
        blinks = Blinker(25, np.random.default_rng(seed), 1.0)
        closures = []
        for frame in range(25 * 5):
            blinks.change(1.0 + 0.01 * (frame % 2))
            closures.append(blinks.step(1.0)[0])
        assert max(closures) > 0.95
