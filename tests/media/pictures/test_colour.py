"""Colours come out as their profile, numbers or gamma say, by values computed from the standards."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Sequence

import numpy as np
import pytest
from PIL import Image, ImageCms

from benchmarks.figures import EXAMPLES
from media.picture import open_picture
from media.pictures.colour import conversion, hlg_to_light, light_to_srgb, pq_to_light, to_srgb
from media.pictures.colour_tags import ColourTags, read_colour_tags

GREY, SKIN = (128, 128, 128), (200, 140, 110)


def chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def png(colour: Sequence[int], *chunks: bytes, mode: str = "RGB", **options: object) -> bytes:
    """A PNG of one colour with chunks put behind its header."""
    stream = io.BytesIO()
    Image.new(mode, (80, 80), tuple(colour) if len(colour) > 1 else colour[0]).save(stream, "PNG", **options)
    data = stream.getvalue()
    return data[:33] + b"".join(chunks) + data[33:]


def cicp(primaries: int, transfer: int, full: int = 1) -> bytes:
    return chunk(b"cICP", bytes((primaries, transfer, 0, full)))


def gama(value: float) -> bytes:
    return chunk(b"gAMA", struct.pack(">I", round(value * 100_000)))


def chrm(*places: float) -> bytes:
    return chunk(b"cHRM", struct.pack(">8I", *(round(v * 100_000) for v in places)))


P3 = (0.3127, 0.3290, 0.680, 0.320, 0.265, 0.690, 0.150, 0.060)
SRGB_CHUNK = chunk(b"sRGB", b"\0")


def colour_of(source: bytes | Image.Image) -> np.ndarray:
    pixels = open_picture(source, 1280).image
    assert (pixels == pixels[0, 0]).all()
    return pixels[0, 0].astype(int)


def decoded(value: float) -> float:
    """sRGB's curve by its definition."""
    return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4


def encoded(light: float) -> int:
    light = min(max(light, 0.0), 1.0)
    return round(255 * (12.92 * light if light <= 0.0031308 else 1.055 * light ** (1 / 2.4) - 0.055))


# P3 to sRGB by the published matrix (CSS Color 4, 17).
P3_TO_SRGB = [[1.2249, -0.2249, 0.0], [-0.0421, 1.0421, 0.0], [-0.0196, -0.0786, 1.0983]]
# BT.2020 to BT.709 (ITU-R BT.2087).
WIDE_TO_SRGB = [[1.6605, -0.5876, -0.0728], [-0.1246, 1.1329, -0.0083], [-0.0182, -0.1006, 1.1187]]


def through(matrix: list[list[float]], colour: Sequence[int], curve: object = decoded) -> list[int]:
    light = [curve(v / 255) for v in colour]  # type: ignore[operator]
    return [encoded(sum(m * v for m, v in zip(row, light, strict=True))) for row in matrix]


def test_the_matrices_are_the_published_ones() -> None:
    np.testing.assert_allclose(conversion(P3), P3_TO_SRGB, atol=3e-4)
    wide = (0.3127, 0.3290, 0.708, 0.292, 0.170, 0.797, 0.131, 0.046)
    np.testing.assert_allclose(conversion(wide), WIDE_TO_SRGB, atol=3e-4)


def test_display_p3_by_numbers() -> None:
    np.testing.assert_allclose(colour_of(png(SKIN, cicp(12, 13))), through(P3_TO_SRGB, SKIN), atol=1)
    np.testing.assert_allclose(colour_of(png(GREY, cicp(12, 13))), GREY, atol=1)


def test_bt_2020_by_numbers() -> None:
    np.testing.assert_allclose(colour_of(png(SKIN, cicp(9, 13))), through(WIDE_TO_SRGB, SKIN), atol=1)


def test_srgb_by_numbers_is_unchanged() -> None:
    for transfer in (1, 2, 6, 13):
        np.testing.assert_array_equal(colour_of(png(SKIN, cicp(1, transfer))), SKIN)


def test_linear_light_by_numbers() -> None:
    expected = [encoded(v / 255) for v in SKIN]
    np.testing.assert_allclose(colour_of(png(SKIN, cicp(1, 8))), expected, atol=1)


