"""x264 settings that keep a still background still from the first decoded frame to the last.

Most of a talking head never moves, and a player shows what the encoder made of it. By default, x264 gives
each key frame a different quantizer from the one before (macroblock tree, rate control), so the grain of the
whole still background changes at every key frame, and the frame pulses. Two settings prevent that:

- Constant quantizers. Key frames with the same background encode it in the same way, so they decode to the
  same pixels. Between them, the background is skipped.
- Slices. Intra prediction restarts in every slice (ITU-T H.264, 8.3), so a moving face changes only how its
  own band of the frame is encoded, not the bands above and below.

`python -m benchmarks.stillness` measures the remaining change.
"""

from __future__ import annotations

import math
from fractions import Fraction

KEY_FRAME_SECONDS = 8
"""Longest time in seconds that a player has to decode to reach a position. Key frames are most of
the file.
"""

KEY_FRAME_RATIO = 2.2
"""x264's ipratio: the quantizer of key frames is smaller by 6 * log2(ratio); the frames after them
copy them.
"""

FOLLOWING_OFFSET = 3
"""Added to the quality for the other frames. With it, the size of the file and the error of moving parts are
close to those of x264's rate control; with 4 the error is larger, with 2 drawings take an eighth more.
"""

LARGEST_QUANTIZER = 51
_SLICE_ROWS = 40
NO_SEARCH = (
    "scenecut=0",
    "b-adapt=0",
    "bframes=1",
    "pbratio=1.5",
    "weightp=0",
    "partitions=p8x8,i8x8,i4x4",
)
"""For a video of one portrait, which has no cuts and no fades: the encoder does not look for any, and puts
one B-frame between two others everywhere instead of trying out how many pay. So it needs no small copy of
each frame to look at first. That was almost half of its work. With two B-frames, a portrait's file would be
2 % smaller, but grain that moves would take an eighth more. No frame copies a B-frame, so its quantizer is
two steps larger than by default: a drawing's file is 5 % smaller and a photograph's 2 %, for a PSNR that is
0.14 dB and 0.09 dB lower where the picture moves. Nor does the encoder try to divide the blocks of B-frames,
which takes up to a sixth of the rest: a drawing's file grows by 1 %, others do not. Without divided P-frames
as well, a drawing would take 7 % more.
"""


def steady_options(quality: int, height: int, *more: str) -> dict[str, str]:
    """FFmpeg's options for libx264, without a preset.

    quality: 0 to 51, smaller is better. height: of the video, in pixels. more: further `x264-params`.
    """
    quantizer = min(
        LARGEST_QUANTIZER, quality + FOLLOWING_OFFSET
    )  # 0 would be lossless, which no browser plays
    slices = max(1, min(16, height // _SLICE_ROWS))
    return {
        "qp": str(quantizer),
        "x264-params": ":".join((f"ipratio={KEY_FRAME_RATIO}", f"slices={slices}", *more)),
    }


def key_frame_distance(fps: Fraction, frames: int | None = None) -> int:
    """Frames from one key frame to the next, at most KEY_FRAME_SECONDS.

    frames: the number of frames of the video, if known. The key frames are then spaced evenly, and none comes
    just before the end, where it costs as much as a second of video.
    """
    longest = max(1, math.floor(KEY_FRAME_SECONDS * fps))
    if not frames:
        return longest
    return math.ceil(frames / math.ceil(frames / longest))
