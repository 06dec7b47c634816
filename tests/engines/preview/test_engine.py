"""The engine as the job pipeline sees it: the right number of frames, immediately, and reproducible."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engines.preview.engine import PreviewEngine
from engines.preview.options import PreviewOptions
from engines.preview.rigging import rig_of
from media.errors import NoFaceError
from media.portrait import Portrait
from media.voice import Voice, open_voice

VOICE = Path(__file__).resolve().parents[3] / "examples" / "voices" / "english-woman.wav"


@pytest.fixture(scope="module")
def engine() -> PreviewEngine:
    engine = PreviewEngine()
    engine.load()
    return engine


@pytest.fixture(scope="module")
def short() -> Voice:
    """The first 1.5 seconds of an example."""
    whole = open_voice(VOICE)
    return open_voice((16_000, whole.samples[:24_000]))


def frames(
    engine: PreviewEngine, portrait: Portrait, speech: Voice, seed: int = 0, **options: Any
) -> np.ndarray:
    return np.concatenate(list(engine.animate(portrait, speech, PreviewOptions(**options), seed)))


@pytest.mark.parametrize("fps", [12, 25, 30, 60])
def test_there_are_as_many_frames_as_the_voice_lasts(
    engine: PreviewEngine, astronaut: Portrait, short: Voice, fps: int
) -> None:
    made = frames(engine, astronaut, short, fps=fps)
    assert made.shape == (round(1.5 * fps), astronaut.height, astronaut.width, 3)
    assert made.dtype == np.uint8


@pytest.mark.parametrize("samples", [3200, 3841, 16000])
def test_very_short_voices_have_their_frames(
    engine: PreviewEngine, astronaut: Portrait, samples: int
) -> None:
    tone = 0.3 * np.sin(np.arange(samples) / 16).astype(np.float32)
    speech = open_voice((16_000, tone))
    assert len(frames(engine, astronaut, speech)) == max(1, round(samples / 16_000 * 25))


def test_the_first_frames_leave_before_the_rest_is_heard(engine: PreviewEngine, astronaut: Portrait) -> None:
    speech = open_voice(VOICE)
    batches = engine.animate(astronaut, speech, PreviewOptions(), 0)
    first = next(iter(batches))
    assert 1 <= len(first) <= 8
    assert speech.frames(25) > 100


def test_the_same_seed_gives_the_same_pixels_and_another_seed_others(
    engine: PreviewEngine, astronaut: Portrait, short: Voice
) -> None:
    one, again, other = (frames(engine, astronaut, short, seed) for seed in (7, 7, 8))
    assert np.array_equal(one, again)
    assert not np.array_equal(one, other)


def test_two_jobs_in_threads_do_not_meet(engine: PreviewEngine, astronaut: Portrait, short: Voice) -> None:
    alone = [frames(engine, astronaut, short, seed) for seed in (1, 2)]
    together: list[np.ndarray | None] = [None, None]

    def work(slot: int) -> None:
        together[slot] = frames(engine, astronaut, short, slot + 1)

    threads = [threading.Thread(target=work, args=(slot,)) for slot in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for expected, made in zip(alone, together, strict=True):
        assert made is not None
        assert np.array_equal(expected, made)


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("mouth_opening", 0.2),
        ("head_motion", 0.0),
        ("blink_rate", 0.0),
        ("expression", 2.0),
        ("eye_motion", 0.0),
        ("gaze_x", -0.5),
        ("gaze_y", 0.5),
        ("breathing", 0.0),
        ("head_yaw", -8.0),
        ("head_pitch", 8.0),
        ("smoothing", 1.0),
        ("rest_mouth", "as_portrait"),
    ],
)
def test_every_option_changes_the_video(
    engine: PreviewEngine, astronaut: Portrait, option: str, value: Any
) -> None:
    speech = open_voice((16_000, open_voice(VOICE).samples[:56_000]))
    plain = frames(engine, astronaut, speech, fps=12)
    changed = frames(engine, astronaut, speech, fps=12, **{option: value})
    assert not np.array_equal(plain, changed)


def test_the_background_is_the_portraits_in_every_frame(
    engine: PreviewEngine, astronaut: Portrait, short: Voice
) -> None:
    made = frames(engine, astronaut, short)
    assert (made[:, 310:] == astronaut.image[310:]).all()


def test_a_portrait_without_face_and_points_is_refused(astronaut: Portrait) -> None:
    empty = Portrait(astronaut.image, (), 0, "animal", None, astronaut.placement, "", ())
    with pytest.raises(NoFaceError, match="three points"):
        rig_of(empty)
