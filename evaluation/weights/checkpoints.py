"""Opens the metrics' files: converts their key names to the manifest's and checks them before use."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engines.weights.catalogue import WeightFolder
from engines.weights.check import compare
from engines.weights.naming import without_module
from engines.weights.reading import Checkpoint, read_checkpoint
from evaluation.weights import catalogue
from evaluation.weights.networks import TINY, VISION, fill, network
from evaluation.weights.torchscript import is_torchscript, read_torchscript
from media.errors import WeightsError

if TYPE_CHECKING:
    from torch import Tensor, nn


@dataclass(frozen=True, eq=False)
class MetricCheckpoint:
    """A network's tensors under the manifest's names.

    config: what `networks.build` needs. extra: names in the file that are not used.
    """

    path: Path
    name: str
    tensors: dict[str, Tensor]
    config: Mapping[str, Any]
    random_weights: Mapping[str, Any] | None
    extra: tuple[str, ...] = ()

    @property
    def notes(self) -> tuple[str, ...]:
        """Sentences for the user about the file."""
        return (f"{len(self.extra)} tensors that are not used",) if self.extra else ()


def open_network(name: str, folder: WeightFolder | None = None) -> MetricCheckpoint:
    """Read a network's file, or its converted form if there is one.

    Raises WeightsMissing, and WeightsError for a file that is refused, damaged or does not fit.
    """
    folder = folder or catalogue.folder()
    file = catalogue.file_of(name)
    path = folder.require(file, catalogue.NAME)
    with folder.named(file, catalogue.NAME):
        return open_file(path, name)


def load_network(name: str, folder: WeightFolder | None = None) -> tuple[nn.Module, MetricCheckpoint]:
    """A network with its weights, in eval mode on the CPU, float32. Raises as `open_network`."""
    opened = open_network(name, folder)
    return fill(name, opened.config, opened.tensors), opened


def open_file(path: Path, name: str) -> MetricCheckpoint:
    """As `open_network`, for a file at any path. It may contain more than the network needs."""
    checkpoint = Checkpoint(read_torchscript(path)) if is_torchscript(path) else read_checkpoint(path)
    tensors = canonical(name, checkpoint.tensors)
    config = _config(path, name, checkpoint)
    rows = network(name, config)
    counters = frozenset(row.name for row in rows.rows if row.rule == "zero")
    differences = compare(tensors, rows, optional=counters)  # files of old versions do not count batches
    if differences.fatal(strict=False):
        raise WeightsError(
            "{path} does not fit {name}: {differences}. Check whether it was renamed, or delete it and "
            "download it again.",
            path=path,
            name=name,
            differences=differences,
        )
    used = {key: tensors[key] for key in rows.shapes if key in tensors}
    return MetricCheckpoint(path, name, used, config, checkpoint.random_weights, differences.extra)


def canonical(name: str, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The tensors of a file under the manifest's names, whichever program wrote it."""
    plain = {without_module(key): value for key, value in tensors.items()}
    if name not in VISION:
        return plain
    from evaluation.vbench.naming import clip_as_published, dino_as_published

    return dino_as_published(plain) if name == "dino_vitb16" else clip_as_published(plain)


def _config(path: Path, name: str, checkpoint: Checkpoint) -> dict[str, Any]:
    """The sizes that a file of random weights states.

    The file may come from anywhere, so only sizes are read.
    """
    if checkpoint.random_weights is None:
        return {}
    if (made_for := checkpoint.random_weights.get("network")) != name:
        raise WeightsError(
            "{path} does not fit {name}: it contains random weights for {made_for}.",
            path=path,
            name=name,
            made_for=made_for,
        )
    config = checkpoint.random_weights.get("config")
    if config not in ({}, TINY[name]):
        raise WeightsError("{path} cannot be used: it states no known size for {name}.", path=path, name=name)
    return dict(config)
