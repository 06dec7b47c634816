"""Finds the files of Q-Align's weights, which the index beside them names."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path

from engines.weights.catalogue import WeightFile, WeightFolder
from engines.weights.download import Fetch, download, fetch
from evaluation.weights import catalogue
from media.documents.bounds import RECORD
from media.documents.json_text import read_json
from media.documents.quoting import reason_of, shown
from media.errors import DocumentError, WeightsError, WeightsMissing


def find_index(folder: WeightFolder) -> Path | None:
    """The index that was published: of safetensors files, else of pickles."""
    bins = folder.find(catalogue.BIN_INDEX)
    return bins if bins is not None else folder.find(catalogue.SAFE_INDEX)


def read_index(path: Path) -> Mapping[str, str]:
    """Tensor -> name of the file that holds it. Raises WeightsError if it is not such an index."""
    try:
        content = read_json(path, RECORD)
        places = {str(key): str(name) for key, name in content["weight_map"].items()}
        strange = [name for name in places.values() if not _is_file_name(name)]
        if strange or not places:
            raise ValueError(f"it names {shown(strange[0])}" if strange else "it names no file")
    except (DocumentError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise WeightsError(
            "{path} is not an index of weights ({reason}); delete it and download it again.",
            path=path,
            reason=reason_of(error),
        ) from error
    return places


def shards(folder: WeightFolder) -> list[WeightFile]:
    """The files of the weights, in order; none without the index. Raises WeightsError."""
    index = find_index(folder)
    names = sorted(set(read_index(index).values())) if index is not None else []
    return [catalogue.quality_file(name, "rates frames and videos") for name in names]


def fetch_shards(folder: WeightFolder, fetch: Fetch = fetch) -> Iterator[tuple[WeightFile, Path]]:
    """Download the index, whichever of the two is published, and every file that it names.

    Raises WeightsMissing and OutputError as `download` does, WeightsError for a damaged index.
    """
    try:
        yield from download([catalogue.SAFE_INDEX], folder, fetch)
    except WeightsMissing:
        yield from download([catalogue.BIN_INDEX], folder, fetch)
    yield from download(shards(folder), folder, fetch)


def revision(folder: WeightFolder) -> str:
    """The version of the model on this machine: the Hub's commit if it was recorded, else the
    index's checksum.
    """
    index = find_index(folder)
    if index is None:
        return "version not known"
    noted = index.parent / ".cache" / "huggingface" / "download" / f"{index.name}.metadata"
    try:
        commit = noted.read_text(encoding="utf-8").split()[0]
    except (OSError, UnicodeDecodeError, IndexError):
        return f"index {hashlib.sha256(index.read_bytes()).hexdigest()[:12]}"
    return f"commit {commit[:12]}"


def _is_file_name(name: str) -> bool:
    return (
        Path(name).suffix in (".bin", ".safetensors") and name.isprintable() and not set(name) & set("/\\:")
    )
