from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from engines.joyvasa.networks.motion_generator import MotionGenerator
from tests.engines.joyvasa.tiny_motion import tiny_generator, voice
from training.joyvasa.losses import WEIGHTS
from training.joyvasa.noise import TimeMask, TrainingNoise
from training.joyvasa.objective import Objective

DRAWS = TrainingNoise(window=100, width=70, steps=50, drop_audio=0.5, mask=TimeMask(0.05, 10, 2))


@pytest.fixture(scope="module")
def generator() -> MotionGenerator:
    return tiny_generator()


def batch_of(count: int, **changed: torch.Tensor) -> dict[str, torch.Tensor]:
    samples = []
    for number in range(count):
        rng = np.random.default_rng(number)
        motion = rng.standard_normal((200, 70)).astype(np.float32)
        samples.append(DRAWS.sample(rng, voice(200 * 640, number), motion))
    return {name: torch.stack([sample[name] for sample in samples]) for name in samples[0]} | changed


class Listening:
    """A generator that records its inputs."""

    def __init__(self, generator: MotionGenerator) -> None:
        self._generator = generator
        self.start_motion_feat = generator.start_motion_feat
        self.start_audio_feat = generator.start_audio_feat
        self.heard: list[torch.Tensor] = []
        self.features: list[torch.Tensor] = []
        self.given: list[tuple[torch.Tensor, ...]] = []

    def audio_features(self, samples: torch.Tensor, masked: torch.Tensor) -> torch.Tensor:
        self.heard.append(samples)
        self.features.append(self._generator.audio_features(samples, masked=masked))
        return self.features[-1]

    def __call__(self, *given: torch.Tensor) -> torch.Tensor:
        self.given.append(given)
        return self._generator(*given)


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_draws_keep_their_ranges(seed: int) -> None:
    rng = np.random.default_rng(seed)
    drawn = DRAWS.sample(rng, np.zeros(128_000, np.float32), np.zeros((200, 70), np.float32))
    assert drawn["sound"].shape == (2, 64_000)
    assert drawn["motion"].shape == drawn["noise"].shape == (2, 100, 70)
    assert drawn["noise"].dtype == torch.float32
    assert drawn["step"].min() >= 1
    assert drawn["step"].max() <= 50
    assert drawn["end"].min() >= 1
    assert drawn["end"].max() <= 99
    assert drawn["masked"].shape == (2, 200)
    hidden = drawn["masked"].sum(1)
    assert hidden.min() >= 11  # two stretches of ten never begin at the same frame
    assert hidden.max() <= 20


def test_the_second_window_continues_from_the_true_first(generator: MotionGenerator) -> None:
    listening, batch = Listening(generator), batch_of(2)
    Objective().loss(listening, batch)
    first, second = listening.given
    assert torch.equal(first[2], generator.start_motion_feat.expand(2, -1, -1))
    assert torch.equal(first[3], generator.start_audio_feat.expand(2, -1, -1))
    assert torch.equal(second[2], batch["motion"][:, 0, -25:])
    assert torch.equal(second[3], listening.features[0][:, -25:])
    assert not second[3].requires_grad
    assert len(listening.features) == 2


def test_after_a_cut_window_the_second_still_hears_all_of_it(generator: MotionGenerator) -> None:
    listening, batch = Listening(generator), batch_of(2)
    Objective().loss(listening, batch, (True, False))
    cut, whole, following = listening.heard
    end = int(batch["end"][0, 0])
    assert (cut[0, end * 640 :] == 0).all()
    assert torch.equal(whole, batch["sound"][:, 0])
    assert torch.equal(following, batch["sound"][:, 1])
    assert (listening.given[0][0][0, end:] == 0).all()
    assert torch.equal(listening.given[1][2], batch["motion"][:, 0, -25:])
    assert torch.equal(listening.given[1][3], listening.features[1][:, -25:])


def test_frames_after_the_end_are_neither_seen_nor_judged(generator: MotionGenerator) -> None:
    batch = batch_of(2)
    before = Objective().loss(generator, batch, (False, True))[0]
    for row in range(2):
        end = int(batch["end"][row, 1])
        batch["motion"][row, 1, end:] += 3
        batch["sound"][row, 1, end * 640 :] *= -1
    assert float(Objective().loss(generator, batch, (False, True))[0]) == float(before)
    assert float(Objective().loss(generator, batch)[0]) != float(before)


def test_samples_without_a_voice_get_the_null_features(generator: MotionGenerator) -> None:
    dropped = torch.ones(2, 2, dtype=torch.bool)
    batch = batch_of(2, drop=dropped)
    deaf = Objective().windows(generator, batch, (False, False))[0]
    batch["sound"] = batch["sound"] * 0.5
    assert float(Objective().windows(generator, batch, (False, False))[0]["noise"]) == float(deaf["noise"])
    batch["drop"] = ~dropped
    assert float(Objective().windows(generator, batch, (False, False))[0]["noise"]) != float(deaf["noise"])


def test_hidden_frames_are_not_heard(generator: MotionGenerator) -> None:
    nothing = torch.zeros(1, 200, dtype=torch.bool)
    everything = torch.ones(1, 200, dtype=torch.bool)
    loud, soft = (torch.from_numpy(voice(64_000) * scale)[None] for scale in (1.0, 0.3))
    with torch.no_grad():
        same = [generator.audio_features(sound, masked=everything) for sound in (loud, soft)]
        told = [generator.audio_features(sound, masked=nothing) for sound in (loud, soft)]
        plain = generator.audio_features(loud)
    assert torch.equal(*same)
    assert not torch.equal(*told)
    assert torch.equal(told[0], plain)


@pytest.mark.parametrize("target", ["sample", "noise"])
def test_the_terms_are_means_and_the_loss_their_weighed_sum(generator: MotionGenerator, target: str) -> None:
    batch = batch_of(2)
    objective = Objective(target=target)  # type: ignore[arg-type]
    loss, terms = objective.loss(generator, batch)
    assert terms.keys() == (WEIGHTS.keys() if target == "sample" else {"noise"})
    assert float(loss) == pytest.approx(sum(WEIGHTS[name] * float(terms[name]) for name in terms), rel=1e-5)
    heavier = Objective(target=target, weights={**WEIGHTS, "noise": 2.0})  # type: ignore[arg-type]
    assert float(heavier.loss(generator, batch)[0] - loss) == pytest.approx(float(terms["noise"]), rel=1e-4)


def test_the_originals_slip_loses_the_first_windows_expression(generator: MotionGenerator) -> None:
    batch = batch_of(2)
    first, second = Objective().windows(generator, batch, (False, False))
    right, slip = (float(Objective(reference_loss=on).loss(generator, batch)[0]) for on in (False, True))
    changed = sum(
        WEIGHTS[name] * float(second[name] - first[name] / 2) for name in ("exp", "exp_vel", "exp_smooth")
    )
    assert slip == pytest.approx(right + changed, rel=1e-5)
