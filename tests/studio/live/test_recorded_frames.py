"""What a recording keeps in memory when it is written too slowly."""

from __future__ import annotations

import asyncio

import numpy as np
import pytest

from studio.live import recorded_frames
from studio.live.frame import LiveFrame
from studio.live.recorded_frames import RecordedFrames


def frame(index: int, picture: np.ndarray) -> LiveFrame:
    return LiveFrame(index, picture, True, np.zeros(640, np.int16), 16000)


def test_large_pictures_that_wait_are_limited_by_their_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    pictures = [np.full((8, 8, 3), level, np.uint8) for level in range(20)]
    monkeypatch.setattr(recorded_frames, "MOST_BYTES", 5 * pictures[0].nbytes)

    async def story() -> None:
        frames = RecordedFrames(25)
        for _ in range(3):  # the same picture takes its room once
            assert frames.add(frame(0, pictures[0]), silenced=False)
        for index in range(1, 20):
            assert frames.add(frame(index, pictures[index]), silenced=False)
        assert frames.left_out == 14
        frames.end()
        taken = []
        while (part := frames.take()) is not None:
            taken.append(part)
        assert len(taken) == 22
        assert sum(picture is not None for *_, picture in taken) == 6
        await frames.room()
        assert frames.add(frame(20, pictures[1]), silenced=False)
        assert frames.left_out == 14

    asyncio.run(story())


def test_far_too_much_ends_the_recording() -> None:
    async def story() -> None:
        frames, picture = RecordedFrames(25), np.zeros((8, 8, 3), np.uint8)
        added = [frames.add(frame(index, picture), silenced=False) for index in range(600)]
        assert added.count(True) == 501  # 20 s
        assert frames.behind

    asyncio.run(story())
