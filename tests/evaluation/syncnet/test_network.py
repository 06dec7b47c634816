from __future__ import annotations

import numpy as np
import pytest
import torch

from evaluation.syncnet.embedding import LipStream, SoundWindows, as_int16, window_count
from evaluation.syncnet.network import SyncNet, fast_lips


@pytest.fixture(scope="module")
def model() -> SyncNet:
    torch.manual_seed(0)
    return SyncNet(narrow=16).eval()


@pytest.fixture(scope="module")
def pictures() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 255, (11, 224, 224, 3)).astype(np.uint8)


@torch.inference_mode()
def test_windows_need_not_be_cut(model: SyncNet, pictures: np.ndarray) -> None:
    x = torch.from_numpy(pictures).permute(0, 3, 1, 2).float()
    cut = torch.stack([x[start : start + 5].transpose(0, 1) for start in range(7)])
    torch.testing.assert_close(fast_lips(model, x), model.lips(cut), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("batch", [1, 3, 20])
def test_a_stream_does_not_depend_on_its_pieces(
    model: SyncNet, pictures: np.ndarray, batch: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("evaluation.syncnet.embedding.BATCH", batch)
    stream = LipStream(model)
    for picture in pictures:
        stream.add(picture)
    blue_first = torch.from_numpy(pictures[..., ::-1].copy()).permute(0, 3, 1, 2).float()
    with torch.inference_mode():
        expected = fast_lips(model, blue_first).numpy()
    np.testing.assert_allclose(stream.finish(), expected, rtol=1e-4, atol=1e-5)


def test_a_stream_of_too_few_is_empty(model: SyncNet, pictures: np.ndarray) -> None:
    stream = LipStream(model)
    for picture in pictures[:4]:
        stream.add(picture)
    assert stream.finish().shape == (0, 1024)


@pytest.mark.parametrize(
    ("pictures", "samples", "windows"), [(6, 3840, 1), (5, 99999, 0), (60, 30000, 41), (0, 0, 0)]
)
def test_how_many_windows(model: SyncNet, pictures: int, samples: int, windows: int) -> None:
    assert window_count(pictures, samples) == windows
    sound = SoundWindows(model, np.ones(samples, np.int16), pictures)
    assert sound.embed(0, sound.count).shape == (windows, 1024)


def test_samples_are_rounded_and_clipped() -> None:
    given = np.array([0, 0.5, -1, 1, 2, 0.6 / 32768], np.float32)
    assert as_int16(given).tolist() == [0, 16384, -32768, 32767, 32767, 1]
