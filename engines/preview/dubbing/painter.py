"""Paints the mouth of one track into the frames of a video.

Every painted pixel is looked up once in the frame itself: the map first brings the frame's own mouth to rest
and then adds the pose, so skin stays as sharp as the video. Only the inside of the mouth is painted, in the
colours of the track's reference and the light of the frame.
"""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np

from engines.dubbing import TrackReference
from engines.preview.cavity import Cavity
from engines.preview.dubbing.face import frame_mouth, steady_landmarks
from engines.preview.dubbing.grid import LipSeams, MouthGrid, PixelBox, Points
from engines.preview.dubbing.light import gain, relit, skin_light, usual
from engines.preview.dubbing.rest import RestMouth
from engines.preview.dubbing.softness import softness
from engines.preview.dubbing.teeth import lowest_tooth, without_rim, without_shade
from engines.preview.landmarks import LIPS_OUTER_UPPER
from engines.preview.lip_edges import LipEdges
from engines.preview.lips import JAW_DROP, Lips, MouthPose
from engines.preview.patch import spread
from media.dubbing.values import PaintedPatch, TrackedFace

SMALLEST = 3.0
"""Half a mouth's width in pixels below which nothing is painted: its lips are smaller than a pixel."""
EDGE = 3.0
"""How fast the blur of a soft frame sets in towards the painted edges: on an edge, a half of it is beyond."""


class TrackPainter:
    """Paints one track. It keeps what belongs to the track, and nothing about a frame."""

    def __init__(self, reference: TrackReference) -> None:
        self._rest = RestMouth(reference.calm)
        mouth = frame_mouth(reference.landmarks, self._rest)
        lips = Lips(mouth.rig, own=mouth.own)
        # Flesh and teeth are chosen for usual light; each frame gives them its own, however dark or tinted.
        light = skin_light(reference.picture, reference.landmarks)
        self._light = usual(light)
        picture = relit(reference.picture, light, self._light)
        lowest = lowest_tooth(picture, mouth.rig, lips)
        self._cavity = Cavity(picture, mouth.rig, lips, lowest_tooth=lowest)
        if self._cavity.own_teeth:
            lit, bare = without_shade(picture, mouth.rig), without_rim(mouth.rig)
            self._cavity.upper = Cavity(lit, bare, lips, lowest_tooth=lowest).upper

    def paint(self, picture: np.ndarray, face: TrackedFace, pose: MouthPose) -> PaintedPatch | None:
        """Paint one frame.

        picture: (H, W, 3) uint8 RGB. Returns None where nothing changes.
        """
        if face.strength <= 0.0 or not np.isfinite(face.landmarks).all():
            return None
        landmarks = steady_landmarks(face)
        corners = landmarks[LIPS_OUTER_UPPER[-1], :2] - landmarks[LIPS_OUTER_UPPER[0], :2]
        if float(np.hypot(*corners)) < 2 * SMALLEST:
            return None
        mouth = frame_mouth(landmarks, self._rest, picture)
        frame = mouth.rig.frame
        # The jaw opens as far as at the mouth's rest width, also while the frame's lips are round.
        pose = replace(pose, drop=pose.drop * mouth.wide)
        lips = Lips(mouth.rig, own=mouth.own)
        soft = softness(picture, landmarks, frame.unit)
        grid = MouthGrid(lips, lips.map(pose, face.strength), frame, soft.reach)
        box = grid.box(picture.shape)
        if box is None:
            return None
        points, alpha = grid.fields(box)
        if not alpha.any():
            return None
        pixels = _look_up(picture, points)
        inner = grid.mouth_box(box)
        if inner is not None:
            seams, where = grid.seams(inner), box.inner(inner)
            closed = mouth.own.share * face.strength
            met = closed * np.clip((0.97 - np.abs(seams.u)) / 0.2, 0.0, 1.0)
            edges = LipEdges(seams.below_upper, seams.above_lower, frame.unit, closed=met)
            mixed = edges.lips(_look_up(picture, seams.upper), _look_up(picture, seams.lower))
            shown = edges.inside
            if edges.opening:
                inside = self._inside(seams, pose, skin_light(picture, landmarks))
                if face.strength < 1.0:
                    own = picture[inner.y0 : inner.y1, inner.x0 : inner.x1].astype(np.float32)
                    inside = own + (inside - own) * face.strength
                mixed += inside * spread(shown)
            if soft:
                # The edges are blurred and not alpha, which would make them fainter; lips are soft already,
                # except where they meet.
                shown = np.minimum(EDGE * soft.blur(1.0 - edges.on_lips), 1.0)
                shown = np.maximum(shown, seams.around(soft.reach / frame.unit))
                mixed += (soft.blur(mixed) - mixed) * spread(shown)
            near = seams.near
            part = pixels[where].astype(np.float32)
            part += (mixed - part) * spread(near)
            pixels[where] = np.rint(np.clip(part, 0, 255)).astype(np.uint8)
            np.maximum(alpha[where], shown * near, out=alpha[where])
        return _trimmed(box, pixels, alpha)

    def _inside(self, seams: LipSeams, pose: MouthPose, light: np.ndarray) -> np.ndarray:
        """Colours (h, w, 3) float32 of the inside of the mouth, in the light of a frame."""
        colours = self._cavity.paint_below(
            seams.u,
            seams.below_seam,
            seams.below_upper,
            seams.above_lower,
            pose.drop * JAW_DROP,
            pose.tongue,
        )
        colours *= gain(light, self._light)
        return colours


def _look_up(picture: np.ndarray, points: Points) -> np.ndarray:
    return np.asarray(cv2.remap(picture, *points, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE))


def _trimmed(box: PixelBox, pixels: np.ndarray, alpha: np.ndarray) -> PaintedPatch | None:
    """The patch without rows and columns in which nothing is painted."""
    rows, columns = np.flatnonzero(alpha.any(axis=1)), np.flatnonzero(alpha.any(axis=0))
    if not len(rows):
        return None
    down, across = slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)
    return PaintedPatch(
        box.x0 + int(columns[0]), box.y0 + int(rows[0]), pixels[down, across], alpha[down, across]
    )
