"""Writes Q-Align's weights as safetensors, with the index that transformers looks for beside them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from engines.weights.catalogue import WeightFolder, converted_path
from engines.weights.convert import write_safetensors
from engines.weights.reading import read_checkpoint
from evaluation.weights import catalogue
from media.errors import WeightsError

INDEX = "pytorch_model.bin.index.json"
NEW_INDEX = "model.safetensors.index.json"


def convert_shards(folder: WeightFolder) -> Iterator[tuple[Path, Path]]:
    """Convert what has no converted form yet; yields old and new. Raises WeightsError for a damaged file."""
    for file in catalogue.QUALITY_FILES:
        path = folder.find(file)
        if path is None or path.suffix == ".safetensors":
            continue
        if file.name.endswith(".bin"):
            target = converted_path(path)
            write_safetensors(target, read_checkpoint(path).tensors)
            yield path, target
        elif file.name == INDEX and not (new := path.with_name(NEW_INDEX)).exists():
            new.write_text(_renamed(path), encoding="utf-8")
            yield path, new


def _renamed(path: Path) -> str:
    """The index with the converted files' names."""
    try:
        index = json.loads(path.read_text(encoding="utf-8"))
        places = {str(key): converted_path(Path(str(name))).name for key, name in index["weight_map"].items()}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise WeightsError(
            f"{path} is no index of weights ({error!r}); delete it and download it again."
        ) from error
    return json.dumps({"metadata": index.get("metadata", {}), "weight_map": places})
