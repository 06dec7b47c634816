from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from media.faces import Face, default_detector
from media.faces.mediapipe_mesh import MediaPipeDetector

PORTRAITS = Path(__file__).resolve().parents[3] / "examples" / "portraits"
# Where parts of the astronaut's face are in the picture of 512x512 pixels, read off a magnified print.
PARTS = {
    468: (203.5, 101.0),  # irises
    473: (246.5, 103.5),
    1: (223.0, 130.0),  # tip of the nose
    13: (223.0, 142.5),  # upper lip's lower edge
    61: (202.0, 139.5),  # corners of the mouth
    291: (246.0, 140.5),
    152: (222.0, 178.5),  # chin
}


@pytest.fixture(scope="module")
def astronaut() -> Image.Image:
    return Image.open(PORTRAITS / "astronaut.png").convert("RGB")


def one_face(image: Image.Image | np.ndarray) -> Face:
    (face,) = default_detector().detect(np.asarray(image))
    assert face.landmarks.shape == (478, 3)
    assert face.landmarks.dtype == np.float32
    return face


def assert_parts(face: Face, scale: float, x: float = 0, y: float = 0, tolerance: float = 3) -> None:
    for index, point in PARTS.items():
        expected = np.array(point) * scale + (x, y)
        np.testing.assert_allclose(face.landmarks[index, :2], expected, atol=max(2.0, tolerance * scale))


def test_points_lie_on_the_parts_of_the_face(astronaut: Image.Image) -> None:
    face = one_face(astronaut)
    assert face.score > 0.85
    assert_parts(face, 1.0)
    assert face.box[0] < 190 < 255 < face.box[2]
    # The nose is nearer than the cheeks before the ears, by about half a face's width.
    depth = face.landmarks[[234, 454], 2].mean() - face.landmarks[1, 2]
    assert 25 < depth < 110


def test_mirrored_pictures_have_mirrored_faces(astronaut: Image.Image) -> None:
    face, mirrored = one_face(astronaut), one_face(astronaut.transpose(Image.Transpose.FLIP_LEFT_RIGHT))
    pairs = {33: 263, 61: 291, 13: 13, 1: 1, 152: 152}
    for left, right in pairs.items():
        x, y = face.landmarks[left, :2]
        np.testing.assert_allclose(mirrored.landmarks[right, :2], (512 - x, y), atol=4)


@pytest.mark.parametrize(("width", "height"), [(1280, 1280), (720, 1280)])
def test_a_head_of_a_tenth_of_the_picture(astronaut: Image.Image, width: int, height: int) -> None:
    rng = np.random.default_rng(0)
    canvas = Image.fromarray(rng.integers(140, 180, (height, width, 1), dtype=np.uint8).repeat(3, 2))
    scale = 0.1 * height / 150  # her head with its hair is 150 pixels high
    side = round(512 * scale)
    canvas.paste(astronaut.resize((side, side), Image.Resampling.LANCZOS), (width // 2, height // 3))
    assert_parts(one_face(canvas), scale, width // 2, height // 3)


@pytest.mark.parametrize("scale", [1, 5])
def test_a_face_that_fills_the_picture(astronaut: Image.Image, scale: int) -> None:
    left, top, right, bottom = 168, 64, 282, 180  # brow to chin fill 95 %
    crop = astronaut.crop((left, top, right, bottom))
    crop = crop.resize((crop.width * scale, crop.height * scale), Image.Resampling.BICUBIC)
    assert_parts(one_face(crop), scale, -left * scale, -top * scale)


@pytest.mark.parametrize("kind", ["grey", "dark", "drawing", "painting", "turned"])
def test_other_kinds_of_pictures(astronaut: Image.Image, kind: str) -> None:
    if kind in ("drawing", "painting"):
        assert one_face(Image.open(PORTRAITS / f"{kind}.jpg").convert("RGB")).score > 0.5
        return
    image = astronaut
    if kind == "grey":
        image = astronaut.convert("L").convert("RGB")
    elif kind == "dark":
        image = astronaut.point(lambda value: value * 0.15)
    elif kind == "turned":
        turned = one_face(astronaut.rotate(30, center=(223, 125)))
        eyes = turned.landmarks[473, :2] - turned.landmarks[468, :2]
        assert np.degrees(np.arctan2(-eyes[1], eyes[0])) == pytest.approx(30 - 4, abs=6)
        return
    assert_parts(one_face(image), 1.0)


def test_two_faces_come_largest_first(astronaut: Image.Image) -> None:
    canvas = Image.new("RGB", (900, 512), (120, 120, 120))
    canvas.paste(astronaut.resize((300, 300)), (0, 100))
    canvas.paste(astronaut, (380, 0))
    faces = default_detector().detect(np.asarray(canvas))
    assert len(faces) == 2
    assert faces[0].box[0] > 380 > faces[1].box[2]
    assert faces[0].area > faces[1].area


@pytest.mark.parametrize("kind", ["noise", "flat", "black", "suit"])
def test_where_there_is_no_face(astronaut: Image.Image, kind: str) -> None:
    pictures = {
        "noise": np.random.default_rng(1).integers(0, 255, (300, 400, 3), dtype=np.uint8),
        "flat": np.full((300, 300, 3), 127, np.uint8),
        "black": np.zeros((64, 64, 3), np.uint8),
        "suit": np.asarray(astronaut)[210:],
    }
    assert default_detector().detect(pictures[kind]) == []


def test_many_threads_get_what_one_gets(astronaut: Image.Image) -> None:
    detector = MediaPipeDetector()
    images = [np.asarray(astronaut), np.asarray(astronaut)[:, ::-1], np.full((128, 128, 3), 99, np.uint8)]
    expected = [default_detector().detect(image) for image in images]
    wrong: list[str] = []

    def look(turn: int) -> None:
        for i in range(turn, turn + 6):
            faces = detector.detect(images[i % 3])
            same = len(faces) == len(expected[i % 3]) and all(
                np.array_equal(a.landmarks, b.landmarks) for a, b in zip(faces, expected[i % 3], strict=True)
            )
            if not same:
                wrong.append(f"picture {i % 3}: {len(faces)} faces")

    threads = [threading.Thread(target=look, args=(turn,)) for turn in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert default_detector() is default_detector()
