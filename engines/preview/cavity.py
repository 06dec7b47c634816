"""Paints what shows between open lips: a dark cavity, teeth and a tongue, in the portrait's own colours.

Everything is painted once per portrait onto small textures in mouth units; a frame only looks them
up. Upper teeth are fixed to the head, lower teeth and tongue to the jaw. Teeth that the portrait
shows already are kept: the texture of the upper row is then taken from the picture.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np

from engines.preview.lips import Lips
from engines.preview.patch import spread
from engines.preview.rig import MouthRig

PIXELS_PER_UNIT = 96
"""Resolution of the textures: half a mouth's width is 96 pixels."""
TEXTURE_U = 1.15
TEXTURE_TOP, TEXTURE_BOTTOM = -0.75, 0.85
"""The textures span |u| <= TEXTURE_U and this range of heights around the closed lips' seam."""
TONGUE_RESTS, TONGUE_FOLLOWS = 0.12, 0.40
"""Distance below the seam at which a resting tongue begins, and the share of the jaw's drop by
which it moves.
"""
TONGUE_RAISED = -0.14
"""The same when its tip is at the upper teeth: behind them, so that no dark gap is left below."""
TONGUE_LIT = 0.45
"""How much lighter the tongue is there, at the front of the mouth."""


SIDE_SHARE, MOST_SIDE = 0.8, 0.4
"""How far teeth and tongue take the light from a side that the skin shows; lips and cheeks shade them."""


@dataclass(frozen=True)
class Tones:
    """Colours measured on the face, RGB 0..255: skin, lips, the darkest and the brightest tones."""

    skin: np.ndarray
    lips: np.ndarray
    dark: np.ndarray
    bright: np.ndarray


def measure_tones(image: np.ndarray, mouth: MouthRig) -> Tones:
    """Measure a face's colours around the mouth in an (H, W, 3) uint8 picture."""
    height, width = image.shape[:2]

    def sample(points: np.ndarray) -> np.ndarray:
        xy = np.rint(mouth.frame.to_picture(points)).astype(int)
        keep = (xy[:, 0] >= 0) & (xy[:, 0] < width) & (xy[:, 1] >= 0) & (xy[:, 1] < height)
        picked = image[xy[keep, 1], xy[keep, 0]]
        return picked.astype(np.float32) if len(picked) else image.reshape(-1, 3).astype(np.float32)

    lip = [
        sample((mouth.outer_upper + mouth.inner_upper) / 2),
        sample((mouth.outer_lower + mouth.inner_lower) / 2),
    ]
    grid = np.stack(
        np.meshgrid(np.linspace(-1.8, 1.8, 37), np.linspace(mouth.nose_v - 1.6, mouth.chin_v, 37)), -1
    )
    face = sample(grid.reshape(-1, 2))
    light = face @ np.array([0.299, 0.587, 0.114], np.float32)
    low, high = np.percentile(light, [4, 93])
    return Tones(
        skin=np.median(face, axis=0),
        lips=np.median(np.concatenate(lip), axis=0),
        dark=face[light <= low].mean(axis=0),
        bright=face[light >= high].mean(axis=0),
    )


def side_light(image: np.ndarray, mouth: MouthRig) -> float:
    """How much lighter the picture's right side of the mouth is lit than its middle, -MOST_SIDE..MOST_SIDE.

    Measured on the skin beside the corners in an (H, W, 3) uint8 picture; below 0, the left side is lighter.
    """
    height, width = image.shape[:2]
    v = np.linspace(max(mouth.nose_v, -0.7), min(0.6 * mouth.chin_v, 0.7), 9)
    sides = []
    for begin, end in ((-1.7, -1.15), (1.15, 1.7)):
        grid = np.stack(np.meshgrid(np.linspace(begin, end, 7), v), axis=-1).reshape(-1, 2)
        xy = np.rint(mouth.frame.to_picture(grid)).astype(int)
        xy = np.clip(xy, 0, [width - 1, height - 1])
        sides.append(float(np.median(image[xy[:, 1], xy[:, 0]].mean(axis=1))))
    left, right = sides
    return float(np.clip(SIDE_SHARE * (right - left) / max(right + left, 1.0), -MOST_SIDE, MOST_SIDE))


