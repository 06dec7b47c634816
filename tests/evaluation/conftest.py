"""A short talking video, and copies with one deliberate fault each."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from evaluation.builtin.face_track import FaceTrack
from evaluation.builtin.lips import CLOSED, gap_and_width, opening
from evaluation.builtin.measurer import BuiltinMetrics
from evaluation.metric import Score
from evaluation.video_file import VideoFile
from media.video import VideoReader, VideoWriter
from media.voice import open_voice
from studio.events import Finished
from studio.job import Job
from studio.run import run
from studio.settings import Settings

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
FPS = 25
SHIFT = 3
"""Frames by which sounds are shifted."""

Sound = tuple[int, np.ndarray]
Spoil = Callable[[np.ndarray, Sound], tuple[np.ndarray, Sound]]


def write_video(path: Path, frames: np.ndarray, sound: Sound | None, fps: int = FPS) -> Path:
    """Write (n, H, W, 3) uint8 frames and a sound as a video."""
    size = (frames.shape[2], frames.shape[1])
    speech = None if sound is None else open_voice(sound)
    with VideoWriter(path, size, fps, sound=speech, quality=16, metadata={}) as writer:
        writer.write(np.ascontiguousarray(frames))
    return path


def write_uneven(path: Path, frames: np.ndarray, times: Sequence[float]) -> Path:
    """A video without sound whose (n, H, W, 3) uint8 frames are shown at the given seconds."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=FPS)
        stream.height, stream.width = frames.shape[1:3]
        stream.pix_fmt, stream.time_base = "yuv420p", Fraction(1, 1000)
        stream.codec_context.time_base = Fraction(1, 1000)
        for frame, time in zip(frames, times, strict=True):
            picture = av.VideoFrame.from_ndarray(frame, "rgb24")
            picture.pts, picture.time_base = round(time * 1000), Fraction(1, 1000)
            container.mux(stream.encode(picture))
        container.mux(stream.encode(None))
    return path


