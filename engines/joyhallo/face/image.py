"""Prepares a portrait for the networks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engines.faces.insightface_models import Detection
from engines.faces.mesh import mesh_turn
from engines.joyhallo.face.crop import (
    FACE_SHARE,
    MOST_SHARE,
    Square,
    head_length,
    largest_square,
    square_around,
    whole,
)
from engines.joyhallo.face.identity import IdentityReader
from engines.joyhallo.face.masks import (
    FACE_RATIO,
    LIP_RATIO,
    AttentionMasks,
    FaceBoxes,
    FacePoints,
    attention_masks,
    region_mask,
    soft_masks,
)
from media.errors import NoFaceError
from media.messages import said
from media.portrait import Portrait

SIDE = 512
LATENT_PIXELS = 8
"""Image pixels per latent pixel, along each side."""
TURNED = 30.0
"""Degrees by which a face may be turned to the side before the user gets a note."""
COARSE = 2.0
"""How far a small face's square may be enlarged before the user gets a note."""

USUAL = FacePoints(np.array([[0.27, 0.21], [0.73, 0.77]]), np.array([[0.41, 0.58], [0.59, 0.68]]))
"""Corners of the boxes around face and lips in a typical square portrait, as fractions of its side."""
LIP_HEIGHT = 0.5
"""In distances between the corners of the mouth."""


@dataclass(frozen=True, eq=False)
class FaceImage:
    """A portrait as the networks see it.

    image: (side, side, 3) uint8 RGB. square: the part of the portrait that it shows. boxes: of face and lips,
    in pixels of the square. embedding: (512,) float32 of the face, zeros when the identity is unknown.
    notes: sentences for the user.
    """

    image: np.ndarray
    square: Square
    boxes: FaceBoxes
    embedding: np.ndarray
    notes: tuple[str, ...]

    @property
    def side(self) -> int:
        """Pixels along one side of the image."""
        return int(self.image.shape[0])

    def region(self) -> np.ndarray:
        """The input of the face locator: (3, side, side) float32 in 0..1."""
        return region_mask(self.boxes, self.side)

    def masks(self) -> AttentionMasks:
        """The weights of the branches of the audio attention, at the four levels of the U-Net."""
        return attention_masks(soft_masks(self.boxes), self.side // LATENT_PIXELS)


def read_face(
    portrait: Portrait,
    identities: IdentityReader,
    *,
    side: int = SIDE,
    crop: bool = True,
    face_share: float = FACE_SHARE,
    face_ratio: float = FACE_RATIO,
    lip_ratio: float = LIP_RATIO,
    allow_no_face: bool = False,
) -> FaceImage:
    """Cut the chosen face out of a portrait, find its regions and identify it.

    side: pixels of the image that is painted, a multiple of 64. crop: False squeezes the whole portrait into
    the square, as the original does. face_share: of the crop's side that the head takes, see `square_around`.
    face_ratio, lip_ratio: how much larger than the landmarks the boxes are. allow_no_face: take a portrait
    without a face as one of a usual face in its middle. Raises NoFaceError for it otherwise.
    """
    face = portrait.face
    if face is None and not allow_no_face:
        raise NoFaceError(
            "No face was found in the portrait. Use one that shows the whole face from the front, or "
            "turn on the option “Allow portraits without a face” (--allow-no-face)."
        )
    height, width = portrait.image.shape[:2]
    identity = identities.read(portrait.image, face)
    notes: tuple[str, ...]
    points = FacePoints.from_mesh(face.landmarks) if face is not None else _seen(identity.found)
    if not crop:
        square = whole((height, width))
    elif points is None:
        square = largest_square((height, width))
    else:
        square = square_around(points.outline, (height, width), face_share)
    if points is None:
        scale = np.array([square.width, square.height])
        boxes = FacePoints(USUAL.outline * scale, USUAL.lips * scale).boxes(
            square.size, face_ratio, lip_ratio
        )
        notes = ("No face was found: the engine animates the portrait as if it showed one in its centre.",)
    else:
        boxes = points.moved(square.x, square.y).boxes(square.size, face_ratio, lip_ratio)
        notes = _advice(points, square, side)
    if face is not None and mesh_turn(face.landmarks) > TURNED:
        turn = mesh_turn(face.landmarks)
        notes = (
            *notes,
            said(
                "The face is turned aside by {turn:.0f} degrees; below {turned:.0f} degrees gives the best "
                "result.",
                turn=turn,
                turned=TURNED,
            ),
        )
    return FaceImage(
        square.cut(portrait.image, side), square, boxes, identity.embedding, (*identity.notes, *notes)
    )


def _seen(found: Detection | None) -> FacePoints | None:
    """The points of a face that only InsightFace has detected."""
    if found is None or found.keypoints is None:
        return None
    left, right = found.keypoints[3:]
    across = (right - left) / 2
    down = LIP_HEIGHT * np.array([-across[1], across[0]])
    middle = (left + right) / 2
    return FacePoints(
        np.array(found.box, np.float64).reshape(2, 2),
        np.array([left, right, middle - down, middle + down], np.float64),
    )


def _advice(points: FacePoints, square: Square, side: int) -> tuple[str, ...]:
    """Notes for the user on a face that is too large or too small."""
    notes = []
    share = head_length(points.outline) / min(square.size)
    if share > MOST_SHARE + 0.01:
        notes.append(
            said(
                "The head takes {share:.0%} of the portrait; up to {most_share:.0%} gives the best result. "
                "Use a portrait with more space around the head.",
                share=min(share, 1),
                most_share=MOST_SHARE,
            )
        )
    if side > COARSE * max(square.size):
        notes.append(
            said(
                "The face is small: {width}x{height} pixels are enlarged to {side}x{side}. A larger face "
                "gives a sharper video.",
                width=square.width,
                height=square.height,
                side=side,
            )
        )
    return tuple(notes)
