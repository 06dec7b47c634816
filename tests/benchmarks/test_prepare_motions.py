"""The benchmark of preparing videos for JoyVASA, with a tiny network: every step is measured."""

from __future__ import annotations

import pytest

from benchmarks import prepare_motions
from benchmarks.joyvasa_networks import MachineRate


def test_every_step_has_its_figure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prepare_motions, "machine_rate", lambda *_: MachineRate(50.0, 50.0))
    found = {figure.name: figure.value for figure in prepare_motions.figures("cpu", [1, 3], 1, "tiny")}
    assert [name.partition(",")[0] for name in found][:2] == ["following a face", "cutting it out"]
    assert {"motion extractor on cpu, 1 at once", "motion extractor on cpu, 3 at once"} <= set(found)
    assert all(value > 0 for value in found.values())
