"""Moves head, lids, brows and cheeks with a voice.

Rotation of the head goes with the pitch and loudness of speech and helps listeners (Munhall and others
2004), it has slow postural turns, nods on stressed syllables and quick small movements (Hadar and others
1983), and it calms down in pauses without ever standing still.
"""

from __future__ import annotations

import numpy as np

from engines.preview.blinks import Blinker
from engines.preview.breath import CHIN_LIFTS, HEAD_RISES, Breath
from engines.preview.gaze import Glances
from engines.preview.head import FURTHEST_TURN
from engines.preview.springs import Spring, Wander

MOTION_CHANNELS = (
    "yaw",
    "pitch",
    "roll",
    "shift_x",
    "shift_y",
    "blink_left",
    "blink_right",
    "brow",
    "smile",
    "gaze_x",
    "gaze_y",
    "breath",
    "sway",
)
"""yaw > 0 turns to the picture's right, pitch > 0 nods down, roll > 0 tilts clockwise (degrees);
shift_x right and shift_y down, in head heights; blink 0 open .. 1 closed; brow -1..1, 1 raised;
smile 0..1; gaze -1..1 towards the picture's right and upwards; breath and sway as in
`HeadPose`. Left is the picture's left."""

LIMITS = np.array([4.5, 3.2, 2.4, 0.015, 0.012])  # of the five head channels at head_motion 1
SHOULDERS_FOLLOW, SHOULDERS_LEAN, WEIGHT_SHIFTS = 0.5, 0.0010, 0.0012
"""Of the shoulders' sway: share of the head's shift, face heights per degree of its tilt, and of a wander."""
EASE_IN = 1.0  # seconds from the still portrait to the full movement

_PHRASE_PAUSE = 0.25  # seconds of silence that end a phrase
_LONG_PHRASE = (2.5, 5.0)  # seconds after which a new turn comes even without a pause
_NOISE = 10  # normal numbers drawn per frame


