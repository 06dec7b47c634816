"""Make the voices in examples/voices: python scripts/make_example_voices.py

Needs the programs flite and espeak-ng (Debian packages of these names). The texts are our own; CREDITS.md
repeats them.
"""

from __future__ import annotations

import subprocess
import tempfile
import wave
from pathlib import Path

import numpy as np

OUT = Path(__file__).resolve().parent.parent / "examples" / "voices"
RATE = 16000
PEAK_DBFS = -3.0

# File name: (program, voice, parts). A part is a text to say or a pause in seconds.
VOICES: dict[str, tuple[str, str, tuple[str | float, ...]]] = {
    "english-woman": (
        "flite",
        "slt",
        ("Hello! Give me a picture and a voice, and I will talk. Every word you hear is mine to move.",),
    ),
    "english-man-with-pauses": (
        "flite",
        "rms",
        (
            0.2,
            "Before we begin, watch my lips.",
            0.8,
            "When I pause, they stay together.",
            0.6,
            "Simple, is it not?",
            0.4,
        ),
    ),
    "mandarin": (
        "espeak-ng",
        "cmn-latn-pinyin",
        (
            "ni3 hao3, huan1 ying2.",
            0.25,
            "yi4 zhang1 zhao4 pian4, yi2 duan4 sheng1 yin1, wo3 men5 ma3 shang4 shuo1 hua4.",
        ),
    ),
}


def say(program: str, voice: str, text: str) -> np.ndarray:
    """Speak `text`; returns mono float32 at RATE."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "speech.wav"
        command = {
            "flite": ["flite", "-voice", voice, "-t", text, "-o", str(path)],
            "espeak-ng": ["espeak-ng", "-v", voice, "-s", "150", "-p", "45", "-w", str(path), text],
        }[program]
        subprocess.run(command, check=True, capture_output=True)
        with wave.open(str(path)) as file:
            rate, samples = file.getframerate(), file.readframes(file.getnframes())
    sound = np.frombuffer(samples, np.int16).astype(np.float32) / 32768
    if rate != RATE:
        import soxr

        sound = soxr.resample(sound, rate, RATE)
    loud = np.flatnonzero(np.abs(sound) > 0.01)
    margin = RATE // 20
    return sound[max(loud[0] - margin, 0) : loud[-1] + margin]


def make(name: str) -> Path:
    """Write one voice and return its path."""
    program, voice, parts = VOICES[name]
    pieces = [
        say(program, voice, part) if isinstance(part, str) else np.zeros(int(part * RATE), np.float32)
        for part in parts
    ]
    sound = np.concatenate(pieces)
    sound *= 10 ** (PEAK_DBFS / 20) / np.abs(sound).max()
    path = OUT / f"{name}.wav"
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(np.round(sound * 32767).astype("<i2").tobytes())
    return path


if __name__ == "__main__":
    OUT.mkdir(exist_ok=True)
    for name in VOICES:
        path = make(name)
        print(path, f"{path.stat().st_size / 2 / RATE:.1f} s")
