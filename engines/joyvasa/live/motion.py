"""The motion of a live session: windows that overlap, each begun before its frames are needed."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from engines.joyvasa.live.timeline import Timeline
from engines.joyvasa.live.window import LiveWindow, WindowStart
from engines.joyvasa.motion.audio_to_motion import AudioToMotion
from engines.joyvasa.motion.pose import VECTOR_SIZE
from engines.joyvasa.motion.retargeting import LIP_POINTS
from engines.joyvasa.motion.sampler import SamplerSettings, plan_sampling
from engines.joyvasa.motion.windows import LEAD_FRAMES, SAMPLES_PER_FRAME
from engines.joyvasa.spec import ADVANCE

SPREAD = ADVANCE - 1
"""Frames before a window's first new one at which its sampling begins: the work of each frame is the same."""
MORE_AHEAD = (ADVANCE - 1 + SPREAD) * SAMPLES_PER_FRAME
"""Samples that a window hears beyond the look-ahead of its first new frame."""
SAME = 0.001
"""Sounds that differ by less, -60 dB of full scale, are the same: a quiet room asks for no new window."""
OVERLAP = np.array([0.75, 0.5, 0.25], np.float32)
"""The share of the window before in the first new frames. Lips take none: it has not heard their sound."""
_LIPS = [3 * point + axis for point in LIP_POINTS for axis in range(3)]


class LiveMotion:
    """Generates the motion for a `Timeline`, one frame at a time. Memory and work per frame are bounded.

    A window hears the sound before its new frames and the `ahead` samples after each of them, then silence.
    Its frames are used as long as the sound is what it heard: `ADVANCE` frames while someone speaks, all of
    them in silence.
    """

    def __init__(self, model: AudioToMotion, settings: SamplerSettings, seed: int, ahead: int) -> None:
        config = model.generator.config
        self._model, self._ahead = model, ahead
        self._plan = plan_sampling(model.generator.diffusion_sched, settings)
        self._motions, self._previous = config.n_motions, config.n_prev_motions
        self._most_shown = self._motions - self._previous - ADVANCE
        """Frames of a window that were made before; so many that a session's first one reaches the next."""
        self.timeline = Timeline(self._motions + self._previous)
        self._noise = FrameNoise(
            seed, self._plan.draws + 1, self._motions, config.motion_feat_dim, -LEAD_FRAMES
        )
        self._rows: dict[int, np.ndarray] = {}
        """Normalised motion of the last frames that were shown and of those that are planned."""
        self._window: LiveWindow | None = None
        self._coming: LiveWindow | None = None
        self.windows = 0
        """How many were begun, for measurements."""

    def listen(self, heard: np.ndarray, ahead: np.ndarray, *, ended: bool) -> None:
        """Move to the next frame, and sample what it needs; see `engines.live.LiveFace.listen`."""
        self.timeline.listen(heard, ahead, ended=ended)
        frame = self.timeline.frame
        coming = self._coming
        if coming is not None:
            coming.sample(1 - (coming.wanted - frame) / (SPREAD + 1))
            if coming.wanted == frame:
                self._use(coming)
        if not self._fits(frame):
            self._use(self._begun(frame))
        elif self._coming is None and not self._fits(frame + SPREAD):
            self._coming = self._begun(frame + SPREAD)
            self._coming.sample(1 / (SPREAD + 1))
        for old in [one for one in self._rows if one < frame - self._motions]:
            del self._rows[old]

    def interrupt(self) -> None:
        """Forget the sound. The motion goes on from where it is."""
        self.timeline.forget()
        self._coming = None

    def around(self, reach: int) -> np.ndarray:
        """(2 * reach + 1, 70) normalised motion of the frame and its neighbours.

        Those after it are as they are expected now; the first and the last that are known are repeated.
        """
        frame = self.timeline.frame
        last = max(self._rows)
        return np.stack(
            [self._rows[min(max(one, 0), last)] for one in range(frame - reach, frame + reach + 1)]
        )

    def _fits(self, frame: int) -> bool:
        """Whether the window has heard all that is known now of a frame, up to its look-ahead."""
        window, line = self._window, self.timeline
        if window is None or frame >= window.start + self._motions:
            return False
        until = (frame + 1) * SAMPLES_PER_FRAME + self._ahead
        if line.known is not None:
            until = min(until, line.known)
        first = line.frame * SAMPLES_PER_FRAME
        remembered = window.heard[first - window.start * SAMPLES_PER_FRAME :][: until - first]
        now = line.samples(line.frame, len(remembered))
        return bool(np.abs(now - remembered).max(initial=0) < SAME)

    def _begun(self, frame: int) -> LiveWindow:
        """A window whose first new frame is `frame`."""
        self.windows += 1
        start = max(frame - self._most_shown, -LEAD_FRAMES)
        if start - self._previous < -LEAD_FRAMES:
            start = -LEAD_FRAMES
        before = None
        if start > -LEAD_FRAMES:
            earlier = start - self._previous
            before = (
                np.stack([self._rows[one] for one in range(earlier, start)]),
                self.timeline.samples(earlier, self._previous * SAMPLES_PER_FRAME),
            )
        shown = np.empty((0, VECTOR_SIZE), np.float32)
        if frame > 0:
            shown = np.stack([self._rows[one] for one in range(start, frame)])
        heard = self.timeline.samples(start, self._motions * SAMPLES_PER_FRAME)
        made = WindowStart(start, frame, heard, before, shown, self._noise.window(start))
        return LiveWindow(self._model, self._plan, made)

    def _use(self, window: LiveWindow) -> None:
        """Take the frames of a window from its first new one on."""
        rows = window.rows()
        expected = {one: row for one, row in self._rows.items() if one >= window.wanted}
        first = window.start if window.wanted == 0 else window.wanted
        for one in expected:
            del self._rows[one]
        for one in range(first, window.start + self._motions):
            self._rows[one] = rows[one - window.start]
        for place, share in enumerate(OVERLAP):
            one = window.wanted + place
            if one in expected and one in self._rows:
                mixed = share * expected[one] + (1 - share) * self._rows[one]
                mixed[_LIPS] = self._rows[one][_LIPS]
                self._rows[one] = mixed
        self._window, self._coming = window, None


class FrameNoise:
    """Standard normal noise from one seed. The first window gets what `AudioToMotion.sequence` gives it.

    draws: tensors per window, the starting noise and that of the steps. frames, size: of a window's motion.
    """

    def __init__(self, seed: int, draws: int, frames: int, size: int, first: int) -> None:
        """first: the first window's first frame."""
        self._source = torch.Generator().manual_seed(seed)
        self._draws, self._frames, self._size, self._first = draws, frames, size, first
        self._noise = torch.randn((draws, 1, frames, size), generator=self._source)

    def window(self, start: int) -> Tensor:
        """(draws, 1, frames, size) float32 on the CPU, for a window that begins at the frame `start`."""
        # Frame by frame: the noise must not depend on where windows begin.
        for _ in range(start + self._frames - self._first - self._noise.shape[2]):
            one = torch.randn((self._draws, 1, 1, self._size), generator=self._source)
            self._noise = torch.cat([self._noise, one], dim=2)
        # The next window may begin some frames before this one, if the sound is not what it expected.
        passed = max(start - self._frames // 2 - self._first, 0)
        self._noise, self._first = self._noise[:, :, passed:], self._first + passed
        begin = start - self._first
        return self._noise[:, :, begin : begin + self._frames]
