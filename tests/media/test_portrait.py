from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from media.errors import NoFaceError, PortraitError
from media.faces import Face
from media.faces.views import Depth
from media.portrait import Anchors, Portrait, open_portrait

PORTRAITS = Path(__file__).resolve().parents[2] / "examples" / "portraits"


class FakeDetector:
    """Returns the faces it was given, and remembers how it was asked."""

    def __init__(self, *faces: Face) -> None:
        self.faces = list(faces)
        self.asked: list[float] = []

    def detect(self, image: np.ndarray, min_score: float = 0.5, *, depth: Depth = "tiles") -> list[Face]:
        self.asked.append(min_score)
        return [face for face in self.faces if face.score >= min_score]


def face(score: float = 0.95, side: float = 50.0) -> Face:
    return Face(np.zeros((478, 3), np.float32), (10.0, 10.0, 10.0 + side, 10.0 + side), score)


def grey(width: int = 100, height: int = 100) -> np.ndarray:
    return np.full((height, width, 3), 120, np.uint8)


def test_the_astronaut() -> None:
    portrait = open_portrait(PORTRAITS / "astronaut.png")
    assert (portrait.width, portrait.height, portrait.scale) == (512, 512, 1.0)
    assert portrait.notes == ()
    assert portrait.face is portrait.faces[0]
    assert portrait.face is not None
    assert portrait.face.landmarks.shape == (478, 3)
    nose = portrait.face.landmarks[1]
    np.testing.assert_allclose(nose[:2], (224, 130), atol=6)
    assert nose[2] < 0  # towards the camera


def test_a_reduced_picture_has_its_face_in_its_own_pixels() -> None:
    whole = open_portrait(PORTRAITS / "astronaut.png")
    half = open_portrait(PORTRAITS / "astronaut.png", max_side=256)
    assert half.scale == 0.5
    assert "reduced from 512x512 to 256x256" in half.notes[0]
    assert whole.face is not None
    assert half.face is not None
    np.testing.assert_allclose(half.face.landmarks[:, :2], whole.face.landmarks[:, :2] / 2, atol=2.5)


def test_several_faces() -> None:
    detector = FakeDetector(face(0.9, 60), face(0.95, 50))
    second = open_portrait(grey(), face_index=1, detector=detector)
    assert second.face is detector.faces[1]
    assert "2 faces were found. Number 1" in second.notes[0]
    for index in (2, -1):
        with pytest.raises(PortraitError, match=f"no face number {index}: 2 found"):
            open_portrait(grey(), face_index=index, detector=detector)


def test_a_low_score_gives_the_advice_for_animals() -> None:
    (note,) = open_portrait(grey(), detector=FakeDetector(face(0.7))).notes
    assert note == "The face has a low score (0.70; people have at least 0.85)."
    advice = "Use another engine."
    (advised,) = open_portrait(grey(), detector=FakeDetector(face(0.7)), animal_advice=advice).notes
    assert advised == f"{note} {advice}"
    with pytest.raises(NoFaceError, match=advice):
        open_portrait(grey(), detector=FakeDetector(), animal_advice=advice)
    assert open_portrait(grey(), detector=FakeDetector(face(0.9))).notes == ()


def test_no_face() -> None:
    with pytest.raises(NoFaceError, match="No face was found"):
        open_portrait(grey(), detector=FakeDetector())
    with pytest.raises(NoFaceError):
        open_portrait(np.random.default_rng(0).integers(0, 255, (200, 200, 3), dtype=np.uint8))
    without = open_portrait(grey(), face_needed=False, detector=FakeDetector())
    assert (without.faces, without.face, without.face_index, without.notes) == ((), None, 0, ())


class TestAnimals:
    POINTS = ((172.0, 115.0), (299.0, 122.0), (300.0, 260.0))

    def test_the_cat_needs_three_points(self) -> None:
        with pytest.raises(NoFaceError, match=r"--anchors \d+,\d+ \d+,\d+ \d+,\d+$"):
            open_portrait(PORTRAITS / "cat.png", subject="animal")
        portrait = open_portrait(PORTRAITS / "cat.png", subject="animal", anchors=self.POINTS)
        assert portrait.faces == ()
        assert portrait.face is None
        assert portrait.anchors == Anchors(*self.POINTS)

    def test_points_are_given_in_pixels_of_the_upload(self) -> None:
        portrait = open_portrait(
            grey(400, 300), subject="animal", anchors=self.POINTS, max_side=200, detector=FakeDetector()
        )
        assert portrait.anchors == ((86.0, 57.5), (149.5, 61.0), (150.0, 130.0))

    def test_eyes_in_either_order(self) -> None:
        left, right, mouth = self.POINTS
        portrait = open_portrait(
            grey(400, 300), subject="animal", anchors=(right, left, mouth), detector=FakeDetector()
        )
        assert portrait.anchors == self.POINTS

    def test_asked_at_a_low_score(self) -> None:
        detector = FakeDetector()
        with pytest.raises(NoFaceError):
            open_portrait(grey(), subject="animal", detector=detector)
        assert detector.asked[0] == 0.3

    @pytest.mark.parametrize(
        ("points", "message"),
        [
            (((500, 10), (20, 10), (15, 40)), r"left eye \(500,10\) lies outside the portrait of 400x300"),
            (((10, 10), (20, 10), (15, -4)), "mouth"),
            (((10, 10), (float("nan"), 10), (15, 40)), "right eye"),
            (((10, 10), (11, 10), (15, 40)), "1.0 pixels apart"),
            (((10, 10), (60, 10)), "not 2"),
        ],
    )
    def test_points_that_cannot_be(self, points: tuple, message: str) -> None:
        with pytest.raises(PortraitError, match=message):
            open_portrait(grey(400, 300), subject="animal", anchors=points, detector=FakeDetector())


def test_the_digest_is_of_the_pixels_and_their_size(tmp_path: Path) -> None:
    def opened(array: np.ndarray) -> Portrait:
        return open_portrait(array, detector=FakeDetector(face()))

    assert opened(grey(100, 80)).sha256 == opened(grey(100, 80).copy()).sha256
    assert opened(grey(100, 80)).sha256 != opened(grey(80, 100)).sha256
    other = grey(100, 80)
    other[3, 3] = 0
    assert opened(other).sha256 != opened(grey(100, 80)).sha256


@pytest.mark.parametrize("name", ["-x.png", "a b'\"c.png", "画像.png", "http:x.png", "a%03d.png"])
def test_a_name_is_only_a_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    (tmp_path / name).write_bytes((PORTRAITS / "astronaut.png").read_bytes())
    monkeypatch.chdir(tmp_path)
    assert open_portrait(name, detector=FakeDetector(face())).width == 512
