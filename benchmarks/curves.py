"""Measures the curves of a voice: python -m benchmarks.curves

How fast they are written on one core, whether every format gives back what was written, and whether the mouth
cues of p, b and m lie where a synthesiser says that it spoke them: sentences that the network never heard, by
voices that it never heard, in four languages. With
--rhubarb, Rhubarb Lip Sync's cues stand beside ours.
"""

from __future__ import annotations

import sys
import tempfile
import time
import tracemalloc
from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import numpy as np

from benchmarks.figures import EXAMPLES, Figure, parser, report, tell
from benchmarks.rhubarb import PACKAGE, VERSION, installed, rhubarb_cues
from media.performance.blendshapes import BLENDSHAPES
from media.performance.formats import FORMATS, PerformanceFormat
from media.performance.performance import PerformanceHead
from media.performance.reading import read_performance
from media.performance.visemes import VisemeCue
from media.performance.vrm_expressions import expressions_of

RATE, FPS = 16000, 30
SECONDS = 120
"""Of voice that the speed is measured on."""
PAUSE = 0.6
NEAR = 0.05
"""Seconds by which a cue may miss its sound and still be meant by it."""
TOLERANCE = 0.01
VARIANTS = ("m3", "f2", "f4")
GERMAN = (
    "Bitte bringen Sie mir am Montag einen braunen Mantel mit.",
    "Mein Bruder baut im Sommer ein kleines Boot aus Papier.",
    "Der Bäcker verkauft am Morgen warme Brote und Brezeln.",
    "Am Abend spielen die Mädchen Ball auf dem Platz im Park.",
    "Ohne Brille kann meine Oma den Brief nicht lesen.",
    "Im Februar kommt der Nebel oft bis in das Tal herab.",
)
SPANISH = (
    "Por favor, mi madre compra un bonito sombrero blanco.",
    "El hombre camina con su perro por la playa.",
    "Mañana vamos a probar la comida del mercado.",
    "Una bomba de agua se rompió debajo del puente.",
    "Mi primo vive en un pueblo pequeño cerca del bosque.",
    "También me gusta beber café por la mañana.",
)


class Said(NamedTuple):
    """A lip closure that was spoken. start, end: seconds; after, before: whether a sound is next to it."""

    start: float
    end: float
    after: bool
    before: bool


def lines(language: str) -> list[tuple[str, str]]:
    """Sentences of a language with the voice that speaks each."""
    from training.visemes.voices import held_out

    if language in ("english", "mandarin"):
        return [(line.text, line.voice) for line in held_out(language)]
    texts, voice = {"german": (GERMAN, "de"), "spanish": (SPANISH, "es")}[language]
    return [(text, f"espeak:{voice}+{VARIANTS[n % len(VARIANTS)]}") for n, text in enumerate(texts)]


def spoken(language: str) -> tuple[np.ndarray, list[Said]]:
    """The sentences one after another, and where their lips close."""
    from training.visemes.synthesis import synthesise
    from training.visemes.table import BILABIAL, letters

    silence = np.zeros(round(PAUSE * RATE), np.float32)
    pieces = [silence]
    closures: list[Said] = []
    for text, voice in lines(language):
        samples, _, phonemes = synthesise(text, voice)
        begin = sum(map(len, pieces)) / RATE
        heard = [p for p in phonemes if letters(p.name)]
        held: Said | None = None
        for number, phoneme in enumerate(heard):
            if letters(phoneme.name)[:1] not in BILABIAL:
                continue
            after = number > 0 and phoneme.start - heard[number - 1].end < NEAR
            before = number + 1 < len(heard) and heard[number + 1].start - phoneme.end < NEAR
            one = Said(begin + phoneme.start, begin + phoneme.end, after, before)
            if held is not None and one.start - held.end < 0.03:  # as in "mb": the lips stay together
                held = held._replace(end=one.end, before=before)
                closures[-1] = held
            else:
                held = one
                closures.append(one)
        pieces += [0.7 * samples / max(float(np.abs(samples).max()), 1e-6), silence]
    return np.concatenate(pieces).astype(np.float32), closures


