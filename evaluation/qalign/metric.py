"""IQA and VQA of a finished video, by Q-Align."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from engines.weights.catalogue import WeightFolder
from evaluation.metric import Metric, Score
from evaluation.qalign import environment
from evaluation.qalign.scoring import LEVELS, Kind, score_levels
from evaluation.weights import catalogue
from media.errors import WeightsMissing

if TYPE_CHECKING:
    from evaluation.video_file import VideoFile


def _metric(name: str, title: str, description: str) -> Metric:
    licence = f"Q-Align: {catalogue.QALIGN_LICENCE}"
    return Metric(name, title, "higher", (0.0, 1.0), catalogue.QUALITY, licence, description, digits=4)


IQA = _metric(
    "iqa", "IQA", "How good single pictures look, one per second, by Q-Align; 1 is excellent, 0 bad."
)
VQA = _metric("vqa", "VQA", "How good the video looks as a whole, by Q-Align; 1 is excellent, 0 bad.")


class Judge(Protocol):
    """The network. See `adapter.QAlignProcess`."""

    def logits(self, pixels: np.ndarray, kind: Kind) -> np.ndarray:
        """(n, 5) of pictures, (1, 5) of a video."""
        ...


class _Quality:
    """What both have in common: the pictures, and the process, which serves both."""

    kind: Kind
    metrics: tuple[Metric, ...]

    def __init__(
        self, folder: WeightFolder | None = None, device: str = "cpu", judge: Judge | None = None
    ) -> None:
        """judge: a network that is there already."""
        self._folder = folder or catalogue.folder()
        self._device = device
        self._judge = judge

    def form(self) -> dict[str, Any]:
        """The scale, and which program is asked."""
        return {"scale": "0..1", "program": environment.COMMIT}

    def weights(self) -> list[Path]:
        """The model's files."""
        files = (self._folder.find(file) for file in catalogue.QUALITY_FILES)
        return [path for path in files if path is not None]

    def measure(self, video: VideoFile) -> dict[str, Score]:
        """Raises WeightsMissing for weights or an environment that is not there, EngineError, VideoError."""
        judge = self._judge or shared_process(self._folder, self._device)
        name = self.metrics[0].name
        pixels = pictures_of(video)
        if not len(pixels):
            note = f"{video.duration:.2f} s, and Q-Align takes 1 picture of every full second"
            return {name: Score(None, note)}
        logits = judge.logits(pixels, self.kind)
        facts = {
            "pictures": len(pixels),
            "levels": dict(zip(LEVELS, logits.mean(axis=0).round(4).tolist(), strict=True)),
        }
        return {name: Score(float(score_levels(logits).mean()), environment.describe(), facts)}


class ImageMeasurer(_Quality):
    """The mean over single pictures."""

    kind = "image"
    metrics = (IQA,)


class VideoMeasurer(_Quality):
    """All pictures at once."""

    kind = "video"
    metrics = (VQA,)


@cache
def shared_process(folder: WeightFolder, device: str) -> Judge:
    """The one process of this program; the network fills most of a GPU. Raises as `measure`."""
    from evaluation.qalign.adapter import QAlignProcess

    model = model_folder(folder)
    return QAlignProcess(environment.interpreter(folder), model, device)


def pictures_of(video: VideoFile) -> np.ndarray:
    """(n, 3, 448, 448) float32: one picture per second, prepared."""
    from evaluation.qalign.pictures import SIDE, chosen, prepared

    wanted = set(chosen(video.fps, video.frame_count))
    last = max(wanted, default=-1)
    found = []
    for number, picture in enumerate(video.frames() if wanted else ()):
        if number in wanted:
            found.append(prepared(picture))
        if number >= last:
            break
    return np.stack(found) if found else np.empty((0, 3, SIDE, SIDE), np.float32)


def model_folder(folder: WeightFolder, files: Sequence = catalogue.QUALITY_FILES) -> Path:
    """The folder of the model in its converted form. Raises WeightsMissing."""
    shards = [file for file in files if file.name.endswith(".bin")]
    for file in files:
        if file not in shards:
            folder.require(file, catalogue.NAME)
    places = [folder.require(file, catalogue.NAME) for file in shards]
    if any(place.suffix != ".safetensors" for place in places):
        raise WeightsMissing(
            f"{places[0]} is a pickle, which Q-Align's process does not open. "
            f"Convert it with: python cli.py weights convert {catalogue.NAME}"
        )
    return places[0].parent
