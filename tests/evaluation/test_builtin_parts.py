"""The pieces that the built-in metrics are made of, on numbers whose answer is known."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluation.builtin.frame_metric import TrackedFrame, VoiceTimeline
from evaluation.builtin.lips import settled_silence
from evaluation.builtin.metrics.blinks import blink_lengths
from evaluation.builtin.metrics.closures import Closures
from evaluation.builtin.metrics.head import angles, fit
from evaluation.builtin.metrics.lip_leak import LipLeak
from evaluation.builtin.metrics.mouth_sound import MouthSound, correlation
from evaluation.builtin.metrics.said_sounds import SaidSounds
from evaluation.builtin.metrics.seam import strength
from evaluation.builtin.voice_timeline import STEPS, level_of_frames, loudness_steps, speech_stretches
from evaluation.metric import Score
from media.spoken_sounds import TimedSound, opening_of

FPS = 25.0
GREY = np.full((80, 80), 100, np.uint8)


def face(gap: float, width: float = 40.0) -> np.ndarray:
    """Landmarks of a mouth some pixels wide that is open by a part of that."""
    points = np.zeros((478, 3), np.float32)
    half = width / 2
    points[61, :2], points[291, :2] = (40 - half, 50), (40 + half, 50)
    points[13, :2], points[14, :2] = (40, 50 - half * gap), (40, 50 + half * gap)
    return points


def mouth(gaps: np.ndarray) -> MouthSound:
    metric = MouthSound(FPS, (80, 80))
    for number, gap in enumerate(gaps):
        metric.update(TrackedFrame(number, GREY, GREY, None if np.isnan(gap) else face(gap)))
    return metric


def speech_like(pictures: int, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return np.clip(np.convolve(rng.normal(0.3, 0.5, pictures + 4), np.ones(5) / 5, "valid"), 0, 1)


@given(late=st.integers(-6, 6), seed=st.integers(0, 50))
def test_the_lag_is_found_with_its_sign(late: int, seed: int) -> None:
    level = speech_like(250, seed)
    scores = mouth(0.3 * np.roll(level, late)).scores(VoiceTimeline(level))
    lag = scores["mouth_lag"]
    assert lag.value == pytest.approx(1000 * late / FPS, abs=20)
    assert lag.extras["best"] > 0.9


def test_a_lag_of_part_of_a_picture_is_read_between_them() -> None:
    time = np.arange(500) / FPS
    level = 0.5 + 0.5 * np.sin(2 * np.pi * 2.3 * time) * np.sin(2 * np.pi * 0.37 * time)
    late = 0.05
    moved = 0.5 + 0.5 * np.sin(2 * np.pi * 2.3 * (time - late)) * np.sin(2 * np.pi * 0.37 * (time - late))
    assert mouth(0.3 * moved).scores(VoiceTimeline(level))["mouth_lag"].value == pytest.approx(50, abs=6)


def test_a_mouth_that_only_trembles_does_not_follow() -> None:
    level = speech_like(250)
    assert correlation(0.001 * level, level) < 0.2
    assert correlation(0.3 * level, level) > 0.95


def test_pictures_without_a_face_are_left_out() -> None:
    level = speech_like(250)
    gaps = 0.3 * level
    gaps[50:90] = np.nan
    assert mouth(gaps).scores(VoiceTimeline(level))["mouth_sound"].value == pytest.approx(1.0, abs=0.05)
    assert mouth(np.full(50, np.nan)).scores(VoiceTimeline(level[:50]))["mouth_sound"].value is None


@given(cuts=st.lists(st.integers(0, 15_999), max_size=8))
def test_loudness_does_not_depend_on_the_pieces_it_comes_in(cuts: list[int]) -> None:
    samples = np.random.default_rng(0).normal(0, 0.1, 16_000).astype(np.float32)
    edges = [0, *sorted(cuts), 16_000]
    pieces = [samples[a:b] for a, b in pairwise(edges)]
    assert np.array_equal(loudness_steps(pieces), loudness_steps([samples]))
    assert len(loudness_steps([samples])) == STEPS


def test_loudness_is_on_the_clock_of_the_pictures() -> None:
    power = np.full(2 * STEPS, 1e-8)
    power[STEPS : round(1.2 * STEPS)] = 0.1
    level = level_of_frames(power, 60, FPS)
    assert np.flatnonzero(level > 0.5).tolist() == list(range(25, 30))
    assert level[50:].max() == 0.0


def test_speech_is_where_the_sound_is_and_short_pauses_do_not_count() -> None:
    power = np.full(4 * STEPS, 1e-8)
    for start, end in ((0.5, 1.0), (1.1, 1.5), (2.5, 3.0), (3.7, 3.72)):
        power[round(start * STEPS) : round(end * STEPS)] = 0.1
    found = speech_stretches(power)
    assert np.array(found) == pytest.approx(np.array([(0.5, 1.5), (2.5, 3.0)]), abs=0.02)
    assert speech_stretches(np.zeros(100)) == []
    silent = settled_silence(100, found, FPS)
    assert silent[:9].all()
    assert not silent[10:42].any()
    assert silent[43:59].all()


def test_noise_between_words_is_no_speech() -> None:
    rng = np.random.default_rng(0)
    power = 1e-3 * rng.uniform(0.5, 1.5, 3 * STEPS)  # 20 dB below the voice
    power[STEPS : 2 * STEPS] = 0.1
    assert np.array(speech_stretches(power)) == pytest.approx(np.array([(1.0, 2.0)]), abs=0.02)


@given(
    start=st.integers(10, 40),
    closed=st.integers(1, 6),
    depth=st.floats(0.0, 0.5),
    open_eye=st.floats(0.15, 0.5),
)
def test_a_blink_is_timed_where_the_eye_is_half_closed(
    start: int, closed: int, depth: float, open_eye: float
) -> None:
    eyes = np.full(100, open_eye)
    eyes[start : start + closed] = depth * open_eye
    assert blink_lengths(eyes, FPS) == pytest.approx([closed / FPS])


def test_eyes_kept_shut_and_eyes_narrowed_are_no_blinks() -> None:
    eyes = np.full(100, 0.3)
    eyes[10:40] = 0.05
    eyes[60:65] = 0.22
    eyes[80:85] = np.nan
    assert blink_lengths(eyes, FPS) == []


@given(st.floats(-30, 30), st.floats(-30, 30), st.floats(-30, 30), st.floats(0.5, 2))
def test_the_pose_of_a_turned_head_is_found(yaw: float, pitch: float, roll: float, scale: float) -> None:
    rng = np.random.default_rng(0)
    shape = rng.normal(0, 10, (22, 3))
    shape -= shape.mean(axis=0)
    y, p, r = np.radians([yaw, pitch, roll])
    about_y = np.array([[np.cos(y), 0, np.sin(y)], [0, 1, 0], [-np.sin(y), 0, np.cos(y)]])
    about_x = np.array([[1, 0, 0], [0, np.cos(p), -np.sin(p)], [0, np.sin(p), np.cos(p)]])
    about_z = np.array([[np.cos(r), -np.sin(r), 0], [np.sin(r), np.cos(r), 0], [0, 0, 1]])
    turn = about_y @ about_x @ about_z
    points = scale * shape @ turn.T + [50, 60, 0]
    found, found_scale, centre = fit(points, shape)
    assert found == pytest.approx(turn, abs=1e-9)
    assert found_scale == pytest.approx(scale)
    assert centre == pytest.approx([50, 60, 0], abs=1e-9)
    assert angles(found) == pytest.approx((yaw, pitch, roll), abs=1e-6)


def test_bilabials_are_asked_for_when_their_times_are_known() -> None:
    sounds = [TimedSound("m", 0.2, 0.3), TimedSound("a", 0.5, 0.6), TimedSound("pʰ", 0.8, 0.9)]
    sounds.append(TimedSound("b", 1.2, 1.3))
    gaps = np.full(50, 0.4)
    gaps[5:8] = gaps[20:23] = 0.01
    metric = Closures(FPS, (80, 80))
    for number, gap in enumerate(gaps):
        metric.update(TrackedFrame(number, GREY, GREY, face(gap)))
    score = metric.scores(VoiceTimeline(None, sounds=sounds))["closed_in_bilabials"]
    assert score.value == pytest.approx(200 / 3)
    assert score.extras == {"of": 3}
    assert metric.scores(VoiceTimeline(None))["closed_in_bilabials"].value is None


@pytest.mark.parametrize(("width", "told"), [(29, False), (31, True)])
def test_closed_lips_are_told_only_on_a_mouth_that_is_wide_enough(width: float, told: bool) -> None:
    metric = Closures(FPS, (80, 80))
    for number in range(50):
        metric.update(TrackedFrame(number, GREY, GREY, face(0.01, width)))
    scores = metric.scores(VoiceTimeline(np.ones(50), sounds=[TimedSound("m", 0.2, 0.3)]))
    assert all((score.value == 100) == told for score in scores.values())
    assert told or all("29 pixels" in score.note for score in scores.values())


def spoken(text: str, seconds: float = 0.12) -> list[TimedSound]:
    """Sounds one after another, each as long."""
    return [TimedSound(name, i * seconds, (i + 1) * seconds) for i, name in enumerate(text)]


def of_sounds(gaps: np.ndarray, sounds: list[TimedSound] | None) -> dict[str, Score]:
    metric = SaidSounds(FPS, (80, 80))
    for number, gap in enumerate(gaps):
        metric.update(TrackedFrame(number, GREY, GREY, face(gap)))
    return metric.scores(VoiceTimeline(None, sounds=sounds))


def test_a_mouth_that_does_what_the_sounds_ask_for_has_full_marks() -> None:
    sounds = spoken("atakasilamapamu" * 4)
    right = of_sounds(0.4 * opening_of(sounds, 180, FPS) + 0.06, sounds)
    assert right["shut_in_tongue_sounds"].value == 0.0
    assert right["shut_in_vowels"].value == 0.0
    assert right["opening_of_sounds"].value == pytest.approx(1.0, abs=1e-6)


def test_a_mouth_that_chews_is_found_shut_in_tongue_sounds() -> None:
    sounds = spoken("atakasilamapamu" * 4)
    gaps = 0.4 * opening_of(sounds, 180, FPS) + 0.06
    for name, start, end in sounds:
        if name in "tk":
            gaps[round(start * FPS) : round(end * FPS)] = 0.0
    chewed = of_sounds(gaps, sounds)
    of = chewed["shut_in_tongue_sounds"].extras["of"]
    assert of == 4 * 4  # t, k, s, l in each of four words
    assert chewed["shut_in_tongue_sounds"].value == pytest.approx(50.0)
    assert chewed["shut_in_vowels"].value == 0.0


def test_sounds_beside_p_b_m_and_without_neighbours_are_not_scored() -> None:
    shut_all = np.zeros(180)
    assert of_sounds(shut_all, spoken("mamamamamamama"))["shut_in_vowels"].value is None
    apart = [TimedSound("a", i, i + 0.2) for i in range(7)]
    assert of_sounds(shut_all, apart)["shut_in_vowels"].value is None
    assert of_sounds(shut_all, spoken("asasasasasasas"))["shut_in_vowels"].value == 100.0
    assert of_sounds(shut_all, spoken("asasasasasasas"))["opening_of_sounds"].value == 0.0


def test_what_a_file_of_sounds_lacks_is_not_measured() -> None:
    gaps = np.linspace(0.0, 0.4, 60)
    assert {score.value for score in of_sounds(gaps, None).values()} == {None}
    only = of_sounds(gaps, [TimedSound("m", i * 0.3, i * 0.3 + 0.1) for i in range(6)])
    assert only["opening_of_sounds"].value is None
    assert "vowels" in str(only["opening_of_sounds"].note)


def test_a_seam_is_distinguished_from_texture_and_from_one_edge() -> None:
    rng = np.random.default_rng(0)
    points = np.zeros((4, 3))
    points[:, :2] = [(80, 80), (120, 80), (80, 120), (120, 120)]
    texture = rng.integers(80, 170, (200, 200)).astype(np.uint8)
    assert strength(texture, points) < 3
    framed = np.full((200, 200), 100, np.uint8)
    framed[:, 135:] = 160  # a door frame: one side only
    assert strength(framed, points) < 3
    pasted = np.full((200, 200), 100, np.uint8)
    pasted[70:130, 65:133] = 112
    assert strength(pasted, points) == pytest.approx(12, abs=2)


@pytest.mark.parametrize(
    ("gaps", "leak"),
    [
        ([0.0] * 50, 0),
        ([0.16] * 50, 0),  # lips parted in a smile
        ([0.0] * 25 + [0.2] * 25, 50),
        ([float("nan")] * 25 + [0.0] * 20 + [0.2] * 5, 20),
    ],
)
def test_what_moves_under_a_silent_voice_is_counted_against_the_rest(gaps: list[float], leak: float) -> None:
    metric = LipLeak(FPS, (80, 80))
    for number, gap in enumerate(gaps):
        metric.update(TrackedFrame(number, GREY, GREY, None if np.isnan(gap) else face(gap)))
    assert metric.scores(VoiceTimeline(None, silent=True))["lip_leak"].value == pytest.approx(leak)
    assert metric.scores(VoiceTimeline(None))["lip_leak"].value is None
    spoken = VoiceTimeline(np.ones(len(gaps)), [(0.0, len(gaps) / FPS)])
    assert metric.scores(spoken)["lip_leak"].value is None
