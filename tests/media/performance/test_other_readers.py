"""Programs that are not ours read every format that is written, and find the same times and values."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path

import numpy as np
import openfacefx.export_a2f as audio2face
import openfacefx.importers as cue_files
import openfacefx.importers_csv as tables
import pytest
from openfacefx.edits import sample
from openfacefx.io_export import read_json
from pygltflib import GLTF2
from scipy.spatial.transform import Rotation  # type: ignore[import-untyped]

from media.performance.blendshapes import BLENDSHAPES
from media.performance.formats import FORMATS
from media.performance.performance import PerformanceHead
from media.performance.visemes import VisemeCue
from media.performance.vrm_expressions import MADE, expressions_of
from tests.media.performance.rows import cue_bytes, moving, written

FPS, FRAMES = 30, 75
EPSILON = 0.002  # of the reader's own reduction to keys
CUES = [
    VisemeCue(0.0, 0.5, "sil"),
    VisemeCue(0.5, 0.62, "PP"),
    VisemeCue(0.62, 2.0, "aa"),
    VisemeCue(2, 2.5, "U"),
]
LIMBS = ("UpperArm", "LowerArm", "Hand", "UpperLeg", "LowerLeg", "Foot")
READ_HERE = {
    *("live-link-face", "audio2face-json", "audio2face-csv", "vrma", "vrma-arkit", "oculus"),
    *("rhubarb-json", "rhubarb-tsv", "rhubarb-xml", "moho"),
}


def test_only_our_own_keyframes_have_no_other_reader() -> None:
    assert {one.name for one in FORMATS} - READ_HERE == {"keyframes"}


@pytest.mark.parametrize("name", ["live-link-face", "audio2face-csv", "audio2face-json"])
def test_openfacefx_reads_the_blend_shapes(tmp_path: Path, name: str) -> None:
    values, angles = moving(FRAMES, FPS)
    path = written(tmp_path / "take", name, values, angles, Fraction(FPS))
    if name == "audio2face-json":
        track, warnings = audio2face.parse_a2f(json.loads(path.read_text()), epsilon=EPSILON)
        assert warnings == []
    else:
        track, warnings = tables.read_csv(str(path), fps=FPS, epsilon=EPSILON)
        assert {word.split("'")[1][:4] for word in warnings} <= {"Head", "Left", "Righ"}  # angles, not 0..1
    assert track.fps == FPS
    assert track.duration == pytest.approx((FRAMES - 1) / FPS, abs=1 / FPS)
    channels = {one.name.rpartition(".")[2].casefold(): one for one in track.channels}
    times = np.arange(FRAMES) / FPS
    for place, shape in enumerate(BLENDSHAPES):
        assert np.abs(sample(channels[shape.casefold()], times) - values[:, place]).max() < 0.01, shape


@pytest.mark.parametrize("name", ["rhubarb-json", "rhubarb-tsv", "rhubarb-xml", "moho"])
def test_openfacefx_reads_the_cues(name: str) -> None:
    text = cue_bytes(name, CUES, PerformanceHead(Fraction(100), 250, "voice.wav")).decode()
    read = {
        "rhubarb-json": cue_files.parse_rhubarb_json,
        "rhubarb-tsv": cue_files.parse_rhubarb_tsv,
        "rhubarb-xml": cue_files.parse_rhubarb_xml,
        "moho": lambda given: cue_files.parse_moho_dat(given, 100),
    }[name]
    found, duration = read(text)
    assert duration == pytest.approx(2.5, abs=0.01)
    assert [cue[:2] for cue in found] == pytest.approx(np.array([cue[:2] for cue in CUES]), abs=0.01)
    shapes = ["rest", "MBP", "AI", "U"] if name == "moho" else ["X", "A", "D", "F"]
    assert [shape for _, _, shape in found] == shapes


def test_openfacefx_reads_the_visemes(tmp_path: Path) -> None:
    path = tmp_path / "take.json"
    path.write_bytes(cue_bytes("oculus", CUES, PerformanceHead(Fraction(100), 250, "voice.wav")))
    track = read_json(str(path))
    assert track.duration == pytest.approx(2.5)
    channels = {one.name: one for one in track.channels}
    assert {name: float(sample(channels[name], [1.3])[0]) for name in channels} == {
        "sil": 0, "PP": 0, "aa": 1, "U": 0
    }  # fmt: skip
    total = sum(sample(one, np.arange(0, 2.5, 0.01)) for one in track.channels)
    assert total == pytest.approx(np.ones(250), abs=0.01)
    listed = json.loads(path.read_text())
    assert listed["visemes"] == ["sil", "PP", "aa", "U"]
    assert listed["vtimes"] == [0, 500, 620, 2000]
    assert listed["vdurations"] == [500, 120, 1380, 500]


@pytest.mark.parametrize("name", ["vrma", "vrma-arkit"])
def test_pygltflib_reads_the_animation(tmp_path: Path, name: str) -> None:
    values, angles = moving(FRAMES, FPS)
    document = GLTF2.load_binary(str(written(tmp_path / "take.vrma", name, values, angles, Fraction(FPS))))
    preset = name == "vrma"
    kind = "preset" if name == "vrma" else "custom"
    found = document.extensions["VRMC_vrm_animation"]["expressions"][kind]
    names, wanted = (MADE, expressions_of(values)) if name == "vrma" else (BLENDSHAPES, values)
    assert tuple(found) == names
    blob = document.binary_blob()
    (animation,) = document.animations
    turned = {}
    for channel in animation.channels:
        sampler = animation.samplers[channel.sampler]
        times, weights = (_numbers(document, blob, number) for number in (sampler.input, sampler.output))
        assert times[:, 0] == pytest.approx(np.arange(FRAMES) / FPS, abs=1e-5)
        if channel.target.path == "rotation":
            turned[document.nodes[channel.target.node].name] = Rotation.from_quat(weights)
            continue
        place = names.index(document.nodes[channel.target.node].name)
        assert found[names[place]]["node"] == channel.target.node
        assert weights[:, 0] == pytest.approx(wanted[:, place], abs=1e-5)
    assert document.accessors[0].max == pytest.approx([(FRAMES - 1) / FPS])
    gaze = np.stack(
        [angles[:, [3, 6]].mean(axis=1), angles[:, [4, 7]].mean(axis=1), np.zeros(FRAMES)], axis=1
    )
    for node, turns in [("head", angles[:, :3]), ("lookAt", gaze)][: len(turned)]:
        # The person's right is -x in glTF's axes, so yaw and roll turn the other way round.
        yaw, pitch, roll = turned[node].as_euler("YXZ").T
        assert np.stack([-yaw, pitch, -roll], axis=1) == pytest.approx(turns, abs=1e-5)
    assert set(turned) == ({"head", "lookAt"} if preset else {"head"})


def test_a_vrm_animation_has_the_bones_that_it_must_have_and_moves_no_body(tmp_path: Path) -> None:
    document = GLTF2.load_binary(str(written(tmp_path / "a.vrma", "vrma", *moving(9, FPS), Fraction(FPS))))
    extension = document.extensions["VRMC_vrm_animation"]
    bones = {name: entry["node"] for name, entry in extension["humanoid"]["humanBones"].items()}
    sides = [side + part for side in ("left", "right") for part in LIMBS]
    assert set(bones) == {"hips", "spine", "head", *sides}
    assert {document.nodes[node].name for node in bones.values()} == set(bones)
    names = {
        node.name: [document.nodes[child].name for child in node.children or ()] for node in document.nodes
    }
    assert names["hips"] == ["spine", "leftUpperLeg", "rightUpperLeg"]
    assert names["spine"] == ["head", "leftUpperArm", "rightUpperArm"]
    assert (
        document.nodes[bones["leftHand"]].translation[0]
        > 0
        > document.nodes[bones["rightHand"]].translation[0]
    )
    (animation,) = document.animations
    moved = {document.nodes[channel.target.node].name for channel in animation.channels}
    assert moved & set(bones) == {"head"}
    assert document.nodes[extension["lookAt"]["node"]].name == "lookAt"


def _numbers(document: GLTF2, blob: bytes, number: int) -> np.ndarray:
    accessor = document.accessors[number]
    view = document.bufferViews[accessor.bufferView]
    width = {"SCALAR": 1, "VEC3": 3, "VEC4": 4}[accessor.type]
    return np.frombuffer(blob, "<f4", accessor.count * width, view.byteOffset).reshape(-1, width)


def test_keys_of_a_very_short_cue_stay_in_order() -> None:
    cues = [VisemeCue(0, 1, "aa"), VisemeCue(1, 1.01, "PP"), VisemeCue(1.01, 2, "aa")]
    document = json.loads(cue_bytes("oculus", cues, PerformanceHead(Fraction(FPS), 60, "voice.wav")))
    for channel in document["channels"]:
        times = [time for time, _ in channel["keys"]]
        assert times == sorted(times), channel["name"]
