"""Truncated files are shown as every viewer shows them, if little is missing."""

from __future__ import annotations

import io
import struct
import zlib
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageFile

from media.errors import PortraitError
from media.picture import open_picture
from tests.conftest import ASTRONAUT


def saved(kind: str, size: tuple[int, int] = (512, 512), mode: str = "RGB", **options: Any) -> bytes:
    stream = io.BytesIO()
    with Image.open(ASTRONAUT) as image:
        image.convert(mode).resize(size).save(stream, kind, **options)
    return stream.getvalue()


def whole_rows(data: bytes, cut: bytes) -> float:
    """Which part of the picture, from its top, is as in the whole file."""
    expected, seen = (open_picture(d, 1280).image.astype(int) for d in (data, cut))
    differs = (np.abs(expected - seen) > 2).any(axis=(1, 2))
    return float(np.argmax(differs) / len(differs)) if differs.any() else 1.0


JPEGS = [
    {"quality": 95},
    {"quality": 60, "subsampling": "4:2:0"},
    {"quality": 90, "restart_marker_rows": 1},
    {"quality": 90, "progressive": True},
    {"quality": 90, "mode": "L"},
    {"quality": 90, "mode": "CMYK"},
]


@pytest.mark.parametrize("options", JPEGS)
@pytest.mark.parametrize("missing", [1, 2, 3, 40])
def test_a_jpeg_short_of_its_last_bytes(options: dict[str, Any], missing: int) -> None:
    data = saved("JPEG", **options)
    cut = data[:-missing]
    picture = open_picture(cut, 1280)
    assert all("incomplete" in note for note in picture.notes)
    if missing <= 2:  # only the marker of the end, which Pillow does not always ask for
        assert all("no visible part is missing" in note for note in picture.notes)
        np.testing.assert_array_equal(picture.image, open_picture(data, 1280).image)
    else:
        assert len(picture.notes) == 1
        assert np.abs(picture.image.astype(int) - open_picture(data, 1280).image).mean() < 1


@pytest.mark.parametrize("options", JPEGS[:3])
def test_a_jpeg_short_of_its_last_part(options: dict[str, Any]) -> None:
    data = saved("JPEG", **options)
    cut = data[: int(0.96 * len(data))]
    (note,) = open_picture(cut, 1280).notes
    told = float(note.split(" %")[0].split()[-1]) / 100
    assert told == pytest.approx(1 - whole_rows(data, cut), abs=0.04)
    assert 0.01 < told < 0.1


@pytest.mark.parametrize("options", [{"quality": 90}, {"quality": 90, "progressive": True}])
def test_a_jpeg_short_of_more_is_refused_with_the_number(options: dict[str, Any]) -> None:
    data = saved("JPEG", **options)
    with pytest.raises(
        PortraitError, match=r"(\d\d) % of the image is missing, and at most 10 % may be missing"
    ) as told:
        open_picture(data[: int(0.4 * len(data))], 1280)
    assert 30 <= int(str(told.value).split(" %")[0].split()[-1]) <= 99


def test_a_large_short_jpeg_is_read_reduced() -> None:
    data = saved("JPEG", size=(2400, 2400), quality=85)
    picture = open_picture(data[:-2], 400)
    assert picture.image.shape == (400, 400, 3)
    assert len(picture.notes) == 1


PNGS = [{}, {"mode": "L"}, {"mode": "RGBA"}, {"mode": "1"}, {"mode": "P"}]


@pytest.mark.parametrize("options", PNGS)
def test_a_png_short_of_its_last_part(options: dict[str, Any]) -> None:
    data = saved("PNG", **options)
    for part in (0.93, 0.99):
        cut = data[: int(part * len(data))]
        picture = open_picture(cut, 1280)
        (note,) = picture.notes
        told = float(note.split(" %")[0].split()[-1]) / 100
        assert told == pytest.approx(1 - whole_rows(data, cut), abs=0.02)
    with pytest.raises(PortraitError, match=r"\d\d % of the image is missing"):
        open_picture(data[: len(data) // 2], 1280)


def test_a_png_without_its_last_chunks() -> None:
    data = saved("PNG")
    for missing in (1, 4, 12, 13, 16, 20):
        np.testing.assert_array_equal(
            open_picture(data[:-missing], 1280).image, open_picture(data, 1280).image
        )


def test_an_interlaced_png_short_of_its_last_part() -> None:
    data = interlaced()
    whole = open_picture(data, 1280).image
    picture = open_picture(data[: int(0.95 * len(data))], 1280)
    assert len(picture.notes) == 1
    assert np.abs(picture.image.astype(int) - whole).mean() < 6
    np.testing.assert_array_equal(picture.image[:300], whole[:300])


def interlaced() -> bytes:
    """The astronaut in the seven passes of Adam7, without filters."""
    with Image.open(ASTRONAUT) as image:
        pixels = np.asarray(image.convert("RGB"))
    passes = (
        (0, 0, 8, 8),
        (4, 0, 8, 8),
        (0, 4, 4, 8),
        (2, 0, 4, 4),
        (0, 2, 2, 4),
        (1, 0, 2, 2),
        (0, 1, 1, 2),
    )
    raw = b"".join(
        b"".join(b"\0" + row.tobytes() for row in pixels[top::down, left::across])
        for left, top, across, down in passes
    )

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    height, width = pixels.shape[:2]
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 1)
    parts = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(raw)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + parts


def test_a_short_animation_shows_its_first_picture() -> None:
    stream = io.BytesIO()
    first = Image.fromarray(np.random.default_rng(0).integers(0, 255, (200, 200, 3), dtype=np.uint8))
    first.save(stream, "PNG", save_all=True, append_images=[first.rotate(90)])
    data = stream.getvalue()
    at = data.index(b"fcTL", data.index(b"IDAT")) - 4
    for cut in (data[: at - 40], data[: at + 200]):
        seen = open_picture(cut, 1280).image
        np.testing.assert_array_equal(seen[:190], np.asarray(first)[:190])


def test_damage_before_the_end_is_not_repaired() -> None:
    data = bytearray(saved("PNG"))
    data[len(data) // 2] ^= 0xFF
    with pytest.raises(PortraitError, match="damaged"):
        open_picture(bytes(data[: int(0.97 * len(data))]), 1280)


def test_the_library_stays_unchanged() -> None:
    open_picture(saved("JPEG")[:-2], 1280)
    assert ImageFile.LOAD_TRUNCATED_IMAGES is False
