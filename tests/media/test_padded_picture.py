"""Pictures whose last byte is the last of mapped memory: reading beyond it would end the process."""

from __future__ import annotations

import ctypes
import mmap
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import numpy as np

from media.live_segments import LiveSegments
from media.video import VideoReader, VideoWriter

ROOT = Path(__file__).resolve().parents[2]
PAGE = mmap.PAGESIZE


def at_the_edge(width: int, height: int) -> np.ndarray:
    """Grey pictures, (1, H, W, 3) uint8, right before a page that nobody may read."""
    size = width * height * 3
    pages = -(-size // PAGE)
    area = mmap.mmap(-1, (pages + 1) * PAGE)
    end = ctypes.addressof(ctypes.c_char.from_buffer(area)) + pages * PAGE
    assert ctypes.CDLL(None).mprotect(ctypes.c_void_p(end), PAGE, 0) == 0
    picture = np.frombuffer(area, np.uint8, size, pages * PAGE - size).reshape(1, height, width, 3)
    picture[:] = 120
    return picture


def main(folder: Path) -> None:
    for width, height in ((130, 130), (300, 200), (312, 64)):
        frames = at_the_edge(width, height)
        with LiveSegments((width, height), Fraction(25)) as live:
            live.write(frames)
            assert len(live.finish()) == 1
        with VideoWriter(folder / "edge.mp4", (width, height), 25, sound=None, metadata={}) as video:
            video.write(frames)


def test_pictures_at_the_end_of_memory_are_encoded(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.media.test_padded_picture", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr or "It died of a signal."
    assert VideoReader(tmp_path / "edge.mp4").indexed == 1


def test_pictures_of_any_strides_are_encoded_alike(tmp_path: Path) -> None:
    frames = np.random.default_rng(0).integers(0, 255, (3, 64, 96, 3), np.uint8)
    read = []
    for given in (frames, np.ascontiguousarray(frames[..., ::-1])[..., ::-1]):
        with VideoWriter(tmp_path / "a.mp4", (96, 64), 25, sound=None, metadata={}) as video:
            video.write(given)
        read.append(np.stack(list(VideoReader(tmp_path / "a.mp4"))))
    assert np.array_equal(*read)
    assert read[0].std() > 20


if __name__ == "__main__":
    main(Path(sys.argv[1]))
