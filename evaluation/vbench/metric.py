"""Subject, Background and Smooth of a finished video."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from engines.weights.catalogue import WeightFolder
from evaluation.metric import Metric, Score
from evaluation.weights import catalogue

if TYPE_CHECKING:
    from torch import nn

    from evaluation.video_file import VideoFile

BATCH = 8
RANDOM_NOTE = "measured with random weights: the value is meaningless"
HALF = "features and likenesses rounded to float16, as the original does on a GPU"

SUBJECT = Metric(
    "subject",
    "Subject",
    "higher",
    (0.0, 1.0),
    catalogue.SUBJECT,
    f"VBench's definition (Apache-2.0); DINO: {catalogue.APACHE}",
    "How alike every frame is to the one before and to the first, by DINO (VBench's subject consistency). "
    "A still video scores 1, so more is not always better.",
    digits=4,
)
BACKGROUND = Metric(
    "background",
    "Background",
    "higher",
    (0.0, 1.0),
    catalogue.BACKGROUND,
    f"VBench's definition (Apache-2.0); CLIP: {catalogue.CLIP_LICENCE}",
    "The same by CLIP, which sees the whole scene (VBench's background consistency). A still video scores 1.",
    digits=4,
)
SMOOTH = Metric(
    "smooth",
    "Smooth",
    "higher",
    (0.0, 1.0),
    catalogue.SMOOTH,
    f"VBench's definition (Apache-2.0); AMT-S: {catalogue.AMT_LICENCE}",
    "How well every second frame can be predicted from its neighbours (VBench's motion smoothness). "
    "A still video scores 1; the metric says nothing about lips.",
    digits=4,
)


class _Likeness:
    """The base of Subject and Background: a network that processes every frame."""

    network: str
    metrics: tuple[Metric, ...]

    def __init__(
        self, folder: WeightFolder | None = None, device: str = "cpu", *, half: bool = False
    ) -> None:
        """half: round to float16 as the original does on a GPU, for Background."""
        self._folder = folder or catalogue.folder()
        self._device = device
        self._half = half
        self._loaded: tuple[nn.Module, bool] | None = None

    def form(self) -> dict[str, Any]:
        """Whether features are rounded."""
        return {"fp16": self._half}

    def weights(self) -> list[Path]:
        """The network's file."""
        return _found(self._folder, self.network)

    def measure(self, video: VideoFile) -> dict[str, Score]:
        """Raises WeightsMissing, WeightsError and VideoError. At most eight frames are in memory
        at a time.
        """
        import torch

        from evaluation.vbench.consistency import Consistency

        model, random_weights = self._network()
        found = Consistency(half=self._half)
        with torch.inference_mode():
            for pictures in batches(video.frames()):
                found.add(model(self._seen(pictures).to(self._device)))
        return {self.metrics[0].name: self._score(found.score(), found.total, found.count, random_weights)}

    def _seen(self, pictures: np.ndarray) -> Any:
        raise NotImplementedError

    def _network(self) -> tuple[nn.Module, bool]:
        if self._loaded is None:
            from evaluation.weights.checkpoints import load_network

            model, opened = load_network(self.network, self._folder)
            self._loaded = model.to(self._device), opened.random_weights is not None
        return self._loaded

    def _score(self, value: float | None, total: float, count: int, random_weights: bool) -> Score:
        if value is None:
            return Score(None, "1 frame, and likeness takes 2")
        facts = {"sum": total, "pictures": count, "fp16": self._half, "random_weights": random_weights}
        said = [*([RANDOM_NOTE] if random_weights else []), *([HALF] if self._half else [])]
        return Score(value, "; ".join(said), facts)


class SubjectMeasurer(_Likeness):
    """Likeness by DINO."""

    network = "dino_vitb16"
    metrics = (SUBJECT,)

    def _seen(self, pictures: np.ndarray) -> Any:
        from evaluation.vbench.resizing import for_dino

        return for_dino(pictures)


class BackgroundMeasurer(_Likeness):
    """Likeness by CLIP."""

    network = "clip_vitb32_visual"
    metrics = (BACKGROUND,)

    def _seen(self, pictures: np.ndarray) -> Any:
        from evaluation.vbench.resizing import for_clip

        return for_clip(pictures)


class SmoothMeasurer:
    """How well AMT-S predicts frames."""

    metrics = (SMOOTH,)

    def __init__(self, folder: WeightFolder | None = None, device: str = "cpu") -> None:
        self._folder = folder or catalogue.folder()
        self._device = device
        self._loaded: tuple[nn.Module, bool] | None = None

    def form(self) -> dict[str, Any]:
        """It has one form only."""
        return {}

    def weights(self) -> list[Path]:
        """The network's file."""
        return _found(self._folder, "amt_s")

    def measure(self, video: VideoFile) -> dict[str, Score]:
        """Raises WeightsMissing, WeightsError and VideoError. At most three frames are in memory
        at a time.
        """
        from evaluation.vbench.amt import SMALLEST
        from evaluation.vbench.smoothness import Smoothness

        model, random_weights = self._network()
        if min(video.size) < SMALLEST:
            width, height = video.size
            note = f"{width} x {height} pixels, and AMT-S needs {SMALLEST} at least"
            return {SMOOTH.name: Score(None, note)}
        found = Smoothness(lambda first, second: model(first, second).frame, self._device)
        for frame in video.frames():
            found.add(frame)
        value = found.score()
        if value is None:
            return {SMOOTH.name: Score(None, f"{video.frame_count} frames, and smoothness takes 3")}
        facts = {"pairs": len(found.differences), "random_weights": random_weights}
        return {SMOOTH.name: Score(value, RANDOM_NOTE if random_weights else "", facts)}

    def _network(self) -> tuple[nn.Module, bool]:
        if self._loaded is None:
            from evaluation.weights.checkpoints import load_network

            model, opened = load_network("amt_s", self._folder)
            self._loaded = model.to(self._device), opened.random_weights is not None
        return self._loaded


def _found(folder: WeightFolder, network: str) -> list[Path]:
    path = folder.find(catalogue.file_of(network))
    return [] if path is None else [path]


def batches(pictures: Iterable[np.ndarray], size: int = BATCH) -> Iterator[np.ndarray]:
    """(up to `size`, H, W, 3) pieces of a video."""
    held: list[np.ndarray] = []
    for frame in pictures:
        held.append(frame)
        if len(held) == size:
            yield np.stack(held)
            held = []
    if held:
        yield np.stack(held)
