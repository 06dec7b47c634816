"""Measures whether the lips match the voice: python -m benchmarks.lipsync

Two groups are voices of people and of a neural synthesiser: for them, the network is measured alone, clean
and degraded, and then the finished video. The group of sounds has no voice in it at all. The others are
synthesised by rule: sentences and voices that the network never heard are spoken with pauses between,
rendered by the preview engine onto a frontal portrait, and the landmarks are detected again in the frames of
the finished mp4. The measures and the threshold for closed lips are explained in `benchmarks.lip_tracks`,
those of running speech in `training.visemes.running_speech`.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
import wave
from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import product
from pathlib import Path

import numpy as np

from benchmarks import lip_tracks
from benchmarks.figures import EXAMPLES, Figure, parser, report
from benchmarks.lip_tracks import SpokenTracks
from benchmarks.lipsync_sounds import sound_figures
from benchmarks.lipsync_voices import VOICES, network_figures, on_a_recording, video_figures
from engines.preview.mouth import LIVE_WEIGHTS

RATE = 16000
FPS = 25
SPEEDS = (1.0, 0.8)  # every sentence is said twice, the second time slowly
PAUSE = 0.7  # seconds before each sentence and after the last
SOUNDS = "sounds"
GROUPS = (*VOICES, SOUNDS, "english", "mandarin", "flite")


def speak(group: str, sentences: int) -> tuple[np.ndarray, SpokenTracks]:
    """The held-out sentences of a group one after another: (n,) float32 samples and what is said in them."""
    from training.visemes.synthesis import Manner, synthesise
    from training.visemes.targets import targets
    from training.visemes.voices import held_out

    silence = np.zeros(round(PAUSE * RATE), np.float32)
    pieces = [silence]
    closures: list[tuple[float, float]] = []
    speech: list[tuple[float, float]] = []
    curves = []
    for line, speed in product(held_out(group)[:sentences], SPEEDS):
        samples, _, phonemes = synthesise(line.text, line.voice, Manner(speed=speed))
        begin = sum(map(len, pieces)) / RATE
        curves.append((begin, targets(phonemes, len(samples) / RATE)))
        closures += [(begin + p.start, begin + p.end) for p in phonemes if _is_bilabial(p.name)]
        speech += [(begin + start, begin + end) for start, end in _stretches(phonemes)]
        pieces += [0.7 * samples / max(float(np.abs(samples).max()), 1e-6), silence]
    sound = np.concatenate(pieces).astype(np.float32)
    return sound, SpokenTracks(_opening(curves, len(sound) / RATE), closures, speech)


def _is_bilabial(name: str) -> bool:
    from training.visemes.table import BILABIAL, letters

    return letters(name)[:1] in BILABIAL


def _stretches(phonemes: list) -> list[tuple[float, float]]:
    """Runs of sounds without a gap between them, as (start, end) in seconds."""
    from training.visemes.table import letters

    runs: list[tuple[float, float]] = []
    for phoneme in phonemes:
        if not letters(phoneme.name):
            continue
        if runs and phoneme.start - runs[-1][1] < 0.06:
            runs[-1] = (runs[-1][0], phoneme.end)
        else:
            runs.append((phoneme.start, phoneme.end))
    return runs


def _opening(curves: list[tuple[float, np.ndarray]], seconds: float) -> np.ndarray:
    """Target opening per video frame: the jaw's, where the lips are not pressed."""
    from engines.preview.mouth import CHANNELS, FRAME_RATE

    fine = np.zeros(round(seconds * FRAME_RATE))
    jaw, closure = CHANNELS.index("jaw"), CHANNELS.index("closure")
    for begin, curve in curves:
        start = round(begin * FRAME_RATE)
        fine[start : start + len(curve)] = (curve[:, jaw] * (1 - curve[:, closure]))[: len(fine) - start]
    edges = np.arange(round(seconds * FPS) + 1) * FRAME_RATE / FPS
    middles = np.arange(len(fine)) + 0.5
    frame = np.searchsorted(edges, middles, side="right") - 1
    frame = np.clip(frame, 0, len(edges) - 2)
    return np.bincount(frame, fine, len(edges) - 1) / np.maximum(
        np.bincount(frame, minlength=len(edges) - 1), 1
    )


