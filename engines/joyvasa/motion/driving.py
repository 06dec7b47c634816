"""Drives a portrait: edits the motion of a voice or of an earlier job and turns it into keypoints."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields

import numpy as np

from engines.base import Step
from engines.emotion.easing import EasedEmotion
from engines.emotion.parsing import strengths_of
from engines.joyvasa.face.source import PortraitSource
from engines.joyvasa.motion.audio_to_motion import AudioToMotion, WindowStep
from engines.joyvasa.motion.blendshape_offsets import CLOSE_EYES, offsets
from engines.joyvasa.motion.drawn_blinks import DrawnBlinks
from engines.joyvasa.motion.edits import MotionEditor, MotionEdits, rest_expression, without_blinks
from engines.joyvasa.motion.emotion import with_emotion
from engines.joyvasa.motion.guidance import DynamicThreshold
from engines.joyvasa.motion.pose import HeadMotion
from engines.joyvasa.motion.retargeting import Retargeter, Retargeting, lip_closing
from engines.joyvasa.motion.sampler import SamplerSettings
from engines.joyvasa.motion.windows import FPS
from engines.joyvasa.options import MARKABLE, JoyVasaOptions
from engines.joyvasa.weights.model_registry import Mode
from engines.marks.course import Course
from engines.saved_motion import SavedMotion
from media.voice import Voice

SAMPLING_SHARE = 0.1
"""Share of sampling in a window's time, for the progress bar; rendering takes the rest."""


def sampler_settings(generator: AudioToMotion, options: JoyVasaOptions) -> SamplerSettings:
    """How the options have windows sampled."""
    limits = None
    if options.dynamic_threshold > 0:
        limits = DynamicThreshold(
            options.dynamic_threshold, options.dynamic_threshold_min, options.dynamic_threshold_max
        )
    return SamplerSettings(
        inference_steps=options.inference_steps or None,
        sampler=options.sampler,
        cfg_scale=options.cfg_scale,
        cfg_mode=options.cfg_mode,
        dynamic_threshold=limits,
        target=generator.generator.config.target,
    )


def sampled_motion(
    generator: AudioToMotion, voice: Voice, options: JoyVasaOptions, seed: int, total: int
) -> Iterator[HeadMotion | Step]:
    """`total` frames of new motion, not smoothed; with the original's timing, a few may be missing."""
    settings = sampler_settings(generator, options)
    pieces = generator.sequence(
        voice.samples,
        total,
        settings,
        seed=seed,
        original_timing=options.original_timing,
        reuse_noise=options.original_noise,
    )
    done, last = 0, None
    for piece in pieces:
        if isinstance(piece, WindowStep):
            yield Step((piece.window + SAMPLING_SHARE * piece.step / piece.steps) / piece.windows)
            continue
        yield piece
        done, last = done + len(piece), piece[-1:]
    while last is not None and done < total:
        yield last
        done += 1


def to_saved_motion(stretches: list[HeadMotion]) -> SavedMotion:
    """Sampled motion in the form that a job saves beside its video."""
    whole = HeadMotion.joined(stretches)
    return SavedMotion({f.name: getattr(whole, f.name) for f in fields(whole)}, {})


class Driver:
    """Turns motion into the keypoints that drive one portrait, in order."""

    def __init__(
        self,
        mode: Mode,
        source: PortraitSource,
        options: JoyVasaOptions,
        seed: int,
        first: HeadMotion | None = None,
    ) -> None:
        """first: the pose from which movement is measured; None takes the first frame."""
        self._first = first
        self._mode, self._source, self._options, self._seed = mode, source, options, seed
        self._pair: tuple[Retargeter, MotionEditor] | None = None
        self._done = 0
        self._emotion = emotion_of(options)
        self._course = course_of(options)
        self._blinks = DrawnBlinks(seed)

    def keypoints(self, motion: HeadMotion, voice: np.ndarray) -> np.ndarray:
        """Driving keypoints (n, 21, 3) float32 of the next n frames.

        voice: voice activity of all frames, 0..1.
        """
        if self._pair is None:
            self._pair = self._begin(self._first if self._first is not None else motion[:1])
        retargeter, editor = self._pair
        activity = voice[self._done : self._done + len(motion)]
        if self._course:
            frames = [
                self._marked(editor, motion[i : i + 1], activity[i : i + 1]) for i in range(len(motion))
            ]
            return retargeter.keypoints(HeadMotion.joined(frames))
        edited = editor.apply(motion, self._done, activity)
        self._done += len(motion)
        expressions = [self._emotion.step() for _ in range(len(motion))]
        return retargeter.keypoints(with_emotion(edited, expressions))

    def _marked(self, editor: MotionEditor, frame: HeadMotion, activity: np.ndarray) -> HeadMotion:
        """The next frame as its marks say."""
        course = self._course
        course.step()
        lids = 0.0
        if course.options:
            edits = motion_edits(self._options.model_copy(update=course.options))
            if "blink" in course.options:
                lids = self._blinks.closed((self._done + 0.5) / FPS, max(edits.blink, 0.0))
                edits = without_blinks(edits)
            editor = editor.with_edits(edits)
        edited = editor.apply(frame, self._done, activity)
        if lids:
            edited = edited.with_changes(exp=edited.exp + np.float32(lids) * offsets(CLOSE_EYES))
        self._done += 1
        marked = course.emotions if self._options.animation_mode == "human" else {}
        edited = with_emotion(edited, [self._emotion.step_with(marked)])
        yaw, pitch, roll = (np.float32(turn) for turn in course.turns)
        return edited.with_changes(yaw=edited.yaw + yaw, pitch=edited.pitch + pitch, roll=edited.roll + roll)

    def _begin(self, first: HeadMotion) -> tuple[Retargeter, MotionEditor]:
        retargeter, rest = begin_retargeting(self._mode, self._source, self._options, first)
        return retargeter, MotionEditor(motion_edits(self._options), first, rest, fps=FPS, seed=self._seed)


def begin_retargeting(
    mode: Mode, source: PortraitSource, options: JoyVasaOptions, first: HeadMotion
) -> tuple[Retargeter, np.ndarray]:
    """What transfers motion to a portrait, and the (21, 3) expression whose lips are at rest.

    first: the frame from which movement is measured.
    """
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
    stitch = mode.stitch() if options.flag_stitching else None
    retargeter = Retargeter(source.pose, first, settings, stitch=stitch, lip_offset=closing)
    own = source.pose.motion
    relative = animal or options.lips == "relative"
    rest = first.exp[0] if relative else rest_expression(own.exp, float(own.scale[0, 0]), closing)
    return retargeter, rest


def emotion_of(options: JoyVasaOptions) -> EasedEmotion:
    """The emotion, frame by frame; neutral for animals, whose networks have keypoints of their own."""
    return EasedEmotion(emotion_strengths(options), FPS)


def course_of(options: JoyVasaOptions) -> Course:
    """The marks, frame by frame."""
    return Course(options.marks, MARKABLE, FPS)


def emotion_strengths(options: JoyVasaOptions) -> Mapping[str, float]:
    """The strengths of the option `emotion`; none for animals."""
    return strengths_of(options.emotion) if options.animation_mode == "human" else {}


def motion_edits(options: JoyVasaOptions) -> MotionEdits:
    """The sliders' values. Edits that move single keypoints of human eyes and lips are left out
    for animals.
    """
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
