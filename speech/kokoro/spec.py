"""What the rest of the program knows about Kokoro."""

from __future__ import annotations

from engines.packages import Packages
from engines.spec import WeightsSpec
from speech.base import SpeechVoice
from speech.spec import SpeechSpec

ENGLISH = (
    "af_heart af_bella af_nicole af_aoede af_kore af_sarah am_fenrir am_michael am_puck bf_emma bf_isabella "
    "bm_fable bm_george"
).split()
MANDARIN = "zf_xiaobei zf_xiaoni zf_xiaoxiao zf_xiaoyi zm_yunjian zm_yunxi zm_yunxia zm_yunyang".split()
"""Kokoro's own names: language (American, British, z for Mandarin), f or m for woman or man, and a name."""
_LANGUAGES = {"a": ("en", "en-GB"), "b": ("en-GB", "en"), "z": ("zh",)}


def _voice(name: str) -> SpeechVoice:
    kind, _, own = name.partition("_")
    who = {"f": "woman", "m": "man"}[kind[1]]
    return SpeechVoice(name, f"{own.capitalize()}, {who}", _LANGUAGES[kind[0]])


SPEC = SpeechSpec(
    name="kokoro",
    title="Kokoro",
    about="Sounds natural, in English and Mandarin. Needs weights, and about as long as the speech lasts.",
    licence="Apache-2.0; spells English with espeak-ng (GPL-3.0), which runs as a program of its own",
    engine="speech.kokoro.engine:KokoroEngine",
    voices=tuple(map(_voice, (*ENGLISH, *MANDARIN))),
    weights=WeightsSpec(
        "speech.kokoro.weights.inspection:KokoroWeights",
        usual="English and Mandarin, 103 MB",
        full_size="the same as tiny",
    ),
    packages=Packages(("onnxruntime", "pypinyin", "espeakng_loader"), "pip install -r requirements.txt"),
)
