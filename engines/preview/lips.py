"""How lips, chin and cheeks move: a backward map around the mouth for one pose.

The map lives on a small grid in mouth units (half the mouth's width; see `MouthRig`) and has two
layers, one for what hangs on the skull (upper lip, cheeks) and one for what hangs on the jaw (lower
lip, chin). Each layer is smooth; the slit between the lips is where one is chosen over the other, by
the lips' edges that come with the map. In every column the layers are exact one-dimensional warps
between known heights (nose, lip edges, chin), so a lip's edge lands where the pose says, lips can
thin or thicken, and nothing folds over.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engines.preview.rig import MouthRig

COLUMNS = 97
ROWS = 97
REACH_U = 2.9
"""The grid spans u in [-REACH_U, REACH_U]."""

JAW_DROP = 0.62
"""Opening of the jaw at jaw = 1, in half mouth widths (about 15 mm on an adult)."""
CORNER_FOLLOWS = 0.22
"""Share of the jaw's drop that the mouth's corners take part in."""
UPPER_LIFT = 0.10
"""Share of the jaw's drop by which the upper lip rises."""
SPREAD_LIFT = 0.035
"""How far spread lips that are open lift the upper one, as for "ee"."""
CHEEKS_RISE, CHEEKS_SINK = 0.07, 0.05
"""How far the cheeks go up with spread lips, and down with an open jaw, in half mouth widths."""

NECK = 1.4
"""How far below the chin the neck still follows it, in half mouth widths."""
MOST_THICKER = 1.4
"""How much thicker lips at rest are at most than in a frame of a video: more would smear them."""

SMILE_RELAXES = 0.45
"""Share of a smile's curve that goes while the mouth speaks."""


@dataclass(frozen=True)
class MouthPose:
    """What the mouth does in one frame. All 0..1 except `smile` (-1..1).

    drop: jaw opening. keep_gap: how much of the portrait's own parting of the lips stays.
    press: lips pressed together. rounding, spreading, lip_teeth, tongue: as in the voice's channels.
    """

    drop: float = 0.0
    keep_gap: float = 0.0
    press: float = 0.0
    rounding: float = 0.0
    spreading: float = 0.0
    lip_teeth: float = 0.0
    tongue: float = 0.0
    smile: float = 0.0


@dataclass(frozen=True, eq=False)
class OwnOpening:
    """How the mouth of a frame of a video is open before it is painted, and how it is at rest.

    chin: how far the chin is below its rest, in half mouth widths, at least 0. seam: (n, 2) of (u, v), sorted
    by u, the line on which its lips meet at rest. upper, lower: (n, 2) of u and the thickness of either lip
    at rest. share: how much of them counts, 0..1: lips that are shut stay as they are. widen: by what the
    mouth's width is multiplied. reach: |u| at which the jaw's drop has died away, to the picture's left and
    right. outer: the outer contours of both lips, (n, 2) each, as wide as the lips are. neck: as NECK.
    """

    chin: float
    seam: np.ndarray
    upper: np.ndarray
    lower: np.ndarray
    share: float
    widen: float
    reach: tuple[float, float]
    outer: tuple[np.ndarray, np.ndarray]
    neck: float = NECK


@dataclass(frozen=True, eq=False)
class MouthMap:
    """The result for one pose, on the (ROWS, COLUMNS) grid, in mouth units.

    upper, lower: (ROWS, COLUMNS, 2) float32 displacement (du, dv) from an output point to the source
    point it shows, for either layer. upper_edge, lower_edge: (COLUMNS,) float32 heights of the lips'
    inner edges; the mouth is open where the lower one is below (greater than) the upper one.
    """

    upper: np.ndarray
    lower: np.ndarray
    upper_edge: np.ndarray
    lower_edge: np.ndarray


def _smooth(t: np.ndarray) -> np.ndarray:
    t = np.maximum(t, 0.0)  # on small arrays twice as fast as np.clip
    np.minimum(t, 1.0, out=t)
    ease = t * -2.0
    ease += 3.0
    t *= t
    t *= ease
    return t


