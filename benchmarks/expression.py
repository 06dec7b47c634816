"""Measures what emotions do to a face that speaks: python -m benchmarks.expression

Every emotion at strength 1 is rendered by the preview engine like a user's job, and the landmarks are
detected again in the finished video, beside those of the same job with a neutral face.
`benchmarks.emotion_rules` tells the emotions apart; it was written before them. The lips are measured as in
`benchmarks.lipsync`. Animals are left out: the mesh is that of people, and does not follow fur.
"""

from __future__ import annotations

import hashlib
import sys
import tempfile
import wave
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np

from benchmarks import lip_tracks
from benchmarks.emotion_rules import emotion_of, measured, median_change
from benchmarks.figures import EXAMPLES, Figure, parser, report, tell
from benchmarks.lipsync import FPS, RATE, render, speak
from engines.emotion.easing import EasedEmotion
from engines.emotion.shapes import NAMES
from media.portrait import ANIMAL_SCORE, open_portrait

SECONDS = 3.0
SETTLED = 0.8
"""Seconds after which an emotion has certainly come."""
EVERY = 6
"""Frames between those that are measured."""
REGIONS = {"inner brows": ((55, 107), (285, 336)), "corners": ((61,), (291,))}
"""Landmarks at the picture's left and right that are measured as one, mirrored."""
MOVED: dict[str, dict[str, tuple[float, float]]] = {
    "happy": {"corners": (0.5, 0.87)},
    "sad": {"inner brows": (0.0, 1.0), "corners": (0.0, -1.0)},
    "angry": {"inner brows": (-0.3, -0.95), "corners": (0.0, -1.0)},
    "surprised": {"inner brows": (0.0, 1.0), "corners": (0.0, -1.0)},
    "afraid": {"inner brows": (0.0, 1.0), "corners": (0.5, -0.87)},
    "disgusted": {"inner brows": (-0.3, -0.95), "corners": (0.0, -1.0)},
    "relaxed": {"corners": (0.5, 0.87)},
}
"""What each emotion moves, and where to: outwards and up, as a direction of length 1. The jaw that drops in
surprise (26 in FACS, as the rules have it) takes the corners down, also where the lips stay closed."""
TOLD = ("happy", "sad", "angry", "surprised", "disgusted")
GOALS = {"moved": 0.03, "told": 90.0, "jump": 0.15, "lips": 2.0}


def portraits_in(folders: Sequence[Path]) -> list[Path]:
    """The pictures of people and animals in these folders."""
    return [p for folder in folders for p in sorted(folder.iterdir()) if p.suffix in (".jpg", ".png")]


def shows_an_animal(portrait: Path) -> bool:
    """Whether the picture is one of the examples of animals."""
    example = portrait.with_suffix(".yaml")
    return example.exists() and "animation_mode: animal" in example.read_text(encoding="utf-8")


def is_person(portrait: Path) -> bool:
    """Whether the picture is not an example of an animal, and the mesh is sure of a person's face."""
    if shows_an_animal(portrait):
        return False
    face = open_portrait(portrait).face
    return face is not None and face.score >= ANIMAL_SCORE


def places(landmarks: np.ndarray) -> dict[str, np.ndarray]:
    """(outwards, up) of each region, in face widths from the middle between the eyes."""
    points = landmarks[:, :2].astype(np.float64)
    left, right = points[[33, 133]].mean(axis=0), points[[362, 263]].mean(axis=0)
    across = (right - left) / np.hypot(*(right - left))
    upright = np.stack([across, [across[1], -across[0]]], axis=1)
    local = (points - (left + right) / 2) @ upright / np.hypot(*(points[454] - points[234]))
    sides = {n: (local[list(a)].mean(axis=0), local[list(b)].mean(axis=0)) for n, (a, b) in REGIONS.items()}
    return {n: np.array([(b[0] - a[0]) / 2, (a[1] + b[1]) / 2]) for n, (a, b) in sides.items()}


def faces(video: Path) -> dict[int, np.ndarray]:
    """Landmarks in a video by the frames, without those before the emotion has come."""
    from media.faces import default_detector
    from media.video import VideoReader

    found = {}
    for i, frame in enumerate(VideoReader(video)):
        if i >= SETTLED * FPS and i % EVERY == 0:
            seen = default_detector().detect(frame)
            if seen:
                found[i] = seen[0].landmarks
    return found


def way(emotion: str, pairs: Sequence[tuple[np.ndarray, np.ndarray]]) -> float:
    """The median way of what the emotion moves, in its direction: of the region that moves further."""
    moves = [(places(a), places(b)) for a, b in pairs]
    return max(
        float(np.median([(b[region] - a[region]) @ np.array(direction) for a, b in moves]))
        for region, direction in MOVED[emotion].items()
    )


def recognised(pairs: Sequence[tuple[np.ndarray, np.ndarray]]) -> str:
    """The emotion that the rules recognise; empty if none."""
    return emotion_of(median_change((measured(a), measured(b)) for a, b in pairs))


