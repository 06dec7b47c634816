"""A saved motion of JoyVASA becomes LivePortrait's motion template, which names only numpy's arrays."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

import cli
from engines.joyvasa.motion.pose import HeadMotion, SourcePose, rotation
from engines.joyvasa.motion.retargeting import Retargeter, Retargeting
from engines.saved_motion import SavedMotion
from engines.weights.pickles import read_pickle
from media.documents.pickle_machine import PickleMachine

FRAMES = 130
SHAPES = {"exp": (21, 3), "scale": (1,), "t": (3,), "pitch": (1,), "yaw": (1,), "roll": (1,)}
ARRAYS = {
    name: np.random.default_rng(1).standard_normal((FRAMES, *shape)).astype(np.float32)
    for name, shape in SHAPES.items()
}
PLAIN = {"numpy.core.multiarray._reconstruct", "numpy.ndarray", "numpy.dtype"}
"""What LivePortrait's numpy 1 knows."""


def test_the_template_has_every_frame(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    motion, target = tmp_path / "take.motion.safetensors", tmp_path / "take.pkl"
    SavedMotion(ARRAYS, {"engine": "joyvasa"}).save(motion)
    assert cli.main(["curves", str(motion), "-o", str(target)]) == 0
    assert f"{FRAMES} frames" in capsys.readouterr().out
    found = read_pickle(target)
    assert (found["n_frames"], found["output_fps"]) == (FRAMES, 25)
    assert found["c_eyes_lst"] == found["c_lip_lst"] == []
    for at in (0, 99, 100, FRAMES - 1):
        frame = found["motion"][at]
        assert frame["exp"].shape == (1, 21, 3)
        assert frame["R"].shape == (1, 3, 3)
        for name, array in ARRAYS.items():
            assert np.array_equal(frame[name], array[at : at + 1])
        turned = rotation(*(ARRAYS[name][at] for name in ("pitch", "yaw", "roll")))
        assert frame["R"] == pytest.approx(turned, abs=1e-6)
    size = target.stat().st_size
    assert size < 2000 * FRAMES  # rows, not views of whole arrays


def test_it_names_only_arrays(tmp_path: Path) -> None:
    motion, target = tmp_path / "take.motion.safetensors", tmp_path / "take.pkl"
    SavedMotion(ARRAYS, {"engine": "joyvasa"}).save(motion)
    assert cli.main(["curves", str(motion), "-o", str(target)]) == 0
    machine = PickleMachine(target.read_bytes())
    machine.load()
    assert set(machine.names) == PLAIN


def test_live_portraits_own_formulas_drive_the_same_keypoints(tmp_path: Path) -> None:
    """Its pipeline loads a template with `pickle` and takes these keys (src/live_portrait_pipeline.py)."""
    motion, target = tmp_path / "take.motion.safetensors", tmp_path / "take.pkl"
    SavedMotion(ARRAYS, {"engine": "joyvasa"}).save(motion)
    assert cli.main(["curves", str(motion), "-o", str(target)]) == 0
    template = read_pickle(target)
    assert template["n_frames"] == len(template["motion"]) == FRAMES
    assert template["output_fps"] == 25
    assert {"c_eyes_lst", "c_lip_lst"} <= template.keys()

    rng = np.random.default_rng(3)
    kp = rng.standard_normal((21, 3)).astype(np.float32)
    own = HeadMotion.from_vectors(rng.standard_normal((1, 70)))
    source = SourcePose(kp, own)
    whole = HeadMotion(**ARRAYS)
    ours = Retargeter(source, whole[:1], Retargeting(lips="relative")).keypoints(whole)
    first = {name: torch.tensor(value) for name, value in template["motion"][0].items()}
    for at in (0, 1, 77, FRAMES - 1):
        now = {name: torch.tensor(value) for name, value in template["motion"][at].items()}
        turned = (now["R"] @ first["R"].permute(0, 2, 1)) @ torch.tensor(own.rotation)
        moved = torch.tensor(own.exp) + (now["exp"] - first["exp"])
        size = torch.tensor(own.scale) * (now["scale"] / first["scale"])
        shift = torch.tensor(own.t) + (now["t"] - first["t"])
        shift[..., 2] = 0
        driven = size * (torch.tensor(kp)[None] @ turned + moved) + shift
        assert driven[0].numpy() == pytest.approx(ours[at], rel=1e-3, abs=1e-3)


def test_other_files_are_refused_and_leave_none(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = tmp_path / "take.pkl"
    voice = tmp_path / "voice.wav"
    voice.write_bytes(b"RIFF")
    other = tmp_path / "other.motion.safetensors"
    SavedMotion({"exp": ARRAYS["exp"]}, {"engine": "other"}).save(other)
    for source, reason in ((voice, "is not a saved motion"), (other, "missing or has the wrong shape")):
        assert cli.main(["curves", str(source), "-o", str(target)]) == 2
        assert reason in capsys.readouterr().err
    assert not target.exists()
    assert len(list(tmp_path.iterdir())) == 2
