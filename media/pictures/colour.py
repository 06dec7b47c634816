"""Converts any image's colours to sRGB: ICC profiles, H.273 numbers (cICP, nclx), gamma and chromaticities.

Order of precedence as in the PNG specification, third edition, 4.3: cICP, iCCP, sRGB, gAMA with cHRM. In
AVIF, a profile outranks nclx. Unknown or damaged data is skipped. HDR transfers (ITU-R BT.2100) follow
BT.2408: the reference white of 203 cd/m2 becomes white, and brighter light is clipped.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from PIL import Image

from media.messages import said
from media.pictures.colour_tags import Chromaticities, ColourTags

HDR_NOTE = "The portrait is an HDR image ({transfer}); light brighter than white is clipped."
HDR_WHITE = 203.0
"""Light of white in cd/m2 (ITU-R BT.2408)."""

D65 = (0.3127, 0.3290)
SRGB: Chromaticities = (*D65, 0.64, 0.33, 0.30, 0.60, 0.15, 0.06)
PRIMARIES: dict[int, Chromaticities] = {
    1: SRGB,
    4: (0.310, 0.316, 0.67, 0.33, 0.21, 0.71, 0.14, 0.08),
    5: (*D65, 0.64, 0.33, 0.29, 0.60, 0.15, 0.06),
    6: (*D65, 0.630, 0.340, 0.310, 0.595, 0.155, 0.070),
    7: (*D65, 0.630, 0.340, 0.310, 0.595, 0.155, 0.070),
    9: (*D65, 0.708, 0.292, 0.170, 0.797, 0.131, 0.046),
    11: (0.314, 0.351, 0.680, 0.320, 0.265, 0.690, 0.150, 0.060),
    12: (*D65, 0.680, 0.320, 0.265, 0.690, 0.150, 0.060),
    22: (*D65, 0.630, 0.340, 0.295, 0.605, 0.155, 0.077),
}
"""By their number in H.273, table 2: white, red, green, blue."""

UNSPECIFIED = 2
LIKE_SRGB = (1, UNSPECIFIED, 6, 11, 13, 14, 15)
"""Transfers shown unchanged: sRGB, and the camera curve of BT.709, which viewers show as if it were sRGB."""
PQ, HLG = 16, 18
STRIP = 128

_BRADFORD = np.array([[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]])
_SPACES = {"RGB": "RGB", "GRAY": "L", "CMYK": "CMYK", "Lab": "LAB"}
_USUAL_PROFILE = "2b3aa1645779a9e634744faf9b01e9102b0c9b88fd6deced7934df86b949af7e"
"""SHA-256 of the profile "sRGB IEC61966-2.1" that most programs write into a photograph. Its colours are
sRGB's, so they need no conversion, which takes 50 ms for 1280x1280 and rounds one value in 800 by one level.
"""
_STEPS = np.arange(256) / 255.0

Light = Callable[[np.ndarray], np.ndarray]


def to_srgb(image: Image.Image, tags: ColourTags) -> tuple[Image.Image, tuple[str, ...]]:
    """An RGB image in sRGB from one without transparency, and notes.

    image: L, RGB, CMYK or LAB, 8 bits; its `info` may contain an ICC profile.
    """
    profile = image.info.get("icc_profile") or tags.profile
    numbers = _numbers(tags.cicp)
    if numbers and (tags.cicp_first or not profile):
        return _by_numbers(image, numbers)
    if profile:
        converted = _by_profile(image, profile)
        if converted is not None:
            return converted, ()
    if numbers:
        return _by_numbers(image, numbers)
    image = image.convert("RGB")
    light = gamma_to_light(tags)
    if light is not None:
        return _through_light(image, light, _usable(tags.chromaticities)), ()
    if tags.cicp and not profile and not tags.srgb:
        primaries, transfer, *_ = tags.cicp
        return image, (
            said(
                "The portrait uses unknown colours (primaries {primaries}, transfer {transfer}); they were "
                "read as sRGB.",
                primaries=primaries,
                transfer=transfer,
            ),
        )
    return image, ()


def grey_to_light(image: Image.Image, tags: ColourTags) -> Light | None:
    """The curve of a grey image's values, if one may be applied before they are reduced to 8 bits.

    None if they are sRGB's, if a profile describes them, or if more than a curve is needed.
    """
    numbers = _numbers(tags.cicp)
    if numbers:
        return numbers.light if numbers.full and numbers.transfer not in (PQ, HLG) else None
    return None if image.info.get("icc_profile") or tags.profile else gamma_to_light(tags)


def gamma_to_light(tags: ColourTags) -> Light | None:
    """The light of values with only a gamma; None without a gamma or with sRGB's."""
    if tags.srgb or tags.gamma is None:
        return None
    if abs(tags.gamma - 1 / 2.2) < 0.01:  # what is written for sRGB
        return srgb_to_light
    exponent = 1 / min(max(tags.gamma, 0.1), 10.0)
    return lambda v: v**exponent


class _Numbers(NamedTuple):
    """The numbers of cICP or nclx, if known."""

    places: Chromaticities
    light: Light
    transfer: int
    full: bool


def _numbers(cicp: tuple[int, int, int, bool] | None) -> _Numbers | None:
    if cicp is None:
        return None
    primaries, transfer, _, full = cicp
    places = SRGB if primaries == UNSPECIFIED else PRIMARIES.get(primaries)
    light = _LIGHT.get(transfer, srgb_to_light if transfer in LIKE_SRGB else None)
    return None if places is None or light is None else _Numbers(places, light, transfer, full)


