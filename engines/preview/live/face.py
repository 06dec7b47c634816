"""The preview engine in a live session: a portrait that listens, breathes and blinks."""

from __future__ import annotations

import numpy as np

from engines.emotion.easing import EasedEmotion
from engines.emotion.parsing import strengths_of
from engines.live import SAMPLE_RATE, FaceCurves, LiveFace
from engines.preview.arkit import blendshapes_of
from engines.preview.body import body_of
from engines.preview.expressed import expressed
from engines.preview.live.hearing import Hearing
from engines.preview.live.lips import LiveLips
from engines.preview.live.prosody import LiveProsody
from engines.preview.live.stillness import Stillness
from engines.preview.live.strengths import Strengths
from engines.preview.motion import HeadMovement
from engines.preview.mouth import VoiceToMouth
from engines.preview.options import PreviewOptions
from engines.preview.pose import Pose
from engines.preview.renderer import Renderer
from engines.preview.rigging import rig_of
from media.portrait import Portrait


class PreviewFace(LiveFace):
    """One portrait that listens. Work per frame and memory are constant, however long the session lasts.

    voice_to_mouth: the network, which several faces may share. look_ahead: seconds of sound after a frame's
    end that decide its mouth. Raises NoFaceError if there is neither a face nor anchors.
    """

    def __init__(
        self,
        portrait: Portrait,
        options: PreviewOptions,
        seed: int,
        voice_to_mouth: VoiceToMouth,
        look_ahead: float,
    ) -> None:
        self.fps = options.fps
        self.look_ahead = round(look_ahead * SAMPLE_RATE)
        self._voice_to_mouth = voice_to_mouth
        self._renderer = Renderer(portrait.image, rig_of(portrait), body_of(portrait))
        self._hearing = Hearing(voice_to_mouth, self.fps)
        self._lips = LiveLips(options)
        self._prosody = LiveProsody(self.fps)
        self._strengths = Strengths(options)
        self._emotion = EasedEmotion(strengths_of(options.emotion), self.fps)
        rng = np.random.default_rng(seed)
        self._movement = HeadMovement(self.fps, rng, **self._strengths.of_movement())
        self._stillness = Stillness(self._renderer.rig)
        self.pose = Pose(mouth=self._lips.pose(self._silent_row()))
        """The frame that `listen` moved to."""
        self._painted: np.ndarray | None = None

    def _silent_row(self) -> np.ndarray:
        nothing = np.zeros(0, np.float32)
        return Hearing(self._voice_to_mouth, self.fps).rows(nothing, nothing, ended=True)

    def listen(self, heard: np.ndarray, ahead: np.ndarray, *, ended: bool) -> None:
        """See `engines.live.LiveFace.listen`."""
        self._strengths.step()
        self._lips.change(self._strengths.now, self._strengths.gap)
        self._movement.change(**self._strengths.of_movement())
        rows = self._hearing.rows(heard, ahead, ended=ended, after=self._lips.ahead)
        sound = self._prosody.listen(heard, ahead)
        motion = self._movement.step(sound[None], rows[:1])[0]
        self.pose = expressed(Pose.joined(self._lips.pose(rows), motion), self._emotion.step())

    def paint(self) -> np.ndarray:
        """See `engines.live.LiveFace.paint`."""
        if self._painted is None or self._stillness.differs(self.pose):
            self._stillness.painted(self.pose)
            self._painted = self._renderer.render(self.pose)
            self._painted.flags.writeable = False
        return self._painted

    def curves(self) -> FaceCurves:
        """See `engines.live.LiveFace.curves`."""
        values, angles = blendshapes_of([self.pose])
        return FaceCurves(values[0], angles[0])

    def interrupt(self) -> None:
        """See `engines.live.LiveFace.interrupt`."""
        self._hearing = Hearing(self._voice_to_mouth, self.fps)
        self._prosody = LiveProsody(self.fps)
        self._lips.interrupt()

    def change(self, options: PreviewOptions) -> None:
        """See `engines.live.LiveFace.change`."""
        self._strengths.lead_to(options)
        self._emotion.lead_to(strengths_of(options.emotion))
