"""Reads the tensors of a TorchScript archive, as CLIP was first published, without running what is in it.

The archive is a program with its numbers. Its file `data.pkl` says which number belongs to which part; the
parts' classes are taken for plain holders of what they hold, and the program is left alone.
"""

from __future__ import annotations

import io
import pickle
import zipfile
from collections import OrderedDict
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from media.errors import WeightsError

if TYPE_CHECKING:
    from torch import Tensor

STORAGES = {
    "DoubleStorage": "float64",
    "FloatStorage": "float32",
    "HalfStorage": "float16",
    "BFloat16Storage": "bfloat16",
    "LongStorage": "int64",
    "IntStorage": "int32",
    "BoolStorage": "bool",
}


class Part:
    """A module of the program, or what else it names: nothing but its attributes."""

    held: Mapping[str, Any] = MappingProxyType({})

    def __init__(self, *_: Any) -> None:
        """Whatever it would be made from is left alone."""

    def __setstate__(self, state: Any) -> None:
        self.held = state if isinstance(state, dict) else {}


def is_torchscript(path: Path) -> bool:
    """Whether a file is such an archive: it holds a program beside the numbers."""
    if not zipfile.is_zipfile(path):
        return False
    with zipfile.ZipFile(path) as archive:
        return any(name.endswith("/constants.pkl") for name in archive.namelist())


def read_torchscript(path: Path) -> dict[str, Tensor]:
    """The archive's tensors, by the names that their modules have, joined by dots.

    Raises WeightsError for what is no such archive, or is damaged.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            (name,) = (entry for entry in archive.namelist() if entry.endswith("/data.pkl"))
            root = _Unpickler(archive, name.removesuffix("data.pkl")).load()
    except Exception as error:
        reason = " ".join(str(error).split())[:100]
        raise WeightsError(
            f"{path.name} cannot be read ({reason}); delete it and download it again."
        ) from error
    found: dict[str, Tensor] = {}
    _collect(root, "", found)
    return found


class _Unpickler(pickle.Unpickler):
    def __init__(self, archive: zipfile.ZipFile, prefix: str) -> None:
        super().__init__(io.BytesIO(archive.read(f"{prefix}data.pkl")))
        self._archive = archive
        self._prefix = prefix

    def find_class(self, module: str, name: str) -> Any:
        """Parts of the program become holders; tensors are built here; nothing else is known."""
        if module.startswith("__torch__"):
            return Part
        if (module, name) == ("collections", "OrderedDict"):
            return OrderedDict
        if module == "torch" and name in STORAGES:
            return name
        if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
            return _rebuild
        if module == "torch.jit._pickle":
            return _list
        raise pickle.UnpicklingError(f"it asks for {module}.{name}")

    def persistent_load(self, pid: Any) -> Tensor:
        """The numbers of a storage, as a flat tensor."""
        import torch

        kind, key, count = pid[1], pid[2], int(pid[4])
        dtype = getattr(torch, STORAGES[kind])
        raw = bytearray(self._archive.read(f"{self._prefix}data/{int(key)}"))
        return torch.frombuffer(raw, dtype=dtype, count=count) if count else torch.empty(0, dtype=dtype)


def _rebuild(storage: Tensor, offset: int, size: tuple[int, ...], stride: tuple[int, ...], *_: Any) -> Tensor:
    return storage.as_strided(size, stride, offset)


def _list(values: Any, *_: Any) -> Any:
    """TorchScript's lists of one type."""
    return values


def _collect(part: Any, prefix: str, found: dict[str, Tensor]) -> None:
    import torch

    if not isinstance(part, Part):
        return
    for name, value in part.held.items():
        if isinstance(value, torch.Tensor):
            found[f"{prefix}{name}"] = value
        else:
            _collect(value, f"{prefix}{name}.", found)
