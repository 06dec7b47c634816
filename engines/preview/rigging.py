"""Choose how a portrait is rigged: from its face mesh, or from the three points that a user set."""

from __future__ import annotations

from engines.preview.rig import Rig, rig_from_face
from media.errors import NoFaceError
from media.portrait import Portrait


def rig_of(portrait: Portrait) -> Rig:
    """The rig of a portrait's chosen face. Raises NoFaceError when there is neither a face nor anchors."""
    animal = portrait.subject == "animal"
    face = portrait.face
    if face is None:
        raise NoFaceError(
            "No face was found in the portrait; use one that shows a face, or set an animal's three points."
        )
    return rig_from_face(face.landmarks, animal=animal)
