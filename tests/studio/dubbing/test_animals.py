"""An animal in a video gets no person's mouth, and people get theirs."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from PIL import Image

from media.dubbing.following import FollowedVideo, FollowingOptions, follow_video
from media.dubbing.following_person import ALL, LARGEST
from media.dubbing.values import SourceFrame
from media.errors import FacelessVideoError
from media.faces import mesh_detector
from media.faces.animal_or_person import is_animal
from studio.dubbing.animals import only_people

PORTRAITS = Path(__file__).resolve().parents[3] / "examples" / "portraits"


class MovedPictures:
    """A video of pictures in memory, which move a little."""

    def __init__(self, picture: np.ndarray, count: int = 10) -> None:
        height, width = picture.shape[:2]
        self.pictures = []
        for number in range(count):
            moved = np.array([[1, 0, 3 * np.sin(number)], [0, 1, 2 * np.cos(number)]])
            self.pictures.append(
                cv2.warpAffine(picture, moved, (width, height), borderMode=cv2.BORDER_REPLICATE)
            )

    def frame(self, number: int) -> SourceFrame:
        return SourceFrame(number, Fraction(number, 25), self.pictures[number])

    def followed(self, folder: Path, **options: Any) -> FollowedVideo:
        frames = map(self.frame, range(len(self.pictures)))
        return follow_video(frames, folder, FollowingOptions(**options))


def portrait(name: str, side: int) -> np.ndarray:
    picture = Image.open(PORTRAITS / name).convert("RGB")
    picture.thumbnail((side, side))
    return np.asarray(picture)


@pytest.mark.parametrize(
    ("name", "side", "animal"),
    [
        ("dog.jpg", 512, True),
        ("drawing.jpg", 512, False),
        ("statue.jpg", 160, False),
        ("painting.jpg", 160, False),
    ],
)
def test_animals_and_people_are_told_apart_whatever_their_size(name: str, side: int, animal: bool) -> None:
    detector, picture = mesh_detector(), portrait(name, side)
    picture = np.ascontiguousarray(cv2.copyMakeBorder(picture, 200, 200, 200, 200, cv2.BORDER_REPLICATE))
    (face, *_) = detector.detect(picture)
    assert is_animal(detector, picture, face.landmarks) is animal


def test_a_drawn_dog_is_refused(tmp_path: Path) -> None:
    frames = MovedPictures(portrait("dog.jpg", 384))
    with frames.followed(tmp_path) as faces:
        assert faces.tracks[0].dubbed >= 8
        with pytest.raises(FacelessVideoError, match="looks like an animal's"):
            only_people(faces, frames)  # type: ignore[arg-type]


def test_a_dog_is_refused_although_a_frame_shows_another_face_too_small_to_dub(tmp_path: Path) -> None:
    dog = portrait("dog.jpg", 384)
    frames = MovedPictures(dog, 15)
    frames.pictures[0] = np.full_like(dog, 90)
    person = portrait("painting.jpg", 70)
    frames.pictures[0][100 : 100 + person.shape[0], 100 : 100 + person.shape[1]] = person
    with frames.followed(tmp_path) as faces:
        assert [one.frames for one in faces.tracks] == [1, 14]
        with pytest.raises(FacelessVideoError, match="looks like an animal's"):
            only_people(faces, frames)  # type: ignore[arg-type]


def test_the_person_beside_a_larger_dog_speaks(tmp_path: Path) -> None:
    dog, person = portrait("dog.jpg", 480), portrait("painting.jpg", 360)
    wide = np.zeros((480, dog.shape[1] + person.shape[1], 3), np.uint8)
    wide[: dog.shape[0], : dog.shape[1]] = dog
    wide[: person.shape[0], dog.shape[1] :] = person
    frames = MovedPictures(wide)
    for who in (LARGEST, ALL):
        with frames.followed(tmp_path, person=who) as faces:
            people = only_people(faces, frames)  # type: ignore[arg-type]
            assert [people.reason(n) for n in range(10)] == [None] * 10
            for number in range(10):
                (face,) = people.face_in(number)
                assert face.landmarks[:, 0].mean() > dog.shape[1]
