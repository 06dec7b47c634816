"""The visible mark in a picture."""

from __future__ import annotations

import numpy as np
import pytest

from media.pictures.mark import Mark


@pytest.mark.parametrize("shade", [0, 128, 255])
@pytest.mark.parametrize(("width", "height"), [(512, 512), (1920, 1080), (320, 568), (128, 128)])
def test_the_mark_can_be_seen_on_any_picture_and_only_in_its_corner(
    width: int, height: int, shade: int
) -> None:
    image = np.full((height, width, 3), shade, np.uint8)
    marked = Mark(width, height).on(image)
    rows, columns = np.nonzero((marked != image).any(2))
    assert rows.min() > 0.8 * height - 20
    assert columns.min() > 0.8 * width - 25
    part = marked[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1].astype(int)
    assert part.max() - part.min() > 110  # white letters on a darker box
    assert (image == shade).all()


def test_a_picture_smaller_than_the_mark_is_no_error() -> None:
    assert Mark(8, 8).on(np.zeros((8, 8, 3), np.uint8)).shape == (8, 8, 3)
