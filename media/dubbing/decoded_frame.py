"""A frame of a source with all that a dub needs of it: stored planes and upright picture."""

from __future__ import annotations

from fractions import Fraction
from functools import cached_property

import numpy as np
from av.video.frame import VideoFrame

from media.dubbing.stored_picture import Layout, Upright
from media.dubbing.values import SourceFrame


class DecodedFrame(SourceFrame):
    """A source frame with its stored planes. Planes and picture are made when they are first asked for.

    packed: (nbytes,) uint8, as by `layout`.
    """

    packed: np.ndarray
    layout: Layout

    def __init__(
        self, number: int, time: Fraction, packed: np.ndarray, layout: Layout, upright: Upright
    ) -> None:
        for name, value in (("number", number), ("time", time), ("packed", packed), ("layout", layout)):
            object.__setattr__(self, name, value)
        object.__setattr__(self, "_upright", upright)

    @cached_property
    def stored(self) -> VideoFrame:
        """The planes as in the file, in one of `facts.Stored`."""
        return self.layout.unpacked(self.packed)

    @cached_property
    def picture(self) -> np.ndarray:
        """(H, W, 3) uint8 RGB, upright."""
        upright: Upright = self.__dict__["_upright"]
        return upright.picture(self.packed)
