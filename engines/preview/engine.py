"""The preview engine: makes a portrait talk at once, on any computer, without a download."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from engines.base import Engine
from engines.marks.option import check_unmarked
from engines.preview.body import body_of
from engines.preview.marked import MarkedArticulation, MarkedFaces, MarkedMovement, breathes
from engines.preview.motion import HeadMovement
from engines.preview.mouth import LIVE_WEIGHTS, VoiceToMouth
from engines.preview.options import PreviewOptions
from engines.preview.pose import Pose
from engines.preview.prosody import Prosody
from engines.preview.renderer import Renderer
from engines.preview.rigging import rig_of
from engines.saved_motion import SavedMotion
from media.partial_frames import PartialFrames
from media.portrait import Portrait
from media.voice import Voice

if TYPE_CHECKING:
    from engines.dubbing import Shots
    from engines.performing import Performing
    from engines.preview.live.face import PreviewFace
    from media.dubbing.values import PaintedPatch

FIRST_BATCH = 4
BATCH_BYTES = 12 * 2**20
"""Batches are as many frames as fit into this, so that memory does not grow with their size."""


class PreviewEngine(Engine[PreviewOptions]):
    """Warps the portrait by what a small network finds in the voice. Keeps that network and
    nothing about a job.
    """

    def __init__(self) -> None:
        self._voice_to_mouth: VoiceToMouth | None = None
        self._live: VoiceToMouth | None = None

    def load(self, device: str = "cpu") -> None:
        """Read the viseme network; the engine runs on the CPU, whatever the device."""
        self._voice_to_mouth = VoiceToMouth()

    def unload(self) -> None:
        """Release the network's memory."""
        self._voice_to_mouth = self._live = None

    def animate(
        self,
        portrait: Portrait,
        voice: Voice,
        options: PreviewOptions,
        seed: int,
        motion: SavedMotion | None = None,
    ) -> Iterator[PartialFrames]:
        """See `engines.base.Engine.animate`. Raises NoFaceError when neither a face nor anchors are known.

        Making the motion takes so little time that it is not saved, so `motion` is always None.
        """
        total = voice.frames(options.fps)
        return self._rendered(portrait, options, self.poses(voice, options, total, seed), total)

    def perform(
        self, portrait: Portrait, voice: Voice, options: PreviewOptions, seed: int, performing: Performing
    ) -> Iterator[PartialFrames]:
        """See `engines.base.Engine.perform`. Raises NoFaceError when neither a face nor anchors are known."""
        total = voice.frames(options.fps)
        return self._rendered(portrait, options, self.poses(voice, options, total, seed, performing), total)

    def _rendered(
        self, portrait: Portrait, options: PreviewOptions, poses: Iterator[Pose], total: int
    ) -> Iterator[PartialFrames]:
        body = body_of(portrait) if breathes(options) else None
        renderer = Renderer(portrait.image, rig_of(portrait), body)
        x0, y0, x1, y1 = renderer.box
        height, width = y1 - y0, x1 - x0
        size, done = FIRST_BATCH, 0
        usual = int(np.clip(BATCH_BYTES // (height * width * 3), 2, 16))
        while done < total:
            parts = np.empty((min(size, total - done), height, width, 3), np.uint8)
            for part in parts:
                renderer.render_part(next(poses), part)
            yield PartialFrames(renderer.image, x0, y0, parts)
            done += len(parts)
            size = usual

    def live(self, portrait: Portrait, options: PreviewOptions, seed: int, look_ahead: float) -> PreviewFace:
        """See `engines.base.Engine.live`. Raises NoFaceError when neither a face nor anchors are known."""
        check_unmarked(options.marks)
        from engines.preview.live.face import PreviewFace

        return PreviewFace(portrait, options, seed, self.network_for(look_ahead), look_ahead)

    def dub(
        self, shots: Shots, voice: Voice, options: PreviewOptions, seed: int
    ) -> Iterator[tuple[PaintedPatch, ...]]:
        """See `engines.base.Engine.dub`.

        Head, eyes and face stay the video's own, so that of the options only `mouth_opening`, its marks and
        `smoothing` act, and the seed decides nothing.
        """
        from engines.preview.dubbing.course import MouthCourse
        from engines.preview.dubbing.dub import dubbed

        if self._voice_to_mouth is None:
            self.load()
        assert self._voice_to_mouth is not None
        return dubbed(shots, MouthCourse(self._voice_to_mouth, voice.samples, voice.duration, options))

    def network_for(self, look_ahead: float) -> VoiceToMouth:
        """Of the networks, the one that uses most of what may be heard ahead."""
        if self._voice_to_mouth is None:
            self.load()
        assert self._voice_to_mouth is not None
        if self._live is None:
            self._live = VoiceToMouth(LIVE_WEIGHTS)
        both = (self._voice_to_mouth, self._live)
        fitting = [network for network in both if network.after_hop <= look_ahead + 1e-6]
        if fitting:
            return max(fitting, key=lambda network: network.look_ahead)
        return min(both, key=lambda network: network.look_ahead)

    def poses(
        self,
        voice: Voice,
        options: PreviewOptions,
        total: int,
        seed: int,
        performing: Performing | None = None,
    ) -> Iterator[Pose]:
        """One pose for each of `total` frames; sound is read a few seconds at a time.

        performing: takes the place of the voice in what it has; emotions, marks and set turns are added.
        """
        faces = MarkedFaces(options)
        spoken = options.model_copy(update={"mouth_opening": 1.0}) if faces.opens_mouth else options
        poses = self._spoken(voice, spoken, total, seed)
        if performing is not None:
            from engines.preview.performed import performed

            poses = performed(poses, performing, spoken)
        return map(faces.finish, poses)

    def _spoken(self, voice: Voice, options: PreviewOptions, total: int, seed: int) -> Iterator[Pose]:
        """What the voice says, without emotions and without marks of finished poses."""
        if self._voice_to_mouth is None:
            self.load()
        assert self._voice_to_mouth is not None
        articulation = MarkedArticulation(options)
        prosody = Prosody(voice.samples, options.fps)
        motion = HeadMovement(
            options.fps,
            np.random.default_rng(seed),
            head_motion=options.head_motion,
            blink_rate=options.blink_rate,
            expression=options.expression,
            eye_motion=options.eye_motion,
            gaze_x=options.gaze_x,
            gaze_y=options.gaze_y,
            breathing=options.breathing,
            head_yaw=options.head_yaw,
            head_pitch=options.head_pitch,
        )
        marked = MarkedMovement(motion, options)
        waiting: deque[np.ndarray] = deque()
        for rows in self._voice_to_mouth.stream(voice.samples, options.fps, total):
            waiting.extend(marked.step(prosody.read(len(rows)), rows))
            for mouth in articulation.step(rows):
                yield Pose.joined(mouth, waiting.popleft())
        for mouth in articulation.finish():
            yield Pose.joined(mouth, waiting.popleft())