def test_video_range_by_numbers() -> None:
    expected = [round((v - 16) * 255 / 219) for v in SKIN]
    np.testing.assert_allclose(colour_of(png(SKIN, cicp(1, 13, full=0))), expected, atol=1)


def test_pq_is_shown_with_203_nits_as_white() -> None:
    # ST 2084: 203 cd/m2 is the number 0.5807, 100 cd/m2 is 0.5081 (BT.2408, table 1).
    assert pq_to_light(np.array(0.5807)) == pytest.approx(1, abs=0.002)
    assert pq_to_light(np.array(0.5081)) * 203 == pytest.approx(100, abs=0.3)
    grey = round(255 * 0.5081)
    data = png((grey,) * 3, cicp(9, 16))
    np.testing.assert_allclose(colour_of(data), encoded(pq_to_light(np.array(grey / 255)).item()), atol=1)
    (note,) = open_picture(data, 1280).notes
    assert "HDR" in note
    assert "PQ" in note
    assert (colour_of(png((200,) * 3, cicp(9, 16))) == 255).all()


def test_hlg_is_shown_with_its_reference_white() -> None:
    # BT.2408: reference white is 75 % of the signal, 203 of 1000 cd/m2.
    light = hlg_to_light(np.array(0.75)).item()
    assert light**1.2 * 1000 == pytest.approx(203, rel=0.01)
    white = round(255 * 0.75)
    np.testing.assert_allclose(colour_of(png((white,) * 3, cicp(9, 18))), 255, atol=2)
    half = hlg_to_light(np.array(128 / 255)).item() ** 1.2 * 1000 / 203
    np.testing.assert_allclose(colour_of(png(GREY, cicp(9, 18))), encoded(half), atol=1)


def test_unknown_numbers_are_reported() -> None:
    picture = open_picture(png(SKIN, cicp(77, 13)), 1280)
    np.testing.assert_array_equal(picture.image[0, 0], SKIN)
    assert "primaries 77" in picture.notes[0]


def test_gamma() -> None:
    for gamma in (1.0, 0.55556, 0.25):
        expected = [encoded((v / 255) ** (1 / gamma)) for v in SKIN]
        np.testing.assert_allclose(colour_of(png(SKIN, gama(gamma))), expected, atol=1)
    np.testing.assert_array_equal(colour_of(png(SKIN, gama(0.45455))), SKIN)
    np.testing.assert_array_equal(colour_of(png(SKIN, gama(0))), SKIN)


def test_gamma_of_greys_palettes_and_transparency() -> None:
    lighter = encoded(128 / 255)
    assert colour_of(png([128], gama(1.0), mode="L"))[0] == lighter
    assert colour_of(png([128, 255], gama(1.0), mode="LA"))[0] == lighter
    assert colour_of(png([*GREY, 255], gama(1.0), mode="RGBA"))[0] == lighter
    stream = io.BytesIO()
    Image.new("RGB", (80, 80), GREY).quantize(4).save(stream, "PNG")
    data = stream.getvalue()
    assert colour_of(data[:33] + gama(1.0) + data[33:])[0] == lighter
    stream = io.BytesIO()
    Image.fromarray(np.full((80, 80), 128 * 257, np.uint16)).save(stream, "PNG")
    data = stream.getvalue()
    assert colour_of(data[:33] + gama(1.0) + data[33:])[0] == lighter


def test_chromaticities_count_with_gamma_only() -> None:
    np.testing.assert_allclose(
        colour_of(png(SKIN, gama(0.45455), chrm(*P3))), through(P3_TO_SRGB, SKIN), atol=1
    )
    np.testing.assert_array_equal(colour_of(png(SKIN, chrm(*P3))), SKIN)


def test_numbers_before_profile_before_srgb_before_gamma() -> None:
    np.testing.assert_array_equal(colour_of(png(SKIN, SRGB_CHUNK, gama(1.0), chrm(*P3))), SKIN)
    unchanged = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    data = png(SKIN, gama(1.0), icc_profile=unchanged)
    np.testing.assert_allclose(colour_of(data), SKIN, atol=1)
    data = png(SKIN, cicp(1, 8), SRGB_CHUNK, icc_profile=unchanged)
    np.testing.assert_allclose(colour_of(data), [encoded(v / 255) for v in SKIN], atol=1)


