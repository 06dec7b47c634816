"""Measures the lips of dubbed videos: what is left of the old mouth, how the new one speaks, how calm it is.

Sources are talking videos of our own with a moving head, eyes and breath, in which another voice speaks.
Landmarks are detected again in the frames of the finished files.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise, product
from pathlib import Path

import numpy as np

from benchmarks import lip_tracks
from benchmarks.dub_videos import dub, silence, still, talking, write_voice
from benchmarks.figures import EXAMPLES, Figure
from benchmarks.lipsync import FPS, speak
from evaluation.builtin.face_track import FaceTrack
from evaluation.builtin.lips import gap_and_width, opening
from evaluation.builtin.metrics.lip_leak import MOVED, REST
from media.portrait import open_portrait
from media.video import VideoReader

PORTRAITS = ("astronaut.png", "painting.jpg", "drawing.jpg")
OLD_VOICE = EXAMPLES / "voices" / "mandarin.wav"
STILL_FRAMES = 75
CAMERA = 2.0
"""Noise of a camera in levels, standard deviation."""
ANIMATED = 0.95
"""Part of the lip figures of `animate` on a still that a dub must reach."""


def leak_figures(folder: Path) -> Iterator[Figure]:
    """The share of frames whose mouth moves under a silent voice, dubbed and untouched."""
    for name in PORTRAITS:
        source = talking(EXAMPLES / "portraits" / name, OLD_VOICE, folder / f"{Path(name).stem}.mp4")
        seconds = VideoReader(source).duration
        quiet = silence(folder / "silence.wav", seconds)
        dubbed = dub(source, quiet, folder / "quiet.mp4").path
        yield Figure(f"{name}: lip leak of the untouched video", leak(source), "%")
        yield Figure(f"{name}: lip leak of its silent dub", leak(dubbed), "%", 2, at_least=False)


def leak(video: Path) -> float:
    """`lip_leak` of a video as if its voice were silent."""
    gap = gaps_in(video)
    gap = gap[np.isfinite(gap)]
    return 100 * float((gap > np.percentile(gap, REST) + MOVED).mean())


def gaps_in(video: Path) -> np.ndarray:
    """(frames,) gap of the inner lips in parts of the mouth's width, followed from frame to frame."""
    track = FaceTrack()
    found = [gap_and_width(track.next(picture)) for picture in VideoReader(video)]
    return opening(*zip(*found, strict=True))


def speech_figures(folder: Path, sentences: int) -> Iterator[Figure]:
    """Closures, correlation and lag of a dub, beside those of `animate` on a still of the same face."""
    sound, spoken = speak("english", sentences)
    voice = write_voice(folder / "english.wav", sound)
    for name in PORTRAITS:
        portrait = EXAMPLES / "portraits" / name
        source = talking(portrait, OLD_VOICE, folder / f"{Path(name).stem}.mp4")
        animated = lip_tracks.inner_gap(talking(portrait, voice, folder / "animated.mp4"))
        dubbed = lip_tracks.inner_gap(dub(source, voice, folder / "dubbed.mp4").path)
        asked = spoken.closures
        shown = [lip_tracks.closures_shown(gap, asked, FPS) for gap in (animated, dubbed)]
        least = ANIMATED * 100 * shown[0][0] / shown[0][1]
        yield Figure(
            f"{name}: closed at p, b, m ({shown[0][1]}), dubbed", 100 * shown[1][0] / shown[1][1], "%", least
        )
        r = [lip_tracks.correlation(gap[: len(spoken.opening)], spoken.opening) for gap in (animated, dubbed)]
        yield Figure(f"{name}: correlation with the target, dubbed", r[1], "", ANIMATED * r[0])
        lag = lip_tracks.best_lag(dubbed[: len(spoken.opening)], spoken.opening)
        yield Figure(f"{name}: distance of the best lag from zero", abs(lag), "frames", 1, at_least=False)


def jitter_figures(folder: Path) -> Iterator[Figure]:
    """How much the lower face changes from frame to frame under a silent voice, where the source stands
    still: as a camera records it, with noise, and frozen, where nothing but the dub itself moves.
    """
    for name, noise in product(PORTRAITS, (CAMERA, 0.0)):
        portrait = open_portrait(EXAMPLES / "portraits" / name, max_side=512)
        assert portrait.face is not None
        source = still(portrait.image, folder / "still.mp4", STILL_FRAMES, noise=noise)
        quiet = silence(folder / "silence.wav", STILL_FRAMES / FPS)
        dubbed = dub(source, quiet, folder / "calm.mp4").path
        points = portrait.face.landmarks[:, :2]
        x0, y0 = points.min(axis=0).astype(int)
        x1, y1 = points.max(axis=0).astype(int)
        mouth = slice((y0 + y1) // 2, y1), slice(x0, x1)
        before, after = (changes(path, mouth) for path in (source, dubbed))
        kind, gate = ("camera", before) if noise else ("frozen", None)
        yield Figure(f"{name}: change between frames, {kind}", before, "levels")
        yield Figure(f"{name}: the same of its dub", after, "levels", gate, at_least=False)


def changes(video: Path, part: tuple[slice, slice]) -> float:
    """Mean absolute difference of consecutive frames in a part, in levels of 255."""
    frames = [picture[part].astype(np.int16) for picture in VideoReader(video)]
    return float(np.mean([np.abs(b - a).mean() for a, b in pairwise(frames)]))
