"""The contract of every speech engine."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    import numpy as np

Block: TypeAlias = "np.ndarray"
"""A piece of the sound: (n,) float32 mono at the engine's rate, full scale 1, n >= 0, in order."""


@dataclass(frozen=True)
class SpeechVoice:
    """One voice of a speech engine.

    name: what users type; unique within the engine. title: what the page shows. languages: the codes of
    those it reads, as in `speech.languages`; the first is its own.
    """

    name: str
    title: str
    languages: tuple[str, ...]


@dataclass(frozen=True)
class Left:
    """What a speech engine could not say.

    characters: those of the text that it left out, each once.
    """

    characters: str


class SpeechEngine(ABC):
    """One way of speaking a text.

    A speech engine knows nothing of files, pages and jobs. An instance serves several texts at the same
    time, so it stores nothing of a text.
    """

    rate: int
    """Samples per second of what `speak` yields."""
    random_weights: bool = False
    """True after `load` when the network's weights are not the published ones; videos then say so."""

    def load(self) -> None:
        """Read weights; called once per process."""

    def unload(self) -> None:
        """Give the memory back."""

    @abstractmethod
    def speak(self, text: str, language: str, voice: SpeechVoice, speed: float) -> Iterator[Block | Left]:
        """Yield the sound of a text piece by piece; closing the generator stops the work.

        text: as `speech.text.checked_text` returns it. Strangers write it: what reads it in a language
        without memory safety belongs in a process of its own. language: one of the voice's. speed: 1 is the
        voice's own, 2 is twice as fast. The same arguments give the same sound on the same machine.
        Raises an error of `media.errors` for what a user can correct.
        """
