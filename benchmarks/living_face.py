"""Measures eyes that look around, breath, and turns of the head: python -m benchmarks.living_face

The engine's own tracks are compared with published figures of people (docs/living-face.md has them). Where
irises are in a finished video, and whether they leave the white, is read from MediaPipe's landmarks of its
decoded frames. A turned outline is compared with the portrait's mesh, turned as a solid: for each point of
the face's oval, where the warp takes it, and where the turn takes it. `--portraits` adds pictures whose turns
are measured.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator, Sequence
from itertools import product
from pathlib import Path

import numpy as np

from benchmarks.expression import portraits_in, shows_an_animal
from benchmarks.figures import EXAMPLES, Figure, parser, report
from benchmarks.speed import make_voice
from engines.preview import landmarks as index
from engines.preview.head import HeadField
from engines.preview.options import PreviewOptions
from media.portrait import Portrait, open_portrait
from media.voice import Voice, open_voice

PORTRAITS = ("astronaut.png", "drawing.jpg", "painting.jpg")
"""The examples whose eyes are measured in videos, with much background."""
VOICE = EXAMPLES / "voices" / "english-man-with-pauses.wav"
SECONDS = 60.0
FPS = 25
SACCADES = 0.5, 3.0
"""A second: looks of 2.2 s on one face (Rogers and others 2018), and of 0.33 s on pictures (Henderson
2003).
"""
BREATHS = 12.0, 20.0
"""A minute, of adults at rest (Tortora and Derrickson)."""
LARGEST = 30.0
"""Degrees; larger shifts of gaze are made with the head (Stahl 1999)."""
AWAY = 15.0
"""Degrees under which most natural saccades are (Bahill and others 1975)."""
TURN = 12.0
"""Degrees."""
MOST, TILT = 15.0, 5.0
"""Degrees of the options for turns, and of the largest tilt."""
_OVAL = (
    "10 338 297 332 284 251 389 356 454 323 361 288 397 365 379 378 400 377 152 148 176 149 150 136 172 58 "
    "132 93 234 127 162 21 54 103 67 109"
)
OVAL = [int(number) for number in _OVAL.split()]
"""The mesh's points around the face (MediaPipe's FACEMESH_FACE_OVAL)."""
OPEN = 0.02
"""Blinks below this count as open eyes."""


def motion_of(speech: Voice, options: PreviewOptions, seed: int = 1) -> np.ndarray:
    """(n, channels) the rows of `HeadMovement` for a voice."""
    from engines.preview.motion import HeadMovement
    from engines.preview.mouth import VoiceToMouth
    from engines.preview.prosody import Prosody

    movement = HeadMovement(
        FPS,
        np.random.default_rng(seed),
        head_motion=options.head_motion,
        blink_rate=options.blink_rate,
        expression=options.expression,
        eye_motion=options.eye_motion,
        breathing=options.breathing,
    )
    prosody = Prosody(speech.samples, FPS)
    total = speech.frames(FPS)
    return np.concatenate(
        [
            movement.step(prosody.read(len(rows)), rows)
            for rows in VoiceToMouth().stream(speech.samples, FPS, total)
        ]
    )


def saccades_of(degrees: np.ndarray) -> np.ndarray:
    """Sizes of the saccades in (n, 2) degrees: runs of frames in which the eyes move."""
    steps = np.hypot(*np.diff(degrees, axis=0).T)
    moves = np.diff(np.concatenate([[False], steps > 0.02, [False]]).astype(int))
    starts, stops = np.flatnonzero(moves == 1), np.flatnonzero(moves == -1)
    return np.array([np.hypot(*(degrees[b] - degrees[a])) for a, b in zip(starts, stops, strict=True)])


def tracks(speech: Voice) -> Iterator[Figure]:
    """Saccades, glances and blinks of the engine's own tracks."""
    from engines.preview.irises import MOST_X, MOST_Y

    # A head that moves would be answered by the eyes; here only their own movement counts.
    still, with_breath = (
        motion_of(speech, PreviewOptions(head_motion=0.0)),
        motion_of(speech, PreviewOptions()),
    )
    sizes = saccades_of(still[:, 9:11] * [MOST_X, MOST_Y])
    rate = len(sizes) / SECONDS
    yield Figure("saccades a second", rate, "", SACCADES[0])
    yield Figure("  not more than people's on pictures", rate, "", SACCADES[1], at_least=False)
    yield Figure("  median size", float(np.median(sizes)), "deg")
    yield Figure("  share under 15 degrees", float((sizes < AWAY).mean()), "", 0.8)
    yield Figure("  largest", float(sizes.max()), "deg", LARGEST, at_least=False)
    air = with_breath[:, 11]
    breaths = int(((air[1:-1] > air[:-2]) & (air[1:-1] >= air[2:])).sum()) / SECONDS * 60
    yield Figure("breaths a minute", breaths, "", BREATHS[0])
    yield Figure("  not more than people's at rest", breaths, "", BREATHS[1], at_least=False)
    without = motion_of(speech, PreviewOptions(eye_motion=0.0))
    differ = int((without[:, :9] != with_breath[:, :9]).any(axis=1).sum())
    yield Figure("frames whose head, blinks or brows the eyes change", differ, "", 0, at_least=False)


