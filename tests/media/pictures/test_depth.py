"""A picture of more than 8 bits keeps its light at every size, as every viewer shows it."""

from __future__ import annotations

import io
from typing import Any

import cv2
import numpy as np
import pytest
import tifffile
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from PIL import Image

from media.errors import PortraitError
from media.picture import GROUND, open_picture
from media.pictures.depth import full_scale, scaled_to_bytes

SIDE = 160
SIZES = (SIDE, 100)  # as it is, and reduced


def ramp() -> np.ndarray:
    """(SIDE, SIDE) floats from 0 to 1."""
    return np.linspace(0, 1, SIDE * SIDE).reshape(SIDE, SIDE)


def colours() -> np.ndarray:
    """(SIDE, SIDE, 3) floats: three ramps of different means."""
    return np.stack([ramp(), ramp() ** 2, ramp() ** 4], axis=-1)


def tiff(array: np.ndarray, **options: Any) -> bytes:
    stream = io.BytesIO()
    tifffile.imwrite(stream, array, **options)
    return stream.getvalue()


def png(image: Image.Image) -> bytes:
    stream = io.BytesIO()
    image.save(stream, "PNG")
    return stream.getvalue()


def assert_means(data: bytes | Image.Image, expected: np.ndarray) -> None:
    for max_side in SIZES:
        seen = open_picture(data, max_side).image
        assert max(seen.shape) == max_side
        np.testing.assert_allclose(seen.mean(axis=(0, 1)), 255 * expected, atol=1)


FULL = {"u1": 255, "u2": 65_535, "u4": 2**32 - 1, "i4": 65_535, "i2": 255, "f2": 1, "f4": 1, "f8": 1}


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("big", [False, True])
@pytest.mark.parametrize("kind", FULL)
def test_tiffs_of_any_number(kind: str, big: bool, order: str) -> None:
    for values in (ramp(), colours()):
        array = (values * FULL[kind]).astype(kind)
        photometric = "rgb" if array.ndim == 3 else "minisblack"
        data = tiff(array, byteorder=order, bigtiff=big, photometric=photometric)
        assert_means(data, values.mean(axis=(0, 1)) * np.ones(3))


@pytest.mark.parametrize("kind", ["u1", "u2", "f4"])
def test_planes_one_behind_the_other(kind: str) -> None:
    planes = (colours().transpose(2, 0, 1) * FULL[kind]).astype(kind)
    assert_means(tiff(planes, photometric="rgb", planarconfig="separate"), colours().mean(axis=(0, 1)))


@pytest.mark.parametrize("kind", ["u1", "u2", "f4"])
def test_white_is_zero(kind: str) -> None:
    data = tiff(((1 - ramp()) * FULL[kind]).astype(kind), photometric="miniswhite")
    assert_means(data, np.full(3, ramp().mean()))


@pytest.mark.parametrize("options", [{"compression": "zlib"}, {"tile": (64, 64)}, {"bigtiff": True}])
def test_ways_of_packing(options: dict[str, Any]) -> None:
    data = tiff(colours().astype("f4"), photometric="rgb", **options)
    assert_means(data, colours().mean(axis=(0, 1)))


def test_photoshops_way_of_packing() -> None:
    array = (colours() * 65_535).astype("u2")
    ok, data = cv2.imencode(".tif", array[..., ::-1], [cv2.IMWRITE_TIFF_COMPRESSION, 5])  # LZW, predictor 2
    assert ok
    assert_means(data.tobytes(), colours().mean(axis=(0, 1)))


