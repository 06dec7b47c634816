"""One window of a live session, sampled step by step around motion that was shown already."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from engines.joyvasa.motion.audio_to_motion import AudioToMotion
from engines.joyvasa.motion.guidance import branches, prepare_window
from engines.joyvasa.motion.sampler import Predict, SamplingPlan, sampling


@dataclass(frozen=True, eq=False)
class WindowStart:
    """What a window begins with; its frames are those of the session from `start` on.

    wanted: its first frame that was not made before. heard: (motions * 640,) float32, the sound that it hears
    from `start` on. before: (25, 70) normalised motion of the frames before it and (25 * 640,) their sound;
    None at the beginning of a session. shown: (wanted - start, 70), its frames that are made.
    noise: (draws + 1, 1, motions, 70).
    """

    start: int
    wanted: int
    heard: np.ndarray
    before: tuple[np.ndarray, np.ndarray] | None
    shown: np.ndarray
    noise: Tensor


class Continued:
    """Predictions of a window whose first frames are made: for those, it predicts what they are.

    The solver then leads their noise to them, and the new frames are sampled as their continuation: the
    replacement of RePaint (arXiv:2201.09865, equation 8), of the prediction instead of the state, which
    suits every solver.
    """

    def __init__(self, predict: Predict, shown: Tensor, alpha_bars: Tensor, *, of_noise: bool) -> None:
        """shown: (1, n, 70), n >= 1. alpha_bars: of the schedule. of_noise: the network predicts noise."""
        self._predict, self._shown = predict, shown
        self._bars: list[float] = alpha_bars.tolist()
        self._of_noise = of_noise

    def __call__(self, motion: Tensor, step: int) -> Tensor:
        """See `sampler.Predict`."""
        count, target = self._shown.shape[1], self._shown
        if self._of_noise:
            bar = self._bars[step]
            target = (motion[:, :count] - math.sqrt(bar) * target) / math.sqrt(1 - bar)
        predictions = self._predict(motion, step)
        rest = predictions[:, :, count:]
        return torch.cat([target.expand(len(predictions), -1, -1, -1), rest], dim=2)


class LiveWindow:
    """A window that is being sampled, or is complete."""

    def __init__(self, model: AudioToMotion, plan: SamplingPlan, start: WindowStart) -> None:
        self.start, self.wanted, self.heard = start.start, start.wanted, start.heard
        self._shown, self._steps, self._done = start.shown, plan.steps, 0
        self._state: Tensor | None = None
        with torch.inference_mode():
            generator = model.generator
            like = generator.start_motion_feat
            sound = torch.from_numpy(start.heard).to(like)[None]
            if start.before is None:
                previous, previous_audio = like, generator.start_audio_feat
                audio = generator.audio_features(sound)
            else:
                motion, earlier = start.before
                previous = torch.from_numpy(motion).to(like)[None]
                whole = torch.cat([torch.from_numpy(earlier).to(like)[None], sound], dim=1)
                features = generator.audio_features(whole, len(motion) + generator.config.n_motions)
                previous_audio, audio = features[:, : len(motion)], features[:, len(motion) :]
            settings = plan.settings
            predict: Predict = prepare_window(
                model.denoiser,
                generator.null_audio_feat,
                previous,
                previous_audio,
                audio,
                branches(settings.cfg_scale),
            )
            if len(start.shown):
                shown = torch.from_numpy(start.shown).to(like)[None]
                bars = generator.diffusion_sched.alpha_bars
                predict = Continued(predict, shown, bars, of_noise=settings.target == "noise")
            noise = start.noise.to(like)
            self._states = sampling(predict, noise[0], noise[1:], plan)

    def sample(self, share: float = 1.0) -> None:
        """Sample until that share of the steps is done."""
        with torch.inference_mode():
            while self._done < math.ceil(share * self._steps):
                self._state = next(self._states)[1]
                self._done += 1

    def rows(self) -> np.ndarray:
        """The complete window: (motions, 70) float32 normalised motion."""
        self.sample()
        assert self._state is not None
        rows = self._state[0].float().cpu().numpy().copy()
        rows[: len(self._shown)] = self._shown
        return rows
