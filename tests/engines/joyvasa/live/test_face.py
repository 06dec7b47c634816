"""The whole face on small random weights."""

from __future__ import annotations

import tracemalloc
from typing import Any

import numpy as np
import pytest

from engines.joyvasa.engine import JoyVasaEngine
from engines.joyvasa.live.face import JoyVasaFace
from engines.joyvasa.live.motion import MORE_AHEAD
from engines.joyvasa.motion.retargeting import LIP_POINTS
from engines.joyvasa.options import JoyVasaOptions
from engines.joyvasa.weights.model_registry import JoyVasaNetworks
from engines.live import LiveFace
from media.portrait import Portrait
from media.voice import open_voice
from tests.engines.joyvasa.live.hearing import FRAME, heard_by_frames
from tests.engines.joyvasa.tiny_motion import voice

QUICK: dict[str, Any] = {"inference_steps": 2, "precision": "fp32"}
SPOKEN = voice(60 * FRAME, seed=4)
NOTHING = np.zeros(0, np.float32)
LIPS = list(LIP_POINTS)


@pytest.fixture
def engine(networks: JoyVasaNetworks) -> JoyVasaEngine:
    return JoyVasaEngine(networks)


def opened(engine: JoyVasaEngine, portrait: Portrait, seed: int = 0, **options: Any) -> JoyVasaFace:
    face = engine.live(portrait, JoyVasaOptions(**(QUICK | options)), seed, 0.08)
    assert isinstance(face, JoyVasaFace)
    return face


def speak(face: LiveFace, sound: np.ndarray, frames: int) -> np.ndarray:
    """(frames, 21, 3) keypoints of a voice, and of silence after it."""
    return np.concatenate([_moved(face, *given) for given in heard_by_frames(sound, face.look_ahead, frames)])


def _moved(face: Any, heard: np.ndarray, ahead: np.ndarray, ended: bool) -> np.ndarray:
    face.listen(heard, ahead, ended=ended)
    return face.keypoints


def wait(face: LiveFace, frames: int) -> np.ndarray:
    return speak(face, NOTHING, frames)


def test_a_short_voice_has_the_pictures_of_a_video(engine: JoyVasaEngine, astronaut: Portrait) -> None:
    """All of it is in one window. Head smoothing is off: it expects frames after the end, a video none."""
    speech = open_voice((16_000, SPOKEN[: 6 * FRAME]))
    options: dict[str, Any] = {"smoothing": 0.0, "blink": 1.0, "smile": 0.5}
    chosen = JoyVasaOptions(**(QUICK | options))
    work = engine.animate(astronaut, speech, chosen, 0)
    video = np.concatenate([one for one in work if isinstance(one, np.ndarray)])
    face = opened(engine, astronaut, **options)
    for (heard, ahead, ended), expected in zip(
        heard_by_frames(speech.samples, face.look_ahead, len(video)), video, strict=True
    ):
        face.listen(heard, ahead, ended=ended)
        assert np.abs(face.paint().astype(int) - expected).max() <= 1


def test_pictures_are_the_portrait_with_another_face(engine: JoyVasaEngine, astronaut: Portrait) -> None:
    face = opened(engine, astronaut)
    assert (face.fps, face.look_ahead) == (25, 1280 + MORE_AHEAD)
    first = face.paint()
    assert face.paint() is first
    speak(face, SPOKEN, 3)
    later = face.paint()
    assert later.shape == astronaut.image.shape
    assert not later.flags.writeable
    assert (later[400:] == astronaut.image[400:]).all()
    assert (later != first).any()


def test_the_mouth_is_closed_and_the_head_moves_in_silence(
    engine: JoyVasaEngine, astronaut: Portrait
) -> None:
    options: dict[str, Any] = {"flag_stitching": False, "head_motion": 0.0, "expression": 0.0}
    still = wait(opened(engine, astronaut, **options), 40)
    assert np.ptp(still[:, LIPS], axis=0).max() < 1e-5
    moving = wait(opened(engine, astronaut), 40)
    assert np.ptp(moving, axis=0).max() > 1e-3
    steps = np.abs(np.diff(moving, axis=0)).max(axis=(1, 2))
    assert (steps > 0).all()  # it never stops


