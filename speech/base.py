"""The contract of every speech engine."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    import numpy as np

Block: TypeAlias = "np.ndarray"
"""A block of sound: (n,) float32 mono at the engine's rate, full scale 1, n >= 0, in order."""


@dataclass(frozen=True)
class SpeechVoice:
    """One voice of a speech engine.

    name: typed by users; unique within the engine. title: shown on the page. languages: the codes of its
    languages, as in `speech.languages`; its main one first.
    """

    name: str
    title: str
    languages: tuple[str, ...]


@dataclass(frozen=True)
class Unspoken:
    """What a speech engine could not speak.

    characters: those of the text that it left out, each once.
    """

    characters: str


class SpeechEngine(ABC):
    """The interface of a speech engine.

    A speech engine knows nothing about files, pages and jobs. An instance serves several texts at the same
    time, so it stores nothing about a text.
    """

    rate: int
    """Samples per second of the sound from `speak`."""
    random_weights: bool = False
    """True after `load` if the network's weights are not the published ones; videos then say so."""

    def load(self) -> None:
        """Read weights; called once per process."""

    def unload(self) -> None:
        """Free the memory."""

    @abstractmethod
    def speak(self, text: str, language: str, voice: SpeechVoice, speed: float) -> Iterator[Block | Unspoken]:
        """Yield the sound of a text block by block; closing the generator stops the work.

        text: from `speech.text.checked_text`. It may come from strangers: a reader in a language without
        memory safety belongs in a separate process. language: one of the voice's. speed: 1 is the voice's
        own, 2 is twice as fast. The same arguments give the same sound on the same machine. Raises an error
        of `media.errors` for everything that a user can correct.
        """
