from __future__ import annotations

from benchmarks.live_at_once import Watched


def late(times: list[float]) -> int:
    seen = Watched()
    for index, at in enumerate(times):
        seen.saw(index, at, 25)
    assert seen.frames == len(times)
    return seen.late


def test_frames_on_the_beat_are_in_time() -> None:
    assert late([5.0 + 0.04 * index for index in range(100)]) == 0
    assert late([5.0 + 0.04 * index + 0.03 * (index % 2) for index in range(100)]) == 0


def test_a_voice_may_begin_before_the_beat() -> None:
    assert late([5.0, 5.04, 5.05, 5.09, 5.13, 5.2, 5.24]) == 0


def test_a_frame_that_comes_more_than_a_frame_after_its_time_is_late() -> None:
    assert late([5.0, 5.04, 5.13, 5.12]) == 1
    assert late([5.0, 5.04, 6.08, 6.12]) == 2, "a session that stood still is late from then on"
