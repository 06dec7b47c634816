"""Samples a video clip by clip: sixteen frames together, which continue the last two frames before them."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeAlias, TypeVar

import torch
from torch import Tensor

from engines.joyhallo.networks.config import MOTION_FRAMES
from engines.joyhallo.networks.precision import full_precision
from engines.joyhallo.networks.vae import Codec
from engines.joyhallo.pipeline.conditions import MotionScale
from engines.joyhallo.pipeline.schedule import Schedule, Walk
from media.errors import OutOfMemory

T = TypeVar("T")

ATTEMPTS = 4
"""Attempts at a piece of work for which the device has no memory; another job may take the freed memory."""

Noise: TypeAlias = Callable[[tuple[int, ...]], Tensor]
"""Returns standard normal float32 numbers of a shape on the CPU, different ones with every call."""
Observer: TypeAlias = Callable[[str, Tensor], None]
"""Receives `guided_<i>` and `latents_<i>` after step i."""


@dataclass(frozen=True, eq=False)
class Still:
    """What all clips of a job share.

    image: (1, 3, H, W), -1 to 1: the portrait.
    face_tokens, null_face_tokens: (1, 4, text_dim), what the image projection makes of the face and of zeros.
    locator: (1, C, 1, H/8, W/8), the face locator's feature.
    masks: for each of the four levels (3, 1, l), 0 to 1: everything but the face, face, mouth.
    motion_scale: how strongly the voice moves these three.
    """

    image: Tensor
    face_tokens: Tensor
    null_face_tokens: Tensor
    locator: Tensor
    masks: Sequence[Tensor]
    motion_scale: MotionScale = (1.0, 1.0, 1.0)


@dataclass(frozen=True)
class Sampling:
    """How clips are sampled. The last three are approximations, and off as they stand here.

    cfg_scale: 1 takes a single pass per step.
    guidance_share: how many of the steps, from the first on, are guided.
    cache_interval: the deep layers run in one of so many steps.
    reuse_motion: the frames that a clip continues from are used as sampled, not decoded and encoded again.
    """

    schedule: Schedule = field(default_factory=Schedule)
    cfg_scale: float = 3.5
    guidance_share: float = 1.0
    cache_interval: int = 1
    reuse_motion: bool = False

    def guided(self, step: int) -> bool:
        """Whether a step, counted from 0, computes both halves of guidance."""
        return self.cfg_scale > 1 and step < round(self.guidance_share * self.schedule.steps)

    def deep(self, step: int) -> bool:
        """Whether a step runs the deep layers; where guidance ends, they run again for the remaining half."""
        fresh = step == 0 or self.guided(step) != self.guided(step - 1)
        return fresh or step % self.cache_interval == 0


class ClipDenoiser(Protocol):
    """The networks of a step."""

    def conditions(self, still: Still, latents: Tensor, audio_tokens: Tensor, *, guided: bool) -> Any:
        """What a clip's steps share.

        latents: (3, 4, h, w), portrait and frames before; (1, 4, h, w), the portrait alone, where there are
        none yet. audio_tokens: (1, f, 32, audio_dim). guided: for both halves of guidance.
        """

    def without_guidance(self, conditions: Any) -> Any:
        """The conditional half alone."""

    def __call__(self, latents: Tensor, timestep: Tensor, conditions: Any, *, deep: bool) -> Tensor:
        """(1, 4, f, h, w) -> velocity (n, 4, f, h, w), n = 2 [unconditional, conditional] under guidance.

        timestep: a number on the device. deep: False takes the deep layers' result of the step before.
        """


@dataclass(frozen=True)
class SamplerStep:
    """Step `step` of a clip's `steps` is done, counted from 1."""

    step: int
    steps: int


def seeded_noise(seed: int) -> Noise:
    """Noise from one generator on the CPU, so that it is the same for every device."""
    generator = torch.Generator().manual_seed(seed)
    return lambda shape: torch.randn(shape, generator=generator)


