"""A woman who talks, in frames that the preview engine painted, with her mesh as it is found in each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pytest

from engines.dubbing import Shot, Shots, TrackReference
from engines.preview.engine import PreviewEngine
from engines.preview.lips import MouthPose
from engines.preview.pose import Pose
from engines.preview.renderer import Renderer
from media.dubbing.values import TrackedFace
from media.faces.face import Face
from media.faces.mediapipe_mesh import MediaPipeDetector

DROPS = (0.0, 0.3, 0.8)

Mesh = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Talking:
    """frames: (n, H, W, 3) uint8, whose jaws are open as in DROPS. meshes: of each, as it is found."""

    frames: list[np.ndarray]
    meshes: list[np.ndarray]

    @property
    def reference(self) -> TrackReference:
        return TrackReference(self.frames[-1], self.meshes[-1], self.meshes[0])

    def shots(self, *, strength: float = 1.0, time: float = 0.0) -> Shots:
        return Shots(
            [
                Shot(frame, (TrackedFace(0, mesh, strength),), time + i / 25, 1 / 25)
                for i, (frame, mesh) in enumerate(zip(self.frames, self.meshes, strict=True))
            ],
            lambda track: self.reference,
        )


@pytest.fixture(scope="session")
def mesh(astronaut: object) -> Mesh:
    """The (478, 3) mesh of the face in a frame of the astronaut."""
    detector = MediaPipeDetector()
    face: Face | None = astronaut.face  # type: ignore[attr-defined]
    assert face is not None

    def found(frame: np.ndarray) -> np.ndarray:
        assert face is not None
        again = detector.follow(frame, face)
        assert again is not None
        return again.landmarks

    return found


@pytest.fixture(scope="session")
def talking(renderer: Renderer, mesh: Mesh) -> Talking:
    frames = [renderer.render(Pose(MouthPose(drop=drop))) for drop in DROPS]
    return Talking(frames, [mesh(frame) for frame in frames])


@pytest.fixture(scope="session")
def engine() -> PreviewEngine:
    made = PreviewEngine()
    made.load()
    return made