def _flesh(image: np.ndarray, tones: Tones) -> np.ndarray:
    """Colour of flesh in this picture's light: pink where the picture has colours, grey where it has none."""
    thumbnail = cv2.resize(image, (64, 64), interpolation=cv2.INTER_AREA).astype(np.float32)
    # A white cat is grey except for its eyes and nose, marble is grey except for the light on it.
    colour = float(np.percentile(thumbnail.max(axis=2) - thumbnail.min(axis=2), 99))
    grey = np.full(3, 144.0)
    pink = grey + (np.array([208.0, 112.0, 112.0]) - grey) * np.clip((colour - 24.0) / 20.0, 0.0, 1.0)
    return pink * np.clip(float(tones.bright.mean()) / 225.0, 0.35, 1.0)


def _grid() -> tuple[np.ndarray, np.ndarray]:
    rows = round((TEXTURE_BOTTOM - TEXTURE_TOP) * PIXELS_PER_UNIT)
    columns = round(2 * TEXTURE_U * PIXELS_PER_UNIT)
    u = (np.arange(columns) + 0.5) / PIXELS_PER_UNIT - TEXTURE_U
    v = (np.arange(rows) + 0.5) / PIXELS_PER_UNIT + TEXTURE_TOP
    grid_u, grid_v = np.meshgrid(u.astype(np.float32), v.astype(np.float32))
    return grid_u, grid_v


def _step(x: np.ndarray, soft: float) -> np.ndarray:
    t = np.clip(x / soft + 0.5, 0.0, 1.0)
    return t * t * (3.0 - 2.0 * t)


