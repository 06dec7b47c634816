"""Checks all weight files of this engine: which exist, which fit, which can be converted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import ClassVar

from engines.joyvasa.motion.template import MotionTemplate
from engines.joyvasa.weights import catalogue as weights
from engines.joyvasa.weights.checkpoints import JoyVasaCheckpoint, open_file, read_template
from engines.joyvasa.xpose.text import read_codes
from engines.weights.catalogue import RANDOM_MARK, WeightFile, WeightFolder
from engines.weights.pickles import read_pickle
from engines.weights.reading import read_checkpoint
from engines.weights.weight_set import Contents, Size, WeightReport, WeightSet
from media.errors import WeightsError


class JoyVasaWeights(WeightSet):
    """The files of both modes."""

    catalogue: ClassVar = weights.CATALOGUE

    def needed(self, folder: WeightFolder) -> tuple[str, ...]:
        """Human mode, and animal mode if one of its own files exists."""
        own = (file for file in self.catalogue.files if file.groups == (weights.ANIMAL,))
        return (weights.HUMAN, *([weights.ANIMAL] if any(map(folder.find, own)) else ()))

    def wanted(self, folder: WeightFolder, groups: Iterable[str]) -> list[WeightFile]:
        """Animal mode also needs CLIP until the embeddings of its words exist."""
        asked = tuple(groups)
        return super().wanted(folder, (*asked, weights.WORDS) if self._words(folder, asked) else asked)

    def make(self, folder: WeightFolder, groups: Iterable[str]) -> Iterator[tuple[WeightFile, Path]]:
        """Make the embeddings of animal mode's words with CLIP."""
        from engines.joyvasa.weights.text_codes import make_text_codes

        if self._words(folder, groups):
            yield weights.TEXT_CODES, make_text_codes(folder)

    def check_file(self, folder: WeightFolder, file: WeightFile) -> WeightReport:
        """Check one file, tensor by tensor."""
        if file.made_here and folder.find(file) is None:
            note = "made with: python cli.py weights download joyvasa --only animal"
            return WeightReport(file, None, "missing", note)
        return super().check_file(folder, file)

    def open_network(self, file: WeightFile, path: Path) -> JoyVasaCheckpoint:
        """A file of one network."""
        return open_file(path, str(file.network))

    def examine(self, folder: WeightFolder, file: WeightFile, path: Path) -> WeightReport:
        """Check networks tensor by tensor, the template and the words as a whole, other files by their first
        bytes.
        """
        if file is weights.MOTION_TEMPLATE:
            arrays = read_template(folder)
            try:
                MotionTemplate.from_arrays(arrays)
            except (KeyError, ValueError) as error:
                return WeightReport(file, path, "wrong", f"{path} is not a motion template: {error}.")
            return WeightReport(file, path, "random" if RANDOM_MARK in arrays else "ok")
        if file is weights.TEXT_CODES:
            read_codes(path)
            return WeightReport(file, path, "random" if read_checkpoint(path).random_weights else "ok")
        return super().examine(folder, file, path)

    def is_random(self, file: WeightFile, path: Path) -> bool:
        """Whether a file was written by `synthesize`; False for one that cannot be read."""
        try:
            if file is weights.MOTION_TEMPLATE:
                return RANDOM_MARK in read_pickle(path)
            return bool((file.network or file is weights.TEXT_CODES) and read_checkpoint(path).random_weights)
        except (WeightsError, TypeError):
            return False

    def contents(self, file: WeightFile, path: Path) -> Contents:
        """The content of the converted form."""
        opened = self.open_network(file, path)
        return Contents(opened.tensors, opened.facts, opened.random_weights)

    def synthesize(self, folder: WeightFolder, size: Size, salt: str) -> Iterator[Path]:
        """See random_weights.py."""
        from engines.joyvasa.weights.random_weights import synthesize

        return synthesize(folder, size, salt)

    def _words(self, folder: WeightFolder, groups: Iterable[str]) -> bool:
        """Whether CLIP has to make the words' embeddings, because they are missing or random."""
        codes = folder.find(weights.TEXT_CODES)
        return weights.ANIMAL in groups and (codes is None or self.is_random(weights.TEXT_CODES, codes))


WEIGHTS = JoyVasaWeights()


def has_random(folder: WeightFolder, *, animal: bool = False) -> bool:
    """Whether any file that a mode uses holds random weights: videos made with it must say so."""
    return WEIGHTS.has_random(folder, weights.ANIMAL if animal else weights.HUMAN)
