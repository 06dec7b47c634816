"""Examines Kokoro's files: which are installed, published or random."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

from engines.weights.catalogue import WeightFile, WeightFolder
from engines.weights.weight_set import Contents, OpenedFile, Size, WeightReport, WeightSet
from media.errors import WeightsError
from speech.kokoro.weights import catalogue
from speech.kokoro.weights.published import SHA256, SIZE


class KokoroWeights(WeightSet):
    """The network and a file for each voice. They have no named tensors and are compared by content."""

    catalogue: ClassVar = catalogue.CATALOGUE

    def open_network(self, file: WeightFile, path: Path) -> OpenedFile:
        """Raises WeightsError: no file of Kokoro has named tensors."""
        raise WeightsError("{path} holds no named tensors.", path=path)

    def contents(self, file: WeightFile, path: Path) -> Contents:
        """Raises WeightsError: no file of Kokoro can be converted."""
        raise WeightsError("{path} holds no named tensors.", path=path)

    def examine(self, folder: WeightFolder, file: WeightFile, path: Path) -> WeightReport:
        """Compare a file with the published one. Raises OSError."""
        if catalogue.is_random(path):
            return WeightReport(file, path, "random")
        if file.name in SIZE:
            size, wanted = path.stat().st_size, SIZE[file.name]
            if size == wanted:
                return WeightReport(file, path, "ok")
            return WeightReport(file, path, "wrong", f"It has {size} bytes; the published one has {wanted}.")
        with path.open("rb") as content:
            found = hashlib.file_digest(content, "sha256").hexdigest()
        if found in SHA256[file.name]:
            return WeightReport(file, path, "ok")
        return WeightReport(
            file,
            path,
            "wrong",
            f"Its SHA-256 is {found[:12]}; the published one's is {SHA256[file.name][0][:12]}.",
        )

    def is_random(self, file: WeightFile, path: Path) -> bool:
        """Whether a file was written by `synthesize`."""
        return catalogue.is_random(path)

    def synthesize(self, folder: WeightFolder, size: Size, salt: str) -> Iterator[Path]:
        """See random_weights.py."""
        from speech.kokoro.weights.random_weights import synthesize

        return synthesize(folder, size, salt)
