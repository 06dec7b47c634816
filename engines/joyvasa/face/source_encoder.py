"""Finds the points from which a portrait's crop is made, with the best detector that is available.

People: InsightFace if its two files exist (research only), else MediaPipe's mesh, which came with the
portrait (free for commercial use). Animals: the user's clicks, else X-Pose (research only), else a mesh that
was found plausible on the animal.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol, TypeVar

import numpy as np

from engines.faces.insightface_models import (
    Detection,
    Detector,
    Landmarker,
    load_detector,
    load_landmarker,
    same_face,
)
from engines.faces.mesh import mesh_turn
from engines.faces.onnx_model import Model, load_model
from engines.joyvasa.face.landmarks import landmarks_203
from engines.joyvasa.face.mesh_points import clicks_to_9, mesh_lip_ratio, mesh_to_9, mesh_to_106
from engines.joyvasa.face.openness import lip_ratio
from engines.joyvasa.weights import catalogue as weights
from media.anchors import anchors_flag, points_in_upload
from media.errors import NoFaceError
from media.messages import said
from media.portrait import Portrait

if TYPE_CHECKING:
    from engines.joyvasa.xpose.detect import AnimalFace

Loaded = TypeVar("Loaded")
Backend = Literal["insightface", "mediapipe", "x-pose", "clicked", "proposed"]
DETECTOR = "insightface/models/buffalo_l/det_10g.onnx"
LANDMARKS_106 = "insightface/models/buffalo_l/2d106det.onnx"
LANDMARKS_203 = "liveportrait/landmark.onnx"

DET_THRESH = 0.15
DETECTION_SIDE = 512
TURNED, PROFILE = 30.0, 45.0
"""Degrees: from the first on a note, from the second on a refusal. As MediaPipe's mesh measures them. The
mesh was made for frontal faces and reads a full profile as about 50.
"""


class AnimalDetector(Protocol):
    """X-Pose, or what stands in for it."""

    def best(self, image: np.ndarray) -> AnimalFace:
        """The likeliest face in an (H, W, 3) uint8 RGB picture, however unlikely: nine points and a score."""


@dataclass(frozen=True, eq=False)
class PortraitFace:
    """Where the face is.

    points: (106 or 9, 2) float32 pixels for `crop.crop_face`. lip_ratio: how far the lips are open, None
    when not known. score: of the detector, 0..1. notes: sentences for the user.
    """

    points: np.ndarray
    lip_ratio: float | None
    backend: Backend
    score: float | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class FaceFinder:
    """The detectors that are available, as functions; None for one that is missing.

    detector, landmarks: InsightFace's two models, used together. fine_landmarks: LivePortrait's 203 points.
    animals: X-Pose.
    """

    detector: Detector | None = None
    landmarks: Landmarker | None = None
    fine_landmarks: Model | None = None
    animals: AnimalDetector | None = None

    @classmethod
    def from_folder(
        cls, folder: Path, device: str = "cpu", animals: AnimalDetector | None = None
    ) -> FaceFinder:
        """Use the models that exist in `pretrained_weights/` of the public layout."""

        def model(name: str, load: Callable[[Path, str], Loaded]) -> Loaded | None:
            if not (folder / name).is_file():
                return None
            file = next(file for file in weights.FILES if file.path == name)
            with weights.folder().named(file, "joyvasa"):
                return load(folder / name, device)

        detector = model(DETECTOR, lambda path, device: load_detector(path, DETECTION_SIDE, device))
        landmarks = model(LANDMARKS_106, load_landmarker)
        return cls(detector, landmarks, model(LANDMARKS_203, load_model), animals)

    def find(self, portrait: Portrait, *, det_thresh: float = DET_THRESH) -> PortraitFace:
        """The face of a portrait, human or animal.

        det_thresh: lowest accepted score of a face, 0..1, for InsightFace and X-Pose; MediaPipe has its own.
        Raises NoFaceError when there is no face that can be animated; the message says what was seen.
        """
        if portrait.subject == "animal":
            return self._animal(portrait, det_thresh)
        return self._human(portrait, det_thresh)

    def _human(self, portrait: Portrait, det_thresh: float) -> PortraitFace:
        face = portrait.face
        notes: tuple[str, ...] = ()
        if face is not None:
            notes = _turn_notes(mesh_turn(face.landmarks))
        if self.detector is not None and self.landmarks is not None:
            found = self.detector(portrait.image, det_thresh)
            chosen = _chosen(found, portrait)
            if chosen is not None:
                points = self.landmarks(portrait.image, chosen.box)
                return PortraitFace(
                    points, self._lip_ratio(portrait, points), "insightface", chosen.score, notes
                )
            notes = (
                *notes,
                said(
                    "InsightFace did not find this face with a score of {threshold:.2f} or more, but "
                    "MediaPipe did.",
                    threshold=det_thresh,
                ),
            )
        if face is None:
            raise NoFaceError("No face was found in the portrait. Use one that shows the whole face.")
        points = mesh_to_106(face.landmarks)
        return PortraitFace(points, self._lip_ratio(portrait, points), "mediapipe", face.score, notes)

    def _lip_ratio(self, portrait: Portrait, points: np.ndarray) -> float | None:
        if self.fine_landmarks is not None:
            places = landmarks_203(portrait.image, points, self.fine_landmarks)
            return float(lip_ratio(places)[0])
        return None if portrait.face is None else mesh_lip_ratio(portrait.face.landmarks)

    def _animal(self, portrait: Portrait, det_thresh: float) -> PortraitFace:
        if portrait.anchors is not None:
            return PortraitFace(clicks_to_9(*portrait.anchors), None, "clicked")
        seen = ""
        if self.animals is not None:
            best = self.animals.best(portrait.image)
            if best.score >= det_thresh:
                note = f"X-Pose found the animal's face with a score of {best.score:.2f}."
                return PortraitFace(best.keypoints, None, "x-pose", best.score, (note,))
            seen = f" (X-Pose's best score is {best.score:.2f}, {det_thresh:.2f} is asked for)"
        if portrait.face is not None:
            face = portrait.face
            return PortraitFace(mesh_to_9(face.landmarks), None, "mediapipe", face.score)
        if portrait.points is not None:
            return PortraitFace(clicks_to_9(*portrait.points), None, "proposed")
        raise _no_animal(portrait, seen)


def _no_animal(portrait: Portrait, seen: str) -> NoFaceError:
    """The error with the points that may be right. seen: what X-Pose saw, in brackets."""
    if not portrait.proposals:
        return NoFaceError(
            "No animal's face was found{seen}; click the left eye, the right eye and the mouth on the "
            "portrait, or pass them on the command line as --anchors x,y x,y x,y in its pixels.",
            seen=seen,
        )
    proposals = tuple(points_in_upload(one, portrait.placement) for one in portrait.proposals)
    error = NoFaceError(
        "No animal's face was found{seen}; accept or move the proposed points on the portrait, or pass them "
        "on the command line as --anchors {anchors}",
        seen=seen,
        anchors=anchors_flag(proposals[0]),
    )
    error.proposals = proposals
    return error


def _turn_notes(degrees: float) -> tuple[str, ...]:
    if degrees >= PROFILE:
        raise NoFaceError(
            "The face is turned aside by {degrees:.0f} degrees; use a portrait in which it is turned by "
            "less than {profile:.0f} degrees, ideally below {turned:.0f}.",
            degrees=degrees,
            profile=PROFILE,
            turned=TURNED,
        )
    if degrees >= TURNED:
        return (
            said(
                "The face is turned aside by {degrees:.0f} degrees; below {turned:.0f} degrees gives the "
                "best result.",
                degrees=degrees,
                turned=TURNED,
            ),
        )
    return ()


def _chosen(found: list[Detection], portrait: Portrait) -> Detection | None:
    """The detection of the portrait's chosen face, or the largest one."""
    if portrait.face is None:
        return found[0] if found else None
    return same_face(found, portrait.face.box)
