from __future__ import annotations

import numpy as np
import pytest
import torch

from evaluation.syncnet.comparing import Comparer
from evaluation.syncnet.distances import score
from evaluation.syncnet.embedding import LipStream, SoundWindows
from evaluation.syncnet.network import SyncNet


@pytest.mark.parametrize(
    ("pictures", "samples", "vshift"), [(30, 30 * 640, 3), (30, 20 * 640, 15), (12, 99999, 1)]
)
def test_what_is_compared_while_it_comes_is_what_is_compared_at_once(
    pictures: int, samples: int, vshift: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("evaluation.syncnet.embedding.BATCH", 7)
    torch.manual_seed(0)
    model = SyncNet(narrow=16).eval()
    rng = np.random.default_rng(0)
    faces = rng.integers(0, 255, (pictures, 224, 224, 3)).astype(np.uint8)
    sound = rng.integers(-9000, 9000, samples).astype(np.int16)
    comparer, stream = Comparer(model, sound, pictures, vshift), LipStream(model)
    for face in faces:
        comparer.add(face)
        stream.add(face)
    windows = SoundWindows(model, sound, pictures)
    at_once = score(stream.finish()[: windows.count], windows.embed(0, windows.count), vshift)
    found = comparer.finish()
    assert found is not None
    np.testing.assert_allclose(found.distances, at_once.distances, rtol=1e-4)
    assert found.offset == at_once.offset


def test_too_few_pictures_give_no_score() -> None:
    comparer = Comparer(SyncNet(narrow=16).eval(), np.zeros(16_000, np.int16), 5, 15)
    for _ in range(5):
        comparer.add(np.zeros((224, 224, 3), np.uint8))
    assert comparer.finish() is None