class Cavity:
    """The painted inside of one portrait's mouth.

    `paint(u, v, below_upper, above_lower, drop)` gives colours for points of the opening.
    """

    def __init__(
        self,
        image: np.ndarray,
        mouth: MouthRig,
        lips: Lips,
        *,
        animal: bool = False,
        lowest_tooth: float = TEXTURE_BOTTOM,
    ) -> None:
        """lowest_tooth: how far below the closed lips' seam the upper teeth reach at most."""
        self._lowest_tooth = lowest_tooth
        tones = measure_tones(image, mouth)
        self._lips = lips
        self._seam = np.repeat(lips.seam(_grid()[0][0]).astype(np.float32)[None, :], 2, axis=0)
        # Fur says nothing about the flesh behind it, pale lips little.
        flesh, trust = _flesh(image, tones), 0.0 if animal else 0.55
        tones = replace(tones, lips=flesh + (tones.lips - flesh) * trust)
        lip_light = float(tones.lips.mean())
        # The lips' own hue, but no darker or lighter than the darkest tones around it allow.
        self._deep = tones.lips * min(0.22, (float(tones.dark.mean()) * 0.9 + 14.0) / max(lip_light, 1.0))
        self._flesh = tones.lips * 0.66 + self._deep * 0.1
        # Teeth are a little darker than the brightest skin and keep a trace of its colour.
        grey = float(tones.bright.mean())
        self._enamel = np.clip((0.62 * grey + 0.38 * tones.bright) * 0.97 + 0.04 * lip_light, 0, 246)
        self.upper = self._upper_row()
        self.lower = self._lower_row()
        self.tongue = self._tongue()
        if animal:  # rows of human teeth in a muzzle look horrible; a talking cat shows its tongue
            self.upper[..., 3] = self.lower[..., 3] = 0.0
        else:
            self._light_from_a_side(side_light(image, mouth))
        own = None if animal else self._teeth_of_picture(image, mouth)
        self.own_teeth = own is not None
        if own is not None:
            self.upper = own

    def _light_from_a_side(self, slope: float) -> None:
        """Make one side of teeth and tongue lighter and the other darker. slope: as from `side_light`."""
        gain = (1.0 + slope * np.clip(_grid()[0], -1.0, 1.0))[..., None]
        for texture in (self.upper, self.lower, self.tongue):
            texture[..., :3] = np.clip(texture[..., :3] * gain, 0.0, 250.0)

    # -- painting, once per portrait ------------------------------------------------------------

    def _row(self, width: float, count: int, curve: float, length: float, *, upward: bool) -> np.ndarray:
        """An RGBA row of `count` teeth whose biting edge is at v = 0, bent by `curve` at its ends."""
        u, v = _grid()
        edges = np.sin(np.linspace(-1.15, 1.15, count + 1)) / np.sin(1.15) * width
        middle = np.clip(np.searchsorted(edges, u[0]) - 1, 0, count - 1)
        centre = (edges[:-1] + edges[1:]) / 2
        half = (edges[1:] - edges[:-1]) / 2
        across = np.clip((u - centre[middle]) / half[middle], -1, 1)
        sign = -1.0 if upward else 1.0
        square = across * across  # a power is many times slower
        edge = sign * curve * (u / width) ** 2 + sign * 0.022 * square * square
        depth = (v - edge) * sign
        shape = _step(depth, 0.03) * _step(length - depth, 0.06) * _step(width - np.abs(u), 0.06)
        shade = (
            1.0
            - 0.20 * square * square * square
            - 0.42 * (u / width) ** 2
            - 0.10 * np.clip(depth / length, 0, 1)
        )
        colour = self._enamel * np.clip(shade, 0.25, 1.0)[..., None]
        return np.dstack([colour, 255.0 * shape]).astype(np.float32)

    def _upper_row(self) -> np.ndarray:
        return self._row(0.86, 10, 0.10, 0.62, upward=True)

    def _lower_row(self) -> np.ndarray:
        row = self._row(0.70, 10, 0.05, 0.40, upward=False)
        row[..., :3] *= 0.74
        row[..., 3] *= 0.92
        return row

    def _tongue(self) -> np.ndarray:
        u, v = _grid()
        width, top = 0.66, 0.0
        mound = (u / width) ** 2 + ((v - top - 0.42) / 0.42) ** 2
        shape = _step(1.0 - mound - 0.1, 0.7)
        groove = 1.0 - 0.22 * np.exp(-((u / 0.06) ** 2))
        light = (0.62 + 0.5 * np.clip(1.0 - np.abs(v - 0.18) / 0.5, 0, 1)) * groove
        return np.dstack([self._flesh * light[..., None], 215.0 * shape]).astype(np.float32)

    def _teeth_of_picture(self, image: np.ndarray, mouth: MouthRig) -> np.ndarray | None:
        """The portrait's own teeth as an RGBA texture, or None when it shows none."""
        if mouth.gap < 0.07:
            return None
        u, v = _grid()
        seam = self._lips.seam(u[0]).astype(np.float32)
        local = np.stack([u, v + seam[None, :]], axis=-1)
        xy = mouth.frame.to_picture(local).astype(np.float32)
        picked = cv2.remap(image, xy[..., 0], xy[..., 1], cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
        picked = picked.astype(np.float32)
        ui = np.interp(u[0], mouth.inner_upper[:, 0], mouth.inner_upper[:, 1]) - seam
        li = np.interp(u[0], mouth.inner_lower[:, 0], mouth.inner_lower[:, 1]) - seam
        lowest_v = np.minimum(li - 0.02, self._lowest_tooth)
        inside = (v > ui + 0.02) & (v < lowest_v) & (np.abs(u) < 0.97)
        light = picked.mean(axis=2)
        colourless = picked.max(axis=2) - picked.min(axis=2)
        lip = float(measure_tones(image, mouth).lips.mean())
        tooth = (
            inside
            & (light > max(lip * 1.08, 0.55 * float(self._enamel.mean())))
            & (colourless < 0.42 * picked.max(axis=2))
        )
        if inside.sum() == 0 or tooth.sum() < 0.3 * inside.sum():
            return None
        # Below the lowest tooth of a column the row ends; above the upper lip's edge it goes on, so that
        # a lip that rises uncovers teeth and not a border.
        rows = np.arange(v.shape[0])[:, None]
        lowest = np.where(tooth.any(axis=0), np.where(tooth, rows, -1).max(axis=0), -1).astype(np.float32)
        valid = lowest >= 0
        columns = np.arange(v.shape[1])
        lowest = np.interp(columns, columns[valid], lowest[valid])
        if self._lowest_tooth < TEXTURE_BOTTOM:  # a row that is cut off ends as its longest teeth do
            lowest = cv2.dilate(lowest[None, :].astype(np.float32), np.ones((1, 33), np.uint8))[0]
        lowest = cv2.GaussianBlur(lowest[None, :].astype(np.float32), (0, 0), 5.0)[0]
        first = np.clip(((ui + 0.05 - TEXTURE_TOP) * PIXELS_PER_UNIT).astype(int), 0, len(rows) - 1)
        last = np.clip(np.maximum(lowest.astype(int) - 1, first), 0, len(rows) - 1)
        source = np.clip(rows, first[None, :], last[None, :])
        # Mirror instead of smearing one line upwards: enamel keeps its grain.
        mirrored = np.where(rows < first, np.minimum(2 * first - rows, last), source)
        colour = picked[mirrored, columns[None, :]]
        soft = 0.02 * PIXELS_PER_UNIT
        shape = _step((lowest[None, :] - rows) / soft, 2.0) * _step((0.97 - np.abs(u)) / 0.05, 1.0)
        return np.dstack([colour, 255.0 * shape]).astype(np.float32)

    # -- lookup, once per frame -----------------------------------------------------------------

    def paint(
        self,
        u: np.ndarray,
        v: np.ndarray,
        below_upper: np.ndarray,
        above_lower: np.ndarray,
        drop: float,
        tongue: float = 0.0,
    ) -> np.ndarray:
        """Colours (h, w, 3) float32 at points u, v (h, w) of the opening.

        below_upper, above_lower: distances from the lips' edges in mouth units; `drop` is the jaw's
        drop in the same units. tongue: how far its tip is raised from its rest to the upper teeth, 0..1.
        """
        x = (u + TEXTURE_U) * PIXELS_PER_UNIT - 0.5
        from_seam = v - cv2.remap(
            self._seam, x, np.zeros_like(x), cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
        )
        return self.paint_below(u, from_seam, below_upper, above_lower, drop, tongue)

    def paint_below(
        self,
        u: np.ndarray,
        from_seam: np.ndarray,
        below_upper: np.ndarray,
        above_lower: np.ndarray,
        drop: float,
        tongue: float = 0.0,
    ) -> np.ndarray:
        """As `paint`, at (h, w) distances below the line on which the closed lips meet."""
        x = (u + TEXTURE_U) * PIXELS_PER_UNIT - 0.5
        opening = np.clip(below_upper + above_lower, 0.0, None)
        depth = spread(np.clip(np.minimum(below_upper, above_lower) / 0.25, 0.0, 1.0))
        outside = (self._flesh * 0.50).astype(np.float32)
        colour = outside + (self._deep.astype(np.float32) - outside) * depth
        raised = 0.0 if self.own_teeth else -0.085
        rise = tongue * (TONGUE_RESTS + TONGUE_FOLLOWS * drop - TONGUE_RAISED)
        layers = (
            (self.tongue, from_seam - TONGUE_RESTS - TONGUE_FOLLOWS * drop + rise),
            (self.lower, from_seam - 0.05 - 0.80 * drop),
            (self.upper, from_seam + raised),
        )
        for texture, height in layers:
            y = (height - TEXTURE_TOP) * PIXELS_PER_UNIT - 0.5
            texel = cv2.remap(
                texture,
                x,
                y.astype(np.float32),
                cv2.INTER_LINEAR,
                borderMode=cv2.BORDER_CONSTANT,
                borderValue=0,
            )
            own, alpha = cv2.cvtColor(texel, cv2.COLOR_RGBA2RGB), cv2.extractChannel(texel, 3) * (1 / 255)
            if (
                texture is self.tongue and tongue > 0
            ):  # its tip comes into the light, and hides what is behind
                own *= 1.0 + TONGUE_LIT * tongue
                alpha = np.minimum(alpha * (1.0 + 0.6 * tongue), 1.0)
            own -= colour
            own *= spread(alpha)
            colour += own
        # The upper lip shades what is right behind it; corners are dark.
        shade = 0.50 + 0.50 * np.clip(below_upper / 0.13, 0.0, 1.0)
        corner = np.clip(opening / 0.10, 0.35, 1.0) * (1.0 - 0.45 * np.clip(np.abs(u) - 0.35, 0, 1))
        colour *= spread(shade * corner)
        return colour
