"""A head that moves through a video: a portrait and its mesh, shifted, turned and enlarged alike."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from engines.dubbing import Shot, Shots, TrackReference
from engines.joyvasa.engine import JoyVasaEngine
from engines.joyvasa.weights.catalogue import folder
from engines.joyvasa.weights.random_weights import synthesize
from media.dubbing.values import TrackedFace
from media.portrait import open_portrait

EXAMPLES = Path(__file__).resolve().parents[4] / "examples"
FRAMES = 8


@dataclass(frozen=True)
class MovingHead:
    """pictures: (H, W, 3) uint8 each. meshes: (478, 3) each. moves: (2, 3) matrices from the first frame."""

    pictures: list[np.ndarray]
    meshes: list[np.ndarray]
    moves: list[np.ndarray]

    def reference(self, track: int) -> TrackReference:
        return TrackReference(self.pictures[0], self.meshes[0], self.meshes[0])

    def shots(self, *, strengths: Sequence[float] = (1.0,) * FRAMES, faces: int = 1) -> Shots:
        """The first frames, one for each of the strengths."""
        seen = list(zip(self.pictures, self.meshes, strengths, strict=False))
        return Shots(
            [
                Shot(picture, (TrackedFace(0, mesh, strength),) * faces, 0.4 + number / 30, 1 / 30)
                for number, (picture, mesh, strength) in enumerate(seen)
            ],
            self.reference,
        )


@pytest.fixture(scope="session")
def mesh() -> np.ndarray:
    """The (478, 3) mesh of the astronaut."""
    face = open_portrait(EXAMPLES / "portraits" / "astronaut.png").face
    assert face is not None
    return face.landmarks


@pytest.fixture(scope="session")
def moving(mesh: np.ndarray) -> MovingHead:
    picture = open_portrait(EXAMPLES / "portraits" / "astronaut.png").image
    height, width = picture.shape[:2]
    pictures, meshes, moves = [], [], []
    for number in range(FRAMES):
        move = cv2.getRotationMatrix2D((width / 2, height / 2), 1.5 * number, 1 + 0.01 * number)
        move[:, 2] += [2.3 * number, -1.1 * number]
        pictures.append(cv2.warpAffine(picture, move, (width, height), borderMode=cv2.BORDER_REPLICATE))
        meshes.append(moved(mesh, move))
        moves.append(move)
    return MovingHead(pictures, meshes, moves)


def moved(mesh: np.ndarray, move: np.ndarray) -> np.ndarray:
    """A mesh moved by a (2, 3) matrix."""
    return np.column_stack([mesh[:, :2] @ move[:, :2].T + move[:, 2], mesh[:, 2]]).astype(np.float32)


@pytest.fixture(scope="session")
def random_root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("weights")
    list(synthesize(folder(root), "tiny"))
    return root


@pytest.fixture(scope="module")
def engine(random_root: Path) -> Iterator[JoyVasaEngine]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JOYSTUDIO_WEIGHTS", str(random_root))
        threads = torch.get_num_threads()
        torch.set_num_threads(1)
        made = JoyVasaEngine()
        made.load()
        yield made
        torch.set_num_threads(threads)


Opened = Callable[[float], np.ndarray]


@pytest.fixture(scope="session")
def opened(mesh: np.ndarray) -> Opened:
    """The mesh with the jaw dropped by a share of the distance between nose and chin."""

    def drop(share: float) -> np.ndarray:
        below = (14, 17, 84, 314, 152, 148, 377, 176, 400, 149, 378, 150, 379, 136, 365)
        out = mesh.copy()
        out[list(below), :2] += share * (mesh[152, :2] - mesh[2, :2])
        return out

    return drop
