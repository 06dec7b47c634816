"""The noise schedule and the solvers that walk it, by name.

The networks predict velocity on a schedule that ends in pure noise (zero terminal signal), and steps are
spaced from that end. Every solver of diffusers that takes all of this is offered; the others would start from
latents that still contain some signal, which the networks have never seen.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, get_args

from torch import Tensor

from engines.joyhallo.networks.precision import full_precision

if TYPE_CHECKING:
    from diffusers.schedulers.scheduling_utils import SchedulerMixin

SchedulerName = Literal["ddim", "euler", "dpm-solver++", "unipc"]
SCHEDULERS: tuple[str, ...] = get_args(SchedulerName)

TRAIN_STEPS = 1000
BETAS = (0.00085, 0.012)
BetaCurve = Literal["linear", "scaled_linear"]
"""linear: inference. scaled_linear: training, as in Hallo's scripts/train_stage1.py."""


def make_scheduler(name: SchedulerName = "ddim", beta_schedule: BetaCurve = "linear") -> SchedulerMixin:
    """A diffusers scheduler with velocity prediction, zero terminal SNR and trailing steps.

    These follow Lin et al., "Common Diffusion Noise Schedules and Sample Steps are Flawed"
    (arXiv:2305.08891).
    A scheduler keeps its position and, except for ddim, its last predictions: make one per clip.
    """
    settings: dict[str, Any] = {
        "num_train_timesteps": TRAIN_STEPS,
        "beta_start": BETAS[0],
        "beta_end": BETAS[1],
        "beta_schedule": beta_schedule,
        "prediction_type": "v_prediction",
        "timestep_spacing": "trailing",
        "rescale_betas_zero_snr": True,
        "steps_offset": 1,
    }
    if name == "ddim":
        from diffusers import DDIMScheduler

        return DDIMScheduler(**settings, clip_sample=False)
    if name == "euler":
        from diffusers import EulerDiscreteScheduler

        return EulerDiscreteScheduler(**settings)
    if name == "dpm-solver++":
        from diffusers import DPMSolverMultistepScheduler

        return DPMSolverMultistepScheduler(**settings)
    if name == "unipc":
        from diffusers import UniPCMultistepScheduler

        return UniPCMultistepScheduler(**settings)
    raise ValueError(f"there is no scheduler {name!r}; there is {', '.join(SCHEDULERS)}")


@dataclass(frozen=True)
class Schedule:
    """The steps of a clip: a solver and a number of steps.

    steps: 1..100. The solver runs in float32, whatever the networks' dtype: it costs nothing, and the first
    step of the solvers after `ddim` divides by a signal of 2**-12.
    """

    name: SchedulerName = "ddim"
    steps: int = 40

    def timesteps(self) -> list[int]:
        """From noise to image, as in 999, 974 .. 24 for 40 steps."""
        return Walk(self).timesteps


class Walk:
    """The steps of one clip from noise to image.

    All values that the solver decides by are on the CPU, so no step waits for a device.
    """

    def __init__(self, schedule: Schedule) -> None:
        self._scheduler: Any = make_scheduler(schedule.name)
        self._scheduler.set_timesteps(schedule.steps)
        self._times: Tensor = self._scheduler.timesteps
        self.timesteps: list[int] = [int(t) for t in self._times]
        self.first_scale = float(self._scheduler.init_noise_sigma)

    def begin(self, noise: Tensor) -> Tensor:
        """Standard normal noise -> the sample before the first step, as `full_precision` has it."""
        return full_precision(noise) * self.first_scale

    def model_input(self, sample: Tensor, step: int) -> Tensor:
        """The network's input for a sample before step `step` (counted from 0)."""
        return self._scheduler.scale_model_input(sample, self._times[step])

    def step(self, velocity: Tensor, step: int, sample: Tensor) -> Tensor:
        """The sample after step `step`; velocity is the network's (guided) prediction, of any float type."""
        velocity = full_precision(velocity)
        return self._scheduler.step(velocity, self._times[step], sample, return_dict=False)[0]
