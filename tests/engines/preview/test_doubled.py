"""A portrait between its pixels: its own pixels stay, the others are Lanczos's."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from engines.preview.doubled import DoubledPicture


@pytest.mark.parametrize("region", [(30, 25, 70, 60), (0, 0, 100, 80)])  # inside, and to the borders
def test_samples_are_the_pictures_pixels_and_lanczos_between_them(region: tuple[int, int, int, int]) -> None:
    picture = np.random.default_rng(3).integers(0, 256, (80, 100, 3), np.uint8)
    doubled = DoubledPicture(picture, region, 8)
    x0, y0, x1, y1 = region
    points = doubled.points(region)
    assert (doubled.look_up(points) == picture[y0:y1, x0:x1]).all()
    for half in ((1, 0), (0, 1), (1, 1)):
        at = (np.mgrid[y0 : y1 - 1, x0 : x1 - 1][::-1].transpose(1, 2, 0) + np.divide(half, 2)).astype(
            np.float32
        )
        wanted = cv2.remap(picture, at, None, cv2.INTER_LANCZOS4, borderMode=cv2.BORDER_REPLICATE)
        seen = doubled.look_up(points[:-1, :-1] + np.array(half, np.float32))
        assert np.abs(seen.astype(int) - wanted).max() <= 1
