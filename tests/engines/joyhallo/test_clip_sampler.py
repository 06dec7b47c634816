"""Sampling clip by clip, with networks that only record their calls."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import torch
from torch import Tensor

from engines.joyhallo.pipeline.clip_sampler import ClipSampler, SamplerStep, Sampling, Still, seeded_noise
from engines.joyhallo.pipeline.schedule import Schedule
from media.errors import OutOfMemory

FRAMES, SIDE = 4, 16
STEPS = Schedule(steps=6)


class Codec:
    """Latents are the image's mean over 8x8 pixels; counts its inputs."""

    def __init__(self) -> None:
        self.encoded: list[int] = []
        self.decoded: list[int] = []

    def encode(self, pictures: Tensor) -> Tensor:
        self.encoded.append(len(pictures))
        return torch.nn.functional.avg_pool2d(torch.cat([pictures, pictures[:, :1]], dim=1), 8)

    def decode(self, latents: Tensor) -> Iterator[Tensor]:
        for part in latents.split(2):
            self.decoded.append(len(part))
            yield torch.nn.functional.interpolate(part[:, :3], scale_factor=8.0).sigmoid()


class Denoiser:
    """Predicts a fraction of its input, a different one for each half."""

    def __init__(self, fails: int = 0) -> None:
        self.clips: list[tuple[int, bool]] = []
        self.steps: list[tuple[int, bool, bool]] = []
        self.given: list[Tensor] = []
        self.fails = fails
        self.modes: set[bool] = set()

    def conditions(self, still: Still, latents: Tensor, audio_tokens: Tensor, *, guided: bool) -> Any:
        self.clips.append((len(latents), guided))
        self.given.append(latents.clone())
        return guided

    def without_guidance(self, conditions: Any) -> Any:
        assert conditions
        return False

    def __call__(self, latents: Tensor, timestep: Tensor, conditions: Any, *, deep: bool) -> Tensor:
        if self.fails:
            self.fails -= 1
            raise torch.OutOfMemoryError("full")
        self.modes.add(torch.is_inference_mode_enabled())
        self.steps.append((int(timestep), conditions, deep))
        seeing = 0.2 * latents
        return torch.cat([0.1 * latents, seeing]) if conditions else seeing


def still() -> Still:
    nothing = torch.zeros(1)
    return Still(torch.zeros(1, 3, SIDE, SIDE), nothing, nothing, nothing, [])


def sampler(denoiser: Denoiser, seed: int = 0, codec: Codec | None = None, **sampling: Any) -> ClipSampler:
    chosen = Sampling(**{"schedule": STEPS, **sampling})
    return ClipSampler(denoiser, codec or Codec(), still(), chosen, seeded_noise(seed))  # type: ignore[arg-type]


def pictures_of(sampler: ClipSampler, clips: int = 1) -> list[Tensor]:
    audio = torch.zeros(1, FRAMES, 8, 4)
    return [
        torch.cat([work for work in sampler.clip(audio) if isinstance(work, Tensor)]) for _ in range(clips)
    ]


def test_every_step_is_reported_then_the_pictures_come() -> None:
    work = list(sampler(Denoiser()).clip(torch.zeros(1, FRAMES, 8, 4)))
    assert work[:6] == [SamplerStep(step, 6) for step in range(1, 7)]
    assert [tuple(w.shape) for w in work[6:]] == [(2, 3, SIDE, SIDE)] * 2  # type: ignore[union-attr]


def test_the_seed_decides_and_every_clip_has_its_own_noise() -> None:
    one, two = pictures_of(sampler(Denoiser(), seed=1), 2)
    again, _ = pictures_of(sampler(Denoiser(), seed=1), 2)
    (other,) = pictures_of(sampler(Denoiser(), seed=2))
    assert torch.equal(one, again)
    assert not torch.equal(one, two)
    assert not torch.equal(one, other)


def test_a_clip_continues_from_the_last_two_frames() -> None:
    denoiser, codec = Denoiser(), Codec()
    first, _ = pictures_of(sampler(denoiser, codec=codec), 2)
    assert [latents for latents, _ in denoiser.clips] == [1, 3]
    assert torch.equal(denoiser.given[1][1:], Codec().encode(first[-2:] * 2 - 1))
    assert codec.encoded == [1, 2]  # what nobody goes on from is not encoded


