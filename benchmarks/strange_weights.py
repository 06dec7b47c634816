"""Files of weights of every form, and the reader of each."""

from __future__ import annotations

import json
import pickle
from collections import OrderedDict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch

from benchmarks.strange_documents import DocumentKind


def kinds() -> Iterator[DocumentKind]:
    """All that need PyTorch."""
    yield DocumentKind(
        "weights, safetensors", _safetensors, lambda folder, text: _checkpoint(folder, text, "w.safetensors")
    )
    yield DocumentKind("weights, PyTorch", _zipped, lambda folder, text: _checkpoint(folder, text, "w.pth"))
    yield DocumentKind(
        "weights, PyTorch before 1.6", _older, lambda folder, text: _checkpoint(folder, text, "w.pth")
    )
    yield DocumentKind("weights, TorchScript", _torchscript, _read_torchscript)
    yield DocumentKind("pickle of numbers", lambda folder: _pickles(), _pickle)
    yield DocumentKind("motion template", lambda folder: _templates(), _template)
    yield DocumentKind("index of weights", lambda folder: [INDEX], _index, "json")
    yield DocumentKind("checkpoint of a training", lambda folder: [STATE], _training_checkpoint, "json")


STATE_DICT = OrderedDict(a=torch.arange(6.0).reshape(2, 3), b=torch.zeros(3, dtype=torch.float16))
FACTS = {"args": {"audio_model": "hubert_zh", "n_motions": 100, "rate": np.float32(0.5)}, "iter": 20_000}
INDEX = {
    "metadata": {"total_size": 8},
    "weight_map": {"a.weight": "pytorch_model-00001-of-00002.bin", "b": "m.bin"},
}
STATE = {
    "format": 1, "step": 3, "kind": "joyvasa", "options": {"steps": 3}, "processes": 1, "scaler": None,
    "optimizer_numbers": {"a": {"step": 3.0}}, "files": {"network.safetensors": 84},
}  # fmt: skip


def _bytes_of(path: Path) -> bytes:
    return path.read_bytes()


def _safetensors(folder: Path) -> list[bytes]:
    from engines.weights.convert import write_safetensors

    write_safetensors(folder / "a.safetensors", STATE_DICT, {"args": {"n_motions": 1}}, {"salt": "v1:"})
    return [_bytes_of(folder / "a.safetensors")]


def _saved(folder: Path, *, zipped: bool) -> list[bytes]:
    found = []
    for number, content in enumerate((STATE_DICT, {"model": STATE_DICT, **FACTS})):
        torch.save(content, folder / f"{number}.pth", _use_new_zipfile_serialization=zipped)
        found.append(_bytes_of(folder / f"{number}.pth"))
    return found


def _zipped(folder: Path) -> list[bytes]:
    return _saved(folder, zipped=True)


def _older(folder: Path) -> list[bytes]:
    return _saved(folder, zipped=False)


def _torchscript(folder: Path) -> list[bytes]:
    torch.jit.trace(torch.nn.Linear(3, 2), torch.zeros(1, 3)).save(str(folder / "a.pt"))
    return [_bytes_of(folder / "a.pt")]


def _pickles() -> list[bytes]:
    value = {
        "mean_exp": np.arange(6, dtype=np.float32).reshape(1, 6), "count": np.int64(3),
        "list": [1, 2.5, True, None, "text", b"bytes", 2**40], "tuple": (np.zeros((0, 3)), OrderedDict(a=1)),
    }  # fmt: skip
    return [pickle.dumps(value, protocol) for protocol in range(pickle.HIGHEST_PROTOCOL + 1)]


def _templates() -> list[bytes]:
    from engines.joyvasa.motion.template import MotionTemplate

    return [pickle.dumps(MotionTemplate.random_weights().to_arrays(), protocol) for protocol in (2, 4)]


def _written(path: Path, content: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def _checkpoint(folder: Path, content: bytes, name: str) -> Any:
    from engines.weights.reading import read_checkpoint
    from studio.weights_report import state_of

    path = _written(folder / name, content)
    state_of(path)
    read = read_checkpoint(path)
    return read.facts, [tensor.sum() for tensor in read.tensors.values()]


def _read_torchscript(folder: Path, content: bytes) -> Any:
    from evaluation.weights.torchscript import is_torchscript, read_torchscript

    path = _written(folder / "w.pt", content)
    is_torchscript(path)
    return [tensor.sum() for tensor in read_torchscript(path).values()]


def _pickle(folder: Path, content: bytes) -> Any:
    from engines.weights.pickles import read_pickle

    return read_pickle(_written(folder / "a.pkl", content))


def _template(folder: Path, content: bytes) -> Any:
    from engines.joyvasa.weights import catalogue as weights
    from engines.joyvasa.weights.checkpoints import load_template
    from engines.weights.catalogue import WeightFolder

    name = weights.MOTION_TEMPLATE.path
    _written(folder / weights.TOP / name, content)
    return load_template(WeightFolder(folder, weights.TOP, weights.MARKS))


def _index(folder: Path, content: bytes) -> Any:
    from evaluation.weights.shards import read_index

    return read_index(_written(folder / "index.json", content))


def _training_checkpoint(folder: Path, content: bytes) -> Any:
    from safetensors.torch import save_file

    from training.loop.checkpoints import Checkpoints

    place = folder / "checkpoints" / "step-000003"
    _written(place / "state.json", content)
    save_file({"a": torch.zeros(1)}, place / "network.safetensors")
    size = (place / "network.safetensors").stat().st_size
    _written(place / "state.json", content.replace(b'": 84', f'": {size}'.encode()))
    checkpoint, notes = Checkpoints(folder).latest("joyvasa")
    return json.dumps(notes) if checkpoint is None else checkpoint.tensors("network")