class Lips:
    """Makes a `MouthMap` for each `MouthPose` of one portrait, or of one frame of a video."""

    def __init__(self, mouth: MouthRig, *, animal: bool = False, own: OwnOpening | None = None) -> None:
        """own: of a frame of a video, whose lips and jaw are brought to rest before the pose is added."""
        self.mouth = mouth
        self._own = own
        self.u = np.linspace(-REACH_U, REACH_U, COLUMNS)
        self.v_first = mouth.nose_v - 0.75
        self.v_last = mouth.chin_v + 1.5
        self.v = np.linspace(self.v_first, self.v_last, ROWS)
        # A muzzle opens in its middle and never to its corners.
        self._corner = (
            0.74 if animal else float(min(-mouth.inner_upper[0, 0], mouth.inner_upper[-1, 0], 0.98))
        )
        # Inner contours of a closed mouth may cross by noise; the seam is where the lips meet.
        meet = mouth.inner_upper[:, 1] + 0.4 * (mouth.inner_lower[:, 1] - mouth.inner_upper[:, 1])
        self._seam_points = np.column_stack([(mouth.inner_upper[:, 0] + mouth.inner_lower[:, 0]) / 2, meet])
        away = np.abs(self.u)
        reach = np.where(self.u < 0, *own.reach) if own else mouth.jaw_reach
        self._jaw = 1.0 - _smooth((away - 0.75) / (reach - 0.75))
        self._heights = self.v.astype(np.float32)
        self._rows = self._heights[:, None]
        self._top = (mouth.nose_v * (1 - 0.15) - 0.55 * _smooth((away - 0.5) / 1.2)).astype(np.float32)
        self._chin = (mouth.chin_v - 0.35 * _smooth((away - 0.6) / 1.8)).astype(np.float32)
        self._bottom = self._chin + np.float32(own.neck if own else NECK)
        self._fall = 1.0 - _smooth((away - self._corner) / (1.9 - self._corner))
        ends = self._seam_points[[0, -1], 0]
        self._ends = ends, self.seam(ends)
        along = self._seam_points[:, 0]
        self._mean_bend = float(np.mean(self._bend(along, self.seam(along))))
        # The cheeks of a frame of a video stay its own: glasses and hair are near them.
        self._cheeks = None if animal or own else self._cheek_rows()
        self._wide = (
            _smooth((self.v - mouth.nose_v + 0.35) / 0.6)
            * (1.0 - _smooth((self.v - 0.45) / (mouth.chin_v - 0.2)))
        ).astype(np.float32)[:, None]

    def _cheek_rows(self) -> np.ndarray:
        """(ROWS, COLUMNS) weight of what the cheeks do: beside the corners, up to the level of the nose."""
        away, top = np.abs(self.u), self.mouth.nose_v - 0.7
        aside = _smooth((away - 1.0) / 0.6) * (1.0 - _smooth((away - 1.7) / (REACH_U - 1.75)))
        height = _smooth((self.v - top) / 0.7) * (1.0 - _smooth((self.v - 0.1) / 0.8))
        return np.outer(height, aside).astype(np.float32)

    def seam(self, u: np.ndarray) -> np.ndarray:
        """Height of the line on which closed lips meet, at any u."""
        return self._closed(u, self._line(u))

    def _closed(self, u: np.ndarray, line: np.ndarray) -> np.ndarray:
        """The seam of a mouth whose own jaw is closed."""
        if self._own is None:
            return line
        seam = np.interp(u, self._own.seam[:, 0], self._own.seam[:, 1])
        fall = np.interp(u, self.u, self._fall)
        return np.asarray(line + (self._own.share * fall) * (seam - line))

    def _line(self, u: np.ndarray) -> np.ndarray:
        """The seam before the own jaw is closed."""
        return np.interp(u, self._seam_points[:, 0], self._seam_points[:, 1])

    def _profile(self, u: np.ndarray, roundness: float) -> np.ndarray:
        """How lips part, 0 at the corners and 1 in the middle: a little opening leaves the corners together,
        a wide one is an oval.
        """
        return np.clip(1.0 - (u / self._corner) ** 2, 0.0, 1.0) ** (1.1 - 0.42 * roundness)

    def _curve(self, u: np.ndarray, seam: np.ndarray) -> np.ndarray:
        """How far the seam lies below the straight line between its ends (a smile: > 0 in the middle)."""
        return self._bend(u, seam) - self._mean_bend

    def _bend(self, u: np.ndarray, seam: np.ndarray) -> np.ndarray:
        return seam - np.interp(u, *self._ends)

    def _contours(
        self, u: np.ndarray, seam: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Source heights of outer upper, inner upper, inner lower, outer lower edge at u.

        Beyond the corners the inner edges run into the seam and the outer ones stay a hair apart, so
        that every column has four ordered heights.
        """
        mouth = self.mouth
        # An own opening reaches to its corners.
        inside = np.clip((self._corner - np.abs(u)) / (0.03 if self._own else 0.08), 0.0, 1.0)
        edges = []
        for contour in (mouth.inner_upper, mouth.inner_lower):
            height = np.interp(u, contour[:, 0], contour[:, 1])
            edges.append(seam + (height - seam) * inside)
        upper, lower = np.minimum(edges[0], seam), np.maximum(edges[1], seam)
        outer = self._own.outer if self._own else (mouth.outer_upper, mouth.outer_lower)
        outer_upper, outer_lower = (np.interp(u, contour[:, 0], contour[:, 1]) for contour in outer)
        return np.minimum(outer_upper, upper - 0.05), upper, lower, np.maximum(outer_lower, lower + 0.05)

    def map(self, pose: MouthPose, strength: float = 1.0) -> MouthMap:
        """The backward map of one pose. strength: how far the mouth is on its way to it, 0..1."""
        u = self.u
        scale = (
            (1.0 + 0.13 * pose.spreading + 0.08 * pose.smile)
            * (1.0 - 0.30 * pose.rounding)
            * (1.0 - 0.10 * pose.drop)
            * (self._own.widen if self._own else 1.0)
        )
        source_u = self._narrow(u, scale)
        line = self._line(source_u)
        uo, ui, li, lo = self._contours(source_u, line)
        seam = self._closed(source_u, line)
        profile = self._profile(source_u, min(max(pose.drop, 0.8 * pose.rounding), 2.0))

        drop = pose.drop * JAW_DROP
        follow = CORNER_FOLLOWS * drop * self._fall
        away = 1.0 - pose.keep_gap
        tuck = pose.lip_teeth * (1.0 - pose.drop)
        rise = UPPER_LIFT * drop + 0.06 * tuck + SPREAD_LIFT * pose.spreading * min(1.0, 4.0 * pose.drop)
        lift = -0.10 * pose.smile * np.clip(np.abs(u), 0, 1.2) ** 2 * self._fall
        # People do not speak through a full smile: the curve of the lips straightens as the mouth works.
        straight = SMILE_RELAXES * min(1.0, 2.5 * pose.drop + pose.rounding)
        lift = lift - straight * self._curve(source_u, seam) * self._fall
        new_ui = ui + away * (seam - ui) + follow * (1.0 - profile) - rise * profile + lift
        new_li = (
            li + away * (seam - li) + follow + (drop - CORNER_FOLLOWS * drop + 0.035 * tuck) * profile + lift
        )
        new_li = np.maximum(new_li, new_ui)

        # Lips keep their thickness as they move, thin when pressed or tucked, swell when rounded.
        thin = -0.16 * pose.press - 0.06 * pose.spreading
        thick_u, thick_l = ui - uo, lo - li
        if self._own is not None:
            rest = (np.interp(source_u, c[:, 0], c[:, 1]) for c in (self._own.upper, self._own.lower))
            thick_u, thick_l = (
                thick + self._own.share * (np.minimum(own, MOST_THICKER * thick) - thick)
                for thick, own in zip((thick_u, thick_l), rest, strict=True)
            )
        thick_u = thick_u * (1.0 + (thin + 0.16 * pose.rounding) * self._fall)
        thick_l = thick_l * (1.0 + (thin + 0.20 * pose.rounding - 0.28 * tuck) * self._fall)
        new_uo, new_lo = new_ui - thick_u, new_li + thick_l

        own_chin = self._own.chin if self._own else 0.0
        chin_drop = (0.9 * drop - own_chin) * self._jaw - 0.04 * pose.press * self._jaw
        if strength < 1.0:
            edges = ((uo, new_uo), (ui, new_ui), (li, new_li), (lo, new_lo))
            new_uo, new_ui, new_li, new_lo = (old + strength * (new - old) for old, new in edges)
            chin_drop = strength * chin_drop
        upper = self._upper(*(h.astype(np.float32) for h in (uo, ui, new_uo, new_ui)))
        lower = self._lower(*(h.astype(np.float32) for h in (li, lo, new_li, new_lo, chin_drop)))
        du = (source_u - u).astype(np.float32) * self._wide
        layers = np.empty((2, ROWS, COLUMNS, 2), np.float32)
        layers[..., 0] = du
        layers[0, ..., 1], layers[1, ..., 1] = upper, lower
        cheeks = CHEEKS_RISE * pose.spreading - CHEEKS_SINK * pose.drop
        if strength < 1.0:
            layers[..., 0] *= np.float32(strength)
        if cheeks and self._cheeks is not None:
            layers[..., 1] += np.float32(cheeks) * self._cheeks
        return MouthMap(layers[0], layers[1], new_ui.astype(np.float32), new_li.astype(np.float32))

    def _narrow(self, u: np.ndarray, scale: float) -> np.ndarray:
        """Source u for each output u when the lips' width is scaled; dies away over the cheeks."""
        edge = scale * 1.02
        inside = u / scale
        outer = np.abs(u)
        beyond = outer + (edge / scale - edge) * (1.0 - _smooth((outer - edge) / (REACH_U - 0.3 - edge)))
        return np.where(outer <= edge, inside, np.sign(u) * beyond)

    def _upper(self, uo: np.ndarray, ui: np.ndarray, new_uo: np.ndarray, new_ui: np.ndarray) -> np.ndarray:
        """Displacement of skull and upper lip: (ROWS, COLUMNS)."""
        ratio = (ui - uo) / (new_ui - new_uo)
        moved = self._rows * (ratio - 1.0) + (ui - new_ui * ratio)
        above = slice(0, int(np.searchsorted(self._heights, new_uo.max())))
        rows = self._rows[above]
        skin = _smooth((rows - self._top) * (1.0 / (new_uo - self._top)))
        skin *= uo - new_uo
        np.copyto(moved[above], skin, where=rows < new_uo)
        return moved

    def _lower(
        self, li: np.ndarray, lo: np.ndarray, new_li: np.ndarray, new_lo: np.ndarray, chin_drop: np.ndarray
    ) -> np.ndarray:
        """Displacement of lower lip, chin and neck: (ROWS, COLUMNS)."""
        ratio = (lo - li) / (new_lo - new_li)
        moved = self._rows * (ratio - 1.0) + (li - new_li * ratio)
        below = slice(int(np.searchsorted(self._heights, new_lo.min())), None)
        rows = self._rows[below]
        chin = self._chin + chin_drop
        at_lip = new_lo - lo
        # Two eases in a row: from the lip's shift to the chin's, and from the chin's to none in the neck.
        skin = _smooth((rows - new_lo) * (1.0 / (chin - new_lo)))
        skin *= at_lip - chin_drop
        neck = _smooth((rows - chin) * (1.0 / (self._bottom - chin)))
        neck *= chin_drop
        skin += neck
        skin -= at_lip
        np.copyto(moved[below], skin, where=rows > new_lo)
        return moved
