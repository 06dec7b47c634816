"""Finds the part of a portrait that this engine sees, without loading its networks."""

from __future__ import annotations

import numpy as np

from engines.crop_view import CropView
from engines.joyhallo.face.identity import IdentityReader
from engines.joyhallo.face.image import read_face
from engines.joyhallo.options import JoyHalloOptions
from media.portrait import Portrait

SIDE = 256
"""Pixels of the picture that is shown; the networks get `resolution`."""


def view_crop(portrait: Portrait, options: JoyHalloOptions) -> CropView:
    """The square that is painted. Raises NoFaceError."""
    # The identity does not affect the crop. A face that only InsightFace detects is found when the job runs.
    face = read_face(
        portrait,
        IdentityReader(),
        side=SIDE,
        crop=options.crop_face,
        face_share=options.face_share,
        allow_no_face=options.allow_no_face,
    )
    left, top, width, height = face.square.x, face.square.y, face.square.width, face.square.height
    right, bottom = left + width, top + height
    corners = np.array([[left, top], [right, top], [right, bottom], [left, bottom]], np.float64)
    return CropView(face.image, corners)
