"""A check of JoyHallo's pipeline tells what rounding does from what a fault does."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np

from tests.parity.context import CONFIG, Context
from tests.parity.parts import checks
from tests.parity.runner import run

RECORDED = Path(__file__).parent / "goldens" / "joyhallo"
NAME = "golden_tiny_pipeline"
SLIPS = {"clip1_video": 1.15e-3, "clip0_video": 2.5e-3}
"""Added to one value: within four times the rounding of the second clip, 3.2e-4, and beyond any of it."""


def test_an_error_is_allowed_as_far_as_float64_calls_it_rounding(tmp_path: Path) -> None:
    shutil.copy(RECORDED / CONFIG, tmp_path)
    with np.load(RECORDED / f"{NAME}.npz") as file:
        arrays = {name: file[name] for name in file.files if name.startswith(("in_", "cfg35_bank16"))}
    for name, slip in SLIPS.items():
        arrays[f"cfg35_bank16__{name}__val"][3] += slip
    np.savez(tmp_path / f"{NAME}.npz", **arrays)
    (outcome,) = run(Context(tmp_path, banks=("bank16",)), checks("joyhallo"), (NAME,))
    found = {one.name.removeprefix("cfg35_bank16__"): one for one in outcome.comparisons}
    assert found["clip1_video"].ok
    assert found["clip1_video"].worst_abs > 1e-3
    assert "rounding alone" in found["clip1_video"].note
    assert not found["clip0_video"].ok
    assert not outcome.ok
