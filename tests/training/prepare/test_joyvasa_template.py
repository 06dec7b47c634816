"""The template against numpy over everything at once."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engines.joyvasa.motion.pose import rotation
from engines.joyvasa.motion.template import MotionTemplate
from engines.weights.pickles import read_pickle
from media.errors import DatasetError
from training.prepare.motion_extraction import WIDTHS
from training.prepare.motion_template import KINDS, NAMES, motion_statistics, write_template_file


def clip(frames: int, seed: int, offset: float = 0.0) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(seed)
    return {
        name: (rng.normal(size=(frames, width)) + offset).astype(np.float32) for name, width in WIDTHS.items()
    }


@settings(max_examples=20, deadline=None)
@given(st.lists(st.integers(1, 40), min_size=1, max_size=5), st.sampled_from([0.0, 1e3]))
def test_equals_numpy(lengths: list[int], offset: float) -> None:
    clips = [clip(frames, seed, offset) for seed, frames in enumerate(lengths)]
    made = motion_statistics(iter(clips))
    assert set(made) == {f"{kind}_{name}" for kind in KINDS for name in NAMES}
    for name in NAMES:
        if name == "R":
            rows = [rotation(c["pitch"], c["yaw"], c["roll"]).reshape(-1, 9) for c in clips]
        else:
            rows = [c[name] for c in clips]
        whole = np.concatenate(rows).astype(np.float64)
        expected = {
            "mean": whole.mean(axis=0),
            "std": whole.std(axis=0),
            "min": whole.min(axis=0),
            "max": whole.max(axis=0),
            "abs_max": np.abs(whole).max(axis=0),
        }
        for kind in KINDS:
            value = made[f"{kind}_{name}"]
            assert value.dtype == np.float32
            assert value.shape == (whole.shape[1],)
            np.testing.assert_allclose(value, expected[kind], rtol=1e-6, atol=1e-6)


def test_every_clip_counts_for_lips_and_eyes() -> None:
    made = motion_statistics([clip(5, 0, offset=7.0), clip(5, 1)])
    assert made["max_lip"][0] > 5
    assert made["max_eyes"][0] > 5


def test_clips_without_frames_do_not_count() -> None:
    once, twice = motion_statistics([clip(5, 0)]), motion_statistics([clip(0, 1), clip(5, 0)])
    for name, value in once.items():
        np.testing.assert_array_equal(value, twice[name])
    with pytest.raises(DatasetError, match="there are 0"):
        motion_statistics([clip(0, 1)])


def test_the_engine_reads_the_file(tmp_path: Path) -> None:
    arrays = motion_statistics([clip(30, 4)])
    path = write_template_file(tmp_path / "new" / "motion_template.pkl", arrays)
    template = MotionTemplate.from_arrays(read_pickle(path))
    np.testing.assert_array_equal(template.std_exp, arrays["std_exp"])
    np.testing.assert_array_equal(template.greatest[:1], arrays["max_scale"])
    assert {name: value.tolist() for name, value in read_pickle(path).items()} == {
        name: value.tolist() for name, value in arrays.items()
    }
    assert [entry.name for entry in path.parent.iterdir()] == [path.name], "nothing unfinished is left"


def test_random_motions_are_named(tmp_path: Path) -> None:
    path = write_template_file(tmp_path / "t.pkl", motion_statistics([clip(3, 1)]), random_weights=True)
    assert "made_up" in read_pickle(path)
