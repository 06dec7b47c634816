from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from PIL import Image, ImageCms

from media.errors import PortraitError
from media.picture import GROUND, open_picture

RED, GREEN, BLUE = (200, 40, 30), (30, 180, 60), (20, 50, 190)

UNDO = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}
"""What turns an upright picture into the pixels of each EXIF orientation."""


def corners(width: int = 120, height: int = 80) -> Image.Image:
    """Red above left, green above right, blue below."""
    image = Image.new("RGB", (width, height), BLUE)
    image.paste(RED, (0, 0, width // 2, height // 2))
    image.paste(GREEN, (width // 2, 0, width, height // 2))
    return image


def saved(image: Image.Image, kind: str, **options: object) -> bytes:
    stream = io.BytesIO()
    image.save(stream, kind, **options)
    return stream.getvalue()


def assert_corners(pixels: np.ndarray, tolerance: int = 12) -> None:
    height, width = pixels.shape[:2]
    for x, y, colour in ((0.25, 0.25, RED), (0.75, 0.25, GREEN), (0.5, 0.75, BLUE)):
        np.testing.assert_allclose(pixels[int(y * height), int(x * width)], colour, atol=tolerance)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "BMP", "TIFF", "PPM", "JPEG2000", "AVIF"])
def test_formats(tmp_path: Path, kind: str) -> None:
    data = saved(corners(), kind)
    path = tmp_path / "no suffix needed"
    path.write_bytes(data)
    for source in (data, path, str(path), corners(), np.asarray(corners())):
        picture = open_picture(source, 1280)
        assert picture.image.shape == (80, 120, 3)
        assert picture.image.dtype == np.uint8
        assert not picture.image.flags.writeable
        assert picture.scale == 1.0
        assert_corners(picture.image)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("size", [(120, 80), (1200, 800)])
def test_exif_rotation(orientation: int, size: tuple[int, int]) -> None:
    upright = corners(*size)
    stored = upright.transpose(UNDO[orientation]) if orientation > 1 else upright
    exif = Image.Exif()
    exif[0x0112] = orientation
    picture = open_picture(saved(stored, "JPEG", exif=exif, quality=95), 300)
    assert picture.upload_size == size
    assert picture.image.shape[:2] == ((80, 120) if size[0] == 120 else (200, 300))
    assert_corners(picture.image)


def test_alpha_goes_onto_neutral_grey() -> None:
    image = corners().convert("RGBA")
    image.paste((255, 0, 255, 0), (0, 40, 120, 80))
    for data in (
        saved(image, "PNG"),
        saved(image, "WEBP", lossless=True),
        saved(image.resize((120, 80)), "TIFF"),
    ):
        pixels = open_picture(data, 1280).image
        np.testing.assert_allclose(pixels[60, 60], GROUND, atol=1)
        np.testing.assert_allclose(pixels[20, 20], RED, atol=1)


def test_transparent_colours_do_not_bleed_when_reduced() -> None:
    image = Image.new("RGBA", (800, 800), (255, 0, 255, 0))
    image.paste((200, 40, 30, 255), (0, 0, 403, 800))
    pixels = open_picture(saved(image, "PNG"), 200).image.astype(int)
    assert (pixels[:, :, 1] <= 130).all()
    assert (pixels[:, :, 2] <= 130).all()  # magenta would show as blue at the edge


def test_palette_grey_bilevel_and_their_transparency() -> None:
    palette = corners().quantize(16)
    assert_corners(open_picture(saved(palette, "PNG"), 1280).image)
    palette.info["transparency"] = int(np.asarray(palette)[60, 60])
    np.testing.assert_allclose(open_picture(saved(palette, "PNG"), 1280).image[60, 60], GROUND, atol=1)
    grey = corners().convert("L")
    np.testing.assert_array_equal(open_picture(saved(grey, "PNG"), 1280).image[..., 0], np.asarray(grey))
    assert open_picture(saved(grey.convert("LA"), "PNG"), 1280).image.shape == (80, 120, 3)
    assert set(np.unique(open_picture(saved(grey.convert("1"), "PNG"), 1280).image)) <= {0, 255}


def test_cmyk() -> None:
    assert_corners(open_picture(saved(corners().convert("CMYK"), "JPEG", quality=95), 1280).image)
    assert_corners(open_picture(saved(corners().convert("CMYK"), "TIFF"), 1280).image)


def test_sixteen_bits_and_floats() -> None:
    ramp = np.tile(np.linspace(0, 65535, 256).astype(np.uint16), (64, 1))
    expected = np.round(ramp / 257).astype(int)
    for data in (saved(Image.fromarray(ramp), "PNG"), saved(Image.fromarray(ramp), "TIFF")):
        np.testing.assert_allclose(open_picture(data, 1280).image[..., 0], expected, atol=1)
    floats = saved(Image.fromarray((ramp / 65535).astype(np.float32)), "TIFF")
    np.testing.assert_allclose(open_picture(floats, 1280).image[..., 0], expected, atol=1)
    assert open_picture(saved(Image.fromarray(np.tile(ramp, (4, 4))), "PNG"), 512).image.shape == (
        128,
        512,
        3,
    )


def test_first_frame_of_animations() -> None:
    frames = [corners(), Image.new("RGB", (120, 80), "white")]
    for kind in ("GIF", "WEBP", "PNG", "TIFF"):
        data = saved(frames[0], kind, save_all=True, append_images=frames[1:])
        assert_corners(open_picture(data, 1280).image, 30)


def test_colour_profiles_are_applied() -> None:
    swapped = ImageCms.createProfile("LAB")  # of no use for RGB: the plain numbers must do
    data = saved(corners(), "PNG", icc_profile=ImageCms.ImageCmsProfile(swapped).tobytes())
    assert_corners(open_picture(data, 1280).image)
    assert_corners(open_picture(saved(corners(), "PNG", icc_profile=b"nonsense"), 1280).image)
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    assert_corners(open_picture(saved(corners(), "JPEG", icc_profile=srgb, quality=95), 1280).image)


@pytest.mark.parametrize("dtype", ["bool", "uint8", "uint16", "float32", "float64"])
@pytest.mark.parametrize("channels", [None, 1, 3, 4])
def test_arrays(dtype: str, channels: int | None) -> None:
    shape = (70, 90) if channels is None else (70, 90, channels)
    full = {"bool": 1, "uint8": 255, "uint16": 65535}.get(dtype, 1)
    assert (open_picture(np.full(shape, full, dtype), 1280).image == 255).all()
    if channels != 4:
        assert (open_picture(np.zeros(shape, dtype), 1280).image == 0).all()


@given(width=st.integers(64, 700), height=st.integers(64, 700), max_side=st.integers(128, 800))
def test_sizes_are_even_and_limited(width: int, height: int, max_side: int) -> None:
    array = np.zeros((height, width, 3), np.uint8)
    scale = min(1.0, max_side / max(width, height))
    assume(min(width, height) * scale > 64.51)
    picture = open_picture(array, max_side)
    assert picture.image.shape[0] % 2 == picture.image.shape[1] % 2 == 0
    assert max(picture.image.shape) <= max_side
    assert picture.scale == pytest.approx(scale)
    assert abs(picture.image.shape[0] - height * scale) <= 1.5
    assert abs(picture.image.shape[1] - width * scale) <= 1.5


class TestRefusals:
    def test_missing_and_unreadable(self, tmp_path: Path) -> None:
        with pytest.raises(PortraitError, match="no portrait at"):
            open_picture(tmp_path / "gone.png", 1280)
        with pytest.raises(PortraitError, match="cannot be read"):
            open_picture(tmp_path, 1280)
        with pytest.raises(PortraitError, match="cannot be read"):
            open_picture("a\0.png", 1280)
        with pytest.raises(PortraitError, match="0 bytes"):
            open_picture(b"", 1280)

    @pytest.mark.parametrize("head", [b"\xff\x0a\xfa\x1f", b"\0\0\0\x0cJXL \r\n\x87\n"])
    def test_jpeg_xl(self, head: bytes) -> None:
        with pytest.raises(PortraitError, match=r"JPEG XL.*PNG"):
            open_picture(head + bytes(100), 1280)

    @pytest.mark.parametrize(
        "data", [b"GIF", b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"%!PS-Adobe-3.0", bytes(999)]
    )
    def test_not_a_picture(self, data: bytes) -> None:
        with pytest.raises(PortraitError, match="not a readable image"):
            open_picture(data, 1280)

    @pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF", "TIFF", "BMP", "JPEG2000", "AVIF"])
    def test_truncated(self, kind: str) -> None:
        noise = np.random.default_rng(1).integers(0, 255, (200, 200, 3), dtype=np.uint8)
        data = saved(Image.fromarray(noise), kind)
        for part in (0.1, 0.5, 0.85):
            with pytest.raises(PortraitError):
                open_picture(data[: int(len(data) * part)], 1280)

    def test_random_damage_never_comes_out_as_a_traceback(self) -> None:
        rng = np.random.default_rng(5)
        for kind in ("PNG", "JPEG", "WEBP", "GIF", "TIFF", "BMP", "PPM"):
            whole = saved(corners(), kind)
            for _ in range(20):
                data = bytearray(whole)
                for at in rng.integers(0, len(data), 12):
                    data[at] = int(rng.integers(0, 256))
                try:
                    open_picture(bytes(data), 1280)
                except PortraitError:
                    continue

    @pytest.mark.parametrize("side", [9000, 60_000])
    def test_bombs(self, side: int) -> None:
        def chunk(name: bytes, body: bytes) -> bytes:
            return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

        header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
        data = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(9000)))
        with pytest.raises(PortraitError, match=r"million pixels"):
            open_picture(data, 1280)

    @pytest.mark.parametrize("size", [(63, 200), (200, 63), (1, 1), (8000, 300)])
    def test_too_small(self, size: tuple[int, int]) -> None:
        with pytest.raises(PortraitError, match=f"{size[0]}x{size[1]}.*at least 64"):
            open_picture(saved(Image.new("RGB", size), "PNG"), 1280)

    @pytest.mark.parametrize(
        "array",
        [
            np.zeros((70, 70, 5), np.uint8),
            np.zeros((70,), np.uint8),
            np.zeros((0, 70, 3), np.uint8),
            np.zeros((70, 70, 3), np.int64),
            np.full((70, 70, 3), 2.0),
            np.full((70, 70, 3), np.nan),
            np.full((70, 70, 3), -1.0),
        ],
    )
    def test_arrays_that_are_not_images(self, array: np.ndarray) -> None:
        with pytest.raises(PortraitError):
            open_picture(array, 1280)
