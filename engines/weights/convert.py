"""Writes safetensors files: they hold nothing but tensors and are mapped into memory instead of read.

The library's own writer holds all of a file's bytes in memory at once; this one holds those of one tensor,
so a file of five gigabytes is converted on any machine.
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
"""What the format calls torch's number types."""
ALIGNMENT = 8


def write_safetensors(
    path: Path,
    tensors: Mapping[str, Tensor],
    facts: Mapping[str, Any] | None = None,
    random_weights: Mapping[str, Any] | None = None,
) -> None:
    """Write tensors with what else is known about them; `path` is there complete or not at all.

    facts, random_weights: as in `reading.Checkpoint`, fit for JSON. Raises OutputError when the disk refuses.
    """
    metadata = {"format": "pt"}
    if facts:
        metadata[FACTS] = json.dumps(facts)
    if random_weights:
        metadata[RANDOM_MARK] = json.dumps(random_weights)
    # Wide types first: every tensor then begins at a multiple of its numbers' size.
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
    """A tensor's numbers in C order, as they lie in memory on the usual (little-endian) machines."""
    import torch

    return memoryview(tensor.detach().contiguous().reshape(-1).view(torch.uint8).numpy())