@pytest.fixture(scope="session")
def talking(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Eight seconds of the astronaut saying something with pauses, 384x384."""
    folder = tmp_path_factory.mktemp("talking")
    job = Job(
        portrait=EXAMPLES / "portraits" / "astronaut.png",
        voice=EXAMPLES / "voices" / "english-man-with-pauses.wav",
        output=folder / "talking.mp4",
    )
    *_, last = run(job, Settings(outputs=folder, max_side=384, history=folder / "history.sqlite"))
    assert isinstance(last, Finished)
    return last.result.path


@pytest.fixture(scope="session")
def material(talking: Path) -> tuple[np.ndarray, Sound]:
    """The frames (n, H, W, 3) and the sound of its first eight seconds."""
    reader = VideoReader(talking)
    rate, samples = reader.read_sound()
    return np.stack(list(reader))[: 8 * FPS], (rate, samples[: 8 * rate])


@pytest.fixture(scope="session")
def face_box(material: tuple[np.ndarray, Sound]) -> tuple[int, int, int, int]:
    """Where its face is in the first frame: x0, y0, x1, y1."""
    from media.faces import default_detector

    (face, *_) = default_detector().detect(material[0][0])
    x0, y0, x1, y1 = (round(v) for v in face.box)
    return x0, y0, x1, y1


@pytest.fixture(scope="session")
def mouth(material: tuple[np.ndarray, Sound]) -> tuple[list[float], list[float]]:
    """Gap and width of the mouth in every frame, in pixels."""
    track = FaceTrack()
    gaps, widths = zip(*(gap_and_width(track.next(frame)) for frame in material[0]), strict=True)
    return list(gaps), list(widths)


@pytest.fixture(scope="session")
def closures(mouth: tuple[list[float], list[float]], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A table of sounds that has a p wherever the lips are closed for two to five pictures."""
    gaps, widths = mouth
    shut = np.concatenate([[False], opening(gaps, widths) < CLOSED, [False]]).astype(np.int8)
    edges = np.flatnonzero(np.diff(shut)).reshape(-1, 2)
    path = tmp_path_factory.mktemp("sounds") / "whole.phonemes.csv"
    lines = [f"{start / FPS},{end / FPS},p" for start, end in edges if 2 <= end - start <= 5]
    path.write_text("\n".join(["start,end,phoneme", *lines]), encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def measured(
    material: tuple[np.ndarray, Sound],
    face_box: tuple[int, int, int, int],
    mouth: tuple[list[float], list[float]],
    closures: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Callable[[str], Mapping[str, Score]]:
    """The own scores of the video spoilt in a way; "whole" is as it was. Each is measured once.

    The times at which the whole one's lips are closed are given as those of p, b and m.
    """
    folder = tmp_path_factory.mktemp("spoilt")
    known: dict[str, Mapping[str, Score]] = {}

    def scores(way: str) -> Mapping[str, Score]:
        if way not in known:
            frames, sound = spoil(way, *material, face_box, mouth[0])
            video = write_video(folder / f"{way}.mp4", frames, sound)
            known[way] = BuiltinMetrics().measure(VideoFile(video, phonemes=closures))
        return known[way]

    return scores


def spoil(
    way: str, frames: np.ndarray, sound: Sound, box: tuple[int, int, int, int], gaps: list[float]
) -> tuple[np.ndarray, Sound]:
    """Frames and sound with one fault. gaps: of the mouth in every frame."""
    rng = np.random.default_rng(0)
    rate, samples = sound
    shift = round(SHIFT / FPS * rate)
    silence = np.zeros(shift, np.float32)
    x0, y0, x1, y1 = box
    if way == "late sound":
        sound = rate, np.concatenate([silence, samples[:-shift]])
    elif way == "early sound":
        sound = rate, np.concatenate([samples[shift:], silence])
    elif way == "frozen mouth":
        frames = frames.copy()
        below = slice((y0 + y1) // 2, y1 + 10)
        frames[:, below, x0:x1] = frames[:1, below, x0:x1]
    elif way == "open mouth":
        frames = np.repeat(frames[int(np.nanargmax(gaps))][None], len(frames), axis=0)
    elif way == "shuffled":
        frames = frames[rng.permutation(len(frames))]
    elif way == "blurred":
        frames = np.stack([cv2.GaussianBlur(frame, (0, 0), 2.0) for frame in frames])
    elif way == "jittered":
        frames = np.stack([moved(frame, *rng.normal(0, 1.5, 2)) for frame in frames])
    elif way in ("seam", "faint seam"):
        middle, half = ((x0 + x1) // 2, (y0 + y1) // 2), round(0.7 * (y1 - y0))
        bright = frames.astype(np.int16)
        square = (
            slice(max(0, middle[1] - half), middle[1] + half),
            slice(middle[0] - half, middle[0] + half),
        )
        bright[:, square[0], square[1]] += 12 if way == "seam" else 5
        frames = bright.clip(0, 255).astype(np.uint8)
    elif way == "flickering":
        light = 1 - 0.04 * (np.arange(len(frames)) % 2)
        frames = (frames * light[:, None, None, None]).astype(np.uint8)
    elif way == "stretched":
        height, width = frames.shape[1:3]
        wider = [round(width * (1 + 0.0015 * number)) for number in range(len(frames))]
        frames = np.stack([cv2.resize(f, (w, height))[:, :width] for f, w in zip(frames, wider, strict=True)])
    elif way == "swimming":
        frames = swimming(frames, box)
    elif way == "eyes open":
        frames = frames.copy()
        top = slice(y0 - 5, (y0 + y1) // 2)
        frames[:, top, x0:x1] = frames[:1, top, x0:x1]
    elif way == "slow":
        frames = np.repeat(frames, 2, axis=0)
    elif way == "nodding":
        turned = 10 * np.sin(np.arange(len(frames)) / 12)
        frames = np.stack([rolled(f, box, angle) for f, angle in zip(frames, turned, strict=True)])
    else:
        assert way == "whole"
    return frames, sound


def moved(frame: np.ndarray, x: float, y: float) -> np.ndarray:
    """A frame shifted by some pixels."""
    move = np.array([[1, 0, x], [0, 1, y]])
    return cv2.warpAffine(frame, move, frame.shape[1::-1], borderMode=cv2.BORDER_REPLICATE)


def rolled(frame: np.ndarray, box: tuple[int, int, int, int], degrees: float) -> np.ndarray:
    """A frame turned around the face's middle."""
    x0, y0, x1, y1 = box
    turn = cv2.getRotationMatrix2D(((x0 + x1) / 2, (y0 + y1) / 2), degrees, 1.0)
    return cv2.warpAffine(frame, turn, frame.shape[1::-1], borderMode=cv2.BORDER_REPLICATE)


def swimming(frames: np.ndarray, box: tuple[int, int, int, int]) -> np.ndarray:
    """The frames with a background that sways under a head that is left alone."""
    x0, y0, x1, _ = box
    frames = frames.copy()
    for number, frame in enumerate(frames):
        still = frame[max(0, y0 - 60) :, max(0, x0 - 70) : x1 + 70].copy()
        frame[:] = moved(frame, 3 * np.sin(number / 2), 0)
        frame[max(0, y0 - 60) :, max(0, x0 - 70) : x1 + 70] = still
    return frames
