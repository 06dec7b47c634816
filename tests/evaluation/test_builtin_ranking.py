"""A video that is spoilt in one way must read worse than the whole one by the metric that is about it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageOps

from evaluation.builtin.measurer import BuiltinMetrics
from evaluation.metric import Score
from evaluation.video_file import VideoFile
from tests.evaluation.conftest import EXAMPLES, FPS, SHIFT, Sound, write_video
from tests.media.conftest import write_wav

Measured = Callable[[str], Mapping[str, Score]]
BETTER = {metric.name: metric.better for metric in BuiltinMetrics.metrics}


def value(score: Score) -> float:
    assert score.value is not None, score.note
    return score.value


@pytest.mark.parametrize(
    ("way", "name", "factor"),
    [
        ("late sound", "mouth_sound", 1.2),
        ("early sound", "mouth_sound", 1.2),
        ("shuffled", "mouth_sound", 3),
        ("frozen mouth", "mouth_sound", 3),
        ("shuffled", "closed_in_silence", 1.5),
        ("open mouth", "closed_in_silence", 10),
        ("shuffled", "lip_leak", 10),
        ("open mouth", "closed_in_bilabials", 10),
        ("shuffled", "closed_in_bilabials", 1.3),
        ("jittered", "head_jitter", 4),
        ("shuffled", "head_jitter", 3),
        ("stretched", "identity_drift", 3),
        ("swimming", "background_change", 10),
        ("jittered", "background_change", 10),
        ("faint seam", "seam", 3),
        ("seam", "seam", 6),
        ("flickering", "flicker", 5),
        ("shuffled", "flicker", 3),
        ("jittered", "flicker", 5),
        ("blurred", "mouth_sharpness", 2),
    ],
)
def test_a_spoilt_video_reads_worse(measured: Measured, way: str, name: str, factor: float) -> None:
    whole, spoilt = value(measured("whole")[name]), value(measured(way)[name])
    assert BETTER[name] in ("higher", "lower")
    if BETTER[name] == "higher":
        assert max(spoilt, 1e-6) * factor < whole
    else:
        assert spoilt > factor * whole


def test_a_mouth_that_talks_under_a_silent_voice_leaks(
    material: tuple[np.ndarray, Sound], tmp_path: Path
) -> None:
    """The old speech of a video that has a silent voice now; with its mouth at rest it has none."""
    frames, (rate, _) = material
    frames = frames[: 3 * FPS]
    silence = write_wav(tmp_path / "silence.wav", np.zeros((3 * rate, 1)), rate)
    shares = []
    for name, shown in (("talks", frames), ("rests", np.repeat(frames[:1], len(frames), axis=0))):
        video = write_video(tmp_path / f"{name}.mp4", shown, None)
        shares.append(value(BuiltinMetrics().measure(VideoFile(video, audio=silence))["lip_leak"]))
    assert shares[0] > 30
    assert shares[1] == 0


def test_a_stronger_seam_reads_worse(measured: Measured) -> None:
    assert value(measured("seam")["seam"]) > 1.5 * value(measured("faint seam")["seam"])


@pytest.mark.parametrize(("way", "sign"), [("early sound", 1), ("late sound", -1)])
def test_the_lag_is_read_in_frames_with_its_sign(measured: Measured, way: str, sign: int) -> None:
    moved = value(measured(way)["mouth_lag"]) - value(measured("whole")["mouth_lag"])
    assert moved == pytest.approx(sign * 1000 * SHIFT / FPS, abs=1000 / FPS)


@pytest.mark.parametrize("way", ["frozen mouth", "shuffled"])
def test_no_lag_is_reported_of_a_mouth_that_does_not_follow(measured: Measured, way: str) -> None:
    assert measured(way)["mouth_lag"].value is None


def test_blinks_are_counted_and_timed(measured: Measured) -> None:
    assert value(measured("whole")["blink_rate"]) > 5
    assert 40 < value(measured("whole")["blink_time"]) < 300
    assert value(measured("eyes open")["blink_rate"]) == 0
    assert measured("eyes open")["blink_time"].value is None


def test_blinks_at_half_speed_last_twice_as_long(measured: Measured) -> None:
    whole, slow = (value(measured(way)["blink_time"]) for way in ("whole", "slow"))
    assert slow == pytest.approx(2 * whole, rel=0.1)
    rates = [measured(way)["blink_rate"] for way in ("whole", "slow")]
    counts = [rate.extras["blinks"] for rate in rates]
    # Each video is encoded anew: a blink that is hardly deep enough may count in one of them only.
    assert abs(counts[0] - counts[1]) <= 1
    seconds = [60 * count / value(rate) for count, rate in zip(counts, rates, strict=True)]
    assert seconds[1] == pytest.approx(2 * seconds[0], rel=0.05)


def test_a_head_that_turns_has_a_wider_range(measured: Measured) -> None:
    score = measured("nodding")["head_range"]
    assert value(score) == pytest.approx(20, abs=3)
    assert score.extras["roll"] == pytest.approx(value(score) + score.extras["floor"])
    assert value(measured("whole")["head_range"]) < 12


def test_what_a_fault_is_not_about_stays(measured: Measured) -> None:
    whole = measured("whole")
    for way in ("late sound", "early sound"):
        for name in ("head_jitter", "flicker", "seam", "background_change", "mouth_sharpness", "blink_rate"):
            assert value(measured(way)[name]) == pytest.approx(value(whole[name]), rel=0.02, abs=0.02)


def test_a_frozen_video_is_at_rest(material: tuple[np.ndarray, Sound], tmp_path: Path) -> None:
    """The mesh of a picture that stands still moves by itself; that is neither the head nor the mouth.

    Portraits are frozen here and not frames of an engine, so that the engine may look different one day.
    """
    _, sound = material
    for name in ("astronaut.png", "admiral.jpg"):
        with Image.open(EXAMPLES / "portraits" / name) as picture:
            still = np.asarray(ImageOps.fit(picture.convert("RGB"), (384, 384)))
        video = write_video(tmp_path / f"{name}.mp4", np.repeat(still[None], 60, axis=0), sound)
        frozen = BuiltinMetrics().measure(VideoFile(video))
        assert value(frozen["head_jitter"]) < 0.3
        assert value(frozen["head_range"]) < 0.2
        assert value(frozen["identity_drift"]) < 0.2
        assert abs(value(frozen["mouth_sound"])) < 0.1
        assert frozen["mouth_lag"].value is None


def test_the_floor_is_reported_and_small(measured: Measured) -> None:
    whole = measured("whole")
    assert 0 < whole["head_jitter"].extras["floor"] < 0.5
    assert "where nothing moves" in whole["head_jitter"].note
    assert 0 <= whole["head_range"].extras["floor"] < 0.3
    assert value(whole["head_jitter"]) > 5 * whole["head_jitter"].extras["floor"]
