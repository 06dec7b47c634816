"""Writes safetensors files, which contain only tensors and are mapped into memory instead of read.

The library's own writer holds all bytes of a file in memory at once. This one holds those of one tensor, so
that any machine can convert a file of five gigabytes.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engines.weights.catalogue import RANDOM_MARK
from engines.weights.reading import FACTS
from media.errors import OutputError

if TYPE_CHECKING:
    from torch import Tensor

DTYPES = {
    "float64": "F64",
    "float32": "F32",
    "float16": "F16",
    "bfloat16": "BF16",
    "int64": "I64",
    "int32": "I32",
    "int16": "I16",
    "int8": "I8",
    "uint8": "U8",
    "bool": "BOOL",
}
"""The format's names of torch's dtypes."""
ALIGNMENT = 8


def write_safetensors(
    path: Path,
    tensors: Mapping[str, Tensor],
    facts: Mapping[str, Any] | None = None,
    random_weights: Mapping[str, Any] | None = None,
) -> None:
    """Write tensors and facts about them.

    `path` is complete or does not exist. facts, random_weights: as in `reading.Checkpoint`, as JSON values.
    Raises OutputError if the file cannot be written.
    """
    metadata = {"format": "pt"}
    if facts:
        metadata[FACTS] = json.dumps(facts)
    if random_weights:
        metadata[RANDOM_MARK] = json.dumps(random_weights)
    # Wide types first, so that every tensor begins at a multiple of its item size.
    ordered = dict(sorted(tensors.items(), key=lambda item: -item[1].element_size()))
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        with partial.open("wb") as file:
            file.write(_header(ordered, metadata))
            for tensor in ordered.values():
                file.write(_raw(tensor))
        partial.replace(path)
    except OSError as error:
        raise OutputError(
            "{path} cannot be written ({reason}).", path=path, reason=error.strerror or error
        ) from error
    finally:
        partial.unlink(missing_ok=True)


def _header(tensors: Mapping[str, Tensor], metadata: Mapping[str, str]) -> bytes:
    """Eight bytes of length, then JSON: type, shape and place of every tensor, padded with spaces."""
    entries: dict[str, Any] = {"__metadata__": metadata}
    end = 0
    for name, tensor in tensors.items():
        begin, end = end, end + tensor.nbytes
        dtype = DTYPES[str(tensor.dtype).removeprefix("torch.")]
        entries[name] = {"dtype": dtype, "shape": list(tensor.shape), "data_offsets": [begin, end]}
    text = json.dumps(entries, separators=(",", ":")).encode()
    text += b" " * (-len(text) % ALIGNMENT)
    return len(text).to_bytes(8, "little") + text


def _raw(tensor: Tensor) -> memoryview:
    """A tensor's bytes in C order, little-endian."""
    import torch

    return memoryview(tensor.detach().contiguous().reshape(-1).view(torch.uint8).numpy())
