"""The upright sides of a round mouth's lips."""

from __future__ import annotations

import numpy as np
import pytest

from engines.preview.dubbing.sides import sides_in, with_sides
from engines.preview.lips import Lips, MouthPose, OwnOpening
from engines.preview.rig import Frame2D, MouthRig


def round_mouth() -> MouthRig:
    frame = Frame2D(np.array([128.0, 128.0]), np.array([1.0, 0.0]), 40.0)
    angles = np.linspace(-np.pi, 0, 11)
    across = np.cos(angles)
    outer, inner = (np.column_stack([r * across, 0.9 * r * np.sin(angles)]) for r in (1.0, 0.55))
    flipped = np.array([1.0, -1.0])
    return MouthRig(frame, outer, inner, inner * flipped, outer * flipped, 1.8, -1.2, 2.3)


def test_only_sides_in_the_colour_of_the_lips_are_taken_for_lips() -> None:
    """The mesh rounds the farther side of a turned head."""
    mouth, skin, red = round_mouth(), (200, 160, 140), (150, 60, 70)
    y, x = np.mgrid[:256, :256]
    picture = np.full((256, 256, 3), skin, np.uint8)
    picture[np.hypot(x - 128, (y - 128) / 0.9) < 1.05 * 40] = red
    assert sides_in(picture, mouth).tolist() == [[1, 1], [1, 1]]
    picture[:, 128 + 34 :] = skin
    weights = sides_in(picture, mouth)
    assert weights.tolist() == [[1, 0], [1, 0]]
    outer, _ = with_sides(mouth, 1.0, weights)
    (left, right), (before, _) = (
        np.interp((-1.05, 1.05), *contour.T) for contour in (outer, with_sides(mouth, 1.0)[0])
    )
    assert left == pytest.approx(before)
    assert right > left / 3  # heights above the corners are below 0


@pytest.mark.parametrize("side", [-1, 1])
def test_a_round_mouth_that_closes_keeps_no_upright_piece_of_its_lips_at_the_corners(side: int) -> None:
    rig = round_mouth()
    u = np.linspace(-1, 1, 21)
    level, thin = np.column_stack([u, 0 * u]), np.column_stack([u, 0.2 * (1 - u**2) + 0.03])
    own = OwnOpening(0.3, level, thin, thin, 1.0, 1.0, (2.3, 2.3), with_sides(rig, 1.0))
    lips = Lips(rig, own=own)
    mouth = lips.map(MouthPose())
    looked_up = np.stack(np.meshgrid(lips.u, lips.v), axis=-1) + mouth.upper
    x, y = looked_up[..., 0], looked_up[..., 1]
    on_lips = np.hypot(x, y / 0.9) < 1.06  # the mesh is a little smaller than the lips
    beside = (np.abs(lips.u - side) < 0.1)[None] & (lips.v < -0.12)[:, None]
    assert not (on_lips & beside).any()