class HeadMovement:
    """The movement of everything but the mouth, frame by frame.

    The same generator state, sound and options give the same movement, however the frames are cut into
    calls of `step`. Every amount scales its channels linearly, but not the turn of the eyes against the
    head's, see `Glances`; 0 leaves them at exactly 0.

    fps: frames per second. rng: the job's generator; children are spawned from it, so that turning
    the blinks off does not change the head. head_motion, blink_rate, expression, eye_motion, breathing: the
    options' strengths. gaze_x, gaze_y: where the eyes look on average, as in `Pose`. head_yaw,
    head_pitch: degrees to the right and up, around which the head moves.
    """

    def __init__(
        self,
        fps: int,
        rng: np.random.Generator,
        *,
        head_motion: float = 1.0,
        blink_rate: float = 1.0,
        expression: float = 1.0,
        eye_motion: float = 1.0,
        gaze_x: float = 0.0,
        gaze_y: float = 0.0,
        breathing: float = 1.0,
        head_yaw: float = 0.0,
        head_pitch: float = 0.0,
    ) -> None:
        dt = self._dt = 1.0 / fps
        self._head_motion = head_motion
        self._expression = expression
        self._eye_motion, self._gaze = eye_motion, (gaze_x, gaze_y)
        self._breathing = breathing
        self._turned = np.array([head_yaw, -head_pitch])
        self._frame = 0
        self._drift_rng, self._turn_rng, self._nod_rng, blink_rng, gaze_rng, self._body_rng = rng.spawn(6)
        self._blinks = Blinker(fps, blink_rng, blink_rate)
        self._glances = Glances(fps, gaze_rng)
        self._breath = Breath(fps, self._body_rng)
        self._lean = Spring(0.45, 1.0, dt)
        self._sway = Wander(1, 2.2, dt)

        self._slow = Wander(5, 1.4, dt)
        self._quick = Wander(5, 0.22, dt)
        self._turn = [Spring(0.55, 1.0, dt) for _ in range(3)]
        self._push = [Spring(3.0, 1.0, dt) for _ in range(3)]  # turns a stress into a short push...
        self._nod = [Spring(1.5, 0.7, dt) for _ in range(3)]  # ...that the head answers by a nod
        self._tune = [Spring(1.6, 1.0, dt) for _ in range(2)]  # pitch and loudness, as a neck can follow
        self._activity = Spring(0.5, 1.0, dt)
        self._brow_push = Spring(3.0, 1.0, dt)
        self._brow = Spring(2.0, 0.9, dt)
        self._smile = Spring(0.35, 1.0, dt)

        self._pose = (0.0, 0.0, 0.0)
        self._quiet = 1.0  # seconds since the last voice; a voice right at the start opens a phrase
        self._spoken = 0.0
        self._turn_after = 0.0
        self._last_side = 0.0

    def change(
        self,
        *,
        head_motion: float,
        blink_rate: float,
        expression: float,
        eye_motion: float,
        gaze_x: float,
        gaze_y: float,
        breathing: float,
        head_yaw: float,
        head_pitch: float,
    ) -> None:
        """Use other strengths from the next frame on. If they jump, so does the head."""
        self._head_motion, self._expression = head_motion, expression
        self._eye_motion, self._gaze = eye_motion, (gaze_x, gaze_y)
        self._breathing = breathing
        self._turned = np.array([head_yaw, -head_pitch])
        self._blinks.change(blink_rate)

    def step(self, prosody: np.ndarray, mouth: np.ndarray) -> np.ndarray:
        """The next frames.

        prosody: (k, 4) from `Prosody.read`. mouth: (k, 7) as `mouth.CHANNELS`, of which the
        voice activity is used. Returns (k, 13) float32, columns as MOTION_CHANNELS.
        """
        if len(prosody) != len(mouth):
            raise ValueError(f"{len(prosody)} frames of prosody but {len(mouth)} of the mouth")
        rows = np.zeros((len(prosody), len(MOTION_CHANNELS)), np.float32)
        for row, sound, voice in zip(rows, prosody.astype(float), mouth[:, 5].astype(float), strict=True):
            self._advance(row, sound, voice)
        return rows

    def _advance(self, row: np.ndarray, sound: np.ndarray, voice: float) -> None:
        loudness, pitch, voiced, stress = sound.tolist()
        t = self._frame * self._dt
        x = min(t / EASE_IN, 1.0)
        ease = x * x * x * (x * (6 * x - 15) + 10)
        self._follow_phrases(voice)
        active = self._activity.step(1.0 if voice > 0.5 else 0.0)
        stress *= voice

        head = self._head(loudness * voice, pitch * voiced * voice, stress, active)
        row[:5] = self._head_motion * ease * LIMITS * np.tanh(head / LIMITS)
        row[11:13] = ease * self._breathing * self._body(row)
        row[1] -= self._head_motion * CHIN_LIFTS * row[11]
        row[4] -= self._head_motion * HEAD_RISES * row[11]
        row[5:7] = self._blinks.step(self._temptation())
        brow, smile = self._face(loudness, pitch * voiced, stress, active)
        row[7] = min(max(self._expression * ease * brow, -1.0), 1.0)
        row[8] = min(max(self._expression * ease * smile, 0.0), 1.0)
        row[:2] = np.clip(row[:2] + self._turned, -FURTHEST_TURN, FURTHEST_TURN)
        glance = self._glances.step(self._quiet, float(row[0]), float(row[1]), self._eye_motion)
        for channel, wanted, own in zip((9, 10), self._gaze, glance, strict=True):
            row[channel] = min(max(wanted + own, -1.0), 1.0)
        self._frame += 1

    def _follow_phrases(self, voice: float) -> None:
        """Keep count of speech and silence; choose a new pose at the start of a phrase or in a long one."""
        if voice <= 0.5:
            self._quiet += self._dt
            self._spoken = 0.0
            return
        if self._quiet >= _PHRASE_PAUSE or self._spoken > self._turn_after:
            self._choose_pose()
            self._spoken = 0.0
        self._quiet = 0.0
        self._spoken += self._dt

    def _choose_pose(self) -> None:
        size, nod, tilt, keep = self._turn_rng.standard_normal(4)
        side = -1.0 if self._last_side > 0 else 1.0
        if self._last_side == 0 or keep > 0.8:
            side = 1.0 if keep > 0 else -1.0  # now and then twice to the same side
        self._last_side = side
        yaw = side * min(abs(size) * 1.3 + 0.6, 3.2)
        # Turning the head tilts it a little to the other side; the rest of the tilt is chance.
        self._pose = (float(yaw), float(0.7 * nod), float(-0.2 * yaw + 0.55 * tilt))
        self._turn_after = float(self._turn_rng.uniform(*_LONG_PHRASE))

    def _head(self, loudness: float, pitch: float, stress: float, active: float) -> np.ndarray:
        """(5,) yaw, pitch, roll in degrees and shifts in head heights, before limits and easing."""
        noise = self._drift_rng.standard_normal(_NOISE).tolist()
        slow = self._slow.step(noise[:5])
        quick = self._quick.step(noise[5:])

        # Drawn on every frame, so that one stress more does not change the frames after it.
        strength, sway, tilt, skip = self._nod_rng.random(4).tolist()
        size = stress * (1.0 + 1.2 * strength) if skip > 0.2 else 0.0  # not every stress has its nod
        ways = (1.6 * (sway - 0.5), 1.0, 0.8 * (tilt - 0.5))
        pushes = [spring.step(0.0, size * way * 80.0) for spring, way in zip(self._push, ways, strict=True)]
        nod = [spring.step(push) for spring, push in zip(self._nod, pushes, strict=True)]

        in_pause = self._quiet > _PHRASE_PAUSE
        share = 0.4 if in_pause else 1.0
        turn = [spring.step(share * angle) for spring, angle in zip(self._turn, self._pose, strict=True)]
        tune, lift = self._tune[0].step(min(max(pitch, -6.0), 6.0)), self._tune[1].step(loudness)

        yaw = turn[0] + nod[0] + (0.5 + 0.4 * active) * slow[0] + 0.09 * quick[0]
        # A rising voice lifts the chin, a loud one too.
        pitch_angle = turn[1] + nod[1] - 0.16 * tune - 0.6 * lift
        pitch_angle += (0.35 + 0.3 * active) * slow[1] + 0.08 * quick[1]
        roll = turn[2] + nod[2] + (0.25 + 0.25 * active) * slow[2] + 0.06 * quick[2]
        # Breathing and weight: the head goes along sideways with its turns and sinks with its nods.
        shift_x = 0.0018 * turn[0] + 0.0030 * slow[3] + 0.0003 * quick[3]
        shift_y = 0.0018 * nod[1] + 0.0022 * slow[4] + 0.0003 * quick[4]
        return np.array([yaw, pitch_angle, roll, shift_x, shift_y])

    def _body(self, row: np.ndarray) -> np.ndarray:
        """(2,) breath, and the sway of shoulders that follow the head later and less far."""
        air = self._breath.step()
        # A head that leans or tilts to a side takes the shoulders along.
        lean = self._lean.step(SHOULDERS_FOLLOW * float(row[3]) + SHOULDERS_LEAN * float(row[2]))
        (sway,) = self._sway.step(self._body_rng.standard_normal(1).tolist())
        return np.array([air, lean + WEIGHT_SHIFTS * sway])

    def _temptation(self) -> float:
        """How welcome a blink is: most of all just after the end of a phrase."""
        if 0.1 < self._quiet < 0.7:
            return 3.5
        return 0.8 if self._quiet <= 0.1 else 1.0

    def _face(self, loudness: float, pitch: float, stress: float, active: float) -> tuple[float, float]:
        """Brow and smile before the expression strength."""
        accent = stress * min(max((pitch + 1.0) / 4.0, 0.0), 1.0)
        self._brow_push.step(0.0, 70.0 * accent)
        brow = self._brow.step(self._brow_push.position)
        energy = min(max((loudness - 0.35) / 0.5, 0.0), 1.0) * active
        smile = self._smile.step(0.45 * energy)
        return 0.6 * float(np.tanh(brow / 0.6)), 0.4 * float(np.tanh(smile / 0.4))
