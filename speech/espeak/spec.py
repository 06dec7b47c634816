"""What the rest of the program knows about espeak-ng.

espeak-ng is under the GPL, version 3, and this program under the MIT licence. So espeak-ng stays a separate
program: a package in the requirements that the package manager gets from its authors, and a process that
receives a text and answers with sound. This program neither contains nor loads it. Without the package, only
this speech engine and those that spell with it are missing.
"""

from __future__ import annotations

from engines.packages import Packages
from speech.base import SpeechVoice
from speech.spec import SpeechSpec

VOICES = {
    "en": "en-us", "en-GB": "en", "zh": "cmn", "es": "es", "fr": "fr", "de": "de", "it": "it",
    "pt": "pt-br", "nl": "nl", "pl": "pl", "tr": "tr", "vi": "vi", "id": "id", "ru": "ru", "uk": "uk",
    "el": "el", "hi": "hi",
}  # fmt: skip
"""Languages, and espeak-ng's name of the voice for each."""
VARIANTS = {"woman": "f2", "man": "m3"}
"""Voices, and espeak-ng's variants of them."""
PACKAGE = "espeakng_loader"

SPEC = SpeechSpec(
    name="espeak",
    title="espeak-ng",
    about="Speaks at once on any machine. It sounds robotic.",
    licence="GPL-3.0; runs as a program of its own",
    engine="speech.espeak.engine:EspeakEngine",
    voices=tuple(SpeechVoice(name, name.capitalize(), tuple(VOICES)) for name in VARIANTS),
    packages=Packages((PACKAGE,), "pip install espeakng-loader"),
)
