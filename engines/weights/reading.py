"""Reads weight files without executing anything in them.

`.safetensors` files contain only tensors. PyTorch's own files, both the zip archives and the older pickles,
are read by its restricted loader, which knows the few harmless classes that published checkpoints use.
"""

from __future__ import annotations

import argparse
import pathlib
import pickle
import re
import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any

import numpy as np

from engines.weights.catalogue import RANDOM_MARK
from engines.weights.pickles import refused
from engines.weights.torch_file import judge
from media.documents.plain_pickles import ALLOWED, RECONSTRUCT, SCALAR, NotPlain
from media.documents.quoting import reason_of
from media.documents.tensor_file import fact, open_tensors
from media.errors import DocumentError, WeightsError

if TYPE_CHECKING:
    from torch import Tensor

OUTER = ("model", "state_dict")
"""Keys under which training programs store the weights beside other data."""

FACTS = "facts"
TORCHS_OWN = re.compile(
    r"torch\.(\w*Storage|Size|device|b?float\d*|u?int\d+|bool|storage\.\w+|_utils\._rebuild_\w+|nn\.parameter\.\w+)"
)
"""Names that PyTorch's tensors need."""
_LOADING = threading.Lock()  # torch keeps its list of harmless classes per process


@dataclass(frozen=True)
class Checkpoint:
    """The content of a weight file.

    tensors: by name; names of nested containers are joined by dots, without `model` and `state_dict`. facts:
    all other plain values, as in {"args": {...}, "iter": 20000}.
    random_weights: how the weights were generated (salt, size, config), or None for trained ones.
    """

    tensors: dict[str, Tensor]
    facts: dict[str, Any] = field(default_factory=dict)
    random_weights: dict[str, Any] | None = None


def read_checkpoint(path: Path) -> Checkpoint:
    """Read a `.safetensors` file or a PyTorch checkpoint (with any file extension). Tensors are memory-mapped
    if possible.

    Raises WeightsError when the file holds a class or function that is not allowed (naming it), when it is
    damaged, or when it is not a weight file; FileNotFoundError when it is not there.
    """
    look_at_start(path)
    if path.suffix == ".safetensors":
        return _read_safetensors(path)
    content = _load(path)
    if not isinstance(content, Mapping):
        raise WeightsError(
            "{name} contains a {kind} instead of named tensors.", name=path.name, kind=type(content).__name__
        )
    try:
        return _checkpoint(content)
    except DocumentError as error:
        raise _damaged(path, error) from error


def read_value(path: Path) -> Any:
    """Read what `torch.save` wrote: a tensor, an array, None or a mapping of such values. Raises as
    `read_checkpoint`.
    """
    look_at_start(path)
    return _load(path)


