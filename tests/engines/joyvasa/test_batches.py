"""Batches of frames: all of them in order, shrinking on a full device, one ahead where that is asked for."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
import torch

from engines.joyvasa.fast.batches import Batches
from engines.joyvasa.fast.fast_warping import WarpingSource
from media.errors import OutOfMemory

CPU = torch.device("cpu")
SOURCE: WarpingSource = None  # type: ignore[assignment]


class Recorded:
    """A renderer on a device with room for some frames, and a finisher: both note what they do."""

    def __init__(self, room: int = 100) -> None:
        self.room, self.sizes = room, []  # type: ignore[var-annotated]
        self.events: list[str] = []

    def render(self, source: WarpingSource, kp_driving: torch.Tensor) -> torch.Tensor:
        self.sizes.append(len(kp_driving))
        if len(kp_driving) > self.room:
            raise torch.cuda.OutOfMemoryError("full")
        self.events.append(f"start {int(kp_driving[0, 0, 0])}")
        return kp_driving[:, :1]

    def on_device(self, crops: torch.Tensor) -> torch.Tensor:
        return crops[..., None].to(torch.uint8)

    def on_host(self, pictures: np.ndarray) -> np.ndarray:
        self.events.append(f"finish {pictures[0, 0, 0, 0]}")
        return pictures

    def windows(self, *lengths: int) -> Iterator[np.ndarray]:
        first = 0
        for length in lengths:
            self.events.append(f"window at {first}")
            yield np.arange(first, first + length, dtype=np.float32)[:, None, None].repeat(3, axis=2)
            first += length


def rendered(recorded: Recorded, *lengths: int, size: int, ahead: int | None = None) -> list[int]:
    batches = Batches(recorded, recorded, CPU, size, ahead)
    frames = []
    for pictures in batches.render(SOURCE, recorded.windows(*lengths)):
        assert isinstance(pictures, np.ndarray)
        recorded.events.append("used")
        frames += pictures[:, 0, 0, 0].tolist()
    return frames


@pytest.mark.parametrize("ahead", [None, 0, 1, 2])
@pytest.mark.parametrize("lengths", [(1,), (5,), (4, 4), (3, 1, 7)])
def test_every_frame_comes_once_and_in_order(lengths: tuple[int, ...], ahead: int | None) -> None:
    recorded = Recorded()
    assert rendered(recorded, *lengths, size=2, ahead=ahead) == list(range(sum(lengths)))
    assert max(recorded.sizes) <= 2


def test_on_a_processor_each_batch_is_finished_before_the_next_begins() -> None:
    recorded = Recorded()
    rendered(recorded, 4, size=2)
    assert recorded.events == ["window at 0", "start 0", "finish 0", "used", "start 2", "finish 2", "used"]


def test_one_ahead_starts_the_next_batch_before_the_last_one_is_used() -> None:
    recorded = Recorded()
    rendered(recorded, 6, size=2, ahead=1)
    assert recorded.events == [
        *("window at 0", "start 0", "start 2"),
        *("finish 0", "used", "start 4"),
        *("finish 2", "used", "finish 4", "used"),
    ]


def test_the_first_window_does_not_wait_for_the_second_and_later_ones_overlap() -> None:
    recorded = Recorded()
    rendered(recorded, 2, 2, 2, size=2, ahead=1)
    assert recorded.events == [
        *("window at 0", "start 0", "finish 0", "used"),
        *("window at 2", "start 2"),
        *("window at 4", "start 4", "finish 2", "used"),
        *("finish 4", "used"),
    ]


@pytest.mark.parametrize("ahead", [0, 1])
def test_a_full_device_gets_smaller_batches(ahead: int) -> None:
    recorded = Recorded(room=3)
    assert rendered(recorded, 10, size=8, ahead=ahead) == list(range(10))
    assert recorded.sizes == [8, 4, 2, 2, 2, 2, 2]


def test_a_device_without_room_for_one_frame_is_reported() -> None:
    with pytest.raises(OutOfMemory, match="one frame"):
        rendered(Recorded(room=0), 2, size=4)


def test_the_usual_batch_of_a_processor_is_two_frames() -> None:
    recorded = Recorded()
    rendered(recorded, 5, size=0)
    assert recorded.sizes == [2, 2, 1]
