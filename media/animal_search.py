"""Finds an animal's face, or proposes its three points."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import partial

from media.anchors import anchors_flag, points_in_upload
from media.errors import NoFaceError
from media.faces import Face, FaceDetector
from media.faces.animal_points import AnimalPoints, propose_points
from media.faces.turned import look_turned
from media.picture import Picture
from media.placement import Placement, Point
from media.portrait_search import Search

Three = tuple[Point, Point, Point]
SAME_PLACE, OTHER_ANIMAL = 0.4, 3.0
"""Distances of a mesh's eye or mouth from its sure point, in distances between the eyes: between them, the
mesh lies beside the eyes of the same animal and is dropped. On the pictures to tune on, right meshes were at
0.08 to 0.26, and a wrong one at 0.42.
"""
IRISES, INNER_LIPS = (468, 473), (13, 14)


def find_animals(detector: FaceDetector, picture: Picture, upside_down: bool | None, needed: bool) -> Search:
    """Find reliable faces of animals in an opened image.

    upside_down: whether the user's three points say so; None without points. Raises NoFaceError if there is
    neither a face nor points, and one is needed.
    """
    from media.faces.animal import (
        HUMAN_SCORE,
        LOWEST_SCORE,
        SURE_SCORE,
        trusted_faces,
    )  # late: imports OpenCV

    search = Search.of(picture)
    if upside_down:
        search.turn(2, [])
    trusted = partial(trusted_faces, detector)
    search.faces = trusted(search.image, detector.detect(search.image, LOWEST_SCORE))
    if upside_down is None and max((face.score for face in search.faces), default=0.0) < SURE_SCORE:
        turns, faces = look_turned(detector, search.image, search.faces, least=SURE_SCORE, trusted=trusted)
        if turns:
            search.turn(turns, faces)
        search.faces = faces
    if search.faces and upside_down is None and max(face.score for face in search.faces) < HUMAN_SCORE:
        others = propose_points(search.image, most=1)
        if others and others[0].sure and not any(_kept(face, others[0]) for face in search.faces):
            search.faces, search.proposals = [], propose_points(search.image)
            return search
    if not search.faces and upside_down is None:
        search.proposals = propose_points(search.image)
        if needed and not (search.proposals and search.proposals[0].sure):
            raise no_animal(search.proposals, search.placement)
    return search


def _kept(face: Face, points: AnimalPoints) -> bool:
    """Whether a face has its eyes and its mouth where sure points are, or is the face of another animal."""
    mesh = face.landmarks[:, :2]
    seen = (mesh[IRISES[0]], mesh[IRISES[1]], mesh[list(INNER_LIPS)].mean(axis=0))
    eyes = math.dist(points.left_eye, points.right_eye)
    apart = max(map(math.dist, seen, points.points)) / eyes
    return not SAME_PLACE < apart < OTHER_ANIMAL


def no_animal(proposals: Sequence[AnimalPoints], placement: Placement) -> NoFaceError:
    """The error for an animal whose face is not certain, with the proposed points, if there are any.

    proposals: in pixels of the portrait.
    """
    if not proposals:
        return NoFaceError(
            "No animal face was found reliably. Click the left eye, the right eye and the mouth on the "
            "portrait, or pass them on the command line as --anchors x,y x,y x,y in its pixels."
        )
    places = in_upload(proposals, placement)
    error = NoFaceError(
        "No animal face was found reliably. Accept or move the proposed points on the portrait, or pass them "
        "on the command line as --anchors {anchors}",
        anchors=anchors_flag(places[0]),
    )
    error.proposals = places
    return error


def likely_animal(picture: Picture) -> tuple[Three, ...]:
    """The points of a probable animal in a picture without a person, in pixels of the upload; empty
    without one.
    """
    search = Search.of(picture)
    proposals = propose_points(search.image, most=1)
    return in_upload(proposals, search.placement) if proposals and proposals[0].sure else ()


def other_proposals(picture: Picture) -> tuple[Three, ...]:
    """Where an animal's points may be, in pixels of the upload, likeliest first, whether a face is found or
    not; empty if nothing looks like a face.
    """
    search = Search.of(picture)
    return in_upload(propose_points(search.image), search.placement)


def in_upload(proposals: Sequence[AnimalPoints], placement: Placement) -> tuple[Three, ...]:
    """The three points of each proposal in pixels of the upload."""
    return tuple(points_in_upload(one.points, placement) for one in proposals)