def iris_places(frames: Iterator[np.ndarray]) -> np.ndarray:
    """(n, 2, 4) for each frame and eye: middle u, radius, and the corners' u, in half eye widths."""
    from evaluation.builtin.face_track import FaceTrack

    track = FaceTrack()
    rows = []
    for frame in frames:
        points = track.next(frame)
        if points is None:
            rows.append(np.full((2, 2), np.nan))
            continue
        rows.append(
            np.array(
                [
                    _iris(points[:, :2].astype(float), lids, iris)
                    for lids, iris in (
                        (index.LEFT_EYE_UPPER, index.LEFT_IRIS),
                        (index.RIGHT_EYE_UPPER, index.RIGHT_IRIS),
                    )
                ]
            )
        )
    return np.array(rows)


def _iris(points: np.ndarray, lids: tuple[int, ...], iris: tuple[int, ...]) -> tuple[float, float]:
    """Middle u and radius of an iris, in half eye widths; the corners are at -1 and 1."""
    left, right = points[lids[0]], points[lids[-1]]
    half = (right - left) / 2
    unit = float(half @ half)
    middle = float((points[iris[0]] - (left + right) / 2) @ half) / unit
    rim = np.hypot(*(points[list(iris[1:])] - points[iris[0]]).T).mean() / np.sqrt(unit)
    return middle, float(rim)


def videos(name: str, portrait: Portrait, speech: Voice, folder: Path) -> Iterator[Figure]:
    """Irises in a finished video that looks to the far left, to the far right, and around."""
    from engines.preview.engine import PreviewEngine
    from media.video import VideoReader, VideoWriter

    engine = PreviewEngine()
    engine.load()
    blinks = motion_of(speech, PreviewOptions())[:, 5:7].max(axis=1)
    means, worst = {}, np.inf
    for gaze in (-1.0, 0.0, 1.0):
        video = folder / f"{name}.mp4"
        options = PreviewOptions(gaze_x=gaze, fps=FPS)
        with VideoWriter(video, (portrait.width, portrait.height), FPS, quality=18) as writer:
            for batch in engine.animate(portrait, speech, options, 1):
                if hasattr(batch, "shape"):
                    writer.write(batch)
        places = iris_places(iter(VideoReader(video)))
        shut = np.convolve(blinks > OPEN, np.ones(3), "same") > 0
        seen = places[: len(shut)][~shut[: len(places)]]
        means[gaze] = float(np.nanmean(seen[..., 0]))
        worst = min(worst, float(np.nanmin(1.0 - np.abs(seen[..., 0]) - seen[..., 1])))
    yield Figure(f"{name}: iris inside the white, least distance to a corner", worst, "", 0.0)
    yield Figure(
        f"{name}: way to the left at a gaze of -1, in half eye widths", means[0.0] - means[-1.0], "", 0.1
    )
    yield Figure(f"{name}: way to the right at a gaze of 1", means[1.0] - means[0.0], "", 0.1)


def turns(name: str, portrait: Portrait, *, wide: bool) -> Iterator[Figure]:
    """A head that is turned by 12 degrees, and a body that breathes: what tears, and what must not move.

    wide: whether the picture shows so much around the head that much of it must hold still.
    """
    from engines.preview.body import body_of
    from engines.preview.head import HeadPose
    from engines.preview.lips import MouthPose
    from engines.preview.pose import Pose
    from engines.preview.renderer import Renderer
    from engines.preview.rigging import rig_of

    assert portrait.face is not None
    renderer = Renderer(portrait.image, rig_of(portrait), body_of(portrait))
    mesh = portrait.face.landmarks[:468].astype(float)
    errors, least = [], np.inf
    for yaw, pitch in ((-TURN, 0.0), (TURN, 0.0), (0.0, -TURN), (0.0, TURN)):
        moved = renderer.head.displacement(HeadPose(yaw=yaw, pitch=pitch))
        for axis in (0, 1):
            steps = 1 + np.diff(moved[..., axis], axis=1 - axis) / renderer.head.cell
            least = min(least, float(steps.min()))
        errors.append(_outline_error(renderer.head, moved, mesh, yaw, pitch))
    yield Figure(
        f"{name}: outline of a turn by 12 degrees, mean error in face widths",
        max(errors),
        "",
        0.01,
        at_least=False,
    )
    yield Figure(f"{name}: narrowest a pixel becomes; below 0 the picture folds", least, "", 0.2)
    yield from _both_at_once(name, renderer.head, mesh)
    poses = [
        Pose(MouthPose(drop=1.0), HeadPose(yaw, pitch, 2.0, breath=1.6, sway=sway))
        for yaw, pitch, sway in ((TURN, TURN, 0.01), (-TURN, -TURN, -0.01))
    ]
    outside = ~renderer.influence
    differ = sum(int((renderer.render(p) != portrait.image).any(axis=2)[outside].sum()) for p in poses)
    yield Figure(f"{name}: background pixels that a turn or a breath changes", differ, "", 0, at_least=False)
    share = float(outside.mean())
    yield Figure(f"{name}: share of the picture that is background", share, "", 0.2 if wide else None)


