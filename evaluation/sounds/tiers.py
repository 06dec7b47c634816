"""Which tier of an aligned file holds the sounds."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from media.documents.quoting import quoted
from media.errors import DocumentError

Label = tuple[float, float, str]
"""start and end in seconds, and what stands there."""

_SOUNDS = re.compile(r"(?i)(?:^|\W|_)(?:phon(?:e|eme)?s?|phn|mau|segments?|sounds?)$")
"""How aligners call it: phones (MFA, Charsiu), "speaker - phones" (MFA, several speakers), MAU (MAUS)."""


def sounds_of(tiers: Mapping[str, Iterable[Label]]) -> list[Label]:
    """The labels of all tiers of sounds, in order of time; those of the only tier, whatever its name.

    Raises DocumentError if no name says which one is meant.
    """
    chosen = [name for name in tiers if _SOUNDS.search(name.strip())]
    if not chosen and len(tiers) == 1:
        chosen = list(tiers)
    if not chosen:
        raise DocumentError(
            "none of its tiers is called phones, phonemes or MAU; it has {names}",
            names=", ".join(f'"{quoted(name, 40)}"' for name in [*tiers][:5]) or "no tier of intervals",
        )
    return sorted(label for name in chosen for label in tiers[name])
