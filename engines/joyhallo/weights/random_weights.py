"""Writes a set of random weights in the published layout, so that the whole program runs without a download.

Random weights cannot paint a face: they show only sizes, seams, timing and sound.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engines.joyhallo.networks.builders import PARTS, Size, constants, document, listed_name, network
from engines.joyhallo.networks.config import AudioBlock
from engines.joyhallo.weights import catalogue as weights
from engines.weights.catalogue import WeightFile, WeightFolder
from engines.weights.convert import write_safetensors
from engines.weights.naming import older_name
from engines.weights.synthesis import SALT, kept_or_random
from engines.weights.writing import mark_random, spare_published, write_whole

if TYPE_CHECKING:
    from torch import Tensor

FILES = (weights.JOYHALLO_NET, weights.PICTURE_CODEC, weights.MANDARIN_ENCODER)
HALLO_FILES = (weights.HALLO_NET, weights.PICTURE_CODEC, weights.ENGLISH_ENCODER)


def synthesize(
    folder: WeightFolder, size: Size = "full", salt: str = SALT, variant: AudioBlock = "joyhallo"
) -> Iterator[Path]:
    """Write the networks' files of JoyHallo or of Hallo, one by one, as they are published: net.pth in half
    precision, the others in single.

    Files of ONNX networks cannot be generated; the engine does without them. Raises OutputError if a file
    cannot be written, or before it would overwrite a file without random weights.
    """
    files = HALLO_FILES if variant == "hallo" else FILES
    spare_published(folder, files)
    for file in files:
        yield write(folder, file, size, salt, variant)


def write(folder: WeightFolder, file: WeightFile, size: Size, salt: str, variant: AudioBlock) -> Path:
    """Generate one file in its published form; its mark says how."""
    kind = str(file.network)
    mark = {"network": kind, "salt": salt, "size": size}

    def save(path: Path) -> None:
        content = contents(kind, size, salt, variant)
        if file.path.endswith(".safetensors"):
            write_safetensors(path, content, random_weights=mark)
            return
        import torch

        mark_random(content, mark)
        torch.save(content, path)

    return write_whole(folder.target(file), save)


def contents(
    kind: str, size: Size, salt: str = SALT, variant: AudioBlock = "joyhallo"
) -> OrderedDict[str, Any]:
    """A file's tensors under the published names."""
    if kind == weights.NET:
        content: OrderedDict[str, Any] = OrderedDict()
        for part in PARTS:
            content |= _tensors(listed_name(part, variant), size, salt, f"{part}.", half=True)
        return content
    return _tensors(kind, size, salt, "wav2vec2." if kind == weights.WAV2VEC else "", half=False)


def _tensors(name: str, size: Size, salt: str, prefix: str, *, half: bool) -> OrderedDict[str, Tensor]:
    """A network's tensors; each becomes half precision before the next is generated."""
    import torch

    rows = network(name, document("tiny") if size == "tiny" else None)
    kept = constants(rows)
    made: OrderedDict[str, Tensor] = OrderedDict()
    for row in rows.rows:
        tensor = torch.from_numpy(kept_or_random(row, rows, salt, kept))
        made[prefix + older_name(row.name)] = tensor.half() if half else tensor
    return made