def _both_at_once(name: str, field: HeadField, mesh: np.ndarray) -> Iterator[Figure]:
    """A turn with a nod, each at the options' limit, tilted, too, and both together by TURN."""
    from engines.preview.head import HeadPose

    areas, errors = [], []
    for yaw, pitch in product((-1, 1), (-1, 1)):
        for roll in (-TILT, 0.0, TILT):
            moved = field.displacement(field.settled(HeadPose(MOST * yaw, MOST * pitch, roll))) / field.cell
            across, down = np.diff(moved, axis=1)[:-1], np.diff(moved, axis=0)[:, :-1]
            areas.append((1 + across[..., 0]) * (1 + down[..., 1]) - down[..., 0] * across[..., 1])
        part = TURN / np.sqrt(2)
        moved = field.displacement(HeadPose(part * yaw, part * pitch))
        errors.append(_outline_error(field, moved, mesh, part * yaw, part * pitch))
    least = min(float(area.min()) for area in areas)
    yield Figure(f"{name}: turned and nodded by 15 degrees and tilted, least area of a cell", least, "", 0.0)
    yield Figure(
        f"{name}: outline turned and nodded by 12 degrees together, mean error in face widths",
        max(errors),
        "",
        0.01,
        at_least=False,
    )


def _outline_error(field: HeadField, moved: np.ndarray, mesh: np.ndarray, yaw: float, pitch: float) -> float:
    """Mean distance of the face's oval in a warp from the turned mesh's, in face widths."""
    import cv2

    points, (left, top) = mesh[:, :2], field.region[:2]
    goes = points.copy()
    for _ in range(30):  # the warp looks backwards
        at = ((goes - [left, top] + 0.5) / field.cell - 0.5).astype(np.float32)
        goes = points - cv2.remap(moved, at[None, :, 0], at[None, :, 1], cv2.INTER_LINEAR)[0]
    head = field.head
    across, down = head.frame.axis, np.array([-head.frame.axis[1], head.frame.axis[0]])
    depth = max(mesh[index.EAR_LEFT, 2], mesh[index.EAR_RIGHT, 2]) - mesh[:, 2]
    u, v = (points - head.pivot) @ across, (points - head.pivot) @ down
    turn, nod = np.radians(yaw), np.radians(pitch)
    turned = u * np.cos(turn) + depth * np.sin(turn)
    nodded = v * np.cos(nod) + (depth * np.cos(turn) - u * np.sin(turn)) * np.sin(nod)
    expected = head.pivot + turned[:, None] * across + nodded[:, None] * down
    width = np.hypot(*(points[index.EAR_RIGHT] - points[index.EAR_LEFT]))
    return float(np.hypot(*(goes - expected)[OVAL].T).mean() / width)


def figures(folder: Path, portraits: Sequence[Path]) -> Iterator[Figure]:
    """All figures, one after the other. portraits: pictures with a face mesh, whose turns are measured."""
    yield from tracks(open_voice(make_voice(SECONDS, folder / "long.wav", VOICE)))
    for path in portraits:
        yield from turns(path.stem, open_portrait(path), wide=path.name in PORTRAITS)
    speech = open_voice(make_voice(8.0, folder / "short.wav", VOICE))
    for name in PORTRAITS:
        yield from videos(Path(name).stem, open_portrait(EXAMPLES / "portraits" / name), speech, folder)


def main() -> int:
    arguments = parser(__doc__ or "")
    arguments.add_argument(
        "--portraits", type=Path, action="append", default=[EXAMPLES / "portraits"], help="more pictures"
    )
    chosen = arguments.parse_args()
    portraits = [path for path in portraits_in(chosen.portraits) if not shows_an_animal(path)]
    with tempfile.TemporaryDirectory() as folder:
        return report(figures(Path(folder), portraits), as_json=chosen.json)


if __name__ == "__main__":
    sys.exit(main())
