"""HEIC photographs, as iPhones take them: written by an encoder that only the tests have."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageCms
from pillow_heif import HeifFile, register_heif_opener

from media.decoding.isolated import IsolatedDecoding
from media.errors import PortraitError
from media.picture import GROUND, open_picture
from media.pictures.opened import picture_size
from tests.media.pictures.test_colour import P3_TO_SRGB, SKIN, through
from tests.media.test_picture import BLUE, UNDO, assert_corners, corners

register_heif_opener()


def saved(image: Image.Image, *others: Image.Image, **options: object) -> bytes:
    """A HEIC of one or more images, nearly without loss."""
    stream = io.BytesIO()
    image.save(stream, "HEIF", quality=95, save_all=bool(others), append_images=others, **options)
    return stream.getvalue()


def test_a_photograph(tmp_path: Path) -> None:
    data = saved(corners())
    path = tmp_path / "IMG_0001.HEIC"
    path.write_bytes(data)
    for source in (data, path, str(path)):
        picture = open_picture(source, 1280)
        assert picture.image.shape == (80, 120, 3)
        assert_corners(picture.image)
        assert picture_size(source) == (120, 80)


@pytest.mark.parametrize("mode", ["L", "LA", "RGBA", "I;16"])
def test_every_kind_of_pixel(mode: str) -> None:
    if mode == "I;16":
        image = Image.fromarray(np.full((80, 120), 40_000, np.uint16))
        level = round(40_000 / 257)
    else:
        image, level = Image.new(mode, (120, 80), (156,) * len(Image.new(mode, (1, 1)).getbands())), 156
    pixels = open_picture(saved(image), 1280).image
    if mode in ("LA", "RGBA"):
        level = round((156 * 156 + GROUND[0] * 99) / 255)
    assert np.abs(pixels.astype(int) - level).max() <= 3


def test_ten_bits_a_channel() -> None:
    deep = np.repeat(np.asarray(corners()).astype(np.uint16), 3, 0) * 257
    file = HeifFile()
    file.add_frombytes("RGB;16", (120, 240), deep.tobytes())
    stream = io.BytesIO()
    file.save(stream, quality=95)
    assert_corners(open_picture(stream.getvalue(), 1280).image)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_the_containers_own_rotation_counts(orientation: int) -> None:
    """The encoder writes the rotation as a property of the image, as phones do, and EXIF says it again."""
    stored = corners().transpose(UNDO[orientation]) if orientation > 1 else corners()
    exif = Image.Exif()
    exif[0x0112] = orientation
    picture = open_picture(saved(stored, exif=exif.tobytes()), 1280)
    assert picture.image.shape == (80, 120, 3)
    assert_corners(picture.image)


def test_the_primary_image_is_taken() -> None:
    other = Image.new("RGB", (120, 80), BLUE)
    assert_corners(open_picture(saved(other, corners(), primary_index=1), 1280).image)


def test_colours_follow_the_profile() -> None:
    """As they do in a PNG with the same profile, whose red and green are those of sRGB exchanged."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    swapped = profile.replace(b"rXYZ", b"????").replace(b"gXYZ", b"rXYZ").replace(b"????", b"gXYZ")
    picture = open_picture(saved(corners(), icc_profile=swapped), 1280)
    stream = io.BytesIO()
    corners().save(stream, "PNG", icc_profile=swapped)
    expected = open_picture(stream.getvalue(), 1280).image
    assert np.abs(picture.image.astype(int) - expected).max() <= 12
    assert np.abs(picture.image.astype(int) - np.asarray(corners())).max() > 100


def test_colours_follow_the_numbers() -> None:
    """Display P3 by ITU-T H.273, as the colour of iPhones' photographs is named without a profile."""
    image = Image.new("RGB", (120, 80), SKIN)
    image.info["nclx_profile"] = {
        "color_primaries": 12,
        "transfer_characteristics": 13,
        "matrix_coefficients": 1,
        "full_range_flag": 1,
    }
    picture = open_picture(saved(image, chroma=444), 1280)
    np.testing.assert_allclose(picture.image[40, 60], through(P3_TO_SRGB, SKIN), atol=2)


def test_large_ones_are_reduced_in_a_child_of_its_own() -> None:
    image = corners(3000, 2000)
    decoding = IsolatedDecoding()
    try:
        picture = decoding.open_picture(saved(image), 1280)
    finally:
        decoding.close()
    assert (picture.image.shape, picture.upload_size) == ((852, 1280, 3), (3000, 2000))
    assert_corners(picture.image)


def test_more_pixels_than_are_allowed() -> None:
    with pytest.raises(PortraitError, match="1000x600 = 1 million pixels"):
        open_picture(saved(Image.new("RGB", (1000, 600))), 1280, max_pixels=500_000)


@pytest.mark.parametrize("part", [0.02, 0.1, 0.5, 0.85])
def test_incomplete_ones_are_refused(part: float) -> None:
    noise = np.random.default_rng(1).integers(0, 255, (200, 200, 3), dtype=np.uint8)
    data = saved(Image.fromarray(noise))
    with pytest.raises(PortraitError, match=r"damaged|incomplete"):
        open_picture(data[: int(len(data) * part)], 1280)


def test_random_damage_never_comes_out_as_a_traceback() -> None:
    """In a child, as strangers' files are opened."""
    rng = np.random.default_rng(5)
    whole = saved(corners())
    decoding = IsolatedDecoding()
    try:
        for _ in range(20):
            data = bytearray(whole)
            for at in rng.integers(0, len(data), 12):
                data[at] = int(rng.integers(0, 256))
            try:
                decoding.open_picture(bytes(data), 1280)
            except PortraitError:
                continue
    finally:
        decoding.close()


def test_the_reader_brings_no_encoder() -> None:
    """x265 is under the GPL; the package that users install must not hold it."""
    import pi_heif

    assert set(pi_heif.libheif_info()["encoders"]) <= {"mask"}
