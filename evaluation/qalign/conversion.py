"""Writes Q-Align's weights as safetensors, with the index that transformers looks for beside them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from engines.weights.catalogue import WeightFolder, converted_path
from engines.weights.convert import write_safetensors
from engines.weights.reading import read_checkpoint
from evaluation.weights.catalogue import SAFE_INDEX
from evaluation.weights.shards import find_index, read_index, shards


def convert_shards(folder: WeightFolder) -> Iterator[tuple[Path, Path]]:
    """Convert the files without a converted form. Yields the old and the new path. Raises WeightsError for a
    damaged file.
    """
    for file in shards(folder):
        path = folder.find(file)
        if path is not None and path.suffix != ".safetensors":
            target = converted_path(path)
            write_safetensors(target, read_checkpoint(path).tensors)
            yield path, target
    index = find_index(folder)
    if index is not None and not (new := index.with_name(SAFE_INDEX.name)).exists():
        places = {key: converted_path(Path(name)).name for key, name in read_index(index).items()}
        new.write_text(json.dumps({"metadata": {}, "weight_map": places}), encoding="utf-8")
        yield index, new
