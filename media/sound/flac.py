"""Saves an audio track as a FLAC file, which every browser plays."""

from __future__ import annotations

import contextlib
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np

from media.sound.format import SoundBlocks, SoundFormat
from media.sound.layouts import WRITTEN, mixing, written_layout


def write_flac(path: Path, sound: SoundFormat, blocks: SoundBlocks, most_seconds: float) -> tuple[str, ...]:
    """Write 16-bit FLAC of up to 5.1 channels. Returns the notes from reading.

    Reads at most a second beyond most_seconds, and closes the blocks. An unfinished file is removed. Raises
    the errors of the blocks, OSError and FFmpegError.
    """
    layout = written_layout(sound.positions)
    mix = None if sound.channels == 1 else mixing(sound.positions, WRITTEN[layout])
    done = 0
    notes: tuple[str, ...] = ()
    try:
        with contextlib.closing(blocks), av.open(str(path), "w", format="flac") as out:
            stream: Any = out.add_stream("flac", rate=sound.rate, layout=layout)
            stream.format = "s16"
            while done <= (most_seconds + 1) * sound.rate:
                try:
                    block = next(blocks)
                except StopIteration as end:
                    notes = end.value or ()
                    break
                samples = block if mix is None else block @ mix
                whole = np.rint(np.clip(samples, -1, 1) * 32767).astype(np.int16).reshape(1, -1)
                frame = av.AudioFrame.from_ndarray(whole, format="s16", layout=layout)
                frame.sample_rate, frame.pts, frame.time_base = sound.rate, done, Fraction(1, sound.rate)
                done += len(block)
                out.mux(stream.encode(frame))
            out.mux(stream.encode(None))
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return notes
