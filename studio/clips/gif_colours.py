"""The colours of a GIF: one palette for the whole video, and pixels that stay exactly as they are.

So a still background does not flicker, and costs nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from media.errors import OutputError
from media.held_folder import PALETTES, HeldFolder

HARDLY = 8
"""Levels by which a channel may differ. The noise of a video codec is smaller, a moving mouth is larger."""
SAMPLES = 16
"""Number of frames that the palette is computed from."""
_SIDE = 160
"""Pixels to which they are reduced; this keeps the share of each colour."""


@contextmanager
def palette_of(clip: Any, seconds: float) -> Iterator[Path]:
    """A file with the 256 colours that suit a moviepy.VideoClip best; it is deleted after the block."""
    from PIL import Image

    times = (np.arange(SAMPLES) + 0.5) * seconds / SAMPLES
    frames = [Image.fromarray(clip.get_frame(float(time))) for time in times]
    width = min(_SIDE, frames[0].width)
    height = max(1, round(frames[0].height * width / frames[0].width))
    sheet = Image.new("RGB", (width, height * len(frames)))
    for row, frame in enumerate(frames):
        sheet.paste(frame.resize((width, height), Image.Resampling.NEAREST), (0, row * height))
    colours = sheet.quantize(256, Image.Quantize.MEDIANCUT).getpalette() or []
    square = np.zeros((256, 3), np.uint8)
    square[: len(colours) // 3] = np.asarray(colours, np.uint8).reshape(-1, 3)
    with _folder() as folder:
        path = folder / "palette.png"
        Image.fromarray(square.reshape(16, 16, 3)).save(path)
        yield path


def _folder() -> HeldFolder:
    try:
        return HeldFolder(PALETTES)
    except OSError as error:
        raise OutputError(
            "The temporary folder cannot be written ({reason}); free some space there, or set TMPDIR.",
            reason=error.strerror,
        ) from error


def held(clip: Any) -> Any:
    """A moviepy.VideoClip in which each pixel stays until it differs by more than HARDLY levels."""
    shown: list[np.ndarray] = []

    def frame_at(get_frame: Any, time: float) -> np.ndarray:
        frame: np.ndarray = get_frame(time)
        if not shown or time <= 0:
            shown[:] = [frame]
            return frame
        off = np.abs(frame.astype(np.int16) - shown[0]).max(axis=2, keepdims=True) > HARDLY
        shown[0] = np.where(off, frame, shown[0])
        return shown[0]

    return clip.transform(frame_at)
