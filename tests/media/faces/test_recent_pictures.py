"""What was found in the last pictures is kept, by their pixels, and no longer than for a few others."""

from __future__ import annotations

import numpy as np
import pytest

from media.errors import NoFaceError
from media.faces.recent_pictures import MOST_PICTURES, RecentPictures


def picture(grey: int) -> np.ndarray:
    return np.full((4, 6, 3), grey, np.uint8)


class Search:
    """Counts how often it is asked."""

    def __init__(self) -> None:
        self.times = 0

    def __call__(self) -> int:
        self.times += 1
        return self.times


def test_the_same_pixels_are_searched_once_for_the_same_question() -> None:
    recent, search = RecentPictures[int](), Search()
    assert [recent.found(picture(7), 5, search) for _ in range(3)] == [1, 1, 1]
    assert recent.found(np.repeat(picture(7), 2, axis=1)[:, ::2], 5, search) == 1
    assert recent.found(picture(8), 5, search) == 2
    assert recent.found(picture(7), 1, search) == 3
    assert recent.found(picture(7).reshape(6, 4, 3), 5, search) == 4


def test_the_longest_unused_picture_is_forgotten() -> None:
    recent, search = RecentPictures[int](), Search()
    for grey in range(MOST_PICTURES):
        recent.found(picture(grey), 5, search)
    assert recent.found(picture(0), 5, search) == 1
    recent.found(picture(200), 5, search)
    assert recent.found(picture(0), 5, search) == 1
    assert recent.found(picture(1), 5, search) == MOST_PICTURES + 2


def test_a_search_that_fails_is_repeated() -> None:
    recent = RecentPictures[int]()

    def fails() -> int:
        raise NoFaceError("No face was found.")

    for _ in range(2):
        with pytest.raises(NoFaceError):
            recent.found(picture(7), 5, fails)
    assert recent.found(picture(7), 5, Search()) == 1
