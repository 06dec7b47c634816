from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from engines.joyvasa.motion.audio_to_motion import AudioToMotion, WindowStep, only_motion
from engines.joyvasa.motion.guidance import DynamicThreshold
from engines.joyvasa.motion.pose import HeadMotion
from engines.joyvasa.motion.sampler import SamplerSettings
from engines.joyvasa.motion.template import MotionTemplate
from engines.joyvasa.networks.motion_generator import MotionGeneratorConfig
from tests.engines.joyvasa.tiny_motion import tiny_generator, voice

VOICE = voice(171 * 640)
QUICK = {"inference_steps": 3, "cfg_scale": 2.0}
SEQUENCE = {"seed", "noise", "original_timing", "reuse_noise"}
REFERENCE: Any = {"original_timing": True, "reuse_noise": True}


@pytest.fixture(scope="module")
def engine() -> AudioToMotion:
    return AudioToMotion(tiny_generator(), MotionTemplate.random_weights())


def whole(
    engine: AudioToMotion, samples: np.ndarray = VOICE, frames: int | None = None, **given
) -> np.ndarray:
    how = {name: given.pop(name) for name in SEQUENCE & given.keys()}
    pieces = engine.sequence(samples, frames, SamplerSettings(**(QUICK | given)), **how)
    return HeadMotion.joined(list(only_motion(pieces))).to_vectors()


@pytest.mark.parametrize("samples", [1, 640, 4800, 62719, 62720, 64000, 64640])
def test_a_voice_gets_exactly_its_frames(engine: AudioToMotion, samples: int) -> None:
    frames = max(1, round(samples / 640))
    vectors = whole(engine, voice(samples))
    assert vectors.shape == (frames, 70)
    assert np.isfinite(vectors).all()
    assert len(whole(engine, voice(samples), 3)) == 3


def test_the_seed_decides(engine: AudioToMotion) -> None:
    assert np.array_equal(whole(engine, seed=1), whole(engine, seed=1))
    assert np.abs(whole(engine, seed=1) - whole(engine, seed=2)).max() > 1e-3


def test_fast_and_plain_agree(engine: AudioToMotion) -> None:
    plain = AudioToMotion(tiny_generator(), MotionTemplate.random_weights(), fast=False)
    for scale in (4.0, 1.0, 0.0, None):
        ours, theirs = (whole(which, cfg_scale=scale) for which in (engine, plain))
        assert np.abs(ours - theirs).max() < 1e-5 * np.abs(theirs).max()  # angles of a hundred degrees


def test_windows_leave_one_by_one_with_their_steps_before_them(engine: AudioToMotion) -> None:
    pieces = engine.sequence(VOICE, None, SamplerSettings(2))
    assert [next(pieces), next(pieces)] == [WindowStep(0, 2, 1, 2), WindowStep(0, 2, 2, 2)]
    first = next(pieces)
    assert isinstance(first, HeadMotion)
    assert len(first) == 98
    assert next(pieces) == WindowStep(1, 2, 1, 2)


def test_sampling_can_be_stopped_between_two_steps(engine: AudioToMotion) -> None:
    pieces = engine.sequence(VOICE, None, SamplerSettings(3))
    next(pieces)
    assert not torch.is_inference_mode_enabled()  # the reader is not left in the engine's mode
    pieces.close()  # type: ignore[attr-defined]
    assert len(whole(engine)) == 171  # and the engine still works


def test_a_window_knows_the_one_before(engine: AudioToMotion) -> None:
    other = VOICE.copy()
    other[:60_000] = 0
    later = slice(110, None)
    assert np.abs(whole(engine, other)[later] - whole(engine)[later]).max() > 1e-4


def test_the_first_frames_do_not_know_the_last_window(engine: AudioToMotion) -> None:
    other = VOICE.copy()
    other[64_000:] = 0
    assert np.array_equal(whole(engine, other)[:98], whole(engine)[:98])


@pytest.mark.parametrize(
    "given",
    [
        {"cfg_scale": 3.0},
        {"sampler": "ddim"},
        {"inference_steps": 5},
        {"inference_steps": None},
        {"dynamic_threshold": DynamicThreshold(0.5, 0.1, 0.2)},
        {"reuse_noise": True},
        {"original_timing": True},
        {"sampler": "ancestral", "flexibility": 1.0},
    ],
    ids=lambda given: next(iter(given)),
)
def test_every_option_does_something(engine: AudioToMotion, given) -> None:
    usual = whole(engine, frames=171, sampler="ancestral" if "flexibility" in given else "auto")
    ours = whole(engine, frames=171, **given)
    assert ours.shape == usual.shape
    assert np.abs(ours - usual).max() > 1e-5


def test_the_original_is_late_and_has_three_frames_more(engine: AudioToMotion) -> None:
    assert len(whole(engine, **REFERENCE)) == len(whole(engine)) + 3
    late = whole(engine, original_timing=True)
    assert np.array_equal(late[2:100], whole(engine)[:98])  # the same motion, 80 ms late


def test_reused_noise_draws_less(engine: AudioToMotion) -> None:
    asked: list[int] = []

    def noise(draws: int) -> torch.Tensor:
        asked.append(draws)
        return torch.zeros(draws, 1, 100, 70)

    settings = SamplerSettings(4, "ancestral")
    list(engine.sequence(VOICE, None, settings, noise=noise, reuse_noise=True))
    assert asked == [4, 3]
    list(engine.sequence(VOICE, None, settings, noise=noise))
    assert asked[2:] == [4, 4]


def test_a_checkpoints_arguments() -> None:
    config = MotionGeneratorConfig.from_arguments(
        {"audio_model": "hubert_zh_ori", "n_diff_steps": 20, "n_motions": None, "n_layers": 6, "lr": 1e-4}
    )
    assert (config.audio_model, config.n_diff_steps, config.n_motions, config.n_layers) == (
        "hubert",
        20,
        100,
        8,
    )
    with pytest.raises(ValueError, match="whisper"):
        MotionGeneratorConfig.from_arguments({"audio_model": "whisper"})
