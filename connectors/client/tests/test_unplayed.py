"""Sound that waits to come back."""

from __future__ import annotations

from joystudio_live import UnplayedSound


def rest(sound: UnplayedSound) -> list[tuple[bytes, int]]:
    """All that is left."""
    left = []
    while (piece := sound.take()) is not None:
        left.append(piece)
    return left


def test_what_was_not_played_is_left() -> None:
    sound = UnplayedSound()
    for number in (1, 2, 3):
        sound.add(bytes([number]) * 20, 16000 + number)
    sound.played(4)
    sound.played(9)
    assert rest(sound) == [(bytes([2]) * 14, 16002), (bytes([3]) * 20, 16003)]
    assert rest(sound) == []


def test_more_than_was_pushed_takes_nothing_from_what_comes_next() -> None:
    sound = UnplayedSound()
    sound.add(bytes(20), 16000)
    sound.played(100)
    sound.add(bytes(6), 16000)
    assert rest(sound) == [(bytes(6), 16000)]


def test_it_can_be_dropped() -> None:
    sound = UnplayedSound()
    sound.add(bytes(20), 16000)
    sound.played(1)
    sound.clear()
    sound.add(bytes(6), 16000)
    assert rest(sound) == [(bytes(6), 16000)]
