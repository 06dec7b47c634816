from __future__ import annotations

import numpy as np
import pytest

from evaluation.qalign.pictures import GREY, SIDE, chosen, place, prepared, squared
from evaluation.qalign.scoring import prompt, score_levels


def test_the_question() -> None:
    assert prompt("image") == (
        "USER: How would you rate the quality of this image?\n<|image|>\n"
        "ASSISTANT: The quality of the image is"
    )
    assert "this video?" in prompt("video")


def test_scores_run_from_bad_to_excellent() -> None:
    certain = 50 * np.eye(5, dtype=np.float32)
    np.testing.assert_allclose(score_levels(certain), [1, 0.75, 0.5, 0.25, 0], atol=1e-6)
    np.testing.assert_allclose(score_levels(certain, "1..5"), [5, 4, 3, 2, 1], atol=1e-5)
    assert score_levels(np.zeros((1, 5), np.float32)) == pytest.approx(0.5)
    assert score_levels(np.zeros((1, 5), np.float16)).dtype == np.float16


@pytest.mark.parametrize(
    ("fps", "count", "frames"),
    [(25, 24, []), (25, 25, [0]), (25, 76, [0, 25, 50]), (29.97, 90, [0, 29, 59]), (10, 1, [])],
)
def test_one_picture_per_full_second(fps: float, count: int, frames: list[int]) -> None:
    assert chosen(fps, count) == frames


def test_pictures_are_put_into_the_middle_of_a_square() -> None:
    picture = np.full((5, 8, 3), 9, np.uint8)
    square = squared(picture)
    assert place(5, 8) == (1, 0)
    assert square.shape == (8, 8, 3)
    assert (square[1:6] == 9).all()
    assert (square[0] == GREY).all()
    assert (square[6:] == GREY).all()
    assert prepared(picture).shape == (3, SIDE, SIDE)
    assert prepared(picture).dtype == np.float32