def test_motion_latents_can_be_reused() -> None:
    denoiser, codec = Denoiser(), Codec()
    pictures_of(sampler(denoiser, codec=codec, reuse_motion=True), 2)
    assert codec.encoded == [1]
    assert denoiser.given[1].shape == (3, 4, 2, 2)


def test_the_last_clip_decodes_only_what_is_wanted() -> None:
    codec = Codec()
    work = list(sampler(Denoiser(), codec=codec).clip(torch.zeros(1, FRAMES, 8, 4), wanted=3))
    assert sum(len(w) for w in work if isinstance(w, Tensor)) == 3
    assert codec.decoded == [2, 1]


def test_a_scale_of_one_takes_a_single_pass() -> None:
    denoiser = Denoiser()
    pictures_of(sampler(denoiser, cfg_scale=1.0))
    assert denoiser.clips == [(1, False)]
    assert [guided for _, guided, _ in denoiser.steps] == [False] * 6


def test_guidance_goes_beyond_the_seeing_half() -> None:
    seen: dict[str, Tensor] = {}
    subject = ClipSampler(
        Denoiser(), Codec(), still(), Sampling(STEPS, 3.5), seeded_noise(0), observe=seen.__setitem__  # type: ignore[arg-type]
    )  # fmt: skip
    pictures_of(subject)
    noise = seeded_noise(0)((1, 4, FRAMES, 2, 2))
    assert torch.allclose(seen["guided_0"], (0.1 + 3.5 * 0.1) * noise)


@pytest.mark.parametrize(("share", "guided"), [(1.0, 6), (0.5, 3), (0.0, 0)])
def test_guidance_on_part_of_the_steps(share: float, guided: int) -> None:
    denoiser = Denoiser()
    pictures_of(sampler(denoiser, guidance_share=share))
    assert [g for _, g, _ in denoiser.steps] == [True] * guided + [False] * (6 - guided)


def test_deep_layers_run_every_few_steps_and_where_guidance_ends() -> None:
    denoiser = Denoiser()
    pictures_of(sampler(denoiser, cache_interval=4))
    assert [deep for _, _, deep in denoiser.steps] == [True, False, False, False, True, False]
    denoiser = Denoiser()
    pictures_of(sampler(denoiser, cache_interval=4, guidance_share=0.5), 2)
    assert [deep for _, _, deep in denoiser.steps] == [True, False, False, True, True, False] * 2


def test_the_exact_way_runs_every_layer_in_every_step() -> None:
    denoiser = Denoiser()
    pictures_of(sampler(denoiser))
    assert all(guided and deep for _, guided, deep in denoiser.steps)
    assert [time for time, _, _ in denoiser.steps] == STEPS.timesteps()


def test_the_readers_code_runs_outside_inference_mode() -> None:
    denoiser = Denoiser()
    for _ in sampler(denoiser).clip(torch.zeros(1, FRAMES, 8, 4)):
        assert not torch.is_inference_mode_enabled()
    assert denoiser.modes == {True}


def test_a_closed_clip_runs_no_further_step() -> None:
    denoiser = Denoiser()
    work = sampler(denoiser).clip(torch.zeros(1, FRAMES, 8, 4))
    next(work)
    work.close()  # type: ignore[attr-defined]
    assert len(denoiser.steps) == 1


def test_a_full_device_is_freed_and_the_step_repeated() -> None:
    asked: list[bool] = []

    def make_room() -> bool:
        asked.append(True)
        return True

    denoiser = Denoiser(fails=2)
    subject = ClipSampler(
        denoiser, Codec(), still(), Sampling(STEPS), seeded_noise(0), make_room=make_room  # type: ignore[arg-type]
    )  # fmt: skip
    (ours,) = pictures_of(subject)
    (expected,) = pictures_of(sampler(Denoiser()))
    assert torch.equal(ours, expected)
    assert len(asked) == 2


@pytest.mark.parametrize("room", [None, lambda: False])
def test_a_device_that_stays_full_is_reported(room: Any) -> None:
    subject = ClipSampler(
        Denoiser(fails=1), Codec(), still(), Sampling(STEPS), seeded_noise(0), make_room=room  # type: ignore[arg-type]
    )  # fmt: skip
    with pytest.raises(OutOfMemory, match="clip of 16 frames does not fit"):
        pictures_of(subject)
