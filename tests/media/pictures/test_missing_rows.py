"""Truncated WebP, GIF, BMP, PPM and TIFF files: read with the missing part filled, and a note."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
import tifffile
from PIL import Image

from media.errors import PortraitError
from media.picture import open_picture
from media.pictures.opened import picture_size
from tests.conftest import ASTRONAUT

KINDS: list[tuple[str, str, dict[str, Any]]] = [
    ("WEBP", "RGB", {"quality": 85}),
    ("WEBP", "RGBA", {"quality": 85}),
    ("WEBP", "RGB", {"lossless": True}),
    ("GIF", "P", {"interlace": 0}),
    ("GIF", "P", {"interlace": 1}),
    ("BMP", "RGB", {}),
    ("BMP", "P", {}),
    ("BMP", "1", {}),
    ("PPM", "RGB", {}),
    ("PPM", "L", {}),
    ("TIFF", "RGB", {}),
    ("TIFF", "CMYK", {}),
]


def saved(kind: str, mode: str = "RGB", **options: Any) -> bytes:
    stream = io.BytesIO()
    with Image.open(ASTRONAUT) as image:
        image.convert("RGB").convert(mode).save(stream, kind, **options)
    return stream.getvalue()


def told_missing(note: str) -> float:
    return float(note.split(" %")[0].split()[-1]) / 100


@pytest.mark.parametrize(("kind", "mode", "options"), KINDS)
@pytest.mark.parametrize("part", [0.95, 0.999])
def test_received_rows_are_shown_and_the_rest_is_filled(
    kind: str, mode: str, options: dict[str, Any], part: float
) -> None:
    data = saved(kind, mode, **options)
    whole = open_picture(data, 1280).image
    picture = open_picture(data[: int(part * len(data))], 1280)
    (note,) = picture.notes
    differs = (np.abs(picture.image.astype(int) - whole) > 2).any(axis=2)
    assert differs.mean() <= told_missing(note) + 0.01 <= 0.11
    # A pixel that is not in the file is as its neighbour, neither black nor arbitrary.
    assert np.abs(picture.image.astype(int) - whole).mean() < 12 * told_missing(note) + (
        8 if mode == "1" else 4
    )


@pytest.mark.parametrize(("kind", "mode", "options"), KINDS)
def test_more_than_a_tenth_is_refused_with_the_number(kind: str, mode: str, options: dict[str, Any]) -> None:
    data = saved(kind, mode, **options)
    with pytest.raises(PortraitError, match="is incomplete: ") as told:
        open_picture(data[: int(0.6 * len(data))], 1280)
    assert 0.3 < told_missing(str(told.value)) < 0.5
    with pytest.raises(PortraitError):
        open_picture(data[: int(0.2 * len(data))], 1280)


@pytest.mark.parametrize("interlace", [0, 1])
def test_a_short_gif_with_a_clear_colour(interlace: int) -> None:
    with Image.open(ASTRONAUT) as image:
        clear = image.convert("RGBA")
    clear.putalpha(
        Image.linear_gradient("L").resize(clear.size).point(lambda value: 255 if value > 60 else 0)
    )
    stream = io.BytesIO()
    clear.save(stream, "GIF", interlace=interlace)
    data = stream.getvalue()
    picture = open_picture(data[: int(0.95 * len(data))], 1280)
    assert 0.02 < told_missing(picture.notes[0]) < 0.1
    np.testing.assert_array_equal(picture.image[:400], open_picture(data, 1280).image[:400])


@pytest.mark.parametrize("missing", [1, 3, 100])
def test_a_webp_that_lacks_only_what_follows_its_picture(missing: int) -> None:
    exif = Image.Exif()
    exif[270] = "a description " * 20
    data = saved("WEBP", quality=85, exif=exif)
    picture = open_picture(data[:-missing], 1280)
    assert picture.notes == ("The portrait's file is incomplete, but no visible part is missing.",)
    np.testing.assert_array_equal(picture.image, open_picture(data, 1280).image)


def test_the_first_picture_of_a_short_animation() -> None:
    with Image.open(ASTRONAUT) as image:
        first = image.convert("RGB")
    stream = io.BytesIO()
    first.save(stream, "WEBP", save_all=True, append_images=[first.rotate(9)], duration=100)
    data = stream.getvalue()
    short = open_picture(data[: int(0.8 * len(data))], 1280)
    np.testing.assert_array_equal(short.image, open_picture(data, 1280).image)


def test_the_size_of_a_short_webp() -> None:
    assert picture_size(saved("WEBP")[:-50]) == (512, 512)


def test_a_short_tiff_of_16_bits() -> None:
    with Image.open(ASTRONAUT) as image:
        pixels = np.asarray(image.convert("RGB"))
    stream = io.BytesIO()
    tifffile.imwrite(stream, pixels.astype(np.uint16) * 257, photometric="rgb")
    picture = open_picture(stream.getvalue()[:-30_000], 1280)
    assert told_missing(picture.notes[0]) == pytest.approx(30_000 / stream.tell(), abs=0.003)
    assert np.abs(picture.image[:480].astype(int) - pixels[:480]).max() <= 1


def test_a_tiff_that_ends_before_its_directory_says_so() -> None:
    data = saved("TIFF", compression="tiff_lzw")
    with pytest.raises(
        PortraitError, match=f"is incomplete: it has {len(data) // 2} bytes, and what describes"
    ):
        open_picture(data[: len(data) // 2], 1280)


def test_a_short_avif_says_so() -> None:
    data = saved("AVIF")
    for part in (0.99, 0.5):
        with pytest.raises(PortraitError, match="damaged or incomplete"):
            open_picture(data[: int(part * len(data))], 1280)
