"""A dub shows the teeth that the video shows: as long and as light."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from engines.preview.dubbing.face import frame_mouth
from engines.preview.dubbing.painter import TrackPainter
from engines.preview.dubbing.rest import RestMouth
from engines.preview.dubbing.teeth import LONGEST_TOOTH, LOWEST_TOOTH, lowest_tooth
from engines.preview.lips import Lips, MouthPose
from engines.preview.rig import MouthRig
from media.dubbing.values import TrackedFace
from tests.engines.preview.dubbing.conftest import Talking
from tests.engines.preview.dubbing.test_painting import shown


def mouth_of(talking: Talking) -> tuple[MouthRig, Lips]:
    reference = talking.reference
    mouth = frame_mouth(reference.landmarks, RestMouth(reference.calm))
    return mouth.rig, Lips(mouth.rig, own=mouth.own)


def filled(talking: Talking, tooth_until: float) -> np.ndarray:
    """The reference, with teeth down to a height below the seam, and nothing but dark below them."""
    rig, lips = mouth_of(talking)
    picture = talking.reference.picture.copy()
    y, x = np.mgrid[: picture.shape[0], : picture.shape[1]]
    local = rig.frame.to_local(np.stack([x, y], axis=-1).reshape(-1, 2).astype(float)).reshape(*x.shape, 2)
    u, v = local[..., 0], local[..., 1]
    upper, lower = (np.interp(u, edge[:, 0], edge[:, 1]) for edge in (rig.inner_upper, rig.inner_lower))
    inside = (v > upper) & (v < lower) & (np.abs(u) < 0.9)
    picture[inside] = 30
    picture[inside & (v < lips.seam(u) + tooth_until)] = 220
    return picture


def test_the_teeth_in_a_dub_are_as_light_as_in_the_video(talking: Talking) -> None:
    mesh, frame = talking.meshes[2], talking.frames[2]
    patch = TrackPainter(talking.reference).paint(frame, TrackedFace(0, mesh, 1.0), MouthPose(drop=0.8))
    x, y = mesh[13, :2].astype(int)
    own, dubbed = (
        picture[y : y + 12, x - 8 : x + 8].mean(axis=2) for picture in (frame, shown(frame, patch))
    )
    assert np.percentile(dubbed, 90) == pytest.approx(np.percentile(own, 90), rel=0.06)
    light = [int((mouth > 0.7 * own.max()).sum()) for mouth in (own, dubbed)]
    assert light[1] == pytest.approx(light[0], rel=0.3)


def test_upper_teeth_reach_as_far_down_as_a_gap_shows(talking: Talking) -> None:
    rig, lips = mouth_of(talking)
    assert lowest_tooth(filled(talking, 0.22), rig, lips) == pytest.approx(0.22, abs=0.06)
    assert lowest_tooth(filled(talking, 0.0), rig, lips) == LOWEST_TOOTH


def test_teeth_that_go_on_to_the_lower_lip_may_be_two_rows(talking: Talking) -> None:
    rig, lips = mouth_of(talking)
    assert lowest_tooth(filled(talking, 9.0), rig, lips) == LOWEST_TOOTH
    narrow = replace(rig, inner_lower=rig.inner_upper + np.array([0.0, 0.02]))
    assert lowest_tooth(talking.reference.picture, narrow, lips) == LOWEST_TOOTH < LONGEST_TOOTH