def _usable(places: Chromaticities | None) -> Chromaticities:
    """The chromaticities, or sRGB's if they do not form a triangle around their white."""
    if places is None or min(places[1::2]) <= 0:
        return SRGB
    (wx, wy), *corners = np.array(places).reshape(4, 2)
    sides = zip(corners, [*corners[1:], corners[0]], strict=True)
    turns = [(bx - ax) * (wy - ay) - (by - ay) * (wx - ax) for (ax, ay), (bx, by) in sides]
    return places if min(turns) > 1e-4 or max(turns) < -1e-4 else SRGB


def _by_numbers(image: Image.Image, numbers: _Numbers) -> tuple[Image.Image, tuple[str, ...]]:
    image = image.convert("RGB")
    if not numbers.full:  # 16..235 of 255, as in video
        image = image.point([min(255, max(0, round((v - 16) * 255 / 219))) for v in range(256)] * 3)
    transfer = numbers.transfer
    notes = (said(HDR_NOTE, transfer={PQ: "PQ", HLG: "HLG"}[transfer]),) if transfer in (PQ, HLG) else ()
    return _through_light(image, numbers.light, numbers.places, hlg=transfer == HLG), notes


def _by_profile(image: Image.Image, profile: bytes) -> Image.Image | None:
    """None for a broken profile or one for other kinds of colours: the plain values are used."""
    if image.mode in ("RGB", "L") and hashlib.sha256(profile).hexdigest() == _USUAL_PROFILE:
        return image.convert("RGB")
    from PIL import ImageCms  # late: most images have no profile

    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        mode = _SPACES.get(source.profile.xcolor_space.strip())
        if mode == "RGB" and image.mode == "L":
            image = image.convert("RGB")
        if mode != image.mode:
            return None
        target = ImageCms.createProfile("sRGB")
        return ImageCms.profileToProfile(image, source, target, outputMode="RGB")
    except (ImageCms.PyCMSError, OSError, ValueError):
        return None


def _through_light(
    image: Image.Image, light: Light, places: Chromaticities, hlg: bool = False
) -> Image.Image:
    """From values through linear light to sRGB's values, strip by strip."""
    matrix = conversion(places)
    if light is srgb_to_light and np.allclose(matrix, np.eye(3), atol=1e-3):
        return image
    curve = light(_STEPS).astype(np.float32)
    weights = _to_xyz(places)[1].astype(np.float32)
    pixels = np.asarray(image)
    result = np.empty_like(pixels)
    for top in range(0, len(pixels), STRIP):
        linear = curve[pixels[top : top + STRIP]]
        if hlg:  # the display's light from the scene's: the system gamma of a screen of 1000 cd/m2
            linear = linear * (linear @ weights)[..., None] ** 0.2 * (1000 / HDR_WHITE)
        shown = light_to_srgb(linear @ matrix.T.astype(np.float32))
        result[top : top + STRIP] = np.rint(255 * shown)
    return Image.fromarray(result)


def srgb_to_light(value: np.ndarray) -> np.ndarray:
    """Linear light of sRGB's values, both 0..1 (IEC 61966-2-1)."""
    return np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)


def light_to_srgb(light: np.ndarray) -> np.ndarray:
    """sRGB's values of linear light, both 0..1; the rest is clipped."""
    light = np.clip(light, 0, 1)
    return np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)


def pq_to_light(value: np.ndarray) -> np.ndarray:
    """Light of PQ's values 0..1, relative to the reference white (SMPTE ST 2084)."""
    m1, m2, c1, c2, c3 = 2610 / 16384, 2523 / 32, 3424 / 4096, 2413 / 128, 2392 / 128
    power = np.asarray(value, np.float64) ** (1 / m2)
    return (np.maximum(power - c1, 0) / (c2 - c3 * power)) ** (1 / m1) * (10_000 / HDR_WHITE)


def hlg_to_light(value: np.ndarray) -> np.ndarray:
    """The scene's light 0..1 of HLG's values 0..1 (ITU-R BT.2100, table 5)."""
    a, b, c = 0.17883277, 0.28466892, 0.55991073
    return np.where(value <= 0.5, value**2 / 3, (np.exp((value - c) / a) + b) / 12)


def conversion(places: Chromaticities) -> np.ndarray:
    """(3, 3) from linear light of these primaries to that of sRGB, white to white (Bradford)."""
    return np.linalg.inv(_to_xyz(SRGB)) @ _adaptation(places[:2]) @ _to_xyz(places)


def _to_xyz(places: Chromaticities) -> np.ndarray:
    """(3, 3) from linear light of primaries to CIE XYZ; its second row is the luminance."""
    xy = np.array(places).reshape(4, 2)
    columns = np.stack([xy[1:, 0] / xy[1:, 1], np.ones(3), (1 - xy[1:].sum(axis=1)) / xy[1:, 1]])
    return columns * np.linalg.solve(columns, _white(xy[0]))


def _white(xy: np.ndarray) -> np.ndarray:
    return np.array([xy[0] / xy[1], 1.0, (1 - xy[0] - xy[1]) / xy[1]])


def _adaptation(white: tuple[float, ...]) -> np.ndarray:
    seen, wanted = _BRADFORD @ _white(np.array(white)), _BRADFORD @ _white(np.array(D65))
    return np.linalg.inv(_BRADFORD) @ np.diag(wanted / seen) @ _BRADFORD


_LIGHT: dict[int, Light] = {
    4: lambda v: v**2.2,
    5: lambda v: v**2.8,
    8: lambda v: v,
    PQ: pq_to_light,
    17: lambda v: v**2.6 * 52.37 / 48,
    HLG: hlg_to_light,
}