def test_unusable_colour_data_is_skipped() -> None:
    broken = chunk(b"iCCP", b"x\0\0" + zlib.compress(b"no profile"))
    linear = [encoded(v / 255) for v in SKIN]
    np.testing.assert_allclose(colour_of(png(SKIN, broken, gama(1.0))), linear, atol=1)
    np.testing.assert_array_equal(colour_of(png(SKIN, broken, SRGB_CHUNK, gama(1.0))), SKIN)
    np.testing.assert_allclose(colour_of(png(SKIN, cicp(77, 13), gama(1.0))), linear, atol=1)


@pytest.mark.parametrize(
    "places",
    [
        (0.0,) * 8,
        (0.3127, 0.329, 0.3, 0.3, 0.3, 0.3, 0.3, 0.3),  # no triangle
        (0.9, 0.05, *P3[2:]),  # a white outside of it
    ],
)
def test_chromaticities_that_are_impossible_are_left_out(places: Sequence[float]) -> None:
    expected = [encoded((v / 255) ** 2) for v in SKIN]
    np.testing.assert_allclose(colour_of(png(SKIN, gama(0.5), chrm(*places))), expected, atol=1)


@pytest.mark.parametrize("tag", [gama(1.0), cicp(1, 8)])
@pytest.mark.parametrize("value", [300, 0x0200, 0x1234, 0x8000, 0xFFFF])
def test_gamma_of_16_bit_grey(value: int, tag: bytes) -> None:
    """Shadows of linear light keep their steps: 1 of 255 would be 13 already."""
    image = Image.fromarray(np.full((80, 80), value, np.uint16))
    stream = io.BytesIO()
    image.save(stream, "PNG")
    data = stream.getvalue()
    expected = encoded(value / 65535)
    np.testing.assert_array_equal(colour_of(data[:33] + tag + data[33:]), (expected,) * 3)


def grey_profile(gamma: float) -> bytes:
    """A minimal ICC profile of version 2 for greys: white point, black to white by one exponent."""
    white = b"XYZ \0\0\0\0" + struct.pack(">3i", 63190, 65536, 54061)
    curve = b"curv\0\0\0\0" + struct.pack(">IH", 1, round(gamma * 256)) + b"\0\0"
    words = b"desc\0\0\0\0" + struct.pack(">I", 5) + b"grey\0" + bytes(78 + 3)
    copy = b"text\0\0\0\0none\0\0\0\0"
    parts, table, at = [words, white, curve, copy], b"", 128 + 4 + 4 * 12
    for name, part in zip((b"desc", b"wtpt", b"kTRC", b"cprt"), parts, strict=True):
        table += name + struct.pack(">II", at, len(part))
        at += len(part)
    head = struct.pack(">I4sI", at, b"lcms", 0x02100000) + b"mntrGRAYXYZ " + bytes(12) + b"acsp" + bytes(28)
    head += struct.pack(">3i", 63190, 65536, 54061)
    return head + bytes(128 - len(head)) + struct.pack(">I", 4) + table + b"".join(parts)


@pytest.mark.parametrize(("mode", "colour"), [("L", [128]), ("LA", [128, 255]), ("I;16", [128 * 257])])
def test_profiles_of_greys(mode: str, colour: list[int]) -> None:
    expected = encoded((128 / 255) ** 1.0)
    assert colour_of(png(colour, mode=mode, icc_profile=grey_profile(1.0)))[0] == pytest.approx(
        expected, abs=2
    )
    assert colour_of(png(colour, mode=mode, icc_profile=grey_profile(2.2)))[0] == pytest.approx(128, abs=2)


def test_a_profile_of_colours_counts_for_greys_too() -> None:
    """JPEGs of greys often carry one."""
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    assert colour_of(png([128], mode="L", icc_profile=srgb)).tolist() == [128, 128, 128]
    # A profile of greys says nothing about colours: the plain numbers do.
    np.testing.assert_array_equal(colour_of(png(SKIN, icc_profile=grey_profile(1.0))), SKIN)