class ClipSampler:
    """Samples the clips of one job one after another."""

    def __init__(
        self,
        denoiser: ClipDenoiser,
        codec: Codec,
        still: Still,
        sampling: Sampling,
        noise: Noise,
        *,
        make_room: Callable[[], bool] | None = None,
        observe: Observer | None = None,
    ) -> None:
        """make_room: called when the device runs out of memory; True when it gave some back."""
        self._denoiser, self._codec, self._still = denoiser, codec, still
        self._sampling, self._noise, self._observe = sampling, noise, observe
        self._make_room = make_room
        self._device = still.image.device
        self._portrait = codec.encode(still.image)
        self._last: Tensor | None = None

    def clip(self, audio_tokens: Tensor, wanted: int | None = None) -> Iterator[SamplerStep | Tensor]:
        """The next clip: a SamplerStep after every step, then batches of frames (k, 3, H, W) from 0 to 1.

        audio_tokens: (1, f, 32, audio_dim). wanted: frames to decode, for the last clip of a video; as many
        as f if not given. Frames stay on the device. Raises OutOfMemory.
        """
        walk = Walk(self._sampling.schedule)
        times = torch.tensor(walk.timesteps, device=self._device)
        conditions = self._fitted(lambda: self._conditions(audio_tokens))
        latents = self._begin(walk, audio_tokens.shape[1])
        pace = _Pace(self._device)
        for step in range(len(walk.timesteps)):
            conditions = self._narrowed(conditions, step)
            latents = self._step(walk, step, times[step], latents, conditions)
            pace.wait()
            yield SamplerStep(step + 1, len(walk.timesteps))
        del conditions
        frames = latents[0].transpose(0, 1)
        last: deque[Tensor] = deque(maxlen=MOTION_FRAMES)
        for pictures in self._codec.decode(frames[:wanted]):
            last.extend(pictures)
            yield pictures
        self._last = frames[-MOTION_FRAMES:] if self._sampling.reuse_motion else torch.stack(list(last))

    def _begin(self, walk: Walk, frames: int) -> Tensor:
        shape = (1, self._portrait.shape[1], frames, *self._portrait.shape[2:])
        return walk.begin(self._noise(shape).to(self._device))

    @torch.inference_mode()
    def _conditions(self, audio_tokens: Tensor) -> Any:
        latents = torch.cat([self._portrait, *self._before()])
        guided = self._sampling.guided(0)
        return self._denoiser.conditions(self._still, latents, audio_tokens, guided=guided)

    def _narrowed(self, conditions: Any, step: int) -> Any:
        """The conditions for a step: after guidance has ended, those of one half."""
        ends = step > 0 and self._sampling.guided(step - 1) and not self._sampling.guided(step)
        return self._denoiser.without_guidance(conditions) if ends else conditions

    @torch.inference_mode()
    def _step(self, walk: Walk, step: int, time: Tensor, latents: Tensor, conditions: Any) -> Tensor:
        """The latents after a step."""
        sampling = self._sampling
        given, deep = walk.model_input(latents, step), sampling.deep(step)
        velocity = self._fitted(lambda: self._denoiser(given, time, conditions, deep=deep))
        velocity = full_precision(velocity)
        if sampling.guided(step):
            blind, seeing = velocity.chunk(2)
            velocity = blind + sampling.cfg_scale * (seeing - blind)
        latents = walk.step(velocity, step, latents)
        if self._observe is not None:
            self._observe(f"guided_{step}", velocity)
            self._observe(f"latents_{step}", latents)
        return latents

    def _fitted(self, work: Callable[[], T]) -> T:
        """The result of `work`, which is repeated with more free memory if the device has run out of it."""
        for _ in range(ATTEMPTS):
            try:
                return work()
            except torch.OutOfMemoryError as error:
                # The traceback's frames keep tensors alive, which must be freed first.
                trouble = error.with_traceback(None)
            if self._make_room is None or not self._make_room():
                break
        raise OutOfMemory(
            "A clip of 16 frames does not fit into the GPU's memory. Close other programs on it, choose a "
            "smaller --resolution, or run with JOYSTUDIO_DEVICE=cpu."
        ) from trouble

    def _before(self) -> list[Tensor]:
        """The latents of the last frames of the previous clip; none for the first clip."""
        if self._last is None:
            return []
        reused = self._sampling.reuse_motion
        return [self._last.to(self._portrait) if reused else self._codec.encode(self._last * 2 - 1)]


class _Pace:
    """Keeps a GPU's queue one step long: it never runs dry, and a cancelled job ends soon."""

    def __init__(self, device: torch.device) -> None:
        self._cuda = device.type == "cuda"
        self._before: torch.cuda.Event | None = None

    def wait(self) -> None:
        """Wait until the step before the one just given is done."""
        if not self._cuda:
            return
        event = torch.cuda.Event()
        event.record()
        if self._before is not None:
            self._before.synchronize()
        self._before = event
