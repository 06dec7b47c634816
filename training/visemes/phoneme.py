"""A phoneme with its time."""

from __future__ import annotations

from typing import NamedTuple


class Phoneme(NamedTuple):
    """`name` as the synthesiser writes it (IPA for espeak-ng, CMU names for flite); times in seconds."""

    name: str
    start: float
    end: float
