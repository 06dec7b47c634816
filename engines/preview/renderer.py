"""Paints one frame: head, lids, lips and cavity together, in one pass over the image.

The output is made by looking backwards: every output pixel asks the head's field, then the local map of
mouth or eye, which source pixel it shows. So each pixel is resampled once and stays sharp, and a pixel
whose displacement is zero is copied bit for bit.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import cv2
import numpy as np

from engines.preview.body import BodyMask
from engines.preview.cavity import Cavity
from engines.preview.doubled import SAMPLES, DoubledPicture
from engines.preview.face_field import FaceField
from engines.preview.head import HeadField, HeadPose
from engines.preview.head_points import HeadPoints, Part, resting_cells
from engines.preview.irises import Irises
from engines.preview.lids import LASHES_OPEN, ClosedLid, EyeMap, Lids, closed_lid
from engines.preview.lip_edges import LipEdges
from engines.preview.lips import JAW_DROP, REACH_U, Lips, MouthPose
from engines.preview.moved_cells import MovedCells
from engines.preview.patch import Patch, PlacedMap, bounding_cells, rectangle, spread
from engines.preview.pose import Pose
from engines.preview.rig import Rig

FURTHEST = 0.12
"""Face heights by which the furthest turn of the head carries mouth and eyes."""
LEAST_SHARE = 1e-4
"""Of a pixel, from which what is between the lips is painted; a whole level takes forty times as much."""
STRIP_PIXELS = 24_000
"""Pixels that are looked up at once: their points and colours stay in a core's cache."""

Shift = tuple[Part, np.ndarray]
"""Rows and columns of the face's rectangle, and the shift of their points, (h, w, 2) float32 samples."""


