"""The JoyVASA engine: a voice becomes motion by diffusion, and LivePortrait's networks paint it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

import numpy as np
import torch

from engines.base import Engine, EngineOptions, Frames
from engines.joyvasa.guidance import DynamicThreshold
from engines.joyvasa.loaded import Mode, Networks, dtype_for
from engines.joyvasa.motion_edits import MotionEditor, MotionEdits, rest_expression
from engines.joyvasa.options import JoyVasaOptions
from engines.joyvasa.pose import Motion
from engines.joyvasa.rendering import Renderer
from engines.joyvasa.retargeting import Retargeter, Retargeting, lip_closing
from engines.joyvasa.source import Finisher, PortraitSource, picture_size, read_source
from engines.joyvasa.voice_activity import voice_activity
from engines.joyvasa.windows import FPS
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
        self, portrait: Portrait, speech: Speech, options: EngineOptions, seed: int
    ) -> Iterator[Frames]:
        """See `engines.base.Engine.animate`; the first batch leaves after the first window of four seconds.

        Raises NoFaceError, WeightsMissing, WeightsError, and OutOfMemory when not even one frame fits.
        """
        assert isinstance(options, JoyVasaOptions)
        if self._networks is None:
            self.load()
        networks = self._networks
        assert networks is not None
        mode = networks.mode(animal=options.animation_mode == "animal")
        source = read_source(mode, portrait, options)
        finish = Finisher(portrait, source.crop, options, mode.device)
        renderer = mode.renderer(dtype_for(options.precision, mode.device))
        prepared = renderer.prepare(source.feature, torch.from_numpy(source.pose.keypoints))
        batches = _Batches(renderer, options.batch_size or USUAL_BATCH.get(mode.device.type, 2))
        total = speech.frames(FPS)
        for keypoints in self._keypoints(networks, mode, source, speech, options, seed, total):
            yield from (finish(crops) for crops in batches.render(prepared, torch.from_numpy(keypoints)))

    def _keypoints(
        self,
        networks: Networks,
        mode: Mode,
        source: PortraitSource,
        speech: Speech,
        options: JoyVasaOptions,
        seed: int,
        total: int,
    ) -> Iterator[np.ndarray]:
        """Driving keypoints (n, 21, 3) window by window, `total` frames in all."""
        animal = options.animation_mode == "animal"
        closing = None
        normalised = options.flag_normalize_lip and options.flag_relative_motion and not animal
        if normalised and source.lip_ratio is not None:
            closing = lip_closing(source.pose, source.lip_ratio, mode.lips())
        settings = Retargeting(
            animal=animal,
            region=options.animation_region,
            lips=options.lips,
            relative_motion=options.flag_relative_motion,
            driving_option=options.driving_option,
            multiplier=options.driving_multiplier,
            original=options.original_retargeting,
        )
        voice = voice_activity(speech.samples, FPS, total)
        retargeter: Retargeter | None = None
        editor: MotionEditor | None = None
        done = 0
        for motion in _motion(networks, speech, options, seed, total):
            if retargeter is None or editor is None:
                first = motion[:1]
                stitch = mode.stitch() if options.flag_stitching else None
                retargeter = Retargeter(source.pose, first, settings, stitch=stitch, lip_offset=closing)
                own = source.pose.motion
                relative = animal or options.lips == "relative"
                rest = first.exp[0] if relative else rest_expression(own.exp, float(own.scale[0, 0]), closing)
                editor = MotionEditor(_edits(options), first, rest, fps=FPS, seed=seed)
            edited = editor.apply(motion, done, voice[done : done + len(motion)])
            yield retargeter.keypoints(edited)
            done += len(motion)


def _motion(
    networks: Networks, speech: Speech, options: JoyVasaOptions, seed: int, total: int
) -> Iterator[Motion]:
    """`total` frames of generated motion; the original's timing may fall short of it by a frame or two."""
    limits = None
    if options.dynamic_threshold > 0:
        limits = DynamicThreshold(
            options.dynamic_threshold, options.dynamic_threshold_min, options.dynamic_threshold_max
        )
    stretches = networks.audio_to_motion(options.positional_encoding).sequence(
        speech.samples,
        total,
        seed=seed,
        cfg_scale=options.cfg_scale,
        cfg_mode=options.cfg_mode,
        inference_steps=options.inference_steps or None,
        sampler=options.sampler,
        dynamic_threshold=limits,
        smoothing=options.smoothing,
        original_timing=options.original_timing,
        freeze_head=options.is_smooth_motion,
        reuse_noise=options.original_noise,
    )
    done, last = 0, None
    for motion in stretches:
        yield motion
        done, last = done + len(motion), motion[-1:]
    while last is not None and done < total:
        yield last
        done += 1


def _edits(options: JoyVasaOptions) -> MotionEdits:
    """Where the sliders stand. What moves single keypoints of people's eyes and lips is not for animals."""
    human = options.animation_mode == "human"
    return MotionEdits(
        head_motion=options.head_motion,
        expression=options.expression,
        mouth_open=options.mouth_open,
        blink=options.blink if human else min(options.blink, 0.0),
        gaze_x=options.gaze_x if human else 0.0,
        gaze_y=options.gaze_y if human else 0.0,
        smile=options.smile if human else 0.0,
        silence_closes_mouth=options.silence_closes_mouth,
    )


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
