"""Measures whether it is still the same person, with a network for face recognition."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from engines import registry
from engines.faces.mesh import mesh_keypoints
from engines.weights.catalogue import WeightFolder
from evaluation.builtin.face_track import FaceTrack
from evaluation.metric import Metric, Score
from media.errors import FacelessVideoError

if TYPE_CHECKING:
    from engines.faces.insightface_models import Recogniser
    from evaluation.video_file import VideoFile

ENGINE = "joyhallo"
"""The engine whose download includes the file."""
_WEIGHTS = registry.weights_of(ENGINE)
RECOGNISER = next(file for file in _WEIGHTS.catalogue.files if Path(file.name).name == "glintr100.onnx")


class FaceLikeness:
    """Cosine of ArcFace embeddings, of one frame each second.

    Meaning: how alike the face is to that of the portrait given with --reference or, without one, to that of
    the video's first frame; the mean over seconds. The least one is the extra `least`.
    Range: -1..1, higher is better; one person in two photographs has 0.5 and more, two people below 0.3.
    Blind to: hair, body and clothes; portraits that are turned aside or small read lower. A video that
    stands still has 1.
    """

    metrics = (
        Metric(
            "face_likeness", "Face likeness", "higher", (-1.0, 1.0), RECOGNISER.groups[0],
            f"InsightFace's ArcFace: {RECOGNISER.licence}",
            "Mean cosine of ArcFace embeddings against the reference portrait, or the first frame. One "
            "person in two photographs has 0.5 and more. A still video scores 1.",
        ),
    )  # fmt: skip

    def __init__(self, weights: WeightFolder | None = None, device: str = "cpu") -> None:
        self._weights = weights or _WEIGHTS.catalogue.folder()
        self._device = device
        self._model: Recogniser | None = None

    def form(self) -> dict[str, Any]:
        """Empty: it has only one form."""
        return {}

    def weights(self) -> list[Path]:
        """The recogniser's file."""
        path = self._weights.find(RECOGNISER)
        return [] if path is None else [path]

    def measure(self, video: VideoFile) -> dict[str, Score]:
        """Raises WeightsMissing, VideoError, and FacelessVideoError when no second shows a face."""
        model = self._opened()
        track = FaceTrack()
        reference = None if video.reference is None else self._of_portrait(video, model)
        every = max(1, round(video.fps))
        likeness: list[float] = []
        for number, image in enumerate(video.frames()):
            if number % every:
                continue
            face = track.next(image)
            if face is None:
                continue
            seen = _embedding(image, face, model)
            if reference is None:
                reference = seen
                continue
            likeness.append(float(seen @ reference))
        if not likeness:
            if reference is not None and video.reference is None:
                return {"face_likeness": Score(None, "Only 1 second shows a face.")}
            raise FacelessVideoError("No second of {name} shows a face.", name=video.path.name)
        note = "Against the reference portrait." if video.reference else "Against the first frame."
        extras = {"least": min(likeness), "seconds": len(likeness)}
        return {"face_likeness": Score(float(np.mean(likeness)), note, extras)}

    def _opened(self) -> Recogniser:
        if self._model is None:
            path = self._weights.require(RECOGNISER, ENGINE)
            from engines.faces.insightface_models import load_recogniser

            with self._weights.named(RECOGNISER, ENGINE):
                self._model = load_recogniser(path, self._device)
        return self._model

    def _of_portrait(self, video: VideoFile, model: Recogniser) -> np.ndarray:
        from media.portrait import open_portrait

        assert video.reference is not None
        portrait = open_portrait(video.reference, decoding=video.decoding)
        assert portrait.face is not None  # a portrait of a person has one
        return _embedding(portrait.image, portrait.face.landmarks, model)


def _embedding(image: np.ndarray, face: np.ndarray, model: Recogniser) -> np.ndarray:
    """(512,) of length 1."""
    found = model(image, mesh_keypoints(face))
    return np.asarray(found / max(float(np.linalg.norm(found)), 1e-12))
