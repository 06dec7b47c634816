"""Who speaks in a dub."""

from __future__ import annotations

import pytest

from benchmarks.dub_torture import SIZE, Torture
from media.dubbing.following import FollowingOptions
from media.dubbing.following_person import FacePoint, read_person
from media.errors import OptionError
from tests.media.dubbing.conftest import Followed


def nearer(tortured: Torture, number: int, x: float) -> str:
    """Which of the two persons of a frame is nearer to a place."""
    places = {"first": tortured.first_person.get(number), "second": tortured.second_person.get(number)}
    return min((name for name, place in places.items() if place), key=lambda name: abs(places[name][0] - x))  # type: ignore[index]


def dubbed(tortured: Torture, followed: Followed, person: str, name: str) -> set[str]:
    """The persons who get a new mouth in a part."""
    video = followed(person)
    return {
        nearer(tortured, n, float(face.landmarks[4, 0]))
        for n in range(*tortured.parts[name])
        for face in video.face_in(n)
    }


def test_the_largest_of_two_speaks(tortured: Torture, followed: Followed) -> None:
    assert dubbed(tortured, followed, "largest", "two") == {"first"}
    assert dubbed(tortured, followed, "largest", "other person") == {"second"}


def test_all_speak(tortured: Torture, followed: Followed) -> None:
    assert dubbed(tortured, followed, "all", "two") == {"first", "second"}


def test_the_person_at_a_point_speaks_in_every_shot_and_no_one_else(
    tortured: Torture, followed: Followed
) -> None:
    time = (tortured.parts["two"][0] + 4) / 25
    for person in (f"380,190@{time}", f"0.8,0.6@{time}"):
        assert dubbed(tortured, followed, person, "two") == {"second"}
        assert dubbed(tortured, followed, person, "other person") == {"second"}
        assert dubbed(tortured, followed, person, "jump cut") == {"second"}
        assert dubbed(tortured, followed, person, "speech") == set()
        start, end = tortured.parts["speech"]
        assert {followed(person).reason(n) for n in range(start, end)} == {"other_person"}


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("largest", "largest"),
        (" ALL ", "all"),
        ("640,300@2.5", FacePoint(640, 300, 2.5, False)),
        ("0.5, 0.25 @ 2s", FacePoint(0.5, 0.25, 2, True)),
        ("1,1@0", FacePoint(1, 1, 0, False)),
        ("1.0,1@0", FacePoint(1, 1, 0, True)),
    ],
)
def test_persons_are_read(text: str, read: object) -> None:
    assert read_person(text) == read


@pytest.mark.parametrize(
    "text",
    ["", "left", "1,2", "1;2@3", "-1,2@3", "1,2@nan", "1,2@-1", "1e9,2@3", "9" * 400 + ",1@1", "٣,1@1"],
)
def test_other_texts_are_refused_with_an_example(text: str) -> None:
    with pytest.raises(OptionError, match=r"640,300@2\.5"):
        read_person(text)


@pytest.mark.parametrize(
    ("person", "words"),
    [
        (FacePoint(5, 5, 1, False), "faces are at"),
        (FacePoint(SIZE[0] + 9, 5, 1, False), "outside"),
        (FacePoint(5, 5, 99, False), "last frame of the video is shown at"),
        (FacePoint(240, 160, 0.1, False), "No face is visible at 0.10 s"),
    ],
)
def test_a_point_without_a_face_says_where_faces_are(
    followed: Followed, person: FacePoint, words: str
) -> None:
    with pytest.raises(OptionError, match=words):
        followed("largest").with_options(FollowingOptions(person))
