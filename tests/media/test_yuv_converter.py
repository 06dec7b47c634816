"""Converting a rectangle gives the planes of converting the whole frame, bit for bit."""

from __future__ import annotations

import numpy as np
from av.video.frame import VideoFrame
from hypothesis import given, settings
from hypothesis import strategies as st

from media.partial_frames import PartialFrames
from media.yuv_converter import YuvConverter


@st.composite
def cases(draw: st.DrawFn) -> tuple[int, int, list[PartialFrames]]:
    """A reduction, its size and a few batches with rectangles anywhere, often at the picture's border."""
    reduced = draw(st.sampled_from([1, 2, 3]))
    width, height = (2 * reduced * draw(st.integers(4, 60)) for _ in range(2))
    rng = np.random.default_rng(draw(st.integers(0, 9)))
    still = rng.integers(0, 256, (height, width, 3), np.uint8)
    batches = []
    for _ in range(draw(st.integers(1, 4))):
        x0, y0 = draw(st.integers(0, width - 1)), draw(st.integers(0, height - 1))
        x1, y1 = draw(st.integers(x0 + 1, width)), draw(st.integers(y0 + 1, height))
        batches.append(PartialFrames(still, x0, y0, rng.integers(0, 256, (2, y1 - y0, x1 - x0, 3), np.uint8)))
    return width // reduced, height // reduced, batches


@settings(max_examples=120, deadline=None)
@given(cases(), st.booleans())
def test_any_rectangle_gives_the_planes_of_the_whole_frame(
    case: tuple[int, int, list[PartialFrames]], exact: bool
) -> None:
    width, height, batches = case
    size = batches[0].shape[2], batches[0].shape[1]
    partial, whole = (YuvConverter(size, (width, height), exact=exact) for _ in range(2))
    for frames in batches:
        pieces = zip(partial.pieces(frames), whole.pieces(frames.whole()), strict=True)
        for piece, full in pieces:
            assert np.array_equal(planes(partial.convert(piece)), planes(whole.convert(full)))


def planes(frame: VideoFrame) -> np.ndarray:
    """Y, U and V as one copied array."""
    return frame.to_ndarray()


def test_only_the_rectangle_and_its_margin_are_copied_for_the_converter() -> None:
    still = np.zeros((512, 512, 3), np.uint8)
    frames = PartialFrames(still, 101, 51, np.ones((1, 40, 60, 3), np.uint8))
    (piece,) = YuvConverter((512, 512), (512, 512), exact=True).pieces(frames)
    assert piece.pixels.size < 3 * (60 + 20) * (40 + 20)
    frames.parts[:] = 9  # copied: the caller may reuse the array
    assert piece.pixels.max() == 1
