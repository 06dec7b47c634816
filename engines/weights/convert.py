"""Writes safetensors files: they hold nothing but tensors and are mapped into memory instead of read."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engines.weights.reading import FACTS, MADE_UP
from media.errors import OutputError

if TYPE_CHECKING:
    from torch import Tensor


def write_safetensors(
    path: Path,
    tensors: Mapping[str, Tensor],
    facts: Mapping[str, Any] | None = None,
    made_up: Mapping[str, Any] | None = None,
) -> None:
    """Write tensors with what else is known about them; `path` is there complete or not at all.

    facts, made_up: as in `reading.Checkpoint`, fit for JSON. Raises OutputError when the disk refuses.
    """
    from safetensors.torch import save_file

    metadata = {"format": "pt"}
    if facts:
        metadata[FACTS] = json.dumps(facts)
    if made_up:
        metadata[MADE_UP] = json.dumps(made_up)
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        save_file(_apart(tensors), partial, metadata)
        partial.replace(path)
    except OSError as error:
        raise OutputError(f"{path} cannot be written ({error.strerror or error}).") from error
    finally:
        partial.unlink(missing_ok=True)


def _apart(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The same tensors, none sharing its memory with another: the format has no aliases."""
    taken: set[int] = set()
    apart: dict[str, Tensor] = {}
    for name, tensor in tensors.items():
        storage = tensor.untyped_storage()
        whole = tensor.is_contiguous() and storage.nbytes() == tensor.nbytes
        apart[name] = tensor if whole and storage.data_ptr() not in taken else tensor.contiguous().clone()
        taken.add(storage.data_ptr())
    return apart