@pytest.mark.parametrize(
    ("kind", "alpha"), [("u2", "unassalpha"), ("f4", "unassalpha"), ("f4", "assocalpha")]
)
def test_transparency_of_deep_tiffs(kind: str, alpha: str) -> None:
    shade = np.repeat([1.0, 0.0], SIDE // 2)[:, None] * np.ones((SIDE, SIDE))
    light = 0.4 * np.ones((SIDE, SIDE)) * (shade if alpha == "assocalpha" else 1)
    array = (np.stack([light, light, light, shade], axis=-1) * FULL[kind]).astype(kind)
    seen = open_picture(tiff(array, photometric="rgb", extrasamples=[alpha]), 1280).image
    np.testing.assert_allclose(seen[10], 102, atol=1)
    np.testing.assert_array_equal(seen[-10], GROUND[0])


def test_first_picture_that_is_no_thumbnail() -> None:
    stream = io.BytesIO()
    with tifffile.TiffWriter(stream) as writer:
        writer.write(np.zeros((80, 80), "u2"), subfiletype=1)
        writer.write((ramp() * 65_535).astype("u2"))
        writer.write(np.zeros((90, 90), "u2"))
    assert_means(stream.getvalue(), np.full(3, ramp().mean()))
    stream = io.BytesIO()
    with tifffile.TiffWriter(stream) as writer:
        writer.write(np.zeros((80, 80), "u1"), subfiletype=1)
        writer.write((ramp() * 255).astype("u1"))
    assert_means(stream.getvalue(), np.full(3, ramp().mean()))


def test_a_deep_tiff_is_turned_by_its_tag() -> None:
    seen = open_picture(tiff((ramp() * 65_535).astype("u2"), extratags=[(274, 3, 1, 3, True)]), 1280).image
    assert seen[0, 0, 0] == 255
    assert seen[-1, -1, 0] == 0


def test_values_of_a_camera_with_12_bits() -> None:
    assert_means(tiff((ramp() * 4095).astype("u2")), np.full(3, ramp().mean()))


@pytest.mark.parametrize("mode", ["I", "F", "I;16", "I;16B", "I;16L"])
def test_deep_modes_of_pillow(mode: str) -> None:
    kind = {"I": "=i4", "F": "=f4", "I;16B": ">u2"}.get(mode, "<u2")
    values = (ramp() * (1 if mode == "F" else 65_535)).astype(kind)
    assert_means(Image.frombytes(mode, (SIDE, SIDE), values.tobytes()), np.full(3, ramp().mean()))


@pytest.mark.parametrize("mode", "La LA RGBa RGBA PA HSV YCbCr RGBX CMYK LAB 1 P".split())
def test_other_modes_of_pillow(mode: str) -> None:
    grey = Image.fromarray((ramp() * 255).astype(np.uint8))
    rgb = grey.convert("RGB")
    through = {"La": "LA", "RGBa": "RGBA", "PA": "LA"}
    image = grey if mode in through or mode == "1" else rgb
    if mode == "LAB":
        from PIL import ImageCms

        lab = ImageCms.createProfile("LAB")
        converted = ImageCms.profileToProfile(rgb, ImageCms.createProfile("sRGB"), lab, outputMode="LAB")
        assert converted is not None
        image = converted
    else:
        image = image.convert(through.get(mode, mode)).convert(mode)
    for max_side in SIZES:
        seen = open_picture(image, max_side).image
        np.testing.assert_allclose(seen.mean(), 127.5, atol=4)


def test_wide_grey_of_16_bits() -> None:
    wide = np.tile(np.linspace(0, 65_535, 200).astype(np.uint16)[:, None], (1, 7_700))
    seen = open_picture(png(Image.fromarray(wide)), 2560).image
    assert seen.shape == (66, 2560, 3)
    np.testing.assert_allclose(seen.mean(), 127.5, atol=1)


def test_one_value_of_16_bit_grey_is_transparent() -> None:
    array = np.full((80, 80), 30_000, np.uint16)
    array[:40] = 12_345
    stream = io.BytesIO()
    Image.fromarray(array).save(stream, "PNG", transparency=12_345)
    seen = open_picture(stream.getvalue(), 1280).image
    np.testing.assert_array_equal(seen[10], GROUND[0])
    np.testing.assert_allclose(seen[-10], 30_000 / 257, atol=1)


def test_an_unknown_packing_is_reported(tmp_path: Any) -> None:
    data = bytearray(tiff(colours().astype("f4"), photometric="rgb", compression="zlib"))
    # The compression's tag (259, one short): a number that stands for none.
    at = data.index(b"\x03\x01\x03\x00\x01\x00\x00\x00")
    data[at + 8 : at + 10] = (34_999).to_bytes(2, "little")
    with pytest.raises(PortraitError, match=r"a TIFF that cannot be read.*8 bits"):
        open_picture(bytes(data), 1280)


def test_a_deep_tiff_of_too_many_pixels(tmp_path: Any) -> None:
    path = tmp_path / "large.tif"
    tifffile.memmap(path, shape=(9_000, 9_000), dtype="u2")  # a file with a hole
    with pytest.raises(PortraitError, match="81 million pixels"):
        open_picture(path, 1280)


@pytest.mark.parametrize(
    ("values", "full"),
    [
        ([0.0, 0.5, 1.02], 1),
        ([-0.1, 0.5, float("nan"), 9.0], 1),
        ([0.0, 120.0, 258.0], 255),
        ([0.0, 40_000.0], 65_535),
        ([0.0, 1e6], 1e6),
        ([0.0, float("inf"), 0.7], 1),
    ],
)
def test_what_white_is_in_floats(values: list[float], full: float) -> None:
    assert full_scale(np.array([values])) == full


def test_single_lights_do_not_darken_a_picture() -> None:
    values = np.full((100, 100), 0.5)
    values[:4, :4] = 50.0
    assert full_scale(values) == 1
    assert (scaled_to_bytes(values)[50:] == 128).all()


@settings(max_examples=60, deadline=None)
@given(arrays.arrays(st.sampled_from(["f2", "f4", "f8", "i1", "i2", "i4", "u2", "u4"]), (3, 5)))
def test_any_numbers_become_bytes(values: np.ndarray) -> None:
    pixels = scaled_to_bytes(values)
    assert pixels.dtype == np.uint8
    known = np.nan_to_num(values.astype(np.float64), nan=0.0).ravel()
    order = np.argsort(known, kind="stable")
    assert (np.diff(pixels.ravel()[order].astype(int)) >= 0).all()  # lighter stays lighter
