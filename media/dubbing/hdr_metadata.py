"""The display and the light levels that an HDR video was graded for: SMPTE ST 2086 and CTA-861.3."""

from __future__ import annotations

import struct
from typing import Annotated, Any

from av.sidedata.sidedata import Type as SideData
from av.video.frame import VideoFrame
from pydantic import BaseModel, ConfigDict, Field

_Place = Annotated[int, Field(ge=0, le=65_535)]
_Light = Annotated[int, Field(ge=0, le=4_294_967_295)]
_Display = tuple[_Place, _Place, _Place, _Place, _Place, _Place, _Place, _Place, _Light, _Light]
_RATIONALS = struct.Struct("=20i2i")
"""FFmpeg's AVMasteringDisplayMetadata: x and y of red, green, blue and white, the smallest and largest light,
and two flags.
"""
_LEVELS = struct.Struct("=2I")
"""FFmpeg's AVContentLightMetadata: the largest light of a pixel, and of a frame's mean."""


class HdrMetadata(BaseModel):
    """display: x and y of green, blue, red and white in 1/50000, then the largest and smallest light in
    1/10000 cd/m2; levels: the largest light of a pixel and of a frame's mean in cd/m2. Empty if the file does
    not say.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    display: _Display | None = None
    levels: tuple[_Place, _Place] | None = None

    def parameters(self, display: str, levels: str) -> list[str]:
        """As parameters of x264 and x265, which name them differently."""
        made = []
        if self.display is not None:
            gx, gy, bx, by, rx, ry, wx, wy, most, least = self.display
            made.append(f"{display}=G({gx},{gy})B({bx},{by})R({rx},{ry})WP({wx},{wy})L({most},{least})")
        if self.levels is not None:
            made.append(f"{levels}={self.levels[0]},{self.levels[1]}")
        return made


def hdr_metadata_of(frame: VideoFrame) -> HdrMetadata:
    """What a decoded frame says; numbers out of range count as nothing said."""
    sides: Any = frame.side_data
    display = sides.get(SideData.MASTERING_DISPLAY_METADATA)
    levels = sides.get(SideData.CONTENT_LIGHT_LEVEL)
    return HdrMetadata(
        display=None if display is None else _display(bytes(display)),
        levels=None if levels is None else _levels(bytes(levels)),
    )


def _display(data: bytes) -> Any:
    if len(data) < _RATIONALS.size:
        return None
    *numbers, has_places, has_light = _RATIONALS.unpack_from(data)
    if not (has_places and has_light) or not all(numbers[1::2]):
        return None
    rx, ry, gx, gy, bx, by, wx, wy, least, most = (
        numerator / denominator for numerator, denominator in zip(numbers[::2], numbers[1::2], strict=True)
    )
    places = [round(50_000 * value) for value in (gx, gy, bx, by, rx, ry, wx, wy)]
    lights = [round(10_000 * value) for value in (most, least)]
    sound = all(0 <= value <= 65_535 for value in places) and all(0 <= value < 1 << 32 for value in lights)
    return (*places, *lights) if sound else None


def _levels(data: bytes) -> Any:
    if len(data) < _LEVELS.size:
        return None
    found = _LEVELS.unpack_from(data)
    return found if any(found) and max(found) <= 65_535 else None
