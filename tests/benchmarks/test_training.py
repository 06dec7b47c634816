"""The benchmark of the trainings runs; its figures mean nothing on a busy machine."""

from __future__ import annotations

import pytest

from benchmarks.training import SUBJECTS, TrainingSetting, measured
from training.kinds import KINDS


def test_a_training_is_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JOYSTUDIO_WEIGHTS", "")  # so that it is put back
    rate, counted, share = measured("joyvasa", TrainingSetting(steps=2, batch_size=1))
    assert rate.name == "joyvasa, tiny, batch 1, fp32"
    assert rate.value > 0
    assert 0.1 < counted.value < 1
    assert 0 < share.value < 100


def test_every_kind_is_measured() -> None:
    assert {name.partition("-stage")[0] for name in SUBJECTS} >= set(KINDS)