def plain(value: Any, around: tuple[int, ...] = ()) -> Any:
    """The value as numbers, texts, lists and dicts for JSON; what JSON cannot express becomes None.

    around: ids of the containers around the value. Raises DocumentError for a value that contains itself.
    """
    if id(value) in around:
        raise DocumentError("a value in it contains itself")
    around = (*around, id(value))
    if isinstance(value, argparse.Namespace):
        value = vars(value)
    if isinstance(value, Mapping):
        return {str(key): plain(entry, around) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [plain(entry, around) for entry in value]
    if isinstance(value, np.ndarray | np.generic):
        return value.tolist() if value.dtype.kind in "biufU" else None
    if isinstance(value, PurePath):
        return str(value)
    return value if value is None or isinstance(value, bool | int | float | str) else None


def look_at_start(path: Path) -> bytes:
    """The first bytes of a file. Raises WeightsError if it is empty, a web page or a Git LFS pointer."""
    with path.open("rb") as file:
        start = file.read(64)
    if not start:
        raise WeightsError("{name} is empty (0 bytes); delete it and download it again.", name=path.name)
    if start.startswith(b"version https://git-lfs"):
        raise WeightsError(
            "{name} is only a Git LFS pointer to the file; run `git lfs pull` there, or delete it and "
            "download it.",
            name=path.name,
        )
    if start.lstrip().lower().startswith((b"<!doctype", b"<html")):
        raise WeightsError("{name} is a web page; delete it and download the file itself.", name=path.name)
    return start


def _read_safetensors(path: Path) -> Checkpoint:
    try:
        with open_tensors(path, "pt") as file:
            metadata = file.metadata()
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        facts, random_weights = fact(metadata, FACTS, "{}"), fact(metadata, RANDOM_MARK)
    except DocumentError as error:
        raise _damaged(path, error) from error
    if not isinstance(facts, dict) or not (random_weights is None or isinstance(random_weights, bool | dict)):
        raise _damaged(path, "its metadata is none of ours")
    if isinstance(random_weights, bool):  # for files that state no sizes, such as the embeddings of words
        random_weights = {RANDOM_MARK: True} if random_weights else None
    return Checkpoint(tensors, facts, random_weights)


def _load(path: Path) -> Any:
    import torch

    try:
        judge(path, _usual)
        zipped = look_at_start(path).startswith(b"PK")
        with _LOADING, torch.serialization.safe_globals(_harmless()):
            return torch.load(path, map_location="cpu", weights_only=True, mmap=zipped)
    except NotPlain as error:
        raise refused(path, str(error)) from error
    except pickle.UnpicklingError as error:
        if unknown := _unknown_to_torch(path):
            raise refused(path, unknown) from error
        raise _damaged(path, "PyTorch's loader for weights refuses it") from error
    except Exception as error:
        raise _damaged(path, error) from error


def _unknown_to_torch(path: Path) -> str:
    """The first class or function in a file that torch does not load; "" if there is none."""
    import torch

    try:
        with _LOADING, torch.serialization.safe_globals(_harmless()):
            return min(torch.serialization.get_unsafe_globals_in_checkpoint(path), default="")
    except Exception:  # in the older format, or damaged: torch inspects neither
        return ""


def _harmless() -> list[Any]:
    """The harmless classes in published checkpoints, each with its name in the file."""
    paths = {
        f"{module}.{name}": kind
        for module in ("pathlib", "pathlib._local")
        for name, kind in {
            "Path": PurePath,
            "PosixPath": pathlib.PurePosixPath,
            "PurePath": PurePath,
            "PurePosixPath": pathlib.PurePosixPath,
            "WindowsPath": pathlib.PureWindowsPath,
            "PureWindowsPath": pathlib.PureWindowsPath,
        }.items()
    }
    named = {"argparse.Namespace": argparse.Namespace} | paths | _numpys_own()
    dtypes = {type(np.dtype(code)) for code in "?bBhHiIlLqQefdSU"}  # numpy makes them from numpy.dtype
    return [*((kind, name) for name, kind in named.items()), *dtypes]


def _numpys_own() -> dict[str, Any]:
    """The functions that build a file's arrays; `judge` has checked the sizes that they state."""
    reconstruct: Any = np.zeros(0).__reduce__()[0]
    scalar: Any = np.float64(0).__reduce__()[0]
    return {
        "collections.OrderedDict": OrderedDict,
        "__builtin__.bytes": _no_bytes,
        "builtins.bytes": _no_bytes,
        "_codecs.encode": _latin1,
        "numpy.ndarray": np.ndarray,
        "numpy.dtype": np.dtype,
        **dict.fromkeys(RECONSTRUCT, reconstruct),
        **dict.fromkeys(SCALAR, scalar),
    }


def _latin1(text: str, encoding: str = "latin1") -> bytes:
    """The part of `_codecs.encode` that numpy's pickles need; the original could look up any codec."""
    if encoding != "latin1":
        raise pickle.UnpicklingError(f"encoding {encoding!r}")
    return text.encode("latin1")


def _no_bytes() -> bytes:
    """The part of `bytes` that pickles before protocol 3 need; the original could allocate any amount."""
    return b""


def _usual(name: str) -> bool:
    return name in ALLOWED or name.startswith(("pathlib.", "argparse.")) or bool(TORCHS_OWN.fullmatch(name))


def _checkpoint(content: Mapping[str, Any]) -> Checkpoint:
    import torch

    tensors: dict[str, Tensor] = {}
    facts: dict[str, Any] = {}
    for key, value in content.items():
        if isinstance(value, torch.Tensor):
            tensors[str(key)] = value.detach()
        elif isinstance(value, Mapping) and any(isinstance(v, torch.Tensor) for v in value.values()):
            prefix = "" if key in OUTER else f"{key}."
            tensors |= {
                f"{prefix}{name}": v.detach() for name, v in value.items() if isinstance(v, torch.Tensor)
            }
        else:
            facts[str(key)] = plain(value)
    return Checkpoint(tensors, facts, plain(getattr(content, RANDOM_MARK, None)))


def _damaged(path: Path, error: Exception | str) -> WeightsError:
    reason = error if isinstance(error, str) else reason_of(error)
    size = path.stat().st_size
    return WeightsError(
        "{name} ({size} bytes) cannot be read ({reason}); delete it and download it again.",
        name=path.name,
        size=size,
        reason=reason,
    )
