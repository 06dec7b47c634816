"""Animations of VRM models are read: expressions, and the turns of head and neck away from any rest."""

from __future__ import annotations

import base64
import json
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from scipy.spatial.transform import Rotation  # type: ignore[import-untyped]

from media.errors import PerformanceError
from media.performance.blendshapes import BLENDSHAPES
from media.performance.reading import read_performance

JAW = BLENDSHAPES.index("jawOpen")


def read(path: Path, text: str | bytes, **options):
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return read_performance(path, **options)


def refused(path: Path, text: str | bytes, reason: str) -> None:
    with pytest.raises(PerformanceError, match=reason):
        read(path, text)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "take.csv"


def vrm(**changes) -> str:
    """A VRM animation in which jawOpen goes from 0 to 1, with some parts replaced."""
    numbers = np.array([0, 1, 0, 1], "<f4").tobytes()
    accessor = {"componentType": 5126, "type": "SCALAR", "count": 2, "bufferView": 0}
    document = {
        "extensions": {"VRMC_vrm_animation": {"expressions": {"custom": {"jawOpen": {"node": 0}}}}},
        "animations": [
            {
                "samplers": [{"input": 0, "output": 1}],
                "channels": [{"sampler": 0, "target": {"node": 0, "path": "translation"}}],
            }
        ],
        "accessors": [accessor, accessor | {"byteOffset": 8}],
        "bufferViews": [{"buffer": 0}],
        "buffers": [{"uri": "data:;base64," + base64.b64encode(numbers).decode()}],
    }
    return json.dumps(document | changes)


def test_parts_of_the_wrong_type_in_an_animation_are_refused(path: Path) -> None:
    assert read(path, vrm()).values[-1, JAW] == 1
    refused(path, vrm(extensions={"VRMC_vrm_animation": {"expressions": {"custom": [1]}}}), "no expressions")
    channel = {"sampler": 0, "target": {"node": [0], "path": "translation"}}
    refused(path, vrm(animations=[{"samplers": [{}], "channels": [channel]}]), "do not move")
    wrongs: list[dict[str, object]] = [
        {"componentType": [5126]},
        {"count": True},
        {"type": {}},
        {"count": "2"},
    ]
    for wrong in wrongs:
        accessor = {"componentType": 5126, "type": "SCALAR", "count": 2, "bufferView": 0} | wrong
        refused(path, vrm(accessors=[accessor, accessor]), "numbers of a kind")


def turning(rest: Rotation, turns: Rotation, *, neck: Rotation) -> str:
    """An animation without expressions whose head turns twice, in a skeleton with another rest."""
    above = Rotation.from_euler("xyz", [0.3, -0.7, 0.2])
    moved = above.inv() * turns * above * rest  # a turn in the model's axes, as the node's own
    numbers = np.concatenate([[0, 1], moved.as_quat().ravel(), (above.inv() * neck * above).as_quat()])
    accessor = {"componentType": 5126, "bufferView": 0}
    bones = {"neck": {"node": 1}, "head": {"node": 2}}
    document = {
        "extensions": {"VRMC_vrm_animation": {"humanoid": {"humanBones": bones}}},
        "nodes": [
            {"children": [1], "rotation": above.as_quat().tolist()},
            {"children": [2]},
            {"rotation": rest.as_quat().tolist()},
        ],
        "animations": [
            {
                "samplers": [{"input": 0, "output": 1}, {"input": 3, "output": 2}],
                "channels": [
                    {"sampler": 0, "target": {"node": 2, "path": "rotation"}},
                    {"sampler": 1, "target": {"node": 1, "path": "rotation"}},
                ],
            }
        ],
        "accessors": [
            accessor | {"type": "SCALAR", "count": 2},
            accessor | {"type": "VEC4", "count": 2, "byteOffset": 8},
            accessor | {"type": "VEC4", "count": 1, "byteOffset": 40},
            accessor | {"type": "SCALAR", "count": 1},
        ],
        "bufferViews": [{"buffer": 0}],
        "buffers": [{"uri": "data:;base64," + base64.b64encode(numbers.astype("<f4").tobytes()).decode()}],
    }
    return json.dumps(document)


def test_a_head_turns_as_far_as_its_neck_and_away_from_any_rest(path: Path) -> None:
    wanted = np.array([[0.0, 0.1, 0.0], [0.4, 0.2, -0.1]])  # yaw, pitch, roll
    neck = Rotation.from_euler("YXZ", [-0.2, 0.05, 0.1])
    turns = neck.inv() * Rotation.from_euler("YXZ", wanted * [-1, 1, -1])
    text = turning(Rotation.from_euler("xyz", [1.0, 0.4, -0.6]), turns, neck=neck)
    found = read(path, text, rate=Fraction(1))
    assert found.rotations[:, :3] == pytest.approx(wanted, abs=1e-5)
    assert np.isnan(found.rotations[:, 3:]).all()
    assert found.has == frozenset()


def test_a_turn_without_a_length_is_refused(path: Path) -> None:
    still = Rotation.identity()
    text = turning(still, Rotation.from_quat(np.tile([0, 0, 0, 1.0], (2, 1))), neck=still)
    assert read(path, text).frames == 61
    numbers = np.zeros(14, "<f4")
    numbers[1] = 1
    document = json.loads(text)
    document["buffers"][0]["uri"] = "data:;base64," + base64.b64encode(numbers.tobytes()).decode()
    refused(path, json.dumps(document), "length 0")


def test_small_files_that_would_take_much_memory_are_refused(path: Path) -> None:
    accessor = {"componentType": 5126, "type": "SCALAR", "count": 100_001, "bufferView": 0}
    refused(path, vrm(accessors=[accessor, accessor]), "100001 frames; at most 100000")
    names = BLENDSHAPES[:40]
    shared = {"componentType": 5121, "type": "SCALAR", "count": 100_000, "bufferView": 0}
    document = {
        "extensions": {
            "VRMC_vrm_animation": {
                "expressions": {"custom": {one: {"node": i} for i, one in enumerate(names)}}
            }
        },
        "animations": [
            {
                "samplers": [{"input": 2 * i, "output": 2 * i + 1} for i in range(len(names))],
                "channels": [
                    {"sampler": i, "target": {"node": i, "path": "translation"}} for i in range(len(names))
                ],
            }
        ],
        "accessors": [shared] * 2 * len(names),
        "buffers": [{"uri": "data:;base64," + base64.b64encode(bytes(100_000)).decode()}],
    }
    refused(path, vrm(**document), "6100000 keys; at most 6000000")
