"""The JoyVASA engine in a live session: one frame per call, from windows that overlap."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np

from engines.joyvasa.face.source import Finisher, prepare_source, read_source
from engines.joyvasa.fast.batches import Batches
from engines.joyvasa.live.expression import LiveExpression
from engines.joyvasa.live.motion import MORE_AHEAD, LiveMotion
from engines.joyvasa.live.speaking import RunningVoiceActivity, is_silence
from engines.joyvasa.motion.driving import (
    begin_retargeting,
    emotion_of,
    emotion_strengths,
    motion_edits,
    sampler_settings,
)
from engines.joyvasa.motion.emotion import with_emotion
from engines.joyvasa.motion.head_smoothing import (
    HEAD,
    ExponentialSmoothing,
    GaussianSmoothing,
    head_smoothing,
)
from engines.joyvasa.motion.pose import HeadMotion
from engines.joyvasa.motion.retargeting import Retargeter
from engines.joyvasa.motion.windows import FPS, SAMPLE_RATE
from engines.joyvasa.options import JoyVasaOptions
from engines.joyvasa.spec import ADVANCE
from engines.joyvasa.weights.model_registry import JoyVasaNetworks, dtype_for
from engines.live import LiveFace
from media.portrait import Portrait

MEASURED_FRAMES = 3


class JoyVasaFace(LiveFace):
    """One portrait that listens. Work per frame and memory are bounded, however long the session lasts.

    look_ahead: seconds of sound after a frame's end that decide its lips; the windows want `MORE_AHEAD` more.
    Raises NoFaceError, WeightsMissing, WeightsError, and OutOfMemory when not even one frame fits.
    """

    def __init__(
        self,
        networks: JoyVasaNetworks,
        portrait: Portrait,
        options: JoyVasaOptions,
        seed: int,
        look_ahead: float,
    ) -> None:
        ahead = round(look_ahead * SAMPLE_RATE)
        self.fps, self.look_ahead = FPS, ahead + MORE_AHEAD
        self._options, self._seed, self._ahead = options, seed, ahead
        self._mode = mode = networks.mode(animal=options.animation_mode == "animal")
        self._source = read_source(mode, portrait, options)
        dtype = dtype_for(options.precision, mode.device)
        self._prepared = prepare_source(mode, self._source, dtype)
        finish = Finisher(portrait, self._source.crop, options, mode.device)
        compiled = mode.compiled_renderer(dtype) if options.compile == "compiled" else None
        # A frame that waits for others to be painted with it would come late.
        self._batches = Batches(compiled or mode.renderer(dtype), finish, mode.device, size=1, ahead=0)
        self._model = networks.audio_to_motion(options.positional_encoding)
        self.motion = self._new_motion()
        self._smoothing = head_smoothing(options.smoothing, freeze=options.is_smooth_motion)
        self._emotion = emotion_of(options)
        self._head: np.ndarray | None = None
        self._speaking = RunningVoiceActivity()
        self._pair: tuple[Retargeter, LiveExpression] | None = None
        self.keypoints = self._source.pose.keypoints
        """(1, 21, 3) float32: the frame that `listen` moved to; before the first, the portrait's own."""
        self._painted: tuple[np.ndarray, np.ndarray] | None = None

    def _new_motion(self) -> LiveMotion:
        settings = sampler_settings(self._model, self._options)
        return LiveMotion(self._model, settings, self._seed, self._ahead)

    def listen(self, heard: np.ndarray, ahead: np.ndarray, *, ended: bool) -> None:
        """See `engines.live.LiveFace.listen`."""
        self.motion.listen(heard, ahead, ended=ended)
        activity = self._speaking.listen(heard, ahead, ended=ended)
        silent = is_silence(heard, ahead, ended=ended)
        motion = self._smoothed()
        if self._pair is None:  # movement is measured from the session's first frame
            retargeter, rest = begin_retargeting(self._mode, self._source, self._options, motion)
            edits = motion_edits(self._options)
            self._pair = retargeter, LiveExpression(edits, motion, rest, self._seed, silent=silent)
        retargeter, expression = self._pair
        edited = expression.apply(motion, self.motion.timeline.frame, activity, silent=silent)
        self.keypoints = retargeter.keypoints(with_emotion(edited, [self._emotion.step()]))

    def _smoothed(self) -> HeadMotion:
        """The generated motion of the frame, its head smoothed over the frames that are expected after it."""
        smoothing, template = self._smoothing, self._model.template
        if isinstance(smoothing, GaussianSmoothing):
            rows = template.motion(self.motion.around(smoothing.reach)).to_vectors()
            return smoothing.smoothed(rows[:, HEAD], rows[smoothing.reach :][:1])
        motion = template.motion(self.motion.around(0))
        if not isinstance(smoothing, ExponentialSmoothing):
            return motion
        rows = motion.to_vectors()
        now, before = rows[:, HEAD], self._head
        self._head = now if before is None else smoothing.alpha * now + (1 - smoothing.alpha) * before
        rows[:, HEAD] = self._head
        return HeadMotion.from_vectors(rows)

    def paint(self) -> np.ndarray:
        """See `engines.live.LiveFace.paint`."""
        if self._painted is None or not np.array_equal(self._painted[0], self.keypoints):
            picture = self._rendered(self.keypoints)
            picture.flags.writeable = False
            self._painted = self.keypoints, picture
        return self._painted[1]

    def _rendered(self, keypoints: np.ndarray) -> np.ndarray:
        (pictures,) = self._batches.render(self._prepared, iter([keypoints]))
        assert isinstance(pictures, np.ndarray)
        return pictures[0]

    def interrupt(self) -> None:
        """See `engines.live.LiveFace.interrupt`."""
        self.motion.interrupt()
        self._speaking = RunningVoiceActivity()
        if self._pair is not None:
            self._pair[1].interrupt()

    def change(self, options: JoyVasaOptions) -> None:
        """See `engines.live.LiveFace.change`."""
        self._options = options
        self._emotion.lead_to(emotion_strengths(options))
        if self._pair is not None:
            self._pair[1].change(motion_edits(options))

    def measured_load(self) -> float:
        """See `engines.live.LiveFace.measured_load`."""
        window, frame = self.measured_seconds()
        return FPS * (window / ADVANCE + frame)

    def measured_seconds(self) -> tuple[float, float]:
        """Seconds of one window and of one frame with its picture, after a first one of each."""
        silence = np.zeros(0, np.float32)
        # The first of each also chooses and compiles what computes it.
        windows = [_seconds(lambda: self._new_motion().listen(silence, silence, ended=True)) for _ in "ab"]
        pictures = [_seconds(lambda: self._rendered(self.keypoints)) for _ in range(1 + MEASURED_FRAMES)]
        return windows[1], min(pictures[1:])


def _seconds(work: Callable[[], object]) -> float:
    """Of work that ends with numbers on the host, so a GPU has nothing left to do."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began
