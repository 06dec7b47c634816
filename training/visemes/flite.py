"""flite's voices, by its command line: samples together with the end time of every phone."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import wave
from pathlib import Path

import numpy as np

from training.visemes.phoneme import Phoneme
from training.visemes.table import CMU


def flite_available() -> bool:
    """Whether the flite command is on this machine."""
    return shutil.which("flite") is not None


def say(text: str, voice: str, *, stretch: float = 1.0) -> tuple[np.ndarray, int, list[Phoneme]]:
    """Speak `text` with flite's `voice` ("slt"), `stretch` times as long.

    Returns (n,) float32 samples in -1..1, their rate, and the phonemes in IPA with times in seconds.
    Raises OSError when flite is missing and subprocess.CalledProcessError when it fails.
    """
    if not flite_available():
        raise OSError("flite was not found: install the package 'flite', or leave its voices out")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "voice.wav"
        command = ["flite", "-voice", voice, "--setf", f"duration_stretch={stretch:.3f}"]
        command += ["-psdur", "-t", text, "-o", str(path)]
        output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        with wave.open(str(path)) as sound:
            rate = sound.getframerate()
            samples = np.frombuffer(sound.readframes(sound.getnframes()), np.int16)
    phonemes, start = [], 0.0
    for item in output.split():
        name, _, end = item.rpartition(":")
        phonemes.append(Phoneme(CMU.get(name, ""), start, float(end)))
        start = float(end)
    return samples.astype(np.float32) / 32768.0, rate, phonemes
