"""Strip by strip gives what Pillow gives of the whole picture."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from media.picture import open_picture
from media.pictures import reducing
from media.pictures.reducing import reduced


def noisy(mode: str, width: int, height: int) -> Image.Image:
    """Noise, which shows every pixel that is left out or counted twice."""
    values = np.random.default_rng(0).integers(
        0, 256, (height, width, len(Image.new(mode, (1, 1)).getbands()))
    )
    return Image.frombytes(mode, (width, height), values.astype(np.uint8).tobytes())


def unchanged(image: Image.Image) -> Image.Image:
    return image


@settings(max_examples=60, deadline=None)
@given(
    mode=st.sampled_from(["L", "LA", "RGB", "RGBA", "CMYK"]),
    width=st.integers(64, 900),
    height=st.integers(64, 1400),
    across=st.floats(0.02, 1.0),
    down=st.floats(0.02, 1.0),
)
def test_of_any_size(mode: str, width: int, height: int, across: float, down: float) -> None:
    image, size = noisy(mode, width, height), (max(1, int(width * across)), max(1, int(height * down)))
    ours = reduced(image, size, unchanged)
    weighed = {"LA": "La", "RGBA": "RGBa"}.get(
        mode, mode
    )  # Pillow's own forgets the gap where there is alpha
    whole = image.convert(weighed).resize(size, Image.Resampling.LANCZOS, reducing_gap=reducing.GAP)
    whole = whole.convert(mode) if size != image.size else image  # weighing alone rounds already
    assert (ours.size, ours.mode) == (whole.size, whole.mode)
    np.testing.assert_array_equal(np.asarray(ours), np.asarray(whole))


def test_a_strip_is_made_plain_and_facts_are_kept() -> None:
    image = noisy("L", 700, 1900).quantize(16)
    image.info["icc_profile"] = b"profile"
    heights = []

    def plain(strip: Image.Image) -> Image.Image:
        heights.append(strip.height)
        made = strip.convert("RGB")
        made.info.update(strip.info)
        return made

    ours = reduced(image, (70, 190), plain)
    whole = image.convert("RGB").resize((70, 190), Image.Resampling.LANCZOS, reducing_gap=reducing.GAP)
    np.testing.assert_array_equal(np.asarray(ours), np.asarray(whole))
    assert ours.info["icc_profile"] == b"profile"
    assert len(heights) > 5
    assert max(heights) <= reducing.STRIP
    assert sum(heights) == 1900


@pytest.mark.parametrize("mode", ["P", "1", "LA"])
def test_through_the_whole_of_opening(mode: str, monkeypatch: pytest.MonkeyPatch) -> None:
    image = Image.linear_gradient("L").resize((2000, 1500)).convert(mode)
    seen = open_picture(image, 200).image.astype(int)
    monkeypatch.setattr(reducing, "STRIP", 10_000)  # all rows at a time
    np.testing.assert_array_equal(seen, open_picture(image, 200).image)