def test_a_profile_of_colours_in_a_deep_tiff() -> None:
    import tifffile

    stream = io.BytesIO()
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()  # of no use: ignored
    deep = np.full((80, 80), 128 * 257, np.uint16)
    tifffile.imwrite(stream, deep, iccprofile=profile)
    assert colour_of(stream.getvalue())[0] == 128
    stream = io.BytesIO()
    tifffile.imwrite(stream, deep, iccprofile=grey_profile(1.0))
    assert colour_of(stream.getvalue())[0] == pytest.approx(encoded(128 / 255), abs=2)


def avif(colour: Sequence[int], primaries: int, transfer: int) -> bytes:
    stream = io.BytesIO()
    Image.new("RGB", (80, 80), tuple(colour)).save(stream, "AVIF", quality=100, subsampling="4:4:4")
    data = bytearray(stream.getvalue())
    at = data.index(b"nclx") + 4
    data[at : at + 4] = struct.pack(">HH", primaries, transfer)
    return bytes(data)


def test_numbers_of_an_avif() -> None:
    assert read_colour_tags(avif(SKIN, 12, 13), "AVIF").cicp == (12, 13, 6, True)
    np.testing.assert_allclose(colour_of(avif(SKIN, 12, 13)), through(P3_TO_SRGB, SKIN), atol=2)
    np.testing.assert_allclose(colour_of(avif(SKIN, 1, 13)), SKIN, atol=2)
    assert "PQ" in open_picture(avif(GREY, 9, 16), 1280).notes[0]


def test_a_profile_outranks_the_numbers_of_an_avif() -> None:
    stream = io.BytesIO()
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    Image.new("RGB", (80, 80), SKIN).save(stream, "AVIF", quality=100, subsampling="4:4:4", icc_profile=srgb)
    data = bytearray(stream.getvalue())
    if b"nclx" in data:
        at = data.index(b"nclx") + 4
        data[at : at + 4] = struct.pack(">HH", 12, 8)
    np.testing.assert_allclose(colour_of(bytes(data)), SKIN, atol=2)


def test_the_profile_of_a_jpeg_2000() -> None:
    stream = io.BytesIO()
    Image.new("L", (80, 80), 128).save(stream, "JPEG2000", irreversible=False)
    data = stream.getvalue()
    at = data.index(b"colr") - 4
    length = int.from_bytes(data[at : at + 4], "big")
    body = b"colr\2\0\0" + grey_profile(1.0)
    new = struct.pack(">I", len(body) + 4) + body
    head = data.index(b"jp2h") - 4
    grown = int.from_bytes(data[head : head + 4], "big") + len(new) - length
    data = data[:head] + struct.pack(">I", grown) + data[head + 4 : at] + new + data[at + length :]
    assert colour_of(data)[0] == pytest.approx(encoded(128 / 255), abs=2)


def test_damaged_tags_are_no_reason_to_refuse() -> None:
    whole = avif(SKIN, 12, 13)
    for at in range(0, 300, 7):
        read_colour_tags(whole[:at], "AVIF")
        read_colour_tags(png(SKIN, gama(1.0), cicp(1, 13))[:at], "PNG")
        read_colour_tags(whole[:at], "JPEG2000")
    assert read_colour_tags(png(SKIN, chunk(b"cICP", b"\1")), "PNG").cicp is None


def test_the_curve_and_its_inverse_agree() -> None:
    steps = np.linspace(0, 1, 256)
    light = np.array([decoded(v) for v in steps])
    np.testing.assert_allclose(light_to_srgb(light), steps, atol=1e-4)


def test_the_usual_profile_of_srgb_leaves_all_values_as_they_are() -> None:
    with Image.open(EXAMPLES / "portraits" / "astronaut.png") as portrait:
        usual = portrait.info["icc_profile"]
    values = np.random.default_rng(0).integers(0, 256, (64, 64, 3), np.uint8)
    converted = np.asarray(to_srgb(Image.fromarray(values), ColourTags(profile=usual))[0])
    np.testing.assert_array_equal(converted, values)
    # A conversion with the profile changes a value by one level at most, by rounding.
    by_profile = ImageCms.profileToProfile(
        Image.fromarray(values), ImageCms.ImageCmsProfile(io.BytesIO(usual)), ImageCms.createProfile("sRGB")
    )
    assert np.abs(np.asarray(by_profile).astype(int) - values).max() <= 1
