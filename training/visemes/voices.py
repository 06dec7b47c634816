"""Which voices are trained on and which are kept for the report."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from training.visemes import sentences

Writer = Callable[[np.random.Generator], str]

VARIANTS = (
    "m1 m2 m4 m5 m6 m7 m8 f1 f3 f5 croak Alex Andrea Andy Annie Denis Diogo Gene Gene2 Hugo Jacky Lee Marco "
    "Mario Michael Mike Nguyen adam anika antonio aunty belinda benjamin boris caleb david ed edward grandma "
    "grandpa gustave iven john kaukovalta klatt klatt2 klatt4 linda marcelo max michel miguel norbert pablo "
    "paul pedro quincy rob robert sandro shelby steph travis victor zac whisper whisperf"
).split()
HELD_OUT_VARIANTS = ("m3", "f2", "f4", "klatt3", "steph2", "edward2")

ENGLISH = ("en-us", "en-us", "en", "en-gb-scotland", "en-gb-x-rp", "en-gb-x-gbclan", "en-029")
MANDARIN = ("cmn-latn-pinyin",)
OTHERS = tuple(
    "de fr es it pt pt-br nl pl sv da nb fi cs sk hu ro tr id sw hr ca es-419 fr-be vi et lv sq".split()
)

FRENCH = ("fr", "fr-be")
WITH_UMLAUTS = ("de", "hu", "tr", "et")

FLITE = ("rms", "kal16", "awb", "kal")
HELD_OUT_FLITE = "slt"


class CorpusLanguage(NamedTuple):
    """A way to draw sentences and the voices that read them, with its share of the corpus."""

    name: str
    share: float
    write: Writer
    voices: tuple[str, ...]


LANGUAGES = (
    CorpusLanguage("english", 0.28, sentences.english, ENGLISH),
    CorpusLanguage("mandarin", 0.40, sentences.mandarin, MANDARIN),
    CorpusLanguage("others", 0.20, sentences.invented, OTHERS),
    CorpusLanguage("french", 0.07, sentences.french, FRENCH),
    CorpusLanguage("umlauts", 0.05, sentences.rounded, WITH_UMLAUTS),
)


class HeldOut(NamedTuple):
    """One held-out sentence with the held-out voice that speaks it."""

    group: str
    text: str
    voice: str


def held_out(group: str) -> list[HeldOut]:
    """Held-out sentences of held-out voices.

    group: "english", "mandarin" (espeak-ng variants that are never trained on) or "flite" (a voice that is
    never trained on). Raises ValueError for another name.
    """
    lines: tuple[str, ...]
    base: tuple[str, ...]
    if group == "english":
        lines, base = sentences.HELD_OUT_ENGLISH, ("espeak:en-us", "espeak:en")
    elif group == "mandarin":
        lines, base = sentences.HELD_OUT_MANDARIN, ("espeak:cmn-latn-pinyin",)
    elif group == "flite":
        return [HeldOut(group, text, f"flite:{HELD_OUT_FLITE}") for text in sentences.HELD_OUT_ENGLISH]
    else:
        raise ValueError(f"no held-out group {group!r}; there are english, mandarin and flite")
    variants = HELD_OUT_VARIANTS
    return [
        HeldOut(group, text, f"{base[i % len(base)]}+{variants[i % len(variants)]}")
        for i, text in enumerate(lines)
    ]