def cues_of(sound: np.ndarray) -> list[VisemeCue]:
    """The mouth cues of a sound."""
    from engines.preview.curves import cue_stream
    from engines.preview.engine import PreviewEngine
    from media.voice import open_voice

    return list(cue_stream(PreviewEngine(), open_voice((RATE, sound))))


def closure_figures(language: str, rhubarb: Path | None) -> Iterator[Figure]:
    """Recall, precision and boundaries of the cues for p, b and m. rhubarb: the folder of its port."""
    sound, said = spoken(language)
    yield from _closures(language, cues_of(sound), said, gates=(0.83, 40))
    if rhubarb is not None:
        tell(f"Rhubarb Lip Sync hears {len(sound) / RATE:.0f} s in {language}.")
        cues, spent = rhubarb_cues(rhubarb, sound)
        yield from _closures(f"{language}, Rhubarb", cues, said)
        if language == "english":  # the language that it knows
            told, _ = rhubarb_cues(rhubarb, sound, " ".join(text for text, _ in lines(language)))
            yield from _closures(f"{language}, Rhubarb with the text", told, said)
        faster = len(sound) / RATE / spent
        yield Figure(f"{language}, Rhubarb:   times faster than the voice", faster, "x")
        overlaps = sum(after.start < before.end - 1e-6 for before, after in pairwise(cues))
        yield Figure(f"{language}, Rhubarb:   cues that overlap ({len(cues)})", overlaps)


def _closures(
    name: str,
    cues: list[VisemeCue],
    said: list[Said],
    gates: tuple[float | None, float | None] = (None, None),
) -> Iterator[Figure]:
    found = [cue for cue in cues if cue.viseme == "PP"]
    hits, misses = 0, []
    for one in said:
        near = [cue for cue in found if cue.start < one.end + 0.01 and cue.end > one.start - 0.01]
        if not near:
            continue
        hits += 1
        # Whether the lips meet in the silence around a sentence cannot be heard.
        misses += [abs(min(cue.start for cue in near) - one.start)] if one.after else []
        misses += [abs(max(cue.end for cue in near) - one.end)] if one.before else []
    right = sum(
        any(cue.start < one.end + NEAR and cue.end > one.start - NEAR for one in said) for cue in found
    )
    yield Figure(f"{name}: p, b, m that have a cue ({len(said)})", hits / len(said), "", gates[0])
    yield Figure(f"{name}:   cues that are a p, b or m ({len(found)})", right / max(len(found), 1))
    middle = 1000 * float(np.median(misses)) if misses else np.nan
    yield Figure(f"{name}:   median distance of a boundary", middle, "ms", gates[1], at_least=False)


