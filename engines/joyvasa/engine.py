"""The JoyVASA engine: a voice becomes motion by diffusion, and LivePortrait's networks paint it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

import torch

from engines.base import Engine, EngineOptions, Note, Step, Work
from engines.joyvasa.driving import Driver, kept_motion, sampled_motion, to_keep
from engines.joyvasa.head_smoothing import head_smoothing
from engines.joyvasa.loaded import Networks, dtype_for
from engines.joyvasa.options import JoyVasaOptions
from engines.joyvasa.pose import Motion
from engines.joyvasa.rendering import Renderer
from engines.joyvasa.source import Finisher, picture_size, read_source
from engines.joyvasa.voice_activity import voice_activity
from engines.joyvasa.windows import FPS
from engines.kept_motion import KeptMotion
from media.errors import OutOfMemory
from media.portrait import Portrait
from media.speech import Speech

USUAL_BATCH = {"cuda": 16, "mps": 4, "cpu": 2}


class JoyVasaEngine(Engine):
    """Holds networks and nothing of a job, so it serves several jobs at once."""

    name: ClassVar[str] = "joyvasa"
    title: ClassVar[str] = "JoyVASA"
    Options: ClassVar[type[EngineOptions]] = JoyVasaOptions

    def __init__(self) -> None:
        self._networks: Networks | None = None

    def load(self, device: str = "cpu") -> None:
        """Read the motion generator; each mode's own networks follow with its first portrait.

        Raises WeightsMissing, which names the file and the command that fetches it, or WeightsError.
        """
        self._networks = Networks(device)
        self.made_up_weights = self._networks.made_up

    def unload(self) -> None:
        """Give the memory back."""
        self._networks = None

    def picture_size(self, portrait: Portrait, options: EngineOptions) -> tuple[int, int]:
        """The portrait's, or that of the crop when it is not pasted back."""
        assert isinstance(options, JoyVasaOptions)
        return picture_size(portrait, options)

    def animate(
        self,
        portrait: Portrait,
        speech: Speech,
        options: EngineOptions,
        seed: int,
        motion: KeptMotion | None = None,
    ) -> Iterator[Work]:
        """See `engines.base.Engine.animate`; the first batch leaves after the first window of four seconds.

        Raises NoFaceError, WeightsMissing, WeightsError, InputError for a motion that is none, and
        OutOfMemory when not even one frame fits.
        """
        assert isinstance(options, JoyVasaOptions)
        if self._networks is None:
            self.load()
        networks = self._networks
        assert networks is not None
        mode = networks.mode(animal=options.animation_mode == "animal")
        source = read_source(mode, portrait, options)
        yield from map(Note, source.notes)
        finish = Finisher(portrait, source.crop, options, mode.device)
        renderer = mode.renderer(dtype_for(options.precision, mode.device))
        prepared = renderer.prepare(source.feature, torch.from_numpy(source.pose.keypoints))
        batches = _Batches(renderer, options.batch_size or USUAL_BATCH.get(mode.device.type, 2))

        total = speech.frames(FPS)
        voice = voice_activity(speech.samples, FPS, total)
        driver = Driver(mode, source, options, seed)
        kept: list[Motion] = []
        pieces: Iterator[Motion | Step]
        if motion is not None:
            pieces = kept_motion(motion)
        else:
            generator = networks.audio_to_motion(options.positional_encoding)
            pieces = _collected(sampled_motion(generator, speech, options, seed, total), kept)
        smoothing = head_smoothing(options.smoothing, freeze=options.is_smooth_motion)
        for piece in smoothing.apply(pieces) if smoothing else pieces:
            if isinstance(piece, Step):
                yield piece
                continue
            keypoints = torch.from_numpy(driver.keypoints(piece, voice))
            for crops in batches.render(prepared, keypoints):
                yield finish(crops)
        if motion is None:
            yield to_keep(kept)


def _collected(pieces: Iterator[Motion | Step], kept: list[Motion]) -> Iterator[Motion | Step]:
    """The same pieces, with their motion noted down: a few kilobytes for every second."""
    for piece in pieces:
        if isinstance(piece, Motion):
            kept.append(piece)
        yield piece


class _Batches:
    """Renders many frames in batches, smaller ones once the device has run out of memory."""

    def __init__(self, renderer: Renderer, size: int) -> None:
        self._renderer, self._size = renderer, size

    def render(self, source: object, keypoints: torch.Tensor) -> Iterator[torch.Tensor]:
        """(n, 21, 3) keypoints -> (k, 3, 512, 512) pictures on the device, n in all."""
        done = 0
        while done < len(keypoints):
            part = keypoints[done : done + self._size]
            try:
                crops = self._renderer.render(source, part)
            except torch.cuda.OutOfMemoryError as error:
                torch.cuda.empty_cache()
                if self._size == 1:
                    raise OutOfMemory(
                        "Not even one frame fits into the GPU's memory. Close other programs on it, or run "
                        "with JOYSTUDIO_DEVICE=cpu."
                    ) from error
                self._size = max(1, self._size // 2)
                continue
            yield crops
            done += len(part)
