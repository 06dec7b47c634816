"""The inside of the mouth takes the light of the picture, and the cheeks move with the vowels."""

from __future__ import annotations

import numpy as np
import pytest

from engines.preview.cavity import Cavity, side_light
from engines.preview.lips import Lips, MouthPose
from engines.preview.rig import MouthRig
from engines.preview.rigging import rig_of
from media.portrait import Portrait


@pytest.mark.parametrize("lighter", ["left", "right"])
def test_teeth_are_lighter_where_the_light_comes_from(astronaut: Portrait, lighter: str) -> None:
    mouth = rig_of(astronaut).mouth
    across = np.linspace(1.0, 0.4, astronaut.width)[None, :, None]
    shade = across if lighter == "left" else across[:, ::-1]
    image = np.rint(astronaut.image * shade).astype(np.uint8)
    assert (side_light(image, mouth) < side_light(astronaut.image, mouth)) == (lighter == "left")
    assert (side(image, mouth) > side(astronaut.image, mouth)) == (lighter == "left")


def side(image: np.ndarray, mouth: MouthRig) -> float:
    """How much lighter the left half of the lower teeth is than the right one."""
    row = Cavity(image, mouth, Lips(mouth)).lower
    middle = row.shape[1] // 2
    left, right = (float(part[part[..., 3] > 200, :3].mean()) for part in (row[:, :middle], row[:, middle:]))
    return left / right


def test_cheeks_rise_with_spread_lips_and_sink_with_an_open_jaw(astronaut: Portrait) -> None:
    lips = Lips(rig_of(astronaut).mouth)
    cheek = np.abs(lips.v + 0.4).argmin(), np.abs(lips.u - 1.6).argmin()

    def lifted(pose: MouthPose) -> float:
        return float(lips.map(pose).upper[cheek][1] - lips.map(MouthPose()).upper[cheek][1])

    assert lifted(MouthPose(spreading=1.0)) > 0.03
    assert lifted(MouthPose(drop=1.0)) < 0.0


def test_spread_lips_lift_the_upper_one_only_when_they_are_open(astronaut: Portrait) -> None:
    lips = Lips(rig_of(astronaut).mouth)
    middle = len(lips.u) // 2

    def edge(drop: float, spreading: float) -> float:
        return float(lips.map(MouthPose(drop=drop, spreading=spreading)).upper_edge[middle])

    assert edge(0.4, 1.0) < edge(0.4, 0.0) - 0.02
    assert edge(0.0, 1.0) == pytest.approx(edge(0.0, 0.0), abs=0.01)
