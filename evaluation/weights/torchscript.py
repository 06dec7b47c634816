"""Reads the tensors of a TorchScript archive, the form in which CLIP was first published, without executing
it.

The archive is a program with its numbers. Its file `data.pkl` says which number belongs to which part; the
parts are calls of their classes, which stay notes with what they hold, and the program is left alone.
"""

from __future__ import annotations

import math
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from media.documents.archives import check_unpacked, open_archive, read_entry
from media.documents.pickle_machine import Call, PickleMachine, Reference
from media.documents.pickle_sharing import check_sharing
from media.documents.quoting import quoted, reason_of
from media.errors import DocumentError, WeightsError

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


KNOWN = (
    *("__torch__", "collections.OrderedDict", "torch._utils._rebuild_tensor_v2", "torch.jit._pickle."),
    *(f"torch.{kind}" for kind in STORAGES),
)
"""The beginnings of the names in such a file."""
LARGEST_PICKLE = 64_000_000
"""Bytes of the description of the parts; CLIP's has 400,000."""
MOST_ENTRIES = 100_000


def is_torchscript(path: Path) -> bool:
    """Whether a file is such an archive, with a program beside the numbers."""
    try:
        with path.open("rb") as file:
            if file.read(4) != b"PK\x03\x04":
                return False
        with open_archive(path, MOST_ENTRIES) as archive:
            return any(name.endswith("/constants.pkl") for name in archive.namelist())
    except (DocumentError, OSError):
        return False  # opening it reports what is wrong


def read_torchscript(path: Path) -> dict[str, Tensor]:
    """The archive's tensors, by the names that their modules have, joined by dots.

    Raises WeightsError if it is not such an archive or is damaged.
    """
    try:
        with open_archive(path, MOST_ENTRIES) as archive:
            check_unpacked(archive, path.stat().st_size)
            (name,) = (entry for entry in archive.namelist() if entry.endswith("/data.pkl"))
            content = read_entry(archive, name, LARGEST_PICKLE)
            machine = PickleMachine(content)
            root = machine.load()
            if strange := [name for name in machine.names if not name.startswith(KNOWN)]:
                raise DocumentError("it asks for {name}", name=quoted(strange[0]))
            check_sharing(root, len(content))
            return _Tensors(archive, name.removesuffix("data.pkl")).of(root)
    except (DocumentError, OSError) as error:
        raise WeightsError(
            "{name} cannot be read ({reason}); delete it and download it again.",
            name=path.name,
            reason=reason_of(error),
        ) from error


class _Tensors:
    """Builds the tensors that the parts of a program hold, and nothing else."""

    def __init__(self, archive: zipfile.ZipFile, prefix: str) -> None:
        self._archive, self._prefix = archive, prefix
        self._storages: dict[str, Tensor] = {}

    def of(self, root: Any) -> dict[str, Tensor]:
        """By name. Raises what `open_archive` makes a DocumentError of."""
        import torch

        found: dict[str, Tensor] = {}
        waiting, seen = [("", root)], set()
        while waiting:
            prefix, part = waiting.pop()
            if id(part) in seen or not isinstance(part, Call) or not isinstance(part.state, dict):
                continue
            seen.add(id(part))
            for name, value in part.state.items():
                if isinstance(value, Call) and value.name == "torch._utils._rebuild_tensor_v2":
                    found[f"{prefix}{name}"] = self._tensor(value.arguments)
                else:
                    waiting.append((f"{prefix}{name}.", value))
        assert all(isinstance(value, torch.Tensor) for value in found.values())
        return found

    def _tensor(self, arguments: tuple[Any, ...]) -> Tensor:
        reference, offset, size, stride, *_ = arguments
        if not isinstance(reference, Reference):
            raise DocumentError("a tensor in it has no numbers")
        needed = offset + 1 + sum((side - 1) * step for side, step in zip(size, stride, strict=True))
        storage = self._storage(reference.place)
        if min(offset, *size, *stride, 0) < 0 or (math.prod(size) and needed > len(storage)):
            raise DocumentError(
                "a tensor in it has {count} numbers and asks for {needed}",
                count=len(storage),
                needed=needed,
            )
        if math.prod(size) > len(storage):
            raise DocumentError("a tensor in it repeats its {count} numbers", count=len(storage))
        return storage.as_strided(size, stride, offset)

    def _storage(self, place: tuple[Any, ...]) -> Tensor:
        """The numbers of a storage, as a flat tensor."""
        import torch

        kind, key, count = place[1].name.rpartition(".")[2], str(place[2]), place[4]
        if kind not in STORAGES:
            raise DocumentError("it contains numbers of the type {kind}", kind=quoted(kind, 40))
        if key not in self._storages:
            name = f"{self._prefix}data/{key}"
            raw = bytearray(read_entry(self._archive, name, self._archive.getinfo(name).file_size))
            dtype = getattr(torch, STORAGES[kind])
            self._storages[key] = (
                torch.frombuffer(raw, dtype=dtype, count=count) if count else torch.empty(0, dtype=dtype)
            )
        return self._storages[key]
