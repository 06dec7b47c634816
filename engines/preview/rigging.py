"""Choose how a portrait is rigged: people by their face mesh, animals by three points."""

from __future__ import annotations

import numpy as np

from engines.preview.anchors import rig_from_anchors
from engines.preview.rig import Rig, rig_from_face
from media.errors import NoFaceError
from media.portrait import Portrait

_IRISES = (468, 473)
_INNER_LIPS = (13, 14)
_MOUTH_CORNERS = (61, 291)


def rig_of(portrait: Portrait) -> Rig:
    """The rig of a portrait's chosen face. Raises NoFaceError when there is neither a face nor anchors.

    An animal's mesh, found by a network for people, is trusted for the places of eyes and mouth only.
    """
    face = portrait.face
    if portrait.subject == "animal" and portrait.points is not None:
        return rig_from_anchors(portrait.image, *portrait.points)
    if face is None:
        raise NoFaceError(
            "No face was found in the portrait; use one that shows a face, or set an animal's three points."
        )
    if portrait.subject == "human":
        return rig_from_face(face.landmarks)
    points = face.landmarks[:, :2].astype(float)
    left, right = (tuple(points[i].tolist()) for i in _IRISES)
    mouth = tuple(points[list(_INNER_LIPS)].mean(axis=0).tolist())
    corners = points[_MOUTH_CORNERS[1]] - points[_MOUTH_CORNERS[0]]
    return rig_from_anchors(portrait.image, left, right, mouth, float(np.hypot(*corners)) / 2)