def figures_of_faces(portraits: Sequence[Path], sound: np.ndarray, folder: Path) -> Iterator[Figure]:
    """How far each emotion moves brows or corners, and how often the rules recognise it."""
    moved: dict[str, list[float]] = {name: [] for name in MOVED}
    right = asked = 0
    for portrait in portraits:
        if not is_person(portrait):
            tell(f"{portrait.name}: an animal")
            continue
        neutral = faces(render(sound, portrait, folder))
        for name in MOVED:
            emotional = faces(render(sound, portrait, folder, {"emotion": name}))
            pairs = [(neutral[i], emotional[i]) for i in sorted(neutral.keys() & emotional.keys())]
            said = recognised(pairs)
            moved[name].append(way(name, pairs))
            if name in TOLD:
                asked, right = asked + 1, right + (said == name)
            found, distance = said or "nothing", moved[name][-1]
            tell(f"{portrait.name}: {name} moves {distance:.3f}; the rules recognise {found}")
    for name, distances in moved.items():
        yield Figure(f"{name}: median of {len(distances)} portraits", float(np.median(distances)), "width")
        yield Figure(f"{name}: least movement", min(distances), "width", GOALS["moved"])
    yield Figure(f"told apart by rules ({asked})", 100 * right / max(asked, 1), "%", GOALS["told"])


def largest_jump() -> float:
    """The largest change of any shape from frame to frame, from neutral and from one emotion to another."""
    worst = 0.0
    for fps in (12, 25, 60):
        for name in NAMES[1:]:
            eased = EasedEmotion({name: 1.0}, fps)
            steps = [eased.step().shapes for _ in range(fps)]
            eased.lead_to({"angry" if name == "happy" else "happy": 1.0})
            steps += [eased.step().shapes for _ in range(fps)]
            for before, after in pairwise(steps):
                names = {*before, *after}
                worst = max([worst, *(abs(after.get(n, 0.0) - before.get(n, 0.0)) for n in names)])
    return worst


def lip_figures(portrait: Path, sentences: int, folder: Path) -> Iterator[Figure]:
    """The lips of each emotion beside those of the neutral face, in points."""
    sound, spoken = speak("english", sentences)
    base: dict[str, float] = {}
    for name in NAMES:
        gap = lip_tracks.inner_gap(render(sound, portrait, folder, {"emotion": name}))
        shown, asked = lip_tracks.closures_shown(gap, spoken.closures, FPS)
        closed, silent = lip_tracks.silence_shown(gap, spoken.speech, FPS)
        values = {
            "closed at p, b, m": 100 * shown / asked,
            "correlation of the opening": 100 * lip_tracks.correlation(gap, spoken.opening),
            "closed in silence": 100 * closed / silent,
            "lag": 1000 * lip_tracks.best_lag(gap, spoken.opening) / FPS,
        }
        base = base or values
        for what, value in values.items():
            if name == NAMES[0]:
                yield Figure(f"neutral: {what}", value, "ms" if what == "lag" else "%")
            else:
                goal = 0.0 if what == "lag" else GOALS["lips"]
                change = abs(value - base[what]) if what == "lag" else max(base[what] - value, 0.0)
                yield Figure(f"{name}: {what}, worse by", change, "", goal, at_least=False)


def same_twice(portrait: Path, sound: np.ndarray, folder: Path) -> float:
    """1 if the same seed gives the same frames, else 0."""
    from media.video import VideoReader

    def digest() -> str:
        hashed = hashlib.sha256()
        for frame in VideoReader(render(sound, portrait, folder, {"emotion": "happy 0.6, surprised 0.2"})):
            hashed.update(frame.tobytes())
        return hashed.hexdigest()

    return float(digest() == digest())


def _example_sound() -> np.ndarray:
    with wave.open(str(EXAMPLES / "voices" / "english-woman.wav")) as file:
        assert file.getframerate() == RATE, file.getframerate()
        samples = np.frombuffer(file.readframes(round(SECONDS * RATE)), np.int16)
    return samples.astype(np.float32) / 32768


def main() -> int:
    arguments = parser(__doc__ or "")
    arguments.add_argument(
        "--portraits", type=Path, action="append", default=[EXAMPLES / "portraits"], help="more pictures"
    )
    arguments.add_argument("--only", choices=("faces", "lips"), help="leave the other figures out")
    arguments.add_argument("--sentences", type=int, default=12, help="of the lips' figures")
    chosen = arguments.parse_args()
    astronaut = EXAMPLES / "portraits" / "astronaut.png"

    def figures(folder: Path) -> Iterator[Figure]:
        yield Figure("largest jump of a shape per frame", largest_jump(), "", GOALS["jump"], at_least=False)
        if chosen.only != "lips":
            sound = _example_sound()
            yield Figure("same seed, same video", same_twice(astronaut, sound, folder), "", 1)
            yield from figures_of_faces(portraits_in(chosen.portraits), sound, folder)
        if chosen.only != "faces":
            yield from lip_figures(astronaut, chosen.sentences, folder)

    with tempfile.TemporaryDirectory() as folder:
        return report(figures(Path(folder)), as_json=chosen.json)


if __name__ == "__main__":
    sys.exit(main())
