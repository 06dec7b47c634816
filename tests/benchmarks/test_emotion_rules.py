"""The rules that tell an emotion from landmarks."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pytest

from benchmarks.emotion_rules import FaceMeasures, emotion_of, measured, median_change

STILL = FaceMeasures(*[0.0] * len(fields(FaceMeasures)))


def _changed(**values: float) -> FaceMeasures:
    return FaceMeasures(**(vars(STILL) | values))


@pytest.mark.parametrize(
    ("change", "emotion"),
    [
        ({"curve": 0.03, "mouth_width": 0.03}, "happy"),
        ({"inner_brows": 0.02, "outer_brows": -0.01, "curve": -0.02}, "sad"),
        ({"inner_brows": -0.03, "outer_brows": -0.01}, "angry"),
        ({"inner_brows": -0.01, "upper_lip": 0.02, "nose_wings": 0.01, "curve": -0.02}, "disgusted"),
        ({"inner_brows": -0.03, "upper_lip": 0.02}, "angry"),
        ({"inner_brows": 0.03, "outer_brows": 0.03, "lids": 0.01}, "surprised"),
        ({}, ""),
    ],
)
def test_each_prototype_has_its_rule(change: dict[str, float], emotion: str) -> None:
    assert emotion_of(_changed(**change)) == emotion


def test_a_turned_and_larger_picture_measures_the_same() -> None:
    points = np.random.default_rng(3).uniform(0, 100, (478, 2))
    turn = np.array([[0.8, 0.6], [-0.6, 0.8]])
    a, b = measured(points), measured(3.0 * points @ turn + 40.0)
    np.testing.assert_allclose([*vars(b).values()], [*vars(a).values()], atol=1e-9)


def test_the_median_ignores_a_frame_that_was_misread() -> None:
    raised = _changed(inner_brows=0.03)
    pairs = [(STILL, raised), (STILL, raised), (STILL, _changed(inner_brows=-5.0))]
    assert median_change(pairs) == raised