def speed_figures(folder: Path) -> Iterator[Figure]:
    """Seconds of voice for a second of one core, with reading the voice and writing the file, and memory."""
    import wave

    from studio.curves import curve_request, write_curves
    from studio.settings import Settings

    sound, _ = spoken("english")
    sound = np.tile(sound, -(-SECONDS * RATE // len(sound)))[: SECONDS * RATE]
    voice = folder / "voice.wav"
    with wave.open(str(voice), "wb") as file:
        file.setparams((1, 2, RATE, 0, "NONE", ""))
        file.writeframes(np.round(sound * 32767).astype("<i2").tobytes())
    settings = Settings(decode="direct")
    for kind in FORMATS:
        target = folder / f"take.{kind.mark}{kind.ending}"
        for fps in (FPS, kind.rates[1]) if kind.frames is not None else (None,):
            best = np.inf
            for _ in range(2):
                began = time.process_time()
                request = curve_request(voice, target, format=kind.name, fps=fps)
                for _ in write_curves(request, target, settings):
                    pass
                best = min(best, time.process_time() - began)
            rate = f" at {fps} per second" if fps else ""
            yield Figure(f"{kind.name}{rate}: times faster than the voice", SECONDS / best, "x", 100)
    tracemalloc.start()
    for _ in write_curves(
        curve_request(voice, folder / "a.livelink.csv"), folder / "a.livelink.csv", settings
    ):
        pass
    peak = tracemalloc.get_traced_memory()[1] / 1e6
    tracemalloc.stop()
    yield Figure("memory beside the voice's samples", peak - 4 * len(sound) / 1e6, "MB", 30, at_least=False)


def round_trip_figures(folder: Path) -> Iterator[Figure]:
    """The largest change of a value in every format of frames, and of a boundary in every format of cues."""
    from engines.preview.curves import curve_blocks
    from engines.preview.engine import PreviewEngine
    from engines.preview.options import PreviewOptions
    from media.voice import open_voice

    speech = open_voice(EXAMPLES / "voices" / "mandarin.wav")
    blocks = list(curve_blocks(PreviewEngine(), speech, PreviewOptions(fps=FPS), 1))
    values, angles = (np.concatenate(one) for one in zip(*blocks, strict=True))
    cues = cues_of(speech.samples)
    for kind in FORMATS:
        path = folder / "take"
        if kind.frames is not None:
            _write(path, kind, values, angles)
            found = read_performance(path)
            got, turned = found.at(np.arange(len(values)) / FPS)
            change = np.abs(got - values).max()
            if kind.name == "vrma":  # it has 7 expressions, and gives these back
                change = np.abs(expressions_of(got) - expressions_of(values))[:, [5, 6]].max()
            if kind.name in ("live-link-face", "keyframes"):
                change = max(change, np.abs(turned - angles).max())
            if kind.name in ("vrma", "vrma-arkit"):
                change = max(change, np.abs(turned[:, :3] - angles[:, :3]).max())
            late = abs(found.duration - len(values) / FPS) * FPS
            yield Figure(f"{kind.name}: largest change", float(change), "", TOLERANCE, at_least=False)
        else:
            assert kind.cues is not None
            rate = 100
            with path.open("wb") as file:
                frames = round(speech.duration * rate)
                kind.cues(file, iter(cues), PerformanceHead(Fraction(rate), frames, "voice.wav"))
            found = read_performance(path, rate=Fraction(rate))
            late = abs(found.duration - speech.duration) * FPS
            yield from _lips(kind.name, cues, found.at(np.arange(0, speech.duration, 0.01))[0])
        yield Figure(f"{kind.name}:   change of the length", late, "frame", 1, at_least=False)


def _write(path: Path, kind: PerformanceFormat, values: np.ndarray, angles: np.ndarray) -> None:
    assert kind.frames is not None
    with path.open("w+b") as file:
        writer = kind.frames(file, PerformanceHead(Fraction(FPS), len(values), "voice.wav"))
        writer.add(values, angles)
        writer.finish()
        writer.close()


def _lips(name: str, cues: list[VisemeCue], values: np.ndarray) -> Iterator[Figure]:
    """Whether lips are pressed in the middle of every closed cue, and of no other."""
    pressed = values[:, BLENDSHAPES.index("mouthPressLeft")] > 0.25
    middles = [(round(50 * (cue.start + cue.end)), cue.viseme == "PP") for cue in cues]
    same = np.mean([pressed[min(at, len(pressed) - 1)] == closed for at, closed in middles])
    yield Figure(f"{name}: cues that come back", float(same), "", 1.0)


def main() -> int:
    arguments = parser(__doc__ or "")
    arguments.add_argument("--only", choices=("speed", "round-trip", "cues"), help="one part of the figures")
    arguments.add_argument(
        "--rhubarb",
        type=Path,
        metavar="FOLDER",
        help=f"compare with Rhubarb Lip Sync: where you ran `npm install {PACKAGE}@{VERSION}`",
    )
    chosen = arguments.parse_args()
    if chosen.rhubarb is None and chosen.only in (None, "cues"):
        tell(
            f"Rhubarb Lip Sync is left out. To compare, npm install {PACKAGE}@{VERSION}, and give --rhubarb."
        )
    elif chosen.rhubarb is not None and not installed(chosen.rhubarb):
        arguments.error(f"{PACKAGE} is not in {chosen.rhubarb}; run npm install {PACKAGE}@{VERSION} there.")

    def measured() -> Iterator[Figure]:
        with tempfile.TemporaryDirectory() as folder:
            if chosen.only in (None, "cues"):
                for language in ("english", "mandarin", "german", "spanish"):
                    yield from closure_figures(language, chosen.rhubarb)
            if chosen.only in (None, "round-trip"):
                yield from round_trip_figures(Path(folder))
            if chosen.only in (None, "speed"):
                yield from speed_figures(Path(folder))

    return report(measured(), as_json=chosen.json)


if __name__ == "__main__":
    sys.exit(main())