def test_an_interrupted_mouth_closes_within_200_ms_without_a_jump(
    engine: JoyVasaEngine, astronaut: Portrait
) -> None:
    options: dict[str, Any] = {
        "flag_stitching": False,
        "head_motion": 0.0,
        "expression": 0.0,
        "mouth_open": 2.0,
    }
    rest = wait(opened(engine, astronaut, **options), 1)[0, LIPS]
    face = opened(engine, astronaut, **options)
    before = speak(face, SPOKEN, 23)[-1, LIPS]
    face.interrupt()
    after = np.concatenate([before[None], wait(face, 30)[:, LIPS]])
    distance = np.abs(after - after[-1]).max(axis=(1, 2))
    assert distance[0] > 1e-3
    assert distance[5:].max() < 1e-5
    assert (np.diff(distance[:6]) <= 1e-6).all()  # straight to rest
    assert after[-1].shape == rest.shape


def test_a_voice_after_an_interruption_speaks(engine: JoyVasaEngine, astronaut: Portrait) -> None:
    face = opened(engine, astronaut)
    before = speak(face, SPOKEN, 12)[-1]
    face.interrupt()
    after = speak(face, SPOKEN, 30)
    usual = np.abs(np.diff(after[10:], axis=0)).max()
    assert np.abs(after[0] - before).max() <= 1.5 * usual
    assert np.ptp(after[10:, LIPS], axis=0).max() > 1e-3


def test_options_glide(engine: JoyVasaEngine, astronaut: Portrait) -> None:
    plain, changed = opened(engine, astronaut), opened(engine, astronaut)
    assert np.array_equal(speak(plain, SPOKEN, 10), speak(changed, SPOKEN, 10))
    changed.change(JoyVasaOptions(**QUICK, smile=1.0, head_motion=0.5, gaze_x=-1.0))
    rest = SPOKEN[10 * FRAME :]
    difference = np.abs(speak(plain, rest, 20) - speak(changed, rest, 20)).max(axis=(1, 2))
    assert 0 < difference[0] < 0.2 * difference[11]


def test_added_blinks_are_those_of_a_video_and_can_be_changed(
    engine: JoyVasaEngine, astronaut: Portrait
) -> None:
    eyes = [11, 13, 15, 16]
    options: dict[str, Any] = {"flag_stitching": False}
    plain = wait(opened(engine, astronaut, **options), 100)
    face = opened(engine, astronaut, blink=1.0, **options)
    closed = np.abs(wait(face, 100) - plain)[:, eyes].max(axis=(1, 2)) > 1e-6
    assert 5 <= closed.sum() <= 40
    face.change(JoyVasaOptions(**QUICK, **options, blink=0.0))
    wait(face, 20)  # a blink that has begun is completed
    same = opened(engine, astronaut, **options)
    wait(same, 120)
    assert np.array_equal(wait(face, 60), wait(same, 60))


@pytest.mark.parametrize(
    "options",
    [{"is_smooth_motion": True}, {"lips": "relative"}, {"flag_pasteback": False}, {"cfg_scale": 1.0}],
)
def test_other_options_give_other_frames(
    engine: JoyVasaEngine, astronaut: Portrait, options: dict[str, Any]
) -> None:
    plain, other = opened(engine, astronaut), opened(engine, astronaut, **options)
    for face in (plain, other):
        speak(face, SPOKEN, 6)
    assert not np.array_equal(plain.paint(), other.paint())


def test_memory_does_not_grow(engine: JoyVasaEngine, astronaut: Portrait) -> None:
    face = opened(engine, astronaut, blink=1.0)
    speak(face, SPOKEN, 60)
    wait(face, 110)
    tracemalloc.start()
    try:
        held = []
        for _ in range(2):
            speak(face, SPOKEN, 60)
            wait(face, 110)
            held.append(tracemalloc.get_traced_memory()[0])
    finally:
        tracemalloc.stop()
    assert held[1] - held[0] < 100_000


def test_the_load_is_measured_without_moving(engine: JoyVasaEngine, astronaut: Portrait) -> None:
    face, other = opened(engine, astronaut), opened(engine, astronaut)
    assert face.measured_load() > 0
    assert np.array_equal(speak(face, SPOKEN, 4), speak(other, SPOKEN, 4))
