from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from engines.saved_motion import FORMAT, SavedMotion, load_motion
from media.errors import InputError

RNG = np.random.default_rng(0)
ARRAYS = {"exp": RNG.standard_normal((7, 21, 3)), "yaw": RNG.standard_normal((7, 1))}


def test_a_motion_comes_back_from_its_file(tmp_path: Path) -> None:
    path = tmp_path / "m.safetensors"
    SavedMotion({k: v[1:6] for k, v in ARRAYS.items()}, {"engine": "joyvasa", "臉": [1, None]}).save(path)
    motion = load_motion(path)
    assert motion.frames == 5
    assert motion.engine == "joyvasa"
    assert motion.facts["臉"] == [1, None]
    for name, array in ARRAYS.items():
        np.testing.assert_array_equal(motion.arrays[name], array[1:6].astype(np.float32))


@pytest.mark.parametrize(
    ("change", "metadata", "reason"),
    [
        ({"yaw": ARRAYS["yaw"][:3]}, {}, "differ in their frames"),
        ({"yaw": np.zeros(())}, {}, "differ in their frames"),
        ({}, {"format": "other"}, "its format is 'other'"),
        ({}, {"facts": "[]"}, "not a motion file"),
        ({}, {"facts": "{"}, "cannot be read"),
        ({"yaw": np.full((7, 1), np.nan)}, {}, "not finite"),
    ],
)
def test_other_files_are_refused(tmp_path: Path, change: dict, metadata: dict, reason: str) -> None:
    path = tmp_path / "m.safetensors"
    arrays = {k: np.ascontiguousarray(v, np.float32) for k, v in (ARRAYS | change).items()}
    save_file(arrays, path, metadata={"format": FORMAT, "facts": json.dumps({"engine": "x"})} | metadata)
    with pytest.raises(InputError, match=reason):
        load_motion(path)


@pytest.mark.parametrize("content", [b"", b"not at all", None])
def test_what_is_no_such_file_is_refused(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "m.safetensors"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(InputError, match="cannot be read"):
        load_motion(path)
