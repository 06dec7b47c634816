"""Who gets pictures, by how far behind it says that it is. All at 25 frames a second."""

from __future__ import annotations

from studio.live.socket.lag import Lag


def pictured(lag: Lag, frames: range, behind: int | None = None) -> list[int]:
    """The frames that have their picture. behind: how many frames later the other end shows one; None for an
    end that says nothing.
    """
    found = []
    for index in frames:
        if not lag.spares(index):
            found.append(index)
        if behind is not None and index >= behind and index % 5 == 0:
            lag.shown(index - behind)
    return found


def test_a_long_way_or_a_large_buffer_costs_no_picture() -> None:
    for behind in (0, 10, 30, 100):
        assert pictured(Lag(25, 0.0), range(250), behind) == list(range(250))


def test_who_falls_behind_gets_one_picture_a_second_until_it_has_caught_up() -> None:
    lag = Lag(25, 0.0)
    pictured(lag, range(101), 30)
    stopped = pictured(lag, range(101, 301))  # it shows nothing more: the last was frame 70
    assert stopped[:13] == [*range(101, 113), 137]  # 70, the usual 30, and half a second
    assert stopped[13:] == [162, 187, 212, 237, 262, 287]
    lag.shown(270)
    assert pictured(lag, range(301, 350), 30) == list(range(301, 350))


def test_frames_that_come_early_by_request_are_not_late() -> None:
    lag = Lag(25, 1.0)
    lag.shown(0)
    assert pictured(lag, range(1, 60))[:37] == list(range(1, 38))


def test_who_names_a_frame_that_was_not_sent_is_as_far_as_it_can_be() -> None:
    lag = Lag(25, 0.0)
    pictured(lag, range(11))
    lag.shown(2**31)
    assert pictured(lag, range(11, 60), 3) == list(range(11, 60))
