"""IQA and VQA of a finished video, by Q-Align."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
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


IQA = _metric("iqa", "IQA", "How good single frames look, one per second, by Q-Align; 1 is excellent, 0 bad.")
VQA = _metric("vqa", "VQA", "How good the video looks as a whole, by Q-Align; 1 is excellent, 0 bad.")


class Judge(Protocol):
    """The network. See `adapter.QAlignProcess`."""

    def logits(self, pictures: Iterable[np.ndarray], kind: Kind) -> np.ndarray:
        """(n, 5) of (3, 448, 448) frames, (1, 5) of the video that they are; (0, 5) of none."""
        ...


class _Quality:
    """The base of both: the frames, and the process, which serves both."""

    kind: Kind
    metrics: tuple[Metric, ...]

    def __init__(
        self, folder: WeightFolder | None = None, device: str = "cpu", judge: Judge | None = None
    ) -> None:
        """judge: a network that is loaded already."""
        self._folder = folder or catalogue.folder()
        self._device = device
        self._judge = judge

    def form(self) -> dict[str, Any]:
        """The scale, and the program that is used."""
        return {"scale": "0..1", "program": environment.COMMIT}

    def weights(self) -> list[Path]:
        """The model's files."""
        from evaluation.weights.shards import find_index, shards

        index = find_index(self._folder)
        parts = (self._folder.find(file) for file in (shards(self._folder) if index is not None else ()))
        return [path for path in (index, *parts) if path is not None]

    def measure(self, video: VideoFile) -> dict[str, Score]:
        """Raises WeightsMissing if weights or the environment are missing, EngineError, VideoError."""
        judge = self._judge or shared_process(self._folder, self._device)
        name = self.metrics[0].name
        logits = judge.logits(pictures_of(video), self.kind)
        if not len(logits):
            note = f"{video.duration:.2f} s, and Q-Align takes 1 frame of every full second"
            return {name: Score(None, note)}
        levels = dict(zip(LEVELS, logits.mean(axis=0).round(4).tolist(), strict=True))
        note = environment.describe(self._folder)
        return {name: Score(float(score_levels(logits).mean()), note, {"levels": levels})}


class ImageMeasurer(_Quality):
    """The mean over single frames."""

    kind = "image"
    metrics = (IQA,)


class VideoMeasurer(_Quality):
    """All frames at once."""

    kind = "video"
    metrics = (VQA,)


@cache
def shared_process(folder: WeightFolder, device: str) -> Judge:
    """The single process of this program; the network fills most of a GPU. Raises as `measure`."""
    from evaluation.qalign.adapter import QAlignProcess

    model = model_folder(folder)
    return QAlignProcess(environment.interpreter(folder), model, device)


def pictures_of(video: VideoFile) -> Iterator[np.ndarray]:
    """(3, 448, 448) float32, one for every full second."""
    from evaluation.qalign.pictures import chosen, prepared

    wanted = set(chosen(video.fps, video.frame_count))
    last = max(wanted, default=-1)
    for number, frame in enumerate(video.frames() if wanted else ()):
        if number in wanted:
            yield prepared(frame)
        if number >= last:
            return


def model_folder(folder: WeightFolder) -> Path:
    """The folder of the model in its converted form. Raises WeightsMissing and WeightsError."""
    from evaluation.weights.shards import find_index, shards

    places = [folder.require(file, catalogue.NAME) for file in catalogue.QUALITY_FILES]
    if find_index(folder) is None:
        folder.require(catalogue.SAFE_INDEX, catalogue.NAME)
    parts = [folder.require(file, catalogue.NAME) for file in shards(folder)]
    old = [path for path in parts if path.suffix != ".safetensors"]
    if old or folder.find(catalogue.SAFE_INDEX) is None:
        raise WeightsMissing(
            "{path} is a pickle, which Q-Align's process does not open. Convert it with: python cli.py "
            "weights convert {name}",
            path=(old or parts)[0],
            name=catalogue.NAME,
        )
    return places[0].parent
