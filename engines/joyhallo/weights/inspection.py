"""Checks all weight files of this engine: which exist, which fit, which can be converted."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

from engines.joyhallo.networks.config import AudioBlock
from engines.joyhallo.weights import catalogue as weights
from engines.joyhallo.weights.checkpoints import JoyHalloCheckpoint, canonical, open_file, open_net
from engines.weights.catalogue import WeightFile, WeightFolder
from engines.weights.reading import read_checkpoint
from engines.weights.weight_set import Contents, Size, WeightSet

GROUP_OF: dict[AudioBlock, str] = {"joyhallo": weights.JOYHALLO, "hallo": weights.HALLO}


class JoyHalloWeights(WeightSet):
    """The files of JoyHallo, and of Hallo, on which it is based."""

    catalogue: ClassVar = weights.CATALOGUE

    def needed(self, folder: WeightFolder) -> tuple[str, ...]:
        """JoyHallo, and Hallo if its networks exist."""
        return (weights.JOYHALLO, *([weights.HALLO] if folder.find(weights.HALLO_NET) else ()))

    def open_network(self, file: WeightFile, path: Path) -> JoyHalloCheckpoint:
        """A file of one network, or of the five."""
        if file.network == weights.NET:
            return open_net(path, "hallo" if file is weights.HALLO_NET else "joyhallo")
        return open_file(path, str(file.network))

    def contents(self, file: WeightFile, path: Path) -> Contents:
        """The content of the converted form: the same tensors under the current names."""
        kind = str(file.network)
        opened = open_file(path, kind)
        return Contents(canonical(kind, read_checkpoint(path).tensors), opened.facts, opened.random_weights)

    def synthesize(self, folder: WeightFolder, size: Size, salt: str) -> Iterator[Path]:
        """See random_weights.py."""
        from engines.joyhallo.weights.random_weights import synthesize

        return synthesize(folder, size, salt)


WEIGHTS = JoyHalloWeights()


def has_random(folder: WeightFolder, variant: AudioBlock = "joyhallo") -> bool:
    """Whether any file that a variant uses holds random weights: videos made with it must say so."""
    return WEIGHTS.has_random(folder, GROUP_OF[variant])
