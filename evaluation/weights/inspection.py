"""Checks the metrics' weight files: which exist, which fit, which can be converted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import ClassVar

from engines.weights.catalogue import WeightFile, WeightFolder
from engines.weights.weight_set import Contents, Size, WeightSet
from evaluation.weights import catalogue
from evaluation.weights.checkpoints import MetricCheckpoint, open_file


class MetricWeights(WeightSet):
    """The files of all metrics that need weights."""

    catalogue: ClassVar = catalogue.CATALOGUE

    def needed(self, folder: WeightFolder) -> tuple[str, ...]:
        """None: the metrics are independent, and the table says which were not measured."""
        return ()

    def wanted(self, folder: WeightFolder, groups: Iterable[str]) -> list[WeightFile]:
        """Without Q-Align's indexes: only one of them is published, and `make` finds out which."""
        indexes = (catalogue.SAFE_INDEX, catalogue.BIN_INDEX)
        return [file for file in super().wanted(folder, groups) if file not in indexes]

    def make(self, folder: WeightFolder, groups: Iterable[str]) -> Iterator[tuple[WeightFile, Path]]:
        """Download Q-Align's weights, whose files are known from the index."""
        if catalogue.QUALITY in groups:
            from evaluation.weights.shards import fetch_shards

            yield from fetch_shards(folder)

    def open_network(self, file: WeightFile, path: Path) -> MetricCheckpoint:
        """A file of one network."""
        return open_file(path, str(file.network))

    def contents(self, file: WeightFile, path: Path) -> Contents:
        """The content of the converted form: the tensors that the network needs, under the
        manifest's names.
        """
        opened = self.open_network(file, path)
        return Contents(opened.tensors, {}, opened.random_weights)

    def convert_files(self, folder: WeightFolder) -> Iterator[tuple[Path, Path]]:
        """Convert also Q-Align's files, whose process opens no other form."""
        from evaluation.qalign.conversion import convert_shards

        yield from super().convert_files(folder)
        yield from convert_shards(folder)

    def synthesize(self, folder: WeightFolder, size: Size, salt: str) -> Iterator[Path]:
        """See random_weights.py."""
        from evaluation.weights.random_weights import synthesize

        return synthesize(folder, size, salt)
