"""Measures how unnatural single frames look, with BRISQUE, if its package is installed."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from evaluation.metric import Metric, Score
from media.errors import WeightsMissing

if TYPE_CHECKING:
    from evaluation.video_file import VideoFile

PACKAGE = "brisque==0.2.0"


class Brisque:
    """BRISQUE of one frame each second, the mean.

    Meaning: how far the statistics of a frame's brightness are from those of natural photographs, as people
    judged the faults of the LIVE database: blur, noise, JPEG's blocks.
    Range: about 0 to 100, a little beyond at both ends; lower is better.
    Blind to: faces and sense; smooth drawings, renderings and shallow depth of field read as faults.
    """

    metrics = (
        Metric(
            "brisque", "BRISQUE", "lower", (-math.inf, math.inf), "brisque",
            "the package brisque: Apache 2.0; its model was trained on the LIVE database",
            "Distance of a frame's statistics from those of natural photographs, one frame per second. "
            "0 to 100; drawings and blurred backgrounds read as faults.", digits=1,
        ),
    )  # fmt: skip

    def __init__(self, device: str = "cpu") -> None:
        """device: not used; the package runs on the CPU."""
        self._model: Any = None

    def form(self) -> dict[str, Any]:
        """The package that measures."""
        return {"package": PACKAGE}

    def weights(self) -> list[Path]:
        """None: the package contains them."""
        return []

    def measure(self, video: VideoFile) -> dict[str, Score]:
        """Raises WeightsMissing, which names the package, and VideoError."""
        if self._model is None:
            self._model = _model()
        every = max(1, round(video.fps))
        pictures = (frame for number, frame in enumerate(video.frames()) if number % every == 0)
        values = [float(self._model.score(frame)) for frame in pictures]
        known = [value for value in values if math.isfinite(value)]
        if not known:
            return {"brisque": Score(None, "BRISQUE has no value: the frames have no texture.")}
        return {"brisque": Score(float(np.mean(known)), extras={"pictures": len(known), "worst": max(known)})}


def _model() -> Any:
    try:
        from brisque import BRISQUE
    except ModuleNotFoundError as error:
        raise WeightsMissing(
            "The package {name}, which measures BRISQUE, is missing. Install it with: pip install {package}",
            name=error.name,
            package=PACKAGE,
        ) from error
    return BRISQUE(url=False)
