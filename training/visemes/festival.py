"""Festival's diphone voices, recorded from people: samples together with the end time of every segment.

One process speaks many sentences, because it takes most of a second to start.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
import wave
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from training.visemes.phoneme import Phoneme
from training.visemes.table import CMU

VOICES = {
    "ked_diphone": "english",
    "lp_diphone": "italian",
    "pc_diphone": "italian",
    "suo_fi_lj_diphone": "finnish",
    "hy_fi_mv_diphone": "finnish",
    "czech_dita": "czech",
    "czech_machac": "czech",
    "czech_krb": "czech",
    "czech_ph": "czech",
}
"""Voices that are used if they are installed, with their folders."""

_ROOT = Path("/usr/share/festival/voices")
_SCRIPT = """
(voice_{voice})
(Parameter.set 'Duration_Stretch {stretch:.3f})
(define (speak text out)
  (let ((u (eval (list 'Utterance 'Text text))))
    (utt.synth u)
    (utt.save.wave u (string-append out ".wav") 'riff)
    (utt.save.segs u (string-append out ".lab"))))
"""
_IPA = {
    "E": "ɛ", "O": "ɔ", "S": "ʃ", "SS": "ʃ", "tS": "tʃ", "dZ": "dʒ", "JJ": "ɲ", "LL": "ʎ", "ng": "ŋ",
    "nf": "ɱ", "N": "ŋ", "#": "", "pau": "", "ch": "x", "c": "ts", "s~": "ʃ", "z~": "ʒ", "c~": "tʃ",
    "r~": "r", "@": "ə",
}  # fmt: skip


def installed() -> list[str]:
    """Those of VOICES that are on this machine, in order."""
    if shutil.which("festival") is None:
        return []
    return [voice for voice, language in VOICES.items() if (_ROOT / language / voice).is_dir()]


def say_many(
    texts: Sequence[str], voice: str, *, stretch: float = 1.0
) -> list[tuple[np.ndarray, int, list[Phoneme]]]:
    """Speak every text with `voice`, `stretch` times as long as it would.

    Returns per text (n,) float32 samples in -1..1, their rate, and phonemes in IPA with times in seconds.
    A text that the voice cannot say is left out. Raises OSError when festival is missing.
    """
    if shutil.which("festival") is None:
        raise OSError("festival was not found: install the package 'festival', or leave its voices out")
    with tempfile.TemporaryDirectory() as folder:
        lines = [_SCRIPT.format(voice=voice, stretch=stretch)]
        for number, text in enumerate(texts):
            words = re.sub(r"[^A-Za-z ,.!?]", "", text)
            lines.append(f'(unwind-protect (speak "{words}" "{folder}/{number}") nil)')
        script = Path(folder) / "script.scm"
        script.write_text("\n".join(lines), encoding="ascii")
        subprocess.run(["festival", "-b", str(script)], check=False, capture_output=True)
        return [
            _read(Path(folder) / str(number), english=VOICES[voice] == "english")
            for number in range(len(texts))
            if (Path(folder) / f"{number}.lab").exists()
        ]


def _read(stem: Path, *, english: bool) -> tuple[np.ndarray, int, list[Phoneme]]:
    with wave.open(str(stem.with_suffix(".wav"))) as sound:
        rate = sound.getframerate()
        samples = np.frombuffer(sound.readframes(sound.getnframes()), np.int16)
    phonemes, start = [], 0.0
    for line in stem.with_suffix(".lab").read_text(encoding="latin-1").splitlines()[1:]:
        end, _, name = line.split()
        phonemes.append(Phoneme(_spelled(name, english=english), start, float(end)))
        start = float(end)
    return samples.astype(np.float32) / 32768.0, rate, phonemes


def _spelled(name: str, *, english: bool) -> str:
    if english:
        return CMU.get(name, "")
    bare = name.rstrip("0123456789:")
    return _IPA.get(bare, bare.rstrip("~"))