class Renderer:
    """Paints frames of one portrait. It keeps what it prepared from the portrait, and nothing
    about a frame.
    """

    def __init__(self, image: np.ndarray, rig: Rig, body: BodyMask | None = None) -> None:
        """image: (H, W, 3) uint8 RGB. body: without one, no pose moves the shoulders."""
        self.image = np.ascontiguousarray(image)
        self.rig = rig
        height, width = image.shape[:2]
        self.head = HeadField(rig.head, width, height, body)
        region = self.head.region
        slack = FURTHEST * rig.head.frame.unit
        self.lips = Lips(rig.mouth, animal=rig.animal)
        self.cavity = Cavity(self.image, rig.mouth, self.lips, animal=rig.animal)
        spans = (-REACH_U, REACH_U), (self.lips.v_first, self.lips.v_last)
        self._picture = DoubledPicture(self.image, region, int(np.ceil(slack)) + 8)
        self.irises = Irises(self._picture, rig.eyes)
        origin = self._picture.origin
        self._mouth = Patch(rig.mouth.frame, *spans, region, slack, origin)
        self._lids = tuple(Lids(eye) for eye in rig.eyes)
        self._closed = tuple(closed_lid(self.image, eye, animal=rig.animal) for eye in rig.eyes)
        self._eyes = tuple(Patch(lids.eye.frame, *lids.spans, region, slack, origin) for lids in self._lids)
        self._to_lids = tuple(self._picture.to_pixels_from(closed.origin) for closed in self._closed)
        self.box = rectangle(self.influence)
        """The smallest rectangle (x0, y0, x1, y1) outside of which no pose changes a pixel."""
        self._face_box = rectangle(self._pixels(self.head.head_influence))
        """The part of it that is painted for every frame; the rest only moves with the body."""
        shape = self.head.rows, self.head.columns
        self._resting = resting_cells(region, self.head.cell, shape, origin)
        x0, y0, x1, y1 = self.box
        self._body = (0.0, 0.0), np.ascontiguousarray(self.image[y0:y1, x0:x1])

    @property
    def influence(self) -> np.ndarray:
        """(H, W) bool: pixels that any pose may change. All others are the portrait's, bit for bit."""
        return self._pixels(self.head.influence)

    def _pixels(self, cells: np.ndarray) -> np.ndarray:
        """(H, W) bool: pixels of some of the head's cells and those beside them, of mouth and eyes."""
        mask = np.zeros(self.image.shape[:2], bool)
        x0, y0, x1, y1 = self.head.region
        cells = cv2.dilate(cells.astype(np.uint8), np.ones((3, 3), np.uint8))
        grown = np.kron(cells, np.ones((self.head.cell, self.head.cell), np.uint8))
        mask[y0:y1, x0:x1] = grown[: y1 - y0, : x1 - x0] > 0
        for patch in (self._mouth, *self._eyes):
            px0, py0, px1, py1 = patch.box
            mask[py0:py1, px0:px1] = True
        return mask

    def render(self, pose: Pose, out: np.ndarray | None = None) -> np.ndarray:
        """Paint one frame into `out` (or a new array): (H, W, 3) uint8 RGB."""
        frame = np.empty_like(self.image) if out is None else out
        np.copyto(frame, self.image)
        x0, y0, x1, y1 = self.box
        self._paint(pose, frame[y0:y1, x0:x1])
        return frame

    def render_part(self, pose: Pose, out: np.ndarray | None = None) -> np.ndarray:
        """Paint the part of one frame that may differ from the portrait, into `out` (or a new array).

        Returns (h, w, 3) uint8 RGB: the rectangle `box` of what `render` paints, bit for bit.
        """
        x0, y0, x1, y1 = self.box
        part = np.empty((y1 - y0, x1 - x0, 3), np.uint8) if out is None else out
        self._paint(pose, part)
        return part

    def _paint(self, pose: Pose, part: np.ndarray) -> None:
        """Paint the rectangle `box`."""
        head = self.head.settled(pose.head)
        x0, y0, x1, y1 = self._face_box
        face = slice(y0 - self.box[1], y1 - self.box[1]), slice(x0 - self.box[0], x1 - self.box[0])
        _copy_around(face, self._with_body(head), part)
        part = part[face]
        warp = self.face.warp(pose.face) if pose.face else None
        follow = self.irises.turn(pose.gaze_x, pose.gaze_y, warp)
        moved = self.head.displacement(head)
        if warp is not None:
            moved = self.face.added_to(moved, warp)
        points = self._points_of(moved, self._face_box)
        at_rest, *eyes_at_rest = (points.part(*self._box_of(patch)) for patch in (self._mouth, *self._eyes))

        mouth_map = self.lips.map(pose.mouth)
        mouth = self._mouth.place(
            at_rest,
            (mouth_map.upper, mouth_map.lower),
            (mouth_map.upper_edge, mouth_map.lower_edge),
        )
        on_jaw = cv2.compare(2 * mouth.v, mouth.edges[0] + mouth.edges[1], cv2.CMP_GT)
        shifts: list[Shift] = []
        self._shift(shifts, self._mouth, cv2.copyTo(mouth.shifts[1], on_jaw, mouth.shifts[0].copy()))
        eyes = []
        for patch, eye_at_rest, lids, closed, to_lid, blink in zip(
            self._eyes, eyes_at_rest, self._lids, self._closed, self._to_lids, pose.blinks, strict=True
        ):
            blink = lids.lowered(blink, follow)
            if blink > 0.004 or follow < -0.002:
                eye_map = lids.map(blink, pose.brow, follow)
                layers = (eye_map.skin, eye_map.rim, eye_map.ball) if blink > 0.004 else (eye_map.skin,)
                placed = patch.place(eye_at_rest, layers, (eye_map.edge, eye_map.fall))
                self._shift(shifts, patch, placed.shifts[0])
                if blink > 0.004:
                    eyes.append((eye_at_rest, patch, placed, eye_map, closed, to_lid))
            elif abs(pose.brow) > 0.004:
                self._shift(shifts, patch, patch.place_layer(eye_at_rest, lids.skin(pose.brow)))

        # Mouth and eyes may change where the head rests.
        always = [self._box_of(patch) for patch in (self._mouth, *self._eyes)]
        cells = self._moved_cells(moved, self._face_box)
        self._look_up(points, cells, self.image[y0:y1, x0:x1], part, always, shifts)
        for eye in eyes:
            self._blend_lid(part, *eye)
        self._blend_mouth(part, at_rest, mouth, pose.mouth)

    # -- maps -----------------------------------------------------------------------------------

    @cached_property
    def face(self) -> FaceField:
        """How emotions warp the face; made when the first one comes."""
        return FaceField(self.rig, self.head, self.image, whites=self.irises.movable)

    def _with_body(self, head: HeadPose) -> np.ndarray:
        """The rectangle `box` with the body as in this pose and the head at rest: (h, w, 3) uint8."""
        pose = head.breath, head.sway
        if pose != self._body[0]:
            x0, y0, x1, y1 = self.box
            part = np.empty((y1 - y0, x1 - x0, 3), np.uint8)
            moved = self.head.displacement(HeadPose(breath=head.breath, sway=head.sway))
            points, cells = self._points_of(moved, self.box), self._moved_cells(moved, self.box)
            self._look_up(points, cells, self.image[y0:y1, x0:x1], part)
            self._body = pose, part
        return self._body[1]

    def _points_of(self, moved: np.ndarray, box: tuple[int, int, int, int]) -> HeadPoints:
        """For each pixel of a rectangle, the point of the resting picture that it shows.

        moved: as from `HeadField.displacement`.
        """
        left, top = self.head.region[:2]
        return HeadPoints(moved, self._resting, self.head.cell, box[0] - left, box[1] - top)

    def _moved_cells(self, moved: np.ndarray, box: tuple[int, int, int, int]) -> MovedCells:
        """Which columns of a rectangle's pixels move."""
        (left, top), cell = self.head.region[:2], self.head.cell
        x0, y0, x1, y1 = box[0] - left, box[1] - top, box[2] - left, box[3] - top
        # With one cell around the box, for the interpolation.
        first_row, first_column = max(0, y0 // cell - 1), max(0, x0 // cell - 1)
        cells = SAMPLES * moved[first_row : y1 // cell + 2, first_column : x1 // cell + 2]
        return MovedCells(cells, cell, x0 - first_column * cell, y0 - first_row * cell)

    def _look_up(
        self,
        points: HeadPoints,
        cells: MovedCells,
        still: np.ndarray,
        part: np.ndarray,
        always: Sequence[Part] = (),
        shifts: Sequence[Shift] = (),
    ) -> None:
        """Paint each pixel that moves, or is in the rows and columns of `always`, from its point.

        still: (h, w, 3) uint8: the portrait's pixels, which the others show. shifts: of mouth and eyes, whose
        rows and columns are in `always`.
        """
        height, width = part.shape[:2]
        rows = max(8, STRIP_PIXELS // width)
        bottom = 0
        while bottom < height:
            top, bottom = bottom, min(points.end_of_rows(bottom, rows), height)
            first, last = cells.columns(top, bottom)
            for down, across in always:
                if down.start < bottom and down.stop > top:
                    first, last = min(first, across.start), max(last, across.stop)
            first, last = max(first, 0), min(last, width)
            first = min(first, last)
            part[top:bottom, :first] = still[top:bottom, :first]
            part[top:bottom, last:] = still[top:bottom, last:]
            if first >= last:
                continue
            lookup = points.part(slice(top, bottom), slice(first, last))
            for (down, across), shift in shifts:
                begin, end = max(down.start, top), min(down.stop, bottom)
                if begin < end:
                    view = lookup[begin - top : end - top, across.start - first : across.stop - first]
                    view += shift[begin - down.start : end - down.start]
            self._picture.look_up(lookup, part[top:bottom, first:last])

    def _of_box(self, rows: slice, columns: slice) -> tuple[slice, slice]:
        """The picture's rows and columns, counted from the beginning of the face's rectangle."""
        x0, y0 = self._face_box[:2]
        return slice(rows.start - y0, rows.stop - y0), slice(columns.start - x0, columns.stop - x0)

    def _box_of(self, patch: Patch) -> tuple[slice, slice]:
        x0, y0, x1, y1 = patch.box
        return self._of_box(slice(y0, y1), slice(x0, x1))

    def _shift(self, shifts: list[Shift], patch: Patch, cells: np.ndarray) -> None:
        shifts.append((self._box_of(patch), patch.fine(cells)))

    # -- seams at full resolution ---------------------------------------------------------------

    def _blend_lid(
        self,
        part: np.ndarray,
        at_rest: np.ndarray,
        patch: Patch,
        eye: PlacedMap,
        pose: EyeMap,
        closed: ClosedLid,
        to_lid: np.ndarray,
    ) -> None:
        """Lower the upper lid over the eyeball: skin above, its rim with the lashes, eyeball below."""
        edge, fall = eye.edges
        near = (np.abs(eye.u) < 1.3) & (eye.v > edge - fall - LASHES_OPEN - 0.1) & (eye.v < edge + 1.0)
        cells = bounding_cells(near, 2)
        if cells is None:
            return
        where = self._of_box(*patch.pixels_of(*cells))
        rest = at_rest[patch.part_of(*cells)]
        still, rim_at, ball_at = (rest + patch.fine(shift, *cells) for shift in eye.shifts)
        skin, rim, ball = (
            self._picture.look_up(points).astype(np.float32) for points in (still, rim_at, ball_at)
        )
        lid = cv2.remap(
            closed.image,
            cv2.transform(still, to_lid),
            None,
            cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_REPLICATE,
        )
        below = patch.fine(eye.v - edge, *cells)
        come = np.clip(patch.fine(fall, *cells) / 0.12, 0.0, 1.0)[..., None]
        skin += (lid - skin) * come
        on_rim = np.clip((below + pose.rim_height) / 0.10 + 0.5, 0.0, 1.0)[..., None]
        skin += (rim - skin) * on_rim
        on_lid = np.clip(0.5 - below * patch.frame.unit / 1.4, 0.0, 1.0)[..., None]
        mixed = ball + (skin - ball) * on_lid
        cv2.convertScaleAbs(mixed, part[where])

    def _blend_mouth(self, part: np.ndarray, at_rest: np.ndarray, mouth: PlacedMap, pose: MouthPose) -> None:
        """Redraw the opening and the lips' edges: upper lip, lower lip and the cavity between them."""
        patch = self._mouth
        upper_edge, lower_edge = mouth.edges
        reach = 0.06 + 1.5 * patch.cell / patch.frame.unit
        near = (np.abs(mouth.u) < 1.06) & (mouth.v > upper_edge - reach) & (mouth.v < lower_edge + reach)
        cells = bounding_cells(near, 1)
        if cells is None:
            return
        where = self._of_box(*patch.pixels_of(*cells))
        rest = at_rest[patch.part_of(*cells)]
        upper = self._picture.look_up(rest + patch.fine(mouth.shifts[0], *cells))
        lower = self._picture.look_up(rest + patch.fine(mouth.shifts[1], *cells))
        below_upper = patch.fine(mouth.v - upper_edge, *cells)
        above_lower = patch.fine(lower_edge - mouth.v, *cells)
        edges = LipEdges(below_upper, above_lower, patch.frame.unit, pose.keep_gap, animal=self.rig.animal)
        mixed = edges.lips(upper, lower)
        opening = bounding_cells(edges.inside > LEAST_SHARE, 0)
        if opening is not None:
            u, v, below, above, inside = (
                values[opening]
                for values in (
                    patch.fine(mouth.u, *cells),
                    patch.fine(mouth.v, *cells),
                    below_upper,
                    above_lower,
                    edges.inside,
                )
            )
            cavity = self.cavity.paint(u, v, below, above, pose.drop * JAW_DROP, pose.tongue)
            if pose.keep_gap > 0:
                own = self._picture.look_up(rest[opening]).astype(np.float32)
                cavity += (own - cavity) * pose.keep_gap
            cavity *= spread(inside)
            mixed[opening] += cavity
        cv2.convertScaleAbs(mixed, part[where])


def _copy_around(inner: tuple[slice, slice], picture: np.ndarray, out: np.ndarray) -> None:
    """Copy all of a picture but its rows and columns `inner`."""
    down, across = inner
    out[: down.start] = picture[: down.start]
    out[down.stop :] = picture[down.stop :]
    out[down, : across.start] = picture[down, : across.start]
    out[down, across.stop :] = picture[down, across.stop :]