def render(
    sound: np.ndarray, portrait: Path, folder: Path, options: Mapping[str, object] | None = None
) -> Path:
    """Make the video through the same pipeline as a user's job and return its path."""
    from studio.job import Job
    from studio.run import run
    from studio.settings import Settings

    voice, video = folder / "voice.wav", folder / "video.mp4"
    with wave.open(str(voice), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(np.round(sound * 32767).astype("<i2").tobytes())
    values = {"fps": FPS, **(options or {})}
    job = Job(portrait=portrait, voice=voice, output=video, options=values, seed=1)
    for _ in run(job, Settings(outputs=folder, history=folder / "history.sqlite")):
        pass
    return video


def _rendered_gap(group: str, sound: np.ndarray, portrait: Path, keep: Path | None) -> np.ndarray:
    """The inner lips' gap in the finished video of a sound; the video is kept in a folder if one is given."""
    with tempfile.TemporaryDirectory() as folder:
        video = render(sound, portrait, Path(folder))
        if keep is not None:
            keep.mkdir(parents=True, exist_ok=True)
            (keep / f"{group}.mp4").write_bytes(video.read_bytes())
        return lip_tracks.inner_gap(video)


def figures(group: str, portrait: Path, sentences: int, keep: Path | None = None) -> Iterator[Figure]:
    """The four figures of one group of sentences."""
    sound, spoken = speak(group, sentences)
    gap = _rendered_gap(group, sound, portrait, keep)
    if keep is not None:
        np.savez(keep / f"{group}.npz", gap=gap, opening=spoken.opening, closures=spoken.closures)
    shown, asked = lip_tracks.closures_shown(gap, spoken.closures, FPS)
    yield Figure(f"{group}: lips closed at p, b, m longer than 60 ms ({asked})", 100 * shown / asked, "%", 90)
    strict, _ = lip_tracks.closures_shown(gap, spoken.closures, FPS, lip_tracks.CLOSED_STRICTLY)
    yield Figure(f"{group}:   the same with a stricter threshold", 100 * strict / asked, "%")
    r = lip_tracks.correlation(gap, spoken.opening)
    yield Figure(f"{group}: correlation of the opening with its target", r, "", 0.75)
    late = 1000 * lip_tracks.best_lag(gap, spoken.opening) / FPS
    yield Figure(f"{group}: distance of the best lag from zero", abs(late), "ms", 40, at_least=False)
    closed, silent = lip_tracks.silence_shown(gap, spoken.speech, FPS)
    yield Figure(f"{group}: lips closed in silent frames ({silent})", 100 * closed / silent, "%", 98)
    yield Figure(f"{group}: frames without a face", float(np.isnan(gap).sum()), "", 0, at_least=False)


def figures_of_voices(
    group: str, cache: Path, portrait: Path, keep: Path | None, *, rendered: bool
) -> Iterator[Figure]:
    """The figures of recorded or neural voices: the network's, then the finished video's."""
    yield from network_figures(group, cache)
    if not rendered:
        return
    sound, phonemes = on_a_recording(group, cache)
    gap = _rendered_gap(group, sound, portrait, keep)
    yield from video_figures(group, gap, phonemes, FPS)


def _groups(cache: Path) -> list[str]:
    from training.visemes.natural import is_measurable
    from training.visemes.other_sounds import are_there

    groups = list(GROUPS)
    for group in VOICES:
        if not is_measurable(group, cache):
            print(f"The {group} voices are not prepared; --group {group} prepares them.", file=sys.stderr)
            groups.remove(group)
    if not are_there(cache):
        print(f"The sounds without a voice are not there; --group {SOUNDS} downloads them.", file=sys.stderr)
        groups.remove(SOUNDS)
    if not shutil.which("flite"):
        print("flite is not installed; its voice is left out.", file=sys.stderr)
        groups.remove("flite")
    return groups


def main() -> int:
    arguments = parser(__doc__ or "")
    arguments.add_argument("--portrait", type=Path, default=EXAMPLES / "portraits" / "astronaut.png")
    arguments.add_argument(
        "--group", choices=GROUPS, action="append", help="repeatable; default: all there are"
    )
    arguments.add_argument("--sentences", type=int, default=12, help="of each group")
    arguments.add_argument("--keep", type=Path, help="folder for the videos and their tracks")
    arguments.add_argument(
        "--cache", type=Path, default=Path(".cache/visemes"), help="folder of recorded and neural voices"
    )
    arguments.add_argument(
        "--network-only", action="store_true", help="render no video of recorded and neural voices"
    )
    arguments.add_argument(
        "--live", action="store_true", help="only the network of live sessions, on recorded and neural voices"
    )
    arguments.add_argument("--weights", type=Path, help="only this network, on recorded and neural voices")
    chosen = arguments.parse_args()

    def measured() -> Iterator[Figure]:
        if chosen.weights:
            for group in chosen.group or VOICES:
                yield from network_figures(group, chosen.cache, chosen.weights)
            return
        if chosen.live:
            for group in chosen.group or VOICES:
                for one in network_figures(group, chosen.cache, LIVE_WEIGHTS):
                    yield replace(one, name=f"live, {one.name}")
            return
        for group in chosen.group or _groups(chosen.cache):
            if group == SOUNDS:
                yield from sound_figures(chosen.cache)
            elif group in VOICES:
                rendered = not chosen.network_only
                yield from figures_of_voices(
                    group, chosen.cache, chosen.portrait, chosen.keep, rendered=rendered
                )
            else:
                yield from figures(group, chosen.portrait, chosen.sentences, chosen.keep)

    return report(measured(), as_json=chosen.json)


if __name__ == "__main__":
    sys.exit(main())
