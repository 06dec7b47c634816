"""Turns a voice into the motion of a face, window by window."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from engines.joyvasa.fast.fast_denoiser import FastDenoiser
from engines.joyvasa.motion.guidance import branches, prepare_window
from engines.joyvasa.motion.pose import HeadMotion
from engines.joyvasa.motion.sampler import SamplerSettings, plan_sampling, sampling
from engines.joyvasa.motion.template import MotionTemplate
from engines.joyvasa.motion.windows import WindowPlan, aligned_frames, aligned_plan, original_plan
from engines.joyvasa.networks.denoiser import Denoiser
from engines.joyvasa.networks.motion_generator import MotionGenerator

Noise = Callable[[int], Tensor]
"""Takes a number of draws. Returns standard normal noise (draws, 1, 100, 70) float32."""


@dataclass(frozen=True)
class WindowStep:
    """One step of sampling is done: `step` of `steps` in `window` of `windows`; the first window is 0."""

    window: int
    windows: int
    step: int
    steps: int


class AudioToMotion:
    """Samples motion from sound with one motion generator, which stays on its device.

    fast: use the rearranged denoiser; the numbers agree to rounding. The generator must not be moved or
    changed afterwards. Several sequences may run at once: the object keeps nothing about a sequence.
    """

    def __init__(self, generator: MotionGenerator, template: MotionTemplate, *, fast: bool = True) -> None:
        self.generator, self.template = generator.eval(), template
        self.denoiser: Denoiser | FastDenoiser = generator.denoising_net
        if fast:
            self.denoiser = FastDenoiser(generator.denoising_net, generator.null_audio_feat)

    def sequence(
        self,
        samples: np.ndarray,
        frames: int | None,
        settings: SamplerSettings,
        *,
        seed: int = 0,
        noise: Noise | None = None,
        original_timing: bool = False,
        reuse_noise: bool = False,
    ) -> Iterator[HeadMotion | WindowStep]:
        """Yield `frames` frames of motion in stretches, the first after the first window, with steps in
        between.

        samples: (n,) float32 16 kHz mono, n >= 1. frames: at 25 a second; None takes as many as the sound
        lasts.
        noise: instead of the generator that `seed` makes (on the CPU, so that a seed means the same motion on
        every device). The original's faults: `original_timing` (lips 80 ms late; with frames=None three
        frames too many and, seldom, a cut tail), `reuse_noise` (every window starts from the first one's
        noise). How it smooths the head: see `head_smoothing`.
        """
        motions = self.generator.config.n_motions
        if original_timing:
            windows = original_plan(len(samples), motions)
            windows = windows.shortened(frames)
        else:
            windows = aligned_plan(aligned_frames(len(samples)) if frames is None else frames, motions)
        return self._windows(
            np.asarray(samples, np.float32),
            windows,
            settings,
            noise or self._seeded(seed),
            reuse_noise,
        )

    def _seeded(self, seed: int) -> Noise:
        config = self.generator.config
        shape = (1, config.n_motions, config.motion_feat_dim)
        source = torch.Generator().manual_seed(seed)
        return lambda draws: torch.randn((draws, *shape), generator=source)

    def _windows(
        self,
        samples: np.ndarray,
        windows: WindowPlan,
        settings: SamplerSettings,
        noise: Noise,
        reuse_noise: bool,
    ) -> Iterator[HeadMotion | WindowStep]:
        generator = self.generator
        like = generator.start_motion_feat
        plan = plan_sampling(generator.diffusion_sched, settings)
        draws, context = plan.draws, generator.config.n_prev_motions
        previous_motion, previous_audio = generator.start_motion_feat, generator.start_audio_feat
        first: Tensor | None = None
        for window in range(windows.windows):
            with torch.inference_mode():
                sound = torch.from_numpy(windows.samples_of(window, samples)).to(like)
                audio = generator.audio_features(sound[None])
                fresh = noise(draws if reuse_noise and first is not None else draws + 1).to(like)
                start = first if reuse_noise and first is not None else fresh[0]
                first = start if first is None else first
                prepared = prepare_window(
                    self.denoiser,
                    generator.null_audio_feat,
                    previous_motion,
                    previous_audio,
                    audio,
                    branches(settings.cfg_scale),
                )
                states = sampling(prepared, start, fresh[len(fresh) - draws :], plan)
            for done in range(1, plan.steps + 1):
                with torch.inference_mode():  # not around the yield: the caller would run in it
                    vectors = next(states)[1]
                yield WindowStep(window, windows.windows, done, plan.steps)
            with torch.inference_mode():
                previous_motion, previous_audio = vectors[:, -context:], audio[:, -context:]
                generated = vectors[0].float().cpu().numpy()
            kept = generated[windows.kept(window)]
            if len(kept):
                yield self.template.motion(kept)


def only_motion(pieces: Iterable[HeadMotion | WindowStep]) -> Iterator[HeadMotion]:
    """The stretches of a sequence without its steps."""
    return (piece for piece in pieces if isinstance(piece, HeadMotion))
