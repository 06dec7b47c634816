"""The colours of a GIF: one palette for the whole video, so that a still background does not flicker."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from media.errors import OutputError
from media.held_folder import PALETTES, HeldFolder

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
