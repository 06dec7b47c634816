"""Leaves the faces of animals out of a dub: the mouth of a person would be painted on them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from media.errors import FacelessVideoError
from media.faces import default_detector
from media.faces.animal_or_person import is_animal

if TYPE_CHECKING:
    from media.dubbing.following import FollowedVideo
    from media.dubbing.source import DubSource

SURE = 0.88
"""Score in the video from which a face is not looked at again: no animal was seen with it."""
MOST_LOOKED_AT = 24
"""Tracks that are looked at, those with the most frames first; each takes up to a few seconds."""

PASSING = 0.1
"""Part of the animals' frames below which further faces, of which none can be dubbed, are none: a mesh that
slips in a frame or two leaves such a track.
"""


def only_people(faces: FollowedVideo, source: DubSource) -> FollowedVideo:
    """The same video without new mouths on animals; another face may then be the largest.

    Raises FacelessVideoError if no face is left. Closing one closes both.
    """
    known: dict[int, bool] = {}
    animals: frozenset[int] = frozenset()
    while True:
        doubtful = [
            one for one in faces.tracks if one.dubbed and one.score < SURE and one.number not in known
        ]
        doubtful.sort(key=lambda one: -one.frames)
        for one in doubtful[: max(0, MOST_LOOKED_AT - len(known))]:
            known[one.number] = _is_animal(faces, source, one.number)
        found = frozenset(number for number, animal in known.items() if animal)
        if found == animals:
            return faces
        animals = found
        seen = sum(one.frames for one in faces.tracks if one.number in animals)
        others = sum(one.frames for one in faces.tracks) - seen
        if others:
            faces = faces.without(animals)
        if not others or (others < PASSING * seen and not any(one.dubbed for one in faces.tracks)):
            raise FacelessVideoError(
                "The face in the video looks like an animal's, and only people can be dubbed. If it is a "
                "person, choose the face by a point on it; otherwise animate a picture of the animal."
            )


def _is_animal(faces: FollowedVideo, source: DubSource, track: int) -> bool:
    """Whether a track looks like an animal in each of the frames that show it best."""
    about, detector = faces.tracks[track], default_detector()
    frames = sorted({one for one in (about.open_frame, about.closed_frame) if one is not None})
    return bool(frames) and all(
        is_animal(detector, source.frame(number).picture, faces.raw_landmarks(track, number))
        for number in frames
    )
